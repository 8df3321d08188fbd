"""The controllers of the window of recent messages.

RowFindings searches the sources of the visible messages for codes and links that their summaries do not contain.
RowContents reads the message of the quick look.
WindowController builds the window when it is first opened: most users only click notifications, and until then the
inboxes are enough. TrayPresence follows the desktop's tray, which may start late, be replaced, or not exist; without
one, the window is shown in its place. All run on the loop.
"""

import asyncio
import gc
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QSystemTrayIcon

from mailpit_notifier.client.sync import MOST
from mailpit_notifier.core.contents import Contents
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.settings import Settings, WindowChoices
from mailpit_notifier.core.status import ServerStatus
from mailpit_notifier.desktop.bus import TRAY_HOST, OwnerWatch
from mailpit_notifier.findings.result import Findings
from mailpit_notifier.notify.notice import Key
from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.runtime.bridge import in_thread
from mailpit_notifier.runtime.tasks import Tasks, report
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.servers.source_finder import Urgency
from mailpit_notifier.ui import words
from mailpit_notifier.ui.opening import activation
from mailpit_notifier.ui.tray.icon import Tray
from mailpit_notifier.ui.window.list_model import Row

OnFound = Callable[[Row, Findings], None]


class RowFindings:
    """Fetches one source at a time, so that requests of the user wait for one source at most, and caches the results.

    `on_found` is called with each row and its findings."""

    def __init__(self, servers: Servers, on_found: OnFound) -> None:
        self._servers = servers
        self._on_found = on_found
        self._known: OrderedDict[Key, Findings] = OrderedDict()
        self._queue: list[Row] = []
        self._tasks = Tasks()
        self._busy = False

    def request(self, rows: tuple[Row, ...]) -> None:
        """Search these rows, and drop those that were requested before."""
        self._queue = list(rows)
        if not self._busy:
            self._busy = True
            self._tasks.run(self._find_all())

    async def stop(self) -> None:
        """Cancel the running search."""
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
            self._remember(key, await self._servers.messages.all_findings(row.server, row.message, Urgency.ROW))
        except FaultError:
            pass  # nothing is cached, so that the next request tries again
        except Exception as error:  # noqa: BLE001 - an error in one message must not stop the search in the others
            report(error, "A look into a message")
            self._remember(key, Findings(is_cut=True))

    def _is_reached(self, server: str) -> bool:
        session = self._servers.sessions.get(server)
        return session is not None and words.is_reached(session.status)

    def _remember(self, key: Key, found: Findings) -> None:
        self._known[key] = found
        if len(self._known) > MOST:
            self._known.popitem(last=False)


MAX_CONTENTS = 30
"""Messages whose content is kept, at most 20 kB of text each: so many that going up and down again is immediate."""


class RowContents:
    """Reads the content of one message at a time: the last one that was requested.

    `show` is called with the row and its content, again when the rest of a large message was read; `show_failure` with
    the row and why it cannot be read.
    """

    def __init__(
        self, servers: Servers, show: Callable[[Row, Contents], None], show_failure: Callable[[Row, str], None]
    ) -> None:
        self._servers = servers
        self._show = show
        self._show_failure = show_failure
        self._known: OrderedDict[Key, Contents] = OrderedDict()
        self._tasks = Tasks()
        self._reading: asyncio.Task[None] | None = None

    def request(self, row: Row) -> None:
        """Show the content of this message, in the place of those requested before."""
        if self._reading:
            self._reading.cancel()
        if known := self._known.get((row.server, row.message.id)):
            self._show(row, known)
        else:
            self._reading = self._tasks.run(self._read(row))

    async def stop(self) -> None:
        """Cancel reading."""
        await self._tasks.stop()

    async def _read(self, row: Row) -> None:
        try:
            async for contents in self._servers.messages.contents(row.server, row.message):
                if not contents.is_loading:
                    self._remember((row.server, row.message.id), contents)
                self._show(row, contents)
        except FaultError as error:
            text = QCoreApplication.translate("QuickLook", "The message was not loaded: {0}")
            self._show_failure(row, text.format(error.explain(QCoreApplication.translate)))

    def _remember(self, key: Key, contents: Contents) -> None:
        self._known[key] = contents
        if len(self._known) > MAX_CONTENTS:
            self._known.popitem(last=False)


