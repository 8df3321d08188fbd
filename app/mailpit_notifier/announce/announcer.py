"""Announce every message once: by its own notification, or counted in a summary.

The announcer stands between the sessions, which report messages, and the desktop. It decides what is shown of a message
by rules, pause and burst limits, and is the only one to write the journals, after the desktop has answered. Its parts:

- `ServerState`: what is known of one server (journal and catch-up, burst, SMTP errors);
- `MessageRules`: what the user's rules decide;
- `CatchUps`: messages that were missed while disconnected; `PausedMessages`: those of a pause or a muted server;
- `SuppressionLog`: why a message did not get its own notification;
- `MessageNotifications`: notifications of single messages; `Outbox`: the queue to the desktop;
- `Journals`: the files in which announced messages are recorded.

Runs on the loop.
"""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.limits import Suppression, SuppressionReason
from mailpit_notifier.core.rules import Outcome, Rule
from mailpit_notifier.core.settings import Notifications, Settings
from mailpit_notifier.notify.notice import DISK, Key, Notice, Notifier
from mailpit_notifier.notify.problem_notices import disk_notice, smtp_error_notice, suspended_notice
from mailpit_notifier.notify.texts import (
    AnnouncedMessage,
    away_notice,
    burst_notice,
    deleted_notice,
    muted_notice,
    paused_notice,
)
from mailpit_notifier.protocol.events import News, Refused
from mailpit_notifier.protocol.model import Message

from .catch_up import Callbacks, CatchUps, ServerState
from .journal import Journals
from .message_notifications import Finder, MessageNotifications, Outbox, Outgoing
from .message_rules import MessageRules
from .summaries import Bundle, PausedMessages, SuppressionLog
from .timing import Timing

_BURST = SuppressionReason(Suppression.BURST)
"""One for all of the thousands of messages that have it."""


class ServerDirectory(Protocol):
    """What the announcer asks about servers, and how it runs the actions of rules."""

    def name(self, key: str) -> str:
        """Return the name that a notification shows, "" while there is only one server."""

    def color(self, key: str) -> str:
        """Return the color of the server's icon on a notification, "" while there is only one server."""

    def names(self, key: str) -> Sequence[str]:
        """Return all names by which a rule may refer to the server."""

    def open(self, key: Key) -> None:
        """Open a message in the browser."""

    def run(self, rule: Rule, server: str, message: Message) -> None:
        """Run a rule's command for a message."""


