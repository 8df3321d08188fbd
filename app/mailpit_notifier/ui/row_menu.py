"""Everything that can be done with a mail as a menu: for the right button, the menu key and the row's last button."""

from functools import partial

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from mailpit_notifier.core.found import Findings

from . import deeds, words
from .deeds import Deed
from .entries import Row


class RowMenu(QMenu):
    """One menu, filled for the row that it is shown for."""

    chosen = Signal(object, object)
    """A Deed and a Row."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("What to do with this mail"))

    def show_for(self, row: Row, found: Findings, at: QPoint, *, by_keyboard: bool) -> None:
        """Show it at a place of the screen; for the keyboard with the first entry chosen."""
        self.clear()
        for group in deeds.MENU:
            for deed in group:
                if deeds.is_offered(deed, row.message):
                    self._add(deed, row, found)
            self.addSeparator()
        self.popup(at)
        if by_keyboard:
            self.setActiveAction(self.actions()[0])

    def _add(self, deed: Deed, row: Row, found: Findings) -> None:
        action = self.addAction(words.menu_text(deeds.label(deed, row.message, found)))
        if key := deeds.KEYS.get(deed):
            action.setShortcut(QKeySequence(key))
            action.setShortcutVisibleInContextMenu(True)
        action.triggered.connect(partial(self.chosen.emit, deed, row))
