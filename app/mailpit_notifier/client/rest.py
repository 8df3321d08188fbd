"""Mailpit's REST API on one keep-alive connection. Blocking: one worker thread per server makes the calls in order.

http.client gets a socket from `transport.dial`, so that proxy, loopback and certificate rules are those of the
websocket. Calls raise FaultError only. `GET api/v1/message/{ID}` is left out: it marks the message as read.
"""

import http.client
import json
import re
from codecs import iterdecode
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from itertools import chain
from time import monotonic
from typing import Any, TypeVar

from mailpit_notifier import APP_ID, __version__
from mailpit_notifier.protocol.events import Snapshot, snapshot_from
from mailpit_notifier.protocol.faults import Fault, FaultError, fault_from_answer, fault_from_page
from mailpit_notifier.protocol.json_reader import read, read_beginning, read_pieces
from mailpit_notifier.protocol.model import id_from, message_from
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.runtime.clock import boot_time

from .source import CHUNK, Sink, Source, read_chunks
from .source_stream import LIMITS, CutError, Limits
from .timing import TIMING, Timing
from .transport import ALERT, Dial, Transport, dial, fault_from_os_error, shut_down

Result = TypeVar("Result")

MAX_BODY = 64 * 2**20
"""Bytes of an answer that is read completely."""

MAX_ANSWER = 4 * 2**20
"""Bytes read of an answer. 500 summaries have 260 kB; of a longer list only the beginning is used."""

MAX_WHOLE = 2**20
"""Bytes of a listing that is parsed as a whole, which is faster. A longer one is parsed while it is received."""

MAX_LARGE = 16 * 2**20
"""Bytes read of the list of a single message whose summary is longer than that: some 250,000 recipients."""

MAX_LABEL = 60
"""Characters of a server's label."""

MAX_RAW = 512 * 2**20
"""Bytes of a message source that is saved as a file."""

DRAINED = 256 * 1024
"""Bytes of an answer that are read and dropped, so that the connection can be used again: a new one takes longer."""

MAX_PAGE = 16_384
"""Bytes of an unexpected page that are searched for a log-in, or for the reason of an error."""

MAX_RECEIVED = 4_096
"""Bytes of a source in which the field "Received" is looked for; Mailpit puts it in front."""

READ_ERRORS = frozenset({400, 403})
"""Statuses whose body is read: some servers report only there that they require https or a client certificate."""

ERROR_BODY = 0.5
"""Seconds for such a body, which may never end."""

INTERIM = {*range(100, 200)} - {http.client.SWITCHING_PROTOCOLS}
"""Status codes that another answer follows. 101 is not one of them: no other protocol was requested."""

YEARS = range(1970, 3000)
"""Years accepted in a Date header; a clock that was never set shows 1970."""

MAX_INTERIM = 10
"""Interim answers (1xx) before the final one; without a limit a server could send them for ever."""


