"""Keeps one inbox in step with its server while there is a connection: frames as they come, snapshots where only they
can tell.

Apart from the session, which knows how to reach a server, and nothing of messages. Runs on the loop.

Asking a server again and again, where nothing tells us: goes on by itself, however often that fails.

Apart from the session, which goes on trying for live updates meanwhile, at its own pace. Runs on the loop.
"""

import asyncio
import contextlib
import math
import random
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from time import monotonic

from mailpit_notifier.core.inbox import Change, Inbox, order
from mailpit_notifier.protocol.events import Arrived, Deleted, Event, Snapshot, Stats, Truncated
from mailpit_notifier.protocol.faults import FaultError, Retry
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.runtime.tasks import persist

from .listing import PAGE, Fetch, Listing, Query, next_page
from .retry_policy import LONGEST, LONGEST_LOCAL, RetryPolicy, delays
from .timing import Timing

QUIET = 1.0
"""Seconds without `new` or `delete` after which counts are compared: in a burst they never agree."""

BETWEEN_SNAPSHOTS = 0.25
"""Seconds; a storm of `prune` costs four snapshots a second, not thousands."""

WATCHING = 10.0
"""Seconds between snapshots for a shown window, from servers that send no `stats` (2023)."""

POLLING = 3.0
"""Seconds between questions where live updates do not get through: a mail is announced within five."""

MOST = 5_000
"""Rows that are held at most."""

GLANCE = 20
"""Rows that are asked for again and again where nothing tells us; more are where these show that something happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncCallbacks:
    """Who is told, on the loop; must not block.

    `changed`: an event changed something. `caught_up`: the newest messages that the server has, once a connection;
    `older`: a page of those that follow, from the newest on. Both return whether more of them are wanted. `listed`: the
    newest messages again, of which the stream may not have told. `knows`: whether the message with this ID is no news.
    """

    changed: Callable[[Change], None]
    caught_up: Callable[[Snapshot], bool]
    older: Callable[[Snapshot], bool] = lambda _: False
    listed: Callable[[Snapshot], object] = lambda _: None
    knows: Callable[[str], bool] = lambda _: False


class Sync:
    """One inbox and what keeps it right.

    `fetch` asks REST for messages, at most a `page` of them at once. `rows` are held, and at most so many.
    """

    def __init__(
        self,
        rows: int,
        fetch: Fetch,
        listener: SyncCallbacks,
        *,
        page: int = PAGE,
        most: int = MOST,
        timing: Timing | None = None,
    ) -> None:
        self.inbox = Inbox(rows)
        self._rows = rows
        self._fetch = fetch
        self._listener = listener
        self._page = page
        self._most = most
        self._timing = timing
        self._walk: Listing | None = None  # through what is older than the rows
        self._began: datetime | None = None  # the newest that there was before
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
        self._rows = min(self._rows + self._page, self._most)
        self.inbox.grow(self._rows)
        self.want()

    def can_load(self) -> int:
        """How many messages `load_more` could still bring, in however many steps."""
        return min(self.inbox.beyond, self._most - self._rows)

    def expect_gone(self, message_id: str) -> None:
        """This was deleted: the row goes with the server's echo, or old servers are asked."""
        asyncio.get_running_loop().call_later(QUIET, self._confirm_gone, message_id)

    def expect_read(self, ids: Collection[str], *, read: bool) -> None:
        """These were marked. The rows follow the server's echo; old servers have none, and are asked."""
        asyncio.get_running_loop().call_later(QUIET, self._confirm, frozenset(ids), read)

    async def run(self, failed: Callable[[FaultError], None]) -> None:
        """Stay in step until cancelled: catch up, then take a snapshot whenever one is wanted, one at a time.

        Beside that older messages are looked through, while they are wanted. `failed` is told of what REST refuses.
        """
        self._has_stats = False
        try:
            await insist(partial(self._snapshot, first=True), failed, self._timing)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(insist(self._look_back, failed, self._timing))
                while True:
                    await asyncio.sleep(BETWEEN_SNAPSHOTS)
                    await self._until_wanted()
                    await insist(self._snapshot, failed, self._timing)
        finally:
            self._since = None
            if self._judging:
                self._judging.cancel()
                self._judging = None

    async def poll(self) -> None:
        """Ask again and again, for where nothing tells us, until cancelled. Raises FaultError when REST fails, too."""
        await self._snapshot(first=True)
        while True:
            due = monotonic() + (self._timing.polling if self._timing else POLLING)
            await self._look_back(until=due)
            await asyncio.sleep(max(0.0, due - monotonic()))
            glance = await self._fetch(Query(limit=min(GLANCE, self._page)))
            self._tell_news(glance)
            if self._wanted.is_set() or self._differs(glance):
                await self._snapshot(polled=True)

    async def _until_wanted(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WATCHING if self._watched and not self._has_stats else None):
                await self._wanted.wait()

    async def _look_back(self, until: float = math.inf) -> None:
        """Look through older messages, page by page, until they are not wanted any more, or so late."""
        while self._walk and monotonic() < until:
            page = await next_page(self._walk, self._fetch)
            if not (self._listener.older(page) and page.more):
                self._walk = None

    async def _snapshot(self, *, first: bool = False, polled: bool = False) -> None:
        """Take a snapshot and apply it, and again what came since it was asked for: it may be older.

        With the `first` it is looked for what was missed, and where nothing tells of it (`polled`) for what is new.
        """
        self._wanted.clear()
        self.inbox.stale = False  # what makes it so from here on wants another snapshot
        self._since = []
        try:
            listing = Listing(self._page if first else min(self._page, self._rows))
            snapshot = await self._newest(listing)
            if polled:
                await self._look_for_news(snapshot, listing)
            since = self._since
        finally:
            self._since = None
        known = {message.id for message in snapshot.messages}
        arrived = {event.message.id: event.message for event in since if isinstance(event, Arrived)}
        later = [message for name, message in arrived.items() if name not in known]
        if first:
            self._began = max((message.created for message in snapshot.messages), default=None)
            wanted = self._listener.caught_up(replace(snapshot, messages=(*later, *snapshot.messages)))
            self._walk = listing if wanted and snapshot.more else None
        elif not polled:
            self._listener.listed(snapshot)
        newer = [self.inbox.by_id.get(one.id, one) for one in later if self._adds(one, snapshot)]
        self._apply(
            replace(
                snapshot,
                messages=(*newer, *snapshot.messages),
                total=snapshot.total + len(newer),
                unread=snapshot.unread + sum(not row.read for row in newer),
            )
        )
        self.inbox.believe()
        for event in since:
            if isinstance(event, Truncated):
                self.inbox.doubt()  # it made another snapshot wanted, which decides what of all this is gone
            elif not isinstance(event, Arrived):
                self._apply(event)

    async def _newest(self, listing: Listing) -> Snapshot:
        """As many messages as there are rows; after a `truncate`, which may be late, all that may ever be rows."""
        wanted = self._most if self.inbox.doubts else self._rows
        snapshot = await next_page(listing, self._fetch)
        while snapshot.more and len(snapshot.messages) < wanted:
            page = await next_page(listing, self._fetch)
            snapshot = replace(snapshot, messages=(*snapshot.messages, *page.messages), more=page.more)
        return snapshot

    def _tell_news(self, page: Snapshot) -> int:
        """Tell of the messages of a list that are new, as frames would have, the newest last; how many these are."""
        fresh = [message for message in page.messages if self._is_news(message)]
        for message in reversed(fresh):
            self._apply(Arrived(message=message))
        return len(fresh)

    async def _look_for_news(self, page: Snapshot, listing: Listing) -> None:
        """Tell of all that is new: the newest, and with message dates as many more as the counts speak of."""
        while (self._tell_news(page) == len(page.messages) or page.total > (self.inbox.total or 0)) and page.more:
            page = await next_page(listing, self._fetch)

    def _is_news(self, message: Message) -> bool:
        """Whether a message of a list came since we look; all are known that were there when the walk has ended."""
        if message.id in self.inbox.by_id or self._listener.knows(message.id):
            return False
        return not (self._walk and self._began and message.created < self._began)

    def _differs(self, glance: Snapshot) -> bool:
        """Whether the rows or counts are not what the server has."""
        rows = map(self.inbox.by_id.get, (message.id for message in glance.messages))
        same = all(
            row and (row.read, row.tags) == (message.read, message.tags)
            for row, message in zip(rows, glance.messages, strict=True)
        )
        return not same or (glance.total, glance.unread) != (self.inbox.total, self.inbox.unread)

    def _adds(self, message: Message, snapshot: Snapshot) -> bool:
        """Whether a mail that is not in a snapshot came after it: older than its last it may be counted already."""
        last = snapshot.messages[-1:] if snapshot.more or len(snapshot.messages) < snapshot.total else ()
        return message.id not in self.inbox.gone and all(order(message) < order(one) for one in last)

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


