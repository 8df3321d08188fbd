"""The stand-in's mailbox: what Mailpit's database knows, in memory. No I/O.

What changes is told to a Listener as it happens, with the quirks that clients have to live with: «mark all read» is
told by counts only, a large delete by search as `prune`, and of more than a thousand only the last part is told.
"""

import re
import secrets
import string
import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from .message import Stored
from .search import matching
from .source import Source, read

Counts = Callable[[], tuple[int, int]]

_ALPHABET = string.digits + string.ascii_letters
_ID_LENGTH = 22
_MANY = 200
_CHUNK = 1_000


class Listener(Protocol):
    """Who is told of changes."""

    def broadcast(self, kind: str, data: Any) -> None:
        """Something happened: type and data of a frame."""

    def counts_changed(self, counts: Counts) -> None:
        """Total or unread may have changed; `counts` tells them when they are needed."""


class Mailbox:
    """Messages by ID, oldest first."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._messages: dict[str, Stored] = {}

    def counts(self) -> tuple[int, int]:
        """How many messages there are, and how many of them are unread."""
        return len(self._messages), sum(not message.read for message in self._messages.values())

    def tags(self) -> dict[str, int]:
        """The tags in use, in the order of a dictionary, and how many messages have each."""
        used = [tag for message in self._messages.values() for tag in message.tags]
        return {tag: used.count(tag) for tag in sorted(set(used), key=str.lower)}

    def newest_first(self) -> list[Stored]:
        """All messages."""
        return list(reversed(self._messages.values()))

    def get(self, message_id: str) -> Stored | None:
        """The message with this ID; «latest» is the newest."""
        if message_id == "latest":
            return next(reversed(self._messages.values()), None)
        return self._messages.get(message_id)

    def search(self, query: str) -> list[Stored]:
        """The messages that match a query, newest first."""
        passes = matching(query)
        return [message for message in self.newest_first() if passes(message)]

    def add(self, raw: bytes) -> str:
        """Store a mail and tell of it; returns its ID."""
        source = read(raw)
        message = Stored(id=new_id(), created=time.time_ns(), raw=raw, source=source, tags=_tags_of(source))
        self._messages[message.id] = message
        if message.tags:
            self._listener.broadcast("update", {"ID": message.id, "Tags": message.tags})
        self._listener.broadcast("new", message.frame())
        self._listener.counts_changed(self.counts)
        return message.id

    def restore(self, messages: Iterable[Stored]) -> None:
        """Put messages back without telling anyone: they were there before a restart."""
        self._messages.update((message.id, message) for message in messages)

    def mark(self, ids: Iterable[str], *, read: bool) -> None:
        """Mark messages read or unread; only those that change are told."""
        known = (self._messages.get(message_id) for message_id in ids)
        changed = [message for message in known if message and message.read != read]
        for message in changed:
            message.read = read
            self._listener.broadcast("update", {"ID": message.id, "Read": read})
        if changed:
            self._listener.counts_changed(self.counts)

    def mark_all(self, *, read: bool) -> None:
        """Mark every message; nothing but the counts tells of it."""
        for message in self._messages.values():
            message.read = read
        self._listener.counts_changed(self.counts)

    def delete(self, ids: list[str]) -> None:
        """Delete messages. Only unknown IDs are no error.

        Known together with unknown or repeated ones raise LookupError. The real server answers so, too, and then hangs
        for good, because it leaves a transaction open: clients have to delete one by one.
        """
        gone = [message_id for message_id in self._messages if message_id in ids]
        if 0 < len(gone) < len(ids):
            raise LookupError(f"missing argument with index {len(gone) + 1}")
        for message_id in gone:
            del self._messages[message_id]
            self._listener.broadcast("delete", {"ID": message_id})
        if gone:
            self._listener.counts_changed(self.counts)

    def delete_all(self) -> None:
        """Delete every message."""
        self._messages.clear()
        self._listener.counts_changed(self.counts)
        self._listener.broadcast("truncate", None)

    def delete_found(self, query: str) -> None:
        """Delete what matches a query."""
        found = [message.id for message in self.search(query)]
        for message_id in found:
            del self._messages[message_id]
        told = found[(len(found) - 1) // _CHUNK * _CHUNK :]
        if len(told) > _MANY:
            self._listener.broadcast("prune", None)
        else:
            for message_id in told:
                self._listener.broadcast("delete", {"ID": message_id})
        if found:
            self._listener.counts_changed(self.counts)

    def prune(self, limit: int) -> None:
        """Keep only the newest `limit` messages; 0 keeps all."""
        surplus = list(self._messages)[:-limit] if limit else []
        for message_id in surplus:
            del self._messages[message_id]
        if surplus:
            self._listener.broadcast("prune", None)

    def set_tags(self, ids: Iterable[str], tags: Iterable[str]) -> None:
        """Replace the tags of messages."""
        wanted = _unique(tags)
        for message_id in ids:
            if message := self._messages.get(message_id):
                message.tags = wanted
            self._listener.broadcast("update", {"ID": message_id, "Tags": wanted})

    def rename_tag(self, old: str, new: str) -> None:
        """Give a tag another name, or none to remove it. Raises LookupError when there is no such tag."""
        if old not in self.tags():
            raise LookupError(f"tag not found: {old}")
        for message in self._messages.values():
            renamed = (new if tag == old else tag for tag in message.tags)
            message.tags = _unique(renamed)
        self._listener.broadcast("prune", None)


def new_id() -> str:
    """An ID like Mailpit's."""
    number = secrets.randbits(128)
    digits = []
    for _ in range(_ID_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


def _tags_of(source: Source) -> list[str]:
    """Tags from the X-Tags header and from plus-addresses."""
    people = (*source.to, *source.cc, *source.bcc, source.sender)
    plus = [tag for person in people for tag in person.address.partition("@")[0].split("+")[1:]]
    return sorted(_unique([*source.header("x-tags").split(","), *plus]))


def _unique(tags: Iterable[str]) -> list[str]:
    """Cleaned tags, each once whatever its case."""
    unique: dict[str, str] = {}
    for tag in tags:
        if cleaned := " ".join(re.sub(r"[^a-zA-Z0-9 _.@-]", " ", tag).split())[:100]:
            unique.setdefault(cleaned.lower(), cleaned)
    return list(unique.values())
