"""What a notification says and offers, and one to look at."""

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QPushButton

from mailpit_notifier.core.edits import choice
from mailpit_notifier.core.settings import MOST_BUTTONS, Button, Settings
from mailpit_notifier.ui.speech import speak

from .fields import Heading, Remark, Switch
from .page import Page


class NotificationsPage(Page):
    """Switches, buttons, and «Show me one». `buttons` are the labels of all that can be chosen."""

    example_wanted = Signal()

    def __init__(self, buttons: Mapping[Button, str]) -> None:
        super().__init__()
        self.title = self.tr("Notifications")
        self._switches = {
            "hide_content": Switch(self.tr("&Hide what the mail says: only that there is one")),
            "snippet": Switch(self.tr("Show the &beginning of the text")),
            "sender": Switch(self.tr("Show the s&ender besides the recipient")),
            "sound": Switch(self.tr("Play the desktop's s&ound")),
            "catch_up": Switch(self.tr("Sum up what came while you were a&way")),
            "smtp_errors": Switch(self.tr("Tell when Mailpit re&fuses a mail")),
        }
        self._buttons = {key: Switch(text) for key, text in buttons.items()}
        self._full = Remark()
        self.example = QPushButton(self.tr("&Show me one"), autoDefault=False)
        self.example.clicked.connect(self.example_wanted)
        self._lay_out()
        for key, switch in self._switches.items():
            switch.switched.connect(partial(self._on_switched, key))
        for key, switch in self._buttons.items():
            switch.switched.connect(partial(self._on_button, key))

    def _lay_out(self) -> None:
        self.column.addWidget(Heading(self.tr("What is said")))
        for key in ("hide_content", "snippet", "sender", "sound"):
            self.column.addWidget(self._switches[key])
        self.column.addSpacing(8)
        self.column.addWidget(Heading(self.tr("Buttons")))
        self._full.setText(self.tr("At most {0}: no desktop shows more in full.").format(MOST_BUTTONS))
        self.column.addWidget(self._full)
        grid = QGridLayout()
        for place, switch in enumerate(self._buttons.values()):
            grid.addWidget(switch, place // 2, place % 2)
        self.column.addLayout(grid)
        self.column.addSpacing(8)
        self.column.addWidget(Heading(self.tr("What else is told")))
        for key in ("catch_up", "smtp_errors"):
            self.column.addWidget(self._switches[key])
        self.column.addSpacing(12)
        row = QGridLayout()
        row.addWidget(self.example, 0, 0)
        row.setColumnStretch(1, 1)
        self.column.addLayout(row)
        self.column.addStretch()

    def set_settings(self, settings: Settings) -> None:
        """Show what the file says."""
        shown = settings.notifications
        for key, switch in self._switches.items():
            switch.setChecked(getattr(shown, key))
        for key, switch in self._buttons.items():
            switch.setChecked(key in shown.buttons)
        for key in ("snippet", "sender"):  # of a mail that is hidden, neither is said
            self._switches[key].setEnabled(not shown.hide_content)

    def _on_switched(self, key: str, on: bool) -> None:
        self.edited.emit(choice("notifications", key, on))

    def _on_button(self, key: Button, _on: bool) -> None:
        wanted = tuple(one for one, switch in self._buttons.items() if switch.isChecked())
        if len(wanted) <= MOST_BUTTONS:
            self.edited.emit(choice("notifications", "buttons", wanted))
            return
        self._buttons[key].setChecked(False)
        self._buttons[key].setAccessibleDescription(self._full.text())
        speak(self._buttons[key], self._full.text())