class Announcer:
    """Decide about every message once. Servers are identified by their base URL."""

    def __init__(
        self,
        notifier: Notifier,
        servers: ServerDirectory,
        finder: Finder,
        timing: Timing = Timing(),  # noqa: B008 - frozen
    ) -> None:
        self._servers = servers
        self._finder = finder
        self._timing = timing
        self._shown = Notifications()
        self._states: dict[str, ServerState] = {}
        self._rules = MessageRules(servers.names, self._on_rule_suspended)
        self._outbox = Outbox(notifier, self._on_announced, stop_timeout=timing.stop)
        self._paused = PausedMessages(timing.kept_whole)
        self._suppressions = SuppressionLog()
        self.message_notifications = MessageNotifications(self._outbox, finder, lambda: self._shown, timing)
        self.catch_ups = CatchUps(
            Callbacks(show_summary=self._show_away, announce=self._announce, is_enabled=lambda: self._shown.catch_up),
            self._states,
            rules=self._rules,
            paused=self._paused,
            suppressions=self._suppressions,
            timing=timing,
        )
        self._journals = Journals(
            timing,
            on_disk_error=self._on_disk_error,
            on_disk_recovered=partial(self.withdraw, DISK),
            on_deleted=self._forget,
        )

    # The program: start, stop, settings, pause

    async def run(self) -> None:
        """Show notices until cancelled."""
        await self._outbox.run()

    async def stop(self) -> None:
        """Show no further notice, and write or delete the journals."""
        for state in self._states.values():
            state.stop()
        await self.message_notifications.stop()
        await self._outbox.stop()
        self._journals.stop()

    def update_settings(self, settings: Settings) -> None:
        """Use new settings."""
        self._shown = settings.notifications
        self._rules.update(settings.rules)

    @property
    def hides_content(self) -> bool:
        """Whether the texts of messages and servers are left out of notices."""
        return self._shown.hide_content

    def pause(self) -> None:
        """Count the messages of all servers instead of announcing them."""
        self._silence(paused=True, muted=self._paused.muted)

    def resume(self) -> None:
        """Announce messages again, and first those that arrived during the pause. Muted servers stay muted."""
        self._silence(paused=False, muted=self._paused.muted)

    def mute(self, servers: Collection[str]) -> None:
        """Mute exactly these servers, and unmute all others. Messages of muted servers are counted, as in a pause."""
        self._silence(paused=self._paused.active, muted=frozenset(servers))

    def _silence(self, *, paused: bool, muted: frozenset[str]) -> None:
        before = {server for server in self._states if self._paused.applies_to(server)}
        was_paused = self._paused.active
        self._paused.active, self._paused.muted = paused, muted
        ended = [server for server in before if not self._paused.applies_to(server)]
        for server, state in self._states.items():
            if server in ended:  # a gap that waits for its summary is of the pause, too
                self._paused.of(server).merge(state.catch_up.take_gap())
            elif server not in before and self._paused.applies_to(server) and not state.removed:
                self._paused.of(server).merge(state.burst.end())
        self._announce_counted(self._paused.take(ended), muted=not was_paused)

    def _announce_counted(self, bundles: Mapping[str, Bundle], *, muted: bool) -> None:
        """Announce the messages of a pause, or of `muted` servers, that has just ended."""
        whole = ((server, message) for server, bundle in bundles.items() if (message := bundle.newest))
        newest = max(whole, key=lambda found: found[1].created, default=None)
        total = sum(map(len, bundles.values()))
        if newest and total == 1:  # a summary of one message would show less than the message itself
            self._announce(*newest)
        elif total:
            counts = self._named({server: len(bundle) for server, bundle in bundles.items()})
            last = newest[1] if newest else None
            notice = muted_notice(counts, last, self._shown) if muted else paused_notice(counts, last, self._shown)
            self._outbox.put(Outgoing(notice=notice, announces=bundles))

    # Servers

    def add_server(self, server: str, journal: Path) -> None:
        """Announce the messages of a server. Those still in the queue after a removal are not new."""
        opened = self._journals.open(server, journal)
        if state := self._states.get(server):
            state.removed = False
            return
        self._states[server] = ServerState(
            opened,
            self._timing,
            show_burst=partial(self._show_burst, server),
            show_errors=partial(self._show_smtp_errors, server),
            can_update=lambda: self._outbox.can_update,
        )

    def remove_server(self, server: str) -> None:
        """Announce nothing of a server any more. Its journal is closed when the desktop has shown what is queued.

        Messages that wait for a summary are dropped; they are new if the server is added again.
        """
        if state := self._states.get(server):
            state.remove()
        self.catch_ups.remove_server(server)
        self._paused.remove_server(server)
        self.message_notifications.forget_all(server)
        self._suppressions.remove_server(server)
        self._outbox.call_after(partial(self._close_journal, server))

    def delete_other_journals(self, servers: Collection[str]) -> None:
        """Delete the journals of all servers but these: the others are no longer in the settings."""
        self._journals.delete_others(servers)

    # Messages

    def is_hidden(self, server: str, message: Message) -> bool:
        """Return whether a rule hides a message completely."""
        return self._rules.is_hidden(server, message)

    def suppression_reason(self, key: Key) -> SuppressionReason | None:
        """Return why a message did not get its own notification, None where that is not known."""
        return self._suppressions.get(key)

    def always_announce(self, marker: str) -> None:
        """Announce the next message whose snippet contains `marker`, regardless of rules, pause and limits."""
        self._rules.always_announce(marker)

    def arrived(self, server: str, message: Message) -> bool:
        """Handle a message that arrived live; return whether it counts as new for the user."""
        verdict = self._states[server].catch_up.arrived(message)
        return verdict.news and self._handle(server, message) and not verdict.missed  # that one was counted before

    def apply_change(self, server: str, change: Change, *, pending: Container[Key]) -> None:
        """Withdraw the notifications of messages that were read or deleted, and do not announce the latter any more.

        `pending` are messages whose deletion can still be undone.
        """
        self._drop(server, change.gone)
        self.message_notifications.apply_change(server, change, pending=pending)
        if change.emptied:
            self._drop(server, self.message_notifications.waiting(server))
            self.message_notifications.forget_all(server)
            self._drop(server, tuple(self._paused.of(server)) if self._paused.applies_to(server) else ())

    # Notices that are not about a new message

    def show(self, notice: Notice) -> None:
        """Show a notice that is not about a message."""
        self._outbox.put(Outgoing(notice=notice))

    def withdraw(self, key: Key) -> None:
        """Withdraw such a notice."""
        self._outbox.withdraw(key)

    def show_undo(self, message: AnnouncedMessage) -> None:
        """Replace a message's notification: it is about to be deleted, which can be undone."""
        self.message_notifications.replace(deleted_notice(message, self._shown))

    def show_smtp_error(self, server: str, news: News) -> None:
        """Report that the server rejected a message, unless that is switched off, paused or muted."""
        if self._shown.smtp_errors and not self._paused.applies_to(server):
            self._states[server].smtp_errors.add(news)

    def _handle(self, server: str, message: Message) -> bool:
        """Decide about a new message; return whether it counts as new for the user."""
        if self._rules.take_marker(message):
            self._announce(server, message)
            return True
        key, state = (server, message.id), self._states[server]
        rule = self._rules.match(server, message)
        outcome = rule.outcome if rule else Outcome.NOTIFY
        if rule and outcome in {Outcome.SILENT, Outcome.HIDE, Outcome.RUN}:
            self._suppressions.set(key, SuppressionReason(Suppression.RULE, rule.name))
            state.journal.record([message.id])
            if outcome is Outcome.RUN:
                self._servers.run(rule, server, message)
            return outcome is Outcome.RUN
        if self._paused.applies_to(server):
            state.journal.expect([message.id])
            self._paused.of(server).add([message])
            why = Suppression.PAUSED if self._paused.active else Suppression.MUTED
            self._suppressions.set(key, SuppressionReason(why))
        elif not state.burst.arrived(message):
            state.journal.expect([message.id])
            self._suppressions.set(key, _BURST)
        elif rule and outcome is Outcome.OPEN:
            self._suppressions.set(key, SuppressionReason(Suppression.RULE, rule.name))
            state.journal.record([message.id])
            self._servers.open(key)
        else:
            self._announce(server, message)
        return True

    def _drop(self, server: str, ids: Sequence[str]) -> None:
        """Do not count deleted messages, and do not announce them after a restart either."""
        if not ids:
            return
        state = self._states[server]
        dropped = state.drop(ids) + self.message_notifications.drop(server, ids)
        if self._paused.applies_to(server):
            dropped += self._paused.of(server).drop(ids)
        state.journal.drop(dropped)

    def _announce(self, server: str, message: Message) -> None:
        self._states[server].journal.expect([message.id])
        self.message_notifications.announce(
            AnnouncedMessage(
                server_url=server,
                message=message,
                server_name=self._servers.name(server),
                server_color=self._servers.color(server),
                found=self._finder.quick(message),
            )
        )

    def _show_away(self, server: str, missed: Bundle, counts: Mapping[str, int]) -> None:
        self._show_summary(away_notice(self._named(counts), missed.newest, self._shown), server, missed)

    def _show_burst(self, server: str, count: int, newest: Message | None, unshown: Bundle) -> None:
        name, color = self._servers.name(server), self._servers.color(server)
        self._show_summary(burst_notice(server, name, color, count, newest, self._shown), server, unshown)

    def _show_summary(self, notice: Notice, server: str, messages: Iterable[str]) -> None:
        ids = tuple(messages)
        self._states[server].journal.expect(ids)
        self._outbox.put(Outgoing(notice=notice, announces={server: ids}))

    def _show_smtp_errors(self, server: str, last: Refused, count: int, update: bool) -> None:
        name, color = self._servers.name(server), self._servers.color(server)
        self.show(smtp_error_notice(server, name, color, last, count, self._shown, update=update))

    def _named(self, counts: Mapping[str, int]) -> list[tuple[str, int]]:
        return [(self._servers.name(server), count) for server, count in counts.items()]

    def _on_announced(self, server: str, ids: Iterable[str]) -> None:
        if state := self._states.get(server):
            state.catch_up.record_announced(tuple(ids))

    def _on_rule_suspended(self, rule: Rule, reason: str) -> None:
        self.show(suspended_notice(rule.name, reason))

    def _on_disk_error(self, error: OSError) -> None:
        self.show(disk_notice(error))

    def _close_journal(self, server: str) -> None:
        if (state := self._states.get(server)) and state.removed:  # it may have been added again
            self._forget(server)
            self._journals.close(server)

    def _forget(self, server: str) -> None:
        if state := self._states.pop(server, None):
            state.stop()