if TYPE_CHECKING:
    from mailpit_notifier.ui.window.list_model import MessageListModel
    from mailpit_notifier.ui.window.window import RecentWindow

PRELOAD_DELAY = 1.0
"""Seconds after which the connections are set up, and there is time to import the window."""

MAX_DELETED = 28
"""Characters of a deleted message's subject: as many as the window's lower bar has room for."""


class WindowController:
    """Owner of the window and its model.

    `connect` is called with the window when it is created. `state_file` saves its geometry; until there is one, the
    window opens beside the icon of `tray`.
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
        self._hide_content = False
        self._row_findings = RowFindings(servers, self._on_findings)
        self._row_contents = RowContents(servers, self._on_contents, self._on_contents_failure)

    async def load(self) -> None:
        """Import the modules of the window, which would take a third of the time of its first opening."""
        await asyncio.sleep(PRELOAD_DELAY)
        await in_thread("window", import_window)
        gc.freeze()

    async def stop(self) -> None:
        """Stop reading messages."""
        await self._row_findings.stop()
        await self._row_contents.stop()

    @property
    def visible(self) -> bool:
        """Whether the user can see the window. Qt counts a minimized window as visible."""
        return self._window is not None and self._window.isVisible() and not self._window.isMinimized()

    def apply(self, server: str, change: Change) -> None:
        """Apply a change of a server's inbox."""
        if self._model:
            self._model.apply(server, change)

    def set_statuses(self, statuses: tuple[ServerStatus, ...]) -> None:
        """Show the states of the servers."""
        if self._model and self._window:
            self._model.set_servers(statuses)
            self._window.set_statuses(statuses)
            self._window.set_unloaded(self._servers.messages.loadable())

    def update_settings(self, settings: Settings) -> None:
        """Apply the settings of the window."""
        self._choices, self._hide_content = settings.window, settings.notifications.hide_content
        if self._window:
            self._window.set_choices(self._choices)
            self._window.quick_look.set_hide_content(self._hide_content)

    def show_deletions(self) -> None:
        """Show the pending deletions, which can be undone."""
        if self._window:
            undoable = self._servers.messages.undoable.values()
            self._window.set_deleted(tuple(words.subject(message, MAX_DELETED) for message in undoable))

    def show_status(self, sentence: str, spoken: str | None = None) -> None:
        """Show feedback about an action for a few seconds. `spoken`: what screen readers say in its place."""
        if self._window:
            self._window.show_status(sentence, spoken)

    def set_paused(self, until: datetime | None) -> None:
        """Show that notifications are paused until this time; None: not paused."""
        self._paused_until = until
        if self._window:
            self._window.set_paused(until)

    def show_error(self, sentence: str) -> bool:
        """Show an error in the window. Return False if the user cannot see it now."""
        if self._window:
            self._window.show_error(sentence)
        return self.visible

    def show_error_later(self, sentence: str) -> None:
        """Show an error in the window now, or when it is created."""
        if self._window:
            self._window.show_error(sentence)
        else:
            self._pending_error = sentence

    def set_config_problem(self, sentence: str) -> None:
        """Show a problem of the configuration now, or when the window is created; "" removes it."""
        before, self._config_problem = self._config_problem, sentence
        if self._window and sentence:
            self._window.show_error(sentence)
        elif self._window:
            self._window.withdraw_error(before)

    def show(self, activation_token: str = "") -> None:
        """Show the window in front."""
        window = self._ensure_window()
        with activation(activation_token):
            window.present()

    def open_row(self, row: Row) -> None:
        """Show the window, and open a message as if its row had been clicked."""
        self.show()
        self._ensure_window().open_row(row)

    def toggle(self) -> None:
        """Hide the window if it is in front, else show it in front."""
        self._ensure_window().toggle()

    def hide(self) -> None:
        """Hide the window."""
        if self._window:
            self._window.hide()

    def _ensure_window(self) -> "RecentWindow":
        if self._window is None:
            from mailpit_notifier.ui.window.list_model import MessageListModel
            from mailpit_notifier.ui.window.window import RecentWindow

            statuses = self._servers.statuses()
            self._model = MessageListModel(
                self._tray,
                reason_of=self._servers.messages.suppression,
                quick_findings=self._servers.messages.quick_findings,
            )
            self._model.set_servers(statuses)
            for key in self._servers.sessions:
                self._model.apply(key, Change(added=self._servers.messages.rows(key)))
            self._window = RecentWindow(self._model, self._state_file)
            self._window.set_statuses(statuses)
            self._window.set_unloaded(self._servers.messages.loadable())
            self._window.set_paused(self._paused_until)
            self._window.set_icon_position(self._tray.geometry)
            self._window.set_choices(self._choices)
            self._window.quick_look.set_hide_content(self._hide_content)
            self._window.quick_look.contents_requested.connect(self._row_contents.request)
            self._window.rows_seen.connect(self._row_findings.request)
            self.show_deletions()
            if self._config_problem or self._pending_error:  # the banner shows one message
                self._window.show_error(self._config_problem or self._pending_error)
            self._connect(self._window)
            gc.freeze()  # exclude thousands of lasting objects from garbage collection, which would delay a burst
        return self._window

    def _on_contents(self, row: Row, contents: Contents) -> None:
        if self._window:
            self._window.quick_look.show_contents(row, contents)

    def _on_contents_failure(self, row: Row, sentence: str) -> None:
        if self._window:
            self._window.quick_look.show_failure(row, sentence)

    def _on_findings(self, row: Row, found: Findings) -> None:
        if self._model:
            self._model.set_findings(row, found)


