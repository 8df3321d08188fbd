"""A loopback server that follows a script byte by byte, and records its connections.

A script is a function that gets each connection as a `Visit`, in its own thread. `Mailpit` is a script that behaves
like a Mailpit as far as a session needs, until a test changes that.
"""

import contextlib
import json
import socket
import ssl
import struct
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha1
from typing import Any
from urllib.parse import parse_qsl, urlsplit

PATIENCE = 10.0 if sys.platform != "win32" else 40.0  # also under wine, where each byte takes a request
"""Seconds to wait for an event; only a failing test waits so long."""

TEXT, BINARY, CLOSE, PING, PONG, CONTINUED = 1, 2, 8, 9, 10, 0


@dataclass
class Request:
    """A request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Visit:
    """A connection, as the server sees it."""

    sock: socket.socket
    received: bytearray = field(default_factory=bytearray)

    def read(self, size: int) -> bytes:
        """Read exactly this many bytes. Raises ConnectionError at the end of the connection."""
        data = b""
        while len(data) < size:
            if not (more := self.sock.recv(size - len(data))):
                raise ConnectionError("the client hung up")
            data += more
        self.received += data
        return data

    def request(self) -> Request:
        """Read the next request."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.read(1)
        first, *lines = head.decode().strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        method, path, _ = first.split(" ", 2)
        return Request(method, path, headers, self.read(int(headers.get("content-length", 0))))

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.sock.sendall(data)

    def answer(self, status: int, body: bytes = b"", *headers: str) -> None:
        """Send a whole HTTP answer."""
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def upgrade(self, request: Request | None = None) -> None:
        """Upgrade to a websocket."""
        self.send(accepting((request or self.request()).headers["sec-websocket-key"]))

    def frame(self, data: bytes | str, opcode: int = TEXT, *, fin: bool = True, rsv: int = 0) -> None:
        """Send a frame."""
        data = data.encode() if isinstance(data, str) else data
        self.send(frame_header(len(data), opcode, fin=fin, rsv=rsv) + data)

    def read_frame(self) -> tuple[int, bytes]:
        """Read a short, masked frame of the client: opcode and payload."""
        first, second = self.read(2)
        mask = self.read(4)
        payload = bytes(byte ^ mask[index % 4] for index, byte in enumerate(self.read(second & 0x7F)))
        return first & 0xF, payload

    def hold(self) -> None:
        """Send nothing more, and wait until the client closes."""
        while True:
            self.read(1)

    def close(self) -> None:
        """Close the connection."""
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
        self.sock.close()


def accepting(key: str, fields: str = "") -> bytes:
    """Return the answer that opens a websocket (RFC 6455, 4.2.2), with more header lines."""
    accept = b64encode(sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()
    lines = ["HTTP/1.1 101 Switching", "Upgrade: websocket", "Connection: Upgrade"]
    return "\r\n".join([*lines, f"{fields}Sec-WebSocket-Accept: {accept}", "", ""]).encode()


def frame_header(length: int, opcode: int = TEXT, *, fin: bool = True, rsv: int = 0) -> bytes:
    """Return the header of a server's frame (RFC 6455, 5.2)."""
    first = fin << 7 | rsv << 4 | opcode
    if length < 126:
        return struct.pack("!BB", first, length)
    return struct.pack("!BBH", first, 126, length) if length < 65_536 else struct.pack("!BBQ", first, 127, length)


Script = Callable[[Visit], object]


class Hostile:
    """The server. `visits` are its connections in order."""

    def __init__(self, script: Script, *listeners: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        self.visits: list[Visit] = []
        self._script = script
        self._tls = tls
        self._errors: list[Exception] = []
        self._listeners = listeners or (listening("127.0.0.1"),)
        self._threads = [threading.Thread(target=self._accept, args=[sock]) for sock in self._listeners]
        self.port = self._listeners[0].getsockname()[1]
        for thread in tuple(self._threads):
            thread.start()

    def url(self, path: str = "/", credentials: str = "") -> str:
        """The base URL of the server."""
        return f"{'https' if self._tls else 'http'}://{credentials}127.0.0.1:{self.port}{path}"

    def close(self) -> None:
        """Close all connections and stop; raise what failed in the script."""
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        while self._threads:
            for visit in self.visits:
                visit.close()
            self._threads.pop().join(PATIENCE)
        if self._errors:
            raise self._errors[0]

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                visit = Visit(listener.accept()[0])
                self.visits.append(visit)
                thread = threading.Thread(target=self._serve, args=[visit])
                self._threads.insert(0, thread)
                thread.start()

    def _serve(self, visit: Visit) -> None:
        try:
            if self._tls:
                visit.sock = self._tls.wrap_socket(visit.sock, server_side=True)
            self._script(visit)
        except OSError:
            pass  # the client hung up, or the test is over
        except Exception as error:
            self._errors.append(error)
        finally:
            visit.close()


@contextlib.contextmanager
def hostile(script: Script, *listeners: socket.socket, tls: ssl.SSLContext | None = None) -> Iterator[Hostile]:
    """Run a server for a test."""
    server = Hostile(script, *listeners, tls=tls)
    try:
        yield server
    finally:
        server.close()


def listening(host: str, port: int = 0, backlog: int = 50) -> socket.socket:
    """Return a listening socket."""
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, port))
    sock.listen(backlog)
    return sock


