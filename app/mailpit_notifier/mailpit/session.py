"""The supervisor of one server: connect, take a snapshot, stream, notice the end, wait, and again, without limit.

It owns the connection (a Feed, used once each), the REST worker and the order of things: what a frame or REST says is
applied to the inbox and handed on as a Change. Runs on the loop; knows nothing of Qt, notifications or windows.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import Any, ParamSpec, TypeVar

from mailpit_notifier.bridge import Channel, Worker
from mailpit_notifier.core.inbox import DEFAULT_ROWS, Change, Inbox
from mailpit_notifier.core.settings import Server
from mailpit_notifier.core.status import Link, ServerStatus

from .backoff import LONGEST, LONGEST_LOCAL, delays
from .dial import dial
from .events import Arrived, Deleted, Event, Snapshot, Stats, Unknown, parse
from .fault import Fault, FaultError, Retry
from .feed import Closed, Feed, Opened
from .rest import Rest

log = logging.getLogger(__name__)

Params = ParamSpec("Params")
Result = TypeVar("Result")

HANDSHAKE = 10.0
"""Seconds from dialling to an open websocket. The library's own timeouts are per read: a dripping server never ends."""

CALL = 12.0
"""Seconds for a REST call, looking up the name included; beyond that its thread is abandoned."""

QUIET = 1.0
"""Seconds without `new` or `delete` after which counts are compared: in a burst they never agree."""

BETWEEN_SNAPSHOTS = 0.25
"""Seconds; a storm of `prune` costs four snapshots a second, not thousands."""

WATCHING = 10.0
"""Seconds between snapshots for a shown window, from servers that send no `stats` (2023)."""

STEADY = 10.0
"""Seconds a connection must have lasted for the next failure to start the back-off anew."""


