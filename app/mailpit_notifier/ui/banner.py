"""A strip in the window that says something and offers what to do about it.

It stands in for dialogs: nothing stops while somebody makes up their mind.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QPushButton, QWidget

from .plain_label import PlainLabel
from .theme import Look


class Banner(QWidget):
    """One sentence and its buttons; hidden until it has something to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self._label = PlainLabel(wrap=True)
        self._buttons: list[QPushButton] = []
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.addWidget(self._label, 1)
        self._choices = QHBoxLayout()
        self._choices.setAlignment(Qt.AlignmentFlag.AlignTrailing)
        self._layout.addLayout(self._choices)
        self.hide()

    @property
    def text(self) -> str:
        """What it says now, "" while it says nothing."""
        return self._label.text()

    def say(self, text: str, choices: dict[str, Callable[[], None]]) -> tuple[QPushButton, ...]:
        """Show a sentence with a button for each choice, by its label; returns the buttons."""
        if text == self.text and [button.text() for button in self._buttons] == list(choices):
            return tuple(self._buttons)
        self.be_silent()
        self._label.setText(text)
        beside = len(choices) == 1
        self._buttons = [self._button(label, chosen, flat=beside) for label, chosen in choices.items()]
        self._layout.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        self.show()
        return tuple(self._buttons)

    def be_silent(self) -> None:
        """Hide, and forget what was offered."""
        self.hide()
        self._label.clear()
        for button in self._buttons:
            self._choices.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []

    def dress(self, look: Look) -> None:
        """Take these colours."""
        colors = QPalette(self.palette())
        colors.setColor(QPalette.ColorRole.Window, QColor(look.warn_base))
        colors.setColor(QPalette.ColorRole.Button, QColor(look.warn_base))
        for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
            colors.setColor(role, QColor(look.warn))
        self.setPalette(colors)

    def _button(self, label: str, chosen: Callable[[], None], *, flat: bool) -> QPushButton:
        button = QPushButton(label, self, flat=flat, autoDefault=True)
        font = button.font()
        font.setBold(flat)
        button.setFont(font)
        button.clicked.connect(chosen)
        self._choices.addWidget(button)
        return button
