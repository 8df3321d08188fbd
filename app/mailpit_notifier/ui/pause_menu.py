"""The menu entries that pause and resume notifications, and the sentence about a pause."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from PySide6.QtCore import QCoreApplication, QLocale, QTime
from PySide6.QtWidgets import QMenu

from mailpit_notifier.core.pauses import FOREVER, tomorrow


def pause_text(until: datetime) -> str:
    """Return the sentence about a pause, with its end in the local time zone and format."""
    if until == FOREVER:
        return QCoreApplication.translate("Pause", "Notifications are paused until you resume.")
    local, locale = until.astimezone(), QLocale()
    time = locale.toString(QTime(local.hour, local.minute), QLocale.FormatType.ShortFormat)
    if local.date() != datetime.now(UTC).astimezone().date():
        time = f"{locale.dayName(local.isoweekday())}, {time}"
    return QCoreApplication.translate("Pause", "Notifications are paused until {time}.").format(time=time)


class PauseEntries:
    """A submenu to pause and an entry to resume, at the end of a menu; only one of them is shown.

    `on_request` is called with the duration of a pause or its end as an aware datetime; None to resume.
    """

    def __init__(self, menu: QMenu, on_request: Callable[[timedelta | datetime | None], None]) -> None:
        pause = menu.addMenu(QCoreApplication.translate("Pause", "Pause notifications"))
        for label, how_long in _choices().items():
            pause.addAction(label).triggered.connect(partial(_request, on_request, how_long))
        self._pause = pause.menuAction()
        self._resume = menu.addAction(QCoreApplication.translate("Pause", "Resume notifications"))
        self._resume.triggered.connect(partial(on_request, None))
        self.set_paused(None)

    def set_paused(self, until: datetime | None) -> None:
        """Show Resume, or, for None, the submenu to pause."""
        self._pause.setVisible(until is None)
        self._resume.setVisible(until is not None)


def _request(
    on_request: Callable[[timedelta | datetime | None], None], how_long: Callable[[], timedelta | datetime]
) -> None:
    on_request(how_long())


def _choices() -> Mapping[str, Callable[[], timedelta | datetime]]:
    """Label -> function that returns the duration or end of a pause that begins now."""
    return {
        QCoreApplication.translate("Pause", "For 15 minutes"): lambda: timedelta(minutes=15),
        QCoreApplication.translate("Pause", "For 1 hour"): lambda: timedelta(hours=1),
        QCoreApplication.translate("Pause", "Until tomorrow"): lambda: tomorrow(datetime.now(UTC).astimezone()),
        QCoreApplication.translate("Pause", "Until I resume"): lambda: FOREVER,
    }
