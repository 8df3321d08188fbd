"""The recent-mail window and the rows behind it, built when they are first wanted: most people click on notifications
only, and until then the inboxes are all there is.

Looks into the sources of the mails that are in sight, for codes and links that their summaries do not tell.

One at a time: what somebody asks a server for waits for one source at most. What was found is remembered. Runs on the
loop.

Whether there is a tray to be present in: one may come late, another may take its place, and there may be none.

Then the window takes the icon's place, and closing it is a question. Runs on the loop.
"""

import asyncio
import gc
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QSystemTrayIcon

from mailpit_notifier.client.sync import MOST
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.settings import WindowChoices
from mailpit_notifier.core.status import ServerStatus
from mailpit_notifier.desktop.bus import TRAY_HOST, OwnerWatch
from mailpit_notifier.findings.result import NOTHING, Findings
from mailpit_notifier.notify.notice import Key
from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.runtime.bridge import in_thread
from mailpit_notifier.runtime.tasks import Tasks, report
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.servers.source_finder import Urgency
from mailpit_notifier.ui import words
from mailpit_notifier.ui.activation import activation
from mailpit_notifier.ui.tray.icon import Tray
from mailpit_notifier.ui.window.list_model import Row

OnFound = Callable[[Row, Findings], None]


class RowFindings:
    """`on_found` is told what a mail has."""

    def __init__(self, servers: Servers, on_found: OnFound) -> None:
        self._servers = servers
        self._on_found = on_found
        self._known: OrderedDict[Key, Findings] = OrderedDict()
        self._queue: list[Row] = []
        self._tasks = Tasks()
        self._busy = False

    def request(self, rows: tuple[Row, ...]) -> None:
        """Look into these, and no more into those that were wanted before."""
        self._queue = list(rows)
        if not self._busy:
            self._busy = True
            self._tasks.run(self._find_all())

    async def stop(self) -> None:
        """Look no more."""
        await self._tasks.stop()

    async def _find_all(self) -> None:
        try:
            while self._queue:
                row = self._queue.pop(0)
                key = row.server, row.message.id
                if key not in self._known and self._is_reached(row.server):
                    await self._find(row, key)
                if found := self._known.get(key):
                    self._on_found(row, found)
        finally:
            self._busy = False

    async def _find(self, row: Row, key: Key) -> None:
        try:
            self._remember(key, await self._servers.all_found(row.server, row.message, Urgency.ROW))
        except FaultError:
            pass  # nothing is known then, and it is asked for again
        except Exception as error:  # noqa: BLE001 - the rows below have their turn
            report(error, "A look into a message")
            self._remember(key, NOTHING)

    def _is_reached(self, server: str) -> bool:
        session = self._servers.sessions.get(server)
        return session is not None and words.is_reached(session.status)

    def _remember(self, key: Key, found: Findings) -> None:
        self._known[key] = found
        if len(self._known) > MOST:
            self._known.popitem(last=False)


if TYPE_CHECKING:
    from mailpit_notifier.ui.window.list_model import MessageListModel
    from mailpit_notifier.ui.window.window import RecentWindow

PRELOAD_DELAY = 1.0
"""Seconds after which the program has begun to listen, and has time for what may be wanted later."""

MAX_DELETED = 28
"""Characters of a deleted mail's subject: as many as the window's lower bar has room for."""


