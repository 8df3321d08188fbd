"""The list view of the recent mail: keeps its place while rows come and go, and turns click and Enter into one signal.

New mail must not pull away what somebody is about to click: what is under the pointer stays there, else what is at
the top of the view, except when that is the newest row and nobody points at it: then new rows come into sight.
"""

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QCursor, QKeyEvent
from PySide6.QtWidgets import QFrame, QListView, QWidget

from .list_model import MessageListModel, Role


class MailList(QListView):
    """Shows a MessageListModel."""

    row_opened = Signal(object)
    """A Row was clicked, or Enter pressed on it."""

    def __init__(self, model: MessageListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = model
        self._anchor: tuple[QPersistentModelIndex, int] | None = None
        self._held = False
        self._held_at_top = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        model.rowsAboutToBeInserted.connect(self._on_insert)
        model.rowsAboutToBeRemoved.connect(self._on_remove)
        self.setModel(model)
        self.clicked.connect(self._open)

    def show_newest(self) -> None:
        """Scroll to the newest row and make it current."""
        self._anchor = None
        self.setCurrentIndex(self._rows.index(0))
        self.scrollToTop()

    def doItemsLayout(self) -> None:  # noqa: N802 Qt's name
        """Lay out, then put back what was to stay in its place."""
        super().doItemsLayout()
        anchor, self._anchor, self._held = self._anchor, None, False
        if anchor and anchor[0].isValid():
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + self.visualRect(self._rows.index(anchor[0].row())).top() - anchor[1])
        if self._rows.rowCount() and not self.currentIndex().isValid():
            self.setCurrentIndex(self._rows.index(0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the current row."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentIndex().isValid():
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """The newest rows come into sight that were held back by the pointer."""
        super().leaveEvent(event)
        if self._held_at_top:
            self._held_at_top = False
            self.scrollToTop()

    def _open(self, index: QModelIndex) -> None:
        self.row_opened.emit(index.data(Role.ROW))

    def _on_insert(self) -> None:
        # Asking for a place lays out: once per pass of the loop, not once per run of rows.
        if not self._held:
            self._hold(self._fixed_row())
            self._held = True

    def _on_remove(self, _parent: QModelIndex, first: int, last: int) -> None:
        self._on_insert()
        if self._anchor and first <= self._anchor[0].row() <= last:  # the row after it takes its place
            self._anchor = (QPersistentModelIndex(self._rows.index(last + 1)), self._anchor[1])

    def _hold(self, index: QModelIndex) -> None:
        if index.isValid():
            self._anchor = (QPersistentModelIndex(index), self.visualRect(index).top())

    def _fixed_row(self) -> QModelIndex:
        """The row that must not move now; invalid when none is to stay."""
        at_top = self.verticalScrollBar().value() == 0
        if self.viewport().underMouse():
            self._held_at_top = self._held_at_top or at_top
            pointed = self.indexAt(self.viewport().mapFromGlobal(QCursor.pos()))
            if pointed.isValid():
                return pointed
        return QModelIndex() if at_top else self.indexAt(QPoint(self.width() // 2, 0))
