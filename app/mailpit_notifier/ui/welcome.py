"""What the window shows at the first start: what was found on this machine, or how to start a Mailpit."""

import sys
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QPalette
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from . import clipboard, words
from .middle_page import MiddlePage
from .plain_label import PlainLabel

_DOCKER, _BREW = "docker run -p 8025:8025 -p 1025:1025 axllent/mailpit", "brew install mailpit && mailpit"
COMMANDS = (_DOCKER,) if sys.platform == "win32" else (_DOCKER, _BREW)
"""Ways to start a Mailpit that its own documentation names, and that end with one on its usual ports."""

NAMES = 8
"""Servers that are named; the window has no room for many more."""


class CommandLine(QWidget):
    """A command to be copied into a terminal."""

    def __init__(self, command: str) -> None:
        super().__init__()
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        label = PlainLabel(wrap=True)
        label.setText(command.replace("-p ", "-p\u00a0"))  # broken between options; the button copies it as it is
        label.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._command = command
        copy = QPushButton(self.tr("Copy"), autoDefault=True)
        copy.setAccessibleDescription(command)
        copy.clicked.connect(self._on_clicked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.addWidget(label, 1)
        layout.addWidget(copy)

    def _on_clicked(self) -> None:
        clipboard.put(self._command)


class Welcome(MiddlePage):
    """Begins with saying that it looks."""

    accepted = Signal()
    """What was found is to be listened to."""
    declined = Signal()
    """Only the usual server is."""
    look_requested = Signal()
    demo_requested = Signal()

    def __init__(self, usual: str, *, has_demo: bool) -> None:
        """`usual` is the address that is tried anyway."""
        super().__init__()
        self._usual = usual
        self._commands = [CommandLine(command) for command in COMMANDS]
        self._accept = self.button(self.tr("Use these"), self.accepted.emit)
        self._decline = self.button("", self.declined.emit)
        self._look = self.button(self.tr("Look again"), self.look_requested.emit)
        self._demo = self.button(self.tr("Show me a demo"), self.demo_requested.emit)
        self._has_demo = has_demo
        self._build()
        self.set_looking()

    def set_looking(self) -> None:
        """It is being looked for servers."""
        text = self.tr("At {0}, and with DDEV, Docker and Podman, where they are installed.")
        self._say(self.tr("Looking for Mailpit"), text.format(self._usual))

    def set_found(self, running: Sequence[str], stopped: Sequence[str], *, with_usual: bool) -> None:
        """These were found, by name, at least one of them; `with_usual`: also the one that is tried anyway."""
        parts = []
        if running:
            parts.append(self.tr("{0} (running)").format(self._listed(running)))
        if stopped:
            parts.append(self.tr("{0} (stopped)").format(self._listed(stopped)))
        self._accept.setText(self.tr("Use this") if len(running) + len(stopped) == 1 else self.tr("Use these"))
        only = words.menu_text(self.tr("Only {0}").format(self._usual))
        self._decline.setText(only if with_usual else self.tr("Not now"))
        text = self.tr("Their mails are announced and listed here. A stopped one is connected when it starts.")
        if not stopped:
            text = self.tr("Their mails are announced and listed here.")
        self._say(self.tr("Found {0}").format(", ".join(parts)), text, self._accept, self._decline)
        self._accept.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_nothing(self) -> None:
        """There is none."""
        text = self.tr("Start one, and its mails appear here: {0} is tried every few seconds. For example:")
        buttons = (self._look, self._demo) if self._has_demo else (self._look,)
        self._say(self.tr("No Mailpit found"), text.format(self._usual), *self._commands, *buttons)
        self._look.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_demo_starting(self, starting: bool) -> None:
        """Whether a demo is on its way."""
        self._demo.setEnabled(not starting)

    def _listed(self, names: Sequence[str]) -> str:
        text = ", ".join(names[:NAMES])
        return text if len(names) <= NAMES else self.tr("{0} and {1} more").format(text, len(names) - NAMES)

    def _build(self) -> None:
        for line in self._commands:
            self.column.addWidget(line)
            self.column.addSpacing(4)
        self.column.addSpacing(8)
        self.end_with(self._accept, self._decline, self._look, self._demo)

    def _say(self, title: str, text: str, *shown: QWidget) -> None:
        self.say(title, text)
        for button in (self._accept, self._look):  # they have the keyboard then
            button.setAccessibleDescription(title)
        for part in (*self._commands, self._accept, self._decline, self._look, self._demo):
            part.setVisible(part in shown)
