"""The REST calls that we use, on one keep-alive connection. Blocking: one worker thread per server runs them in order.

http.client is given our dialled socket, so that proxy, loopback and certificate rules are those of the websocket.
Every call raises FaultError and nothing else. `api/v1/message/{ID}` is not here: it marks the message read.
"""

import http.client
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from time import monotonic
from typing import Any, TypeVar

from mailpit_notifier import APP_ID, __version__
from mailpit_notifier.protocol.events import Snapshot, snapshot_from
from mailpit_notifier.protocol.faults import Fault, FaultError, fault_from_status
from mailpit_notifier.protocol.json_reader import read, read_beginning
from mailpit_notifier.protocol.model import id_from
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.runtime.clock import boot_time

from .source import CHUNK, LIMITS, CutError, Limits, Source, read_chunks
from .timing import TIMING, Timing
from .transport import Dial, Transport, dial, fault_from_os_error, shut_down

Result = TypeVar("Result")

MAX_BODY = 64 * 2**20
"""Bytes of a message that is to be kept."""

MAX_ANSWER = 4 * 2**20
"""Bytes that are read of any other answer. 500 summaries have 260 kB; of a longer list the read_prefix is used."""

MAX_LARGE = 16 * 2**20
"""Bytes that are read of a list of one message whose summary is longer than that: some 250,000 recipients."""

MAX_LABEL = 60
"""Characters of a server's own name."""

MAX_RAW = 512 * 2**20
"""Bytes of a source that is kept as it came."""

DRAINED = 256 * 1024
"""Bytes of an answer that are read though they are not needed: a new connection would take longer."""

INTERIM = {*range(100, 200)} - {http.client.SWITCHING_PROTOCOLS}
"""What is followed by another answer; a switch to a protocol that we did not ask for is not."""

YEARS = range(1970, 3000)
"""What a clock may say: one that was never set says 1970."""


MAX_INTERIM = 10
"""Interim answers (1xx) before the answer; without a limit a server could send them for ever."""


