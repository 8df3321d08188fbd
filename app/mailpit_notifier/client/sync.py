"""Keep one inbox equal to its server's mailbox: apply events, and take a snapshot where events are not enough.

Events of the websocket and polling may overlap: both end in the same inbox, which reports each message as arrived once.
`Sync` does not know how to reach the server; that is the session's part. Runs on the loop.
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

from .listing import PAGE, Fetch, Listing, Query, next_page
from .retry_policy import delays
from .timing import TIMING, Timing

MOST = 5_000
"""Rows that are kept at most."""

POLLED_ROWS = 20
"""Rows requested by each poll. Only if these show a change, all rows are requested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncCallbacks:
    """What Sync reports. Called on the loop; must not block.

    `changed`: an event changed the inbox.
    `caught_up`: the newest messages, once per connection. Return whether the older ones are needed, too.
    `older`: a page of the messages that follow those. Return whether the next page is needed.
    `listed`: the newest messages of a later snapshot, which may have some that no event announced.
    `knows`: return whether the message with this ID is not new.
    `polled`: a poll found a message that no event had reported.
    """

    changed: Callable[[Change], None]
    caught_up: Callable[[Snapshot], bool]
    older: Callable[[Snapshot], bool] = lambda _: False
    listed: Callable[[Snapshot], object] = lambda _: None
    knows: Callable[[str], bool] = lambda _: False
    polled: Callable[[], None] = lambda: None


