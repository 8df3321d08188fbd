"""The composition root: builds the parts, connects them, and says in which order they start and stop.

Data goes one way: sessions apply what the server says to their inboxes and report changes, which go to the list, the
tray and the notifier. What the user does comes back here as an intent and leaves as a REST call or an opened page.
"""

import asyncio
import contextlib
import logging
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from .actions import Actions
from .commands import Commands
from .config import ConfigError, change, default_path, load
from .config_watch import ConfigWatch
from .control import state_folder
from .control_server import control_server
from .core.inbox import Change
from .core.settings import Settings, default_servers
from .mailpit.fault import FaultError
from .notify import notice
from .notify.notice import Key
from .notify.troubles import config_notice, not_done_notice
from .notify.ways import desktop_notifier
from .pause import Pause
from .questions import Questions
from .recent import RecentMail
from .servers import Servers, Told
from .start import Start
from .tasks import Tasks
from .ui import words
from .ui.icons import app_icon
from .ui.list_model import Row
from .ui.pace import Pace
from .ui.tray import Tray
from .wakeup import WakeUp
from .watch import TRAY_HOST, OwnerWatch

if TYPE_CHECKING:
    from .ui.window import RecentWindow

log = logging.getLogger(__name__)

NEWEST = 5
"""Mails in the tray's menu."""

TRAY_WAIT = 1.0
"""Seconds to wait for a tray before the window is shown in its place: at login the panel may come after us."""

