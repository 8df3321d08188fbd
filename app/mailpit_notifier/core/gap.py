"""What was missed while nobody listened, decided by comparing IDs and never by a "since" marker.

A marker is moved by a live message before the gap was fetched, and clocks differ; IDs do neither, and never come back.
"""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailpit_notifier.protocol.events import Snapshot
from mailpit_notifier.protocol.model import Message

MARGIN = timedelta(seconds=5)
"""How far a message's `Created` may lie before our last contact: the Date header has seconds, and the two may race."""

UNDECIDED = 5_000
"""Unknown messages from before our last contact after which there is no known one left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What a server has that we do not know: `missed` is to be announced, `old` only to be remembered."""

    missed: tuple[Message, ...] = ()
    old: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What is known from before a connection.

    `ids` are those that need no announcing; those of them that are `early` are known only since the connection was
    made, and say nothing about what was before. `count` is how many there are, None where some were forgotten.
    `contact` is the server's own time when we last heard of it, None when we never did: all that came before it is
    known, unless it was not `walked` to its end. `message_dates`: its times do not say when a message came.
    """

    ids: Container[str]
    contact: datetime | None
    early: Container[str] = ()
    count: int | None = None
    walked: bool = True
    message_dates: bool = False


class GapSearch:
    """Looks at all that a server has, page by page and newest first, as far as something unknown may follow.

    The first start announces nothing old. Where one known ID is left, all others are news. Where none is left the
    database was replaced or has forgotten everything: what is younger than our last contact is news, and what is older
    would be a storm.
    """

    def __init__(self, before: Before) -> None:
        self._before = before
        self._since = before.contact and before.contact - MARGIN
        self._by_date = not before.walked
        self._is_known = False  # whether one known ID was met
        self._met: set[str] = set()  # unknown ones: announced since, they are known
        self._undecided: list[Message] = []
        self._total = 0  # messages of the server when the search began
        self.message_dates = before.message_dates
        """Whether the server's times do not say when a message came; found out on the way, too."""
        self.over = False
        """Whether nothing unknown can follow."""

    @property
    def notes_all(self) -> bool:
        """Whether all that there is, is noted by this search."""
        return self._since is None or self._by_date

    def look(self, page: Snapshot) -> Gap:
        """Take in the next page of the list and say what is decided now."""
        self._total = self._total or page.total
        fresh = tuple(message for message in page.messages if self._is_unknown(message))
        gap = self._decided(fresh, more=page.more)
        if self._since and any(message.created < self._since for message in gap.missed):
            self.message_dates = True
        self.over = not (page.more and self._may_follow(page))
        return gap

    def _is_unknown(self, message: Message) -> bool:
        if self.notes_all:
            return message.id not in self._before.ids
        if message.id in self._met:
            return False
        if message.id not in self._before.ids:
            self._met.add(message.id)
            return True
        self._is_known = self._is_known or message.id not in self._before.early
        return False

    def _decided(self, fresh: tuple[Message, ...], *, more: bool) -> Gap:
        if self._since is None:
            return Gap(old=fresh)
        if not self.notes_all and self._is_known:
            return Gap(missed=(*self._take_undecided(), *fresh))
        missed = tuple(message for message in fresh if message.created >= self._since)
        old = tuple(message for message in fresh if message.created < self._since)
        if self.notes_all:
            return Gap(missed=missed, old=old)
        self._undecided += old
        if more and len(self._undecided) < UNDECIDED:
            return Gap(missed=missed)
        self._by_date = True
        return Gap(missed=missed, old=self._take_undecided())

    def _take_undecided(self) -> tuple[Message, ...]:
        undecided, self._undecided = self._undecided, []
        return tuple(undecided)

    def _may_follow(self, page: Snapshot) -> bool:
        """Whether something unknown may be older than this page."""
        if self._since is None or self.notes_all or self.message_dates or not self._is_known:
            return True
        if self._before.count is not None and self._total > self._before.count + len(self._met):
            return True
        return any(message.created >= self._since for message in page.messages[-1:])
