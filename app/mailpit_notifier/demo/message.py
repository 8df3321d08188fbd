"""A message in the stand-in's mailbox, its JSON in events and REST answers, and the file for --database.

The file keeps the mailbox over a restart, as `mailpit --database FILE` does: one JSON line per message.
"""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from hashlib import md5, sha1, sha256
from pathlib import Path
from typing import Any

from .message_source import Address, Attachment, Source, read

VERSION, OLD = "v1.30.5", "v1.8"
"""Versions to imitate: a current one, and one of 2023 without `before`, `stats`, `update`, `delete` and some fields."""


@dataclass(kw_only=True, eq=False)
class Stored:
    """A message. `created` is in nanoseconds since the epoch.

    Messages may share their source and list of tags: 200,000 that do take 60 MB.
    """

    id: str
    created: int
    raw: bytes
    source: Source
    tags: list[str]
    read: bool = False

    @cached_property
    def haystack(self) -> str:
        """The text that a search for a plain word checks; computed on the first search."""
        return self.source.haystack

    @property
    def everyone(self) -> list[Address]:
        """Sender, recipients and reply-to addresses."""
        source = self.source
        return [source.sender, *source.to, *source.cc, *source.bcc, *source.reply_to]

    def frame(self) -> dict[str, Any]:
        """Return the summary in a `new` event: no list is null, `Created` in nanoseconds, tags in stored order."""
        return self._summary(empty=[], reply_to=[], created=self.created, tags=self.tags)

    def listed(self) -> dict[str, Any]:
        """Return the summary in a list: `Created` in milliseconds, tags sorted without regard to case."""
        return self._row(reply_to=[])

    def found(self) -> dict[str, Any]:
        """Return the summary in a search result: like `listed`, but an empty ReplyTo is null."""
        return self._row(reply_to=None)

    def full(self) -> dict[str, Any]:
        """Return the whole message, as GET message/{id} does."""
        source = self.source
        return {
            "ID": self.id,
            "MessageID": source.message_id,
            "From": _person(source.sender),
            "To": _people(source.to),
            "Cc": _people(source.cc),
            "Bcc": _people(source.bcc),
            "ReplyTo": _people(source.reply_to),
            "ReturnPath": source.header("return-path").strip("<>"),
            "Subject": source.header("subject"),
            "ListUnsubscribe": {"Header": "", "Links": [], "Errors": "", "HeaderPost": ""},
            "Date": source.date or timestamp(self.created // 1_000_000 * 1_000_000),
            "Tags": sorted(self.tags, key=str.lower),
            "Username": "",
            "Text": source.text,
            "HTML": source.html,
            "Size": len(self.raw),
            "Inline": [],
            "Attachments": [_file(index, file) for index, file in enumerate(source.attachments, 2)],
        }

    def _row(self, reply_to: list[Any] | None) -> dict[str, Any]:
        milliseconds = self.created // 1_000_000 * 1_000_000
        tags = sorted(self.tags, key=str.lower)
        return self._summary(empty=None, reply_to=reply_to, created=milliseconds, tags=tags)

    def _summary(
        self, *, empty: list[Any] | None, reply_to: list[Any] | None, created: int, tags: list[str]
    ) -> dict[str, Any]:
        source = self.source
        return {
            "ID": self.id,
            "MessageID": source.message_id,
            "Read": self.read,
            "From": _person(source.sender),
            "To": _people(source.to) or empty,
            "Cc": _people(source.cc) or empty,
            "Bcc": _people(source.bcc) or empty,
            "ReplyTo": _people(source.reply_to) or reply_to,
            "Subject": source.header("subject"),
            "Created": timestamp(created),
            "Username": "",
            "Tags": tags,
            "Size": len(self.raw),
            "Attachments": len(source.attachments),
            "Snippet": source.snippet,
        }


def of_old(summary: dict[str, Any]) -> dict[str, Any]:
    """Return the summary without the fields that servers of 2023 do not have."""
    return {name: value for name, value in summary.items() if name not in {"ReplyTo", "Username", "Snippet"}}


def timestamp(nanoseconds: int) -> str:
    """Format a time like Go's RFC3339Nano: local time with offset, without trailing zeros."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    whole = datetime.fromtimestamp(seconds).astimezone().isoformat()
    fraction = f".{rest:09d}".rstrip("0").rstrip(".")
    return f"{whole[:19]}{fraction}{whole[19:]}".replace("+00:00", "Z")


def _person(person: Address) -> dict[str, str]:
    return {"Name": person.name, "Address": person.address}


def _people(people: tuple[Address, ...]) -> list[dict[str, str]]:
    return [_person(person) for person in people]


def _file(part: int, file: Attachment) -> dict[str, Any]:
    checksums = {"MD5": md5, "SHA1": sha1, "SHA256": sha256}
    return {
        "PartID": str(part),
        "FileName": file.name or file.content_id,
        "ContentType": file.content_type,
        "ContentID": file.content_id,
        "Size": len(file.content),
        "Checksums": {name: make(file.content, usedforsecurity=False).hexdigest() for name, make in checksums.items()},
    }


def save(path: Path, messages: Iterable[Stored]) -> None:
    """Write messages to a file, oldest first."""
    path.write_text("".join(f"{_line(message)}\n" for message in messages), encoding="utf-8")


def load(path: Path) -> list[Stored]:
    """Read messages from a file; none if it does not exist."""
    if not path.exists():
        return []
    return [_message(line) for line in path.read_text(encoding="utf-8").splitlines()]


_read = lru_cache(maxsize=16)(read)
"""A filled mailbox has one source many times: parsing it for each of 150,000 messages takes a minute."""


def _line(message: Stored) -> str:
    fields = {"id": message.id, "created": message.created, "read": message.read, "tags": message.tags}
    return json.dumps({**fields, "raw": base64.b64encode(message.raw).decode()})


def _message(line: str) -> Stored:
    fields = json.loads(line)
    raw = base64.b64decode(fields.pop("raw"))
    return Stored(**fields, raw=raw, source=_read(raw))
