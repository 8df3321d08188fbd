"""What an SMTP server adds to a mail before it is stored: trace headers, a Message-ID, recipients in no header."""

from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime

from .source import Source, read


def stamped(raw: bytes, *, sender: str, recipients: Iterable[str], message_id: str) -> bytes:
    """The mail with a Return-Path, a Message-ID if it had none, and Bcc for recipients that are in no header."""
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
    """The trace header of a mail that came by SMTP."""
    now = format_datetime(datetime.now(UTC))
    text = f"Received: from {client} (unknown [{ip}])\r\n        by localhost (Mailpit) with SMTP\r\n"
    return f"{text}        for <{recipient}>; {now}\r\n".encode("utf-8", "surrogateescape")


def _hidden(source: Source, recipients: Iterable[str]) -> list[str]:
    if source.header("bcc"):
        return []
    named = {person.address.lower() for person in (*source.to, *source.cc)}
    return [address for address in recipients if address.lower() not in named]
