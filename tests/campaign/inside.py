"""Runs the application without window and desktop in the process of the test, from socket to journal.

A kill differs from quitting in what reaches the disk: nothing after it. Waiting times are shorter than for users, so
that an hour of faults takes a minute.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from mailpit_notifier.announce import journal as journals
from mailpit_notifier.announce.timing import Timing as AnnounceTiming
from mailpit_notifier.client.session import Session
from mailpit_notifier.client.timing import Timing as ClientTiming
from mailpit_notifier.core.limits import BurstTiming
from mailpit_notifier.core.settings import COLORS, Settings, servers_from
from mailpit_notifier.core.status import Link
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.servers import servers
from mailpit_notifier.servers.timing import Timing as ServersTiming

from .ledger import Disk, Ledger, Recorder, RecordingJournal

QUICK = ServersTiming(
    client=ClientTiming(
        first_retry=0.05,
        longest_retry=0.8,
        longest_local_retry=0.4,
        late_retry=0.8,
        steady=0.5,
        handshake=1.5,
        handshake_step=1.5,
        upgrade=0.6,
        call=1.8,
        io=1.5,
        quiet=0.3,
        between_snapshots=0.1,
        polling=0.3,
        ping_after=0.3,
        dead_after=0.8,
    ),
    announce=AnnounceTiming(
        settle=0.1,
        one_summary=1e9,
        disk_retry=0.1,
        unnoticed=2.5,
        stop=5.0,
        first_summary=0.1,
        on_screen=0.2,
        between_updates=0.3,
        burst=BurstTiming(short=1.0, long=5.0, quiet=0.5, long_quiet=1.0),
        margin=timedelta(seconds=1.5),
    ),
)
"""Times of a smaller world, so that an hour of faults fits into a minute."""


NO_CALLBACKS = servers.ServerCallbacks(
    changed=lambda *_: None,
    status_changed=lambda: None,
    open_wanted=lambda _: None,
    not_deleted=lambda *_: None,
    deletions_changed=lambda: None,
)
"""No window and no desktop."""


class InProcess:
    """Runs of the application one after another with the same journals. Use on a loop, within `quick`."""

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
        """Rows of the window."""
        return self._session.inbox.rows

    @property
    def counts(self) -> tuple[int | None, int | None]:
        """Total and unread as the window shows them."""
        return self._session.inbox.total, self._session.inbox.unread

    async def at_rest(self) -> bool:
        """Return whether it is connected, and nothing waits to be announced."""
        link = self._session.status.link if self._servers else None
        return link is Link.CONNECTED and not any(journal.pending for journal in self._journals)

    async def start(self) -> None:
        """Start it."""
        self._recorder = Recorder(self.ledger, self._dice)
        self._recorder.slow = self.slow
        self._journals = []
        with patch.object(journals, "Journal", self._journal):
            self._servers = servers.Servers(self._recorder, self._folder, NO_CALLBACKS, timing=QUICK)
            self._servers.start(self._settings)

    async def set_slow(self, slow: bool) -> None:
        """Delay the answers of the desktop."""
        self.slow = self._recorder.slow = slow

    def set_full(self, full: bool) -> None:
        """Fill the disk for the journal, or free it again."""
        self.disk.is_full = full

    def reload(self) -> None:
        """Change the color of the server, as a user does."""
        server = self._settings.servers[0]
        color = next(color for color in COLORS if color != server.color)
        self._settings = Settings(servers=(replace(server, color=color),))
        if self._servers:
            self._servers.update_settings(self._settings)

    def wake(self) -> None:
        """Report that the machine was suspended."""
        if self._servers:
            self._servers.wake()

    async def quit(self) -> None:
        """Quit it."""
        if running := self._servers:
            self._servers = None
            await running.stop()
            self._lose_what_is_not_written()

    async def kill(self) -> None:
        """Kill it."""
        if running := self._servers:
            self._servers = None
            self._recorder.killed = True
            for journal in self._journals:
                journal.killed = True
            self._lose_what_is_not_written()
            self.ledger.allowed = max(self.ledger.allowed, self.ledger.calls - self.ledger.notes)
            # No method ends the program like a kill, without a last write to the journal. Only its tasks must end.
            await running._announcer.message_notifications.stop()
            await running._tasks.stop()

    def _lose_what_is_not_written(self) -> None:
        """IDs that will be announced again because the disk was full."""
        for journal in self._journals:
            for ids in journal.unwritten:
                self.ledger.retract(ids)
            journal.unwritten.clear()
        self.ledger.allowed = max(self.ledger.allowed, self.ledger.calls - self.ledger.notes)

    @property
    def _session(self) -> Session:
        assert self._servers
        return next(iter(self._servers.sessions.values()))

    def _journal(self, path: Path, failed: Callable[[OSError], None]) -> RecordingJournal:
        journal = RecordingJournal(path, failed, self._recorder.note, self.disk)
        self._journals.append(journal)
        return journal
