"""What a message contains, as values: the text, code, links and attachments that the quick look shows."""

from dataclasses import dataclass
from enum import Enum


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
