"""The settings window and what it needs: built when it is opened, gone when it is closed.

What the window asks for goes into config.toml (revisions.py), passwords go into the secret store, tests to the server.
What blocks runs in threads.

The report for a bug report: versions, desktop, and how each server does. Holds no password and no mail.

What is known at once comes first; what has to be asked comes from `doctor`, line by line, out of a thread.
"""

import asyncio
import contextlib
import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QUrl, qVersion
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QSystemTrayIcon

from mailpit_notifier import APP_NAME, __version__
from mailpit_notifier.actions import Actions
from mailpit_notifier.cli import doctor
from mailpit_notifier.config.store import Store
from mailpit_notifier.control.instance import state_folder
from mailpit_notifier.core.settings import Button, Server, Settings, default_servers
from mailpit_notifier.desktop.bus import notification_server
from mailpit_notifier.notify import texts
from mailpit_notifier.notify.notice import DEFAULT
from mailpit_notifier.notify.problem_notices import failure_notice
from mailpit_notifier.runtime.bridge import Channel, in_thread
from mailpit_notifier.runtime.tasks import Tasks
from mailpit_notifier.runtime.text import plain
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.ui import words
from mailpit_notifier.ui.activation import activation
from mailpit_notifier.ui.tray.icon import Tray

from .settings_writer import SettingsWriter, WriterCallbacks

if TYPE_CHECKING:  # loaded when the window is opened
    from mailpit_notifier.servers.connection_test import ConnectionTests
    from mailpit_notifier.ui.banner import Choices
    from mailpit_notifier.ui.settings.rules_page import Sample
    from mailpit_notifier.ui.settings.window import Pages, SettingsWindow


class SettingsController:
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
        self._revisions = SettingsWriter(store, servers, WriterCallbacks(refused=self._refused, failed=self._tell))
        self._trials: ConnectionTests | None = None
        self._report: asyncio.Task[None] | None = None

    def set_settings(self, settings: Settings) -> None:
        """The file says this now. While something of ours is being written, that is not the last word."""
        self._settings = settings
        if self._window and not self._store.is_writing:
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
        from mailpit_notifier.notify.problem_notices import CODE

        if action == Button.COPY:
            self._tasks.run(self._copy(CODE, activation_token))
        elif action == DEFAULT:
            self.show(activation_token)

    async def _copy(self, text: str, activation_token: str) -> None:
        await self._actions.copy(text, activation_token)

    def _made(self) -> "SettingsWindow":
        from mailpit_notifier.servers.connection_test import ConnectionTests
        from mailpit_notifier.ui.clicks import supported_clicks
        from mailpit_notifier.ui.settings.window import Pages, SettingsWindow

        places = (str(self._store.path), str(self._log))
        tray_clicks = supported_clicks(over_bus=self._tray.over_bus)
        self._pages = pages = Pages(tray_clicks, texts.choices(), places, overridden=self._store.overridden)
        window = SettingsWindow(pages.all, self._settings, state_folder() / "window.ini")
        window.edited.connect(self._revisions.write)
        window.finished.connect(self._on_closed)
        self._trials = trials = ConnectionTests(self._servers, self._tasks, self._say_of_server)
        pages.servers.test_wanted.connect(trials.start)
        pages.servers.test_cancelled.connect(trials.cancel)
        pages.servers.password_entered.connect(trials.save_password)
        pages.notifications.example_wanted.connect(self._on_example)
        pages.diagnostics.report_wanted.connect(self._on_report)
        pages.diagnostics.log_wanted.connect(partial(self._open, self._log))
        pages.diagnostics.file_wanted.connect(self._on_file)
        pages.start_up.autostart_wanted.connect(self._on_autostart)
        pages.rules.set_samples(self._samples())
        self._tasks.run(self._store.preload_editing())
        self._tasks.run(self._show_autostart())
        self._on_report()
        return window

    def _on_closed(self) -> None:
        if self._trials:
            self._trials.stop()
        if self._report:
            self._report.cancel()
        self._window = self._pages = self._trials = None
        self._revisions.settle()

    # The file

    async def _look_at_file(self) -> None:
        """A file that cannot be used is shown as it last could be, and that is said; as what of it is not used."""
        await self._store.reread()
        if self._store.problem:
            self._refused(self._store.problem)

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
            self._servers.show_notice(failure_notice(what, sentence))

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
        from mailpit_notifier.notify.problem_notices import example_notice

        self._servers.show_notice(example_notice(self._settings.notifications))

    def _samples(self) -> list["Sample"]:
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
        self._report = self._tasks.run(self._examine())

    async def _examine(self) -> None:

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


def facts(*, over_bus: bool, config: Path) -> Iterator[str]:
    """What is known without asking anybody."""
    yield f"{APP_NAME} {__version__}"
    yield f"Python {platform.python_version()}, Qt {qVersion()}, {platform.platform()}"
    desktop, kind = os.environ.get("XDG_CURRENT_DESKTOP", ""), os.environ.get("XDG_SESSION_TYPE", "")
    screens = ", ".join(
        f"{screen.size().width()}x{screen.size().height()} at {screen.devicePixelRatio():.0%}"
        for screen in QGuiApplication.screens()
    )
    yield f"Desktop: {desktop or platform.system()} {kind}".rstrip()
    yield f"Display: {QGuiApplication.platformName()}, {screens}"
    tray = "StatusNotifier" if over_bus else "there is one" if QSystemTrayIcon.isSystemTrayAvailable() else "none"
    yield f"Tray: {tray}"
    yield f"Configuration: {config if config.exists() else 'no file'}"


async def notification_service() -> str:
    """Who shows notifications, as it calls itself; "" where nobody does, or nobody says."""
    if not sys.platform.startswith("linux"):
        return ""
    return await notification_server()


async def examine(servers: Sequence[Server], put: Callable[[str], None]) -> None:
    """Ask the desktop and these servers; a line for each finding."""
    if service := await notification_service():
        put(f"Notifications: {plain(service, 200)}")
    channel = Channel(asyncio.get_running_loop(), put)
    try:
        await in_thread("report", _examine, servers, channel.put)
    except Exception as error:
        put(doctor.line(False, f"The examination ended with an unexpected error: {type(error).__name__}."))
        raise
    finally:
        channel.close()


def _examine(servers: Sequence[Server], put: Callable[[str], None]) -> None:
    for findings in (doctor.desktop(), *map(doctor.examine, servers)):
        for good, sentence in findings:
            put(doctor.line(good, sentence))
