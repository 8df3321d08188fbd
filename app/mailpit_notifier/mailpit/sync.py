"""Keeps one inbox in step with its server while there is a connection: frames as they come, snapshots where only they
can tell.

Apart from the session, which knows how to reach a server, and nothing of messages. Runs on the loop.
"""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from time import monotonic

from mailpit_notifier.core.inbox import Change, Inbox, order

from .backoff import LONGEST_LOCAL, delays
from .events import Arrived, Deleted, Event, Snapshot, Stats, Truncated
from .fault import FaultError
from .model import Message

QUIET = 1.0
"""Seconds without `new` or `delete` after which counts are compared: in a burst they never agree."""

BETWEEN_SNAPSHOTS = 0.25
"""Seconds; a storm of `prune` costs four snapshots a second, not thousands."""

WATCHING = 10.0
"""Seconds between snapshots for a shown window, from servers that send no `stats` (2023)."""

POLLING = 3.0
"""Seconds between questions where live updates do not get through: a mail is announced within five."""

PAGE = 500
"""Rows that are loaded at once when somebody wants more."""

MOST = 5_000
"""Messages asked for when a gap is to be found; Mailpit keeps 500 unless told otherwise. More are asked for at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Who is told: `changed` of each event that changed something, `caught_up` of all that a server has, once a
    connection. Both are called on the loop and must not block. `caught_up` may say that some of it was missed.
    """

    changed: Callable[[Change], None]
    caught_up: Callable[[Snapshot], None]


