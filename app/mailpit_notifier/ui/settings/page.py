"""What all pages of the settings window have in common: they show settings and ask for edits."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mailpit_notifier.core.settings import Settings
from mailpit_notifier.ui.theme import Look


class Page(QWidget):
    """One page; its layout is `column`."""

    edited = Signal(object)
    """A core.edits.Edit that somebody wants."""

    removed = Signal(str, object)
    """A sentence about what is gone, and the core.edits.Edit that takes that back."""

    title = ""

    def __init__(self) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(18, 14, 18, 14)
        self.column.setSpacing(8)

    def dress(self, look: Look) -> None:
        """Take these colours, where the window's palette is not enough."""

    def set_settings(self, settings: Settings) -> None:
        """Show what the file says."""
