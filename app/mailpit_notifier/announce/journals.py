"""The journals of all servers: opened with their server, written again after a full disk, deleted with their server.

Apart from the announcer, which decides what is recorded in them. Runs on the loop.
"""

import asyncio
from collections.abc import Callable, Collection
from pathlib import Path

from .journal import Journal, remove_journal
from .timing import Timing


class Journals:
    """Open, close and delete the journals of servers.

    `on_disk_error(error)` is called when the disk starts to refuse writes, `on_disk_recovered()` when everything is
    written again, and `on_deleted(server)` before the journal of a server is deleted.
    """

    def __init__(
        self,
        timing: Timing,
        *,
        on_disk_error: Callable[[OSError], None],
        on_disk_recovered: Callable[[], None],
        on_deleted: Callable[[str], None],
    ) -> None:
        self._timing = timing
        self._on_disk_error = on_disk_error
        self._on_disk_recovered = on_disk_recovered
        self._on_deleted = on_deleted
        self._open: dict[str, Journal] = {}
        self._paths: dict[str, Path] = {}  # also of closed ones
        self._deletions: dict[str, asyncio.TimerHandle] = {}
        self._retry: asyncio.TimerHandle | None = None  # while the disk refuses writes

    def open(self, server: str, path: Path) -> Journal:
        """Open a server's journal, or return the open one, and cancel its deletion."""
        if timer := self._deletions.pop(server, None):
            timer.cancel()
        self._paths[server] = path
        if server not in self._open:
            self._open[server] = Journal(path, self._on_refused)
        return self._open[server]

    def close(self, server: str) -> None:
        """Write what is left and close a server's journal."""
        if journal := self._open.pop(server, None):
            journal.write()

    def delete_others(self, servers: Collection[str]) -> None:
        """Delete the journals of all servers but these, after `timing.delete_journal` seconds."""
        for server in self._paths.keys() - set(servers) - self._deletions.keys():
            loop = asyncio.get_running_loop()
            self._deletions[server] = loop.call_later(self._timing.delete_journal, self._delete, server)

    def stop(self) -> None:
        """Delete what is to be deleted, write the others, and cancel all timers."""
        for server, timer in tuple(self._deletions.items()):
            timer.cancel()
            self._delete(server)
        if self._retry:
            self._retry.cancel()
        for journal in self._open.values():
            journal.write()

    def _delete(self, server: str) -> None:
        self._deletions.pop(server, None)
        self._on_deleted(server)  # a late answer of the desktop must not write the file again
        self._open.pop(server, None)
        remove_journal(self._paths.pop(server))

    def _on_refused(self, error: OSError) -> None:
        if self._retry is None:
            self._on_disk_error(error)
            self._schedule_retry()

    def _write_again(self) -> None:
        written = [journal.write() for journal in self._open.values()]
        if all(written):
            self._retry = None
            self._on_disk_recovered()
        else:
            self._schedule_retry()

    def _schedule_retry(self) -> None:
        self._retry = asyncio.get_running_loop().call_later(self._timing.disk_retry, self._write_again)
