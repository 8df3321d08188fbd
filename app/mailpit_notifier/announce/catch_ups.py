"""Catch up with all servers: find the messages that were missed while the program was disconnected, and sum them up.

catch_up.py compares the listings of one server; here its gaps become summaries. A gap is summed up `timing.settle`
seconds after its last page. Gaps of several servers that follow each other within `timing.one_summary` seconds are
counted in one notification ("7 messages while you were away"). Runs on the loop.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mailpit_notifier.core.gap import Gap
from mailpit_notifier.core.limits import Suppression, SuppressionReason
from mailpit_notifier.protocol.events import Snapshot
from mailpit_notifier.protocol.model import Message

from .message_rules import MessageRules
from .server_state import ServerState
from .summaries import MAX_IDS, Bundle, PausedMessages
from .suppression_log import SuppressionLog
from .timing import Timing


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
        if self._paused.active:
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
