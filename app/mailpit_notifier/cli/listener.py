"""Judge the messages of one server for as long as `wait` waits, each message once.

The connection, retries, polling and the order of events are the session's, as in the application, with shorter times.
What the session reports is put into a queue. One task takes it from there and has it judged in a thread. So a slow
source or a slow pattern delays neither the loop nor another server.
"""

import asyncio
import contextlib
import logging
import math
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from time import monotonic

from mailpit_notifier.client.rest import Rest
from mailpit_notifier.client.session import Session, SessionCallbacks
from mailpit_notifier.client.source import Sink, Source
from mailpit_notifier.client.timing import Timing
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.settings import Server
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.protocol.events import Snapshot
from mailpit_notifier.protocol.faults import Fault, FaultError, Retry
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.runtime.bridge import Worker

from .answers import Judge, Verdict
from .printing import WITH_ATTACHMENTS
from .progress import CaughtUp, Connected, Disconnected
from .server_options import dial_for, with_credentials

log = logging.getLogger(__name__)

TIMING = Timing(first_retry=0.25, longest_retry=0.25, longest_local_retry=0.25, late_retry=2.0, polling=1.0)
"""Shorter times than the application's, because a test suite is waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitTiming:
    """The times of `wait`, in seconds."""

    client: Timing = TIMING
    """For the connections to the servers."""

    settling: float = 2.0
    """After the last match: `--exactly` waits for more. A program that sends twice does so within one request or one
    run of its queue. The timeout ends this sooner."""

    tick: float = 0.25
    """Until the state is checked without an event: a part of it depends on the clock."""


WAIT_TIMING = WaitTiming()

PAGE = 200
"""Messages in the first snapshot. The application's 500 take 15 ms longer until `wait` listens."""

MOST_OLD = 20
"""Maximum number of messages that are judged although they are too old to count. Each may cost a request."""

NEVER = datetime.max.replace(tzinfo=UTC)
"""The time of a server that sends no `Date`: no message in its list can be called recent, so only live ones count."""

Put = Callable[[Connected | CaughtUp | Disconnected | Verdict], None]


class _Old:
    """Wakes the judge: there is another message that is too old to count."""


OLD = _Old()


