"""Keeps the stand-in's mailbox over a restart, as `mailpit --database FILE` does: one JSON line a message."""

import base64
import json
from collections.abc import Iterable
from pathlib import Path

from .message import Stored
from .source import read


def save(path: Path, messages: Iterable[Stored]) -> None:
    """Write the messages, oldest first."""
    path.write_text("".join(f"{_line(message)}\n" for message in messages), encoding="utf-8")


def load(path: Path) -> list[Stored]:
    """Read them back; none where there is no file yet."""
    if not path.exists():
        return []
    return [_message(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _line(message: Stored) -> str:
    fields = {"id": message.id, "created": message.created, "read": message.read, "tags": message.tags}
    return json.dumps({**fields, "raw": base64.b64encode(message.raw).decode()})


def _message(line: str) -> Stored:
    fields = json.loads(line)
    raw = base64.b64decode(fields.pop("raw"))
    return Stored(**fields, raw=raw, source=read(raw))
