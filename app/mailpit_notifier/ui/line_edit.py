"""A field for one line of text."""

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QInputMethodEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QMenu

from . import theme
from .controls import paint_edge
from .labels import MIN_HEIGHT

_SELECTING = {
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
}
"""Reasons of a focus with which Qt selects the text of a field."""


class LineEdit(QLineEdit):
    """A field for one line of text, with a hint while it is empty: screen readers would read one of a filled field."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self._hint = ""
        self._is_to_select = False
        self.textChanged.connect(self._show_hint)
        if theme.is_fusion():
            self.setTextMargins(4, 0, 4, 0)

    def set_hint(self, hint: str) -> None:
        """Set what to show while the field is empty."""
        self._hint = hint
        self._show_hint()

    def _show_hint(self) -> None:
        self.setPlaceholderText("" if self.text() else self._hint)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Show Qt's menu in the colors of the window."""
        menu = self.standard_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def standard_menu(self) -> QMenu:
        """Return a new menu with Cut, Copy, Paste and so on."""
        menu = self.createStandardContextMenu()
        theme.style_bars_and_menus(menu, theme.current_style())
        return menu

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 Qt's name
        """Select the text after Qt reported the focus: Orca 43 does not read a field whose cursor moves before that."""
        self._is_to_select = event.reason() in _SELECTING
        other = QFocusEvent(event.type(), Qt.FocusReason.OtherFocusReason)
        super().focusInEvent(other if self._is_to_select else event)
        QTimer.singleShot(0, self, self._select)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 Qt's name
        """Select nothing any more."""
        self._is_to_select = False
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Select the text first if that is due: the key may replace it."""
        self._select()
        super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:  # noqa: N802 Qt's name
        """Select the text first if that is due: what is entered may replace it."""
        self._select()
        super().inputMethodEvent(event)

    def _select(self) -> None:
        if self._is_to_select:
            self._is_to_select = False
            self.selectAll()

    def sizeHint(self) -> QSize:
        """Return the size of Qt's style, at least as high as a button."""
        return super().sizeHint().expandedTo(QSize(0, MIN_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """Return room for some letters."""
        return super().minimumSizeHint().expandedTo(QSize(0, MIN_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the edge over the one of Qt's style, which shows the focus by a pale line of one pixel only."""
        super().paintEvent(event)
        if theme.is_fusion():
            paint_edge(QPainter(self), self)
