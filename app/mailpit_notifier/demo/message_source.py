"""Parses the source of a message into what Mailpit shows of it, and adds the headers that Mailpit adds. Pure.

`read` never raises for hostile or broken messages. It follows enmime, Mailpit's parser, as far as clients can notice.
Snippets are the first 200 bytes of the HTML's text, or of the plain text if there is no HTML.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.policy import Compat32
from email.utils import format_datetime, getaddresses, parsedate_to_datetime
from html.parser import HTMLParser

_LIMIT = 200
_SPACE = re.compile(r"[\t\n\f\r ]+")
_SKIPPED = frozenset({"head", "title", "script", "style", "noscript"})
_LONG_REFERENCE = re.compile(r"&#\d{1000,};?")
"""No character has such a number, and the library raises ValueError for more than 4,300 digits."""
_BLOCK_END = re.compile(
    r"</(div|p|td|th|h[1-6]|ul|ol|li|address|article|aside|blockquote|dl|dt|footer|header|hr|main|nav|pre|table|thead"
    r"|tfoot|video)><",
    re.IGNORECASE,
)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._skipping += tag in _SKIPPED

    def handle_endtag(self, tag: str) -> None:
        self._skipping = max(0, self._skipping - (tag in _SKIPPED))

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.pieces.append(data)


def text_from_html(html: str) -> str:
    """Return the text of an HTML page, with single spaces."""
    html = _BLOCK_END.sub(r"</\1> <", html)
    html = re.sub(r"<br ?/?>", " ", html, flags=re.IGNORECASE)
    html = _LONG_REFERENCE.sub("\ufffd", html)
    parser = _Text()
    parser.feed(html)
    parser.close()
    text = "".join(parser.pieces).replace("\ufeff", " ")
    return _SPACE.sub(" ", "".join(char if char.isprintable() else " " for char in text)).strip()


def snippet(text: str, html: str) -> str:
    """Return the first words of a message, as Mailpit cuts them."""
    words = text_from_html(html) if html.strip() else _SPACE.sub(" ", text.replace("\ufeff", " ")).strip()
    encoded = words.encode("utf-8", "replace")
    if len(encoded) <= _LIMIT:
        return words
    # Like Mailpit, drop a last character of several bytes even when it is complete.
    return re.sub(rb"[\xc0-\xff]?[\x80-\xbf]*\Z", b"", encoded[:_LIMIT]).decode() + "..."


class _Verbatim(Compat32):
    """Returns headers unchanged. The default policies reject or rewrite broken ones."""

    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002
        return value


_POLICY = _Verbatim()


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address of a header."""

    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """An attached file."""

    name: str
    content_type: str
    content_id: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A parsed message. `headers` has decoded values by lower-case name."""

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
        """Return the first value of a header, or ""."""
        return self.headers.get(name.lower(), [""])[0]

    @property
    def message_id(self) -> str:
        """The Message-ID without its brackets."""
        return self.header("message-id").strip("<>")

    @property
    def date(self) -> str:
        """The Date header in ISO 8601, "" if missing or invalid."""
        try:
            return parsedate_to_datetime(self.header("date")).isoformat()
        except ValueError:
            return ""

    @property
    def nanoseconds(self) -> int | None:
        """The Date header in nanoseconds since the epoch, None if missing or invalid."""
        try:
            return int(parsedate_to_datetime(self.header("date")).timestamp()) * 1_000_000_000
        except (ValueError, OverflowError):
            return None

    @property
    def haystack(self) -> str:
        """The text that a search for a plain word checks, in lower case with single spaces."""
        names = ("from", "subject", "to", "cc", "bcc", "reply-to", "return-path")
        body = text_from_html(self.html) if self.html else self.text
        words = [*map(self.header, names), body, *(file.name for file in self.attachments)]
        return clean(" ".join(words))


def read(raw: bytes) -> Source:
    """Parse the source of a message."""
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
    """Return text in the form in which searches compare it."""
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
    """Decode encoded words and raw UTF-8 bytes of a header value; never raise for broken ones."""
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


def stamped(raw: bytes, *, sender: str, recipients: Iterable[str], message_id: str) -> bytes:
    """Add what Mailpit adds: Return-Path, a missing Message-ID, and Bcc for recipients that are in no header."""
    source = read(raw)
    lines = []
    if source.header("return-path").strip("<>") != sender:
        lines.append(f"Return-Path: <{sender}>")
    if not source.message_id:
        lines.insert(0, f"Message-ID: <{message_id}>")
    if hidden := _hidden(source, recipients):
        lines.insert(0, f"Bcc: {', '.join(hidden)}")
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape") + raw


def received(*, client: str, ip: str, recipient: str) -> bytes:
    """Return the trace header of a message received by SMTP."""
    now = format_datetime(datetime.now(UTC))
    text = f"Received: from {client} (unknown [{ip}])\r\n        by localhost (Mailpit) with SMTP\r\n"
    return f"{text}        for <{recipient}>; {now}\r\n".encode("utf-8", "surrogateescape")


def _hidden(source: Source, recipients: Iterable[str]) -> list[str]:
    if source.header("bcc"):
        return []
    named = {person.address.lower() for person in (*source.to, *source.cc)}
    return [address for address in recipients if address.lower() not in named]