class Rest:
    """One server's REST API. Make calls and `close` in one thread; `abort`, `expire` and `drop` in any.

    `clock` returns seconds and includes time asleep.
    """

    def __init__(
        self,
        url: ServerUrl,
        dial: Dial = dial,
        *,
        timing: Timing = TIMING,
        clock: Callable[[], float] = boot_time,
    ) -> None:
        self._url = url
        self._dial = dial
        self._timing = timing
        self._clock = clock
        self._transport = Transport()
        self._connection: http.client.HTTPConnection | None = None
        self._used = 0.0  # when the last answer ended
        self._waited = 0.0  # until the last answer began
        self._stale = False  # make the next call over a new connection
        self._cut = False  # `drop` ended the call in progress
        self._date: datetime | None = None
        self._set_timeout: Callable[[float], None] = lambda _seconds: None

    def snapshot(
        self, limit: int, *, start: int = 0, before: datetime | None = None, most: int = MAX_ANSWER
    ) -> Snapshot:
        """Return up to `limit` messages, newest first, and the counts of all. Beyond `most` bytes the answer is cut.

        `start` messages are skipped; only those older than `before` are listed, which servers of 2023 ignore.
        """
        path = f"messages?limit={limit}" + (f"&start={start}" if start else "")
        if before:
            path += f"&before={before.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
        snapshot = self._request("GET", self._url.api(path), read_answer=partial(read_listing, limit=limit, most=most))
        return replace(snapshot, date=self._date)

    def source(
        self, message_id: str, limits: Limits = LIMITS, *, with_attachments: bool = False, sink: Sink | None = None
    ) -> Source:
        """Fetch and parse a message's source, as far as needed; the message stays unread."""
        if sink:
            self.close()  # a call over a kept connection may be repeated, and the sink would receive a part twice
        read_answer = partial(self._source, limits=limits, with_attachments=with_attachments, sink=sink)
        return self._request("GET", self._url.raw(message_id), read_answer=read_answer)

    def received(self, message_id: str) -> datetime | None:
        """Return when a message arrived, by the field that Mailpit adds to it; None without one. Precision: seconds."""
        head = self._request("GET", self._url.raw(message_id), read_answer=partial(read_prefix, most=MAX_RECEIVED))
        return received_from(head)

    def raw_source(self, message_id: str) -> bytes:
        """Return the whole source of a message (RFC 5322); the message stays unread."""
        return self._request("GET", self._url.raw(message_id), read_answer=partial(read_body, most=MAX_RAW))

    def label(self) -> str:
        """Return the server's label (Mailpit's option `--label`), "" without one."""
        body = self._json("GET", self._url.api("webui"))
        label = body.get("Label") if isinstance(body, dict) else None
        return label.strip()[:MAX_LABEL] if isinstance(label, str) and label.isprintable() else ""

    def version(self) -> str:
        """Return the server's version, for example "v1.30.5"; "" if it does not report one."""
        body = self._json("GET", self._url.api("info"))
        version = body.get("Version") if isinstance(body, dict) else None
        return version[:MAX_LABEL] if isinstance(version, str) else ""

    def set_read(self, ids: Sequence[str], *, read: bool) -> None:
        """Mark messages. Raises ValueError for no IDs or an empty ID: for Mailpit that means every message."""
        if not ids or not all(ids):
            raise ValueError("no IDs")
        self._request("PUT", self._url.api("messages"), {"IDs": list(ids), "Read": read}, read_answer=read_body)

    def delete(self, message_id: str) -> None:
        """Delete one message for good. Raises ValueError for an empty ID: for Mailpit no IDs means every message.

        There is no call for several: if it does not know one of them, Mailpit 1.30.5 answers 400 and hangs.
        """
        if not message_id:
            raise ValueError("no ID")
        self._request("DELETE", self._url.api("messages"), {"IDs": [message_id]}, read_answer=read_body)

    def send(self, message: dict[str, Any]) -> str:
        """Send a message (the body of `POST api/v1/send`) once and return its ID."""
        self.close()  # a call over a kept connection may be repeated
        try:
            answer = self._json("POST", self._url.api("send"), message)
        except FaultError as error:
            if error.fault is not Fault.NOT_FOUND:
                raise
            self.snapshot(1)  # raises the same fault if no Mailpit is there
            raise FaultError(Fault.TOO_OLD, error.detail) from None
        if message_id := id_from(answer.get("ID") if isinstance(answer, dict) else None):
            return message_id
        raise FaultError(Fault.NOT_MAILPIT, "the sent message got no ID")

    def abort(self) -> None:
        """End the call in progress; it and all later ones raise FaultError."""
        self._transport.hang_up()

    def expire(self) -> None:
        """Make the next call over a new connection. The call in progress goes on."""
        self._stale = True

    def drop(self) -> None:
        """Close the connection; the call in progress is repeated over a new one."""
        sockets = (
            self._transport.sockets
        )  # before the flags are set: then the worker may open a new one, which must stay
        self._stale = self._cut = True
        shut_down(sockets)

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        connection, self._connection = self._connection, None
        if connection:
            connection.close()
        self._transport.close()

    def _json(self, method: str, path: str, body: Any = None) -> Any:
        try:
            data = self._request(method, path, body, read_answer=partial(read_prefix, most=MAX_ANSWER))
            return read(data.decode("utf-8", "replace"))
        except ValueError as error:
            raise FaultError(Fault.NOT_MAILPIT, "the answer is not JSON") from error

    def _source(
        self, response: http.client.HTTPResponse, limits: Limits, *, with_attachments: bool, sink: Sink | None
    ) -> Source:
        seconds = limits.local_seconds if self._transport.local else limits.remote_seconds
        chunks = self._chunks(response, monotonic() + seconds)
        found = read_chunks(chunks, limits, with_attachments=with_attachments, sink=sink)
        if not response.will_close and (response.length or 0) <= DRAINED:
            left = DRAINED
            with suppress(CutError):
                while left > 0 and (chunk := next(chunks, b"")):
                    left -= len(chunk)
        return found

    def _chunks(self, response: http.client.HTTPResponse, end: float) -> Iterator[bytes]:
        """Yield the body until `end` (monotonic). Raises CutError if only a part of it was received by then."""
        received = False
        while (left := end - monotonic()) > 0:
            self._set_timeout(min(left, self._timing.io))
            try:
                chunk = response.read1(CHUNK)
            except TimeoutError:
                if received:
                    break
                raise
            if not chunk:
                if response.length:
                    raise http.client.IncompleteRead(b"")
                response.close()
                self._set_timeout(self._timing.io)
                return
            received = True
            yield chunk
        raise CutError

    def _request(
        self, method: str, path: str, body: Any = None, *, read_answer: Callable[[http.client.HTTPResponse], Result]
    ) -> Result:
        """Make one call and return the result of `read_answer`. A kept connection that fails is replaced once.

        All calls except `send` are idempotent, so repeating one does no harm.
        """
        if self._stale or self._clock() - self._used > self._timing.idle:
            self._stale = False
            self.close()
        self._cut = False
        kept = self._connection is not None
        try:
            return self._exchange(method, path, body, read_answer)
        except (FaultError, OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            failed = self._cut or (kept and not isinstance(error, FaultError))
            if method == "POST" or not failed:
                raise fault_from(error, self._url) from None  # the library's texts contain what the server sent
        return self._request(method, path, body, read_answer=read_answer)

    def _exchange(
        self, method: str, path: str, body: Any, read_answer: Callable[[http.client.HTTPResponse], Result]
    ) -> Result:
        kept = self._connection is not None
        connection = self._connected()
        sock, began = connection.sock, self._clock()
        sock.settimeout(min(self._timing.io, self._timing.answer + self._waited) if kept else self._timing.io)
        try:
            connection.request(
                method, path, None if body is None else json.dumps(body), self._headers(body is not None)
            )
        except ConnectionError:
            if self._url.secure:
                sock.recv(1)  # raises the alert that the server sent before it closed, e.g. "certificate required"
            raise
        with connection.getresponse() as response:
            sock.settimeout(self._timing.io)
            self._waited = self._clock() - began
            if response.status != http.client.OK:
                text = self._error_text(response) if response.status in READ_ERRORS else ""
                fields = response.headers
                raise fault_from_answer(response.status, self._url, lambda name: fields.get_all(name, []), text)
            if response.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
                raise FaultError(Fault.NOT_MAILPIT, "the answer is compressed, which was not asked for")
            answer = read_answer(response)
            self._date = read_date(response)
            is_at_its_end = response.isclosed()  # the rest would be read as the next call's answer
        self._used = self._clock()
        if response.will_close or not is_at_its_end:
            self.close()
        return answer

    def _error_text(self, response: http.client.HTTPResponse) -> str:
        self._set_timeout(ERROR_BODY)
        with suppress(OSError, http.client.HTTPException, ValueError):
            return response.read1(MAX_PAGE).decode("utf-8", "replace")
        return ""

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            sock = self._dial(self._url, self._timing.io, self._transport)
            connection = http.client.HTTPConnection(self._url.host, self._url.port, timeout=self._timing.io)
            connection.auto_open = 0  # it would connect by itself, without our rules
            connection.response_class = Answer
            connection.sock = sock
            self._connection, self._set_timeout = connection, sock.settimeout
        return self._connection

    def _headers(self, has_body: bool) -> dict[str, str]:
        headers = {"Host": self._url.netloc, "User-Agent": f"{APP_ID}/{__version__}", "Accept-Encoding": "identity"}
        if has_body:
            headers["Content-Type"] = "application/json"
        if authorization := self._url.authorization:
            headers["Authorization"] = authorization
        return headers


class Answer(http.client.HTTPResponse):
    """Skips interim answers (RFC 9110, 15.2). http.client skips only 100, without limit, and takes 103 as final."""

    def _read_status(self) -> tuple[str, int, str]:
        for _ in range(MAX_INTERIM):
            version, status, reason = super()._read_status()  # type: ignore[misc]  # the library's own step
            if status not in INTERIM:
                return version, status, reason
            http.client.parse_headers(self.fp)
        raise http.client.HTTPException("too many interim answers")


def read_date(response: http.client.HTTPResponse) -> datetime | None:
    """Return the server's time from its Date header; None without one that can be used."""
    try:
        date = parsedate_to_datetime(response.headers.get("Date", ""))
        date = date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None
    return date if date.year in YEARS else None


def received_from(head: bytes) -> datetime | None:
    """Return the time of the first Received field of a message (RFC 5322, 3.6.7); None without a usable one."""
    unfolded = re.sub(rb"\r?\n[ \t]+", b" ", head)
    found = re.search(rb"^Received:[^\n]*;([^;\n]*)$", unfolded, re.IGNORECASE | re.MULTILINE)
    try:
        date = parsedate_to_datetime(found[1].decode("ascii").strip()) if found else None
    except (ValueError, TypeError, OverflowError):
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)) if date else None


