"""Write to the clipboard with Qt, from a window of its own where the desktop requires one.

Separate from `mailpit_notifier.desktop.clipboard_writer`, which chooses between Qt and the command line tools that work
without a window.
"""

import os

from PySide6.QtCore import QCoreApplication, QEvent, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QLayout, QVBoxLayout

from mailpit_notifier.runtime.text import lines, pasted, plain

from . import theme, words
from .labels import PlainLabel, window_title
from .opening import activation
from .speech import speak
from .timing import Timing


def needs_input() -> bool:
    """Return whether the desktop accepts the clipboard only from a window that has the focus.

    True for Wayland, also under XWayland. A refusal cannot be detected: Qt's `ownsClipboard()` returns True anyway.
    """
    return QGuiApplication.platformName().startswith("wayland") or bool(os.environ.get("WAYLAND_DISPLAY"))


def focus_is_enough() -> bool:
    """Return whether the compositor accepts the clipboard from a window that got the focus, before any key or click.

    GNOME's does. sway and weston silently refuse it, because Qt does not send the number of the event that gave the
    focus.
    """
    return "GNOME" in os.environ.get("XDG_CURRENT_DESKTOP", "").split(":")


def put(text: str) -> None:
    """Copy a text as one line: a line break would run the first part as a command when pasted into a terminal."""
    QGuiApplication.clipboard().setText(pasted(text))


def put_lines(text: str) -> None:
    """Copy a text of several lines, for texts that this program wrote or the user selected: both are visible."""
    QGuiApplication.clipboard().setText(lines(text))


MAX_SHOWN = 40
"""Characters of the text that are shown; all of it is copied."""

MIN_WIDTH = 260
"""Pixels: the title of the window is legible."""


class CopyWindow(QDialog):
    """Small window with one button. Enter, space or a click copies the text and closes it, Esc only closes it.

    Where the focus is enough, it copies as soon as it has the focus, shows this for a moment, and closes.
    """

    copied = Signal()

    def __init__(self, timing: Timing = Timing()) -> None:  # noqa: B008 - immutable
        from .controls import PushButton  # later: few desktops need this window, and the icon is shown first

        super().__init__()
        self._text = ""
        self._is_waiting = False
        self.setWindowTitle(window_title(QCoreApplication.translate("CopyWindow", "Copy")))
        self._prompt = PlainLabel()
        self._prompt.setMinimumWidth(MIN_WIDTH)
        self._button = PushButton(primary=True, clicked=self._on_clicked)
        self._button.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)  # tiling compositors let it float then
        layout.addWidget(self._prompt)
        layout.addWidget(self._button)
        self._focus_timer = QTimer(self, singleShot=True, interval=timing.clipboard_focus)
        self._focus_timer.timeout.connect(self._on_focused)
        self._close_timer = QTimer(self, singleShot=True, interval=timing.copied)
        self._close_timer.timeout.connect(self.accept)
        theme.on_change(self._apply_style)
        self._apply_style()

    def ask(self, text: str, activation_token: str = "") -> None:
        """Show the window in front, to copy this text."""
        self.hide()  # an activation token has an effect only when a window is opened
        self._close_timer.stop()
        self._text, self._is_waiting = text, True
        code = plain(text, MAX_SHOWN)
        prompt = QCoreApplication.translate("CopyWindow", "Press Enter to copy {code}.")
        label = QCoreApplication.translate("CopyWindow", "Copy {code}")
        self._prompt.setText(prompt.format(code=code))
        self._button.setText(label.format(code=code).replace("&", "&&"))
        self._button.setEnabled(True)
        spoken = words.spelled(code)
        self._prompt.setAccessibleName(prompt.format(code=spoken))  # read as the dialog opens
        self._button.setAccessibleName(label.format(code=spoken))
        self._button.setFocus()
        with activation(activation_token):
            self.show()
            self.raise_()
            self.activateWindow()

    def changeEvent(self, event: QEvent) -> None:
        """Copy a moment after the window got the focus: only then the compositor accepts it."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and focus_is_enough():
            self._focus_timer.start()

    def _on_focused(self) -> None:
        if self._is_waiting and self.isActiveWindow():
            self._copy()
            code = plain(self._text, MAX_SHOWN)
            done = QCoreApplication.translate("CopyWindow", "Copied {code}.")
            self._prompt.setText(done.format(code=code))
            self._prompt.setAccessibleName(done.format(code=words.spelled(code)))
            speak(self._prompt, done.format(code=words.spelled(code)))
            self._button.setEnabled(False)
            self._close_timer.start()

    def _on_clicked(self) -> None:
        self._copy()
        self.accept()

    def _copy(self) -> None:
        self._is_waiting = False
        put(self._text)
        self.copied.emit()

    def _apply_style(self) -> None:
        self.setPalette(theme.palette(theme.current_style()))