@contextlib.contextmanager
def black_hole(host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """Yield a port that neither accepts nor refuses connections: its backlog is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(listening(host, port, backlog=0))
        for _ in range(3):
            sock = stack.enter_context(socket.socket(listener.family))
            sock.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                sock.connect(listener.getsockname()[:2])
        yield listener.getsockname()[1]


def wait_for(condition: Callable[[], object]) -> None:
    """Wait until the condition is true."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.002)


def saying(answer: bytes) -> Script:
    """Return a script that answers every request with these bytes and keeps the connection open."""

    def script(visit: Visit) -> None:
        while True:
            visit.request()
            visit.send(answer)

    return script


class Mailpit:
    """A script that speaks like Mailpit. What a test changes of it takes effect with the next request.

    `messages` are the summaries that REST answers, newest first, of which it `counts` another number if that is given;
    `gate` is closed to keep every REST answer back but those of `sources`, which are answered by ID. Without one the
    server answers 500. `ignores_before` as servers of 2023 do.
    """

    def __init__(self, *messages: dict[str, Any]) -> None:
        self.messages = list(messages)
        self.sources: dict[str, bytes] = {}
        self.reads: list[Request] = []
        self.writes: list[Request] = []
        self.counts: int | None = None
        self.ignores_before = False
        self.busiest = 0
        self.gate = threading.Event()
        self.gate.set()
        self._busy = 0
        self._streams: list[Visit] = []
        self._upgrading = threading.Lock()

    @property
    def streams(self) -> list[Visit]:
        """The event connections that their clients know to be connected."""
        with self._upgrading:
            return list(self._streams)

    def __call__(self, visit: Visit) -> None:
        """Serve one connection."""
        while True:
            request = visit.request()
            if request.path.endswith("/api/events"):
                with self._upgrading:
                    visit.upgrade(request)
                    self._streams.append(visit)
                visit.hold()
            elif request.method == "GET":
                self.reads.append(request)
                if request.path.endswith("/raw"):
                    source = self.sources.get(request.path.split("/")[-2])
                    visit.answer(500 if source is None else 200, source or b"")
                else:
                    self.list(visit, request.path)
            else:
                self.writes.append(request)
                visit.answer(200, b"ok")

    def push(self, kind: str, data: Any = None) -> None:
        """Send an event on the newest connection."""
        self.streams[-1].frame(json.dumps({"Type": kind, "Data": data}))

    def list(self, visit: Visit, path: str) -> None:
        """Answer with the requested part of the messages."""
        query = dict(parse_qsl(urlsplit(path).query))
        before = "" if self.ignores_before else query.get("before", "")
        listed = [one for one in self.messages if not before or one["Created"] < before]
        start, limit = int(query.get("start", 0)), int(query.get("limit", 50))
        unread = sum(not message.get("Read") for message in self.messages)
        total = len(self.messages) if self.counts is None else self.counts
        body = {"total": total, "unread": unread, "messages": listed[start : start + limit]}
        self._busy += 1
        self.busiest = max(self.busiest, self._busy)
        self.gate.wait(PATIENCE)
        self._busy -= 1
        visit.answer(200, json.dumps(body).encode(), "Content-Type: application/json")


def summary(number: int, **fields: Any) -> dict[str, Any]:
    """Return a message summary: higher numbers are newer."""
    return {
        "ID": f"id{number}",
        "Created": f"2026-05-01T10:00:{number:02}.123Z",
        "Subject": f"Subject {number}",
        "From": {"Name": "", "Address": "noreply@example.com"},
        "To": [{"Name": "Ann", "Address": "ann@example.com"}],
        **fields,
    }
