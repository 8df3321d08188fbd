"""A text frame of `/api/events` -> an Event. Total: every string gives an event, none raises.

Only `new` is a promise of Mailpit's; the other types are used when they are understood and are `Unknown` otherwise.
`Snapshot` is no frame: it is what REST answered, made an event so that everything the inbox learns comes one way.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .json_reader import read
from .model import Message, count_from, id_from, message_from, tags_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """`new`: a mail was captured."""

    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Updated:
    """`update`: the fields that are not None changed. It can come before its message's `new`."""

    id: str
    read: bool | None = None
    tags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """`delete`: this message is gone."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncated:
    """`truncate`: every message is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """`prune`: some messages are gone or tags were renamed; only REST says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """`stats`: how many messages the server has, and how many of them are unread."""

    total: int
    unread: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """`error`: an SMTP or POP3 client did something wrong, and `text` is what the server told it."""

    ip: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A frame that says nothing to us; `reason` is for the log and holds no mail content."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What REST says the server has: some of its messages, newest first, and the counts of all of them.

    `date` is the server's own time of the answer, None where it did not say. `more`: the list goes on with older
    messages, whatever `total` says.
    """

    messages: tuple[Message, ...]
    total: int
    unread: int
    date: datetime | None = None
    more: bool = False


News = Refused
"""Events that change no row: whoever announces mail is told of them, and of a new one by its line in this union."""

Event = Arrived | Updated | Deleted | Truncated | Pruned | Stats | News | Unknown | Snapshot


def parse(frame: str, received: datetime) -> Event:
    """Read one frame. `received` (aware) stands in for a `Created` that is missing."""
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
    """Read the answer of `GET api/v1/messages?limit=LIMIT`, of which the end may be `cut` off.

    Raises ValueError when it is not one.
    """
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
        raise ValueError("no list of messages")
    messages = tuple(message_from(item, received) for item in body["messages"][:limit])
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
        return Refused(ip=_short(data.get("IP")), text=_short(data.get("Message")))
    message_id = id_from(data.get("ID"))
    if not message_id:
        return Unknown(reason=f"{kind} without ID")
    if kind == "delete":
        return Deleted(id=message_id)
    read = data.get("Read")
    return Updated(id=message_id, read=read if isinstance(read, bool) else None, tags=tags_from(data.get("Tags")))


def _short(value: Any) -> str:
    return value[:300].encode("utf-8", "replace").decode() if isinstance(value, str) else ""
