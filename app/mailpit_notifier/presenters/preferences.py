"""The settings window and what it needs: built when it is opened, gone when it is closed.

What the window asks for goes into config.toml (revisions.py), passwords go into the secret store, tests to the server.
What blocks runs in threads.
"""

import asyncio
import contextlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QDesktopServices

from mailpit_notifier.actions import Actions
from mailpit_notifier.bridge import in_thread
from mailpit_notifier.config.store import Store
from mailpit_notifier.control.instance import state_folder
from mailpit_notifier.core.settings import Button, Settings, default_servers
from mailpit_notifier.notify import texts
from mailpit_notifier.notify.notice import DEFAULT
from mailpit_notifier.notify.troubles import not_done_notice
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.tasks import Tasks
from mailpit_notifier.ui import words
from mailpit_notifier.ui.activation import activation
from mailpit_notifier.ui.tray import Tray

from .revisions import Revisions, Told

if TYPE_CHECKING:  # loaded when the window is opened
    from mailpit_notifier.servers.trial import Trials
    from mailpit_notifier.ui.banner import Choices
    from mailpit_notifier.ui.settings.pages import Pages
    from mailpit_notifier.ui.settings.rule_preview import Sample
    from mailpit_notifier.ui.settings.window import SettingsWindow


class Preferences:
    """`store` has the file."""

    def __init__(self, store: Store, servers: Servers, actions: Actions, tray: Tray) -> None:
        self._store = store
        self._log = state_folder() / "log.txt"
        self._servers = servers
        self._actions = actions
        self._tray = tray
        self._settings = Settings(servers=default_servers())
        self._window: SettingsWindow | None = None
        self._pages: Pages | None = None
        self._tasks = Tasks()
        self._revisions = Revisions(store, servers, Told(refused=self._refused, failed=self._tell))
        self._trials: Trials | None = None
        self._report: asyncio.Task[None] | None = None

    def set_settings(self, settings: Settings) -> None:
        """The file says this now. While something of ours is being written, that is not the last word."""
        self._settings = settings
        if self._window and not self._store.writing:
            self._window.set_settings(settings)

    def refresh(self) -> None:
        """Mails came or went."""
        if self._pages and self._pages.rules.isVisible():
            self._pages.rules.set_samples(self._samples())

    def show(self, activation_token: str = "", *, about_file: bool = False) -> None:
        """Show the window, in front; `about_file`: with what is wrong with the file."""
        made = self._window is None
        window = self._window = self._window or self._made()
        with activation(activation_token):
            window.present()
        if made or about_file:
            self._tasks.run(self._look_at_file())

    async def stop(self) -> None:
        """Close it; what is to be written is written."""
        if self._window:
            self._window.end()
        await self._revisions.stop()
        await self._tasks.stop()

    def act_on_example(self, action: str, activation_token: str) -> None:
        """Somebody clicked the example, or one of its buttons."""
        from mailpit_notifier.notify.example import CODE

        if action == Button.COPY:
            self._tasks.run(self._copy(CODE, activation_token))
        elif action == DEFAULT:
            self.show(activation_token)

    async def _copy(self, text: str, activation_token: str) -> None:
        await self._actions.copy(text, activation_token)

    def _made(self) -> "SettingsWindow":
        from mailpit_notifier.servers.trial import Trials
        from mailpit_notifier.ui.clicks import clicks
        from mailpit_notifier.ui.settings.pages import Pages
        from mailpit_notifier.ui.settings.window import SettingsWindow

        places = (str(self._store.path), str(self._log))
        tray_clicks = clicks(over_bus=self._tray.over_bus)
        self._pages = pages = Pages(tray_clicks, texts.choices(), places, overridden=self._store.overridden)
        window = SettingsWindow(pages.all, self._settings, state_folder() / "window.ini")
        window.edited.connect(self._revisions.write)
        window.finished.connect(self._on_closed)
        self._trials = trials = Trials(self._servers, self._tasks, self._say_of_server)
        pages.servers.test_wanted.connect(trials.start)
        pages.servers.test_cancelled.connect(trials.cancel)
        pages.servers.password_entered.connect(trials.keep)
        pages.notifications.example_wanted.connect(self._on_example)
        pages.diagnostics.report_wanted.connect(self._on_report)
        pages.diagnostics.log_wanted.connect(partial(self._open, self._log))
        pages.diagnostics.file_wanted.connect(self._on_file)
        pages.start_up.autostart_wanted.connect(self._on_autostart)
        pages.rules.set_samples(self._samples())
        self._tasks.run(self._store.prepare())
        self._tasks.run(self._show_autostart())
        self._on_report()
        return window

    def _on_closed(self) -> None:
        if self._trials:
            self._trials.end()
        if self._report:
            self._report.cancel()
        self._window = self._pages = self._trials = None
        self._revisions.settle()

    # The file

    async def _look_at_file(self) -> None:
        """A file that cannot be used is shown as it last could be, and that is said; as what of it is not used."""
        await self._store.reread()
        if self._store.trouble:
            self._refused(self._store.trouble)

    def _refused(self, sentence: str) -> None:
        """It was not written: show again what holds, and say why."""
        if self._window:
            self._window.set_settings(self._settings)
        self._tell(sentence, {QCoreApplication.translate("Preferences", "Open the file"): self._on_file})

    def _on_file(self) -> None:
        try:
            self._store.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._store.path.touch(mode=0o600)
        except OSError:
            self._not_opened(self._store.path)
        else:
            self._open(self._store.path)

    def _open(self, path: Path) -> None:
        if not (path.exists() and QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))):
            self._not_opened(path)

    def _not_opened(self, path: Path) -> None:
        text = QCoreApplication.translate("Preferences", "{path} could not be opened. It may not be there yet.")
        self._tell(text.format(path=path))

    def _tell(self, sentence: str, choices: "Choices | None" = None) -> None:
        """Say what could not be done; by a notification to who has closed the window meanwhile."""
        if self._window:
            self._window.tell(sentence, choices or {})
        else:
            what = QCoreApplication.translate("Preferences", "Not everything in the settings was done")
            self._servers.tell(not_done_notice(what, sentence))

    # Start-up

    def _on_autostart(self, on: bool) -> None:
        self._tasks.run(self._set_autostart(on))

    async def _set_autostart(self, on: bool) -> None:
        from mailpit_notifier.desktop import autostart

        try:
            await in_thread("autostart", autostart.enable if on else autostart.disable)
        except OSError as error:
            text = QCoreApplication.translate("Preferences", "The start at login could not be changed: {0}.")
            self._tell(text.format(error.strerror or error))
        await self._show_autostart()

    async def _show_autostart(self) -> None:
        from mailpit_notifier.desktop import autostart

        with contextlib.suppress(OSError):
            on = await in_thread("autostart", autostart.enabled)
            if self._pages:
                self._pages.start_up.set_autostart(on)

    def _say_of_server(self, sentence: str, *, running: bool) -> None:
        if self._pages:
            self._pages.servers.form.set_test(sentence, running=running)

    # Notifications, rules, diagnostics

    def _on_example(self) -> None:
        from mailpit_notifier.notify.example import example_notice

        self._servers.tell(example_notice(self._settings.notifications))

    def _samples(self) -> list["Sample"]:
        from mailpit_notifier.ui.settings.rule_preview import Sample

        found = (
            Sample(message=message, server=self._servers.names(key))
            for key, session in self._servers.sessions.items()
            for message in session.inbox.rows
        )
        return sorted(found, key=lambda sample: sample.message.created, reverse=True)

    def _on_report(self) -> None:
        if self._report:
            self._report.cancel()
        self._report = self._tasks.run(self._examine())

    async def _examine(self) -> None:
        from .diagnosis import examine, facts

        if not (pages := self._pages):
            return
        pages.diagnostics.start_report()
        statuses = self._servers.statuses()
        for line in (*facts(over_bus=self._tray.over_bus, config=self._store.path), *map(words.server_line, statuses)):
            pages.diagnostics.add_line(line)
        failing = {status.url for status in statuses if words.is_failing(status)}
        servers = [session.server for key, session in self._servers.sessions.items() if key in failing]
        await examine(servers, self._add_line)

    def _add_line(self, line: str) -> None:
        if self._pages:
            self._pages.diagnostics.add_line(line)