def read_body(response: http.client.HTTPResponse, most: int = MAX_BODY) -> bytes:
    """Return the body of an answer. Raises FaultError beyond `most` bytes."""
    data = read_prefix(response, most + 1)
    if len(data) > most:
        raise FaultError(Fault.NOT_MAILPIT, "the answer is too large")
    return data


def read_prefix(response: http.client.HTTPResponse, most: int) -> bytes:
    """Return the first `most` bytes of an answer's body, or all of it."""
    return b"".join(pieces(response, most))


def pieces(response: http.client.HTTPResponse, most: int) -> Iterator[bytes]:
    """Yield the first `most` bytes of an answer's body, or all of it."""
    left = most
    while chunk := response.read(min(CHUNK, left)):
        left -= len(chunk)
        yield chunk
    if response.length and left:
        raise http.client.IncompleteRead(b"")


def read_listing(response: http.client.HTTPResponse, *, limit: int, most: int) -> Snapshot:
    """Read a list of at most `limit` messages, up to `most` bytes of it. Raises FaultError if it is none."""
    received = datetime.now(UTC)
    beginning = read_prefix(response, MAX_WHOLE)
    try:
        if len(beginning) < MAX_WHOLE:
            body, complete = read_beginning(beginning.decode("utf-8", "replace"))
        else:
            whole = chain([beginning], pieces(response, most - MAX_WHOLE))
            text = iterdecode(whole, "utf-8", "replace")
            body, complete = read_pieces(text, partial(message_from, received=received))
        return snapshot_from(body, received, limit, cut=not complete)
    except ValueError as error:
        raise fault_from_page(beginning[:MAX_PAGE].decode("utf-8", "replace"), str(error)) from error


def fault_from(error: Exception, url: ServerUrl) -> FaultError:
    """Return the exception of a call as a fault."""
    if isinstance(error, FaultError):
        return error
    if isinstance(error, OSError):
        return fault_from_os_error(error)
    if isinstance(error, http.client.BadStatusLine) and str(error.args[0]).startswith(ALERT.decode("latin-1")):
        return FaultError(Fault.TLS_NEEDED, "a TLS alert answers", about=url.with_tls(secure=True))
    cut = isinstance(error, http.client.IncompleteRead)
    return FaultError(Fault.CUT_OFF if cut else Fault.NOT_MAILPIT, type(error).__name__)
