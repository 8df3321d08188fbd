"""Qt's clipboard: who may put something on it here, and doing it.

Apart from `mailpit_notifier.clipboard`, which knows the ways around it where the desktop does not take it from us.
"""

import os

from PySide6.QtGui import QGuiApplication

from mailpit_notifier.core.text import lines, pasted


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
