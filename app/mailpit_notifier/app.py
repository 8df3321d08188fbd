"""The composition root: builds the parts, connects them, and says in which order they start and stop.

Data goes one way: sessions apply what the server says to their inboxes and report changes, which go to the list, the
tray and the notifier. What the user does comes back here as an intent and leaves as a REST call or an opened page.
"""

import asyncio
import contextlib
import signal
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from mailpit_notifier.config.store import Store
from mailpit_notifier.control.instance import state_folder
from mailpit_notifier.control.server import control_server
from mailpit_notifier.controllers.first_start import FirstStart, is_first_start
from mailpit_notifier.controllers.notification_warning import NotificationWarning
from mailpit_notifier.controllers.row_actions import RowActions
from mailpit_notifier.controllers.server_prompts import ServerPrompts
from mailpit_notifier.controllers.settings_controller import SettingsController
from mailpit_notifier.controllers.window_controller import TrayPresence, WindowController
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.settings import Settings
from mailpit_notifier.desktop.wakeup import WakeUp
from mailpit_notifier.notify.backends import desktop_notifier
from mailpit_notifier.notify.notice import Key
from mailpit_notifier.notify.problem_notices import config_notice, not_done_notice, unforeseen_notice, updated_notice
from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.runtime.bridge import in_thread
from mailpit_notifier.runtime.tasks import Tasks
from mailpit_notifier.runtime.unexpected_errors import UnexpectedErrors
from mailpit_notifier.servers.servers import ServerCallbacks, Servers
from mailpit_notifier.ui.icons import app_icon
from mailpit_notifier.ui.throttle import Throttle
from mailpit_notifier.ui.tray.icon import Tray
from mailpit_notifier.ui.tray.menu import NEWEST
from mailpit_notifier.ui.window.list_model import Row

from .actions import Actions
from .commands import Commands
from .desktop import autostart
from .notify import notice
from .pause import Pause
from .start import Start
from .ui import words
from .upgrade import UpgradeWatch, own_file

if TYPE_CHECKING:
    from mailpit_notifier.ui.window.window import RecentWindow

PAUSE = timedelta(hours=1)
"""What «Pause 1 hour» means."""

STOP_TIMEOUT = 0.15
"""Seconds that stopping may take, whatever the desktop does meanwhile."""


