"""Every mail is announced once: by a notification of its own, or counted in a summary of what was missed.

Between the sessions, which say what came, and the desktop: here it is decided what is said of a mail, by the rules, the
pause and the limits of a burst. The journals are written here and nowhere else, after the desktop has answered. Runs on
the loop.
"""

import asyncio
import logging
from collections.abc import Collection, Container, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

from mailpit_notifier.core.gap import Gap
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.limits import Suppression, SuppressionReason
from mailpit_notifier.core.rules import Outcome, Rule, Rules
from mailpit_notifier.core.settings import Notifications, Settings
from mailpit_notifier.notify.notice import DISK, Key, Notice, Notifier, Urgency
from mailpit_notifier.notify.problem_notices import disk_notice, smtp_error_notice, suspended_notice
from mailpit_notifier.notify.texts import AnnouncedMessage, away_notice, burst_notice, deleted_notice
from mailpit_notifier.protocol.events import News, Refused, Snapshot
from mailpit_notifier.protocol.model import Message

from .catch_up import CatchUp
from .journal import Journal, remove_journal
from .message_notifications import Finder, MessageNotifications
from .outbox import Outbox, Outgoing
from .smtp_errors import SmtpErrorNotices
from .summaries import MOST, BurstSummary, PausedMessages
from .suppression_log import SuppressionLog

log = logging.getLogger(__name__)

SETTLE = 0.3
"""Seconds before a gap is summed up: the frame of a mail that came with the snapshot makes it a live one."""

ONE_SUMMARY = 60.0
"""Seconds within which the gaps of several servers, and one gap after another, are one summary."""

LEAVE = 60.0
"""Seconds after which a server that left the settings is forgotten: an editor may write its file in two steps."""

DISK_AGAIN = 10.0
"""Seconds between two tries to write what a full disk refused."""


