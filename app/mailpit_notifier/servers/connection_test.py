"""Tries one server as a session would, from its password to live updates, once: the settings window's Test.

Apart from the session, which never gives up. Runs on the loop; whoever cancels it waits for nothing.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Protocol

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.client.probe import check_live_updates, check_rest, explain_rest_fault
from mailpit_notifier.client.transport import dial
from mailpit_notifier.core.settings import Server
from mailpit_notifier.protocol.events import Snapshot
from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.runtime.bridge import in_thread
from mailpit_notifier.runtime.tasks import Tasks

from .passwords import NOT_KEPT, StoreError, keep
from .servers import Servers


class TestResult(Protocol):
    """Shows a sentence, and whether more is to come."""

    def __call__(self, sentence: str, *, running: bool) -> None: ...


class ConnectionTests:
    """One test at a time, and the password that it needs, which is kept. `say` shows how it goes."""

    def __init__(self, servers: Servers, tasks: Tasks, say: TestResult) -> None:
        self._servers = servers
        self._tasks = tasks
        self._say = say
        self._running: asyncio.Task[None] | None = None

    def start(self, server: Server) -> None:
        """Try a server."""
        self.end()
        self._say(QCoreApplication.translate("Settings", "Trying…"), running=True)
        self._running = self._tasks.run(self._try(server))

    def cancel(self) -> None:
        """Somebody wants to know no more."""
        if self._running:
            self.end()
            self._say("", running=False)

    def end(self) -> None:
        """Nobody is there to be told any more."""
        if self._running:
            self._running.cancel()
            self._running = None

    def keep(self, server: Server, password: str) -> None:
        """Use a password from now on, and put it into the secret store."""
        self._servers.passwords.enter(server, server.user, password)
        if session := self._servers.sessions.get(server.key):
            session.retry()
        self._tasks.run(self._keep(server, password))

    async def _try(self, server: Server) -> None:
        try:
            snapshot = await try_out(server, self._servers.passwords.unlocked)
        except FaultError as error:
            text = f"{server.label}: {QCoreApplication.translate('Fault', error.fault.sentence)}"
        else:
            text = QCoreApplication.translate(
                "Settings", "{0} answers: {1} mails, {2} unread. Live updates get through."
            )
            text = text.format(server.label, snapshot.total, snapshot.unread)
        self._running = None
        self._say(text, running=False)

    async def _keep(self, server: Server, password: str) -> None:
        text = QCoreApplication.translate("Settings", "The password is kept in the system's secret store.")
        try:
            await in_thread("secret store", keep, server, server.user, password)
        except StoreError as error:
            text = QCoreApplication.translate("Questions", NOT_KEPT).format(error)
        self._say(text, running=self._running is not None)


async def try_out(server: Server, unlock: Callable[[Server], ServerUrl]) -> Snapshot:
    """What the server says of its mails; live updates get through, too. Raises FaultError.

    `unlock` gives its address with the password, and may block: the secret store can ask a person.
    """
    url = await in_thread("password", unlock, server)
    way = partial(dial, access=server.access)
    try:
        snapshot = await check_rest(url, way)
    except FaultError as error:
        raise await explain_rest_fault(url, way, error) from None
    await check_live_updates(url, way)
    return snapshot
