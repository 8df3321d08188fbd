"""The recent-mail window and the rows behind it, built when they are first wanted: most people click on notifications
only, and until then the inboxes are all there is.
"""

import asyncio
import gc
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mailpit_notifier.bridge import in_thread
from mailpit_notifier.core.found import Findings
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.settings import WindowChoices
from mailpit_notifier.core.status import ServerStatus
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.ui import words
from mailpit_notifier.ui.activation import activation
from mailpit_notifier.ui.list_model import Row
from mailpit_notifier.ui.tray import Tray

from .row_looks import RowLooks

if TYPE_CHECKING:
    from mailpit_notifier.ui.list_model import MessageListModel
    from mailpit_notifier.ui.window import RecentWindow

STARTED = 1.0
"""Seconds after which the program has begun to listen, and has time for what may be wanted later."""

DELETED = 28
"""Characters of a deleted mail's subject: as many as the window's lower bar has room for."""


class RecentMail:
    """`connect` is called with the window when it is made. `state_file` keeps its geometry; until there is one, the
    window comes beside the icon of `tray`.
    """

    def __init__(
        self, servers: Servers, tray: Tray, state_file: Path, connect: "Callable[[RecentWindow], None]"
    ) -> None:
        self._servers = servers
        self._tray = tray
        self._state_file = state_file
        self._connect = connect
        self._model: MessageListModel | None = None
        self._window: RecentWindow | None = None
        self._paused_until: datetime | None = None
        self._choices = WindowChoices()
        self._trouble = ""
        self._untold = ""
        self._looks = RowLooks(servers, self._on_learned)

    async def load(self) -> None:
        """Import what the window is made of: a third of the time that its first opening would take."""
        await asyncio.sleep(STARTED)
        await in_thread("window", import_window)
        gc.freeze()

    async def stop(self) -> None:
        """Look into no more mails."""
        await self._looks.stop()

    @property
    def visible(self) -> bool:
        """Whether somebody may be looking at it: one that is minimised counts as visible for Qt."""
        return self._window is not None and self._window.isVisible() and not self._window.isMinimized()

    def apply(self, server: str, change: Change) -> None:
        """Follow what changed in the mail of a server."""
        if self._model:
            self._model.apply(server, change)

    def set_statuses(self, statuses: tuple[ServerStatus, ...]) -> None:
        """Show how the servers are doing."""
        if self._model and self._window:
            self._model.set_servers(statuses)
            self._window.set_statuses(statuses)
            self._window.set_beyond(self._servers.beyond())

    def set_choices(self, choices: WindowChoices) -> None:
        """Behave as the settings say."""
        self._choices = choices
        if self._window:
            self._window.set_choices(choices)

    def show_deletions(self) -> None:
        """Show what is about to be deleted and can be taken back."""
        if self._window:
            undoable = self._servers.undoable.values()
            self._window.set_deleted(tuple(words.subject(message, DELETED) for message in undoable))

    def confirm(self, sentence: str) -> None:
        """Say for a moment what was done."""
        if self._window:
            self._window.confirm(sentence)

    def set_paused(self, until: datetime | None) -> None:
        """Say until when notifications are paused, None while they are not."""
        self._paused_until = until
        if self._window:
            self._window.set_paused(until)

    def tell(self, sentence: str) -> bool:
        """Say something in the window; False where nobody would see it now."""
        if self._window:
            self._window.tell(sentence)
        return self.visible

    def tell_later(self, sentence: str) -> None:
        """Say something in the window now, or when it is made."""
        if self._window:
            self._window.tell(sentence)
        else:
            self._untold = sentence

    def set_trouble(self, sentence: str) -> None:
        """Say this of the configuration, now or when the window is made; "" takes back what was said."""
        before, self._trouble = self._trouble, sentence
        if self._window and sentence:
            self._window.tell(sentence)
        elif self._window:
            self._window.tell_no_more(before)

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
            from mailpit_notifier.ui.list_model import MessageListModel
            from mailpit_notifier.ui.window import RecentWindow

            statuses = self._servers.statuses()
            self._model = MessageListModel(self._tray, why=self._servers.reason, glance=self._servers.at_a_glance)
            self._model.set_servers(statuses)
            for key in self._servers.sessions:
                self._model.apply(key, Change(added=self._servers.rows(key)))
            self._window = RecentWindow(self._model, self._state_file)
            self._window.set_statuses(statuses)
            self._window.set_beyond(self._servers.beyond())
            self._window.set_paused(self._paused_until)
            self._window.come_beside(self._tray.place)
            self._window.set_choices(self._choices)
            self._window.rows_seen.connect(self._looks.look)
            self.show_deletions()
            if self._trouble or self._untold:  # there is room for one
                self._window.tell(self._trouble or self._untold)
            self._connect(self._window)
            gc.freeze()  # all this stays: looking through thousands of rows for garbage would hold up a burst
        return self._window

    def _on_learned(self, row: Row, found: Findings) -> None:
        if self._model:
            self._model.learn(row, found)


def import_window() -> None:
    """Import the parts of the window; from any thread."""
    import mailpit_notifier.ui.list_model
    import mailpit_notifier.ui.window  # noqa: F401 - later it is there
