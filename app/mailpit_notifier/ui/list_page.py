"""A list with a button below its last row, which scrolls with the rows."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QListView, QPushButton, QVBoxLayout, QWidget


class MoreButton(QPushButton):
    """Tells when the keyboard has come to it, which can be far out of sight."""

    reached = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, autoDefault=True)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 Qt's name
        """Only by Tab: a click has it in sight, and would miss it if it moved."""
        super().focusInEvent(event)
        if event.reason() in {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason}:
            self.reached.emit()


class ListPage(QWidget):
    """A list, and above it what scrolls with it: of a child of the list itself no screen reader would hear."""

    def __init__(self, mails: QListView) -> None:
        super().__init__()
        self._bar = mails.verticalScrollBar()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(mails)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 Qt's name
        """Over the button, too, the wheel scrolls."""
        QApplication.sendEvent(self._bar, event)
