"""List the messages of a server page by page, newest first, without missing one.

Pages are requested by `before`, the time of the last message, and overlap by one millisecond, the precision of REST's
times. The overlap proves that no message was missed. Without it (servers of 2023 ignore `before`, a proxy may change
times) the listing goes on by `start`. Such pages overlap by some rows; if those are missing, messages were deleted
meanwhile, and the listing steps back. Pure, except for `next_page`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailpit_notifier.protocol.events import Snapshot
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.model import Message

PAGE = 500
"""Messages per request: 260 kB, for which Mailpit with 200,000 messages takes 15 ms and parsing takes 20 ms."""

OVERLAP = 10
"""Rows that a page by `start` shares with the page before it."""

STEP = timedelta(milliseconds=1)

MAX_SKIPPED = 3
"""Messages in a row that are skipped because their summaries are too large. More than these are a fault."""

MAX_EMPTY_PAGES = 5
"""Pages in a row without a new message before the listing ends. Some are normal: many messages of one millisecond, or
after a step back."""

MOST = 1_000_000
"""Messages listed at most: a hostile server may never end its list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Parameters of one request. `large`: it is for few messages, whose summaries may be very long.

    Mailpit writes all summaries that are asked for before it sends the first: with 60 of 1.6 MB and 4 MiB a page the
    walk took more than a minute.
    """

    limit: int
    start: int = 0
    before: datetime | None = None
    large: bool = False


class Listing:
    """One pass through the list, with `at_most` messages per request. `query` is the next request to make."""

    def __init__(self, at_most: int = PAGE, *, most: int = MOST) -> None:
        self._at_most = at_most
        self._most = most
        self.query = Query(limit=at_most)
        self._overlaps = False  # whether the next page should share rows with the last
        self._by_start = False
        self._rows = 0  # listed so far
        self._left_out = 0  # messages in a row
        self._nothing_new = 0  # pages in a row
        self._last_ids: tuple[frozenset[str], frozenset[str]] = frozenset(), frozenset()  # of the last two pages

    def add_page(self, answer: Snapshot) -> Snapshot | None:
        """Process the answer to `query`. Return the next page, or None if another request must be made first.

        A page repeats no message of the last ones; `more` is whether another page follows. Raises FaultError if the
        answers are no list of messages.
        """
        if answer.more and not answer.messages:
            self._narrow()
            return None
        fresh = tuple(message for message in answer.messages if not self._was_listed(message))
        if self._may_skip(answer, fresh):
            self._step_back()
            return None
        if not fresh and answer.more and self._nothing_new < MAX_EMPTY_PAGES:
            self._nothing_new += 1
            self._go_on_by_start(answer)
            return None
        return self._advance(answer, fresh)

    def _narrow(self) -> None:
        """Request the first message alone, which did not fit into the answer. If that fails, too, skip it."""
        if not self.query.large:
            self.query = replace(self.query, limit=1, large=True)
            return
        self._left_out += 1
        if self._left_out > MAX_SKIPPED:
            raise FaultError(Fault.NOT_MAILPIT, "no message of the list can be read")
        self.query = Query(limit=self._at_most, start=self.query.start + 1, before=self.query.before)
        self._overlaps = False

    def _may_skip(self, page: Snapshot, fresh: tuple[Message, ...]) -> bool:
        """Whether a message may be missing between this page and the one before it."""
        before = self.query.before
        ignores_before = before is not None and any(message.created >= before for message in page.messages)
        return ignores_before or (self._overlaps and len(fresh) == len(page.messages))

    def _step_back(self) -> None:
        """Request an earlier part again, and from now on by `start`, which all servers understand."""
        start = self.query.start - self.query.limit if self._by_start else self._rows - OVERLAP
        self._by_start = True
        self.query = Query(limit=self.query.limit, start=max(0, start))
        self._overlaps = start > 0

    def _advance(self, page: Snapshot, fresh: tuple[Message, ...]) -> Snapshot:
        """Prepare the request for the page after this one."""
        self._rows += len(fresh)
        self._last_ids = self._last_ids[1], frozenset(message.id for message in page.messages)
        self._left_out = self._nothing_new = 0
        rows = len(page.messages)
        is_cut = page.more and rows < self.query.limit
        large = is_cut and (rows < OVERLAP or self.query.large)
        limit = min(self._at_most, rows + 2 if large and rows >= OVERLAP else 2 * max(rows, OVERLAP))
        self.query = Query(limit=limit, start=self.query.start, before=self.query.before, large=large)
        before = _before_of(page.messages[-1].created) if page.messages and not self._by_start else None
        if before and (self.query.before is None or before < self.query.before):
            self.query = replace(self.query, start=0, before=before)
            self._overlaps = True
        else:
            self._go_on_by_start(page)
        return replace(page, messages=fresh, more=page.more and bool(fresh) and self._rows < self._most)

    def _go_on_by_start(self, page: Snapshot) -> None:
        rows = len(page.messages)
        overlap = min(OVERLAP, rows // 2)
        self.query = replace(self.query, start=self.query.start + max(1, rows - overlap))
        self._overlaps = overlap > 0

    def _was_listed(self, message: Message) -> bool:
        return any(message.id in page for page in self._last_ids)


def _before_of(created: datetime) -> datetime | None:
    """Return the `before` that includes this time and all older ones; None if it cannot be represented."""
    try:
        return created.replace(microsecond=created.microsecond // 1000 * 1000) + STEP
    except OverflowError:
        return None


Fetch = Callable[[Query], Awaitable[Snapshot]]
"""Makes a request; raises FaultError."""


async def next_page(listing: Listing, fetch: Fetch) -> Snapshot:
    """Return the next page of a listing. Raises FaultError; the page can be requested again then."""
    while not (page := listing.add_page(await fetch(listing.query))):
        pass
    return page
