"""The composition root: builds the parts, connects them, and says in which order they start and stop.

Data goes one way: sessions apply what the server says to their inboxes and report changes, which go to the list, the
tray and the notifier. What the user does comes back here as an intent and leaves as a REST call or an opened page.
"""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from . import __version__
from .config import ConfigError, default_path, load
from .config_watch import ConfigWatch
from .control import Answer, report, state_folder
from .control_server import control_server
from .core.inbox import Change
from .core.settings import Settings, default_servers
from .mailpit.fault import FaultError
from .mailpit.session import Session
from .notify import notice
from .notify.notice import Key
from .notify.texts import config_notice
from .notify.ways import desktop_notifier
from .servers import Servers
from .start import Start
from .tasks import Tasks
from .ui.activation import activation, open_page
from .ui.clipboard import copy_text
from .ui.icons import app_icon
from .ui.list_model import Row
from .ui.pace import Pace
from .ui.tray import Tray
from .wakeup import WakeUp
from .watch import TRAY_HOST, OwnerWatch

if TYPE_CHECKING:  # loaded when they are first wanted
    from .ui.list_model import MessageListModel
    from .ui.window import RecentWindow

log = logging.getLogger(__name__)

NEWEST = 5
"""Mails in the tray's menu."""

TRAY_WAIT = 1.0
"""Seconds to wait for a tray before the window is shown in its place: at login the panel may come after us."""

STOP_TIMEOUT = 0.15
"""Seconds that stopping may take, whatever the desktop does meanwhile."""


