"""Is a message new, missed or old? Decided per server by its journal, its connection and the gap before it.

`CatchUp` compares each listing with the journal after every connect; `Contact` knows until when a connection was surely
alive. Apart from the announcer, which decides what is shown. Runs on the loop.
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
from .timing import Timing


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A connection: the moment it was made by the server's clock (`date`), by ours (`heard`) and by a monotonic one.

    Our clock may be set while the connection lasts, so only the monotonic one measures its duration.
    """

    date: datetime
    heard: datetime
    made: float = field(default_factory=monotonic)

    def last(self, *, unnoticed: float, now: float | None = None) -> tuple[datetime, datetime]:
        """Return when the connection was surely alive, by the server's clock and ours.

        To be called when its end is noticed, which may be `unnoticed` seconds late. `now` is of the monotonic clock.
        """
        now = monotonic() if now is None else now
        lasted = timedelta(seconds=max(0, now - self.made - unnoticed))
        return self.date + lasted, self.heard + lasted


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a live message is: `news` is to be announced now; `missed` was already counted as missed."""

    news: bool
    missed: bool = False


class CatchUp:
    """Catch up with one server. `gap` has the missed messages that are about to be summed up."""

    def __init__(self, journal: Journal, timing: Timing) -> None:
        self.journal = journal
        self._timing = timing
        self.gap = Bundle(timing.kept_whole)
        self.timer: asyncio.TimerHandle | None = None  # sums the gap up
        self._search: GapSearch | None = None
        self._contact: Contact | None = None  # of this connection, since its first snapshot
        self._old: set[str] = set()  # just recorded without an announcement; a frame makes them news
        self._early: set[str] = set()  # arrived live before the search was over
        self._contact_recorded = 0.0

    @property
    def needs_older(self) -> bool:
        """Whether older messages of the server are still to be compared."""
        return self._search is not None

    def arrived(self, message: Message) -> Verdict:
        """Judge a message that arrived live."""
        missed = bool(self.gap.drop([message.id]))
        if message.id in self.journal and not missed and message.id not in self._old:
            return Verdict(news=False)
        self._old.discard(message.id)
        if self._contact is None or self._search:
            self._early.add(message.id)
        if self._contact and message.created < self._contact.date - self._timing.late:
            self.journal.record_message_dates()
        return Verdict(news=True, missed=missed)

    def begin(self, snapshot: Snapshot) -> Gap:
        """Compare the newest messages after a connection was made; return what is decided by them."""
        now = datetime.now(UTC)
        date = snapshot.date or now
        self._contact = Contact(date=date, heard=now)
        journal = self.journal
        before = Before(
            ids=journal,
            contact=journal.last_contact_by(date, now),
            early=self._early,
            count=journal.count,
            walked=journal.walked,
            message_dates=journal.message_dates,
        )
        self._search = GapSearch(before, margin=self._timing.margin)
        gap = self.add_page(snapshot)
        self._old = {message.id for message in gap.old}
        return gap

    def add_page(self, page: Snapshot) -> Gap:
        """Compare the next older messages of the server; return what is decided by them."""
        if not (search := self._search):
            return Gap()
        gap = search.add_page(page)
        self.journal.record(message.id for message in gap.old)
        if search.message_dates:
            self.journal.record_message_dates()
        if search.notes_all:
            self.journal.begin_walk()
            # Record the first contact at once: messages from now on are new, even if the program is killed.
            if self.journal.last_contact is None and self._contact:
                self.journal.record_contact(self._contact.date, self._contact.heard)
        return gap

    def compare(self, snapshot: Snapshot) -> Gap:
        """Compare the newest messages once more; return those that no frame has reported.

        Mailpit accepts a websocket a moment before it starts to send frames to it. A message captured in between is
        in no frame, and may be later than the first snapshot.
        """
        if self._search or not self._contact:
            return Gap()
        return Gap(missed=tuple(message for message in snapshot.messages if message.id not in self.journal))

    def finish_page(self) -> None:
        """End the search if the page just handled was its last: every message up to now is recorded."""
        if self._search and self._search.over and self._contact:
            self._search = None
            self._early = set()
            self.journal.end_walk()
            self.journal.record_contact(self._contact.date, self._contact.heard)

    def connection_lost(self) -> None:
        """Record until when every message was surely reported."""
        contact, self._contact = self._contact, None
        if contact and not self._search:
            self.journal.record_contact(*contact.last(unnoticed=self._timing.unnoticed))
        self._search = None
        self._early = set()

    def record_announced(self, ids: tuple[str, ...]) -> None:
        """Record announced messages, and now and then, when no other waits, a contact with the server."""
        self.journal.record(ids)
        now = monotonic()
        is_due = now - self._contact_recorded > self._timing.contact_every
        if self._contact and not self._search and not self.journal.has_expected and is_due:
            self._contact_recorded = now
            self.journal.record_contact(*self._contact.last(unnoticed=self._timing.unnoticed))

    def take_gap(self) -> Bundle:
        """Return the missed messages, and start with none."""
        gap, self.gap = self.gap, Bundle(self._timing.kept_whole)
        return gap

    def stop(self) -> None:
        """Cancel the summary of what was missed."""
        if self.timer:
            self.timer.cancel()
