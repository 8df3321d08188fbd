"""The newest messages of one server, kept up to date by applying events.

`apply` is idempotent, and `new` and `delete` give the same rows in any order: frames of a burst are not ordered, and
some are repeated after a reconnect. What frames do not show (`prune`, counts that disagree, rows beyond the limit)
makes the inbox *stale*: only a Snapshot of REST makes it current again. Pure.
"""

from bisect import bisect_left
from collections.abc import Container, Mapping
from dataclasses import dataclass, fields, replace
from itertools import islice
from operator import attrgetter
from typing import TypeVar

from mailpit_notifier.protocol.events import Arrived, Deleted, Event, Pruned, Snapshot, Stats, Truncated, Updated
from mailpit_notifier.protocol.model import Message

DEFAULT_ROWS = 200
REMEMBERED = 4_000
"""IDs of deleted messages, and updates that arrived before their message: ten seconds of a server at full rate."""

ROW_PEOPLE = 100
"""Recipients kept of each field of a row, in 20 kB. Messages are announced with all of theirs, a thousand at most."""

ROW_ADDRESSES = 50_000
"""Characters kept of the addresses of all others, which only rules need: those of about 2,000."""

REST_PRECISION = 0.001
"""Seconds. REST cuts `Created` to milliseconds."""

_all_else = attrgetter(*(field.name for field in fields(Message) if field.name != "created"))

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one event changed. `arrived` is set when a `new` frame reports a message for the first time.

    `removed` are IDs that are no longer rows; `gone` are IDs that the server no longer has, whether they were rows or
    not. `counts`: total or unread changed. `emptied`: the server has no messages at all.
    """

    arrived: Message | None = None
    added: tuple[Message, ...] = ()
    updated: tuple[Message, ...] = ()
    removed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    counts: bool = False
    emptied: bool = False

    def __bool__(self) -> bool:
        """Return whether anything changed."""
        return bool(self.arrived or self.added or self.updated or self.removed or self.gone or self.counts)


def order(message: Message) -> tuple[float, str]:
    """Return the sort key for newest first; equal times are ordered by ID, so the order of arrival has no effect."""
    return (-message.created.timestamp(), message.id)


class Inbox:
    """Rows of one server: newest first by `Created`, unique by ID, at most `limit`.

    `total` and `unread` are the server's counts, None until they are known. `stale`: a snapshot is needed to find out
    what the server has; the owner fetches one and applies it.
    """

    def __init__(self, limit: int = DEFAULT_ROWS) -> None:
        self._limit = limit
        self._rows: list[Message] = []
        self._by_id: dict[str, Message] = {}
        self._reported: dict[str, None] = {}
        self._gone: dict[str, None] = {}
        self._early: dict[str, Updated] = {}
        self._doubted: dict[str, Message] = {}  # rows at the last `truncate`: they may be deleted
        self._beyond_total = 0  # messages of the server that are no rows
        self._beyond_unread = 0
        self._stats: Stats | None = None
        self.total: int | None = None
        self.unread: int | None = None
        self.stale = True

    @property
    def rows(self) -> tuple[Message, ...]:
        """The rows, newest first."""
        return tuple(self._rows)

    @property
    def by_id(self) -> Mapping[str, Message]:
        """The rows by their ID."""
        return self._by_id

    @property
    def beyond(self) -> int:
        """The number of messages on the server that have no row, as far as it is known."""
        return self._beyond_total

    @property
    def gone(self) -> Container[str]:
        """IDs that the server no longer has; the oldest are forgotten."""
        return self._gone

    @property
    def has_doubts(self) -> bool:
        """Whether a snapshot of all messages is needed to find out which ones were deleted."""
        return bool(self._doubted)

    def doubt_rows(self) -> None:
        """Mark all rows as possibly deleted: a `truncate` arrived at about the same time as their snapshot."""
        self._doubted.update(self._by_id)

    def clear_doubts(self) -> None:
        """Keep the messages that are still in doubt: they are older than all that were listed to find out."""
        self._doubted.clear()

    def set_limit(self, limit: int) -> None:
        """Keep more rows from now on. The inbox is stale until a snapshot supplies them."""
        self._limit = limit
        self.stale = True

    def apply(self, event: Event) -> Change:
        """Apply one event and return what changed. Events that are not about messages change nothing."""
        match event:
            case Arrived(message=message):
                return self._arrive(message)
            case Updated():
                return self._update(event)
            case Deleted(id=message_id):
                return self._delete(message_id)
            case Snapshot():
                return self._replace(event)
            case Truncated():
                return self._clear()
            case Stats():
                return self._count(event)
            case Pruned():
                self.stale = True
        return Change()

    def check_counts(self) -> Change:
        """Compare the rows with the last `stats`; to be called after a moment without frames.

        Some actions, such as "Mark all read", change nothing but these counts. In a burst, counts arrive before the
        frames of messages that they include. Counts are compared once only, so a server that contradicts itself costs
        one snapshot per `stats`, not an endless loop.
        """
        stats, self._stats = self._stats, None
        if stats is None:
            return Change()
        counted = (len(self._rows) + self._beyond_total, self._unread_rows() + self._beyond_unread)
        if counted != (stats.total, stats.unread):
            self.stale = True
            return Change()
        return self._set_counts(*counted)

    def _arrive(self, message: Message) -> Change:
        heard = message.id in self._reported
        remember(self._reported, message.id, None)
        if heard or message.id in self._gone:
            return Change()
        if message.id in self._by_id:  # a snapshot was faster than the frame, which still reports it as new
            return Change(arrived=self._by_id[message.id])
        if early := self._early.pop(message.id, None):
            message = patched(message, early)
        self._shift_counts(1, int(not message.read))
        row = as_row(message)
        removed = self._insert(row)
        added = (row,) if row.id in self._by_id else ()
        return Change(arrived=message, added=added, removed=removed, counts=True)

    def _update(self, event: Updated) -> Change:
        before = self._by_id.get(event.id)
        if before is None:
            earlier = self._early.get(event.id)
            remember(self._early, event.id, merged(earlier, event) if earlier else event)
            return Change()
        after = patched(before, event)
        if after == before:
            return Change()
        self._rows[self._index(before)] = self._by_id[event.id] = after
        self._shift_counts(0, before.read - after.read)
        return Change(updated=(after,), counts=before.read != after.read)

    def _delete(self, message_id: str) -> Change:
        if message_id in self._gone:
            return Change()
        remember(self._gone, message_id, None)
        self._early.pop(message_id, None)
        self._doubted.pop(message_id, None)
        message = self._by_id.get(message_id)
        if message is None:
            return Change(gone=(message_id,))
        self._remove(message)
        self._shift_counts(-1, -int(not message.read))
        # A message beyond the limit becomes a row now, and only the server has it.
        self.stale = self.stale or self._beyond_total > 0
        return Change(removed=(message_id,), gone=(message_id,), counts=True)

    def _clear(self) -> Change:
        """Remove all rows. A snapshot decides which are deleted: newer messages may have overtaken this frame."""
        removed = tuple(self._by_id)
        self.doubt_rows()
        self._rows.clear()
        self._by_id.clear()
        self._early.clear()
        self._beyond_total = self._beyond_unread = 0
        self.total = self.unread = 0
        self.stale = True
        return Change(removed=removed, counts=True)

    def _count(self, stats: Stats) -> Change:
        self._stats = stats
        return self._set_counts(stats.total, stats.unread)

    def _set_counts(self, total: int, unread: int) -> Change:
        changed = (self.total, self.unread) != (total, unread)
        self.total, self.unread = total, unread
        return Change(counts=changed)

    def _replace(self, snapshot: Snapshot) -> Change:
        fresh = {message.id: self._as_precise(as_row(message)) for message in snapshot.messages}
        rows = sorted(fresh.values(), key=order)[: self._limit]
        before, self._rows = self._by_id, rows
        self._by_id = {message.id: message for message in rows}
        is_all = not snapshot.more and len(fresh) >= snapshot.total
        gone = self._gone_by(fresh, {**self._doubted, **before}, is_all=is_all)
        for message_id in tuple(self._doubted) if is_all else (*fresh, *gone):
            self._doubted.pop(message_id, None)
        for message_id in fresh:
            self._early.pop(message_id, None)
            self._gone.pop(message_id, None)
        self._beyond_total = max(0, snapshot.total - len(rows))
        self._beyond_unread = max(0, snapshot.unread - self._unread_rows())
        counts = (self.total, self.unread) != (snapshot.total, snapshot.unread)
        self.total, self.unread = snapshot.total, snapshot.unread
        self.stale = False
        return Change(
            added=tuple(message for message in rows if message.id not in before),
            updated=tuple(row for row in rows if (was := before.get(row.id, row)) is not row and was != row),
            removed=tuple(message_id for message_id in before if message_id not in self._by_id),
            gone=gone,
            counts=counts,
            emptied=not (fresh or snapshot.total),
        )

    def _gone_by(self, fresh: Mapping[str, Message], before: Mapping[str, Message], *, is_all: bool) -> tuple[str, ...]:
        """Return the IDs that a snapshot shows to be deleted. A partial one shows nothing about older messages."""
        if not is_all:
            end = max(map(order, fresh.values()), default=(0.0, ""))
            return tuple(row.id for row in before.values() if row.id not in fresh and order(row) < end)
        gone = tuple(name for name in {**before, **self._reported} if name not in fresh and name not in self._gone)
        for message_id in gone:
            remember(self._gone, message_id, None)
        return gone

    def _as_precise(self, message: Message) -> Message:
        """Keep the more precise `Created` of the frame (REST has milliseconds only), so that rows keep their order."""
        known = self._by_id.get(message.id)
        if known is None or not 0 <= (known.created - message.created).total_seconds() < REST_PRECISION:
            return message
        return known if _all_else(known) == _all_else(message) else replace(message, created=known.created)

    def _insert(self, message: Message) -> tuple[str, ...]:
        """Insert a message; return the ID of the row that this moves beyond the limit, if any."""
        self._rows.insert(self._index(message), message)
        self._by_id[message.id] = message
        if len(self._rows) <= self._limit:
            return ()
        last = self._rows[-1]
        self._remove(last)
        self._beyond_total += 1
        self._beyond_unread += not last.read
        return () if last is message else (last.id,)

    def _remove(self, message: Message) -> None:
        del self._rows[self._index(message)]
        del self._by_id[message.id]

    def _index(self, message: Message) -> int:
        key = order(message)
        if self._rows and key < order(self._rows[0]):  # as nearly always
            return 0
        return bisect_left(self._rows, key, key=order)

    def _unread_rows(self) -> int:
        return sum(not message.read for message in self._rows)

    def _shift_counts(self, total: int, unread: int) -> None:
        if self.total is not None and self.unread is not None:
            self.total, self.unread = max(0, self.total + total), max(0, self.unread + unread)


def as_row(message: Message) -> Message:
    """Return the message without the recipients that a row does not keep, except for their addresses."""
    fields = (message.to, message.cc, message.bcc)
    if max(map(len, fields)) <= ROW_PEOPLE:
        return message
    to, cc, bcc = (people[:ROW_PEOPLE] for people in fields)
    others = (person.address for people in fields for person in people[ROW_PEOPLE:] if person.address)
    return replace(message, to=to, cc=cc, bcc=bcc, other_addresses="\n".join(others)[:ROW_ADDRESSES])


def patched(message: Message, update: Updated) -> Message:
    """Return the message with the fields of the update."""
    read = message.read if update.read is None else update.read
    return replace(message, read=read, tags=message.tags if update.tags is None else update.tags)


def merged(earlier: Updated, later: Updated) -> Updated:
    """Merge two updates of one message."""
    return Updated(
        id=later.id,
        read=earlier.read if later.read is None else later.read,
        tags=earlier.tags if later.tags is None else later.tags,
    )


def remember(memory: dict[str, Value], key: str, value: Value) -> None:
    """Store a value as the newest, and forget some of the oldest when there are more than `REMEMBERED`.

    An OrderedDict takes twice the memory; a dict finds its first key slowly, so many are forgotten at a time.
    """
    memory.pop(key, None)  # then it becomes the last
    memory[key] = value
    if len(memory) > REMEMBERED:
        for oldest in tuple(islice(memory, REMEMBERED // 8)):
            del memory[oldest]
