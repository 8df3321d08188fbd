"""Controls the settings window: creates it when it is opened, and connects its pages to the rest of the program.

- Edits go to config.toml and passwords to the secret store (settings_writer.py).
- Connection tests, autostart and the report run in threads, since they block. Everything else runs on the loop.
- diagnostics.py has the connection test and the report.
"""

import asyncio
import contextlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QDesktopServices

from mailpit_notifier.actions import Actions
from mailpit_notifier.config.store import FINISH, Store
from mailpit_notifier.control.instance import state_folder
from mailpit_notifier.core.settings import Button, Settings, default_servers
from mailpit_notifier.notify import texts
from mailpit_notifier.notify.notice import DEFAULT
from mailpit_notifier.notify.problem_notices import failure_notice
from mailpit_notifier.runtime.bridge import in_thread
from mailpit_notifier.runtime.tasks import Tasks
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.ui import words
from mailpit_notifier.ui.opening import activation
from mailpit_notifier.ui.tray.icon import Tray

from .settings_writer import SettingsWriter, WriterCallbacks

if TYPE_CHECKING:  # loaded when the window is opened
    from mailpit_notifier.ui.banner import Choices
    from mailpit_notifier.ui.settings.rules_page import Sample
    from mailpit_notifier.ui.settings.settings_window import Pages, SettingsWindow

    from .diagnostics import ConnectionTests


