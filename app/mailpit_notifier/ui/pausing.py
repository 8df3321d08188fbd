"""What is said of a pause, and for how long somebody can ask for one."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.core.pauses import FOR_EVER, tomorrow


def paused(until: datetime) -> str:
    """Until when it is paused, in the user's own time, as a sentence."""
    if until == FOR_EVER:
        return QCoreApplication.translate("Pause", "Notifications are paused until you resume.")
    local, now = until.astimezone(), datetime.now(UTC).astimezone()
    time = f"{local:%H:%M}" if local.date() == now.date() else f"{local:%A, %H:%M}"
    return QCoreApplication.translate("Pause", "Notifications are paused until {time}.").format(time=time)


def choices() -> Mapping[str, Callable[[], datetime]]:
    """The words for a time, and the end of a pause that begins now and lasts as long."""
    return {
        QCoreApplication.translate("Pause", "For 15 minutes"): lambda: _now() + timedelta(minutes=15),
        QCoreApplication.translate("Pause", "For 1 hour"): lambda: _now() + timedelta(hours=1),
        QCoreApplication.translate("Pause", "Until tomorrow"): lambda: tomorrow(_now().astimezone()),
        QCoreApplication.translate("Pause", "Until I resume"): lambda: FOR_EVER,
    }


def _now() -> datetime:
    return datetime.now(UTC)
