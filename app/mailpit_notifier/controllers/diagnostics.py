"""What the settings window checks: a server with its Test button, and everything for the report of bug reports.

The Test button connects to a server once, from its password to live updates, as `doctor` does. A session does not fit,
because it never gives up. Cancelling a test takes effect at once.

The report starts with versions, desktop and server states, followed by the checks of `doctor` line by line. It contains
no passwords and no messages. Its checks run in a thread, everything else on the loop.
"""

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QCoreApplication, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSystemTrayIcon

from mailpit_notifier import APP_NAME, __version__
from mailpit_notifier.cli import doctor
from mailpit_notifier.client.probe import Answers
from mailpit_notifier.client.probe import examine as examine_server
from mailpit_notifier.core.settings import Server
from mailpit_notifier.desktop.bus import notification_server
from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.runtime.bridge import Channel, in_thread
from mailpit_notifier.runtime.tasks import Tasks
from mailpit_notifier.runtime.text import plain
from mailpit_notifier.servers.passwords import NOT_SAVED, StoreError, save_password
from mailpit_notifier.servers.servers import Servers


class TestResult(Protocol):
    """Shows a sentence, and whether the test is still running."""

    def __call__(self, sentence: str, *, running: bool) -> None: ...


class ConnectionTests:
    """Runs one test at a time, and saves the password for it. `show_result` shows the progress."""

    def __init__(self, servers: Servers, tasks: Tasks, show_result: TestResult) -> None:
        self._servers = servers
        self._tasks = tasks
        self._show_result = show_result
        self._running: asyncio.Task[None] | None = None

    def start(self, server: Server) -> None:
        """Test a server; ends a test that is running."""
        self.stop()
        self._show_result(QCoreApplication.translate("Settings", "Testing the connection…"), running=True)
        self._running = self._tasks.run(self._test(server))

    def cancel(self) -> None:
        """Cancel the test and clear its text."""
        if self._running:
            self.stop()
            self._show_result("", running=False)

    def stop(self) -> None:
        """Cancel the test and show nothing: the window is closed."""
        if self._running:
            self._running.cancel()
            self._running = None

    def save_password(self, server: Server, password: str) -> None:
        """Use a password from now on, and save it in the secret store."""
        self._servers.passwords.enter(server, server.user, password)
        if session := self._servers.sessions.get(server.key):
            session.retry()
        self._tasks.run(self._save_password(server, password))

    async def _test(self, server: Server) -> None:
        translate = QCoreApplication.translate
        text = ""
        try:
            async for step in examine_server(
                server, self._servers.passwords.with_credentials, self._servers.timing.client
            ):
                if isinstance(step, Answers):
                    text = translate("Settings", "Connected to {0}. Messages: {1}, unread: {2}.")
                    text = text.format(server.label, step.snapshot.total, step.snapshot.unread)
                    watching = translate("Settings", "Checking live updates for {0} s…").format(f"{step.seconds:g}")
                    self._show_result(f"{text} {watching}", running=True)
            text = f"{text} {translate('Settings', 'Live updates work.')}"
        except FaultError as error:
            text = f"{server.label}: {error.explain(translate)}"
        self._running = None
        self._show_result(text, running=False)

    async def _save_password(self, server: Server, password: str) -> None:
        text = QCoreApplication.translate("Settings", "The password was saved in the system's secret store.")
        try:
            await in_thread("secret store", save_password, server, server.user, password)
        except StoreError as error:
            text = QCoreApplication.translate("ServerPrompts", NOT_SAVED).format(error)
        self._show_result(text, running=self._running is not None)


def facts(*, over_bus: bool, config: Path) -> Iterator[str]:
    """Return the report lines about versions, desktop, display, tray and configuration."""
    import platform

    yield f"{APP_NAME} {__version__}"
    yield f"Python {platform.python_version()}, Qt {qVersion()}, {platform.platform()}"
    desktop, kind = os.environ.get("XDG_CURRENT_DESKTOP", ""), os.environ.get("XDG_SESSION_TYPE", "")
    screens = ", ".join(
        f"{screen.size().width()}x{screen.size().height()} at {screen.devicePixelRatio():.0%}"
        for screen in QGuiApplication.screens()
    )
    yield f"Desktop: {desktop or platform.system()} {kind}".rstrip()
    yield f"Display: {QGuiApplication.platformName()}, {screens}"
    tray = "StatusNotifier" if over_bus else "available" if QSystemTrayIcon.isSystemTrayAvailable() else "none"
    yield f"Tray: {tray}"
    yield f"Configuration: {config if config.exists() else 'no file'}"


async def examine(servers: Sequence[Server], put: Callable[[str], None]) -> int:
    """Check the desktop and these servers in a thread; pass each result line to `put` on the loop.

    Return the number of problems.
    """
    if service := await notification_server():
        put(f"Notifications: {plain(service, 200)}")
    channel = Channel(asyncio.get_running_loop(), put)
    try:
        return await in_thread("report", _run_checks, servers, channel.put)
    except Exception as error:
        put(doctor.line(False, f"The report is incomplete because of an unexpected error: {type(error).__name__}."))
        raise
    finally:
        channel.close()


def _run_checks(servers: Sequence[Server], put: Callable[[str], None]) -> int:
    problems = 0
    for findings in (doctor.desktop(), *map(doctor.examine, servers)):
        for good, sentence in findings:
            put(doctor.line(good, sentence))
            problems += not good
    return problems
