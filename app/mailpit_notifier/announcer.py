"""Every mail is announced once: by a notification of its own, or counted in a summary of what was missed.

Between the sessions, which say what came, and the notifier, which shows it. The journals are written here and nowhere
else, after the desktop has answered. Runs on the loop; `run` shows one notice after the other.
"""

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Protocol

from .burst import BurstSummary
from .core.found import NOTHING, Findings
from .core.gap import gap_in
from .journal import Journal
from .mailpit.events import Snapshot
from .mailpit.fault import FaultError
from .mailpit.model import NO_ID, Message
from .notify.notice import Key, Notice, Notifier, Urgency
from .notify.texts import away_notice, burst_notice, message_notice
from .tasks import Tasks

log = logging.getLogger(__name__)

SETTLE = 0.3
"""Seconds before a gap is summed up: the frame of a mail that came with the snapshot makes it a live one."""

ONE_SUMMARY = 60.0
"""Seconds within which the gaps of several servers, and one gap after another, are one summary."""

UNNOTICED = 30.0
"""Seconds for which a connection may have been dead when its end is noticed; mailpit.feed takes up to 27."""

MOST_FOUND = 500
"""Mails whose code and link are kept for a click on their notification."""

FINISH = 0.1
"""Seconds that the end of the program waits for the desktop to answer; a notice without an answer comes again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pending:
    """A notice and the mails of one server that it announces. An `update` is dropped where the notice was closed.

    `unclear` is the mail whose source is to be looked into once the notice is shown: before that it would delay it.
    """

    notice: Notice
    server: str = ""
    ids: tuple[str, ...] = ()
    update: bool = False
    unclear: Message | None = None


class Finder(Protocol):
    """What finds codes and links: `quick` at once in what a message summary says, `full` in the mail's source."""

    def quick(self, message: Message) -> Findings:
        """What is clear at a glance; must not block."""

    async def full(self, server: str, message_id: str) -> Findings:
        """What the source says. Raises FaultError."""


