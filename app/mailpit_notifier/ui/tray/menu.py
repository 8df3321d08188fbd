"""The menu of the tray icon. On macOS and on Ubuntu's GNOME every click on the icon opens it.

Entries are changed in place, and not rebuilt while the servers stay the same. Over D-Bus, desktops cache the menu and
may not ask for it again before they show it. The messages do not change while the menu is open, nor until the click
that closes it has arrived. Some desktops report closing before the click, and some never report it.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from mailpit_notifier.ui.timing import Timing

if TYPE_CHECKING:  # not needed by the first icon
    from mailpit_notifier.core.status import ServerStatus
    from mailpit_notifier.ui.pause_menu import MuteEntries, PauseEntries
    from mailpit_notifier.ui.window.list_model import Row

NEWEST = 5
_MAX_SUBJECT = 60
"""Characters of a subject. The longest one sets the width of the menu, which would fill half the screen."""


class TrayMenu(QMenu):
    """Recent messages, the newest messages, a line for each server that opens it, Pause, Mute, Settings, Quit.

    The first entry is there at once. Call `complete` for the others before any other method.
    """

    _escaped: Callable[[str], str]
    _pausing: "PauseEntries"
    _muting: "MuteEntries"

    window_requested = Signal()
    message_opened = Signal(object)
    """The chosen Row."""
    mailbox_opened = Signal(str)
    """The base URL of the chosen server."""
    pause_requested = Signal(object)
    """Duration of the pause, or its end as an aware datetime; None to resume."""
    mute_requested = Signal(str, object)
    """The base URL of a server, and the duration or end of its mute; None to unmute it."""
    settings_requested = Signal()
    quit_requested = Signal()

    def __init__(self, timing: Timing) -> None:
        super().__init__()
        self._timing = timing
        self._newest: tuple[Row, ...] = ()
        self._rows: tuple[Row, ...] = ()
        self._statuses: tuple[ServerStatus, ...] = ()
        self._server_actions: list[QAction] = []
        self.addAction(self.tr("Show recent messages")).triggered.connect(self.window_requested)

    def complete(self) -> None:
        """Add all entries but the first."""
        from mailpit_notifier.ui import words
        from mailpit_notifier.ui.pause_menu import MuteEntries, PauseEntries

        self._escaped = words.menu_text
        self._before_messages = self.addSeparator()
        self._message_actions = [self._add_message(position) for position in range(NEWEST)]
        self.addSeparator()
        self._before_quit = self.addSeparator()
        self._pausing = PauseEntries(self, self.pause_requested.emit)
        self._muting = MuteEntries(self, self.mute_requested.emit, self._escape)
        self.addAction(self.tr("Settings…")).triggered.connect(self.settings_requested)
        self.addAction(self.tr("Quit")).triggered.connect(self.quit_requested)
        self._open_timer = QTimer(self, singleShot=True)
        self._open_timer.timeout.connect(self._show_messages)
        self.aboutToShow.connect(self._on_opened)  # emitted over D-Bus as well, where the QMenu is never visible
        self.aboutToHide.connect(self._on_closed)
        self._show_messages()

    def set_paused(self, until: datetime | None) -> None:
        """Show Resume, or, for None, the submenu to pause."""
        self._pausing.set_paused(until)

    def set_over_bus(self, over_bus: bool) -> None:
        """Set whether the desktop shows this menu, over D-Bus, or Qt does: they mark access keys differently."""
        from mailpit_notifier.ui import words

        self._escaped = words.bus_menu_text if over_bus else words.menu_text
        self._show_messages()
        self._muting.rebuild()
        self.set_statuses(self._statuses)

    def _escape(self, text: str) -> str:
        return self._escaped(text)

    def set_newest(self, rows: "tuple[Row, ...]") -> None:
        """Show these messages, newest first."""
        self._newest = rows[:NEWEST]
        if not self._open_timer.isActive():  # entries must not move under the pointer
            self._show_messages()

    def _on_opened(self) -> None:
        self._show_messages()
        self._open_timer.start(self._timing.menu_open)

    def _on_closed(self) -> None:
        self._open_timer.start(self._timing.menu_click)

    def _add_message(self, position: int) -> QAction:
        action = self.addAction("")
        action.triggered.connect(partial(self._on_message, position))
        return action

    def _show_messages(self) -> None:
        self._rows = self._newest
        self._before_messages.setVisible(bool(self._rows))
        for position, action in enumerate(self._message_actions):
            action.setVisible(position < len(self._rows))
            if position < len(self._rows):
                action.setText(self._escaped(_message_text(self._rows[position])))

    def set_statuses(self, statuses: "tuple[ServerStatus, ...]") -> None:
        """Show these servers and their states."""
        if [status.url for status in self._statuses] != [status.url for status in statuses]:
            self._rebuild_servers(statuses)
        self._statuses = statuses
        for action, status in zip(self._server_actions, statuses, strict=True):
            action.setText(self._server_text(status))
        self._muting.set_statuses(statuses)

    def _rebuild_servers(self, statuses: "tuple[ServerStatus, ...]") -> None:
        for action in self._server_actions:
            self.removeAction(action)
            action.deleteLater()
        self._server_actions = [QAction(self) for _ in statuses]
        for action, status in zip(self._server_actions, statuses, strict=True):
            action.triggered.connect(partial(self.mailbox_opened.emit, status.url))
        self.insertActions(self._before_quit, self._server_actions)

    def _server_text(self, status: "ServerStatus") -> str:
        from mailpit_notifier.ui import words

        if len(self._statuses) > 1 or words.is_failing(status):
            return self._escaped(words.menu_line(status))
        return self._escaped(": ".join(filter(None, (self.tr("Open Mailpit"), words.menu_state(status)))))

    def _on_message(self, position: int) -> None:
        if position < len(self._rows):
            self.message_opened.emit(self._rows[position])


def _message_text(row: "Row") -> str:
    from mailpit_notifier.ui import words

    parts = (words.subject(row.message, _MAX_SUBJECT), words.recipient(row.message))
    return " · ".join(filter(None, parts))
