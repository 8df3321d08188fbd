"""Every mail is announced once: by a notification of its own, or counted in a summary of what was missed.

Between the sessions, which say what came, and the desktop: here it is decided what is said of a mail, by the rules, the
pause and the limits of a burst. The journals are written here and nowhere else, after the desktop has answered. Runs on
the loop.
"""

import asyncio
from collections.abc import Container, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from mailpit_notifier.core.gap import gap_in
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.policy import Quiet, Reason
from mailpit_notifier.core.rules import Outcome, Rule, first_match
from mailpit_notifier.core.settings import Notifications, Settings
from mailpit_notifier.mailpit.events import News, Refused, Snapshot
from mailpit_notifier.mailpit.model import Message
from mailpit_notifier.notify.notice import Key, Notice, Notifier, Urgency
from mailpit_notifier.notify.summaries import away_notice, burst_notice
from mailpit_notifier.notify.texts import Mail, deleted_notice
from mailpit_notifier.notify.troubles import refused_notice

from .burst import BurstSummary
from .contact import Contact
from .held import Held
from .journal import Journal
from .outbox import Outbox, Outgoing
from .reasons import Reasons
from .refusals import Refusals
from .singles import Finder, Singles

SETTLE = 0.3
"""Seconds before a gap is summed up: the frame of a mail that came with the snapshot makes it a live one."""

ONE_SUMMARY = 60.0
"""Seconds within which the gaps of several servers, and one gap after another, are one summary."""


class Servers(Protocol):
    """What the announcer asks about a server, and what it has done about a mail instead of announcing it."""

    def name(self, key: str) -> str:
        """The name that leads what is said of its mail; "" while there is only one."""

    def names(self, key: str) -> Sequence[str]:
        """All by which a rule may mean it."""

    def open(self, key: Key) -> None:
        """Open a mail in the browser."""

    def run(self, rule: Rule, server: str, message: Message) -> None:
        """Run a rule's command for a mail."""


