"""One server for as long as `wait` waits: connect, judge what was there, judge what comes, connect again.

Socket first, then the snapshot, then what queued up meanwhile: nothing falls between. Apart from the waiting, which
knows no server. It blocks in a daemon thread of its own and is never joined; what it learns it puts into a queue.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from time import monotonic

from mailpit_notifier.client.feed import Closed, Feed, Opened
from mailpit_notifier.client.listing import Listing
from mailpit_notifier.client.rest import MAX_ANSWER, MAX_LARGE, Rest
from mailpit_notifier.core.settings import Server
from mailpit_notifier.protocol.events import Arrived, Event, Snapshot, parse
from mailpit_notifier.protocol.faults import REST_MAY_WORK, Fault, FaultError, Retry
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.runtime.threads import start_thread

from .answers import Judge, Verdict
from .server_options import dialled, unlocked

log = logging.getLogger(__name__)

PAUSES = {Retry.SOON: 0.25, Retry.LATE: 2.0}
"""Seconds until the next try. Short, because somebody waits, and not for long."""

POLLING = 1.0
"""Seconds between questions where live updates do not get through."""

PAGE = 200
"""Messages asked for at once, as many pages of them as are needed."""

NEVER = datetime.max.replace(tzinfo=UTC)
"""For the time of a server that does not tell it: then only what it announces counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """From here on nothing that comes to this server is missed."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Everything that the server had has been judged; `looks` of those that were asked for are in it."""

    key: str
    looks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """There is no connection; it is tried again."""

    key: str
    fault: Fault
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody wants to know that everything has been judged."""


Put = Callable[[Reached | Level | Lost | Verdict], None]


class Listener:
    """Listens to one server. `since` is the age in seconds of mails that count from the start; None for all."""

    def __init__(self, server: Server, judge: Judge, put: Put, *, since: float | None, enough: int) -> None:
        self.key = server.key
        self._server = server
        self._judge = judge
        self._put = put
        self._since = since
        self._enough = enough
        self._heard: SimpleQueue[str | Event | Opened | Closed | Look] = SimpleQueue()
        self._seen: set[str] = set()
        self._is_known = False  # whether there was a snapshot
        self._begin: datetime | None = None  # by the server's clock; older ones do not count
        self._counted_from: float | None = None
        self._looks = 0

    def start(self) -> None:
        """Begin."""
        start_thread(self._run, f"listener {self.key}")

    def count_from_now(self) -> None:
        """What a server that is reached later got from now on counts, however young mails must be otherwise."""
        self._counted_from = monotonic()

    def look(self) -> None:
        """Ask the server once more what it has: a Level that counts this look follows, unless it is Lost."""
        self._looks += 1
        self._heard.put(Look())

    def _run(self) -> None:
        try:
            url = unlocked(self._server, within=None)  # the wait as a whole is bounded
        except FaultError as error:  # asking again would ask a person again
            self._put(Lost(key=self.key, fault=error.fault, detail=error.detail))
            return
        mailbox = Rest(url, dialled(self._server))
        while True:
            closed: Closed | None
            try:
                closed = self._connection(url, mailbox)
                if closed.fault in REST_MAY_WORK:
                    closed = self._ask(mailbox)
            except Exception as error:
                log.debug("%s: something unforeseen happened", self.key, exc_info=error)
                closed = Closed(fault=Fault.CUT_OFF, detail=type(error).__name__)
            if closed:
                mailbox.close()
                self._put(Lost(key=self.key, fault=closed.fault, detail=closed.detail))
            self._pause(PAUSES[closed.fault.retry] if closed else POLLING)

    def _connection(self, url: ServerUrl, mailbox: Rest) -> Closed:
        """One connection from dialling to its end; returns why it ended."""
        feed = Feed(url, self._heard.put, dialled(self._server))
        feed.start()
        while not isinstance(heard := self._heard.get(), Closed):
            try:
                if isinstance(heard, str | Event):
                    self._hear(heard, mailbox)
                elif isinstance(heard, Opened) or self._is_known:
                    self._catch_up(mailbox)
            except FaultError as error:
                self._end(feed)
                return Closed(fault=error.fault, detail=error.detail)
            except Exception:
                self._end(feed)
                raise
        return heard

    def _end(self, feed: Feed) -> None:
        feed.close()
        while not isinstance(self._heard.get(), Closed):
            pass  # the next snapshot has it

    def _ask(self, mailbox: Rest) -> Closed | None:
        """Ask by REST alone; returns why it did not work."""
        try:
            self._catch_up(mailbox)
        except FaultError as error:
            return Closed(fault=error.fault, detail=error.detail)
        return None

    def _pause(self, seconds: float) -> None:
        """Wait, unless somebody wants to know."""
        try:
            self._heard.get(timeout=seconds)
        except Empty:
            return

    def _hear(self, heard: str | Event, mailbox: Rest) -> None:
        event = parse(heard, datetime.now(UTC)) if isinstance(heard, str) else heard
        if isinstance(event, Arrived):
            self._consider([event.message], mailbox, self._enough)

    def _catch_up(self, mailbox: Rest) -> None:
        """Judge what the server has, newest first and page by page, as far as it counts and until enough match."""
        looks, listing, matches = self._looks, Listing(PAGE), 0
        page = self._page(listing, mailbox)
        reach = self._reach
        is_first, self._begin, self._is_known = not self._is_known, self._begin_by(page, reach), True
        self._put(Reached(key=self.key))
        while True:
            if is_first and reach == 0:  # what was there in the second in which we began does not count
                self._seen |= {message.id for message in page.messages}
            may_follow = page.more and self._may_follow(page)
            newest_first = sorted(page.messages, key=lambda message: message.created, reverse=True)
            counted = (message for message in newest_first if self._counts(message))
            matches += self._consider(counted, mailbox, self._enough - matches)
            if not may_follow or matches >= self._enough:
                break
            page = self._page(listing, mailbox)
        self._put(Level(key=self.key, looks=looks))

    def _page(self, listing: Listing, mailbox: Rest) -> Snapshot:
        while True:
            query = listing.query
            most = MAX_LARGE if query.large else MAX_ANSWER
            answer = mailbox.snapshot(query.limit, start=query.start, before=query.before, most=most)
            if page := listing.add_page(answer):
                return page

    def _may_follow(self, page: Snapshot) -> bool:
        """Whether messages that count may be older than this page: not behind those that do not, or were all seen."""
        if self._begin and page.messages[-1].created < self._begin:
            return False
        return self._begin is not None or any(message.id not in self._seen for message in page.messages)

    def _begin_by(self, snapshot: Snapshot, reach: float | None) -> datetime | None:
        """The time from which mails count, by the server's own clock; None where all do."""
        if self._is_known or reach is None:
            return self._begin
        return (snapshot.date or NEVER) - timedelta(seconds=reach)

    @property
    def _reach(self) -> float | None:
        """Seconds back from now that mails count which were there before us."""
        if self._since is None or self._counted_from is None:
            return self._since
        return self._since + monotonic() - self._counted_from

    def _counts(self, message: Message) -> bool:
        """Whether a mail of a snapshot is to be judged."""
        return message.id not in self._seen and (self._begin is None or message.created >= self._begin)

    def _consider(self, messages: Iterable[Message], mailbox: Rest, enough: int) -> int:
        """Judge messages that were not seen yet, until enough of them match; how many do. Raises FaultError."""
        matches = 0
        for message in messages:
            if message.id in self._seen or matches >= enough:
                continue
            judged = self._judge(self._server, message, mailbox)
            self._seen.add(message.id)
            self._put(judged)
            matches += not judged.missed
        return matches