class Listener:
    """Listen to one server. All methods are called on the loop; `put` must be callable from any thread.

    Messages count if they are at most `since` seconds old when the listener connects, with None at any age. They are
    judged from the newest on until `enough` match. Messages that arrive later are all judged. The newest of those that
    are too old to count are judged last, so that the report can name one that matches.

    With Mailpit's --use-message-dates, `Created` is the sender's date. Such times have no fraction of a second, and the
    time of arrival is then read from the message's own Received field.
    """

    def __init__(
        self,
        server: Server,
        judge: Judge,
        put: Put,
        *,
        since: float | None,
        enough: int,
        timing: Timing = TIMING,
    ) -> None:
        self._server = server
        self._judge = judge
        self._put = put
        self._since = since
        self._enough = enough
        self._timing = timing
        callbacks = SessionCallbacks(
            changed=self._on_changed,
            caught_up=self._on_caught_up,
            listed=self._on_listed,
            knows=self._knows,
            news=lambda _key, _news: None,
            status=self._on_status,
        )
        named = replace(server, name=server.label)  # the session then need not ask the server for its name
        self._session = Session(named, callbacks, unlock=self._password_once, page=PAGE, timing=timing)
        self._password: ServerUrl | FaultError | None = None
        self._thread = Worker(f"judge {server.label}")
        self._mailbox: Rest | None = None
        self._queue = asyncio.Queue[Message | Snapshot | _Old | None]()  # None: list everything that the server has
        self._seen: set[str] = set()  # IDs judged, or not to be judged
        self._listed: set[str] = set()  # IDs of the first page after each connection
        self._end: datetime | None = None  # the oldest of that page, if older ones follow
        self._old: deque[Message] = deque()  # too old to count; the next to be judged first
        self._now: datetime | None = None  # the server's time at the first connection
        self._began = False  # whether there was a snapshot
        self.is_idle = True
        """Whether every message that was received is judged."""
        self._is_connected = False
        self._has_failed = False  # messages could not be judged, and were not listed again since
        self._is_walked = False  # whether everything that counts was listed once
        self._begin: datetime | None = None  # by the server's clock: older messages do not count
        self._counted_from: float | None = None
        self._checks = 0

    @property
    def key(self) -> str:
        """The server's key."""
        return self._server.key

    async def run(self) -> None:
        """Listen until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._session.run())
                tasks.create_task(self._judge_queue())
        finally:
            if self._mailbox:
                self._mailbox.abort()
            self._thread.stop(self._close_mailbox)

    def count_from_now(self) -> None:
        """Let every message from now on count, also on a server that is reached only later."""
        self._counted_from = monotonic()

    def check_again(self) -> None:
        """List once more what the server has: frames may still be on their way.

        A CaughtUp that counts this check follows, or a Disconnected.
        """
        self._checks += 1
        self._session.retry()
        if self._began:
            self._queue.put_nowait(None)

    async def read_attachments(self, message_id: str, sink: Sink) -> Source:
        """Pass the attachments of a message to a sink. Raises FaultError."""
        return await self._thread.call(
            lambda: self._opened_mailbox().source(message_id, WITH_ATTACHMENTS, with_attachments=True, sink=sink)
        )

    def _password_once(self, _server: Server) -> ServerUrl:
        """Return the address with the password, which is fetched only once: that may ask the user. Runs in a thread."""
        if self._password is None:
            try:
                self._password = with_credentials(self._server, within=None)  # the wait as a whole is limited
            except FaultError as error:
                self._password = error
        if isinstance(self._password, FaultError):
            raise FaultError(self._password.fault, self._password.detail, about=self._password.about)
        return self._password

    def _on_status(self, status: ServerStatus) -> None:
        """Report a fault, unless live updates or polling work despite it."""
        is_beside = status.link is Link.POLLING or (status.link is Link.CONNECTED and self._is_connected)
        if status.fault and not is_beside:
            self._is_connected = False
            error = FaultError(status.fault, self._session.detail, about=status.about)
            self._put(Disconnected(key=self._server.key, error=error))

    def _on_caught_up(self, _key: str, snapshot: Snapshot) -> bool:
        """Queue the newest messages. Return False: `_catch_up` lists older ones itself, after judging these."""
        if not self._began:
            self._began = True
            self._begin_with(snapshot)
        self._listed = {message.id for message in snapshot.messages}
        self._end = min((message.created for message in snapshot.messages), default=None) if snapshot.more else None
        self._is_connected = True
        self._put(Connected(key=self._server.key))
        self._queue.put_nowait(snapshot)
        if self._checks:  # the snapshot may be older than the last check
            self._queue.put_nowait(None)
        return False

    def _begin_with(self, snapshot: Snapshot) -> None:
        """Set the time from which messages count, by the server's clock."""
        reach = self._since
        if reach is None:
            return
        if self._counted_from is not None:
            reach += monotonic() - self._counted_from
        self._now = snapshot.date
        self._begin = (snapshot.date or NEVER) - timedelta(seconds=reach)
        too_old = (message for message in snapshot.messages if reach == 0 or message.created < self._begin)
        self._old.extend(islice(too_old, MOST_OLD))
        if reach == 0:  # `Date` has whole seconds: skip what arrived earlier in this second
            self._seen |= {message.id for message in snapshot.messages}
            if snapshot.more and snapshot.messages[-1].created >= self._begin:
                self._begin = max(message.created for message in snapshot.messages)

    def _on_changed(self, _key: str, change: Change) -> None:
        if (message := change.arrived) is None or not self._began:  # the first snapshot has it
            return
        # A poll finds messages of any age. One that would have been on the first page was not there then.
        is_new = not self._session.is_polling or self._end is None or message.created >= self._end
        if is_new or self._counts(message):
            self._queue.put_nowait(message)
        else:
            self._old.appendleft(message)
            self._queue.put_nowait(OLD)

    def _on_listed(self, _key: str, snapshot: Snapshot) -> None:
        """Judge messages for which no frame was received."""
        for message in filter(self._counts, snapshot.messages):
            self._queue.put_nowait(message)

    def _knows(self, _key: str, message_id: str) -> bool:
        return message_id in self._listed or message_id in self._seen

    def _counts(self, message: Message) -> bool:
        """Whether a message of a list is to be judged."""
        return message.id not in self._seen and (self._begin is None or message.created >= self._begin)

    async def _judge_queue(self) -> None:
        while True:
            self.is_idle = self._queue.empty() and not self._may_old_count
            while self._queue.empty() and self._old:
                await self._judge_old(self._old.popleft())
                self.is_idle = not self._may_old_count
            found = [await self._queue.get()]
            self.is_idle = False
            while not self._queue.empty():
                found.append(self._queue.get_nowait())
            messages = list({item.id: item for item in found if isinstance(item, Message)}.values())
            snapshots = [item for item in found if isinstance(item, Snapshot)]
            try:
                await self._judge_some(messages, len(messages))
                if snapshots or None in found:
                    await self._catch_up(snapshots[-1] if snapshots else None, is_check=None in found)
            except Exception as error:  # noqa: BLE001 - any is reported and tried again
                await self._fail(error)

    @property
    def _may_old_count(self) -> bool:
        """Whether a message that seems too old may have arrived later than at its date."""
        return any(not message.created.microsecond for message in self._old)

    async def _judge_old(self, message: Message) -> None:
        """Judge a message whose `Created` is too old. It may count by the time of its arrival."""
        with contextlib.suppress(FaultError):
            await self._thread.call(self._judge_old_in_thread, message)

    def _judge_old_in_thread(self, message: Message) -> None:
        verdict = self._judge(self._server, message, self._opened_mailbox())
        if not verdict.missed and message.id not in self._seen:
            self._put(self._dated(verdict))
        elif not verdict.missed:  # it was there when messages began to count
            self._put(replace(verdict, age=self._age(message.created)))

    def _dated(self, verdict: Verdict) -> Verdict:
        """Return the verdict with the age, if the message is too old to count by the time of its arrival."""
        arrived = verdict.message.created
        if self._begin and not arrived.microsecond:
            arrived = self._opened_mailbox().received(verdict.message.id) or arrived
        self._seen.add(verdict.message.id)
        return replace(verdict, age=self._age(arrived)) if self._begin and arrived < self._begin else verdict

    def _age(self, arrived: datetime) -> float:
        return max(0.0, (self._now - arrived).total_seconds()) if self._now else math.inf

    async def _fail(self, error: Exception) -> None:
        """Report why messages cannot be judged, and begin anew after a while."""
        if not isinstance(error, FaultError):
            log.debug("%s: unexpected exception", self._server.key, exc_info=error)
            error = FaultError(Fault.CUT_OFF, type(error).__name__)
        self._has_failed = True
        if self._is_connected:  # otherwise the session reports it, and everything is listed when it has reconnected
            self._put(Disconnected(key=self._server.key, error=error))
            await asyncio.sleep(
                self._timing.first_retry if error.fault.retry is Retry.SOON else self._timing.late_retry
            )
            self._queue.put_nowait(None)

    async def _catch_up(self, first: Snapshot | None, *, is_check: bool) -> None:
        """Judge the listed messages that count, newest first and page by page, until enough match."""
        checks, matches = self._checks if is_check else 0, 0
        async with aclosing(self._pages(None if is_check else first)) as pages:
            async for page in pages:
                if self._has_failed and self._is_connected:
                    self._has_failed = False
                    self._put(Connected(key=self._server.key))
                may_follow = page.more and self._may_follow(page)
                newest_first = sorted(page.messages, key=lambda message: message.created, reverse=True)
                matches += await self._judge_some(filter(self._counts, newest_first), self._enough - matches)
                self._is_walked = self._is_walked or not may_follow
                if not may_follow or matches >= self._enough:
                    break
        self._put(CaughtUp(key=self._server.key, checks=checks))

    async def _pages(self, first: Snapshot | None) -> AsyncGenerator[Snapshot, None]:
        if first:
            yield first
        async with aclosing(self._session.pages()) as pages:
            async for page in pages:
                yield page

    def _may_follow(self, page: Snapshot) -> bool:
        """Whether messages that count may be older than this page."""
        if self._begin:
            return page.messages[-1].created >= self._begin
        return not self._is_walked or any(message.id not in self._seen for message in page.messages)

    async def _judge_some(self, messages: Iterable[Message], enough: int) -> int:
        """Judge messages in the thread until enough of them match; return how many do. Raises FaultError."""
        unseen = [message for message in messages if message.id not in self._seen]
        return await self._thread.call(self._judge_in_thread, unseen, enough) if unseen else 0

    def _judge_in_thread(self, messages: Sequence[Message], enough: int) -> int:
        mailbox, matches = self._opened_mailbox(), 0
        for message in messages:
            if matches >= enough:
                break
            verdict = self._judge(self._server, message, mailbox)
            self._seen.add(message.id)
            verdict = verdict if verdict.missed or message.id not in self._listed else self._dated(verdict)
            self._put(verdict)
            matches += not verdict.missed and verdict.age is None
        return matches

    def _close_mailbox(self) -> None:
        if self._mailbox:
            self._mailbox.close()

    def _opened_mailbox(self) -> Rest:
        if self._mailbox is None:
            self._mailbox = Rest(self._password_once(self._server), dial_for(self._server))
        return self._mailbox
