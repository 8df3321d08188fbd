"""The tray's menu: on macOS and on Ubuntu's GNOME the main way in, as a click there can only open it.

It is changed in position and never rebuilt while the servers stay the same: over D-Bus, desktops keep what they were
told once and may not ask again before showing it. The mails stay what they are while it is open, and until the click
that closes it is known: some desktops tell of the closing first, and some not at all.
"""

from datetime import datetime
from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from mailpit_notifier.core.status import ServerStatus
from mailpit_notifier.ui import words
from mailpit_notifier.ui.pause_menu import PauseEntries
from mailpit_notifier.ui.window.list_model import Row

NEWEST = 5
_MAX_SUBJECT = 60
"""Characters: a menu as wide as its longest subject would cover half the screen."""

OPEN_MS, CLICK_MS = 60_000, 500
"""How long it is taken for open where nobody tells that it was closed, and how long a click may take to get here."""


class TrayMenu(QMenu):
    """Show recent mail, the newest mails, Open Mailpit, the servers' states, Pause, Settings, Quit."""

    window_requested = Signal()
    message_opened = Signal(object)
    """The Row chosen."""
    mailbox_opened = Signal(str)
    """The base URL of the server chosen."""
    pause_requested = Signal(object)
    """How long a pause lasts, or its end as an aware datetime; None for its end now."""
    settings_requested = Signal()
    quit_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._escaped = words.menu_text
        self._newest: tuple[Row, ...] = ()
        self._rows: tuple[Row, ...] = ()
        self._statuses: tuple[ServerStatus, ...] = ()
        self._per_server: list[QAction] = []
        self.addAction(self.tr("Show recent messages")).triggered.connect(self.window_requested)
        self._before_messages = self.addSeparator()
        self._message_actions = [self._add_message(position) for position in range(NEWEST)]
        self._before_servers = self.addSeparator()
        self._before_states = self.addSeparator()
        self._before_quit = self.addSeparator()
        self._pausing = PauseEntries(self, self.pause_requested.emit)
        self.addAction(self.tr("Settings…")).triggered.connect(self.settings_requested)
        self.addAction(self.tr("Quit")).triggered.connect(self.quit_requested)
        self._open_timer = QTimer(self, singleShot=True)
        self._open_timer.timeout.connect(self._show_messages)
        self.aboutToShow.connect(self._on_opened)  # both are told over D-Bus, too, where it is never visible
        self.aboutToHide.connect(self._on_closed)
        self._show_messages()

    def set_paused(self, until: datetime | None) -> None:
        """Offer the end of the pause, or, for None, a pause."""
        self._pausing.set_paused(until)

    def set_over_bus(self, over_bus: bool) -> None:
        """Whether the desktop shows this menu, told over D-Bus, or Qt does: they mark access keys differently."""
        self._escaped = words.bus_menu_text if over_bus else words.menu_text
        self._show_messages()
        statuses, self._statuses = self._statuses, ()
        self.set_statuses(statuses)

    def set_newest(self, rows: tuple[Row, ...]) -> None:
        """Show these mails, newest first."""
        self._newest = rows[:NEWEST]
        if not self._open_timer.isActive():  # nothing moves under the pointer
            self._show_messages()

    def _on_opened(self) -> None:
        self._show_messages()
        self._open_timer.start(OPEN_MS)

    def _on_closed(self) -> None:
        self._open_timer.start(CLICK_MS)

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

    def set_statuses(self, statuses: tuple[ServerStatus, ...]) -> None:
        """Show these servers."""
        same = [(one.url, one.name) for one in self._statuses] == [(one.url, one.name) for one in statuses]
        self._statuses = statuses
        if not same:
            self._rebuild_servers()
        for action, status in zip(self._per_server[len(statuses) :], statuses, strict=True):
            action.setText(self._escaped(words.server_line(status)))

    def _rebuild_servers(self) -> None:
        for action in self._per_server:
            self.removeAction(action)
            action.deleteLater()
        open_actions = [QAction(self._open_text(status), self) for status in self._statuses]
        for action, status in zip(open_actions, self._statuses, strict=True):
            action.triggered.connect(partial(self.mailbox_opened.emit, status.url))
        states = [QAction(self, enabled=False) for _ in self._statuses]
        self.insertActions(self._before_states, open_actions)
        self.insertActions(self._before_quit, states)
        self._per_server = [*open_actions, *states]

    def _open_text(self, status: ServerStatus) -> str:
        if len(self._statuses) == 1:
            return self.tr("Open Mailpit")
        return self._escaped(self.tr("Open {0}").format(status.name))

    def _on_message(self, position: int) -> None:
        if position < len(self._rows):
            self.message_opened.emit(self._rows[position])


def _message_text(row: Row) -> str:
    parts = (words.subject(row.message, _MAX_SUBJECT), words.recipient(row.message))
    return " · ".join(filter(None, parts))
