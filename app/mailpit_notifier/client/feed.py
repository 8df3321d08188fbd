"""One websocket connection to `/api/events`, used once: connect, read until it ends, report why it ended.

websocket-client blocks, so a Feed connects and reads in a daemon thread of its own and passes what it reads to `put`,
which must be callable from a thread, and so must `replace` (see bridge.Channel): a frame is parsed while the loop wakes
up for it. This is the only module that uses websocket-client.
"""

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import Any

import websocket
from websocket._abnf import ABNF, frame_buffer  # the documented way to bound a frame does not exist

from mailpit_notifier.protocol.events import Event, parse
from mailpit_notifier.protocol.faults import Fault, FaultError, fault_from_answer
from mailpit_notifier.protocol.json_reader import is_cheap
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.runtime.clock import time_asleep
from mailpit_notifier.runtime.threads import start_thread

from .timing import TIMING, Timing
from .transport import ALERT, Dial, Transport, dial, fault_from_os_error

MAX_FRAME = 4 * 2**20
"""Bytes of one websocket message. A summary has some hundred bytes, with 1,000 recipients some 60,000."""

MOST_WAITING = 32 * 2**20
"""Bytes of frames that wait for the loop, some 30,000 summaries. Beyond, the connection ends: the snapshot of the
next one has what was not received. A server could fill the memory otherwise: one at 25 MB/s took 1.1 GB in 25 s."""

MAX_HEADER = 32_768
"""Bytes of the answer's header to the handshake. Proxies pass on 4 to 16 kB; each byte is read by a call."""

CHUNK = 16_384
"""Bytes to read at once."""

INTERIM = re.compile(rb"HTTP/[\d.]+ +1\d\d\b")
SWITCHED = re.compile(rb"HTTP/[\d.]+ +101\b")
STATS = re.compile(r'\{"Type": ?"stats"')
"""Begins a frame of servers that answer pings; those of 2023, which do not, send no counts."""

