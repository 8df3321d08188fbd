"""Limit redrawing in a burst: the first request is served at once, later ones four times a second.

Tray and window call `request` after each change and redraw on `due`. No timer runs while nothing changes.
"""

from PySide6.QtCore import QObject, QTimer, Signal

INTERVAL_MS = 250
"""Milliseconds between two redraws: as fast as an eye can follow a counter."""


class Throttle(QObject):
    """Emits `due` for one or more calls of `request`, at most once per interval."""

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
