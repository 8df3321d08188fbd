"""One websocket connection to `/api/events`, used once: connect, read until it ends, say why.

Reading blocks in a daemon thread, because websocket-client does; what it reads is handed to `put`, which must be
callable from a thread (see bridge.Channel). The only module that knows websocket-client.
"""

import contextlib
import logging
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

import websocket
from websocket._abnf import ABNF, frame_buffer  # the documented way to bound a frame does not exist

from mailpit_notifier.bridge import start_thread

from .dial import dial, fault_of
from .fault import Fault, FaultError
from .urls import ServerUrl

log = logging.getLogger(__name__)

HANDSHAKE_TIMEOUT = 10.0
"""Seconds for one step of the handshake; the session sets one deadline for the whole."""

PING_AFTER = 10.0
"""Seconds of silence after which we ask. The server pings every 54 s, too late to notice a half-open connection."""

DEAD_AFTER = 25.0
"""Seconds of silence, our pings included, after which nobody is there."""

MAX_FRAME = 4 * 2**20
"""Bytes of one message; a summary has some hundred, and the largest with 1,000 recipients some 60,000."""

MAX_HEADER = 65_536
"""Bytes that a server may answer before the connection is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The connection is there; frames follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The connection ended, or never was; nothing follows. `status` is the HTTP status that came instead of 101."""

    fault: Fault
    detail: str = ""
    status: int = 0


Put = Callable[[str | Opened | Closed], None]


class Feed:
    """One connection. `start` once, `close` from any thread and as often as you like."""

    def __init__(self, url: ServerUrl, put: Put, dial: Callable[[ServerUrl, float], socket.socket] = dial) -> None:
        self._url = url
        self._put = put
        self._dial = dial
        self._lock = threading.Lock()
        self._sock: socket.socket | None = None
        self._closing = False

    def start(self) -> None:
        """Connect and read in a thread; ends with exactly one Closed."""
        start_thread(self._run, f"feed {self._url.label}")

    def close(self) -> None:
        """Wake the reader wherever it is and let it end. Does not wait for it, nor for the server."""
        with self._lock:
            self._closing = True
            if self._sock:
                hang_up(self._sock)

    def _run(self) -> None:
        try:
            self._read(self._connect())
        except FaultError as error:
            closed = Closed(fault=error.fault, detail=error.detail)
        except websocket.WebSocketBadStatusException as error:
            closed = Closed(fault=Fault.NOT_MAILPIT, status=error.status_code, detail=f"status {error.status_code}")
        except websocket.WebSocketException as error:
            # Its texts can hold headers and whatever the server sent.
            closed = Closed(fault=Fault.CUT_OFF, detail=type(error).__name__)
        except OSError as error:
            closed = Closed(fault=fault_of(error).fault, detail=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - the library meets bytes of strangers; the session must hear of it
            closed = Closed(fault=Fault.NOT_MAILPIT, detail=type(error).__name__)
        else:
            closed = Closed(fault=Fault.CUT_OFF, detail="closed by the server")
        self.close()
        if self._sock:
            self._sock.close()
        self._put(closed)

    def _connect(self) -> websocket.WebSocket:
        sock = self._dial(self._url, HANDSHAKE_TIMEOUT)
        with self._lock:
            self._sock = sock
            if self._closing:
                raise FaultError(Fault.CUT_OFF, "closed while connecting")
        ws = BoundedWebSocket(fire_cont_frame=True, enable_multithread=False, skip_utf8_validation=True)
        ws.settimeout(HANDSHAKE_TIMEOUT)
        authorization = self._url.authorization
        try:
            ws.connect(  # type: ignore[no-untyped-call]
                self._url.events,
                socket=Guard(sock),
                header=[f"Authorization: {authorization}"] if authorization else [],
                suppress_origin=True,
                redirect_limit=0,
            )
        except websocket.WebSocketConnectionClosedException as error:
            raise FaultError(Fault.NOT_MAILPIT, "hung up during the handshake") from error
        ws.sock = sock
        return ws

    def _read(self, ws: websocket.WebSocket) -> None:
        ws.settimeout(PING_AFTER)
        self._put(Opened())
        heard = monotonic()
        message = bytearray()
        while True:
            try:
                opcode, frame = ws.recv_data_frame(control_frame=True)
            except websocket.WebSocketTimeoutException:
                if monotonic() - heard > DEAD_AFTER:
                    raise FaultError(Fault.TIMEOUT, "no answer to our pings") from None
                ws.ping()
                continue
            heard = monotonic()
            if opcode == ABNF.OPCODE_CLOSE:
                return
            if opcode in {ABNF.OPCODE_TEXT, ABNF.OPCODE_CONT}:
                self._take(message, frame)
            elif opcode == ABNF.OPCODE_BINARY:
                log.debug("%s: a binary frame was ignored", self._url.base)

    def _take(self, message: bytearray, frame: Any) -> None:
        message += frame.data
        if len(message) > MAX_FRAME:
            raise FaultError(Fault.CUT_OFF, "it sent a message that is too large")
        if frame.fin:
            self._put(message.decode("utf-8", "replace"))
            message.clear()


class BoundedWebSocket(websocket.WebSocket):
    """websocket-client has no limit on a frame: it would read 50 MB into memory before anybody could say no."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.frame_buffer = BoundedFrames(self._recv, skip_utf8_validation=True)


class BoundedFrames(frame_buffer):
    """Reads a frame's length and refuses before reading the frame."""

    def recv_length(self) -> None:
        """Called by the library between a frame's header and its data."""
        super().recv_length()
        if self.length is not None and self.length > MAX_FRAME:
            raise FaultError(Fault.CUT_OFF, "it sent a frame that is too large")


class Guard:
    """The socket during the handshake: the library reads header lines, and a refusal's body, without any bound."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._left = MAX_HEADER

    def recv(self, size: int) -> bytes:
        """Read at most what is left of the bound."""
        data = self._sock.recv(min(size, self._left))
        self._left -= len(data)
        if self._left <= 0:
            raise FaultError(Fault.NOT_MAILPIT, "an endless header")
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def hang_up(sock: socket.socket) -> None:
    """Wake whoever is blocked on the socket, at once. `close` would not, and a websocket's own can hang for ever."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
