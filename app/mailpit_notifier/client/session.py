"""The supervisor of one server: connect, keep in step, notice the end, wait, and again, without limit.

It owns the connection (a Feed, used once each), the REST worker, and the policy of what is tried when; what a frame or
REST says is the Sync's. Where live updates do not get through, it polls while it goes on trying. Runs on the loop;
knows nothing of Qt, notifications or windows.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import TypeVar

from mailpit_notifier.core.inbox import DEFAULT_ROWS, Change, Inbox
from mailpit_notifier.core.settings import Server
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.protocol.events import Event, News, Snapshot, Unknown, parse
from mailpit_notifier.protocol.faults import ANSWERS_OTHERWISE, Fault, FaultError, beside_live_updates
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.runtime.bridge import Channel, in_thread
from mailpit_notifier.runtime.tasks import first_of, persist, report, stopped

from .calls import QUEUE, Calls
from .feed import Closed, Feed, Opened
from .listing import PAGE, Listing, Query, next_page
from .rest import MAX_ANSWER, MAX_LARGE, Rest
from .retry_policy import FaultLog, RetryPolicy
from .server_names import ProjectOf, ServerNames
from .sync import Polling, Sync, SyncCallbacks
from .timing import Timing
from .transport import dial

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)

HANDSHAKE = 10.0
"""Seconds from dialling to an open websocket. The library's own timeouts are per read: a dripping server never ends."""

UPGRADE = 30.0
"""Seconds between two tries to get live updates while polling."""

UNLOCK = 5.0
"""Seconds for the password. A store that takes longer waits for a person, or hangs: that is shown, and waited for."""

