"""The menu entries that pause notifications or mute servers, and the sentences about both."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from PySide6.QtCore import QCoreApplication, QDate, QLocale, QTime
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from mailpit_notifier.core.pauses import FOREVER, tomorrow
from mailpit_notifier.core.status import ServerStatus
from mailpit_notifier.runtime.text import plain

from . import words


def pause_text(until: datetime) -> str:
    """Return the sentence about a pause, with its end in the local time zone and format."""
    if until == FOREVER:
        return QCoreApplication.translate("Pause", "Notifications are paused until you resume.")
    text = QCoreApplication.translate("Pause", "Notifications are paused until {time}.")
    return text.format(time=_time(until))


def mute_text(statuses: Sequence[ServerStatus]) -> str:
    """Return the sentence about the servers that are muted among these; "" if there are none."""
    muted = [(plain(status.name, words.SHORT), status.muted_until) for status in statuses if status.muted_until]
    if not muted:
        return ""
    if len(muted) > 1:
        names = ", ".join(name for name, _ in muted)
        return QCoreApplication.translate("Pause", "These servers are muted: {names}.").format(names=names)
    name, until = muted[0]
    if until == FOREVER:
        return QCoreApplication.translate("Pause", "{server} is muted until you unmute it.").format(server=name)
    text = QCoreApplication.translate("Pause", "{server} is muted until {time}.")
    return text.format(server=name, time=_time(until))


def _time(end: datetime) -> str:
    """Format the end of a pause in the local time zone and format, with the day or date unless it is today."""
    local, locale = end.astimezone(), QLocale()
    time = locale.toString(QTime(local.hour, local.minute), QLocale.FormatType.ShortFormat)
    days = (local.date() - datetime.now(UTC).astimezone().date()).days
    if days == 0:
        return time
    date = locale.toString(QDate(local.year, local.month, local.day), QLocale.FormatType.ShortFormat)
    return f"{date if days > 6 else locale.dayName(local.isoweekday())}, {time}"


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


class MuteEntries:
    """A submenu "Mute" at the end of a menu, with an entry to mute or unmute each server. It is hidden while there is
    only one server: users pause notifications instead.

    `on_request` is called with the base URL of a server and the duration or end of its mute; None to unmute it.
    `escape` prepares a text with a server's name for the menu.
    """

    def __init__(
        self,
        menu: QMenu,
        on_request: Callable[[str, timedelta | datetime | None], None],
        escape: Callable[[str], str] = words.menu_text,
    ) -> None:
        self._menu = menu.addMenu(QCoreApplication.translate("Pause", "Mute"))
        self._on_request = on_request
        self._escape = escape
        self._names: list[tuple[str, str]] = []
        self._entries: list[tuple[QMenu, QAction]] = []
        self.set_statuses(())

    def set_statuses(self, statuses: Sequence[ServerStatus]) -> None:
        """Show an entry for each server: a submenu to mute it, or, while it is muted, an entry to unmute it."""
        names = [(status.url, plain(status.name, words.SHORT)) for status in statuses]
        if names != self._names:
            self._names = names
            self._rebuild()
        for (muting, unmute), status in zip(self._entries, statuses, strict=True):
            muting.menuAction().setVisible(status.muted_until is None)
            unmute.setVisible(status.muted_until is not None)
        self._menu.menuAction().setVisible(len(statuses) > 1 or any(status.muted_until for status in statuses))

    def rebuild(self) -> None:
        """Make the entries again, because `escape` returns other texts now."""
        self._names = []

    def _rebuild(self) -> None:
        for muting, _ in self._entries:  # first: PySide6 6.8 lets `clear` delete a submenu that `QAction.menu` returned
            muting.deleteLater()
        self._menu.clear()
        self._entries = [self._add(url, name) for url, name in self._names]

    def _add(self, url: str, name: str) -> tuple[QMenu, QAction]:
        muting = self._menu.addMenu(self._escape(name))
        for label, how_long in _mute_choices().items():
            muting.addAction(label).triggered.connect(partial(_request, partial(self._on_request, url), how_long))
        unmute = self._menu.addAction(
            self._escape(QCoreApplication.translate("Pause", "Unmute {server}").format(server=name))
        )
        unmute.triggered.connect(partial(self._on_request, url, None))
        return muting, unmute


_Choices = Mapping[str, Callable[[], timedelta | datetime]]
"""Label -> function that returns the duration or end of a pause that begins now."""


def _request(
    on_request: Callable[[timedelta | datetime | None], None], how_long: Callable[[], timedelta | datetime]
) -> None:
    on_request(how_long())


def _choices() -> _Choices:
    return {
        QCoreApplication.translate("Pause", "For 15 minutes"): lambda: timedelta(minutes=15),
        **_up_to_tomorrow(),
        QCoreApplication.translate("Pause", "Until I resume"): lambda: FOREVER,
    }


def _mute_choices() -> _Choices:
    return {**_up_to_tomorrow(), QCoreApplication.translate("Pause", "Until I unmute it"): lambda: FOREVER}


def _up_to_tomorrow() -> _Choices:
    return {
        QCoreApplication.translate("Pause", "For 1 hour"): lambda: timedelta(hours=1),
        QCoreApplication.translate("Pause", "Until tomorrow"): lambda: tomorrow(datetime.now(UTC).astimezone()),
    }
