"""Write to the clipboard with Qt, and ask for a key press where the desktop requires one.

Separate from `mailpit_notifier.desktop.clipboard`, which chooses between Qt and the command line tools that work
without a window.
"""

import os

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QPushButton, QVBoxLayout

from mailpit_notifier.runtime.text import lines, pasted, plain

from .activation import activation
from .labels import PlainLabel, window_title


def needs_input() -> bool:
    """Return whether the desktop accepts the clipboard only from a window that just received a key press or a click.

    True for Wayland, also under XWayland. A refusal cannot be detected: Qt's `ownsClipboard()` returns True anyway.
    """
    return QGuiApplication.platformName().startswith("wayland") or bool(os.environ.get("WAYLAND_DISPLAY"))


def put(text: str) -> None:
    """Copy a text as one line: a line break would run the first part as a command when pasted into a terminal."""
    QGuiApplication.clipboard().setText(pasted(text))


def put_lines(text: str) -> None:
    """Copy a text of several lines, for texts that this program wrote or the user selected: both are visible."""
    QGuiApplication.clipboard().setText(lines(text))


MAX_SHOWN = 40
"""Characters of the text that are shown; all of it is copied."""


class CopyWindow(QDialog):
    """Small window with one button. Enter, space or a click copies the text and closes it, Esc only closes it."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self.setWindowTitle(window_title(QCoreApplication.translate("CopyWindow", "Copy")))
        self._prompt = PlainLabel()
        self._button = QPushButton()
        self._button.setDefault(True)
        self._button.clicked.connect(self._on_clicked)
        layout = QVBoxLayout(self)
        layout.addWidget(self._prompt)
        layout.addWidget(self._button)

    def ask(self, text: str, activation_token: str = "") -> None:
        """Show the window in front, with this text to copy."""
        self.hide()  # an activation token has an effect only when a window is opened
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
