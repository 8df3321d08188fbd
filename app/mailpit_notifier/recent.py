"""The recent-mail window and the rows behind it, built when they are first wanted: most people click on notifications
only, and until then the inboxes are all there is.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from .core.inbox import Change
from .core.status import ServerStatus
from .servers import Servers
from .ui.activation import activation
from .ui.list_model import Row

if TYPE_CHECKING:
    from .ui.list_model import MessageListModel
    from .ui.window import RecentWindow


class RecentMail:
    """`connect` is called with the window when it is made. `state_file` keeps its geometry."""

    def __init__(
        self, servers: Servers, parent: QObject, state_file: Path, connect: "Callable[[RecentWindow], None]"
    ) -> None:
        self._servers = servers
        self._parent = parent
        self._state_file = state_file
        self._connect = connect
        self._model: MessageListModel | None = None
        self._window: RecentWindow | None = None
        self._paused_until: datetime | None = None

    @property
    def visible(self) -> bool:
        """Whether somebody may be looking at it."""
        return self._window is not None and self._window.isVisible()

    def apply(self, server: str, change: Change) -> None:
        """Follow what changed in the mail of a server."""
        if self._model:
            self._model.apply(server, change)

    def set_statuses(self, statuses: tuple[ServerStatus, ...]) -> None:
        """Show how the servers are doing."""
        if self._model and self._window:
            self._model.set_servers(statuses)
            self._window.set_statuses(statuses)

    def set_paused(self, until: datetime | None) -> None:
        """Say until when notifications are paused, None while they are not."""
        self._paused_until = until
        if self._window:
            self._window.set_paused(until)

    def set_tray_available(self, available: bool) -> None:
        """Whether there is a tray: it decides what closing the window means."""
        if self._window:
            self._window.set_tray_available(available)

    def tell(self, sentence: str) -> bool:
        """Say something in the window; False where nobody would see it now."""
        if self._window:
            self._window.tell(sentence)
        return self.visible

    def show(self, activation_token: str = "") -> None:
        """Show it, in front."""
        window = self._made()
        with activation(activation_token):
            window.present()

    def open_row(self, row: Row) -> None:
        """Show it, and open a mail as if it had been clicked there."""
        self.show()
        self._made().open_row(row)

    def toggle(self) -> None:
        """Hide it where it is in front, else show it."""
        self._made().toggle()

    def hide(self) -> None:
        """Hide it."""
        if self._window:
            self._window.hide()

    def _made(self) -> "RecentWindow":
        if self._window is None:
            from .ui.list_model import MessageListModel
            from .ui.window import RecentWindow

            statuses = self._servers.statuses()
            self._model = MessageListModel(self._parent, why=self._servers.reason)
            self._model.set_servers(statuses)
            for key in self._servers.sessions:
                self._model.apply(key, Change(added=self._servers.rows(key)))
            self._window = RecentWindow(self._model, self._state_file)
            self._window.set_statuses(statuses)
            self._window.set_paused(self._paused_until)
            self._connect(self._window)
        return self._window
