"""The tray icon and the message window with their controllers: connects them, and keeps both up to date.

Requests of the user arrive as signals and go to the controllers or the servers. `App` reports changes on the servers,
which are shown. Nothing here starts or ends a session. Runs on the loop.
"""

import asyncio
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mailpit_notifier.config.store import Store
from mailpit_notifier.control.instance import state_folder
from mailpit_notifier.controllers.first_start import FirstStart
from mailpit_notifier.controllers.notification_warning import NotificationWarning
from mailpit_notifier.controllers.row_actions import RowActions
from mailpit_notifier.controllers.server_offers import ServerOffers
from mailpit_notifier.controllers.server_prompts import ServerPrompts
from mailpit_notifier.controllers.settings_controller import SettingsController
from mailpit_notifier.controllers.window_controller import TrayPresence, WindowController
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.settings import Settings
from mailpit_notifier.desktop.obstacles import IsTurnedOff
from mailpit_notifier.notify.problem_notices import failure_notice
from mailpit_notifier.runtime.tasks import Tasks
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.ui.timing import Throttle
from mailpit_notifier.ui.tray.icon import Tray
from mailpit_notifier.ui.tray.menu import NEWEST
from mailpit_notifier.ui.window.list_model import Row

from .actions import Actions
from .ui import words

if TYPE_CHECKING:  # loaded when the window is first opened
    from mailpit_notifier.ui.window.window import RecentWindow


class UserInterface:
    """`first_start`: whether the program was never configured.

    `tray` also emits the window's requests to pause, mute or quit, so that `App` connects each of them once.
    """

    def __init__(
        self,
        tray: Tray,
        servers: Servers,
        store: Store,
        prompts: ServerPrompts,
        tasks: Tasks,
        is_turned_off: IsTurnedOff,
        *,
        first_start: bool,
    ) -> None:
        self._tray = tray
        self._servers = servers
        self._prompts = prompts
        self._unseen = 0
        self._throttle = Throttle(tray)
        self._throttle.due.connect(self.refresh)
        self.window = WindowController(servers, tray, state_folder() / "window.ini", self._connect_window)
        self.presence = TrayPresence(tray, self.window)
        self.actions = Actions(servers, self.window.show, self._show_error)
        self.settings = SettingsController(store, servers, self.actions, tray)
        self._row_actions = RowActions(servers, self.actions, self.window.show_status, self._show_error)
        self.first_start = FirstStart(
            store, servers, partial(self._show_demo, store), self._show_error, is_first=first_start
        )
        ignored = state_folder() / "ignored_servers.json"
        self.offers = ServerOffers(store, self.first_start, self.window, ignored, self._show_error)
        self._warning = NotificationWarning(tasks, lambda: self.first_start.was_reached, is_turned_off)
        self._connect_tray()

    async def stop(self) -> None:
        """Stop the controllers. `close` stops the demo."""
        parts = (self.actions, self._row_actions, self.window, self.first_start, self.offers, self.presence)
        await asyncio.gather(*(part.stop() for part in parts), return_exceptions=True)

    def hide(self) -> None:
        """Hide tray icon and window."""
        self._tray.hide()
        self.window.hide()

    def close(self) -> None:
        """Stop the demo server, which must not outlive the program."""
        self.first_start.close()

    # What changed

    def refresh(self) -> None:
        """Show the servers' status and messages as they are now. Takes some milliseconds: see `refresh_soon`."""
        statuses = self._servers.statuses()
        self._tray.set_statuses(statuses)
        self._tray.set_unseen(self._unseen)
        self._tray.set_newest(
            tuple(Row(server=server, message=message) for server, message in self._servers.messages.newest(NEWEST))
        )
        self.window.set_statuses(statuses)
        self.first_start.set_statuses(statuses)
        self.settings.refresh()

    def refresh_soon(self) -> None:
        """Refresh at most four times a second, however often this is called."""
        self._throttle.request()

    def show_change(self, server: str, change: Change, news: int) -> None:
        """Show a change of a server's visible messages; `news` is how many of them are new to the user."""
        self.window.apply(server, change)
        if news and not self.window.visible:
            self._unseen += news
        self.refresh_soon()

    def update_settings(self, settings: Settings) -> None:
        """Use the window's and the tray's settings."""
        self.window.update_settings(settings)
        self._tray.set_choices(settings.tray)

    def set_paused(self, until: datetime | None) -> None:
        """Show until when notifications are paused; None while they are not."""
        self._tray.set_paused(until)
        self.window.set_paused(until)

    # What the user asks for

    def _connect_tray(self) -> None:
        self._tray.window_toggled.connect(self.window.toggle)
        self._tray.window_requested.connect(self.window.show)
        self._tray.message_opened.connect(self._open_tray_row)
        self._tray.mailbox_opened.connect(self._open_tray_mailbox)
        self._tray.retry_requested.connect(self._servers.retry)
        self._tray.retry_requested.connect(self.offers.search)
        self._tray.settings_requested.connect(self.settings.show)

    def _connect_window(self, window: "RecentWindow") -> None:
        window.message_opened.connect(self._open_row)
        window.mailbox_opened.connect(self.actions.open_page)
        window.retry_requested.connect(self._servers.retry)
        window.prompt_requested.connect(partial(self._prompts.ask, window=window))
        self._row_actions.attach(window)
        window.test_requested.connect(self.actions.send_test)
        self.first_start.attach(window)
        self.offers.attach(window)
        self._warning.attach(window)
        window.pause_requested.connect(self._tray.pause_requested)
        window.mute_requested.connect(self._tray.mute_requested)
        window.settings_requested.connect(self.settings.show)
        window.quit_requested.connect(self._tray.quit_requested)
        window.shown.connect(self._on_window_shown)
        window.restored.connect(self._on_window_shown)
        window.hidden.connect(partial(self._servers.set_window_shown, shown=False))

    def _on_window_shown(self) -> None:
        self._unseen = 0
        self._servers.retry()
        self.offers.search()
        self._servers.set_window_shown(shown=True)
        self.refresh_soon()

    def _open_row(self, row: Row) -> None:
        self.actions.open((row.server, row.message.id))

    def _open_tray_row(self, row: Row) -> None:
        """Open a message, or, where its server is not connected, the window: it shows why the page cannot open."""
        if self._is_failing(row.server):
            self.window.open_row(row)
        else:
            self._open_row(row)

    def _open_tray_mailbox(self, server: str) -> None:
        """Open the mailbox of a server, or, where it is not connected, the window: it shows why, and what helps."""
        if self._is_failing(server):
            self.window.show()
        else:
            self.actions.open_page(server)

    def _is_failing(self, server: str) -> bool:
        session = self._servers.sessions.get(server)
        return session is not None and words.is_failing(session.status)

    def _show_demo(self, store: Store, url: str, journals: Path) -> None:
        """Use only the demo server until the program ends, as if it had been started with --demo."""
        self._servers.set_journal_folder(journals)
        store.override_server(url)

    def _show_error(self, title: str, reason: str) -> None:
        """Show what could not be done: in the window if it is visible, else as a notification."""
        if not self.window.show_error(f"{title}: {reason}"):
            self._servers.show_notice(failure_notice(title, reason))