class Rest:
    """One server's REST interface. Calls and `close` from one thread; `abort`, `expire` and `drop` from any.

    `clock` gives seconds and counts those that the machine sleeps.
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
        self._stale = False  # the connection is not to be used again
        self._cut = False  # `drop` ended the call that is under way
        self._date: datetime | None = None
        self._set_timeout: Callable[[float], None] = lambda _seconds: None

    def snapshot(
        self, limit: int, *, start: int = 0, before: datetime | None = None, most: int = MAX_ANSWER
    ) -> Snapshot:
        """At most `limit` messages, newest first, and the counts of all; of an answer beyond `most` bytes, fewer.

        `start` messages are left out, and with `before` those that are not older; servers of 2023 do not know it.
        """
        path = f"messages?limit={limit}" + (f"&start={start}" if start else "")
        if before:
            path += f"&before={before.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
        data = self._request("GET", self._url.api(path), read_answer=partial(read_prefix, most=most))
        try:
            body, complete = read_beginning(data.decode("utf-8", "replace"), cut=len(data) >= most)
            snapshot = snapshot_from(body, datetime.now(UTC), limit, cut=not complete)
        except ValueError as error:
            raise FaultError(Fault.NOT_MAILPIT, str(error)) from error
        return replace(snapshot, date=self._date)

    def source(self, message_id: str, limits: Limits = LIMITS) -> Source:
        """Fetch a message's source and read it meanwhile, no further than is needed; the message stays unread."""
        return self._request("GET", self._url.raw(message_id), read_answer=partial(self._source, limits=limits))

    def raw_source(self, message_id: str) -> bytes:
        """All of a mail as it came, to be kept; the mail stays unread."""
        return self._request("GET", self._url.raw(message_id), read_answer=partial(read_body, most=MAX_RAW))

    def label(self) -> str:
        """The name that the server was given (`--label`), "" without one."""
        body = self._json("GET", self._url.api("webui"))
        label = body.get("Label") if isinstance(body, dict) else None
        return label.strip()[:MAX_LABEL] if isinstance(label, str) and label.isprintable() else ""

    def set_read(self, ids: Sequence[str], *, read: bool) -> None:
        """Mark these messages. An empty list would mean every message to Mailpit, and is refused here, as no ID is."""
        if not ids or not all(ids):
            raise ValueError("no IDs")
        self._request("PUT", self._url.api("messages"), {"IDs": list(ids), "Read": read}, read_answer=read_body)

    def delete(self, message_id: str) -> None:
        """Delete one message, for good. An empty ID would be none, and no IDs mean every message to Mailpit.

        Never several at once: where some are known and others not, Mailpit 1.30.5 answers 400 and hangs.
        """
        if not message_id:
            raise ValueError("no ID")
        self._request("DELETE", self._url.api("messages"), {"IDs": [message_id]}, read_answer=read_body)

    def send(self, mail: dict[str, Any]) -> str:
        """Hand in a mail in the form of `POST api/v1/send`, once; returns its ID."""
        self.close()  # over a kept connection a call is made again when that was dropped
        answer = self._json("POST", self._url.api("send"), mail)
        if message_id := id_from(answer.get("ID") if isinstance(answer, dict) else None):
            return message_id
        raise FaultError(Fault.NOT_MAILPIT, "it gave the mail no ID")

    def abort(self) -> None:
        """Wake a call that is under way, for good: it and all that follow raise FaultError."""
        self._transport.hang_up()

    def expire(self) -> None:
        """Make the next call over a new connection. The one that is under way goes on."""
        self._stale = True

    def drop(self) -> None:
        """Make the next call over a new connection, and the one that is under way again."""
        held = self._transport.sockets  # before the worker can see the flags and open a new one, which stays
        self._stale = self._cut = True
        shut_down(held)

    def close(self) -> None:
        """Let go of the connection; the next call makes another."""
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

    def _source(self, response: http.client.HTTPResponse, limits: Limits) -> Source:
        seconds = limits.local_seconds if self._transport.local else limits.remote_seconds
        chunks = self._chunks(response, monotonic() + seconds)
        found = read_chunks(chunks, limits)
        if not response.will_close and (response.length or 0) <= DRAINED:
            left = DRAINED
            with suppress(CutError):
                while left > 0 and (chunk := next(chunks, b"")):
                    left -= len(chunk)
        return found

    def _chunks(self, response: http.client.HTTPResponse, end: float) -> Iterator[bytes]:
        """The body as it comes, until then (monotonic). Raises CutError where only a part of it came by then."""
        came = False
        while (left := end - monotonic()) > 0:
            self._set_timeout(min(left, self._timing.io))
            try:
                chunk = response.read1(CHUNK)
            except TimeoutError:
                if came:
                    break
                raise
            if not chunk:
                if response.length:
                    raise http.client.IncompleteRead(b"")
                response.close()
                self._set_timeout(self._timing.io)
                return
            came = True
            yield chunk
        raise CutError

    def _request(
        self, method: str, path: str, body: Any = None, *, read_answer: Callable[[http.client.HTTPResponse], Result]
    ) -> Result:
        """One call; `read_answer` reads the answer. A kept connection that fails is replaced once.

        All our calls but `send` say what shall be, not what shall be done, so that asking twice does no harm.
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
                raise fault_from(error) from None  # the library's own texts hold what the server sent
        return self._request(method, path, body, read_answer=read_answer)

    def _exchange(
        self, method: str, path: str, body: Any, read_answer: Callable[[http.client.HTTPResponse], Result]
    ) -> Result:
        kept = self._connection is not None
        connection = self._connected()
        sock, began = connection.sock, self._clock()
        sock.settimeout(min(self._timing.io, self._timing.answer + self._waited) if kept else self._timing.io)
        connection.request(method, path, None if body is None else json.dumps(body), self._headers(body is not None))
        with connection.getresponse() as response:
            sock.settimeout(self._timing.io)
            self._waited = self._clock() - began
            if response.status != http.client.OK:
                raise FaultError(fault_from_status(response.status), f"status {response.status}")
            if response.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
                raise FaultError(Fault.NOT_MAILPIT, "the answer is compressed, which was not asked for")
            answer = read_answer(response)
            self._date = read_date(response)
            is_at_its_end = response.isclosed()  # what was not read would be the next call's answer
        self._used = self._clock()
        if response.will_close or not is_at_its_end:
            self.close()
        return answer

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            sock = self._dial(self._url, self._timing.io, self._transport)
            connection = http.client.HTTPConnection(self._url.host, self._url.port, timeout=self._timing.io)
            connection.auto_open = 0  # it would dial by itself, past our rules
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
    """Skips all interim answers (RFC 9110, 15.2): the library skips `100`, without limit, and takes `103` for final."""

    def _read_status(self) -> tuple[str, int, str]:
        for _ in range(MAX_INTERIM):
            version, status, reason = super()._read_status()  # type: ignore[misc]  # the library's own step
            if status not in INTERIM:
                return version, status, reason
            http.client.parse_headers(self.fp)
        raise http.client.HTTPException("too many interim answers")


def read_date(response: http.client.HTTPResponse) -> datetime | None:
    """The server's own time, by its Date header; None for what cannot be one, with which nobody could reckon."""
    try:
        date = parsedate_to_datetime(response.headers.get("Date", ""))
        date = date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None
    return date if date.year in YEARS else None


def read_body(response: http.client.HTTPResponse, most: int = MAX_BODY) -> bytes:
    """The body of an answer, within bounds."""
    data = read_prefix(response, most + 1)
    if len(data) > most:
        raise FaultError(Fault.NOT_MAILPIT, "the answer is too large")
    return data


def read_prefix(response: http.client.HTTPResponse, most: int) -> bytes:
    """So many bytes of an answer's body, or all of it."""
    data = bytearray()
    while chunk := response.read(min(CHUNK, most - len(data))):
        data += chunk
    if response.length and len(data) < most:
        raise http.client.IncompleteRead(b"")
    return bytes(data)


def fault_from(error: Exception) -> FaultError:
    """The fault that an error of a call is."""
    if isinstance(error, FaultError):
        return error
    if isinstance(error, OSError):
        return fault_from_os_error(error)
    cut = isinstance(error, http.client.IncompleteRead)
    return FaultError(Fault.CUT_OFF if cut else Fault.NOT_MAILPIT, type(error).__name__)
