"""The source of a mail (RFC 5322 bytes, as `message/{ID}/raw` gives it) -> its subject and its decoded texts.

Only the first 256 kB are looked at, attached mails and files are not opened, and whatever is wrong with the source
gives some text, never an error: programs under test send wrong mails. Blocking for up to 20 ms; any thread.
"""

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import decode_header
from email.message import Message

MAX_SOURCE = 256 * 1024
"""Bytes of a source that are looked at."""

MAX_LINES = 20_000
"""Lines of a source that are looked at: the parser's time is by the line."""

MAX_PARTS = 50
MAX_SUBJECT = 4_000
META_CHARSET = re.compile(rb"""charset=["']?([\w-]{1,40})""", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a mail says: its first text part and its first HTML part, "" where there is none."""

    subject: str = ""
    text: str = ""
    html: str = ""


def read_source(source: bytes) -> Source:
    """Decode a mail; never raises."""
    try:
        lines = source[:MAX_SOURCE].split(b"\n", MAX_LINES)[:MAX_LINES]
        message = email.message_from_bytes(b"\n".join(lines))
        parts = list(_shown(message))
        return Source(
            subject=_subject(message),
            text=next((text for part in parts if (text := _text(part, "text/plain"))), ""),
            html=next((text for part in parts if (text := _text(part, "text/html"))), ""),
        )
    except Exception:  # noqa: BLE001 - the library's parser fails in many ways on what no mail program would send
        return Source(text=source[:MAX_SOURCE].decode("utf-8", "replace"))


def _shown(message: Message) -> Iterator[Message]:
    """The parts that a reader shows: no attachments, and nothing out of a mail in the mail."""
    waiting, seen = [message], 0
    while waiting and seen < MAX_PARTS:
        part, seen = waiting.pop(0), seen + 1
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting[:0] = [inner for inner in payload if isinstance(inner, Message)]
        elif part.get_content_disposition() != "attachment":
            yield part


def _text(part: Message, kind: str) -> str:
    if part.get_content_type() != kind:
        return ""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes) or not content.strip():
        return ""
    charset = part.get_content_charset() or ""
    if charset in {"", "us-ascii"}:  # many programs say so and send something else
        charset = _meta_charset(content, kind) or _likely_charset(content)
    return _decoded(content, charset).replace("\r\n", "\n")


def _likely_charset(content: bytes) -> str:
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return "utf-8" if error.reason == "unexpected end of data" else "cp1252"  # the former is our own cut
    return "utf-8"


def _meta_charset(content: bytes, kind: str) -> str | None:
    found = META_CHARSET.search(content[:2048]) if kind == "text/html" else None
    return found[1].decode("ascii", "replace") if found else None


def _subject(message: Message) -> str:
    raw = next((value for name, value in message.raw_items() if name.lower() == "subject"), "")
    text = str(raw)[:MAX_SUBJECT].encode("ascii", "surrogateescape").decode("utf-8", "replace")
    try:
        return "".join(_decoded(word, charset or "") for word, charset in decode_header(text))
    except Exception:  # noqa: BLE001 - encoded words are wrong in many ways, too
        return text


def _decoded(content: bytes | str, charset: str) -> str:
    if isinstance(content, str):
        return content
    try:
        return content.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")
