"""Parses requests and makes answers the way Mailpit does: JSON bodies as Go decodes them, errors as plain text."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

_PAGE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class RefusedError(Exception):
    """A request fails, with the status and text that Mailpit answers."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text

    @property
    def response(self) -> web.Response:
        """The HTTP response with this status and text."""
        return web.Response(status=self.status, body=self.text.encode(), content_type="text/plain")


def ok() -> web.Response:
    """Return the answer of calls without a result."""
    return web.Response(body=b"ok", content_type="text/plain")


def answer(value: Any, status: int = 200) -> web.Response:
    """Return a JSON answer."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return web.Response(body=body + b"\n", status=status, content_type="application/json")


def bounds(request: web.Request) -> tuple[int, int]:
    """Return `start` and `limit` of the request, or their defaults."""
    start, limit = (_number(request.query.get(name, "")) for name in ("start", "limit"))
    return start or 0, _PAGE if limit is None else limit


def before(request: web.Request) -> int | None:
    """Return the time `before` of the request in nanoseconds since the epoch, None without one.

    Like Mailpit, round down to milliseconds and ignore times up to the epoch.
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
    """Return the search query. Raises RefusedError if it is empty."""
    if query := request.query.get("query", "").strip():
        return query
    raise RefusedError(400, "Error: no search query")


def fields_of(body: bytes, **kinds: type) -> dict[str, Any]:
    """Return the named fields of a JSON object as Go decodes them: names in any case, null for the default.

    Raises RefusedError for invalid JSON and for a value of another type.
    """
    if not body.strip():
        raise RefusedError(400, "EOF")
    try:
        # Like Go, read the first value and ignore the rest.
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