class Session:
    """Keeps one inbox in step with its server.

    `changed(key, change)` is called for each event that changed something, `status_changed(status)` whenever the
    status differs from the last one; both on the loop, both must not block.
    """

    def __init__(
        self,
        server: Server,
        changed: Callable[[str, Change], None],
        status_changed: Callable[[ServerStatus], None],
        *,
        rows: int = DEFAULT_ROWS,
    ) -> None:
        self.server = server
        self.inbox = Inbox(rows)
        self.status = ServerStatus(url=server.key, name=server.label)
        self._rows = rows
        self._changed = changed
        self._status_changed = status_changed
        self._rest = Rest(server.url, dial)
        self._worker = Worker(f"rest {server.label}")
        self._longest = LONGEST_LOCAL if server.url.is_local_name else LONGEST
        self._delays = delays(self._longest, random.random)
        self._retry = asyncio.Event()
        self._snapshot_wanted = asyncio.Event()
        self._since: list[Event] | None = None  # what came while a snapshot was under way
        self._judging: asyncio.TimerHandle | None = None
        self._moved = 0.0  # when the last `new` or `delete` came
        self._warned: Fault | None = None  # what the log knows at a level that people read
        self._has_stats = False
        self._watched = False

    async def run(self) -> None:
        """Stay connected until cancelled."""
        try:
            while True:
                await self._wait_after(await self._connection())
        finally:
            self._drop_worker()

    def retry(self) -> None:
        """Try again now if the session is waiting to."""
        self._retry.set()

    def watch(self, shown: bool) -> None:
        """Say whether somebody is looking at the rows: a server without `stats` must then be asked."""
        self._watched = shown
        if shown and not self._has_stats:
            self._snapshot_wanted.set()

    async def mark_read(self, ids: Sequence[str]) -> None:
        """Mark messages read. Raises FaultError, and ValueError for no IDs."""
        await self._call(self._rest.set_read, ids, read=True)
        asyncio.get_running_loop().call_later(QUIET, self._confirm, frozenset(ids))

    async def _connection(self) -> Closed:
        """One connection from dialling to its end; returns why it ended."""
        loop = asyncio.get_running_loop()
        opened: asyncio.Future[None] = loop.create_future()
        closed: asyncio.Future[Closed] = loop.create_future()
        channel: Channel[str | Opened | Closed] = Channel(loop, partial(self._deliver, opened, closed))
        feed = Feed(self.server.url, channel.put, dial)
        feed.start()
        try:
            await first_of(opened, closed, within=HANDSHAKE)
            if closed.done():
                return await self._explain(closed.result())
            if not opened.done():
                return Closed(fault=Fault.TIMEOUT, detail="no end of the handshake")
            self._say(Link.CONNECTED, None)
            self._has_stats = False
            self._snapshot_wanted.set()
            await self._stream(closed)
            return closed.result()
        finally:
            feed.close()
            channel.close()

    async def _stream(self, closed: asyncio.Future[Closed]) -> None:
        """Keep in step until the connection ends."""
        began = monotonic()
        in_step = asyncio.create_task(self._keep_in_step())
        try:
            await first_of(closed, in_step)
        finally:
            in_step.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await in_step
            self._since = None
            if self._judging:
                self._judging.cancel()
                self._judging = None
            if monotonic() - began > STEADY:
                self._delays = delays(self._longest, random.random)
                self._warned = None

    def _deliver(
        self, opened: asyncio.Future[None], closed: asyncio.Future[Closed], item: str | Opened | Closed
    ) -> None:
        if isinstance(item, str):
            event = parse(item, datetime.now(UTC))
            if isinstance(event, Unknown):
                log.debug("%s: ignored a frame: %s", self.server.key, event.reason)
            else:
                self._take(event)
        elif isinstance(item, Opened):
            opened.set_result(None)
        else:
            closed.set_result(item)

    def _take(self, event: Event) -> None:
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

    def _apply(self, event: Event) -> None:
        change = self.inbox.apply(event)
        if self.inbox.stale:
            self._snapshot_wanted.set()
        if change.counts:
            self._say(self.status.link, self.status.fault)
        if change:
            self._changed(self.server.key, change)

    def _judge(self) -> None:
        self._judging = None
        if (left := self._moved + QUIET - monotonic()) > 0:
            self._judging = asyncio.get_running_loop().call_later(left, self._judge)
            return
        self.inbox.judge()
        if self.inbox.stale:
            self._snapshot_wanted.set()

    def _confirm(self, ids: Collection[str]) -> None:
        """The rows follow the server's echo; old servers have none."""
        if any(not message.read for message in self.inbox.rows if message.id in ids):
            self._snapshot_wanted.set()

    async def _keep_in_step(self) -> None:
        """Take a snapshot whenever one is wanted, one at a time; for ever."""
        again = delays(LONGEST_LOCAL, random.random)
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(WATCHING if self._watched and not self._has_stats else None):
                    await self._snapshot_wanted.wait()
            self._snapshot_wanted.clear()
            self.inbox.stale = False  # what makes it so from here on wants another snapshot
            self._since = []
            try:
                snapshot = await self._call(self._rest.snapshot, self._rows)
            except FaultError as error:
                self._log(error.fault, f"no snapshot: {error}")
                self._since = None
                self._snapshot_wanted.set()
                await asyncio.sleep(next(again))
            else:
                self._catch_up(snapshot)
                await asyncio.sleep(BETWEEN_SNAPSHOTS)

    def _catch_up(self, snapshot: Snapshot) -> None:
        """Apply a snapshot, and again what came since it was asked for: it may be older, and no event was delayed."""
        since, self._since = self._since or [], None
        known = {message.id for message in snapshot.messages}
        arrived = {event.message.id for event in since if isinstance(event, Arrived)}
        newer = [row for row in self.inbox.rows if row.id in arrived - known]
        self._apply(
            replace(
                snapshot,
                messages=(*newer, *snapshot.messages),
                total=snapshot.total + len(newer),
                unread=snapshot.unread + sum(not row.read for row in newer),
            )
        )
        for event in since:
            if not isinstance(event, Arrived):
                self._apply(event)

    async def _explain(self, closed: Closed) -> Closed:
        """Why there is no websocket: REST can tell a proxy without websockets from what is no Mailpit at all."""
        if closed.fault not in {Fault.NOT_MAILPIT, Fault.NOT_FOUND, Fault.STOPPED}:
            return closed
        try:
            await self._call(self._rest.snapshot, 1)
        except FaultError as error:
            return Closed(fault=error.fault, detail=f"{closed.detail}; REST: {error.detail}")
        return Closed(fault=Fault.NO_UPGRADE, detail=closed.detail)

    async def _wait_after(self, closed: Closed) -> None:
        """Wait before the next try, as patiently as the fault asks for; `retry` ends it at once."""
        fault = closed.fault
        delay = next(self._delays) if fault.retry is Retry.SOON else LONGEST
        self._log(fault, f"{fault.sentence} ({closed.detail}) Next try in {delay:.1f} s.")
        self._say(Link.DISCONNECTED, fault)
        self._retry.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(delay):
                await self._retry.wait()

    async def _call(self, function: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs) -> Result:
        worker = self._worker
        try:
            async with asyncio.timeout(CALL):
                return await worker.call(function, *args, **kwargs)
        except TimeoutError:
            if worker is self._worker:
                self._drop_worker()
            raise FaultError(Fault.TIMEOUT, "a REST call did not end") from None

    def _drop_worker(self) -> None:
        """Abandon a thread that may hang, and have a fresh one for the next call."""
        self._rest.abort()
        self._worker.stop(self._rest.close)
        self._rest = Rest(self.server.url, dial)
        self._worker = Worker(f"rest {self.server.label}")

    def _log(self, fault: Fault, text: str) -> None:
        """Warn of the first of a row of the same faults only: a server may be gone for days."""
        log.log(logging.DEBUG if fault is self._warned else logging.WARNING, "%s: %s", self.server.key, text)
        self._warned = fault

    def _say(self, link: Link, fault: Fault | None) -> None:
        status = replace(self.status, link=link, fault=fault, total=self.inbox.total, unread=self.inbox.unread)
        if status != self.status:
            self.status = status
            self._status_changed(status)


async def first_of(*futures: asyncio.Future[Any], within: float | None = None) -> None:
    """Wait until one of them is done, at most `within` seconds."""
    await asyncio.wait(futures, timeout=within, return_when=asyncio.FIRST_COMPLETED)