async def insist(
    ask: Callable[[], Awaitable[None]], failed: Callable[[FaultError], None], timing: Timing | None = None
) -> None:
    """Ask until it works, ever more patiently; `failed` is told of each FaultError.

    It may take long to find that what a server lists is no list: that is done once a minute in the end.
    """
    longest = {Retry.SOON: LONGEST_LOCAL, Retry.LATE: LONGEST}
    if timing:
        longest = {Retry.SOON: timing.longest_local_retry, Retry.LATE: timing.late_retry}
    first = timing.first_retry if timing else None
    pauses = {retry: delays(seconds, random.random, first) for retry, seconds in longest.items()}
    while True:
        try:
            return await ask()
        except FaultError as error:
            failed(error)
            await asyncio.sleep(next(pauses[error.fault.retry]))


class Polling:
    """`poll` asks until it raises. `failed(error)` is then called, on the loop."""

    def __init__(
        self, poll: Callable[[], Awaitable[None]], failed: Callable[[Exception], None], timing: Timing | None = None
    ) -> None:
        self._poll = poll
        self._failed = failed
        self._timing = timing
        self._task: asyncio.Task[None] | None = None

    def __bool__(self) -> bool:
        """Whether it is under way."""
        return self._task is not None

    def start(self, *, local: bool) -> None:
        """Ask from now on, unless it is under way; after a fault ever more patiently, as `Patience` has it."""
        if self._task is None:
            once = partial(self._once, RetryPolicy(local=local, timing=self._timing))
            self._task = asyncio.create_task(persist(once, "Polling"))

    def stop(self) -> None:
        """Ask no more."""
        task, self._task = self._task, None
        if task:
            task.cancel()

    async def _once(self, patience: RetryPolicy) -> None:
        began = monotonic()
        try:
            await self._poll()
        except Exception as error:  # noqa: BLE001 - `failed` tells of it, and asking must go on
            self._failed(error)
        patience.lasted(monotonic() - began)
        await patience.wait(patience.next())
