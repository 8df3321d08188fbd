"""Does what can wait once the rows have stood still for a moment: in a burst, and while somebody scrolls, nothing.

That is looking into the mails in sight, which others do, and making all rows ready to be searched.
"""

from PySide6.QtCore import QObject, QTimer, Signal

from .list_model import MessageListModel
from .message_list import MessageList

IDLE_MS = 400
"""Longer than Pace: rows that come faster than that are a burst."""

STEP_MS = 12
"""Between two steps of some milliseconds each."""


class IdleWork(QObject):
    """Watches the rows of a list while it is shown."""

    rows_settled = Signal(object)
    """A tuple of the Rows in sight."""

    def __init__(self, model: MessageListModel, view: MessageList) -> None:
        super().__init__(view)
        self._model = model
        self._view = view
        self._shown = False
        self._idle_timer = QTimer(self, interval=IDLE_MS, singleShot=True)
        self._idle_timer.timeout.connect(self._on_idle)
        self._step_timer = QTimer(self, interval=STEP_MS)
        self._step_timer.timeout.connect(self._on_step)
        for changed in (model.rowsInserted, model.rowsRemoved, view.scrolled):
            changed.connect(self._restart)

    def set_shown(self, *, shown: bool) -> None:
        """Whether somebody can look; no timer runs while nobody does."""
        self._shown = shown
        if shown:
            self._restart()
        else:
            self._idle_timer.stop()
            self._step_timer.stop()

    def _restart(self) -> None:
        if self._shown:
            self._step_timer.stop()
            self._idle_timer.start()

    def _on_idle(self) -> None:
        self.rows_settled.emit(tuple(self._view.visible_rows()))
        self._step_timer.start()

    def _on_step(self) -> None:
        if not self._model.prepare_search():
            self._step_timer.stop()
