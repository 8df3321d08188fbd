"""Requests and answers as Mailpit reads and writes them: bodies as Go's JSON decoder takes them, errors as text."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

_PAGE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class RefusedError(Exception):
    """What was asked cannot be done; Mailpit's status and words for it."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text

    @property
    def response(self) -> web.Response:
        """The answer."""
        return web.Response(status=self.status, body=self.text.encode(), content_type="text/plain")


def ok() -> web.Response:
    """The answer of calls that have nothing to say."""
    return web.Response(body=b"ok", content_type="text/plain")


def answer(value: Any, status: int = 200) -> web.Response:
    """A JSON answer."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return web.Response(body=body + b"\n", status=status, content_type="application/json")


def bounds(request: web.Request) -> tuple[int, int]:
    """The part of a list that is asked for: start and limit."""
    start, limit = (_number(request.query.get(name, "")) for name in ("start", "limit"))
    return start or 0, _PAGE if limit is None else limit


def before(request: web.Request) -> int | None:
    """The time before which a list is asked for, in nanoseconds since the epoch.

    Like Mailpit, look at whole milliseconds, and take a time that is not after the epoch for none.
    """
    try:
        date = datetime.fromisoformat(request.query.get("before", "")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    milliseconds = (date - _EPOCH) // timedelta(milliseconds=1)
    return milliseconds * 1_000_000 if milliseconds > 0 else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def query_of(request: web.Request) -> str:
    """The search that is asked for."""
    if query := request.query.get("query", "").strip():
        return query
    raise RefusedError(400, "Error: no search query")


def fields_of(body: bytes, **kinds: type) -> dict[str, Any]:
    """The named fields of a JSON object as Go reads them: names in any case, null for unset, no other type accepted."""
    if not body.strip():
        raise RefusedError(400, "EOF")
    try:
        # Go reads the first value and leaves what follows.
        value, _ = json.JSONDecoder().raw_decode(body.decode("utf-8", "replace").lstrip())
    except ValueError as error:
        raise RefusedError(400, str(error)) from None
    if not isinstance(value, dict | None):
        raise RefusedError(400, "json: cannot unmarshal into an object")
    given: dict[str, Any] = {name.lower(): field for name, field in (value or {}).items() if field is not None}
    fields: dict[str, Any] = {}
    for name, kind in kinds.items():
        field: Any = given.get(name.lower(), kind())
        fields[name.lower()] = field
        if not isinstance(field, kind) or (isinstance(field, list) and not _strings(field)):
            raise RefusedError(400, f"json: cannot unmarshal into field {name}")
    return fields


def _strings(items: list[Any]) -> bool:
    return all(isinstance(item, str) for item in items)