class Sync:
    """One inbox and what keeps it right. `fetch(limit)` asks REST for a snapshot and raises FaultError."""

    def __init__(self, rows: int, fetch: Callable[[int], Awaitable[Snapshot]], listener: Listener) -> None:
        self.inbox = Inbox(rows)
        self._rows = rows
        self._fetch = fetch
        self._listener = listener
        self._wanted = asyncio.Event()
        self._since: list[Event] | None = None  # what came while a snapshot was under way
        self._judging: asyncio.TimerHandle | None = None
        self._moved = 0.0  # when the last `new` or `delete` came
        self._has_stats = False
        self._watched = False

    def take(self, event: Event) -> None:
        """One event from the server: apply it, and remember it for a snapshot that is under way."""
        if self._since is not None:
            self._since.append(event)
        if isinstance(event, Arrived | Deleted):
            self._moved = monotonic()
        elif isinstance(event, Stats):
            self._has_stats = True
            if self._judging is None:
                self._judging = asyncio.get_running_loop().call_later(QUIET, self._judge)
        self._apply(event)

    def want(self) -> None:
        """Take a snapshot soon."""
        self._wanted.set()

    def watch(self, shown: bool) -> None:
        """Say whether somebody is looking at the rows: a server without `stats` must then be asked."""
        self._watched = shown
        if shown and not self._has_stats:
            self.want()

    def load_more(self) -> None:
        """Hold more rows, as many as one snapshot may bring."""
        self._rows = min(self._rows + PAGE, MOST)
        self.inbox.grow(self._rows)
        self.want()

    def can_load(self) -> int:
        """How many messages `load_more` could still bring, in however many steps."""
        return min(self.inbox.beyond, MOST - self._rows)

    def expect_gone(self, message_id: str) -> None:
        """This was deleted: the row goes with the server's echo, or old servers are asked."""
        asyncio.get_running_loop().call_later(QUIET, self._confirm_gone, message_id)

    def expect_read(self, ids: Collection[str], *, read: bool) -> None:
        """These were marked. The rows follow the server's echo; old servers have none, and are asked."""
        asyncio.get_running_loop().call_later(QUIET, self._confirm, frozenset(ids), read)

    async def run(self, failed: Callable[[FaultError], None]) -> None:
        """Stay in step until cancelled: catch up, then take a snapshot whenever one is wanted, one at a time."""
        self._has_stats = False
        again = delays(LONGEST_LOCAL, random.random)
        caught_up = False
        self.want()
        try:
            while True:
                await self._until_wanted()
                try:
                    await self._snapshot(whole=not caught_up)
                except FaultError as error:
                    failed(error)
                    self.want()
                    await asyncio.sleep(next(again))
                else:
                    caught_up = True
                    await asyncio.sleep(BETWEEN_SNAPSHOTS)
        finally:
            self._since = None
            if self._judging:
                self._judging.cancel()
                self._judging = None

    async def poll(self) -> None:
        """Ask again and again, for where nothing tells us, until cancelled. Raises FaultError when REST fails, too."""
        seen: frozenset[str] | None = None
        last: Snapshot | None = None
        while True:
            latest = await self._fetch(1)
            wanted = self._wanted.is_set()
            self._wanted.clear()
            if wanted or last is None or _differ(latest, last):
                everything = await self._everything()
                if seen is None:
                    self._listener.caught_up(everything)
                for message in reversed(everything.messages):
                    if seen is not None and message.id not in seen:
                        self._apply(Arrived(message=message))
                self._apply(everything)
                seen = frozenset(message.id for message in everything.messages)
            last = latest
            await asyncio.sleep(POLLING)

    async def _until_wanted(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WATCHING if self._watched and not self._has_stats else None):
                await self._wanted.wait()
        self._wanted.clear()

    async def _snapshot(self, *, whole: bool) -> None:
        """Take a snapshot and apply it, and again what came since it was asked for: it may be older."""
        self.inbox.stale = False  # what makes it so from here on wants another snapshot
        self._since = []
        try:
            snapshot = await (self._everything() if whole or self.inbox.doubts else self._fetch(self._rows))
            since = self._since
        finally:
            self._since = None
        known = {message.id for message in snapshot.messages}
        arrived = {event.message.id: event.message for event in since if isinstance(event, Arrived)}
        later = [message for name, message in arrived.items() if name not in known]
        if whole:
            self._listener.caught_up(replace(snapshot, messages=(*later, *snapshot.messages)))
        newer = [self.inbox.by_id.get(one.id, one) for one in later if self._adds(one, snapshot)]
        self._apply(
            replace(
                snapshot,
                messages=(*newer, *snapshot.messages),
                total=snapshot.total + len(newer),
                unread=snapshot.unread + sum(not row.read for row in newer),
            )
        )
        for event in since:
            if isinstance(event, Truncated):
                self.inbox.doubt()  # it made another snapshot wanted, which decides what of all this is gone
            elif not isinstance(event, Arrived):
                self._apply(event)

    def _adds(self, message: Message, snapshot: Snapshot) -> bool:
        """Whether a mail that is not in a snapshot came after it: older than its last it may be counted already."""
        last = snapshot.messages[-1:] if len(snapshot.messages) < snapshot.total else ()
        return message.id not in self.inbox.gone and all(order(message) < order(one) for one in last)

    async def _everything(self) -> Snapshot:
        """All that there is: fewer than were asked for. `total` does not tell, it is counted at another moment."""
        limit = MOST
        while len((snapshot := await self._fetch(limit)).messages) >= limit:
            limit = snapshot.total + MOST
        return snapshot

    def _apply(self, event: Event) -> None:
        self._tell(self.inbox.apply(event))

    def _tell(self, change: Change) -> None:
        if self.inbox.stale:
            self.want()
        if change:
            self._listener.changed(change)

    def _judge(self) -> None:
        self._judging = None
        if (left := self._moved + QUIET - monotonic()) > 0:
            self._judging = asyncio.get_running_loop().call_later(left, self._judge)
            return
        self._tell(self.inbox.judge())

    def _confirm(self, ids: Collection[str], read: bool) -> None:
        if any(message.read != read for message in self.inbox.rows if message.id in ids):
            self.want()

    def _confirm_gone(self, message_id: str) -> None:
        if message_id in self.inbox.by_id:
            self.want()


def _differ(one: Snapshot, other: Snapshot) -> bool:
    """Whether something happened between two snapshots, whenever they were taken."""
    return (one.messages, one.total, one.unread) != (other.messages, other.total, other.unread)
