"""Keeps what people see from being redrawn for every mail of a burst: at once for the first, then four times a second.

Tray and window ask after each change; the work is done in `due`. No timer runs while nothing changes.
"""

from PySide6.QtCore import QObject, QTimer, Signal

INTERVAL_MS = 250
"""As often as an eye can follow a counter."""


class Throttle(QObject):
    """Emits `due` for one or more `ask()`, at most once per interval."""

    due = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._requested = False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_timeout)

    def request(self) -> None:
        """Something changed."""
        self._requested = True
        if not self._timer.isActive():
            self._timer.start(0)  # after what is going on now: a notification does not wait for a picture

    def request_later(self) -> None:
        """Something is left to be done, for which there is time."""
        self._requested = True
        self._timer.start(INTERVAL_MS)

    def _on_timeout(self) -> None:
        if self._requested:
            self._requested = False
            self._timer.start(INTERVAL_MS)
            self.due.emit()
