"""Run low-priority work after the list has been idle for 400 ms: not during a burst, and not while the user scrolls.

The work is to report the visible rows, whose sources are then searched for codes, and to prepare all rows for searches.
"""

from PySide6.QtCore import QObject, QTimer, Signal

from mailpit_notifier.ui.timing import Timing

from .list_model import MessageListModel
from .message_list import MessageList


class IdleWork(QObject):
    """Watches the rows of a list while the window is shown."""

    rows_settled = Signal(object)
    """A tuple of the visible Rows, none of which changed place for `Timing.idle`."""

    def __init__(self, model: MessageListModel, view: MessageList, timing: Timing) -> None:
        super().__init__(view)
        self._model = model
        self._view = view
        self._shown = False
        self._idle_timer = QTimer(self, interval=timing.idle, singleShot=True)
        self._idle_timer.timeout.connect(self._on_idle)
        self._step_timer = QTimer(self, interval=timing.idle_step)
        self._step_timer.timeout.connect(self._on_step)
        for changed in (model.rowsInserted, model.rowsRemoved, view.scrolled):
            changed.connect(self._restart)

    def set_shown(self, *, shown: bool) -> None:
        """Set whether the window is shown; no timer runs while it is hidden."""
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
