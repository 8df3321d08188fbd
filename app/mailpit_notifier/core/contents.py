"""The content of a message: as values that the quick look shows, and as JSON for programs."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from mailpit_notifier.findings.result import Findings
from mailpit_notifier.protocol.model import Message, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file in a message. `name` is "" if the message gives none, `kind` the media type, `size` in bytes, decoded."""

    name: str
    kind: str
    size: int


class Doubt(Enum):
    """Why the text of a message may be missing or wrong."""

    CHARSET = "charset"
    """Its character set is unknown; it was read as a likely one."""
    ENCODING = "encoding"
    """Its transfer encoding is unknown; it is shown as it was sent."""
    ENCRYPTED = "encrypted"
    """The message is encrypted, or signed in a form that hides the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentLink:
    """A link of a message: a URL that `web_link` accepts, and the words of the link, "" if they are the URL."""

    url: str
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The content of a message as far as it was read, not cleaned for display.

    `is_cut`: the text is only a beginning. `is_partial`: the source was not read to its end, so attachments and other
    parts may be missing. `is_loading`: the rest is being read, and another value follows.
    """

    text: str = ""
    code: str = ""
    links: tuple[ContentLink, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    doubts: frozenset[Doubt] = frozenset()
    is_cut: bool = False
    is_partial: bool = False
    is_loading: bool = False


def message_as_json(server: str, url: str, message: Message, found: Findings) -> dict[str, Any]:
    """Return the fields of a message. `server` is the server's name, `url` the message's address in the web UI."""
    return {
        "id": message.id,
        "server": server,
        "url": url,
        "created": message.created.isoformat(timespec="milliseconds"),
        "from": _person(message.sender or Person()),
        "to": [_person(person) for person in message.to],
        "cc": [_person(person) for person in message.cc],
        "bcc": [_person(person) for person in message.bcc],
        "subject": message.subject,
        "snippet": message.snippet,
        "tags": list(message.tags),
        "attachments": message.attachments,
        "size": message.size,
        "code": found.code,
        "link": found.link,
    }


def _person(person: Person) -> dict[str, str]:
    return {"name": person.name, "address": person.address}
