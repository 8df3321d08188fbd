"""What stands in the middle of the window in the place of mails: a title, a sentence, and below them what helps."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from .plain_label import PlainLabel


class MiddlePage(QWidget):
    """Begins with its words; what helps is added to `column`, and the buttons are its end."""

    def __init__(self) -> None:
        super().__init__()
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._title, self._text = PlainLabel(wrap=True), PlainLabel(wrap=True)
        font = self._title.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        self._title.setFont(font)
        self._text.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(32, 32, 32, 32)
        self.column.addStretch(2)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self.column.addWidget(label)
        self.column.addSpacing(8)

    def say(self, title: str, text: str) -> None:
        """Say this; without a text the title alone."""
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))

    def button(self, label: str, clicked: Callable[[], object]) -> QPushButton:
        """A button for `end_with`."""
        button = QPushButton(label, autoDefault=True)
        button.clicked.connect(clicked)
        return button

    def end_with(self, *buttons: QPushButton) -> None:
        """Put these below all else."""
        for button in buttons:
            self.column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.column.addStretch(3)