def import_window() -> None:
    """Import the modules of the window. Can run in any thread."""
    import mailpit_notifier.ui.window.list_model
    import mailpit_notifier.ui.window.window  # noqa: F401 - imported for its side effect


TRAY_WAIT = 1.0
"""Seconds to wait for a tray before the window is shown in its place: at login the panel may start later."""


class TrayPresence:
    """Keeps the tray icon registered with the desktop's current tray."""

    def __init__(self, tray: Tray, controller: WindowController) -> None:
        self._tray = tray
        self._controller = controller
        self._host = OwnerWatch(TRAY_HOST, self._on_host)

    async def start(self) -> None:
        """Detect the StatusNotifier host and follow its changes."""
        present = await self._host.start()
        if present and not self._tray.was_available:  # the tray appeared after the icon was created
            self._on_host(present)
        self._tray.set_over_bus(present)

    async def stop(self) -> None:
        """Stop following the tray."""
        await self._host.stop()

    def show_window_if_no_tray(self) -> None:
        """Show the window after TRAY_WAIT if there is no tray. For starts without --hidden."""
        asyncio.get_running_loop().call_later(TRAY_WAIT, self._show_window_if_no_tray)

    def show_balloon(self, title: str, body: str, on_click: Callable[[], None]) -> bool:
        """Show a balloon at the icon. Return False if the desktop has none."""
        # Over D-Bus, Qt would only call the notification service that has just failed.
        if self._tray.over_bus or not QSystemTrayIcon.isSystemTrayAvailable():
            return False
        self._tray.show_message(title, body, on_click)
        return True

    def _on_host(self, present: bool) -> None:
        """Replace the icon, because Qt chooses its protocol once, when it creates the icon."""
        self._tray.replace_icon(over_bus=present)
        self._tray.show()

    def _show_window_if_no_tray(self) -> None:
        if not QSystemTrayIcon.isSystemTrayAvailable():
            self._controller.show()