class App:
    """The running program. `tray` is shown already: it is what people wait for. `control_path` is the command socket's;
    `printing` also prints every notification.
    """

    def __init__(self, start: Start, tray: Tray, control_path: Path, *, hidden: bool, printing: bool) -> None:
        self._hidden = hidden
        self._quit = asyncio.Event()
        self.restarts = False
        """Whether the program is to be started anew when it has ended."""
        self._tasks = Tasks()
        self._unseen = 0
        self._tray = tray
        self._pace = Throttle(self._tray)
        self._pace.due.connect(self._refresh)
        self._store = Store(start, self._tray)
        self._notifier = desktop_notifier(self._on_action, self._show_balloon, printing=printing)
        told = ServerCallbacks(
            changed=self._on_changed,
            status_changed=self._pace.ask,
            open_wanted=self._on_open_wanted,
            not_deleted=self._on_not_deleted,
            deletions_changed=self._on_deletions_changed,
        )
        self._servers = Servers(self._notifier, start.journal_folder(), told)
        self._recent = WindowController(self._servers, self._tray, state_folder() / "window.ini", self._connect_window)
        self._presence = TrayPresence(self._tray, self._recent)
        self._actions = Actions(self._servers, self._recent.show, self._say)
        self._row_actions = RowActions(self._servers, self._actions, self._recent.confirm, self._say)
        self._preferences = SettingsController(self._store, self._servers, self._actions, self._tray)
        configured = None if start.servers else self._store
        self._questions = ServerPrompts(configured, self._servers, self._tasks, self._apply)
        self._pause = Pause(start.journal_folder() / "paused", self._on_paused)
        commands = Commands(self._servers, self._actions, self._pause, self._recent.show, self._quit.set)
        self._control = control_server(control_path, commands.run)
        self._wake_up = WakeUp(self._on_woken)
        self._first = FirstStart(
            *(self._store, self._servers, self._show_demo, self._say), is_one=is_first_start(start, self._store.path)
        )
        self._seen = NotificationWarning(self._tasks, lambda: self._first.was_reached)
        self._connect_tray()
        self._upgrade = UpgradeWatch(own_file(), self._tray)
        self._upgrade.replaced.connect(lambda: self._servers.tell(updated_notice()))

    async def run(self) -> int:
        """Start, run until somebody quits, stop; returns the exit code. Raises OSError when it cannot take commands."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C reaches Python by itself
                loop.add_signal_handler(number, self._quit.set)
        with UnexpectedErrors(self._show_unforeseen).watching(loop):
            try:
                await self._control.start()
                self._refresh()
                await self._presence.start()
                self._start()
                await self._quit.wait()
            finally:
                await self._stop()
        return 0

    def _start(self) -> None:
        QApplication.setWindowIcon(app_icon())
        self._store.refused.connect(self._on_config_refused)
        self._store.read()
        self._pause.start()
        self._servers.start(self._settings())
        self._apply()
        self._store.changed.connect(self._apply)
        self._tasks.run(self._wake_up.start())
        self._tasks.run(self._recent.load())
        self._tasks.run(in_thread("autostart", autostart.repair))
        if self._first.is_one and not self._hidden:
            self._recent.show()
        if not self._hidden:
            self._presence.need_window()

    def _settings(self) -> Settings:
        return self._questions.override(self._store.settings)

    def _apply(self) -> None:
        """Go on by the settings in force."""
        settings = self._settings()
        self._preferences.set_settings(self._store.of_file)
        self._recent.set_choices(settings.window)
        self._tray.set_choices(settings.tray)
        self._servers.apply(settings)

    def _show_demo(self, url: str, journals: Path) -> None:
        """From now on this run is the demo's, as one with --demo."""
        self._servers.note_in(journals)
        self._store.listen_to(url)

    def _on_config_refused(self, sentence: str) -> None:
        if sentence:
            self._servers.tell(config_notice(sentence))
        else:
            self._servers.take_back(notice.CONFIG)
        self._recent.set_trouble(sentence)

    async def _stop(self) -> None:
        """Nothing waits for a server or for the desktop for longer than STOP_TIMEOUT."""
        self._control.stop()
        self._pause.stop()
        self._tray.hide()
        self._recent.hide()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_TIMEOUT):
                await asyncio.gather(self._preferences.stop(), self._store.stop())  # last words, for the others
                stopping = (
                    *(self._servers, self._actions, self._row_actions, self._recent, self._first),
                    *(self._tasks, self._notifier, self._presence, self._wake_up),
                )
                await asyncio.gather(*(part.stop() for part in stopping), return_exceptions=True)
        self._first.close()

    def _connect_tray(self) -> None:
        self._tray.window_toggled.connect(self._recent.toggle)
        self._tray.window_requested.connect(self._recent.show)
        self._tray.message_opened.connect(self._open_tray_row)
        self._tray.mailbox_opened.connect(self._actions.open_page)
        self._tray.retry_requested.connect(self._servers.retry)
        self._tray.settings_requested.connect(self._preferences.show)
        self._tray.quit_requested.connect(self._quit.set)
        self._tray.pause_requested.connect(self._on_pause_requested)

    def _on_pause_requested(self, how_long: timedelta | datetime | None) -> None:
        if how_long:
            self._pause.pause(how_long)
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
        self._first.follow(statuses)
        self._preferences.refresh()

    # What the user does

    def _connect_window(self, window: "RecentWindow") -> None:
        window.message_opened.connect(self._open_row)
        window.mailbox_opened.connect(self._actions.open_page)
        window.retry_requested.connect(self._servers.retry)
        window.question_asked.connect(partial(self._questions.ask, window=window))
        window.marked_all_read.connect(self._actions.mark_read)
        self._row_actions.serve(window)
        window.test_requested.connect(self._actions.send_test)
        self._first.serve(window)
        self._seen.serve(window)
        window.pause_requested.connect(self._on_pause_requested)
        window.settings_requested.connect(self._preferences.show)
        window.quit_requested.connect(self._quit.set)
        window.shown.connect(self._on_window_shown)
        window.restored.connect(self._on_window_shown)
        window.hidden.connect(partial(self._servers.watch, shown=False))

    def _on_window_shown(self) -> None:
        self._unseen = 0
        self._servers.retry()
        self._servers.watch(shown=True)
        self._pace.ask()

    def _show_balloon(self, title: str, body: str) -> bool:
        return self._presence.show_balloon(title, body)

    def _open_row(self, row: Row) -> None:
        self._actions.open((row.server, row.message.id))

    def _open_tray_row(self, row: Row) -> None:
        """As in the window, and there, where its server is not reached: it says why nothing is opened."""
        session = self._servers.sessions.get(row.server)
        if session and words.is_failing(session.status):
            self._recent.open_row(row)
        else:
            self._open_row(row)

    def _on_action(self, key: Key, action: str, activation_token: str) -> None:
        match action:
            case _ if key == notice.EXAMPLE:
                self._preferences.act_on_sample(action, activation_token)
            case _ if key == notice.CONFIG:
                self._preferences.show(activation_token, check_file=True)
            case notice.PAUSE:
                self._pause.pause(PAUSE)
            case notice.HIDE_ERRORS:
                self._store.hide_errors()
            case notice.SEND_TEST:
                self._actions.send_test(key[1])
            case notice.RESTART:
                self.restarts = True
                self._quit.set()
            case _:
                self._actions.act(key, action, activation_token)

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

    def _on_deletions_changed(self) -> None:
        self._recent.show_deletions()

    def _on_not_deleted(self, key: Key, error: FaultError | None) -> None:
        title = QCoreApplication.translate("notify", "The mail was not deleted")
        if error:
            self._actions.failed(key[0], title, error)
        else:
            self._actions.gone(title)

    def _show_unforeseen(self) -> None:
        """Say that something failed that should not, in the window, too: it may have been a notification."""
        notice = unforeseen_notice(state_folder() / "log.txt")
        self._recent.tell_later(f"{notice.title}. {notice.body}")
        self._servers.tell(notice)

    def _say(self, what: str, why: str) -> None:
        """Say what could not be done, where somebody looks: in the window, else as a notification."""
        if not self._recent.tell(f"{what}: {why}"):
            self._servers.tell(not_done_notice(what, why))
