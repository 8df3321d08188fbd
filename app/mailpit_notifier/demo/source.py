"""The source of a mail -> what Mailpit shows of it.

Pure, and apart from the mailbox because hostile and broken mails are its whole subject: it never raises for what it
reads. What enmime, Mailpit's parser, does with a broken mail is followed as far as clients can tell.
"""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.policy import Compat32
from email.utils import getaddresses, parsedate_to_datetime

from .text import snippet, text_from_html


class _Verbatim(Compat32):
    """Headers as they were written; the library would refuse or rewrite the broken ones."""

    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002
        return value


_POLICY = _Verbatim()


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A mailbox of an address header."""

    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file in a mail."""

    name: str
    content_type: str
    content_id: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A mail, read. `headers` holds the values under their names in lower case, decoded."""

    headers: dict[str, list[str]]
    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    snippet: str

    def header(self, name: str) -> str:
        """The first value of a header, or ""."""
        return self.headers.get(name.lower(), [""])[0]

    @property
    def message_id(self) -> str:
        """The Message-ID without its brackets."""
        return self.header("message-id").strip("<>")

    @property
    def date(self) -> str:
        """The Date header in ISO 8601, or "" where there is none that can be read."""
        try:
            return parsedate_to_datetime(self.header("date")).isoformat()
        except ValueError:
            return ""

    @property
    def nanoseconds(self) -> int | None:
        """The Date header in nanoseconds since the epoch, None where there is none that can be read."""
        try:
            return int(parsedate_to_datetime(self.header("date")).timestamp()) * 1_000_000_000
        except (ValueError, OverflowError):
            return None

    @property
    def haystack(self) -> str:
        """What a search for a plain word looks at, in lower case and with single spaces."""
        names = ("from", "subject", "to", "cc", "bcc", "reply-to", "return-path")
        body = text_from_html(self.html) if self.html else self.text
        words = [*map(self.header, names), body, *(file.name for file in self.attachments)]
        return clean(" ".join(words))


def read(raw: bytes) -> Source:
    """Read the source of a mail."""
    message = message_from_bytes(raw, policy=_POLICY)
    headers: dict[str, list[str]] = {}
    for name, value in message.items():
        headers.setdefault(name.lower(), []).append(value)
    text, html, attachments = _parts(message)
    senders = _addresses(headers, "from")
    decoded = {name: [_decoded(value) for value in values] for name, values in headers.items()}
    return Source(
        headers=decoded,
        sender=senders[0] if senders else Address(name=decoded.get("from", [""])[0], address=""),
        to=_addresses(headers, "to"),
        cc=_addresses(headers, "cc"),
        bcc=_addresses(headers, "bcc"),
        reply_to=_addresses(headers, "reply-to"),
        text=text,
        html=html,
        attachments=attachments,
        snippet=snippet(text, html),
    )


def clean(text: str) -> str:
    """Text as searches compare it."""
    return " ".join(re.sub(r'[\n\t><",;()\ufeff]', " ", text).split()).lower()


def _parts(message: Message) -> tuple[str, str, tuple[Attachment, ...]]:
    texts: dict[str, list[str]] = {"text/plain": [], "text/html": []}
    files = []
    for part in message.walk():
        kind = part.get_content_type()
        if part.is_multipart():
            continue
        if kind in texts and part.get_content_disposition() != "attachment":
            texts[kind].append(_text(part))
        elif part.get_content_disposition() != "inline":
            files.append(_attachment(part))
    return "\n".join(texts["text/plain"]), "\n".join(texts["text/html"]), tuple(files)


def _attachment(part: Message) -> Attachment:
    return Attachment(
        name=_decoded(part.get_filename() or ""),
        content_type=part.get_content_type(),
        content_id=str(part.get("content-id", "")).strip("<>"),
        content=_content(part),
    )


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _text(part: Message) -> str:
    return _bytes_decoded(_content(part), part.get_content_charset() or "utf-8")


def _addresses(headers: dict[str, list[str]], name: str) -> tuple[Address, ...]:
    pairs = getaddresses([_unfolded(value) for value in headers.get(name, [])])
    return tuple(Address(name=_decoded(name), address=address) for name, address in pairs if "@" in address)


def _unfolded(value: str) -> str:
    return re.sub(r"\r?\n[ \t]+", " ", value)


def _decoded(value: str) -> str:
    """A header's value with encoded words decoded and raw bytes taken for UTF-8, however broken."""
    value = _unfolded(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if "=?" not in value:
        return value
    try:
        parts = decode_header(value)
    except ValueError:
        return value
    return "".join(part if isinstance(part, str) else _bytes_decoded(part, code or "utf-8") for part, code in parts)


def _bytes_decoded(content: bytes, charset: str) -> str:
    try:
        return content.decode(charset, "replace")
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")
