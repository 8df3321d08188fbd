"""The messages of the stand-in in memory, with the most used part of Mailpit's search syntax. No I/O.

A Listener gets each change as the event that Mailpit sends, including its quirks: "mark all read" sends only counts, a
large delete by search sends `prune`, and for more than 1,000 messages only the last chunk is reported.
"""

import re
import secrets
import string
import time
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from .message import Stored
from .message_source import Address, Source, clean, read

Test = Callable[[Stored], bool]

_WORD = re.compile(r'(?:[^\s"]|"[^"]*")+')

_FLAGS: dict[str, Test] = {
    "is:read": lambda message: message.read,
    "is:unread": lambda message: not message.read,
    "is:tagged": lambda message: bool(message.tags),
    "has:attachment": lambda message: bool(message.source.attachments),
    "has:attachments": lambda message: bool(message.source.attachments),
}

_FIELDS: dict[str, Callable[[Stored], str]] = {
    "to": lambda message: _words(message.source.to),
    "from": lambda message: _words([message.source.sender]),
    "cc": lambda message: _words(message.source.cc),
    "bcc": lambda message: _words(message.source.bcc),
    "reply-to": lambda message: _words(message.source.reply_to),
    "addressed": lambda message: _words(message.everyone),
    "subject": lambda message: message.source.header("subject").lower(),
    "message-id": lambda message: message.source.message_id.lower(),
}


def matching(query: str) -> Test:
    """Return a test for messages that match all words of the query. A leading - or ! negates a word."""
    tests = [_test(word) for word in (found.replace('"', "") for found in _WORD.findall(query)) if clean(word)]
    return lambda message: all(test(message) for test in tests)


def _test(word: str) -> Test:
    if len(word) > 1 and word[0] in "-!":
        test = _test(word[1:])
        return lambda message: not test(message)
    if flag := _FLAGS.get(word.lower()):
        return flag
    field, colon, value = word.lower().partition(":")
    if colon and value and field == "tag":
        return lambda message: clean(value) in (tag.lower() for tag in message.tags)
    if colon and value and (text := _FIELDS.get(field)):
        return lambda message: clean(value) in text(message)
    return lambda message: clean(word) in message.haystack


def _words(people: Iterable[Address]) -> str:
    return " ".join(f"{person.name} {person.address}" for person in people).lower()


Counts = Callable[[], tuple[int, int]]

_ALPHABET = string.digits + string.ascii_letters
_ID_LENGTH = 22
_MANY = 200
_CHUNK = 1_000
_HALF_A_SECOND = 500_000_000
_FILLER = """From: Acme <no-reply@acme.test>\r
To: Ann <ann@example.test>\r
Message-ID: <filler@mailpit>\r
Subject: Your order has been shipped\r
\r
It will arrive between Tuesday and Thursday. You can follow it with the number that we have sent you, and change where
it is delivered until it has left our house. If you have not ordered anything, please tell us.\r
"""


class Listener(Protocol):
    """Receives changes of the mailbox."""

    def broadcast(self, kind: str, data: Any) -> None:
        """Send an event with this type and data."""

    def counts_changed(self, counts: Counts) -> None:
        """Handle a possible change of total or unread; `counts` returns their latest values."""


