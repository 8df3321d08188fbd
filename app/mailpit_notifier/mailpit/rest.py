"""The REST calls that we use, on one keep-alive connection. Blocking: one worker thread per server runs them in order.

http.client is given our dialled socket, so that proxy, loopback and certificate rules are those of the websocket.
Every call raises FaultError and nothing else. `api/v1/message/{ID}` is not here: it marks the message read.
"""

import http.client
import json
import socket
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from mailpit_notifier import APP_ID, __version__

from .dial import dial, fault_of
from .events import Snapshot, snapshot_from
from .fault import Fault, FaultError
from .feed import hang_up
from .urls import ServerUrl

TIMEOUT = 10.0
"""Seconds for one call as a whole. A server that drips would otherwise hold a call for ever."""

MAX_BODY = 64 * 2**20
"""Bytes of an answer; 5,000 summaries have about 4 MB."""

CHUNK = 65_536


class Rest:
    """One server's REST interface. Calls from one thread at a time; `abort` from any."""

    def __init__(self, url: ServerUrl, dial: Callable[[ServerUrl, float], socket.socket] = dial) -> None:
        self._url = url
        self._dial = dial
        self._connection: http.client.HTTPConnection | None = None

    def snapshot(self, limit: int) -> Snapshot:
        """The newest messages and the counts."""
        body = self._json("GET", self._url.api(f"messages?limit={limit}"))
        try:
            return snapshot_from(body, datetime.now(UTC))
        except ValueError as error:
            raise FaultError(Fault.NOT_MAILPIT, str(error)) from error

    def set_read(self, ids: Sequence[str], *, read: bool) -> None:
        """Mark these messages. An empty list would mean every message to Mailpit, and is refused here."""
        if not ids:
            raise ValueError("no IDs")
        self._request("PUT", self._url.api("messages"), {"IDs": list(ids), "Read": read})

    def abort(self) -> None:
        """Wake a call that waits for the server; it raises FaultError."""
        connection = self._connection
        if connection and (sock := connection.sock):
            hang_up(sock)

    def close(self) -> None:
        """Let go of the connection. From the calling thread, or when no call is under way."""
        connection, self._connection = self._connection, None
        if connection:
            connection.close()

    def _json(self, method: str, path: str) -> Any:
        try:
            return json.loads(self._request(method, path))
        except (ValueError, RecursionError) as error:
            raise FaultError(Fault.NOT_MAILPIT, "the answer is not JSON") from error

    def _request(self, method: str, path: str, body: Any = None) -> bytes:
        """One call; a kept connection that the server has dropped meanwhile is replaced once.

        All our calls say what shall be, not what shall be done, so that asking twice does no harm.
        """
        kept = self._connection is not None
        try:
            return self._exchange(method, path, body)
        except (ConnectionError, http.client.BadStatusLine) as error:
            self.close()
            if not kept:
                raise FaultError(Fault.CUT_OFF, type(error).__name__) from error
        except OSError as error:
            self.close()
            raise fault_of(error) from error
        except (http.client.HTTPException, ValueError) as error:
            self.close()
            raise FaultError(Fault.NOT_MAILPIT, type(error).__name__) from error
        return self._request(method, path, body)

    def _exchange(self, method: str, path: str, body: Any) -> bytes:
        deadline = monotonic() + TIMEOUT
        connection = self._connected()
        connection.request(method, path, None if body is None else json.dumps(body), self._headers(body is not None))
        response = connection.getresponse()
        data = bytearray()
        while chunk := response.read(CHUNK):
            data += chunk
            if len(data) > MAX_BODY or monotonic() > deadline:
                self.close()
                raise FaultError(Fault.TIMEOUT, "the answer does not end")
        if response.will_close:
            self.close()
        if response.status != http.client.OK:
            raise FaultError(fault_of_status(response.status), f"status {response.status}")
        return bytes(data)

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            sock = self._dial(self._url, TIMEOUT)
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


def fault_of_status(status: int) -> Fault:
    """The fault that an HTTP status is, of REST or instead of a websocket. Redirects are not followed."""
    match status:
        case 401:
            return Fault.AUTH
        case 403:
            return Fault.ORIGIN
        case 404:
            return Fault.NOT_FOUND
        case 407:
            return Fault.PROXY
        case 502 | 503 | 504:
            return Fault.STOPPED
        case _:
            return Fault.NOT_MAILPIT