class ServerDirectory(Protocol):
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

    def __init__(self, notifier: Notifier, servers: ServerDirectory, finder: Finder) -> None:
        self._servers = servers
        self._shown = Notifications()
        self._rules = Rules((), self._on_rule_suspended)
        self._outbox = Outbox(notifier, self._note)
        self.message_notifications = MessageNotifications(self._outbox, finder, lambda: self._shown)
        self._held: PausedMessages | None = None  # while it is paused
        self._bursts: dict[str, BurstSummary] = {}
        self._refusals: dict[str, SmtpErrorNotices] = {}
        self._reasons = SuppressionLog()
        self._followed: dict[str, CatchUp] = {}
        self._files: dict[str, Path] = {}  # the journals, also of servers that are off
        self._removals: dict[str, asyncio.TimerHandle] = {}  # of journals
        self._disk: asyncio.TimerHandle | None = None  # while it refuses what is to be written
        self._missed: dict[str, int] = {}  # what the summary says
        self._summed_up = float("-inf")
        self._wanted: set[str] = set()
        self._left: set[str] = set()  # servers that are listened to no more

    @property
    def hides_content(self) -> bool:
        """Whether what a message or a server says is left out of notices."""
        return self._shown.hide_content

    async def run(self) -> None:
        """Show what is to be shown, for ever."""
        await self._outbox.run()

    def update_settings(self, settings: Settings) -> None:
        """Go on by other settings."""
        self._shown = settings.notifications
        if settings.rules != self._rules.all:
            self._rules = Rules(settings.rules, self._on_rule_suspended)

    async def stop(self) -> None:
        """Begin no other notice, and forget what is to be forgotten."""
        for burst in self._bursts.values():
            burst.stop()
        for refusals in self._refusals.values():
            refusals.stop()
        await self.message_notifications.stop()
        await self._outbox.stop()
        for server, timer in tuple(self._removals.items()):
            timer.cancel()
            self._remove_journal(server)
        if self._disk:
            self._disk.cancel()
        for followed in self._followed.values():
            followed.stop()
            followed.journal.write()

    def pause(self) -> None:
        """Announce nothing; what comes is counted."""
        if self._held is None:
            self._held = PausedMessages()
            for server, burst in self._bursts.items():
                self._held.of(server).add(burst.end())

    def resume(self) -> None:
        """Announce again, and first what came meanwhile."""
        held, self._held = self._held, None
        if held is None:
            return
        for server, followed in self._followed.items():  # what is being summed up came while it was paused, too
            held.of(server).take(followed.take_gap())
        newest = held.newest
        if newest and len(held) == 1:  # a summary of one would say less than the mail itself
            self._announce(*newest)
        elif len(held):
            counts = [(self._servers.name(name), len(bundle)) for name, bundle in held.bundles.items()]
            notice = away_notice(counts, newest[1] if newest else None, self._shown, paused=True)
            self._outbox.put(Outgoing(notice=notice, announces=held.bundles))

    def add_server(self, server: str, journal: Path) -> None:
        """A server is listened to from now on, or again: what is on its way to the desktop is no news then."""
        self._left.discard(server)
        if timer := self._removals.pop(server, None):
            timer.cancel()
        self._files[server] = journal
        if server not in self._followed:
            self._followed[server] = CatchUp(Journal(journal, self._on_disk_refused))
        if server not in self._bursts:
            self._bursts[server] = BurstSummary(partial(self._sum_burst, server))

    def remove_server(self, server: str) -> None:
        """Forget what is known of a server that is not listened to: its journal when the desktop has what is queued.

        Its messages that are still to be counted are no longer; they are news when it is listened to again.
        """
        if burst := self._bursts.pop(server, None):
            burst.stop()
        if refusals := self._refusals.pop(server, None):
            refusals.stop()
        if followed := self._followed.get(server):
            followed.stop()
            followed.take_gap()
        self._missed.pop(server, None)
        if self._held is not None:
            self._held.forget(server)
        self.message_notifications.forget_all(server)
        self._reasons.leave(server)
        self._left.add(server)
        self._outbox.afterwards(partial(self._close_journal, server))

    def delete_other_journals(self, servers: Collection[str]) -> None:
        """Delete the journals of the other servers soon: they are no longer in the settings."""
        for server in self._files.keys() - set(servers) - self._removals.keys():
            self._removals[server] = asyncio.get_running_loop().call_later(LEAVE, self._remove_journal, server)

    def is_hidden(self, server: str, message: Message) -> bool:
        """Whether a rule keeps a mail out of sight."""
        rule = self._rule(server, message)
        return rule is not None and rule.outcome is Outcome.HIDE

    def suppression_reason(self, key: Key) -> SuppressionReason | None:
        """Why a mail got no notification of its own, where that is known."""
        return self._reasons.of(key)

    def arrived(self, server: str, message: Message) -> bool:
        """A mail has come live; returns whether it is news."""
        verdict = self._followed[server].arrived(message)
        return verdict.news and self._decide(server, message) and not verdict.missed  # that has been counted

    def is_known(self, server: str, message_id: str) -> bool:
        """Whether a message needs no announcing."""
        return message_id in self._followed[server].journal

    def begin_catch_up(self, server: str, snapshot: Snapshot) -> int:
        """The newest messages that a server has, after a connection was made; returns how many were missed."""
        return self._take_in(server, self._followed[server].begin(snapshot))

    def continue_catch_up(self, server: str, snapshot: Snapshot) -> int:
        """Older ones, while it `wants_older`; returns how many were missed."""
        return self._take_in(server, self._followed[server].look(snapshot))

    def compare_listing(self, server: str, snapshot: Snapshot) -> int:
        """The newest messages of a server, again; returns how many of them the stream has not told of."""
        return self._take_in(server, self._followed[server].find(snapshot))

    def needs_older(self, server: str) -> bool:
        """Whether something that was missed may be among older messages."""
        return self._followed[server].wants_older

    def connection_lost(self, server: str) -> None:
        """The connection ended."""
        if followed := self._followed.get(server):
            followed.lost()

    def apply_change(self, server: str, change: Change, *, aside: Container[Key]) -> None:
        """Take back what was said of mails that were read or are gone, and say nothing more of the latter.

        Mails `aside` are about to be deleted.
        """
        self.message_notifications.follow(server, change, aside=aside)
        self._drop(server, change.gone)
        if change.emptied:
            self.message_notifications.forget_all(server)
            self._drop(server, tuple(self._held.of(server)) if self._held is not None else ())

    def show_smtp_error(self, server: str, news: News) -> None:
        """The server turned a mail away."""
        if self._shown.smtp_errors and self._held is None:
            self._refusals.setdefault(server, SmtpErrorNotices(partial(self._tell_refused, server))).came(news)

    def show_undo(self, mail: AnnouncedMessage) -> None:
        """A mail is about to be deleted: say so in the place of its notification."""
        self.message_notifications.cover(deleted_notice(mail, self._shown))

    def always_announce(self, sign: str) -> None:
        """A mail that begins with words that hold this was asked for: it gets its notification, whatever else holds."""
        self._wanted.add(sign)

    def show(self, notice: Notice) -> None:
        """Show a notice that is about no mail."""
        self._outbox.put(Outgoing(notice=notice))

    def withdraw(self, key: Key) -> None:
        """Show such a notice no more."""
        self._outbox.withdraw(key)

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
            self._reasons.give(key, SuppressionReason(Suppression.RULE, rule.name))
            self._followed[server].journal.note([message.id])
            if outcome is Outcome.RUN:
                self._servers.run(rule, server, message)
            return outcome is Outcome.RUN
        if self._held is not None:
            self._followed[server].journal.expect([message.id])
            self._held.of(server).add([message])
            self._reasons.give(key, SuppressionReason(Suppression.PAUSED))
        elif not self._bursts[server].arrived(message):
            self._followed[server].journal.expect([message.id])
            self._reasons.give(key, SuppressionReason(Suppression.BURST))
        elif rule and outcome is Outcome.OPEN:
            self._reasons.give(key, SuppressionReason(Suppression.RULE, rule.name))
            self._followed[server].journal.note([message.id])
            self._servers.open(key)
        else:
            self._announce(server, message)
        return True

    def _drop(self, server: str, ids: Sequence[str]) -> None:
        """These are gone: what is still to be counted is not, and is no news after a restart either."""
        dropped = self._followed[server].gap.drop(ids) + self._bursts[server].drop(ids)
        if self._held is not None:
            dropped += self._held.of(server).drop(ids)
        self._followed[server].journal.drop(dropped)

    def _take_in(self, server: str, gap: Gap) -> int:
        """Sum up soon what was missed, unless a rule or the settings say that nothing is to be told of it."""
        followed = self._followed[server]
        missed = [message for message in gap.missed if not self._silent(server, message)]
        for message in missed:
            self._reasons.give((server, message.id), SuppressionReason(Suppression.AWAY))
        told = missed if self._shown.catch_up else []
        kept = told[: max(0, MOST - len(followed.gap))]
        followed.journal.expect(message.id for message in kept)
        followed.journal.note({message.id for message in gap.missed} - {message.id for message in kept})
        followed.gap.add(kept)
        followed.gap.count(len(told) - len(kept))
        if told:
            followed.stop()
            followed.summing_up = asyncio.get_running_loop().call_later(SETTLE, self._sum_up, server)
        followed.finish()
        return len(missed)

    def _sum_up(self, server: str) -> None:
        missed = self._followed[server].take_gap()
        now = asyncio.get_running_loop().time()
        if now - self._summed_up > ONE_SUMMARY:
            self._missed.clear()
        if not len(missed):
            return
        if self._held is not None:
            self._held.of(server).take(missed)
            return
        if (burst := self._bursts[server]).open and len(missed) == len(missed.whole):
            burst.add(missed.whole)
            return
        newest = missed.newest
        if newest and len(missed) == 1 and not self._missed:  # a summary of one would say less than the mail itself
            self._reasons.forget((server, newest.id))
            self._announce(server, newest)
            return
        self._summed_up = now
        self._missed[server] = self._missed.get(server, 0) + len(missed)
        counts = [(self._servers.name(name), count) for name, count in self._missed.items()]
        self._put(away_notice(counts, newest, self._shown), server, missed)

    def _sum_burst(self, server: str, count: int, newest: Message, untold: Sequence[Message], urgency: Urgency) -> None:
        notice = burst_notice(server, self._servers.name(server), count, newest, urgency, self._shown)
        self._put(notice, server, [message.id for message in untold])

    def _tell_refused(self, server: str, refused: Refused, count: int, update: bool) -> None:
        notice = smtp_error_notice(server, self._servers.name(server), refused, count, self._shown, update=update)
        self._outbox.put(Outgoing(notice=notice, update=update))

    def _announce(self, server: str, message: Message) -> None:
        self._followed[server].journal.expect([message.id])
        self.message_notifications.announce(
            AnnouncedMessage(server_url=server, message=message, server_name=self._servers.name(server))
        )

    def _put(self, notice: Notice, server: str, messages: Iterable[str]) -> None:
        ids = tuple(messages)
        self._followed[server].journal.expect(ids)
        self._outbox.put(Outgoing(notice=notice, announces={server: ids}))

    def _note(self, server: str, ids: Iterable[str]) -> None:
        """The desktop has shown what tells of these."""
        if followed := self._followed.get(server):
            followed.note(tuple(ids))

    def _close_journal(self, server: str) -> None:
        if server in self._left:  # it may be listened to again
            self._left.discard(server)
            if followed := self._followed.pop(server, None):
                followed.stop()
                followed.journal.write()

    def _remove_journal(self, server: str) -> None:
        self._removals.pop(server, None)
        if followed := self._followed.pop(server, None):
            followed.stop()
        remove_journal(self._files.pop(server))

    def _on_disk_refused(self, error: OSError) -> None:
        """Say once that a disk is full, say, and try again until it is not."""
        if self._disk is None:
            self.show(disk_notice(error))
            self._disk = asyncio.get_running_loop().call_later(DISK_AGAIN, self._write_again)

    def _write_again(self) -> None:
        written = [followed.journal.write() for followed in self._followed.values()]
        if all(written):
            self._disk = None
            self.withdraw(DISK)
        else:
            self._disk = asyncio.get_running_loop().call_later(DISK_AGAIN, self._write_again)

    def _rule(self, server: str, message: Message) -> Rule | None:
        return self._rules.first_match(message, self._servers.names(server)) if self._rules.all else None

    def _on_rule_suspended(self, rule: Rule, reason: str) -> None:
        log.warning("%s matches no message from now on: its regular expression %s", rule.name, reason)
        self.show(suspended_notice(rule.name, reason))

    def _silent(self, server: str, message: Message) -> bool:
        """Whether a rule says that a missed mail is not to be told of."""
        rule = self._rule(server, message)
        if rule is None or rule.outcome not in {Outcome.SILENT, Outcome.HIDE}:
            return False
        self._reasons.give((server, message.id), SuppressionReason(Suppression.RULE, rule.name))
        return True