class SettingsController:
    """Opens the settings window, and handles its signals. `finish_seconds` limits writing when the program quits."""

    def __init__(
        self, store: Store, servers: Servers, actions: Actions, tray: Tray, *, finish_seconds: float = FINISH
    ) -> None:
        self._store = store
        self._log = state_folder() / "log.txt"
        self._servers = servers
        self._actions = actions
        self._tray = tray
        self._settings = Settings(servers=default_servers())
        self._window: SettingsWindow | None = None
        self._pages: Pages | None = None
        self._tasks = Tasks()
        callbacks = WriterCallbacks(refused=self._on_refused, failed=self._show_error, written=self._on_written)
        self._writer = SettingsWriter(store, servers, callbacks, finish_seconds=finish_seconds)
        self._connection_tests: ConnectionTests | None = None
        self._report: asyncio.Task[None] | None = None

    def set_settings(self, settings: Settings) -> None:
        """Show these settings from the file, unless an edit is being written: its result follows."""
        self._settings = settings
        if self._window and not self._store.is_writing:
            self._window.set_settings(settings)

    def refresh(self) -> None:
        """Update the rule preview after messages were added or removed."""
        if self._pages and self._pages.rules.isVisible():
            self._pages.rules.set_samples(self._recent_samples())

    def show(self, activation_token: str = "", *, check_file: bool = False) -> None:
        """Show the window in front. With `check_file`, also report a problem in config.toml."""
        made = self._window is None
        window = self._window = self._window or self._create_window()
        with activation(activation_token):
            window.present()
        if made or check_file:
            self._tasks.run(self._check_file())

    async def stop(self) -> None:
        """Close the window and finish writing."""
        if self._window:
            self._window.end()
        await self._writer.stop()
        await self._tasks.stop()

    def act_on_sample(self, action: str, activation_token: str) -> None:
        """Handle a click on the sample notification or its buttons."""
        from mailpit_notifier.notify.problem_notices import CODE

        if action == Button.COPY:
            self._actions.copy_soon(CODE, activation_token)
        elif action == DEFAULT:
            self.show(activation_token)

    def _create_window(self) -> "SettingsWindow":
        from mailpit_notifier.ui.settings.settings_window import Pages, SettingsWindow
        from mailpit_notifier.ui.tray.panel import supported_clicks

        from .diagnostics import ConnectionTests

        places = (str(self._store.path), str(self._log))
        tray_clicks = supported_clicks(over_bus=self._tray.over_bus)
        self._pages = pages = Pages(tray_clicks, texts.choices(), places, overridden=self._store.overridden)
        window = SettingsWindow(pages.all, self._settings, state_folder() / "window.ini")
        window.edited.connect(self._writer.write)
        window.finished.connect(self._on_closed)
        self._connection_tests = tests = ConnectionTests(self._servers, self._tasks, self._show_test_result)
        pages.servers.test_requested.connect(tests.start)
        pages.servers.test_cancelled.connect(tests.cancel)
        pages.servers.password_entered.connect(tests.save_password)
        pages.notifications.sample_requested.connect(self._on_sample)
        pages.diagnostics.report_requested.connect(self._on_report)
        pages.diagnostics.log_requested.connect(partial(self._open, self._log))
        pages.diagnostics.config_file_requested.connect(self._open_config)
        pages.general.autostart_changed.connect(self._on_autostart)
        pages.rules.set_samples(self._recent_samples())
        self._tasks.run(self._store.preload_editing())
        self._tasks.run(self._show_autostart())
        self._on_report()
        return window

    def _on_closed(self) -> None:
        if self._connection_tests:
            self._connection_tests.stop()
        if self._report:
            self._report.cancel()
        self._window = self._pages = self._connection_tests = None
        self._writer.finish_removals()

    # The file

    async def _check_file(self) -> None:
        """Read config.toml again, and report a problem in it. Invalid values keep their last valid setting."""
        await self._store.reread()
        if self._store.problem:
            self._on_refused(self._store.problem)

    def _on_written(self) -> None:
        if self._window:
            self._window.say_saved()

    def _on_refused(self, sentence: str) -> None:
        """Report why an edit was not written, and show the current settings again."""
        if self._window:
            self._window.set_settings(self._settings)
        self._show_error(sentence, {QCoreApplication.translate("Preferences", "Open the file"): self._open_config})

    def _open_config(self) -> None:
        try:
            self._store.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._store.path.touch(mode=0o600)
        except OSError:
            self._show_not_opened(self._store.path)
        else:
            self._open(self._store.path)

    def _open(self, path: Path) -> None:
        if not (path.exists() and QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))):
            self._show_not_opened(path)

    def _show_not_opened(self, path: Path) -> None:
        text = QCoreApplication.translate("Preferences", "Cannot open {path}. It may not exist yet.")
        self._show_error(text.format(path=path))

    def _show_error(self, sentence: str, choices: "Choices | None" = None) -> None:
        """Show an error in the window, or as a notification if the window is closed."""
        if self._window:
            self._window.show_error(sentence, choices or {})
        else:
            title = QCoreApplication.translate("Preferences", "A change in the settings failed")
            self._servers.show_notice(failure_notice(title, sentence))

    # Start-up

    def _on_autostart(self, on: bool) -> None:
        self._tasks.run(self._set_autostart(on))

    async def _set_autostart(self, on: bool) -> None:
        from mailpit_notifier.desktop import autostart

        try:
            await in_thread("autostart", autostart.enable if on else autostart.disable)
        except OSError as error:
            text = QCoreApplication.translate("Preferences", "Cannot change the start at login: {0}.")
            self._show_error(text.format(error.strerror or error))
        await self._show_autostart()

    async def _show_autostart(self) -> None:
        from mailpit_notifier.desktop import autostart

        with contextlib.suppress(OSError):
            on = await in_thread("autostart", autostart.enabled)
            if self._pages:
                self._pages.general.set_autostart(on)

    def _show_test_result(self, sentence: str, *, running: bool) -> None:
        if self._pages:
            self._pages.servers.form.set_test(sentence, running=running)

    # Notifications, rules, diagnostics

    def _on_sample(self) -> None:
        from mailpit_notifier.notify.problem_notices import example_notice

        self._servers.show_notice(example_notice(self._settings.notifications))

    def _recent_samples(self) -> list["Sample"]:
        from mailpit_notifier.ui.settings.rules_page import Sample

        found = (
            Sample(message=message, server=self._servers.names(key))
            for key, session in self._servers.sessions.items()
            for message in session.inbox.rows
        )
        return sorted(found, key=lambda sample: sample.message.created, reverse=True)

    def _on_report(self) -> None:
        if self._report:
            self._report.cancel()
        self._report = self._tasks.run(self._run_report())

    async def _run_report(self) -> None:
        if not (pages := self._pages):
            return
        from .diagnostics import examine, facts

        pages.diagnostics.start_report()
        statuses = self._servers.statuses()
        for line in (*facts(over_bus=self._tray.over_bus, config=self._store.path), *map(words.server_line, statuses)):
            pages.diagnostics.add_line(line)
        failing = {status.url for status in statuses if words.is_failing(status)}
        servers = [session.server for key, session in self._servers.sessions.items() if key in failing]
        problems = await examine(servers, self._add_line)
        if self._pages:
            self._pages.diagnostics.end_report(problems)

    def _add_line(self, line: str) -> None:
        if self._pages:
            self._pages.diagnostics.add_line(line)