UNTRUSTED = frozenset({Fault.TLS, Fault.CERTIFICATE_CHANGED})
"""Faults of REST that end the websocket: the server, or another in its place, shows a certificate not trusted."""
UNREADABLE_AFTER = 3
"""Snapshots that fail in a row beside a live websocket before that is a fault: the third is taken after 3 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCallbacks:
    """Who is told, with the server's key first; on the loop, and must not block.

    `changed`: an event changed something. `caught_up`: the newest messages that the server has, once a connection;
    `older`: those that follow, while these two want more of them. `listed`: the newest messages again. `knows`: whether
    a message was there before or has been told of. `news`: it said what is about no row. `status`: the status differs
    from the last one.
    """

    changed: Callable[[str, Change], None]
    caught_up: Callable[[str, Snapshot], bool]
    news: Callable[[str, News], None]
    status: Callable[[ServerStatus], None]
    older: Callable[[str, Snapshot], bool] = lambda _key, _page: False
    listed: Callable[[str, Snapshot], object] = lambda _key, _snapshot: None
    knows: Callable[[str, str], bool] = lambda _key, _id: False


class Session:
    """Keeps one inbox in step with its server.

    `unlock` gives the server's address with its password and may block or raise FaultError: it runs in a thread. After
    `unlock_within` seconds the status says that it is waited for.
    """

    def __init__(
        self,
        server: Server,
        observer: SessionCallbacks,
        *,
        unlock: Callable[[Server], ServerUrl] = lambda server: server.url,
        project_of: ProjectOf = lambda _url: "",
        rows: int = DEFAULT_ROWS,
        page: int = PAGE,
        unlock_within: float = UNLOCK,
        timing: Timing | None = None,
    ) -> None:
        self.server = server
        self.status = ServerStatus(
            url=server.key,
            name=server.label,
            asks_password=server.asks_password,
        )
        self.detail = ""
        """What is known about the last fault beyond its sentence, as of a FaultError."""
        self._observer = observer
        self._unlock = unlock
        self._unlock_within = unlock_within
        self._naming = ServerNames(server.url, project_of)
        self._url: ServerUrl | None = None  # with the password, once it is known
        self._password_sought = asyncio.Event()
        listener = SyncCallbacks(
            changed=self._on_changed,
            caught_up=self._on_caught_up,
            older=partial(observer.older, server.key),
            listed=partial(observer.listed, server.key),
            knows=partial(observer.knows, server.key),
        )
        self._sync = Sync(rows, self._fetch, listener, page=page, timing=timing)
        self._dial = partial(dial, access=server.access)
        self._patience = RetryPolicy(local=server.url.is_local_name, timing=timing)
        self._calls = Calls(server.label, server.url, self._dial)
        self._looks = Calls(f"{server.label} sources", server.url, self._dial)  # a notification waits for no listing
        self._feed: Feed | None = None
        self._closed: asyncio.Future[Closed] | None = None  # set when the connection under way has ended
        self._polling = Polling(self._sync.poll, self._on_poll_failed, timing)
        self._complaints = FaultLog(server.key)
        self._failed_snapshots = 0
        self._beside: Fault | None = None  # what is wrong with REST while the websocket works

    @property
    def inbox(self) -> Inbox:
        """The server's newest messages."""
        return self._sync.inbox

    @property
    def local(self) -> bool:
        """Whether the server is on this machine, as far as we know."""
        return self._patience.local

    async def run(self) -> None:
        """Stay connected until cancelled."""
        try:
            await persist(self._once, f"The session of {self.server.key}")
        finally:
            self._polling.stop()
            self._calls.close()
            self._looks.close()

    def retry(self) -> None:
        """Try again now if the session is waiting to."""
        self._patience.retry()

    def wake(self) -> None:
        """The machine has slept: what is open may be dead without knowing it, so begin anew at once."""
        self._patience.begin_anew()
        self._calls.drop()
        self._looks.drop()
        if self._feed:
            self._feed.close()
        self.retry()

    def watch(self, shown: bool) -> None:
        """Say whether somebody is looking at the rows."""
        self._sync.watch(shown)

    def load_more(self) -> None:
        """Hold more rows."""
        self._sync.load_more()

    @property
    def beyond(self) -> int:
        """How many messages `load_more` could still bring."""
        return self._sync.can_load()

    async def mark_read(self, ids: Sequence[str], *, read: bool = True) -> None:
        """Mark messages read or unread. Raises FaultError, and ValueError for no IDs."""
        await self.ask(lambda rest: rest.set_read(ids, read=read))
        self._sync.expect_read(ids, read=read)

    async def delete(self, message_id: str) -> None:
        """Delete a message for good. Raises FaultError, and ValueError for no ID."""
        await self.ask(lambda rest: rest.delete(message_id))
        self._sync.expect_gone(message_id)

    async def ask(self, call: Callable[[Rest], Answer]) -> Answer:
        """What a REST call says; it runs in the thread that all calls to this server share. Raises FaultError."""
        await self._password_known()
        try:
            return await self._call(self._calls, call)
        except FaultError as error:
            if error.fault is not Fault.NOT_FOUND:  # that is about one message
                self._sync.want()  # a snapshot shows whether REST works at all
            raise

    async def pages(self) -> AsyncGenerator[Snapshot, None]:
        """Yield every message that the server has now, newest first, page by page. Raises FaultError.

        Frames may be on their way still: this is how to be sure that nothing sent before the call is missing.
        """
        await self._password_known()
        listing, is_end = Listing(), False
        while not is_end:
            page = await next_page(listing, self._fetch)
            is_end = not page.more
            yield page

    async def _call(self, calls: Calls, call: Callable[[Rest], Answer]) -> Answer:
        """Make a REST call. A certificate that is not trusted there ends the websocket as well, so that it is seen."""
        try:
            return await calls.call(call)
        except FaultError as error:
            if error.fault in UNTRUSTED and self._closed and not self._closed.done():
                self._closed.set_result(Closed(fault=error.fault, detail=f"REST: {error.detail}"))
            raise

    async def _once(self) -> None:
        await self._wait_after(await self._tried())

    async def look(self, call: Callable[[Rest], Answer], *, apart: bool = False) -> Answer:
        """What a call says that reads a source: on another connection than `ask`. Raises FaultError.

        What may take long is read `apart`: on a connection for this call alone, so that no other look waits for it.
        """
        if not apart:
            return await self._call(self._looks, call)
        calls = Calls(f"{self.server.label} large source", self._url or self.server.url, self._dial)
        try:
            return await self._call(calls, call)
        finally:
            calls.close()

    async def _tried(self) -> Closed:
        """One connection; what nobody foresaw ends this one as a cut does, and not the session."""
        try:
            return await self._connection()
        except Exception as error:
            task = asyncio.current_task()
            if task and task.cancelling():  # it came in the place of our own end
                raise
            found = self._complaints.fault_from(error)
            return Closed(fault=found.fault, detail=found.detail)

    async def _connection(self) -> Closed:
        """One connection from dialling to its end; returns why it ended. Raises FaultError where it has no password."""
        loop = asyncio.get_running_loop()
        opened: asyncio.Future[None] = loop.create_future()
        closed: asyncio.Future[Closed] = loop.create_future()
        self._closed = closed
        channel: Channel[str | Event | Opened | Closed] = Channel(loop, partial(self._deliver, opened, closed))
        self._feed = feed = Feed(await self._unlocked(), channel.put, self._dial)
        feed.start()
        try:
            await first_of(opened, closed, within=HANDSHAKE)
            if feed.local:
                self._patience.note_local()
            if opened.done() and not closed.done():
                await self._stream(closed)
        finally:
            self._feed = self._closed = None
            feed.close()
            channel.close()
        if opened.done():
            return closed.result()
        ended = closed.result() if closed.done() else Closed(fault=Fault.TIMEOUT, detail="no end of the handshake")
        return await self._explain(ended) if feed.reached or self._polling else ended

    async def _stream(self, closed: asyncio.Future[Closed]) -> None:
        """Keep in step until the connection ends."""
        began = monotonic()
        log.info("%s: connected", self.server.key)
        self._polling.stop()
        self._calls.expire()  # what ended the last websocket may have ended REST's connection, too, without a word
        self._looks.expire()
        self._say(Link.CONNECTED, self._beside)
        in_step = asyncio.create_task(self._keep_in_step())
        try:
            await first_of(closed, in_step)
        finally:
            await stopped(in_step)
            if self._patience.lasted(monotonic() - began):
                self._complaints.begin_anew()

    async def _keep_in_step(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._sync.run(self._on_no_snapshot))
            tasks.create_task(self._learn_name())

    async def _learn_name(self) -> None:
        """Take the name that the server or its project has, unless the user gave one, or the address says it."""
        if self.server.name:
            return
        here = self.local and self.server.label == self.server.url.label
        try:
            name = await self._naming.name(self._calls, may_be_project=here)
        except Exception as error:  # noqa: BLE001 - a name is not worth a connection
            report(error, f"The name of {self.server.key}")
            return
        if name:
            self.status = replace(self.status, name=name)
            self._observer.status(self.status)

    def _deliver(
        self, opened: asyncio.Future[None], closed: asyncio.Future[Closed], item: str | Event | Opened | Closed
    ) -> None:
        if isinstance(item, str):
            item = parse(item, datetime.now(UTC))
        if isinstance(item, Event):
            event = item
            if isinstance(event, Unknown):
                log.debug("%s: ignored a frame: %s", self.server.key, event.reason)
            elif isinstance(event, News):
                self._observer.news(self.server.key, event)
            else:
                self._sync.take(event)
        elif isinstance(item, Opened):
            opened.set_result(None)
        elif not closed.done():
            closed.set_result(item)

    def _on_changed(self, change: Change) -> None:
        self._observer.changed(self.server.key, change)  # first: a mail is more urgent than a count
        if change.counts:
            self._say(self.status.link, self.status.fault)

    def _on_caught_up(self, snapshot: Snapshot) -> bool:
        if self._polling:
            self._say(Link.POLLING, Fault.NO_UPGRADE)
        return self._observer.caught_up(self.server.key, snapshot)

    def _on_no_snapshot(self, error: FaultError) -> None:
        self.detail = error.detail
        self._complaints.add("snapshot", error.fault, f"no snapshot: {error}")
        self._failed_snapshots += 1
        if self._failed_snapshots >= UNREADABLE_AFTER:
            self._say_beside(beside_live_updates(error.fault))

    def _say_beside(self, fault: Fault | None) -> None:
        self._beside = fault
        if self.status.link is Link.CONNECTED:
            self._say(Link.CONNECTED, fault)

    def _on_poll_failed(self, error: Exception) -> None:
        found = self._complaints.fault_from(error)
        self.detail = found.detail
        self._complaints.add("polling", found.fault, f"polling failed: {found}")
        self._say(Link.DISCONNECTED, found.fault)

    async def _explain(self, closed: Closed) -> Closed:
        """Why there is no websocket: REST can tell a proxy without websockets from what is no Mailpit at all."""
        if closed.fault not in ANSWERS_OTHERWISE:
            return closed
        if closed.fault is Fault.TIMEOUT and not self._polling:
            self.detail = closed.detail
            self._say(Link.DISCONNECTED, closed.fault)  # asking may take as long once more
        try:
            await self._fetch(Query(limit=1))
        except FaultError as error:
            return Closed(fault=self._stopped_or(error.fault), detail=f"{closed.detail}; REST: {error.detail}")
        return Closed(fault=Fault.NO_UPGRADE, detail=closed.detail)

    def _stopped_or(self, fault: Fault) -> Fault:
        """A local router answers 404 for a project that is stopped (DDEV): behind a name, or where there was mail."""
        routed = self.local and not self.server.url.is_local_name
        was_there = self.inbox.total is not None
        return Fault.STOPPED if fault is Fault.NOT_FOUND and (routed or was_there) else fault

    async def _wait_after(self, closed: Closed) -> None:
        """Wait before the next try, as patiently as the fault asks for; `retry` ends it at once."""
        fault, self.detail = closed.fault, closed.detail
        delay = self._patience.delay(fault)
        if fault is not Fault.NO_UPGRADE:
            self._polling.stop()
            self._say(Link.DISCONNECTED, fault)
        elif self._polling:
            delay = UPGRADE
        else:  # and soon once more: it may have been starting, and not a proxy
            delay = min(delay, UPGRADE)
            self._polling.start(local=self.local)
            self._say(Link.POLLING, fault)
        self._complaints.add("connection", fault, f"{fault.sentence} ({closed.detail}) Next try in {delay:.1f} s.")
        await self._patience.wait(delay)

    async def _unlocked(self) -> ServerUrl:
        if self._url is None:
            loop, waited = asyncio.get_running_loop(), partial(self._say, Link.DISCONNECTED, Fault.SECRET_STORE)
            late = loop.call_later(self._unlock_within, waited)
            try:
                self._url = await in_thread(f"password {self.server.label}", self._unlock, self.server)
                self._calls.renew(self._url)
                self._looks.renew(self._url)
            finally:
                late.cancel()
                self._password_sought.set()
        return self._url

    async def _password_known(self) -> None:
        """Wait until a session that has just begun has its password, which makes an end of the calls before it."""
        try:
            async with asyncio.timeout(QUEUE):
                await self._password_sought.wait()
        except TimeoutError:
            raise FaultError(Fault.AUTH, "the password is still sought") from None

    async def _fetch(self, query: Query) -> Snapshot:
        most = MAX_LARGE if query.large else MAX_ANSWER
        page = await self._call(
            self._calls,
            lambda rest: rest.snapshot(query.limit, start=query.start, before=query.before, most=most),
        )
        self._failed_snapshots = 0
        if self._beside:
            self._say_beside(None)
        if query.large and page.more and not page.messages:
            text = "a message is left out: what the server lists of it is too large"
            self._complaints.add("large message", Fault.NOT_MAILPIT, text)
        return page

    def _say(self, link: Link, fault: Fault | None) -> None:
        if fault is Fault.AUTH:
            self._url = None  # the password may be another by the next try
        status = replace(self.status, link=link, fault=fault, total=self.inbox.total, unread=self.inbox.unread)
        if status != self.status:
            self.status = status
            self._observer.status(status)
