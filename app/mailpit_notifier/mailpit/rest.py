"""The REST calls that we use, on one keep-alive connection. Blocking: one worker thread per server runs them in order.

http.client is given our dialled socket, so that proxy, loopback and certificate rules are those of the websocket.
Every call raises FaultError and nothing else. `api/v1/message/{ID}` is not here: it marks the message read.
"""

import http.client
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from mailpit_notifier import APP_ID, __version__

from .dial import Dial, Line, dial, fault_of
from .events import Snapshot, snapshot_from
from .fault import Fault, FaultError, fault_of_status
from .json_reader import read, read_beginning
from .model import id_from
from .source import MAX_SOURCE
from .urls import ServerUrl

TIMEOUT = 10.0
"""Seconds for one read or write. Against a server that drips the session bounds a call as a whole."""

MAX_BODY = 64 * 2**20
"""Bytes of a message that is to be kept."""

MAX_ANSWER = 4 * 2**20
"""Bytes that are read of any other answer. 500 summaries have 260 kB; of a longer list the beginning is used."""

MAX_LARGE = 16 * 2**20
"""Bytes that are read of a list of one message whose summary is longer than that: some 250,000 recipients."""

MAX_LABEL = 60
"""Characters of a server's own name."""

CHUNK = 65_536

YEARS = range(1970, 3000)
"""What a clock may say: one that was never set says 1970."""


