"""The composition root: builds the parts, connects them, starts and stops them in order.

Data goes one way. Sessions apply the events of their server to an inbox and report changes, which go to window, tray
and notifications. An action of the user arrives as a signal or as an action of a notification. It becomes a REST call
or an opened page. Its effect arrives as an event of the server.
"""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from mailpit_notifier.cli.common import end_signals
from mailpit_notifier.config.store import Start, Store
from mailpit_notifier.control.command_server import control_server
from mailpit_notifier.control.instance import state_folder
from mailpit_notifier.controllers.first_start import is_first_start
from mailpit_notifier.controllers.server_prompts import ServerPrompts
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.settings import Settings
from mailpit_notifier.desktop.bus import AnnouncementWatch, WakeUp
from mailpit_notifier.notify.backends import desktop_notifier
from mailpit_notifier.notify.notice import Key
from mailpit_notifier.notify.problem_notices import config_notice, unexpected_error_notice, updated_notice
from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.runtime.bridge import in_thread
from mailpit_notifier.runtime.loop import Loop, UnexpectedErrors
from mailpit_notifier.runtime.tasks import Tasks
from mailpit_notifier.servers.servers import ServerCallbacks, Servers
from mailpit_notifier.ui.icons import app_icon
from mailpit_notifier.ui.tray.icon import Tray

from .commands import Commands
from .desktop import appearance, autostart
from .notify import notice
from .pause import Mutes, Pause
from .ui.speech import set_announcements_heard
from .upgrade import UpgradeWatch, own_file
from .user_interface import UserInterface

PAUSE = timedelta(hours=1)
"""How long the "Pause 1 hour" button of a notification pauses."""

STOP_TIMEOUT = 0.15
"""Seconds that stopping may take: the program must end within 0.2 s, also when a server or the desktop hangs."""


