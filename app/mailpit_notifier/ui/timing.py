"""When tray and window redraw, and their other times in one value, which tests can shorten."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Times in milliseconds.

    `menu_open`: when the tray's menu counts as closed if the desktop never reports that it was closed.
    `menu_click`: how long after the menu was closed the click that closed it may arrive.
    `toggle`: how long after it lost the focus the window still counts as being in front. A click on the tray icon takes
    the focus away before the click itself is reported.
    `ages`: between updates of the ages, which are shown in minutes: a third of one is exact enough.
    `status`: how long feedback about an action is shown.
    `idle`: how long the rows must not change before low-priority work starts. Longer than the interval of Throttle,
    as rows that change more often are a burst.
    `idle_step`: between two steps of that work, of about 4 ms each.
    `clipboard_focus`: after a window got the focus until a Wayland compositor accepts its clipboard.
    `copied`: how long the window that copies shows its success.
    `search`: pause in typing after which screen readers hear how many messages a search found.
    """

    menu_open: int = 60_000
    menu_click: int = 500
    toggle: int = 400
    ages: int = 20_000
    status: int = 4_000
    idle: int = 400
    idle_step: int = 12
    clipboard_focus: int = 50
    copied: int = 1_200
    search: int = 700


INTERVAL_MS = 250
"""Milliseconds between two redraws: as fast as an eye can follow a counter."""


class Throttle(QObject):
    """Emits `due` for one or more calls of `request`, at most once per interval: limits redrawing in a burst.

    The first request is served at once. No timer runs while nothing changes.
    """

    due = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._requested = False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_timeout)

    def request(self) -> None:
        """Request a redraw."""
        self._requested = True
        if not self._timer.isActive():
            self._timer.start(0)  # after the current event: a notification must not wait for drawing

    def request_later(self) -> None:
        """Request a redraw after a full interval, for work that is not urgent."""
        self._requested = True
        self._timer.start(INTERVAL_MS)

    def _on_timeout(self) -> None:
        if self._requested:
            self._requested = False
            self._timer.start(INTERVAL_MS)
            self.due.emit()