class Announcer:
    """Decides about every mail once."""

    def __init__(self, notifier: Notifier, servers: Servers, finder: Finder) -> None:
        self._servers = servers
        self._shown = Notifications()
        self._rules: tuple[Rule, ...] = ()
        self._outbox = Outbox(notifier, self._on_announced)
        self.singles = Singles(self._outbox, finder, lambda: self._shown)
        self._held: Held | None = None  # while it is paused
        self._bursts: dict[str, BurstSummary] = {}
        self._refusals: dict[str, Refusals] = {}
        self._reasons = Reasons()
        self._journals: dict[str, Journal] = {}
        self._old: dict[str, set[str]] = {}  # noted silently just now; a frame makes it news
        self._early: dict[str, set[str]] = {}  # live, but before the first snapshot of the connection
        self._gaps: dict[str, dict[str, Message]] = {}
        self._contacts: dict[str, Contact] = {}
        self._missed: dict[str, int] = {}  # what the summary says
        self._summed_up = float("-inf")
        self._wanted: set[str] = set()
        self._left: set[str] = set()  # servers that are listened to no more

    async def run(self) -> None:
        """Show what is to be shown, for ever."""
        await self._outbox.run()

    def apply(self, settings: Settings) -> None:
        """Go on by other settings."""
        self._shown = settings.notifications
        self._rules = settings.rules

    async def stop(self) -> None:
        """Begin no other notice."""
        for burst in self._bursts.values():
            burst.stop()
        for refusals in self._refusals.values():
            refusals.stop()
        await self.singles.stop()
        await self._outbox.stop()

    def pause(self) -> None:
        """Announce nothing; what comes is counted."""
        if self._held is None:
            self._held = Held()
            for server, burst in self._bursts.items():
                self._held.add(server, burst.end())

    def resume(self) -> None:
        """Announce again, and first what came meanwhile."""
        held, self._held = self._held, None
        if held is None:
            return
        for server, missed in self._gaps.items():  # what is being summed up came while it was paused, too
            held.add(server, missed.values())
        self._gaps.clear()
        newest = held.newest
        if newest and len(held) == 1:  # a summary of one would say less than the mail itself
            self._announce(*newest)
        elif len(held):
            counts = [(self._servers.name(name), len(ids)) for name, ids in held.ids.items()]
            notice = away_notice(counts, newest[1] if newest else None, self._shown, paused=True)
            self._outbox.put(Outgoing(notice=notice, announces=held.ids))

    def listen_to(self, server: str, journal: Path) -> None:
        """A server is listened to from now on, or again: what is on its way to the desktop is no news then."""
        self._left.discard(server)
        if server not in self._journals:
            self._journals[server] = Journal(journal)
        if server not in self._bursts:
            self._bursts[server] = BurstSummary(partial(self._sum_burst, server))

    def leave(self, server: str) -> None:
        """A server left the settings: forget all that is known of it, its journal when the desktop has what is queued.

        Its messages that are still to be counted are no longer; they are news when it is listened to again.
        """
        if burst := self._bursts.pop(server, None):
            burst.stop()
        if refusals := self._refusals.pop(server, None):
            refusals.stop()
        for known in (self._old, self._early, self._gaps, self._contacts, self._missed):
            known.pop(server, None)
        if self._held is not None:
            self._held.leave(server)
        self.singles.forget_all(server)
        self._reasons.leave(server)
        self._left.add(server)
        self._outbox.afterwards(partial(self._close_journal, server))

    def hidden(self, server: str, message: Message) -> bool:
        """Whether a rule keeps a mail out of sight."""
        rule = self._rule(server, message)
        return rule is not None and rule.outcome is Outcome.HIDE

    def reason(self, key: Key) -> Reason | None:
        """Why a mail got no notification of its own, where that is known."""
        return self._reasons.of(key)

    def arrived(self, server: str, message: Message) -> bool:
        """A mail has come live; returns whether it is news."""
        journal = self._journals[server]
        missed = self._gaps.get(server, {}).pop(message.id, None)
        old = self._old.get(server, set())
        if message.id in journal and missed is None and message.id not in old:
            return False
        old.discard(message.id)
        if server not in self._contacts:
            self._early.setdefault(server, set()).add(message.id)
        return self._decide(server, message) and missed is None  # what was missed has been counted

    def caught_up(self, server: str, snapshot: Snapshot) -> int:
        """All that a server has, after a connection was made; returns how many mails were missed."""
        journal = self._journals[server]
        now = datetime.now(UTC)
        date = snapshot.date or now
        gap = gap_in(snapshot.messages, journal, journal.contact_by(date, now), self._early.pop(server, ()))
        self._old[server] = {message.id for message in gap.old}
        journal.note(self._old[server])
        self._contacts[server] = Contact(date=date, heard=now)
        missed = {message.id: message for message in gap.missed if not self._silent(server, message)}
        journal.note(message.id for message in gap.missed if message.id not in missed)
        if missed and self._shown.catch_up:
            journal.expect(missed)
            self._gaps.setdefault(server, {}).update(missed)
            asyncio.get_running_loop().call_later(SETTLE, self._sum_up, server)
        else:
            journal.note(missed)
        for message_id in missed:
            self._reasons.give((server, message_id), Reason(Quiet.AWAY))
        journal.contact(date, now)
        journal.compact({message.id for message in snapshot.messages})
        return len(missed)

    def lost(self, server: str) -> None:
        """The connection ended: until shortly before, we would have heard of every mail."""
        if contact := self._contacts.pop(server, None):
            self._journals[server].contact(*contact.last())

    def follow(self, server: str, change: Change, total: int | None, *, aside: Container[Key]) -> None:
        """Take back what was said of mails that were read or are gone, and say nothing more of the latter.

        Mails `aside` are about to be deleted. `total` is how many the server has, None where that is not known.
        """
        if total is not None:
            self._journals[server].bound(total)
        self.singles.follow(server, change, aside=aside)
        self._drop(server, change.gone)
        if change.emptied:
            self.singles.forget_all(server)
            self._drop(server, self._held.ids.get(server, ()) if self._held is not None else ())

    def tell_news(self, server: str, news: News) -> None:
        """The server turned a mail away."""
        if self._shown.smtp_errors and self._held is None:
            self._refusals.setdefault(server, Refusals(partial(self._tell_refused, server))).came(news)

    def cover(self, mail: Mail) -> None:
        """A mail is about to be deleted: say so in the place of its notification."""
        self.singles.cover(deleted_notice(mail, self._shown))

    def want(self, sign: str) -> None:
        """A mail that begins with words that hold this was asked for: it gets its notification, whatever else holds."""
        self._wanted.add(sign)

    def tell(self, notice: Notice) -> None:
        """Show a notice that is about no mail."""
        self._outbox.put(Outgoing(notice=notice))

    def take_back(self, key: Key) -> None:
        """Show such a notice no more."""
        self._outbox.withdraw(key)

    def _on_announced(self, server: str, ids: Iterable[str]) -> None:
        self._journals[server].note(ids)

    def _close_journal(self, server: str) -> None:
        if server in self._left:  # it may be listened to again
            self._left.discard(server)
            self._journals.pop(server, None)

    def _decide(self, server: str, message: Message) -> bool:
        """What becomes of a mail that is news to us; returns whether it is to the user."""
        if sign := next((sign for sign in self._wanted if sign in message.snippet), ""):
            self._wanted.discard(sign)
            self._announce(server, message)
            return True
        key = (server, message.id)
        rule = self._rule(server, message)
        outcome = rule.outcome if rule else Outcome.NOTIFY
        if rule and outcome in {Outcome.SILENT, Outcome.HIDE, Outcome.RUN}:
            self._reasons.give(key, Reason(Quiet.RULE, rule.name))
            self._journals[server].note([message.id])
            if outcome is Outcome.RUN:
                self._servers.run(rule, server, message)
            return outcome is Outcome.RUN
        if self._held is not None:
            self._journals[server].expect([message.id])
            self._held.add(server, [message])
            self._reasons.give(key, Reason(Quiet.PAUSED))
        elif not self._bursts[server].arrived(message):
            self._journals[server].expect([message.id])
            self._reasons.give(key, Reason(Quiet.BURST))
        elif rule and outcome is Outcome.OPEN:
            self._reasons.give(key, Reason(Quiet.RULE, rule.name))
            self._journals[server].note([message.id])
            self._servers.open(key)
        else:
            self._announce(server, message)
        return True

    def _drop(self, server: str, ids: Sequence[str]) -> None:
        """These are gone: what is still to be counted is not, and is no news after a restart either."""
        missed = self._gaps.get(server, {})
        dropped = [message_id for message_id in ids if missed.pop(message_id, None)]
        dropped += self._bursts[server].drop(ids)
        if self._held is not None:
            dropped += self._held.drop(server, ids)
        self._journals[server].drop(dropped)

    def _sum_up(self, server: str) -> None:
        missed = tuple(self._gaps.pop(server, {}).values())
        now = asyncio.get_running_loop().time()
        if now - self._summed_up > ONE_SUMMARY:
            self._missed.clear()
        if not missed:
            return
        if self._held is not None:
            self._held.add(server, missed)
            return
        if (burst := self._bursts[server]).open:
            burst.add(missed)
            return
        if len(missed) == 1 and not self._missed:  # a summary of one would say less than the mail itself
            self._reasons.forget((server, missed[0].id))
            self._announce(server, missed[0])
            return
        self._summed_up = now
        self._missed[server] = self._missed.get(server, 0) + len(missed)
        newest = max(missed, key=lambda message: message.created)
        counts = [(self._servers.name(name), count) for name, count in self._missed.items()]
        self._put(away_notice(counts, newest, self._shown), server, missed)

    def _sum_burst(self, server: str, count: int, newest: Message, untold: Sequence[Message], urgency: Urgency) -> None:
        self._put(burst_notice(server, self._servers.name(server), count, newest, urgency, self._shown), server, untold)

    def _tell_refused(self, server: str, refused: Refused, count: int, update: bool) -> None:
        notice = refused_notice(server, self._servers.name(server), refused, count, update=update)
        self._outbox.put(Outgoing(notice=notice, update=update))

    def _announce(self, server: str, message: Message) -> None:
        self._journals[server].expect([message.id])
        self.singles.announce(Mail(server_url=server, message=message, server_name=self._servers.name(server)))

    def _put(self, notice: Notice, server: str, messages: Iterable[Message]) -> None:
        ids = tuple(message.id for message in messages)
        self._journals[server].expect(ids)
        self._outbox.put(Outgoing(notice=notice, announces={server: ids}))

    def _rule(self, server: str, message: Message) -> Rule | None:
        return first_match(self._rules, message, self._servers.names(server)) if self._rules else None

    def _silent(self, server: str, message: Message) -> bool:
        """Whether a rule says that a missed mail is not to be told of."""
        rule = self._rule(server, message)
        if rule is None or rule.outcome not in {Outcome.SILENT, Outcome.HIDE}:
            return False
        self._reasons.give((server, message.id), Reason(Quiet.RULE, rule.name))
        return True
