"""A field for one line of text."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QContextMenuEvent, QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from .controls import paint_edge
from .labels import MIN_HEIGHT
from .theme import current_style, is_fusion, style_bars_and_menus


class LineEdit(QLineEdit):
    """A field for one line of text, with a hint while it is empty: screen readers would read one of a filled field."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._hint = ""
        self.textChanged.connect(self._show_hint)
        if is_fusion():
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
        style_bars_and_menus(menu, current_style())
        return menu

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 Qt's name
        """Report the focus before Qt selects the text: Orca 43 does not read a field whose cursor moves before."""
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Focus))
        super().focusInEvent(event)

    def sizeHint(self) -> QSize:
        """Return the size of Qt's style, at least as high as a button."""
        return super().sizeHint().expandedTo(QSize(0, MIN_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """Return room for some letters."""
        return super().minimumSizeHint().expandedTo(QSize(0, MIN_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the edge over that of Qt's style, whose focus shows by a paler line of one pixel."""
        super().paintEvent(event)
        if is_fusion():
            paint_edge(QPainter(self), self)