class WindowController:
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
        self._config_problem = ""
        self._pending_error = ""
        self._row_findings = RowFindings(servers, self._on_findings)

    async def load(self) -> None:
        """Import what the window is made of: a third of the time that its first opening would take."""
        await asyncio.sleep(PRELOAD_DELAY)
        await in_thread("window", import_window)
        gc.freeze()

    async def stop(self) -> None:
        """Look into no more mails."""
        await self._row_findings.stop()

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
            self._window.set_unloaded(self._servers.beyond())

    def set_choices(self, choices: WindowChoices) -> None:
        """Behave as the settings say."""
        self._choices = choices
        if self._window:
            self._window.set_choices(choices)

    def show_deletions(self) -> None:
        """Show what is about to be deleted and can be taken back."""
        if self._window:
            undoable = self._servers.undoable.values()
            self._window.set_deleted(tuple(words.subject(message, MAX_DELETED) for message in undoable))

    def show_status(self, sentence: str) -> None:
        """Say for a moment what was done."""
        if self._window:
            self._window.show_status(sentence)

    def set_paused(self, until: datetime | None) -> None:
        """Say until when notifications are paused, None while they are not."""
        self._paused_until = until
        if self._window:
            self._window.set_paused(until)

    def show_error(self, sentence: str) -> bool:
        """Say something in the window; False where nobody would see it now."""
        if self._window:
            self._window.show_error(sentence)
        return self.visible

    def show_error_later(self, sentence: str) -> None:
        """Say something in the window now, or when it is made."""
        if self._window:
            self._window.show_error(sentence)
        else:
            self._pending_error = sentence

    def set_config_problem(self, sentence: str) -> None:
        """Say this of the configuration, now or when the window is made; "" takes back what was said."""
        before, self._config_problem = self._config_problem, sentence
        if self._window and sentence:
            self._window.show_error(sentence)
        elif self._window:
            self._window.withdraw_error(before)

    def show(self, activation_token: str = "") -> None:
        """Show it, in front."""
        window = self._ensure_window()
        with activation(activation_token):
            window.present()

    def open_row(self, row: Row) -> None:
        """Show it, and open a mail as if it had been clicked there."""
        self.show()
        self._ensure_window().open_row(row)

    def toggle(self) -> None:
        """Hide it where it is in front, else show it."""
        self._ensure_window().toggle()

    def hide(self) -> None:
        """Hide it."""
        if self._window:
            self._window.hide()

    def _ensure_window(self) -> "RecentWindow":
        if self._window is None:
            from mailpit_notifier.ui.window.list_model import MessageListModel
            from mailpit_notifier.ui.window.window import RecentWindow

            statuses = self._servers.statuses()
            self._model = MessageListModel(
                self._tray, reason_of=self._servers.reason, quick_findings=self._servers.at_a_glance
            )
            self._model.set_servers(statuses)
            for key in self._servers.sessions:
                self._model.apply(key, Change(added=self._servers.rows(key)))
            self._window = RecentWindow(self._model, self._state_file)
            self._window.set_statuses(statuses)
            self._window.set_unloaded(self._servers.beyond())
            self._window.set_paused(self._paused_until)
            self._window.set_icon_position(self._tray.geometry)
            self._window.set_choices(self._choices)
            self._window.rows_seen.connect(self._row_findings.request)
            self.show_deletions()
            if self._config_problem or self._pending_error:  # there is room for one
                self._window.show_error(self._config_problem or self._pending_error)
            self._connect(self._window)
            gc.freeze()  # all this stays: looking through thousands of rows for garbage would hold up a burst
        return self._window

    def _on_findings(self, row: Row, found: Findings) -> None:
        if self._model:
            self._model.set_findings(row, found)


def import_window() -> None:
    """Import the parts of the window; from any thread."""
    import mailpit_notifier.ui.window.list_model
    import mailpit_notifier.ui.window.window  # noqa: F401 - later it is there


TRAY_WAIT = 1.0
"""Seconds to wait for a tray before the window is shown in its place: at login the panel may come after us."""


class TrayPresence:
    """Keeps the icon of the kind that the desktop's tray wants."""

    def __init__(self, tray: Tray, controller: WindowController) -> None:
        self._tray = tray
        self._controller = controller
        self._host = OwnerWatch(TRAY_HOST, self._on_host)

    async def start(self) -> None:
        """Find out which tray there is, and follow it."""
        present = await self._host.start()
        if present and not self._tray.was_available:  # it came after the icon was made
            self._on_host(present)
        self._tray.set_over_bus(present)

    async def stop(self) -> None:
        """Follow it no more."""
        await self._host.stop()

    def show_window_if_no_tray(self) -> None:
        """Somebody is there to be shown something: where no tray comes, that is the window."""
        asyncio.get_running_loop().call_later(TRAY_WAIT, self._show_window_if_no_tray)

    def show_balloon(self, title: str, body: str) -> bool:
        """Show a message at the icon; False where that is no way to show one."""
        # Over the bus, Qt would only ask the notification service that has just failed.
        if self._tray.over_bus or not QSystemTrayIcon.isSystemTrayAvailable():
            return False
        self._tray.show_message(title, body)
        return True

    def _on_host(self, present: bool) -> None:
        """The desktop's tray is another, or now known: an icon stays of the kind that was right when it was made."""
        self._tray.replace_icon(over_bus=present)
        self._tray.show()

    def _show_window_if_no_tray(self) -> None:
        if not QSystemTrayIcon.isSystemTrayAvailable():
            self._controller.show()
