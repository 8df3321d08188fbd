"""Parse the text frames of `/api/events` into events. Total: each string gives an event, none raises.

Mailpit documents only `new`; other types that are not understood become `Unknown`. `Snapshot` is not a frame but an
answer of REST. It is an event, too, so that all changes of the inbox are made in the same way.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .json_reader import read
from .model import Message, count_from, id_from, message_from, tags_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """`new`: a message was captured."""

    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Updated:
    """`update`: the fields that are not None have changed. It can arrive before the `new` of its message."""

    id: str
    read: bool | None = None
    tags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """`delete`: this message was deleted."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncated:
    """`truncate`: all messages were deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """`prune`: some messages were deleted or tags renamed; only a snapshot shows which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """`stats`: the number of messages on the server, and of unread ones among them."""

    total: int
    unread: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """`error`: the server rejected a message or command of an SMTP client with this `text`.

    `is_login`: it rejected the user name or password of an SMTP or POP3 client.
    """

    ip: str
    text: str
    is_login: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A frame that is not understood. `reason` is for the log and has no message content."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """An answer of `GET api/v1/messages`: some messages, newest first, and the counts of all.

    `date` is the server's time of the answer, None without a usable Date header. `more` is whether older messages
    follow; `total` does not show that, as it can change between pages.
    """

    messages: tuple[Message, ...]
    total: int
    unread: int
    date: datetime | None = None
    more: bool = False


News = Refused
"""Events that change no row and are only announced. To add one, add its class to this union."""

Event = Arrived | Updated | Deleted | Truncated | Pruned | Stats | News | Unknown | Snapshot


def parse(frame: str, received: datetime) -> Event:
    """Parse one frame. `received` (aware) is used for a message without `Created`."""
    try:
        envelope = read(frame)
    except ValueError:
        return Unknown(reason="not JSON")
    if not isinstance(envelope, dict):
        return Unknown(reason="not an object")
    data = envelope.get("Data")
    match envelope.get("Type"):
        case "new":
            return Arrived(message=message_from(data, received))
        case "truncate":
            return Truncated()
        case "prune":
            return Pruned()
        case "update" | "delete" | "stats" | "error" as kind if isinstance(data, dict):
            return _about(kind, data)
        case kind:
            return Unknown(reason=f"type {str(kind)[:40]!r}")


def snapshot_from(body: Any, received: datetime, limit: int, *, cut: bool = False) -> Snapshot:
    """Read the JSON of `GET api/v1/messages?limit=LIMIT`. `cut`: the end of the answer is missing.

    Items that are Messages already are used as they are. Raises ValueError if it has no list of messages.
    """
    listed = body.get("messages") if isinstance(body, dict) else None
    if isinstance(body, dict) and "messages" in body and listed is None and body.get("total") == 0:
        listed = []  # how Go writes an empty list that was never filled
    if not isinstance(listed, list):
        raise ValueError("no list of messages")
    items = listed[:limit]
    messages = tuple(item if isinstance(item, Message) else message_from(item, received) for item in items)
    total, unread = count_from(body.get("total")), count_from(body.get("unread"))
    return Snapshot(
        messages=messages,
        total=len(messages) if total is None else total,
        unread=sum(not message.read for message in messages) if unread is None else unread,
        more=cut or len(messages) >= limit,
    )


def _about(kind: str, data: dict[str, Any]) -> Event:
    if kind == "stats":
        total, unread = count_from(data.get("Total")), count_from(data.get("Unread"))
        if total is None or unread is None:
            return Unknown(reason="stats without counts")
        return Stats(total=total, unread=unread)
    if kind == "error":
        text = _short(data.get("Message"))
        # 53x is about authentication (RFC 4954). Errors of POP3 have no number; in old versions their type is "smtpd".
        is_login = data.get("Type") == "pop3" or bool(re.match(r"53\d\b", text)) or text == "invalid password"
        return Refused(ip=_short(data.get("IP")), text=text, is_login=is_login)
    message_id = id_from(data.get("ID"))
    if not message_id:
        return Unknown(reason=f"{kind} without ID")
    if kind == "delete":
        return Deleted(id=message_id)
    read = data.get("Read")
    return Updated(id=message_id, read=read if isinstance(read, bool) else None, tags=tags_from(data.get("Tags")))


def _short(value: Any) -> str:
    return value[:300].encode("utf-8", "replace").decode() if isinstance(value, str) else ""