class App:
    """The running program. `tray` is visible already: users wait for it at the start.

    `control_path` is the path of the command socket. `hidden`: do not show the window. `printing`: also print each
    notification.
    """

    def __init__(self, start: Start, tray: Tray, control_path: Path, *, hidden: bool, printing: bool) -> None:
        self._hidden = hidden
        self._configured: frozenset[str] | None = None  # base URLs, None before config.toml could be used
        self._quit = asyncio.Event()
        self.restarts = False
        """Whether to start the program again after its end."""
        self._tasks = Tasks()
        self._store = Store(start, tray)
        self._notifier = desktop_notifier(self._on_action, self._show_balloon, printing=printing)
        callbacks = ServerCallbacks(
            changed=self._on_changed,
            status_changed=self._on_status_changed,
            open_wanted=self._on_open_wanted,
            not_deleted=self._on_not_deleted,
            deletions_changed=self._on_deletions_changed,
        )
        self._servers = Servers(self._notifier, start.journal_folder(), callbacks)
        configured = None if start.servers else self._store
        self._prompts = ServerPrompts(configured, self._servers, self._tasks, self._update_settings)
        first_start = is_first_start(start, self._store.path)
        self._ui = UserInterface(
            tray,
            self._servers,
            self._store,
            self._prompts,
            self._tasks,
            self._notifier.is_turned_off,
            first_start=first_start,
        )
        self._pause = Pause(start.journal_folder() / "paused", self._on_paused)
        self._mutes = Mutes(start.journal_folder() / "muted", self._on_muted)
        tray.quit_requested.connect(self._quit.set)
        tray.pause_requested.connect(self._on_pause_requested)
        tray.mute_requested.connect(self._on_mute_requested)
        commands = Commands(
            self._servers, self._ui.actions, self._pause, self._ui.window.show, self._ui.offers.ask, self._quit.set
        )
        self._control = control_server(control_path, commands.run)
        self._wake_up = WakeUp(self._on_woken)
        UpgradeWatch(own_file(), tray).replaced.connect(self._on_upgraded)

    async def run(self) -> int:
        """Start, run until the user quits, and stop; return the exit code. Raises OSError without a command socket."""
        loop = asyncio.get_running_loop()
        for number in end_signals():
            try:
                loop.add_signal_handler(number, self._quit.set)
            except NotImplementedError:  # on Windows
                if isinstance(loop, Loop):
                    loop.call_on_signal(number, self._quit.set)
        with UnexpectedErrors(self._show_unexpected_error).watching(loop):
            try:
                await self._control.start()
                self._ui.refresh()
                await self._ui.presence.start()
                self._start()
                await self._quit.wait()
            finally:
                await self._stop()
        return 0

    def _start(self) -> None:
        QApplication.setWindowIcon(app_icon())
        self._store.problem_changed.connect(self._on_config_problem)
        self._store.read()
        self._pause.start()
        self._mutes.start()
        self._servers.start(self._settings())
        self._update_settings()
        self._store.changed.connect(self._update_settings)
        self._tasks.run(self._wake_up.start())
        self._tasks.run(appearance.AppearanceWatch(appearance.apply).follow())
        self._tasks.run(AnnouncementWatch(set_announcements_heard).follow())
        self._tasks.run(self._ui.window.load())
        self._tasks.run(in_thread("autostart", autostart.repair))
        if self._ui.first_start.is_first and not self._hidden:
            self._ui.window.show()
        if not self._hidden:
            self._ui.presence.show_window_if_no_tray()

    async def _stop(self) -> None:
        self._pause.stop()
        self._mutes.stop()
        self._ui.hide()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_TIMEOUT):
                await self._control.stop()
                # First: they write what the user has just changed, and need the other parts for it.
                await asyncio.gather(self._ui.settings.stop(), self._store.stop())
                stopping = (self._servers, self._ui, self._tasks, self._notifier, self._wake_up)
                await asyncio.gather(*(part.stop() for part in stopping), return_exceptions=True)
        self._ui.close()

    # Settings

    def _settings(self) -> Settings:
        return self._prompts.override(self._store.settings)

    def _update_settings(self) -> None:
        settings = self._settings()
        self._ui.settings.set_settings(self._store.file_settings)
        self._ui.update_settings(settings)
        self._servers.update_settings(settings)
        self._unmute_changed(settings)

    def _unmute_changed(self, settings: Settings) -> None:
        """End the mutes of servers that were removed or added: one that is removed and added again is not muted.

        Called after they were disconnected: messages of a removed server are not summed up.
        """
        if not self._store.was_read:
            return
        # With --server, the servers of the file stay muted for the next start without it.
        configured = frozenset(one.key for one in (*settings.servers, *self._store.file_settings.servers))
        if self._configured is not None:
            self._mutes.unmute(self._configured ^ configured)
        self._configured = configured

    def _on_config_problem(self, sentence: str) -> None:
        if sentence:
            self._servers.show_notice(config_notice(sentence))
        else:
            self._servers.withdraw_notice(notice.CONFIG)
        self._ui.window.set_config_problem(sentence)

    # Events of servers

    def _on_changed(self, server: str, change: Change, news: int) -> None:
        self._ui.show_change(server, change, news)

    def _on_status_changed(self) -> None:
        self._ui.refresh_soon()

    def _on_open_wanted(self, key: Key) -> None:
        self._ui.actions.open(key)

    def _on_deletions_changed(self) -> None:
        self._ui.window.show_deletions()

    def _on_not_deleted(self, key: Key, error: FaultError | None) -> None:
        title = QCoreApplication.translate("notify", "Could not delete the message")
        if error:
            self._ui.actions.show_failure(key[0], title, error)
        else:
            self._ui.actions.show_server_removed(title)

    # Notifications and pauses

    def _on_action(self, key: Key, action: str, activation_token: str) -> None:
        match action:
            case _ if key == notice.EXAMPLE:
                self._ui.settings.act_on_sample(action, activation_token)
            case _ if key == notice.CONFIG:
                self._ui.settings.show(activation_token, check_file=True)
            case notice.PAUSE:
                self._pause.pause(PAUSE)
            case notice.HIDE_ERRORS:
                self._store.hide_smtp_errors()
            case notice.SEND_TEST:
                self._ui.actions.send_test(key[1])
            case notice.RESTART:
                self.restarts = True
                self._quit.set()
            case _:
                self._ui.actions.run_action(key, action, activation_token)

    def _show_balloon(self, title: str, body: str, on_click: Callable[[], None]) -> bool:
        return self._ui.presence.show_balloon(title, body, on_click)

    def _on_pause_requested(self, length: timedelta | datetime | None) -> None:
        if length:
            self._pause.pause(length)
        else:
            self._pause.resume()

    def _on_paused(self) -> None:
        """React to a pause that began, ended, or has another end."""
        until = self._pause.until
        self._servers.pause(until is not None)
        self._ui.set_paused(until)

    def _on_mute_requested(self, server: str, length: timedelta | datetime | None) -> None:
        if length:
            self._mutes.mute(server, length)
        else:
            self._mutes.unmute([server])

    def _on_muted(self) -> None:
        """React to a mute that began, ended, or has another end."""
        self._servers.mute(self._mutes.until)

    # The machine and the program itself

    def _on_woken(self) -> None:
        self._pause.check()
        self._mutes.check()
        self._servers.wake()

    def _on_upgraded(self) -> None:
        self._servers.show_notice(updated_notice())

    def _show_unexpected_error(self) -> None:
        """Show an unexpected error in the window, too: the notification may be what failed."""
        notice = unexpected_error_notice(state_folder() / "log.txt")
        self._ui.window.show_error_later(f"{notice.title}. {notice.body}")
        self._servers.show_notice(notice)
