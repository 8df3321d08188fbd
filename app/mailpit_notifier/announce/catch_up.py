"""Is a message new, missed or old? And what happens with missed ones.

- `CatchUp` compares each listing of one server with its journal, after every connect; `Contact` knows until when a
  connection was surely alive.
- `ServerState` is what the announcer keeps about one server: catch-up with its journal, burst and SMTP errors.
- `CatchUps` makes summaries of the gaps of all servers. A gap is summed up `timing.settle` seconds after its last page.
  Gaps of several servers that follow each other within `timing.one_summary` seconds are counted in one notification
  ("7 messages while you were away").

Apart from the announcer, which decides what is shown. Runs on the loop.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic

from mailpit_notifier.core.gap import Before, Gap, GapSearch
from mailpit_notifier.core.limits import Suppression, SuppressionReason
from mailpit_notifier.protocol.events import Snapshot
from mailpit_notifier.protocol.model import Message

from .journal import Journal
from .message_rules import MessageRules
from .summaries import MAX_IDS, Bundle, BurstSummary, PausedMessages, SmtpErrorNotices, SuppressionLog
from .summaries import Show as ShowBurst
from .summaries import ShowError as ShowErrors
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
        # If the search begins anew after a fault, they are no evidence that the database is still the same.
        self._early.update(message.id for message in gap.missed)
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
        in no frame, and may be later than the first snapshot. While older messages are still being compared, they are
        unknown, too; only those from after the connection are new.
        """
        if not self._contact:
            return Gap()
        unknown = (message for message in snapshot.messages if message.id not in self.journal)
        since = self._contact.date
        return Gap(missed=tuple(message for message in unknown if not self._search or message.created >= since))

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
        if self._search:
            self._search = None
            return
        self._early = set()
        if contact:
            self.journal.record_contact(*contact.last(unnoticed=self._timing.unnoticed))

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


class ServerState:
    """State of one server, from the first time it is added until its journal is closed."""

    def __init__(
        self,
        journal: Journal,
        timing: Timing,
        *,
        show_burst: ShowBurst,
        show_errors: ShowErrors,
        can_update: Callable[[], bool],
    ) -> None:
        self.journal = journal
        self.catch_up = CatchUp(journal, timing)
        self.burst = BurstSummary(show_burst, timing, can_update)
        self.smtp_errors = SmtpErrorNotices(show_errors, timing)
        self.removed = False
        """Whether the server was removed. Its journal stays open until the desktop has shown what is queued."""

    def remove(self) -> None:
        """Cancel all summaries. Messages that were not counted yet are news if the server is added again."""
        self.stop()
        self.burst.end()
        self.smtp_errors.reset()
        self.catch_up.take_gap()
        self.removed = True

    def drop(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Remove these messages from the next summaries; return the IDs of those that were in one."""
        ids = tuple(ids)
        return self.catch_up.gap.drop(ids) + self.burst.drop(ids)

    def stop(self) -> None:
        """Cancel all timers."""
        self.burst.stop()
        self.smtp_errors.stop()
        self.catch_up.stop()


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """`show_summary(server, missed, counts)` shows the number of missed messages by server, of which `missed` are new.

    `announce(server, message)` shows a message's own notification. `is_enabled()`: the setting `catch_up`.
    """

    show_summary: Callable[[str, Bundle, Mapping[str, int]], None]
    announce: Callable[[str, Message], None]
    is_enabled: Callable[[], bool]


class CatchUps:
    """Count the missed messages of all servers.

    `begin`, `add_older` and `compare` return how many messages of a listing were missed and are not silenced by a rule.
    """

    def __init__(
        self,
        callbacks: Callbacks,
        states: Mapping[str, ServerState],
        *,
        rules: MessageRules,
        paused: PausedMessages,
        suppressions: SuppressionLog,
        timing: Timing,
    ) -> None:
        self._callbacks = callbacks
        self._states = states
        self._rules = rules
        self._paused = paused
        self._suppressions = suppressions
        self._timing = timing
        self._counts: dict[str, int] = {}  # of the current notification, by server
        self._shown_at = float("-inf")

    def is_known(self, server: str, message_id: str) -> bool:
        """Return whether a message needs no announcement."""
        return message_id in self._states[server].journal

    def begin(self, server: str, snapshot: Snapshot) -> int:
        """Compare a server's newest messages after a connection was made."""
        return self._add(server, self._states[server].catch_up.begin(snapshot))

    def needs_older(self, server: str) -> bool:
        """Return whether a missed message may be among older ones."""
        return self._states[server].catch_up.needs_older

    def add_older(self, server: str, snapshot: Snapshot) -> int:
        """Compare older messages, while it `needs_older`."""
        return self._add(server, self._states[server].catch_up.add_page(snapshot))

    def compare(self, server: str, snapshot: Snapshot) -> int:
        """Compare the newest messages again: some may have been in no frame."""
        return self._add(server, self._states[server].catch_up.compare(snapshot))

    def connection_lost(self, server: str) -> None:
        """Handle the end of a connection."""
        if state := self._states.get(server):
            state.catch_up.connection_lost()

    def remove_server(self, server: str) -> None:
        """Do not count a server's messages any more."""
        self._counts.pop(server, None)

    def _add(self, server: str, gap: Gap) -> int:
        state = self._states[server]
        catch_up = state.catch_up
        missed = [message for message in gap.missed if not self._is_silenced(server, message)]
        for message in missed:
            self._suppressions.set((server, message.id), SuppressionReason(Suppression.AWAY))
        counted = missed if self._callbacks.is_enabled() else []
        kept = counted[: max(0, MAX_IDS - len(catch_up.gap))]
        state.journal.expect(message.id for message in kept)
        state.journal.record({message.id for message in gap.missed} - {message.id for message in kept})
        catch_up.gap.add(kept)
        catch_up.gap.count(len(counted) - len(kept))
        if counted:
            catch_up.stop()
            loop = asyncio.get_running_loop()
            catch_up.timer = loop.call_later(self._timing.settle, self._sum_up, server, state)
        catch_up.finish_page()
        return len(missed)

    def _sum_up(self, server: str, state: ServerState) -> None:
        missed = state.catch_up.take_gap()
        now = asyncio.get_running_loop().time()
        if now - self._shown_at > self._timing.one_summary:
            self._counts.clear()
        if not len(missed):
            return
        if self._paused.applies_to(server):
            self._paused.of(server).merge(missed)
            return
        if state.burst.open and len(missed) == len(missed.whole):
            state.burst.add(missed.whole)
            return
        newest = missed.newest
        if newest and len(missed) == 1 and not self._counts:  # a summary of one message would show less than itself
            self._suppressions.remove((server, newest.id))
            self._callbacks.announce(server, newest)
            return
        self._shown_at = now
        self._counts[server] = self._counts.get(server, 0) + len(missed)
        self._callbacks.show_summary(server, missed, self._counts)

    def _is_silenced(self, server: str, message: Message) -> bool:
        rule = self._rules.silencing(server, message)
        if rule:
            self._suppressions.set((server, message.id), SuppressionReason(Suppression.RULE, rule.name))
        return rule is not None
