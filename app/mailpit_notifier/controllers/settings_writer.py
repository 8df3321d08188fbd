"""Writes edits from the settings window to config.toml, and keeps stored passwords in step with them.

config.store writes the file. Passwords are moved and deleted one after another in a separate thread, because the secret
store may ask the user to unlock it; edits do not wait for that. Everything else runs on the loop.
"""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.config.file import ConfigError, load
from mailpit_notifier.config.store import FINISH, Store
from mailpit_notifier.core.settings import Server
from mailpit_notifier.core.settings_file import Edit, moved_server
from mailpit_notifier.runtime.bridge import Worker
from mailpit_notifier.runtime.tasks import Tasks
from mailpit_notifier.servers import passwords
from mailpit_notifier.servers.servers import Servers

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterCallbacks:
    """`refused` gets the reason why an edit was not written, `failed` any other error; `written`: it is in the file."""

    refused: Callable[[str], None]
    failed: Callable[[str], None]
    written: Callable[[], None] = lambda: None


class SettingsWriter:
    """Writes edits. A removed server's password is deleted at the next edit, because Undo is offered until then."""

    def __init__(
        self, store: Store, servers: Servers, callbacks: WriterCallbacks, *, finish_seconds: float = FINISH
    ) -> None:
        self._store = store
        self._servers = servers
        self._callbacks = callbacks
        self._finish_seconds = finish_seconds
        self._worker = Worker("passwords")
        self._tasks = Tasks()
        self._removed: tuple[Server, ...] = ()

    def write(self, edit: Edit) -> None:
        """Write an edit in the background, after earlier ones."""
        self._tasks.run(self._write(edit))

    def finish_removals(self) -> None:
        """Delete the passwords of removed servers: Undo is no longer offered."""
        self._tasks.run(self._finish_removals())

    async def stop(self) -> None:
        """Finish writing, within `finish_seconds`."""
        await self._tasks.finish(self._finish_seconds)

    async def _finish_removals(self) -> None:
        await self._store.preload_editing()  # waits for edits in progress
        await self._forget(self._pop_removed())

    async def _write(self, edit: Edit) -> None:
        try:
            revision = await self._store.edit(edit)
        except ConfigError as error:
            self._callbacks.refused(str(error))
            return
        self._callbacks.written()
        before, after = revision.before, revision.after
        moved = moved_server(before, after)
        expired, kept = self._pop_removed(), {server.key for server in (*after.servers, *(moved or ())[:1])}
        self._removed = tuple(server for server in before.servers if server.key not in kept)
        if moved:
            self._on_moved(moved[1], await self._worker.call(self._move, *moved))
        await self._forget(expired)

    def _on_moved(self, server: Server, error: passwords.StoreError | None) -> None:
        if error:
            text = QCoreApplication.translate(
                "Preferences",
                "Cannot move the password of {server} to its new address: the secret store failed ({error}). "
                "Enter it again.",
            )
            self._callbacks.failed(text.format(server=server.label, error=error))
        elif session := self._servers.sessions.get(server.key):
            session.retry()  # its first attempt may have been before the password was moved

    def _pop_removed(self) -> tuple[Server, ...]:
        removed, self._removed = self._removed, ()
        return removed

    async def _forget(self, gone: Collection[Server]) -> None:
        """Remove the passwords of deleted servers from the secret store."""
        if not gone:
            return
        try:
            failed = await self._worker.call(self._forget_passwords, gone)
        except ConfigError as broken:  # the remaining servers are unknown: delete nothing
            log.warning("%s", broken)
            return
        for server, error in failed:
            text = QCoreApplication.translate(
                "Preferences", "Cannot delete the password of {server}: the secret store failed ({error})."
            )
            self._callbacks.failed(text.format(server=server.label, error=error))

    # In the thread

    def _move(self, before: Server, after: Server) -> passwords.StoreError | None:
        try:
            self._servers.passwords.move(before, after)
        except passwords.StoreError as reason:
            return reason
        return None

    def _forget_passwords(self, gone: Collection[Server]) -> list[tuple[Server, passwords.StoreError]]:
        """Return the servers whose password cannot be deleted. Those that are in the file again keep theirs."""
        failed = []
        kept = {passwords.store_name(server) for server in load(self._store.path)[0].servers}
        for server in gone:
            try:
                if passwords.store_name(server) not in kept:
                    passwords.delete_password(server)
            except passwords.StoreError as reason:
                failed.append((server, reason))
        return failed
