"""Find the messages that arrived while the program was disconnected, by comparing IDs and never by a "since" time.

A "since" time would be moved by a live message before the gap was fetched, and clocks differ; IDs are not affected by
either, and Mailpit never uses one twice. Pure.
"""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailpit_notifier.protocol.events import Snapshot
from mailpit_notifier.protocol.model import Message

MARGIN = timedelta(seconds=5)
"""How far a new message's `Created` may lie before the last contact: the Date header has whole seconds only."""

UNDECIDED = 5_000
"""After so many unknown messages from before the last contact, no known message is expected to follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Unknown messages of a server: `missed` are to be announced, `old` only to be remembered."""

    missed: tuple[Message, ...] = ()
    old: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What is known from before a connection.

    `ids` need no announcing; those in `early` became known only after the connection was made, so they are no evidence
    that the database is the same as before. `count` is the number of IDs, None where some were forgotten. `contact` is
    the server's own time of the last contact, None before the first one: every message before it is known, unless the
    first walk through the mailbox did not end (`walked` is False). `message_dates`: `Created` is the message's Date
    header, and does not show when the message arrived (Mailpit's --use-message-dates).
    """

    ids: Container[str]
    contact: datetime | None
    early: Container[str] = ()
    count: int | None = None
    walked: bool = True
    message_dates: bool = False


class GapSearch:
    """Search a server's list, page by page and newest first, until nothing unknown can follow.

    - The first start announces nothing old.
    - If one known ID is left on the server, every unknown message is missed.
    - If none is left, the database was replaced, or the server has deleted all of them: messages younger than the last
      contact are missed, and older ones are not announced, because there may be thousands of them.
    """

    def __init__(self, before: Before, *, margin: timedelta = MARGIN, undecided: int = UNDECIDED) -> None:
        self._before = before
        self._since = before.contact and before.contact - margin
        self._max_undecided = undecided
        self._by_date = not before.walked
        self._is_known = False  # whether a known ID was found
        self._seen: set[str] = set()  # unknown ones: they become known once they are announced
        self._undecided: list[Message] = []
        self._total = 0  # messages of the server when the search began
        self.message_dates = before.message_dates
        """As in `Before`; also set when the search finds it out."""
        self.over = False
        """Whether nothing unknown can follow."""

    @property
    def notes_all(self) -> bool:
        """Whether this search records every message of the server."""
        return self._since is None or self._by_date

    def add_page(self, page: Snapshot) -> Gap:
        """Compare the next page of the list; return the messages that are decided by now."""
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
        if message.id in self._seen:
            return False
        if message.id not in self._before.ids:
            self._seen.add(message.id)
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
        if more and len(self._undecided) < self._max_undecided:
            return Gap(missed=missed)
        self._by_date = True
        return Gap(missed=missed, old=self._take_undecided())

    def _take_undecided(self) -> tuple[Message, ...]:
        undecided, self._undecided = self._undecided, []
        return tuple(undecided)

    def _may_follow(self, page: Snapshot) -> bool:
        """Return whether an unknown message may be older than this page."""
        if self._since is None or self.notes_all or self.message_dates or not self._is_known:
            return True
        if self._before.count is not None and self._total > self._before.count + len(self._seen):
            return True
        return any(message.created >= self._since for message in page.messages[-1:])
