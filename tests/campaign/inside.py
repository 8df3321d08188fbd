"""The program without its window and desktop, in the process of the test: what is its own from socket to journal.

A kill is told from an end by what reaches the disk: nothing more from that moment on. Waiting times are those of a
smaller world, so that an hour of faults fits into a minute.
"""

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from mailpit_notifier.announce import journals
from mailpit_notifier.announce.timing import Timing
from mailpit_notifier.client import calls, feed, rest, session, sync
from mailpit_notifier.client import retry_policy as backoff
from mailpit_notifier.client import retry_policy as patience
from mailpit_notifier.core.limits import BurstTiming
from mailpit_notifier.core.settings import COLORS, Settings, servers_from
from mailpit_notifier.core.status import Link
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.servers import servers
from mailpit_notifier.servers.timing import Timing as ServersTiming

from .ledger import Disk, Ledger, Recorder, RecordingJournal

QUICK = {
    backoff: {"FIRST": 0.05},
    patience: {"LONGEST": 0.8, "LONGEST_LOCAL": 0.4, "STEADY": 0.5},
    session: {"HANDSHAKE": 1.5, "UPGRADE": 0.6},
    calls: {"CALL": 1.8},
    sync: {"LONGEST_LOCAL": 0.4, "LONGEST": 0.4, "QUIET": 0.3, "BETWEEN_SNAPSHOTS": 0.1, "POLLING": 0.3},
    feed: {"PING_AFTER": 0.3, "DEAD_AFTER": 0.8, "HANDSHAKE_TIMEOUT": 1.5},
    rest: {"TIMEOUT": 1.5},
}

ANNOUNCING = Timing(
    settle=0.1,
    one_summary=1e9,
    disk_retry=0.1,
    unnoticed=2.5,
    stop=5.0,
    first_summary=0.1,
    between_summaries=0.3,
    burst=BurstTiming(short=1.0, long=5.0, quiet=0.5, long_quiet=1.0),
    margin=timedelta(seconds=1.5),
)


@contextmanager
def quick() -> Iterator[None]:
    """Let all that waits wait shortly."""
    with ExitStack() as stack:
        for module, values in QUICK.items():
            stack.enter_context(patch.multiple(module, **values))
        yield


NOBODY = servers.ServerCallbacks(
    changed=lambda *_: None,
    status_changed=lambda: None,
    open_wanted=lambda _: None,
    not_deleted=lambda *_: None,
    deletions_changed=lambda: None,
)
"""There is no window, and no desktop."""

PATIENCE = 15.0


async def until(condition: Callable[[], object]) -> None:
    """Wait until it is true."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)


class InProcess:
    """One after the other, runs of the program with the same journals. Use on a loop, within `quick`."""

    def __init__(self, url: str, folder: Path, ledger: Ledger, dice: random.Random) -> None:
        self.ledger = ledger
        self.slow = False
        self.disk = Disk()
        self._settings = Settings(servers=servers_from([url]))
        self._folder = folder
        self._dice = dice
        self._recorder: Recorder
        self._journals: list[RecordingJournal] = []
        self._servers: servers.Servers | None = None

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._servers is not None

    @property
    def rows(self) -> tuple[Message, ...]:
        """What the window shows."""
        return self._session.inbox.rows

    @property
    def counts(self) -> tuple[int | None, int | None]:
        """Total and unread as the window shows them."""
        return self._session.inbox.total, self._session.inbox.unread

    async def at_rest(self) -> bool:
        """Whether it is connected, and nothing waits to be announced."""
        link = self._session.status.link if self._servers else None
        return link is Link.CONNECTED and not any(journal.pending for journal in self._journals)

    async def start(self) -> None:
        """Start it."""
        self._recorder = Recorder(self.ledger, self._dice)
        self._recorder.slow = self.slow
        self._journals = []
        with patch.object(journals, "Journal", self._journal):
            self._servers = servers.Servers(
                self._recorder, self._folder, NOBODY, timing=ServersTiming(announce=ANNOUNCING)
            )
            self._servers.start(self._settings)

    async def set_slow(self, slow: bool) -> None:
        """Let the desktop take its time."""
        self.slow = self._recorder.slow = slow

    def set_full(self, full: bool) -> None:
        """Let there be no room for what is noted, or again."""
        self.disk.is_full = full

    def reload(self) -> None:
        """The user gives the server another colour."""
        server = self._settings.servers[0]
        color = next(color for color in COLORS if color != server.color)
        self._settings = Settings(servers=(replace(server, color=color),))
        if self._servers:
            self._servers.update_settings(self._settings)

    def wake(self) -> None:
        """The machine has slept."""
        if self._servers:
            self._servers.wake()

    async def quit(self) -> None:
        """End it as a user does."""
        if running := self._servers:
            self._servers = None
            await running.stop()
            self._lose_what_is_not_written()

    async def kill(self) -> None:
        """End it without giving it a chance."""
        if running := self._servers:
            self._servers = None
            self._recorder.killed = True
            for journal in self._journals:
                journal.killed = True
            self._lose_what_is_not_written()
            self.ledger.allowed = max(self.ledger.allowed, self.ledger.calls - self.ledger.notes)
            await running._announcer.message_notifications.stop()
            await running._tasks.stop()

    def _lose_what_is_not_written(self) -> None:
        """What a full disk kept from the journal will be told of again."""
        for journal in self._journals:
            for ids in journal.unwritten:
                self.ledger.retract(ids)
            journal.unwritten.clear()
        self.ledger.allowed = max(self.ledger.allowed, self.ledger.calls - self.ledger.notes)

    @property
    def _session(self) -> session.Session:
        assert self._servers
        return next(iter(self._servers.sessions.values()))

    def _journal(self, path: Path, failed: Callable[[OSError], None]) -> RecordingJournal:
        journal = RecordingJournal(path, failed, self._recorder.note, self.disk)
        self._journals.append(journal)
        return journal