PAUSE = timedelta(hours=1)
"""What «Pause 1 hour» means."""

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
        self._tray = tray
        self._tray_host = OwnerWatch(TRAY_HOST, self._on_tray_host)
        self._tray_over_bus = False
        self._pace = Pace(self._tray)
        self._pace.due.connect(self._refresh)
        self._config_path = start.config or default_path()
        self._config = ConfigWatch(self._config_path, self._tray)
        self._config.changed.connect(self._on_config_changed)
        self._config.refused.connect(self._on_config_refused)
        self._notifier = desktop_notifier(self._on_action, self._show_balloon, printing=printing)
        told = Told(
            changed=self._on_changed,
            status_changed=self._pace.ask,
            open_wanted=self._on_open_wanted,
            not_deleted=self._on_not_deleted,
        )
        self._servers = Servers(self._notifier, start.journal_folder(), told)
        self._recent = RecentMail(self._servers, self._tray, state_folder() / "window.ini", self._connect_window)
        self._actions = Actions(self._servers, self._recent.show, self._say)
        config = None if start.servers else self._config_path
        self._questions = Questions(config, self._servers, self._tasks, self._on_trusted)
        self._pause = Pause(start.journal_folder() / "paused", self._on_paused)
        commands = Commands(self._servers, self._actions, self._pause, self._recent.show, self._quit.set)
        self._control = control_server(control_path, commands.run)
        self._wake_up = WakeUp(self._on_woken)
        self._connect_tray()

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
        self._settings = self._first_settings()
        self._pause.start()
        self._servers.start(self._settings)
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
        self._apply(self._given.override(settings))

    def _on_trusted(self) -> None:
        self._apply(self._settings)

    def _apply(self, settings: Settings) -> None:
        self._settings = self._questions.override(settings)
        self._servers.apply(self._settings)

    def _on_config_refused(self, sentence: str) -> None:
        log.warning("%s", sentence)
        self._servers.tell(config_notice(sentence))
        self._recent.tell(sentence)

    async def _stop(self) -> None:
        """Nothing waits for a server or for the desktop for longer than STOP_TIMEOUT."""
        self._control.stop()
        self._pause.stop()
        self._tray.hide()
        self._recent.hide()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_TIMEOUT):
                stopping = (self._servers, self._actions, self._tasks, self._notifier, self._tray_host, self._wake_up)
                await asyncio.gather(*(part.stop() for part in stopping), return_exceptions=True)

    def _connect_tray(self) -> None:
        self._tray.window_toggled.connect(self._recent.toggle)
        self._tray.window_requested.connect(self._show_window)
        self._tray.message_opened.connect(self._open_tray_row)
        self._tray.mailbox_opened.connect(self._open_mailbox)
        self._tray.retry_requested.connect(self._on_menu_about_to_show)
        self._tray.quit_requested.connect(self._quit.set)
        self._tray.pause_requested.connect(self._on_pause_requested)

    def _on_pause_requested(self, until: datetime | None) -> None:
        if until:
            self._pause.pause(until)
        else:
            self._pause.resume()

    # What servers say

    def _on_changed(self, server: str, change: Change, news: int) -> None:
        self._recent.apply(server, change)
        if news and not self._recent.visible:
            self._unseen += news
        self._pace.ask()

    def _refresh(self) -> None:
        statuses = self._servers.statuses()
        self._tray.set_statuses(statuses)
        self._tray.set_unseen(self._unseen)
        self._tray.set_newest(
            tuple(Row(server=server, message=message) for server, message in self._servers.newest(NEWEST))
        )
        self._recent.set_statuses(statuses)

    # What the user does

    def _connect_window(self, window: "RecentWindow") -> None:
        window.about_to_close.connect(self._look_for_tray)
        window.message_opened.connect(self._open_row)
        window.mailbox_opened.connect(self._open_mailbox)
        window.retry_requested.connect(self._servers.retry)
        window.question_asked.connect(partial(self._questions.ask, window=window))
        window.marked_all_read.connect(self._actions.mark_read)
        window.resume_requested.connect(self._pause.resume)
        window.quit_requested.connect(self._quit.set)
        window.shown.connect(self._on_window_shown)
        window.hidden.connect(self._on_window_hidden)

    def _show_window(self) -> None:
        self._recent.show()

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
        self._recent.set_tray_available(QSystemTrayIcon.isSystemTrayAvailable())

    def _show_without_tray(self) -> None:
        if not QSystemTrayIcon.isSystemTrayAvailable():
            self._recent.show()

    def _show_balloon(self, title: str, body: str) -> bool:
        # Over the bus, Qt would only ask the notification service that has just failed.
        if self._tray_over_bus or not QSystemTrayIcon.isSystemTrayAvailable():
            return False
        self._tray.show_message(title, body)
        return True

    def _open_row(self, row: Row) -> None:
        self._actions.open((row.server, row.message.id))

    def _open_tray_row(self, row: Row) -> None:
        """As in the window, and there, where its server is not reached: it says why nothing is opened."""
        session = self._servers.sessions.get(row.server)
        if session and words.is_failing(session.status):
            self._recent.open_row(row)
        else:
            self._open_row(row)

    def _open_mailbox(self, server: str) -> None:
        self._actions.open_page(server)

    def _on_action(self, key: Key, action: str, activation_token: str) -> None:
        match action:
            case notice.PAUSE:
                self._pause.pause(datetime.now(UTC) + PAUSE)
            case notice.HIDE_ERRORS:
                self._hide_errors()
            case _:
                self._actions.act(key, action, activation_token)

    def _hide_errors(self) -> None:
        """Show no more of what Mailpit refused, from now on and after a restart."""
        from .config_edits import put

        settings = self._settings
        self._apply(replace(settings, notifications=replace(settings.notifications, smtp_errors=False)))
        try:
            change(self._config_path, lambda document: put(document, "notifications", "smtp_errors", False))
        except ConfigError as error:
            self._on_config_refused(str(error))

    def _on_paused(self) -> None:
        """A pause began, ended, or has another end."""
        until = self._pause.until
        self._servers.pause(until is not None)
        self._tray.set_paused(until)
        self._recent.set_paused(until)

    def _on_woken(self) -> None:
        self._pause.look()
        self._servers.wake()

    def _on_open_wanted(self, key: Key) -> None:
        self._actions.open(key)

    def _on_not_deleted(self, key: Key, error: FaultError) -> None:
        title = QCoreApplication.translate("notify", "The mail was not deleted")
        self._actions.failed(key[0], title, error)

    def _say(self, what: str, why: str) -> None:
        """Say what could not be done, where somebody looks: in the window, else as a notification."""
        if not self._recent.tell(f"{what}: {why}"):
            self._servers.tell(not_done_notice(what, why))
