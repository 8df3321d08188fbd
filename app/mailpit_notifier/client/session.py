"""Keeps one server's inbox up to date: connects, follows the events, reconnects after a fault, without limit.

A session owns one websocket at a time (a Feed, used once), the REST calls (AuthenticatedCalls), what is known about
the server's state (StatusReporter) and the decision when to retry. What an event or an answer changes in the inbox is
decided by Sync, which also polls where live updates cannot be relied on (LiveUpdates). Runs on the loop; knows no Qt.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import TypeVar

from mailpit_notifier.core.inbox import DEFAULT_ROWS, Change, Inbox
from mailpit_notifier.core.settings import Server
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.protocol.events import Event, News, Snapshot, Unknown, parse
from mailpit_notifier.protocol.faults import Fault, FaultError, stopped_or
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.runtime.bridge import Channel
from mailpit_notifier.runtime.tasks import keep_running, report, wait_for_first

from .calls import AuthenticatedCalls, ProjectOf, ServerNames
from .feed import MOST_WAITING, Closed, Feed, Heard, Item, Opened, Unanswered
from .following import Following, FollowingCallbacks
from .listing import PAGE, Listing, Query, next_page
from .live_updates import LiveUpdates
from .probe import explain_no_websocket, has_tls
from .rest import MAX_ANSWER, MAX_LARGE, Rest
from .retry_policy import RetryPolicy
from .status_reporter import StatusReporter
from .sync import Sync, SyncCallbacks
from .timing import TIMING, Timing

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCallbacks:
    """What a session reports. Called on the loop with the server's key first; must not block.

    `changed`: an event changed the inbox.
    `caught_up`: the server's newest messages, once per connection. Return whether the older ones are needed, too.
    `older`: a page of the messages that follow those. Return whether the next page is needed.
    `listed`: the newest messages again, from a later snapshot.
    `knows`: return whether the message with this ID was there before, or was announced.
    `news`: an event that is about no row.
    `status`: the status differs from the last one.
    """

    changed: Callable[[str, Change], None]
    caught_up: Callable[[str, Snapshot], bool]
    news: Callable[[str, News], None]
    status: Callable[[ServerStatus], None]
    older: Callable[[str, Snapshot], bool] = lambda _key, _page: False
    listed: Callable[[str, Snapshot], object] = lambda _key, _snapshot: None
    knows: Callable[[str, str], bool] = lambda _key, _id: False


class Session:
    """Keeps one inbox up to date with its server.

    `unlock` returns the server's address with its password and may block or raise FaultError: it runs in a thread.
    `project_of` names the project that an address of this machine belongs to. `rows` messages are kept at first.
    """

    def __init__(
        self,
        server: Server,
        callbacks: SessionCallbacks,
        *,
        unlock: Callable[[Server], ServerUrl] = lambda server: server.url,
        project_of: ProjectOf = lambda _url: "",
        rows: int = DEFAULT_ROWS,
        page: int = PAGE,
        timing: Timing = TIMING,
    ) -> None:
        self.server = server
        self._callbacks = callbacks
        self._timing = timing
        self._names = ServerNames(server.url, project_of)
        self._rest = AuthenticatedCalls(server, unlock, self._on_untrusted, timing)
        self._live = LiveUpdates(self._update_polling, timing)
        sync_callbacks = SyncCallbacks(
            changed=partial(self._on_changed, server.key),
            caught_up=self._on_caught_up,
            older=partial(callbacks.older, server.key),
            listed=partial(callbacks.listed, server.key),
            knows=partial(callbacks.knows, server.key),
            polled=self._live.overtaken,
        )
        self._sync = Sync(rows, self._fetch, sync_callbacks, page=page, timing=timing)
        self._reporter = StatusReporter(server, self._sync.inbox, callbacks.status, self._rest.forget_password)
        self._retry_policy = RetryPolicy(local=server.url.is_local_name, timing=timing)
        self._following = Following(
            self._sync,
            self._live,
            self._reporter,
            FollowingCallbacks(beside=self._fetch_name, end=self._end, lost=self._on_lost),
            RetryPolicy(local=server.url.is_local_name, timing=timing),
            timing,
        )
        self._polling_fault = FaultError(Fault.NO_UPGRADE)
        self._feed: Feed | None = None
        self._closed_by_us = False
        self._closed: asyncio.Future[Closed] | None = None  # done when the current connection has ended

    @property
    def detail(self) -> str:
        """What is known of the last fault beyond its sentence."""
        return self._reporter.detail

    @property
    def is_polling(self) -> bool:
        """Whether a message may be reported as arrived because a listing had it, not a frame."""
        return not self._live.reliable

    @property
    def status(self) -> ServerStatus:
        """State, fault and counts, as last reported."""
        return self._reporter.status

    @property
    def inbox(self) -> Inbox:
        """The server's newest messages."""
        return self._sync.inbox

    @property
    def local(self) -> bool:
        """Whether the server is on this machine, as far as is known."""
        return self._retry_policy.local

    async def run(self) -> None:
        """Stay connected until cancelled."""
        try:
            await keep_running(self._once, f"The session of {self.server.key}")
        finally:
            self._live.stop()
            self._rest.close()
            await self._following.stop()

    def retry(self) -> None:
        """End the wait before the next attempt, or skip it if an attempt is in progress."""
        self._retry_policy.retry()
        self._following.hurry()

    def wake(self) -> None:
        """Reconnect after the machine has slept: a connection may be dead without having been closed."""
        self._retry_policy.reset()
        self._rest.drop()
        if self._feed:
            self._closed_by_us = True
            self._feed.close()
        self.retry()

    def watch(self, shown: bool) -> None:
        """Set whether the rows are shown: a server that sends no counts is asked for them only then."""
        self._sync.watch(shown)

    def load_more(self) -> None:
        """Keep more rows."""
        self._sync.load_more()

    @property
    def beyond(self) -> int:
        """How many messages `load_more` could still load."""
        return self._sync.loadable()

    async def mark_read(self, ids: Sequence[str], *, read: bool = True) -> None:
        """Mark messages as read or unread. Raises FaultError, and ValueError for no IDs."""
        await self.ask(lambda rest: rest.set_read(ids, read=read))
        self._sync.expect_read(ids, read=read)

    async def delete(self, message_id: str) -> None:
        """Delete a message for good. Raises FaultError, and ValueError for no ID."""
        await self.ask(lambda rest: rest.delete(message_id))
        self._sync.expect_deleted(message_id)

    async def ask(self, call: Callable[[Rest], Answer]) -> Answer:
        """Make a REST call in the thread that all calls to this server share. Raises FaultError."""
        await self._rest.password_known()
        try:
            return await self._rest.ask(call)
        except FaultError as error:
            if error.fault is not Fault.NOT_FOUND:  # that is about one message
                self._sync.request_snapshot()  # a snapshot shows whether REST works at all
            raise

    async def pages(self) -> AsyncGenerator[Snapshot, None]:
        """Yield every message that the server has now, newest first, page by page. Raises FaultError.

        Frames may still be in transit: only a listing shows that nothing sent before the call is missing.
        """
        await self._rest.password_known()
        listing, is_end = Listing(), False
        while not is_end:
            page = await next_page(listing, self._fetch)
            is_end = not page.more
            yield page

    async def read_source(self, call: Callable[[Rest], Answer], *, apart: bool = False) -> Answer:
        """Make a REST call that reads a source, on another connection than `ask`. Raises FaultError.

        A call that may take long is made `apart`: on a connection of its own, so that no other source waits for it.
        """
        return await self._rest.read_source(call, apart=apart)

    async def _once(self) -> None:
        await self._wait_after(await self._connect())

    async def _connect(self) -> Closed:
        """Run one connection to its end. An unexpected exception ends this connection only, not the session."""
        try:
            return await self._connection()
        except Exception as error:
            task = asyncio.current_task()
            if task and task.cancelling():  # raised instead of this task's own CancelledError
                raise
            return Closed.by(self._reporter.faults.fault_from(error))

    async def _connection(self) -> Closed:
        """Run one websocket from dialling to its end; return why it ended. Raises FaultError without a password."""
        loop = asyncio.get_running_loop()
        opened: asyncio.Future[None] = loop.create_future()
        closed: asyncio.Future[Closed] = loop.create_future()
        self._closed, self._closed_by_us = closed, False
        channel: Channel[Item] = Channel(loop, partial(self._deliver, opened, closed), most=MOST_WAITING)
        url = await self._rest.url(partial(self._reporter.disconnected, FaultError(Fault.SECRET_STORE)))
        self._following.hurry()  # what failed may work now: there may be another password
        self._feed = feed = Feed(url, channel.put, self._rest.dial, self._timing, replace=channel.replace)
        feed.start()
        try:
            await wait_for_first(opened, closed, within=self._timing.handshake)
            if feed.local:
                self._retry_policy.set_local()
                self._following.policy.set_local()
            if opened.done():
                await self._stream(closed)
        finally:
            self._feed = self._closed = None
            feed.close()
            channel.close()
        if opened.done():
            return closed.result()
        error = closed.result().error if closed.done() else FaultError(Fault.TIMEOUT, "no end of the handshake")
        if self._following:  # polling shows whether the server is there
            return Closed.by(error)
        if feed.reached:
            error = await self._explain(error)
        if error.fault is not Fault.NO_UPGRADE:
            self._live.reset()
        return Closed.by(error)

    async def _stream(self, closed: asyncio.Future[Closed]) -> None:
        """Keep the inbox up to date until the websocket ends, and after it if polling goes on."""
        began = monotonic()
        self._rest.expire()  # what ended the last websocket may have broken REST's connections without closing them
        self._following.hurry()
        if not closed.done():
            self._update_polling()
            self._following.start()
        try:
            await wait_for_first(closed)
        finally:
            self._live.closed(by_us=self._closed_by_us or not closed.done())
            self._sync.poll(wanted=True)
            if not (closed.done() and self._live.keeps_polling):
                await self._following.stop()
            if self._retry_policy.reset_if_steady(monotonic() - began):
                self._reporter.faults.reset()

    async def _fetch_name(self) -> None:
        """Use the name that the server or its project has, unless the user gave one or the address already names it."""
        if self.server.name:
            return
        may_be_project = self.local and self.server.label == self.server.url.label
        try:
            name = await self._names.name(self._rest.calls, may_be_project=may_be_project)
        except Exception as error:  # noqa: BLE001 - a missing name must not end the connection
            report(error, f"The name of {self.server.key}")
            return
        if name:
            self._reporter.rename(name)

    def _deliver(self, opened: asyncio.Future[None], closed: asyncio.Future[Closed], item: Item) -> None:
        if isinstance(item, str):
            item = parse(item, datetime.now(UTC))
        if isinstance(item, Opened):
            self._live.opened()  # at once: frames may follow in the same batch
            opened.set_result(None)
        elif isinstance(item, Closed):
            if not closed.done():
                closed.set_result(item)
        elif isinstance(item, Unanswered):
            self._live.unanswered()
        else:
            self._live.heard()
            if not isinstance(item, Heard):
                self._apply(item)

    def _apply(self, item: Event) -> None:
        if isinstance(item, Unknown):
            log.debug("%s: ignored a frame: %s", self.server.key, item.reason)
        elif isinstance(item, News):
            self._callbacks.news(self.server.key, item)
        else:
            self._sync.apply_event(item)

    def _end(self, error: FaultError) -> None:
        """End the websocket because of this fault."""
        if self._closed and not self._closed.done():
            self._closed_by_us = True
            self._closed.set_result(Closed.by(error, was_open=self._live.is_open))

    def _on_lost(self, error: FaultError) -> None:
        self._reporter.polling_failed(self._stopped_or(error))

    def _on_untrusted(self, error: FaultError) -> None:
        self._reporter.untrusted(error)
        self._end(FaultError(error.fault, f"REST: {error.detail}"))

    def _update_polling(self) -> None:
        """Poll as long as live updates cannot be relied on, and report what is known to be wrong with them."""
        self._sync.poll(wanted=not self._live.reliable)
        if fault := self._live.fault:
            self._reporter.polling(fault)
        elif self._live.is_open:
            self._reporter.connected()

    def _on_changed(self, key: str, change: Change) -> None:
        self._callbacks.changed(key, change)  # first: a message is more urgent than a count
        if change.counts:
            self._reporter.counts_changed()

    def _on_caught_up(self, snapshot: Snapshot) -> bool:
        if not self._live.is_open:
            self._report_polling()
        return self._callbacks.caught_up(self.server.key, snapshot)

    async def _explain(self, error: FaultError) -> FaultError:
        """Ask REST why there is no websocket: is a proxy blocking it, or is this no Mailpit at all?"""
        if error.fault is Fault.TIMEOUT:
            self._reporter.disconnected(error)  # now: REST may take as long again
        ask, tls = partial(self._fetch, Query(limit=1)), partial(has_tls, self.server, self._timing)
        return self._stopped_or(await explain_no_websocket(error, ask, tls))

    def _stopped_or(self, error: FaultError) -> FaultError:
        """Return STOPPED for the 404 of a local router, or where there was a mailbox before."""
        is_routed = (self.local and not self.server.url.is_local_name) or self.inbox.total is not None
        return stopped_or(error, is_routed=is_routed)

    async def _wait_after(self, closed: Closed) -> None:
        """Wait before the next attempt, as long as the fault requires; `retry` ends the wait."""
        error = closed.error
        delay = max(self._retry_policy.delay(error.fault), error.retry_after)
        if self._following:
            if self._reporter.status.link is not Link.DISCONNECTED:  # polling reports its own faults
                self._report_polling(closed)
            if self._live.fault or not closed.was_open:
                delay = self._timing.upgrade
        elif error.fault is Fault.NO_UPGRADE or self._live.keeps_polling:
            # Retry soon once more: the server may have been starting, without a proxy in between.
            delay = min(delay, self._timing.upgrade)
            self._sync.poll(wanted=True)
            self._report_polling(closed)
            self._following.start()
        else:
            self._reporter.disconnected(error)
        text = f"{error.explain()}{f' ({error.detail})' if error.detail else ''} Next try in {delay:.1f} s."
        self._reporter.faults.add("connection", error.fault, text)
        await self._retry_policy.wait(delay)

    def _report_polling(self, closed: Closed | None = None) -> None:
        """Report why there is polling instead of a websocket; `closed` is how the last one ended."""
        if closed:
            fault = Fault.SILENT if closed.was_open else Fault.NO_UPGRADE
            self._polling_fault = FaultError(fault, closed.error.detail)
        self._reporter.polling(self._live.fault or self._polling_fault)

    async def _fetch(self, query: Query) -> Snapshot:
        most = MAX_LARGE if query.large else MAX_ANSWER
        page = await self._rest.ask(
            lambda rest: rest.snapshot(query.limit, start=query.start, before=query.before, most=most)
        )
        self._following.succeeded()
        self._reporter.rest_works()
        if self._reporter.status.link is Link.POLLING and not self._live.is_open:
            self._report_polling()  # instead of a fault that has passed
        if self._feed:
            self._feed.server_lives()
        if query.large and page.more and not page.messages:
            text = "a message was left out: its entry in the server's list is too large"
            self._reporter.faults.add("large message", Fault.NOT_MAILPIT, text)
        return page
