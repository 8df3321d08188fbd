"""What somebody changes in the settings window, on its way into config.toml, and the passwords that go with servers.

One after the other in a thread of its own: the file is read anew before each, so that what was changed there by hand
meanwhile is kept, and the secret store may ask a person. Waited for on the loop.
"""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.bridge import Worker
from mailpit_notifier.config.file import ConfigError, load
from mailpit_notifier.core.edits import Edit, moved_server
from mailpit_notifier.core.settings import Server, Settings
from mailpit_notifier.servers import passwords
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.tasks import Tasks

log = logging.getLogger(__name__)

FINISH = 0.1
"""Seconds that the end of the program waits for what is being written: it takes a tenth of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Who is told what: what the file says after an edit, why one was refused, what else could not be done."""

    applied: Callable[[Settings], None]
    refused: Callable[[str], None]
    failed: Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of an edit. `left` are the servers that the edit before had removed, `error` what the store said."""

    settings: Settings
    moved: tuple[Server, Server] | None
    left: tuple[Server, ...]
    error: passwords.StoreError | None = None


class Revisions:
    """`config` is the file. A removed server's password is kept until the next edit: so long it can be taken back."""

    def __init__(self, config: Path, servers: Servers, told: Told) -> None:
        self._config = config
        self._servers = servers
        self._told = told
        self._worker = Worker("settings")
        self._tasks = Tasks()
        self._removed: tuple[Server, ...] = ()  # the thread's
        self._waiting = 0

    @property
    def waiting(self) -> bool:
        """Whether something is being written: what the file says now is not the last word."""
        return self._waiting > 0

    async def prepare(self) -> None:
        """Load what writes: it takes longer than writing."""
        await self._worker.call(import_edits)

    def write(self, edit: Edit) -> None:
        """Write it."""
        self._tasks.run(self._write(edit))

    def settle(self) -> None:
        """Nothing of what was written can be taken back any more."""
        self._tasks.run(self._forget(self._taken_removed))

    async def stop(self) -> None:
        """Finish, within FINISH."""
        await self._tasks.finish(FINISH)

    async def _write(self, edit: Edit) -> None:
        self._waiting += 1
        try:
            outcome = await self._worker.call(self._written, edit)
        except ConfigError as error:
            self._told.refused(str(error))
            return
        finally:
            self._waiting -= 1
        self._told.applied(outcome.settings)
        if outcome.moved:
            self._on_moved(outcome.moved[1], outcome.error)
        if outcome.left:
            await self._forget(lambda: outcome.left)

    def _on_moved(self, server: Server, error: passwords.StoreError | None) -> None:
        if error:
            text = QCoreApplication.translate(
                "Preferences",
                "The password of {server} did not get to its new address: the secret store failed ({error}). "
                "Enter it again.",
            )
            self._told.failed(text.format(server=server.label, error=error))
        elif session := self._servers.sessions.get(server.key):
            session.retry()  # the store may have asked somebody, and the file was heard of before

    async def _forget(self, gone: Callable[[], Collection[Server]]) -> None:
        """They would stay in the secret store for ever, for nothing."""
        try:
            failed = await self._worker.call(self._forgotten, gone)
        except ConfigError as broken:  # which servers there are is not known: nothing is forgotten
            log.warning("%s", broken)
            return
        for server, error in failed:
            text = QCoreApplication.translate(
                "Preferences", "The password of {server} is still in the secret store, which failed ({error})."
            )
            self._told.failed(text.format(server=server.label, error=error))

    # In the thread

    def _written(self, edit: Edit) -> Outcome:
        """Raises ConfigError."""
        from mailpit_notifier.config.edits import revise

        read: list[Settings] = []

        def edited(settings: Settings) -> Settings:
            read.append(settings)
            return edit(settings)

        after = revise(self._config, edited)
        before = read[0]
        moved = moved_server(before, after)
        left, kept = self._taken_removed(), {server.key for server in (*after.servers, *(moved or ())[:1])}
        self._removed = tuple(server for server in before.servers if server.key not in kept)
        error = self._move(*moved) if moved else None
        return Outcome(settings=after, moved=moved, left=left, error=error)

    def _move(self, before: Server, after: Server) -> passwords.StoreError | None:
        try:
            self._servers.passwords.move(before, after)
        except passwords.StoreError as reason:
            return reason
        return None

    def _taken_removed(self) -> tuple[Server, ...]:
        removed, self._removed = self._removed, ()
        return removed

    def _forgotten(self, gone: Callable[[], Collection[Server]]) -> list[tuple[Server, passwords.StoreError]]:
        """Those of which the store did not forget the password. One that is in the file again has it still."""
        failed = []
        servers = gone()
        kept = self._kept() if servers else set[str]()
        for server in servers:
            try:
                if passwords.store_name(server) not in kept:
                    passwords.forget(server)
            except passwords.StoreError as reason:
                failed.append((server, reason))
        return failed

    def _kept(self) -> set[str]:
        return {passwords.store_name(server) for server in load(self._config)[0].servers}


def import_edits() -> None:
    """Import what writes; from any thread."""
    import mailpit_notifier.config.edits  # noqa: F401 - later it is there
