"""Qt's clipboard: who may put something on it here, and doing it.

Apart from `mailpit_notifier.clipboard`, which knows the ways around it where the desktop does not take it from us.

A small window that copies at a key or a click, for desktops that take the clipboard from nobody else.
"""

import os

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QPushButton, QVBoxLayout

from mailpit_notifier.runtime.text import lines, pasted, plain

from .activation import activation
from .labels import PlainLabel


def needs_input() -> bool:
    """Whether the desktop takes the clipboard only from a window that has just had a key or a click.

    A Wayland compositor does, also from a program that is shown through its X server. Nobody is told of a refusal:
    Qt's `ownsClipboard()` says yes all the same.
    """
    return QGuiApplication.platformName().startswith("wayland") or bool(os.environ.get("WAYLAND_DISPLAY"))


def put(text: str) -> None:
    """Put a text on the clipboard, as one line: pasted into a terminal, a line break would run what is before it."""
    QGuiApplication.clipboard().setText(pasted(text))


def put_lines(text: str) -> None:
    """Put a text of our own, of several lines, on the clipboard."""
    QGuiApplication.clipboard().setText(lines(text))


MAX_SHOWN = 40
"""Characters of the text on the button; all of it is copied."""


class CopyWindow(QDialog):
    """Its button has the keyboard: Enter, the space bar or a click copies and closes it, Esc only closes it."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self.setWindowTitle(QCoreApplication.translate("CopyWindow", "Copy"))
        self._prompt = PlainLabel()
        self._button = QPushButton()
        self._button.setDefault(True)
        self._button.clicked.connect(self._on_clicked)
        layout = QVBoxLayout(self)
        layout.addWidget(self._prompt)
        layout.addWidget(self._button)

    def ask(self, text: str, activation_token: str = "") -> None:
        """Offer this text, in front."""
        self.hide()  # a token counts for a window that comes up
        self._text = text
        code = plain(text, MAX_SHOWN)
        prompt = QCoreApplication.translate("CopyWindow", "Press Enter to copy {code}.").format(code=code)
        label = QCoreApplication.translate("CopyWindow", "Copy {code}").format(code=code)
        self._prompt.setText(prompt)
        self._button.setText(label.replace("&", "&&"))
        self._button.setAccessibleName(label)
        self._button.setAccessibleDescription(prompt)  # read out with the button, which has the focus
        self._button.setFocus()
        with activation(activation_token):
            self.show()
            self.raise_()
            self.activateWindow()

    def _on_clicked(self) -> None:
        put(self._text)
        self.accept()