NEEDED = frozenset({b"upgrade", b"connection", b"sec-websocket-accept"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The websocket is open; frames follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A ping or pong came: the first sign of life since the websocket opened, or since `Unanswered`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """A ping was not answered within `Timing.pong`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The connection ended or could not be made; nothing follows.

    The fields are those of FaultError. `was_open`: frames could have come.
    """

    fault: Fault
    detail: str = ""
    about: str = field(default="", compare=False)
    retry_after: float = field(default=0.0, compare=False)
    was_open: bool = field(default=False, compare=False)

    @classmethod
    def by(cls, error: FaultError, *, was_open: bool = False) -> "Closed":
        """Return the end by a fault."""
        return cls(
            fault=error.fault,
            detail=error.detail,
            about=error.about,
            retry_after=error.retry_after,
            was_open=was_open,
        )

    @property
    def error(self) -> FaultError:
        """The fault, to be raised."""
        return FaultError(self.fault, self.detail, about=self.about, retry_after=self.retry_after)


Item = str | Event | Opened | Heard | Unanswered | Closed
Put = Callable[[Item], None]
Replace = Callable[[Item, Callable[[], Item]], None]


class Feed:
    """One connection. Call `start` once; `close` may be called from any thread and more than once."""

    def __init__(
        self,
        url: ServerUrl,
        put: Put,
        dial: Dial = dial,
        timing: Timing = TIMING,
        *,
        replace: Replace = lambda _item, _make: None,
    ) -> None:
        self._url = url
        self._put = put
        self._replace = replace
        self._dial = dial
        self._timing = timing
        self._transport = Transport()
        self._lived = 0.0  # when REST last showed that the server lives
        self.reached = False
        """Whether the server was reached: there was a connection for the handshake."""

    def start(self) -> None:
        """Connect and read in a thread. The last item put is exactly one Closed."""
        start_thread(self._run, f"feed {self._url.label}")

    def close(self) -> None:
        """Wake the reader in any state, so that it ends. Does not wait for the reader or for the server."""
        self._transport.hang_up()

    def server_lives(self) -> None:
        """Note that REST works: a server that never answers a ping is then not dead. In any thread."""
        self._lived = monotonic()

    @property
    def local(self) -> bool:
        """Whether the server is on this machine, known once its name was resolved."""
        return self._transport.local

    def _run(self) -> None:
        ended = FaultError(Fault.CUT_OFF, "closed by the server")
        is_open = False
        try:
            ws = self._connect()
            is_open = True
            self._put(Opened())
            self._read(ws)
        except FaultError as error:
            ended = error
        except BaseException as error:  # noqa: BLE001 - the session must learn of any end, also by odd input
            ended = FaultError(Fault.CUT_OFF, type(error).__name__)
        self._transport.close()
        self._put(Closed.by(ended, was_open=is_open))

    def _connect(self) -> websocket.WebSocket:
        sock = self._dial(self._url, self._timing.handshake_step, self._transport)
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
        except Exception as error:  # noqa: BLE001 - the library raises many types on odd input
            raise handshake_fault(error, bytes(guard.head), self._url) from None
        ws.sock = sock
        return ws

    def _read(self, ws: websocket.WebSocket) -> None:
        heard, asleep = monotonic(), time_asleep()
        is_silent, was_pinged, answers_pings = True, False, False
        message = bytearray()
        ws.settimeout(self._timing.ping_after)
        while True:
            try:
                opcode, frame = ws.recv_data_frame(control_frame=True)
            except websocket.WebSocketTimeoutException:
                if time_asleep() - asleep > self._timing.slept:
                    raise FaultError(Fault.CUT_OFF, "this machine has slept") from None
                if was_pinged and not is_silent:
                    is_silent = True
                    self._put(Unanswered())
                left = self._left(heard, answers_pings=answers_pings)
                was_pinged = not was_pinged
                if was_pinged:
                    ws.ping()
                ws.settimeout(min(left, self._timing.pong if was_pinged else self._timing.ping_after))
                continue
            heard = monotonic()
            if was_pinged:
                was_pinged = False
                ws.settimeout(self._timing.ping_after)
            if opcode == ABNF.OPCODE_CLOSE:
                return
            answers_pings = answers_pings or opcode == ABNF.OPCODE_PONG
            if opcode not in {ABNF.OPCODE_PING, ABNF.OPCODE_PONG}:
                answers_pings = self._take(message, frame) or answers_pings
            elif is_silent:
                self._put(Heard())
            is_silent = False

    def _left(self, heard: float, *, answers_pings: bool) -> float:
        """Return the seconds until a silent connection counts as dead. Raises FaultError if it does."""
        end = heard + self._timing.dead_after
        if not answers_pings:
            end = max(end, min(self._lived + self._timing.dead_after, heard + self._timing.never_answered))
        if (left := end - monotonic()) <= 0:
            raise FaultError(Fault.TIMEOUT, "no answer to our pings")
        return left

    def _take(self, message: bytearray, frame: Any) -> bool:
        """Put the text of a message; return whether it shows that the server answers pings."""
        message += frame.data
        if len(message) > MAX_FRAME:
            raise FaultError(Fault.CUT_OFF, "the message is too large")
        if frame.fin:
            text = message.decode("utf-8", "replace")
            message.clear()
            if not is_cheap(text):  # it would block the loop
                self._put(parse(text, datetime.now(UTC)))
            else:
                self._put(text)
                self._replace(text, lambda: parse(text, datetime.now(UTC)))
            return STATS.match(text) is not None
        return False


class BoundedWebSocket(websocket.WebSocket):
    """Limits the size of a frame: websocket-client has no limit and would read 50 MB into memory.

    It also reads all that is there at once: a summary in one piece, in a burst some thirty of them. The library on its
    own reads the first bytes of a frame, its length and its data with a system call each, and calls forty functions for
    them: a third of the time until the loop has the frame.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._received = b""
        self.frame_buffer = BoundedFrames(self._recv, skip_utf8_validation=True)

    def recv_data_frame(self, control_frame: bool = False) -> Any:
        """Return opcode and frame. Short texts in one frame, which nearly all are, do not need the library."""
        frames = self.frame_buffer
        if frames.header is None and not frames.recv_buffer and not self.cont_frame.recving_frames:
            if not self._received:
                self._received = super()._recv(CHUNK)  # type: ignore[no-untyped-call]
            if place := text_in(self._received):
                text, self._received = self._received[place], self._received[place.stop :]
                return ABNF.OPCODE_TEXT, ABNF(1, 0, 0, 0, ABNF.OPCODE_TEXT, 0, text)
        return super().recv_data_frame(control_frame)

    def _recv(self, bufsize: int) -> bytes:
        """Return the next bytes, `bufsize` at most; the library calls this for all frames."""
        if not self._received:
            self._received = super()._recv(CHUNK)  # type: ignore[no-untyped-call]
        data, self._received = self._received[:bufsize], self._received[bufsize:]
        return data


WHOLE_TEXT = 0x81
"""The first byte of a text in one frame: its last one, without extensions (RFC 6455, 5.2)."""


def text_in(data: bytes) -> slice | None:
    """Return where in `data` the text of the frame is that begins it, None for other frames and incomplete ones."""
    if len(data) < 2 or data[0] != WHOLE_TEXT or data[1] > 126:
        return None
    start, length = (2, data[1]) if data[1] < 126 else (4, int.from_bytes(data[2:4], "big"))
    return slice(start, start + length) if len(data) >= start + length else None


class BoundedFrames(frame_buffer):
    """Raises FaultError for a frame that is too large, or masked, before its data is read."""

    def recv_length(self) -> None:
        """Read the length; the library calls this between a frame's header and its data."""
        super().recv_length()
        if self.length is not None and self.length > MAX_FRAME:
            raise FaultError(Fault.CUT_OFF, "the frame is too large")
        if self.has_mask():
            raise FaultError(Fault.CUT_OFF, "the frame is masked")  # RFC 6455, 5.1; the library would read it


class Guard:
    """Stands in for the socket during the handshake and passes only the header lines that the library needs.

    On its own, websocket-client keeps cookies for the whole process and sends them to other servers, reads header lines
    and the body of an error without limit, and takes an interim answer (1xx, RFC 9110, 15.2) for the final one. `head`
    is the header so far. Nothing after the header is read: a body may never end, and only the status matters.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.head = bytearray()
        self._passed: bytes | None = None

    def recv(self, size: int) -> bytes:
        """Return the next bytes of the reduced header."""
        if self._passed is None:
            self._passed = self._read_header()
        if not self._passed:
            raise websocket.WebSocketException("end of the header")
        data, self._passed = self._passed[:size], self._passed[size:]
        return data

    def _read_header(self) -> bytes:
        for _ in range(MAX_HEADER):
            if not (byte := self._sock.recv(1)):  # one at a time: the bytes after the header belong to frames
                raise websocket.WebSocketConnectionClosedException("closed during the handshake")
            self.head += byte
            if byte == b"\n" and not self.head.startswith(b"HTTP/"):
                raise websocket.WebSocketException("not HTTP")  # e.g. SMTP, whose server sends one line and then waits
            if self.head.endswith((b"\n\r\n", b"\n\n")):
                if SWITCHED.match(self.head):
                    return required_fields(bytes(self.head))
                if not INTERIM.match(self.head):
                    raise websocket.WebSocketException("refused")  # the library before 1.9.1 treats a redirect as open
                self.head.clear()
        raise websocket.WebSocketException("the header does not end")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def required_fields(head: bytes) -> bytes:
    """Return the first line of a header and the fields that open a websocket (RFC 6455, 4.1)."""
    first, *lines = head.split(b"\n")
    fields = [line for line in lines if line.partition(b":")[0].strip().lower() in NEEDED]
    return b"\n".join([first, *fields, b"", b""])


def values_of(head: bytes, name: str) -> list[str]:
    """Return all values of a field in a header."""
    lines = [line.partition(b":") for line in head.split(b"\n")]
    return [value.strip().decode("latin-1") for key, _, value in lines if key.strip().lower() == name.lower().encode()]


def handshake_fault(error: Exception, head: bytes, url: ServerUrl) -> FaultError:
    """Return why there is no websocket, without the library's own texts: they contain headers and other input."""
    if (found := re.match(rb"HTTP/[\d.]+ +(\d{3})\b", head)) and (status := int(found[1])) != 101:
        return fault_from_answer(status, url, partial(values_of, head))
    if head.startswith(ALERT) and not url.secure:
        return FaultError(Fault.TLS_NEEDED, "a TLS alert answers", about=url.with_tls(secure=True))
    if isinstance(error, websocket.WebSocketTimeoutException):
        return FaultError(Fault.TIMEOUT, "handshake")
    if isinstance(error, OSError):
        return fault_from_os_error(error)
    return FaultError(Fault.NOT_MAILPIT, f"no handshake: {type(error).__name__}")