class Announcer:
    """`name` gives a server's name as a notification says it: "" while there is only one."""

    def __init__(self, notifier: Notifier, name: Callable[[str], str], finder: Finder) -> None:
        self._notifier = notifier
        self._name = name
        self._finder = finder
        self._looking = Tasks()
        self._found: OrderedDict[Key, Findings] = OrderedDict()
        self._bursts: dict[str, BurstSummary] = {}
        self.sums_up = True
        """Whether what was missed is summed up; otherwise it is only in the window."""
        self._journals: dict[str, Journal] = {}
        self._outbox: asyncio.Queue[_Pending] = asyncio.Queue()
        self._old: dict[str, set[str]] = {}  # noted silently just now; a frame makes it news
        self._early: dict[str, set[str]] = {}  # live, but before the first snapshot of the connection
        self._gaps: dict[str, dict[str, Message]] = {}
        self._contacts: dict[str, tuple[datetime, datetime, float]] = {}  # the server's time, ours, and monotonic
        self._missed: dict[str, int] = {}  # what the summary says
        self._summed_up = float("-inf")

    async def run(self) -> None:
        """Show what is to be shown, in order, for ever."""
        await self._notifier.start()
        while True:
            pending = await self._outbox.get()
            closed = pending.update and not self._notifier.shows(pending.notice.key)
            if not closed and await self._notifier.show(pending.notice) and pending.ids:
                self._journals[pending.server].note(pending.ids)
            if pending.unclear:
                self._looking.run(self._complete(pending.server, pending.unclear))
            self._outbox.task_done()

    async def stop(self) -> None:
        """Begin no other notice, and wait for the answer to the one on its way, so that it is not shown again."""
        for burst in self._bursts.values():
            burst.stop()
        await self._looking.stop()
        while not self._outbox.empty():
            self._outbox.get_nowait()
            self._outbox.task_done()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FINISH):
                await self._outbox.join()

    def listen_to(self, server: str, journal: Path) -> None:
        """A server is listened to from now on, or again: what is on its way to the desktop is no news then."""
        if server not in self._journals:
            self._journals[server] = Journal(journal)

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
        if self._burst(server).arrived(message):
            self._announce(server, message)
        else:
            journal.expect([message.id])
        return missed is None  # what was missed has been counted

    def caught_up(self, server: str, snapshot: Snapshot) -> int:
        """All that a server has, after a connection was made; returns how many mails were missed."""
        journal = self._journals[server]
        now = datetime.now(UTC)
        date = snapshot.date or now
        gap = gap_in(snapshot.messages, journal, journal.contact_by(date, now), self._early.pop(server, ()))
        self._old[server] = {message.id for message in gap.old}
        journal.note(self._old[server])
        self._contacts[server] = date, now, monotonic()
        missed = {message.id: message for message in gap.missed}
        if missed and self.sums_up:
            journal.expect(missed)
            self._gaps.setdefault(server, {}).update(missed)
            asyncio.get_running_loop().call_later(SETTLE, self._sum_up, server)
        else:
            journal.note(missed)
        journal.contact(date, now)
        journal.compact({message.id for message in snapshot.messages})
        return len(missed)

    def lost(self, server: str) -> None:
        """The connection ended: until shortly before, we would have heard of every mail."""
        if contact := self._contacts.pop(server, None):
            date, heard, at = contact
            since = timedelta(seconds=max(0, monotonic() - at - UNNOTICED))
            self._journals[server].contact(date + since, heard + since)

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
        if (burst := self._burst(server)).open:
            burst.add(missed)
            return
        if len(missed) == 1 and not self._missed:  # a summary of one would say less than the mail itself
            self._announce(server, missed[0])
            return
        self._summed_up = now
        self._missed[server] = self._missed.get(server, 0) + len(missed)
        newest = max(missed, key=lambda message: message.created)
        counts = [(self._name(name), count) for name, count in self._missed.items()]
        self._put(away_notice(counts, newest), server, missed)

    def _burst(self, server: str) -> BurstSummary:
        return self._bursts.setdefault(server, BurstSummary(partial(self._sum_burst, server)))

    def _sum_burst(self, server: str, count: int, newest: Message, ids: tuple[str, ...], urgency: Urgency) -> None:
        notice = burst_notice(server, self._name(server), count, newest, urgency)
        self._outbox.put_nowait(_Pending(notice=notice, server=server, ids=ids))

    def found(self, key: Key) -> Findings:
        """The code and the link of a mail that was announced by itself, as far as they are known."""
        return self._found.get(key, NOTHING)

    def _announce(self, server: str, message: Message) -> None:
        """Announce a mail by itself: at once, and once more in place when its source says more than its summary."""
        found = self._finder.quick(message)
        self._remember((server, message.id), found)
        clear = bool(found.code and found.link) or message.id.startswith(NO_ID)
        self._journals[server].expect([message.id])
        notice = message_notice(server, message, self._name(server), found)
        self._outbox.put_nowait(
            _Pending(notice=notice, server=server, ids=(message.id,), unclear=None if clear else message)
        )

    async def _complete(self, server: str, message: Message) -> None:
        before = self.found((server, message.id))
        try:
            found = await self._finder.full(server, message.id)
        except FaultError as error:
            log.debug("%s: no source: %s", server, error)
            return
        # What was shown is not taken back: somebody may be about to click it.
        found = Findings(code=before.code or found.code, link=before.link or found.link)
        if found != before:
            self._remember((server, message.id), found)
            notice = message_notice(server, message, self._name(server), found, update=True)
            self._outbox.put_nowait(_Pending(notice=notice, update=True))

    def _remember(self, key: Key, found: Findings) -> None:
        self._found[key] = found
        if len(self._found) > MOST_FOUND:
            self._found.popitem(last=False)

    def _put(self, notice: Notice, server: str, messages: Iterable[Message]) -> None:
        ids = tuple(message.id for message in messages)
        self._journals[server].expect(ids)
        self._outbox.put_nowait(_Pending(notice=notice, server=server, ids=ids))
