"""What one server's journal, its connection and its gap say of a message: is it news, was it missed, is it old?

Apart from the announcer, which decides what is said of it. Runs on the loop.

A connection to a server, as far as the journal wants to know of it: until when something was surely heard.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic

from mailpit_notifier.core.gap import Before, Gap, GapSearch
from mailpit_notifier.protocol.events import Snapshot
from mailpit_notifier.protocol.model import Message

from .journal import Journal
from .summaries import Bundle

UNNOTICED = 30.0
"""Seconds for which a connection may have been dead when its end is noticed; mailpit.feed takes up to 27."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Made when it was `date` by the server's clock and `heard` by ours, which may be set meanwhile."""

    date: datetime
    heard: datetime
    _made: float = field(default_factory=monotonic)

    def last(self) -> tuple[datetime, datetime]:
        """By both clocks as they were, when it was surely alive, now that its end is noticed."""
        lasted = timedelta(seconds=max(0, monotonic() - self._made - UNNOTICED))
        return self.date + lasted, self.heard + lasted


LATE = timedelta(minutes=1)
"""How far before its connection a live message may say that it was captured, if it says when it was captured at all."""

MARK = 60.0
"""Seconds between two marks in the journal: the walk after a kill goes back to the last of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a live message is: `news` is to be announced now, `missed` was counted as missed before."""

    news: bool
    missed: bool = False


class CatchUp:
    """One server. `gap` is what was missed and is about to be summed up."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.gap = Bundle()
        self.summing_up: asyncio.TimerHandle | None = None
        self._search: GapSearch | None = None
        self._contact: Contact | None = None  # of this connection, since its first snapshot
        self._old: set[str] = set()  # noted silently just now; a frame makes it news
        self._early: set[str] = set()  # live, but before everything was compared
        self._marked = 0.0

    @property
    def wants_older(self) -> bool:
        """Whether older messages of the server are to be looked at."""
        return self._search is not None

    def arrived(self, message: Message) -> Verdict:
        """A message has come live."""
        missed = bool(self.gap.drop([message.id]))
        if message.id in self.journal and not missed and message.id not in self._old:
            return Verdict(news=False)
        self._old.discard(message.id)
        if self._contact is None or self._search:
            self._early.add(message.id)
        if self._contact and message.created < self._contact.date - LATE:
            self.journal.note_message_dates()
        return Verdict(news=True, missed=missed)

    def begin(self, snapshot: Snapshot) -> Gap:
        """A connection was made, and these are the newest messages of the server; what is known of the gap by them."""
        now = datetime.now(UTC)
        date = snapshot.date or now
        self._contact = Contact(date=date, heard=now)
        journal = self.journal
        self._search = GapSearch(
            Before(
                ids=journal,
                contact=journal.contact_by(date, now),
                early=self._early,
                count=journal.count,
                walked=journal.walked,
                message_dates=journal.message_dates,
            )
        )
        gap = self.look(snapshot)
        self._old = {message.id for message in gap.old}
        return gap

    def look(self, page: Snapshot) -> Gap:
        """These are the next older messages of the server."""
        if not (search := self._search):
            return Gap()
        gap = search.look(page)
        self.journal.note(message.id for message in gap.old)
        if search.message_dates:
            self.journal.note_message_dates()
        if search.notes_all:
            self.journal.begin_walk()
            if self.journal.last_contact is None and self._contact:  # what comes from now on is news, also after a kill
                self.journal.contact(self._contact.date, self._contact.heard)
        return gap

    def find(self, snapshot: Snapshot) -> Gap:
        """These are the newest messages once more. What is unknown the stream has not told of, or is about to.

        Mailpit accepts a websocket a moment before it counts it among those that it tells: what is captured in between
        is not told, and may be later than the first snapshot.
        """
        if self._search or not self._contact:
            return Gap()
        return Gap(missed=tuple(message for message in snapshot.messages if message.id not in self.journal))

    def finish(self) -> None:
        """Note, after a page was dealt with and if it was the last, that all is known from now on."""
        if self._search and self._search.over and self._contact:
            self._search = None
            self._early = set()
            self.journal.end_walk()
            self.journal.contact(self._contact.date, self._contact.heard)

    def lost(self) -> None:
        """The connection ended: until shortly before, we would have heard of every message."""
        contact, self._contact = self._contact, None
        if contact and not self._search:
            self.journal.contact(*contact.last())
        self._search = None
        self._early = set()

    def note(self, ids: tuple[str, ...]) -> None:
        """These were announced; now and then, when nothing else waits to be, remember that all was until now."""
        self.journal.note(ids)
        if self._contact and not self._search and not self.journal.waits and monotonic() - self._marked > MARK:
            self._marked = monotonic()
            self.journal.contact(*self._contact.last())

    def take_gap(self) -> Bundle:
        """What was missed; from now on nothing is."""
        gap, self.gap = self.gap, Bundle()
        return gap

    def stop(self) -> None:
        """Sum nothing up any more."""
        if self.summing_up:
            self.summing_up.cancel()
