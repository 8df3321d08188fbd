"""Walk through the messages of a server, newest first, page by page.

Pages are asked for by `before`, the time of the last message, and overlap by the millisecond that REST cuts times to.
The overlap proves that nothing is left out: where it is missing (a server of 2023 ignores `before`, a proxy changes
times) the walk goes on by `start`. There, a page overlaps by some rows; where those are missing, messages above were
deleted meanwhile, and the walk steps back. Pure but for the asking, which is left to others.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailpit_notifier.protocol.events import Snapshot
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.model import Message

PAGE = 500
"""Messages asked for at once: 260 kB, which Mailpit makes in 15 ms of 200,000, and a thread parses in 20."""

OVERLAP = 10
"""Rows that a page by `start` has in common with the one before it."""

STEP = timedelta(milliseconds=1)

LEFT_OUT = 3
"""Messages in a row whose summaries are too large to be had, and which are left out; a list of more is no list."""

NOTHING_NEW = 5
"""Pages in a row that may have nothing new, as those of a single millisecond and after a step back, before the end."""

MOST = 1_000_000
"""Messages that are listed at most: a server may go on for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked of a listing. `large`: few messages, whose summaries may be very long.

    Mailpit writes all summaries that are asked for before it sends the first: with 60 of 1.6 MB and 4 MiB a page the
    walk took more than a minute.
    """

    limit: int
    start: int = 0
    before: datetime | None = None
    large: bool = False


class Listing:
    """One walk; `at_most` messages are asked for at once. `query` is what is to be asked next."""

    def __init__(self, at_most: int = PAGE) -> None:
        self._at_most = at_most
        self.query = Query(limit=at_most)
        self._overlaps = False  # whether the next page has rows in common with the last, if all is well
        self._by_start = False
        self._rows = 0  # that were listed so far
        self._left_out = 0  # messages in a row that cannot be had
        self._nothing_new = 0  # pages in a row
        self._met: tuple[frozenset[str], frozenset[str]] = frozenset(), frozenset()  # in the last two pages

    def take(self, answer: Snapshot) -> Snapshot | None:
        """Take the answer to `query`; return the next page, or None where something else is to be asked for first.

        A page has nothing that the last ones had; its `more` says whether another follows. Raise FaultError where what
        is answered is no list.
        """
        if answer.more and not answer.messages:
            self._narrow()
            return None
        fresh = tuple(message for message in answer.messages if not self._has_met(message))
        if self._leaves_out(answer, fresh):
            self._step_back()
            return None
        if not fresh and answer.more and self._nothing_new < NOTHING_NEW:
            self._nothing_new += 1
            self._go_on_by_start(answer)
            return None
        return self._turn(answer, fresh)

    def _narrow(self) -> None:
        """Ask for the first message alone, as there is no room for it, or for those that follow it."""
        if not self.query.large:
            self.query = replace(self.query, limit=1, large=True)
            return
        self._left_out += 1
        if self._left_out > LEFT_OUT:
            raise FaultError(Fault.NOT_MAILPIT, "no message of the list can be read")
        self.query = Query(limit=self._at_most, start=self.query.start + 1, before=self.query.before)
        self._overlaps = False

    def _leaves_out(self, page: Snapshot, fresh: tuple[Message, ...]) -> bool:
        """Whether something may lie between this page and the one before it."""
        before = self.query.before
        ignores_before = before is not None and any(message.created >= before for message in page.messages)
        return ignores_before or (self._overlaps and len(fresh) == len(page.messages))

    def _step_back(self) -> None:
        """Ask again from a place further up, and from now on by `start`, which all servers understand."""
        start = self.query.start - self.query.limit if self._by_start else self._rows - OVERLAP
        self._by_start = True
        self.query = Query(limit=self.query.limit, start=max(0, start))
        self._overlaps = start > 0

    def _turn(self, page: Snapshot, fresh: tuple[Message, ...]) -> Snapshot:
        """Get ready for the page after this one."""
        self._rows += len(fresh)
        self._met = self._met[1], frozenset(message.id for message in page.messages)
        self._left_out = self._nothing_new = 0
        rows = len(page.messages)
        is_cut = page.more and rows < self.query.limit
        large = is_cut and (rows < OVERLAP or self.query.large)
        limit = min(self._at_most, rows + 2 if large and rows >= OVERLAP else 2 * max(rows, OVERLAP))
        self.query = Query(limit=limit, start=self.query.start, before=self.query.before, large=large)
        before = _behind(page.messages[-1].created) if page.messages and not self._by_start else None
        if before and (self.query.before is None or before < self.query.before):
            self.query = replace(self.query, start=0, before=before)
            self._overlaps = True
        else:
            self._go_on_by_start(page)
        return replace(page, messages=fresh, more=page.more and bool(fresh) and self._rows < MOST)

    def _go_on_by_start(self, page: Snapshot) -> None:
        rows = len(page.messages)
        overlap = min(OVERLAP, rows // 2)
        self.query = replace(self.query, start=self.query.start + max(1, rows - overlap))
        self._overlaps = overlap > 0

    def _has_met(self, message: Message) -> bool:
        return any(message.id in page for page in self._met)


def _behind(created: datetime) -> datetime | None:
    """The `before` of what is as old as this or older; None where there is no such time."""
    try:
        return created.replace(microsecond=created.microsecond // 1000 * 1000) + STEP
    except OverflowError:
        return None


Fetch = Callable[[Query], Awaitable[Snapshot]]
"""Asks REST; raises FaultError."""


async def next_page(listing: Listing, fetch: Fetch) -> Snapshot:
    """Ask for the next page of a walk. Raise FaultError where it cannot be had; it can be asked for again then."""
    while not (page := listing.take(await fetch(listing.query))):
        pass
    return page
