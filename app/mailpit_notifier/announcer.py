"""Every mail is announced once: by a notification of its own, or counted in a summary of what was missed.

Between the sessions, which say what came, and the notifier, which shows it. The journals are written here and nowhere
else, after the desktop has answered. Runs on the loop; `run` shows one notice after the other.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

from .core.gap import gap_in
from .journal import Journal
from .mailpit.events import Snapshot
from .mailpit.model import Message
from .notify.notice import Notice, Notifier
from .notify.texts import away_notice, message_notice

log = logging.getLogger(__name__)

SETTLE = 0.3
"""Seconds before a gap is summed up: the frame of a mail that came with the snapshot makes it a live one."""

ONE_SUMMARY = 60.0
"""Seconds within which the gaps of several servers, and one gap after another, are one summary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pending:
    """A notice and the mails of one server that it announces."""

    notice: Notice
    server: str = ""
    ids: tuple[str, ...] = ()


class Announcer:
    """`name` gives a server's name as a notification says it: "" while there is only one."""

    def __init__(self, notifier: Notifier, name: Callable[[str], str]) -> None:
        self._notifier = notifier
        self._name = name
        self.sums_up = True
        """Whether what was missed is summed up; otherwise it is only in the window."""
        self._journals: dict[str, Journal] = {}
        self._outbox: asyncio.Queue[_Pending] = asyncio.Queue()
        self._old: dict[str, set[str]] = {}  # noted silently just now; a frame makes it news
        self._gaps: dict[str, dict[str, Message]] = {}
        self._contacts: dict[str, tuple[datetime, float]] = {}  # the server's time, and ours
        self._missed: dict[str, int] = {}  # what the summary says
        self._summed_up = float("-inf")

    async def run(self) -> None:
        """Show what is to be shown, in order, for ever."""
        await self._notifier.start()
        while True:
            pending = await self._outbox.get()
            if await self._notifier.show(pending.notice) and pending.ids:
                self._journals[pending.server].note(pending.ids)

    def listen_to(self, server: str, journal: Journal) -> None:
        """A server is listened to from now on."""
        self._journals[server] = journal

    def arrived(self, server: str, message: Message) -> bool:
        """A mail has come live; returns whether it is news."""
        journal = self._journals[server]
        missed = self._gaps.get(server, {}).pop(message.id, None)
        old = self._old.get(server, set())
        if message.id in journal and missed is None and message.id not in old:
            return False
        old.discard(message.id)
        self._put(message_notice(server, message, self._name(server)), server, [message])
        return missed is None  # what was missed has been counted

    def caught_up(self, server: str, snapshot: Snapshot) -> int:
        """All that a server has, after a connection was made; returns how many mails were missed."""
        journal = self._journals[server]
        gap = gap_in(snapshot.messages, journal, journal.last_contact)
        self._old[server] = {message.id for message in gap.old}
        journal.note(self._old[server])
        self._contacts[server] = snapshot.date or datetime.now(UTC), monotonic()
        journal.contact(self._contacts[server][0])
        journal.compact({message.id for message in snapshot.messages})
        missed = {message.id: message for message in gap.missed}
        if missed and self.sums_up:
            journal.expect(missed)
            self._gaps.setdefault(server, {}).update(missed)
            asyncio.get_running_loop().call_later(SETTLE, self._sum_up, server)
        else:
            journal.note(missed)
        return len(missed)

    def lost(self, server: str) -> None:
        """The connection ended: until now we would have heard of every mail."""
        if contact := self._contacts.pop(server, None):
            date, at = contact
            self._journals[server].contact(date + timedelta(seconds=monotonic() - at))

    def tell(self, notice: Notice) -> None:
        """Show a notice that is about no mail."""
        self._outbox.put_nowait(_Pending(notice=notice))

    def _sum_up(self, server: str) -> None:
        missed = tuple(self._gaps.pop(server, {}).values())
        now = asyncio.get_running_loop().time()
        if now - self._summed_up > ONE_SUMMARY:
            self._missed.clear()
        if not missed:
            return
        if len(missed) == 1 and not self._missed:  # a summary of one would say less than the mail itself
            self._put(message_notice(server, missed[0], self._name(server)), server, missed)
            return
        self._summed_up = now
        self._missed[server] = self._missed.get(server, 0) + len(missed)
        newest = max(missed, key=lambda message: message.created)
        counts = [(self._name(name), count) for name, count in self._missed.items()]
        self._put(away_notice(counts, newest), server, missed)

    def _put(self, notice: Notice, server: str, messages: Iterable[Message]) -> None:
        ids = tuple(message.id for message in messages)
        self._journals[server].expect(ids)
        self._outbox.put_nowait(_Pending(notice=notice, server=server, ids=ids))