class Sync:
    """Keeps one inbox up to date.

    `fetch` requests messages from REST, at most a `page` at once. `rows` messages are kept at first, `most` at most.
    """

    def __init__(
        self,
        rows: int,
        fetch: Fetch,
        listener: SyncCallbacks,
        *,
        page: int = PAGE,
        most: int = MOST,
        timing: Timing = TIMING,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.inbox = Inbox(rows)
        self._rows = rows
        self._fetch = fetch
        self._listener = listener
        self._page = page
        self._most = most
        self._timing = timing
        self._clock = clock
        self._older: Listing | None = None  # lists what is older than the rows
        self._began: datetime | None = None  # the newest message when the connection began
        self._snapshot_requested = asyncio.Event()
        self._woken = asyncio.Event()  # a snapshot was requested, or polling began or ended
        self._retried = asyncio.Event()  # replaced by each `retry`
        self._polls = self._owes_poll = False
        self._owes_listing = False  # a poll showed a change, and the listing that it needs was not complete
        self._listed_at = 0.0  # when the last poll or snapshot began
        self._events_since: list[Event] | None = None  # events during a snapshot
        self._count_check: asyncio.TimerHandle | None = None
        self._last_change = 0.0  # time of the last `new` or `delete`
        self._has_stats = False
        self._watched = False

    def apply_event(self, event: Event) -> None:
        """Apply an event to the inbox, and once more after a snapshot that is in progress."""
        if self._events_since is not None:
            self._events_since.append(event)
        if isinstance(event, Arrived | Deleted):
            self._last_change = self._clock()
        elif isinstance(event, Stats):
            self._has_stats = True
            if self._count_check is None:
                self._count_check = asyncio.get_running_loop().call_later(self._timing.quiet, self._check_counts)
        self._apply(event)

    def request_snapshot(self) -> None:
        """Take a snapshot soon."""
        self._snapshot_requested.set()
        self._woken.set()

    def poll(self, wanted: bool) -> None:
        """Set whether to poll, because not every message may come as an event.

        The end of polling owes one more poll, if there was any: an event that ends it may be the first that came
        through.
        """
        if wanted != self._polls:
            self._polls = wanted
            self._woken.set()

    def retry(self) -> None:
        """Repeat a failed request now."""
        self._retried.set()
        self._retried = asyncio.Event()

    def watch(self, shown: bool) -> None:
        """Set whether the rows are shown: a server without `stats` is then polled."""
        self._watched = shown
        self._woken.set()
        if shown and not self._has_stats:
            self.request_snapshot()

    def load_more(self) -> None:
        """Keep one page more of rows."""
        self._rows = min(self._rows + self._page, self._most)
        self.inbox.set_limit(self._rows)
        self.request_snapshot()

    def loadable(self) -> int:
        """Return how many messages `load_more` could still load, in several steps."""
        return min(self.inbox.beyond, self._most - self._rows)

    def expect_deleted(self, message_id: str) -> None:
        """Take a snapshot if the server sends no `delete` for this message within `Timing.quiet` (servers of 2023)."""
        asyncio.get_running_loop().call_later(self._timing.quiet, self._confirm_deleted, message_id)

    def expect_read(self, ids: Collection[str], *, read: bool) -> None:
        """Take a snapshot if the server sends no `update` for these within `Timing.quiet` (servers of 2023)."""
        asyncio.get_running_loop().call_later(self._timing.quiet, self._confirm, frozenset(ids), read)

    async def run(self, failed: Callable[[FaultError], None]) -> None:
        """Catch up, then poll, or take each requested snapshot, one at a time, until cancelled.

        Older messages are listed meanwhile, as long as `SyncCallbacks.older` needs them. `failed` is called for each
        FaultError; the request is then repeated, unless it raises.
        """
        self._has_stats = self._owes_poll = self._owes_listing = False
        try:
            await self._until_done(partial(self._snapshot, first=True), failed)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._until_done(self._list_older, failed))
                while True:
                    await asyncio.sleep(self._timing.between_snapshots)
                    await self._until_due()
                    await self._until_done(self._refresh, failed)
        finally:
            self._events_since = None
            if self._count_check:
                self._count_check.cancel()
                self._count_check = None

    async def _until_due(self) -> None:
        while not self._snapshot_requested.is_set() and (self._polls or not self._owes_poll):
            left = self._listed_at + self._interval() - self._clock()
            if left <= 0:
                return
            self._woken.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if math.isinf(left) else left):
                    await self._woken.wait()

    def _interval(self) -> float:
        """Return the seconds from one request to the next, without an event that needs it."""
        if self._polls:
            return self._timing.polling
        return self._timing.watching if self._watched and not self._has_stats else math.inf

    async def _refresh(self) -> None:
        if self._polls or self._owes_poll:
            is_last = not self._polls
            self._owes_poll = True
            await self._poll()
            self._owes_poll = self._owes_poll and not is_last
        else:
            await self._snapshot()

    async def _poll(self) -> None:
        """Request the newest messages; only if these show another change than new messages, all rows."""
        self._listed_at = self._clock()
        newest = await self._fetch(Query(limit=min(POLLED_ROWS, self._page)))
        self._report_new(newest)
        # Remembered if the listing fails: events may correct the counts meanwhile, which then show no change.
        self._owes_listing = self._owes_listing or self._snapshot_requested.is_set() or self._differs(newest)
        if self._owes_listing:
            await self._snapshot(polled=True)
            self._owes_listing = False

    async def _until_done(self, ask: Callable[[], Awaitable[None]], failed: Callable[[FaultError], None]) -> None:
        """Repeat a request until it succeeds, with growing delays; `failed` is called for each FaultError.

        The delays grow to a minute for faults with `Retry.LATE`: listing a hostile server is expensive.
        """
        first, longest = (
            self._timing.first_retry,
            {
                Retry.SOON: self._timing.longest_local_retry,
                Retry.LATE: self._timing.late_retry,
            },
        )
        pauses = {retry: delays(first, seconds, random.random) for retry, seconds in longest.items()}
        while True:
            try:
                return await ask()
            except FaultError as error:
                failed(error)
                seconds = max(next(pauses[error.fault.retry]), error.retry_after)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await self._retried.wait()

    async def _list_older(self) -> None:
        """List older messages page by page, until no more are needed."""
        while self._older:
            page = await next_page(self._older, self._fetch)
            if not (self._listener.older(page) and page.more):
                self._older = None

    async def _snapshot(self, *, first: bool = False, polled: bool = False) -> None:
        """Take a snapshot and apply it, then once more the events since its request: it may be older than they are.

        `first`: of a connection, so that messages may have been missed before it. `polled`: there are no events, so its
        new messages are reported as arrived.
        """
        self._listed_at = self._clock()
        self._snapshot_requested.clear()
        self.inbox.stale = False  # set again from here on, it needs another snapshot
        self._events_since = []
        try:
            listing = Listing(self._page if first else min(self._page, self._rows))
            snapshot = await self._newest(listing)
            if polled:
                await self._report_all_new(snapshot, listing)
            since = self._events_since
        finally:
            self._events_since = None
        known = {message.id for message in snapshot.messages}
        arrived = {event.message.id: event.message for event in since if isinstance(event, Arrived)}
        later = [message for name, message in arrived.items() if name not in known]
        if first:
            self._began = max((message.created for message in snapshot.messages), default=None)
            wanted = self._listener.caught_up(replace(snapshot, messages=(*later, *snapshot.messages)))
            self._older = listing if wanted and snapshot.more else None
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
        self.inbox.clear_doubts()
        for event in since:
            if isinstance(event, Truncated):
                self.inbox.doubt_rows()  # it requested another snapshot, which shows which rows are gone
            elif not isinstance(event, Arrived):
                self._apply(event)

    async def _newest(self, listing: Listing) -> Snapshot:
        """Fetch as many messages as rows are kept; after a `truncate`, which may be late, as many as can ever be."""
        wanted = self._most if self.inbox.has_doubts else self._rows
        snapshot = await next_page(listing, self._fetch)
        while snapshot.more and len(snapshot.messages) < wanted:
            page = await next_page(listing, self._fetch)
            snapshot = replace(snapshot, messages=(*snapshot.messages, *page.messages), more=page.more)
        return snapshot

    def _report_new(self, page: Snapshot) -> int:
        """Report the new messages of a page as arrived, the newest last, as events would; return how many there are."""
        fresh = [message for message in page.messages if self._is_new(message)]
        for message in reversed(fresh):
            self._apply(Arrived(message=message))
        if fresh:
            self._listener.polled()
        return len(fresh)

    async def _report_all_new(self, page: Snapshot, listing: Listing) -> None:
        """Report all new messages, page by page, while a page has any or the count shows more.

        The latter happens with --use-message-dates, where a new message may be far down in the list. Known ones on a
        page prove nothing: the newest may have been reported by an earlier poll, whose listing failed.
        """
        while (self._report_new(page) or page.total > (self.inbox.total or 0)) and page.more:
            page = await next_page(listing, self._fetch)

    def _is_new(self, message: Message) -> bool:
        """Whether a message of a page arrived during this connection.

        While older messages are still being listed, not all of them are known, and the time decides.
        """
        if message.id in self.inbox.by_id or self._listener.knows(message.id):
            return False
        return not (self._older and self._began and message.created < self._began)

    def _differs(self, newest: Snapshot) -> bool:
        """Whether rows or counts differ from the server's."""
        rows = map(self.inbox.by_id.get, (message.id for message in newest.messages))
        same = all(
            row and (row.read, row.tags) == (message.read, message.tags)
            for row, message in zip(rows, newest.messages, strict=True)
        )
        return not same or (newest.total, newest.unread) != (self.inbox.total, self.inbox.unread)

    def _adds(self, message: Message, snapshot: Snapshot) -> bool:
        """Whether a message missing in a snapshot arrived after it; one older than its last row may be in its count."""
        last = snapshot.messages[-1:] if snapshot.more or len(snapshot.messages) < snapshot.total else ()
        return message.id not in self.inbox.gone and all(order(message) < order(one) for one in last)

    def _apply(self, event: Event) -> None:
        self._report(self.inbox.apply(event))

    def _report(self, change: Change) -> None:
        if self.inbox.stale:
            self.request_snapshot()
        if change:
            self._listener.changed(change)

    def _check_counts(self) -> None:
        self._count_check = None
        if (left := self._last_change + self._timing.quiet - self._clock()) > 0:
            self._count_check = asyncio.get_running_loop().call_later(left, self._check_counts)
            return
        self._report(self.inbox.check_counts())

    def _confirm(self, ids: Collection[str], read: bool) -> None:
        if any(message.read != read for message in self.inbox.rows if message.id in ids):
            self.request_snapshot()

    def _confirm_deleted(self, message_id: str) -> None:
        if message_id in self.inbox.by_id:
            self.request_snapshot()