class Mailbox:
    """Messages by ID and by age. With `message_dates` the Date header is the time of a message.

    Counts, tags and order are kept up to date, so that a page of 500 takes as long with 200,000 messages as with 1,000.
    """

    def __init__(self, listener: Listener, *, message_dates: bool = False) -> None:
        self._listener = listener
        self._message_dates = message_dates
        self._messages: dict[str, Stored] = {}
        self._oldest_first: list[Stored] = []
        self._unread = 0
        self._tags: dict[str, int] | None = {}  # None: to be counted again

    def counts(self) -> tuple[int, int]:
        """Return the numbers of all and of unread messages."""
        return len(self._messages), self._unread

    def tags(self) -> dict[str, int]:
        """Return the number of messages for each tag, sorted without regard to case."""
        if self._tags is None:
            used = Counter(tag for message in self._messages.values() for tag in message.tags)
            self._tags = {tag: used[tag] for tag in sorted(used, key=str.lower)}
        return self._tags

    def newest_first(self) -> list[Stored]:
        """Return all messages, newest first."""
        return self._oldest_first[::-1]

    def listed(self, start: int, limit: int, before: int | None = None) -> list[Stored]:
        """Return `limit` messages (0: all), newest first, after `start` of those older than `before` (nanoseconds)."""
        end = len(self._oldest_first)
        if before is not None:
            end = bisect_left(self._oldest_first, before, key=_created)
        if not limit:
            return self._oldest_first[:end][::-1]
        end = max(0, end - start)
        return self._oldest_first[max(0, end - limit) : end][::-1]

    def get(self, message_id: str) -> Stored | None:
        """Return the message with this ID; "latest" is the newest."""
        if message_id == "latest":
            return self._oldest_first[-1] if self._oldest_first else None
        return self._messages.get(message_id)

    def search(self, query: str) -> list[Stored]:
        """Return the messages that match a query, newest first."""
        passes = matching(query)
        return [message for message in self.newest_first() if passes(message)]

    def add(self, raw: bytes) -> str:
        """Store a message and send its events; return its ID."""
        source = read(raw)
        created = source.nanoseconds if self._message_dates else None
        message = Stored(id=new_id(), created=created or time.time_ns(), raw=raw, source=source, tags=_tags_of(source))
        self._put(message)
        if message.tags:
            self._listener.broadcast("update", {"ID": message.id, "Tags": message.tags})
        self._listener.broadcast("new", message.frame())
        self._listener.counts_changed(self.counts)
        return message.id

    def restore(self, messages: Iterable[Stored]) -> None:
        """Add messages from before a restart, without events."""
        for message in messages:
            self._put(message)

    def fill(self, count: int) -> None:
        """Add `count` messages without events, dated half a second apart up to now."""
        raw = _FILLER.encode()
        source, now = read(raw), time.time_ns()
        tags: list[str] = []
        created = range(now - count * _HALF_A_SECOND, now, _HALF_A_SECOND)
        self.restore(Stored(id=new_id(), created=when, raw=raw, source=source, tags=tags) for when in created)

    def mark(self, ids: Iterable[str], *, read: bool) -> None:
        """Mark messages as read or unread; send events for those that change."""
        known = (self._messages.get(message_id) for message_id in ids)
        changed = [message for message in known if message and message.read != read]
        for message in changed:
            self._mark(message, read=read)
            self._listener.broadcast("update", {"ID": message.id, "Read": read})
        if changed:
            self._listener.counts_changed(self.counts)

    def mark_all(self, *, read: bool) -> None:
        """Mark all messages. Only the counts are sent, as from Mailpit."""
        for message in self._messages.values():
            self._mark(message, read=read)
        self._listener.counts_changed(self.counts)

    def delete(self, ids: list[str]) -> None:
        """Delete messages. Raises LookupError for known IDs together with unknown or repeated ones.

        Mailpit answers the same error and then hangs for good, because it leaves a transaction open. Clients must
        therefore delete messages one by one. Only unknown IDs are no error.
        """
        gone = [message_id for message_id in dict.fromkeys(ids) if message_id in self._messages]
        if 0 < len(gone) < len(ids):
            raise LookupError(f"missing argument with index {len(gone) + 1}")
        for message_id in gone:
            self._remove(message_id)
            self._listener.broadcast("delete", {"ID": message_id})
        if gone:
            self._listener.counts_changed(self.counts)

    def delete_all(self) -> None:
        """Delete all messages."""
        self._messages.clear()
        self._oldest_first.clear()
        self._unread, self._tags = 0, {}
        self._listener.counts_changed(self.counts)
        self._listener.broadcast("truncate", None)

    def delete_found(self, query: str) -> None:
        """Delete the messages that match a query."""
        found = [message.id for message in self.search(query)]
        for message_id in found:
            self._remove(message_id)
        reported = found[(len(found) - 1) // _CHUNK * _CHUNK :]
        if len(reported) > _MANY:
            self._listener.broadcast("prune", None)
        else:
            for message_id in reported:
                self._listener.broadcast("delete", {"ID": message_id})
        if found:
            self._listener.counts_changed(self.counts)

    def prune(self, limit: int) -> None:
        """Keep only the newest `limit` messages; 0 keeps all."""
        surplus = self._oldest_first[:-limit] if limit else []
        for message in surplus:
            self._remove(message.id)
        if surplus:
            self._listener.broadcast("prune", None)

    def set_tags(self, ids: Iterable[str], tags: Iterable[str]) -> None:
        """Replace the tags of messages."""
        wanted = _unique(tags)
        for message_id in ids:
            if message := self._messages.get(message_id):
                message.tags, self._tags = wanted, None
            self._listener.broadcast("update", {"ID": message_id, "Tags": wanted})

    def rename_tag(self, old: str, new: str) -> None:
        """Rename a tag; "" removes it. Raises LookupError if there is no such tag."""
        if old not in self.tags():
            raise LookupError(f"tag not found: {old}")
        for message in self._messages.values():
            renamed = (new if tag == old else tag for tag in message.tags)
            message.tags = _unique(renamed)
        self._tags = None
        self._listener.broadcast("prune", None)

    def _put(self, message: Stored) -> None:
        self._messages[message.id] = message
        insort(self._oldest_first, message, key=_created)
        self._unread += not message.read
        if message.tags:
            self._tags = None

    def _remove(self, message_id: str) -> None:
        message = self._messages.pop(message_id)
        place = bisect_left(self._oldest_first, message.created, key=_created)
        del self._oldest_first[self._oldest_first.index(message, place)]
        self._unread -= not message.read
        if message.tags:
            self._tags = None

    def _mark(self, message: Stored, *, read: bool) -> None:
        self._unread += message.read - read
        message.read = read


def _created(message: Stored) -> int:
    return message.created


def new_id() -> str:
    """Return a random ID in Mailpit's format: 22 letters and digits."""
    number = secrets.randbits(128)
    digits = []
    for _ in range(_ID_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


def _tags_of(source: Source) -> list[str]:
    """Return tags from the X-Tags header and from plus addresses."""
    people = (*source.to, *source.cc, *source.bcc, source.sender)
    plus = [tag for person in people for tag in person.address.partition("@")[0].split("+")[1:]]
    return sorted(_unique([*source.header("x-tags").split(","), *plus]))


def _unique(tags: Iterable[str]) -> list[str]:
    """Return the cleaned tags without duplicates that differ only in case."""
    unique: dict[str, str] = {}
    for tag in tags:
        if cleaned := " ".join(re.sub(r"[^a-zA-Z0-9 _.@-]", " ", tag).split())[:100]:
            unique.setdefault(cleaned.lower(), cleaned)
    return list(unique.values())
