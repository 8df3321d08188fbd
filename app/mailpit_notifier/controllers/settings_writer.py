"""What somebody changes in the settings window, on its way into config.toml, and the passwords that go with servers.

The file is the store's business. Passwords are moved and forgotten in a thread of their own, one after the other: the
secret store may ask a person, and no edit waits for that. Runs on the loop.
"""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.config.file import ConfigError, load
from mailpit_notifier.config.store import FINISH, Store
from mailpit_notifier.core.settings import Server
from mailpit_notifier.core.settings_edits import Edit, moved_server
from mailpit_notifier.runtime.bridge import Worker
from mailpit_notifier.runtime.tasks import Tasks
from mailpit_notifier.servers import passwords
from mailpit_notifier.servers.servers import Servers

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterCallbacks:
    """Who is told what: why an edit was refused, and what else could not be done."""

    refused: Callable[[str], None]
    failed: Callable[[str], None]


class SettingsWriter:
    """A removed server's password is kept until the next edit: so long it can be taken back."""

    def __init__(self, store: Store, servers: Servers, told: WriterCallbacks) -> None:
        self._store = store
        self._servers = servers
        self._told = told
        self._worker = Worker("passwords")
        self._tasks = Tasks()
        self._removed: tuple[Server, ...] = ()

    def write(self, edit: Edit) -> None:
        """Write it."""
        self._tasks.run(self._write(edit))

    def settle(self) -> None:
        """Nothing of what was written can be taken back any more."""
        self._tasks.run(self._settle())

    async def stop(self) -> None:
        """Finish, within FINISH."""
        await self._tasks.finish(FINISH)

    async def _settle(self) -> None:
        await self._store.preload_editing()  # after what is being written
        await self._forget(self._taken_removed())

    async def _write(self, edit: Edit) -> None:
        try:
            revision = await self._store.edit(edit)
        except ConfigError as error:
            self._told.refused(str(error))
            return
        before, after = revision.before, revision.after
        moved = moved_server(before, after)
        left, kept = self._taken_removed(), {server.key for server in (*after.servers, *(moved or ())[:1])}
        self._removed = tuple(server for server in before.servers if server.key not in kept)
        if moved:
            self._on_moved(moved[1], await self._worker.call(self._move, *moved))
        await self._forget(left)

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

    def _taken_removed(self) -> tuple[Server, ...]:
        removed, self._removed = self._removed, ()
        return removed

    async def _forget(self, gone: Collection[Server]) -> None:
        """Remove the passwords of deleted servers from the secret store."""
        if not gone:
            return
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

    def _move(self, before: Server, after: Server) -> passwords.StoreError | None:
        try:
            self._servers.passwords.move(before, after)
        except passwords.StoreError as reason:
            return reason
        return None

    def _forgotten(self, gone: Collection[Server]) -> list[tuple[Server, passwords.StoreError]]:
        """Those of which the store did not forget the password. One that is in the file again has it still."""
        failed = []
        kept = {passwords.store_name(server) for server in load(self._store.path)[0].servers}
        for server in gone:
            try:
                if passwords.store_name(server) not in kept:
                    passwords.delete_password(server)
            except passwords.StoreError as reason:
                failed.append((server, reason))
        return failed
