"""Does what can wait once the rows have stood still for a moment: in a burst, and while somebody scrolls, nothing.

That is looking into the mails in sight, which others do, and making all rows ready to be searched.
"""

from PySide6.QtCore import QObject, QTimer, Signal

from .list_model import MessageListModel
from .message_list import MessageList

STILL_MS = 400
"""Longer than Pace: rows that come faster than that are a burst."""

STEP_MS = 12
"""Between two steps of some milliseconds each."""


class IdleWork(QObject):
    """Watches the rows of a list while it is shown."""

    came = Signal(object)
    """A tuple of the Rows in sight."""

    def __init__(self, model: MessageListModel, view: MessageList) -> None:
        super().__init__(view)
        self._model = model
        self._view = view
        self._shown = False
        self._still = QTimer(self, interval=STILL_MS, singleShot=True)
        self._still.timeout.connect(self._on_still)
        self._steps = QTimer(self, interval=STEP_MS)
        self._steps.timeout.connect(self._on_step)
        for stirred in (model.rowsInserted, model.rowsRemoved, view.moved):
            stirred.connect(self._stir)

    def watch(self, *, shown: bool) -> None:
        """Whether somebody can look; no timer runs while nobody does."""
        self._shown = shown
        if shown:
            self._stir()
        else:
            self._still.stop()
            self._steps.stop()

    def _stir(self) -> None:
        if self._shown:
            self._steps.stop()
            self._still.start()

    def _on_still(self) -> None:
        self.came.emit(tuple(self._view.in_sight()))
        self._steps.start()

    def _on_step(self) -> None:
        if not self._model.prepare():
            self._steps.stop()