class App:
    """The running program. `tray` is shown already: it is what people wait for. `control_path` is the command socket's;
    `printing` also prints every notification.
    """

    def __init__(self, start: Start, tray: Tray, control_path: Path, *, hidden: bool, printing: bool) -> None:
        self._given = start
        self._hidden = hidden
        self._quit = asyncio.Event()
        self._tasks = Tasks()
        self._unseen = 0
        self._control = control_server(control_path, self._on_command)
        self._tray = tray
        self._connect_tray()
        self._tray_host = OwnerWatch(TRAY_HOST, self._on_tray_host)
        self._tray_over_bus = False
        self._pace = Pace(self._tray)
        self._pace.due.connect(self._refresh)
        self._config_path = start.config or default_path()
        self._config = ConfigWatch(self._config_path, self._tray)
        self._config.changed.connect(self._on_config_changed)
        self._config.refused.connect(self._on_config_refused)
        self._model: MessageListModel | None = None
        self._window: RecentWindow | None = None
        self._notifier = desktop_notifier(self._on_action, self._show_balloon, printing=printing)
        self._servers = Servers(self._notifier, start.journal_folder(), self._on_changed, self._pace.ask)
        self._wake_up = WakeUp(self._servers.wake)

    async def run(self) -> int:
        """Start, run until somebody quits, stop; returns the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C reaches Python by itself
                loop.add_signal_handler(number, self._quit.set)
        try:
            await self._control.start()
            self._refresh()
            present = await self._tray_host.start()
            if present and not self._tray.found:  # it came after the icon was made
                self._on_tray_host(present)
            self._tray_over_bus = present
            self._tray.set_over_bus(present)
            self._start()
            await self._quit.wait()
        finally:
            await self._stop()
        return 0

    def _start(self) -> None:
        QApplication.setWindowIcon(app_icon())
        self._servers.start(self._first_settings())
        self._tasks.run(self._wake_up.start())
        if not self._hidden:
            asyncio.get_running_loop().call_later(TRAY_WAIT, self._show_without_tray)

    def _first_settings(self) -> Settings:
        """The configured settings; where they cannot be used, that is said, and the usual ones hold."""
        try:
            settings, warnings = load(self._config_path)
        except ConfigError as error:
            settings, warnings = Settings(servers=default_servers()), (str(error),)
        for warning in warnings:
            self._on_config_refused(warning)
        return self._given.override(settings)

    def _on_config_changed(self, settings: Settings) -> None:
        self._servers.apply(self._given.override(settings))

    def _on_config_refused(self, sentence: str) -> None:
        log.warning("%s", sentence)
        self._servers.tell(config_notice(sentence))
        if self._window:
            self._window.tell(sentence)

    async def _stop(self) -> None:
        """Nothing waits for a server or for the desktop for longer than STOP_TIMEOUT."""
        self._control.stop()
        self._tray.hide()
        if self._window:
            self._window.hide()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_TIMEOUT):
                stopping = (self._servers, self._tasks, self._notifier, self._tray_host, self._wake_up)
                await asyncio.gather(*(part.stop() for part in stopping), return_exceptions=True)

    def _connect_tray(self) -> None:
        self._tray.window_toggled.connect(self._toggle_window)
        self._tray.window_requested.connect(self.show_window)
        self._tray.message_opened.connect(self._open_row)
        self._tray.mailbox_opened.connect(self._open_mailbox)
        self._tray.retry_requested.connect(self._on_menu_about_to_show)
        self._tray.quit_requested.connect(self._quit.set)

    # What servers say

    def _on_changed(self, server: str, change: Change, news: int) -> None:
        if self._model:
            self._model.apply(server, change)
        if news and not (self._window and self._window.isVisible()):
            self._unseen += news
        self._pace.ask()

    def _refresh(self) -> None:
        statuses = self._servers.statuses()
        self._tray.set_statuses(statuses)
        self._tray.set_unseen(self._unseen)
        self._tray.set_newest(
            tuple(Row(server=server, message=message) for server, message in self._servers.newest(NEWEST))
        )
        if self._model and self._window:
            self._model.set_servers(statuses)
            self._window.set_statuses(statuses)

    # What the user does

    def show_window(self, activation_token: str = "") -> None:
        """Show the window with recent mail, in front."""
        window = self._made_window()
        with activation(activation_token):
            window.present()

    def _toggle_window(self) -> None:
        self._made_window().toggle()

    def _made_window(self) -> "RecentWindow":
        """The window, built when it is first wanted: most people click on notifications only."""
        if self._window is None:
            from .ui.list_model import MessageListModel
            from .ui.window import RecentWindow

            self._model = MessageListModel(self._tray)
            self._model.set_servers(self._servers.statuses())
            for key, session in self._servers.sessions.items():
                self._model.apply(key, Change(added=session.inbox.rows))
            self._window = window = RecentWindow(self._model, state_folder() / "window.ini")
            window.about_to_close.connect(self._look_for_tray)
            window.set_statuses(self._servers.statuses())
            window.message_opened.connect(self._open_row)
            window.mailbox_opened.connect(self._open_mailbox)
            window.retry_requested.connect(self._servers.retry)
            window.marked_all_read.connect(self._mark_read)
            window.quit_requested.connect(self._quit.set)
            window.shown.connect(self._on_window_shown)
            window.hidden.connect(self._on_window_hidden)
        return self._window

    def _on_menu_about_to_show(self) -> None:
        self._servers.retry()

    def _on_window_shown(self) -> None:
        self._unseen = 0
        self._servers.retry()
        self._servers.watch(shown=True)
        self._pace.ask()

    def _on_window_hidden(self) -> None:
        self._servers.watch(shown=False)

    def _on_tray_host(self, present: bool) -> None:
        """The desktop's tray is another, or now known: an icon stays of the kind that was right when it was made."""
        self._tray_over_bus = present
        self._tray.renew(over_bus=present)
        self._tray.show()

    def _look_for_tray(self) -> None:
        if self._window:
            self._window.set_tray_available(QSystemTrayIcon.isSystemTrayAvailable())

    def _show_without_tray(self) -> None:
        if not QSystemTrayIcon.isSystemTrayAvailable():
            self.show_window()

    def _show_balloon(self, title: str, body: str) -> bool:
        # Over the bus, Qt would only ask the notification service that has just failed.
        if self._tray_over_bus or not QSystemTrayIcon.isSystemTrayAvailable():
            return False
        self._tray.show_message(title, body)
        return True

    def _open_row(self, row: Row) -> None:
        self._open_message((row.server, row.message.id))

    def _open_message(self, key: Key, activation_token: str = "") -> None:
        server, message_id = key
        session = self._servers.sessions.get(server)
        if session and message_id:
            self._open_page(session.server.url.view(message_id), activation_token)
        else:  # about no single mail: what it counts is in the window
            self.show_window(activation_token)

    def _open_mailbox(self, server: str) -> None:
        self._open_page(server)

    def _open_page(self, url: str, activation_token: str = "") -> None:
        if not open_page(url, activation_token):
            log.warning("no browser opened %s", url)

    def _on_action(self, key: Key, action: str, activation_token: str) -> None:
        found = self._servers.found(key)
        match action:
            case notice.DEFAULT:
                self._open_message(key, activation_token)
            case notice.COPY if found.code:
                copy_text(found.code)
            case notice.LINK if found.link:
                self._open_page(found.link, activation_token)
            case notice.READ:
                self._mark_read(key[0], (key[1],))

    def _mark_read(self, server: str, ids: tuple[str, ...]) -> None:
        if ids and (session := self._servers.sessions.get(server)):
            self._tasks.run(self._marking_read(session, ids))

    async def _marking_read(self, session: Session, ids: tuple[str, ...]) -> None:
        try:
            await session.mark_read(ids)
        except FaultError as error:
            log.warning("%s: not marked read: %s", session.server.key, error)
            if self._window:
                self._window.tell(f"{session.status.name}: {error.fault.sentence}")

    def _on_command(self, command: str, _args: Sequence[str], activation_token: str) -> Answer:
        match command:
            case "show":
                self.show_window(activation_token)
            case "quit":
                self._quit.set()
            case "status":
                return Answer(data=report(self._servers.statuses()))
            case _:
                return Answer(ok=False, text=f"The running version {__version__} does not know this command.")
        return Answer()
