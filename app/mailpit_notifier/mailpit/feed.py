"""One websocket connection to `/api/events`, used once: connect, read until it ends, say why.

Reading blocks in a daemon thread, because websocket-client does; what it reads is handed to `put`, which must be
callable from a thread (see bridge.Channel). The only module that knows websocket-client.
"""

import re
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

import websocket
from websocket._abnf import ABNF, frame_buffer  # the documented way to bound a frame does not exist

from mailpit_notifier.threads import start_thread

from .dial import Dial, Line, dial, fault_of
from .fault import Fault, FaultError, fault_of_status
from .urls import ServerUrl

HANDSHAKE_TIMEOUT = 10.0
"""Seconds for one step of the handshake; the session sets one deadline for the whole."""

PING_AFTER = 9.0
"""Seconds of silence after which we ask. The server pings every 54 s, too late to notice a half-open connection."""

DEAD_AFTER = 25.0
"""Seconds of silence, our pings included, after which nobody is there: noticed after the third, at 27."""

SLEPT = 5.0
"""Seconds asleep after which a connection is taken for dead: the other side will not say so."""

MAX_FRAME = 4 * 2**20
"""Bytes of one message; a summary has some hundred, and the largest with 1,000 recipients some 60,000."""

MAX_HEADER = 65_536
"""Bytes that a server may answer before the connection is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The connection is there; frames follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The connection ended, or never was; nothing follows. `detail` is for the log, as a FaultError's."""

    fault: Fault
    detail: str = ""


Put = Callable[[str | Opened | Closed], None]


class Feed:
    """One connection. `start` once, `close` from any thread and as often as you like."""

    def __init__(self, url: ServerUrl, put: Put, dial: Dial = dial) -> None:
        self._url = url
        self._put = put
        self._dial = dial
        self._line = Line()
        self.reached = False
        """Whether there was a connection at all, over which the two could begin to talk."""

    def start(self) -> None:
        """Connect and read in a thread; ends with exactly one Closed."""
        start_thread(self._run, f"feed {self._url.label}")

    def close(self) -> None:
        """Wake the reader wherever it is and let it end. Does not wait for it, nor for the server."""
        self._line.hang_up()

    @property
    def local(self) -> bool:
        """Whether the server turned out to be on this machine."""
        return self._line.local

    def _run(self) -> None:
        closed = Closed(fault=Fault.CUT_OFF, detail="closed by the server")
        try:
            ws = self._connect()
            self._put(Opened())
            self._read(ws)
        except FaultError as error:
            closed = Closed(fault=error.fault, detail=error.detail)
        except BaseException as error:  # noqa: BLE001 - the library meets bytes of strangers; the session must hear of it
            closed = Closed(fault=Fault.CUT_OFF, detail=type(error).__name__)
        self._line.close()
        self._put(closed)

    def _connect(self) -> websocket.WebSocket:
        sock = self._dial(self._url, HANDSHAKE_TIMEOUT, self._line)
        self.reached = True
        ws = BoundedWebSocket(fire_cont_frame=True, enable_multithread=False, skip_utf8_validation=True)
        guard = Guard(sock)
        authorization = self._url.authorization
        try:
            ws.connect(  # type: ignore[no-untyped-call]
                self._url.events,
                socket=guard,
                header=[f"Authorization: {authorization}"] if authorization else [],
                suppress_origin=True,
                redirect_limit=0,
            )
        except Exception as error:  # noqa: BLE001 - as above
            raise refusal(error, bytes(guard.head)) from None
        ws.sock = sock
        return ws

    def _read(self, ws: websocket.WebSocket) -> None:
        ws.settimeout(PING_AFTER)
        heard = monotonic()
        asleep = time_asleep()
        message = bytearray()
        while True:
            try:
                opcode, frame = ws.recv_data_frame(control_frame=True)
            except websocket.WebSocketTimeoutException:
                if time_asleep() - asleep > SLEPT:
                    raise FaultError(Fault.CUT_OFF, "this machine has slept") from None
                if monotonic() - heard > DEAD_AFTER:
                    raise FaultError(Fault.TIMEOUT, "no answer to our pings") from None
                ws.ping()
                continue
            heard = monotonic()
            if opcode == ABNF.OPCODE_CLOSE:
                return
            if opcode not in {ABNF.OPCODE_PING, ABNF.OPCODE_PONG}:
                self._take(message, frame)

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
    """The socket during the handshake: the library reads header lines, and a refusal's body, without any bound.

    `head` is what the server said so far. Nothing beyond the header is read: a body may never come to its end, and the
    status is all that we want of it.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.head = bytearray()

    def recv(self, size: int) -> bytes:
        """Read more of the header."""
        if len(self.head) >= MAX_HEADER or self.head.endswith((b"\n\r\n", b"\n\n")):
            raise websocket.WebSocketException("no more than a header")
        data = self._sock.recv(size)
        self.head += data
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def time_asleep() -> float:
    """Seconds that this machine has slept since it was started; 0.0 where the system does not tell (not Linux)."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(clock) - monotonic() if clock is not None else 0.0


def refusal(error: Exception, head: bytes) -> FaultError:
    """Why there is no websocket. The library's own texts are dropped: they hold headers and all else that was sent."""
    if (found := re.match(rb"HTTP/[\d.]+ +(\d{3})\b", head)) and (status := int(found[1])) != 101:
        return FaultError(fault_of_status(status), f"status {status}")
    if isinstance(error, websocket.WebSocketTimeoutException):
        return FaultError(Fault.TIMEOUT, "handshake")
    if isinstance(error, OSError):
        return fault_of(error)
    return FaultError(Fault.NOT_MAILPIT, f"no handshake: {type(error).__name__}")