class Rest:
    """One server's REST interface. Calls and `close` from one thread; `abort` from any."""

    def __init__(self, url: ServerUrl, dial: Dial = dial) -> None:
        self._url = url
        self._dial = dial
        self._line = Line()
        self._connection: http.client.HTTPConnection | None = None
        self._date: datetime | None = None

    def snapshot(
        self, limit: int, *, start: int = 0, before: datetime | None = None, most: int = MAX_ANSWER
    ) -> Snapshot:
        """At most `limit` messages, newest first, and the counts of all; of an answer beyond `most` bytes, fewer.

        `start` messages are left out, and with `before` those that are not older; servers of 2023 do not know it.
        """
        path = f"messages?limit={limit}" + (f"&start={start}" if start else "")
        if before:
            path += f"&before={before.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
        data = self._request("GET", self._url.api(path), most=most)
        try:
            body, complete = read_beginning(data.decode("utf-8", "replace"), cut=len(data) >= most)
            snapshot = snapshot_from(body, datetime.now(UTC), limit, cut=not complete)
        except ValueError as error:
            raise FaultError(Fault.NOT_MAILPIT, str(error)) from error
        return replace(snapshot, date=self._date)

    def source(self, message_id: str) -> bytes:
        """The beginning of a mail as it came (RFC 5322), as much as is looked at; the mail stays unread."""
        return self._request("GET", self._url.raw(message_id), most=MAX_SOURCE)

    def whole_source(self, message_id: str) -> bytes:
        """All of a mail as it came, to be kept; the mail stays unread."""
        return self._request("GET", self._url.raw(message_id))

    def label(self) -> str:
        """The name that the server was given (`--label`), "" without one."""
        body = self._json("GET", self._url.api("webui"))
        label = body.get("Label") if isinstance(body, dict) else None
        return label.strip()[:MAX_LABEL] if isinstance(label, str) and label.isprintable() else ""

    def set_read(self, ids: Sequence[str], *, read: bool) -> None:
        """Mark these messages. An empty list would mean every message to Mailpit, and is refused here, as no ID is."""
        if not ids or not all(ids):
            raise ValueError("no IDs")
        self._request("PUT", self._url.api("messages"), {"IDs": list(ids), "Read": read})

    def delete(self, message_id: str) -> None:
        """Delete one message, for good. An empty ID would be none, and no IDs mean every message to Mailpit.

        Never several at once: where some are known and others not, Mailpit 1.30.5 answers 400 and hangs.
        """
        if not message_id:
            raise ValueError("no ID")
        self._request("DELETE", self._url.api("messages"), {"IDs": [message_id]})

    def send(self, mail: dict[str, Any]) -> str:
        """Hand in a mail in the form of `POST api/v1/send`, once; returns its ID."""
        self.close()  # over a kept connection a call is made again when that was dropped
        answer = self._json("POST", self._url.api("send"), mail)
        if message_id := id_from(answer.get("ID") if isinstance(answer, dict) else None):
            return message_id
        raise FaultError(Fault.NOT_MAILPIT, "it gave the mail no ID")

    def abort(self) -> None:
        """Wake a call that is under way, for good: it and all that follow raise FaultError."""
        self._line.hang_up()

    def close(self) -> None:
        """Let go of the connection; the next call makes another."""
        connection, self._connection = self._connection, None
        if connection:
            connection.close()
        self._line.close()

    def _json(self, method: str, path: str, body: Any = None) -> Any:
        try:
            return read(self._request(method, path, body, most=MAX_ANSWER).decode("utf-8", "replace"))
        except ValueError as error:
            raise FaultError(Fault.NOT_MAILPIT, "the answer is not JSON") from error

    def _request(self, method: str, path: str, body: Any = None, *, most: int = 0) -> bytes:
        """One call; `most` bytes of the answer, 0 for all. A kept connection that was dropped is replaced once.

        All our calls but `send` say what shall be, not what shall be done, so that asking twice does no harm.
        """
        kept = self._connection is not None
        try:
            return self._exchange(method, path, body, most)
        except (FaultError, OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            if not (kept and isinstance(error, ConnectionError)):
                raise fault_from(error) from None  # the library's own texts hold what the server sent
        return self._request(method, path, body, most=most)

    def _exchange(self, method: str, path: str, body: Any, most: int) -> bytes:
        connection = self._connected()
        connection.request(method, path, None if body is None else json.dumps(body), self._headers(body is not None))
        with connection.getresponse() as response:
            if response.status != http.client.OK:
                raise FaultError(fault_of_status(response.status), f"status {response.status}")
            data = beginning(response, most) if most else whole(response)
            self._date = date_of(response)
            is_at_its_end = response.isclosed()  # what was not read would be the next call's answer
        if response.will_close or not is_at_its_end:
            self.close()
        return data

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            sock = self._dial(self._url, TIMEOUT, self._line)
            sock.settimeout(TIMEOUT)
            connection = http.client.HTTPConnection(self._url.host, self._url.port, timeout=TIMEOUT)
            connection.auto_open = 0  # it would dial by itself, past our rules
            connection.sock = sock
            self._connection = connection
        return self._connection

    def _headers(self, has_body: bool) -> dict[str, str]:
        headers = {"Host": self._url.netloc, "User-Agent": f"{APP_ID}/{__version__}", "Accept-Encoding": "identity"}
        if has_body:
            headers["Content-Type"] = "application/json"
        if authorization := self._url.authorization:
            headers["Authorization"] = authorization
        return headers


def date_of(response: http.client.HTTPResponse) -> datetime | None:
    """The server's own time, by its Date header; None for what cannot be one, with which nobody could reckon."""
    try:
        date = parsedate_to_datetime(response.headers.get("Date", ""))
        date = date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None
    return date if date.year in YEARS else None


def whole(response: http.client.HTTPResponse) -> bytes:
    """The body of an answer, within bounds."""
    data = beginning(response, MAX_BODY + 1)
    if len(data) > MAX_BODY:
        raise FaultError(Fault.NOT_MAILPIT, "the answer is too large")
    return data


def beginning(response: http.client.HTTPResponse, most: int) -> bytes:
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
        return fault_of(error)
    cut = isinstance(error, http.client.IncompleteRead)
    return FaultError(Fault.CUT_OFF if cut else Fault.NOT_MAILPIT, type(error).__name__)
