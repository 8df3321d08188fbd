"""The Test button of the settings: connects to a server once, from its password to live updates, as `doctor` does.

Not done by a session, which never gives up. Runs on the loop; cancelling it takes effect at once.
"""

import asyncio
from typing import Protocol

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.client.probe import Answers, examine
from mailpit_notifier.core.settings import Server
from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.runtime.bridge import in_thread
from mailpit_notifier.runtime.tasks import Tasks

from .passwords import NOT_SAVED, StoreError, save_password
from .servers import Servers


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
            async for step in examine(server, self._servers.passwords.with_credentials, self._servers.timing.client):
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
