"""A reverse proxy that treats websockets and answers as badly as real ones do.

`Front` forwards to a server on a port of this machine, in a thread with an event loop of its own. What a test sets of
it takes effect with the next request, `release` at once.
"""

import asyncio
import contextlib
import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hostile import PING, PONG, Mailpit, Request, Visit, summary

ANSWER = b"HTTP/1.1 %d Whatever\r\nContent-Length: %d\r\n%s\r\n%s"


def answer(status: int, body: bytes = b"", *headers: str) -> bytes:
    """Return a whole HTTP answer."""
    return ANSWER % (status, len(body), "".join(f"{line}\r\n" for line in headers).encode(), body)


@dataclass
class Front:
    """The proxy. `port` and `url` are where it listens.

    `cut_after`: seconds after which a websocket is cut, `cuts`: how many are, None for all. `frames`: frames after
    which it is cut. `holds`: bytes of frames that are kept back until there are more, or until `released`. `upgrade`:
    the answer to the request for a websocket instead of one. `rest`: answers to the next requests of REST, `always` to
    all others. `http10`: forward answers as HTTP/1.0, with the end of the connection as their end.
    """

    upstream: int
    cut_after: float | None = None
    cuts: int | None = None
    frames: int | None = None
    holds: int = 0
    upgrade: bytes = b""
    rest: list[bytes] = field(default_factory=list)
    always: bytes = b""
    http10: bool = False
    tls: ssl.SSLContext | None = None
    port: int = 0
    upgrades: int = 0
    """Requests for a websocket so far."""
    asked: list[str] = field(default_factory=list)
    """Paths of the requests of REST so far."""

    def __post_init__(self) -> None:
        self._loop = asyncio.SelectorEventLoop()  # that of Windows has no remove_reader
        self._released = asyncio.Event()

    @property
    def url(self) -> str:
        """The base URL."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/"

    @property
    def polls(self) -> int:
        """Listings that were asked for so far."""
        return len([path for path in self.asked if "/messages?" in path])

    def release(self) -> None:
        """Stop keeping frames back."""
        self._loop.call_soon_threadsafe(self._released.set)

    @contextlib.contextmanager
    def running(self) -> Iterator["Front"]:
        """Listen on a free port."""
        ready = threading.Event()
        thread = threading.Thread(target=self._loop.run_until_complete, args=[self._serve(ready)], daemon=True)
        thread.start()
        assert ready.wait(10)
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._end.set)
            thread.join(10)
            self._loop.close()

    async def _serve(self, ready: threading.Event) -> None:
        self._end = asyncio.Event()
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._end.wait()
        for listening in server.sockets:
            self._loop.remove_reader(listening.fileno())
        await _settle()  # connections that were just accepted begin: asyncio leaks them if their server is closed
        server.close()
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await _settle()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            if self.tls:  # not by the server: a connection whose handshake failed could not be closed here
                await writer.start_tls(self.tls)
            await self._requests(reader, writer)
        await _close(writer)

    async def _requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            if b"upgrade: websocket" in head.lower():
                self.upgrades += 1
                if not self.upgrade:
                    await self._websocket(head, reader, writer)
                    return
                writer.write(self.upgrade)
            else:
                self.asked.append(head.split(b" ", 2)[1].decode())
                canned = self.rest.pop(0) if self.rest else self.always
                writer.write(canned or await self._forward(head, reader))
            await writer.drain()
            if self.http10:
                return

    async def _forward(self, head: bytes, reader: asyncio.StreamReader) -> bytes:
        length = _length(head)
        body = await reader.readexactly(length)
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self.upstream)
        try:
            to_server.write(head + body)
            answered = await from_server.readuntil(b"\r\n\r\n")
            found = await from_server.readexactly(_length(answered))
        finally:
            await _close(to_server)
        return b"HTTP/1.0 200 OK\r\n\r\n" + found if self.http10 else answered + found

    async def _websocket(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self.upstream)
        upwards = asyncio.create_task(_copy(reader, to_server))
        cut_after = self.cut_after if self.cuts is None or self.upgrades <= self.cuts else None
        try:
            to_server.write(head)
            writer.write(await from_server.readuntil(b"\r\n\r\n"))
            async with asyncio.timeout(cut_after):
                await self._frames(from_server, writer)
        except TimeoutError:
            pass
        finally:
            upwards.cancel()
            await _close(to_server)

    async def _frames(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held, passed = b"", 0
        waiting = asyncio.create_task(self._released.wait())
        reading = asyncio.create_task(_frame(reader))
        try:
            while self.frames is None or passed < self.frames:
                await asyncio.wait([reading] if waiting.done() else [reading, waiting], return_when="FIRST_COMPLETED")
                if reading.done():
                    held += reading.result()
                    passed += 1
                    reading = asyncio.create_task(_frame(reader))
                if len(held) > self.holds or waiting.done():
                    writer.write(held)
                    held = b""
                await writer.drain()
        finally:
            waiting.cancel()
            reading.cancel()
            await asyncio.gather(waiting, reading, return_exceptions=True)


async def _close(writer: asyncio.StreamWriter) -> None:
    """Close a connection. What the other side has not read is dropped if this is cancelled: it would never end."""
    writer.close()
    try:
        await writer.wait_closed()
    except (OSError, asyncio.CancelledError):
        writer.transport.abort()


async def _settle() -> None:
    """Let everything run that is due now."""
    for _ in range(10):
        await asyncio.sleep(0)


async def _frame(reader: asyncio.StreamReader) -> bytes:
    """Read a frame of a server (RFC 6455, 5.2)."""
    head = await reader.readexactly(2)
    extra = await reader.readexactly({126: 2, 127: 8}.get(head[1], 0))
    return head + extra + await reader.readexactly(int.from_bytes(extra) if extra else head[1])


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)


def _length(head: bytes) -> int:
    fields = dict(line.lower().partition(b": ")[::2] for line in head.split(b"\r\n"))
    return int(fields.get(b"content-length", 0))


class Modern(Mailpit):
    """A Mailpit of today: sends the counts after each connect, and answers pings. `deliver` as SMTP would."""

    def __call__(self, visit: Visit) -> None:
        """Serve one connection."""
        super().__call__(ModernVisit(visit.sock, self))

    def counts_frame(self) -> str:
        """Return the frame with the counts."""
        return json.dumps({"Type": "stats", "Data": {"Total": len(self.messages), "Unread": len(self.messages)}})

    def deliver(self, number: int, **fields: Any) -> None:
        """Let a message arrive."""
        self.messages.insert(0, summary(number, **fields))
        for stream in self.streams:
            with contextlib.suppress(OSError):
                stream.frame(json.dumps({"Type": "new", "Data": self.messages[0]}))


class ModernVisit(Visit):
    """A connection to it."""

    def __init__(self, sock: Any, mailpit: Modern) -> None:
        super().__init__(sock)
        self._mailpit = mailpit

    def upgrade(self, request: Request | None = None) -> None:
        """Upgrade to a websocket, and send the counts."""
        super().upgrade(request)
        self.frame(self._mailpit.counts_frame())

    def hold(self) -> None:
        """Answer pings until the client closes."""
        while True:
            opcode, payload = self.read_frame()
            if opcode == PING:
                self.frame(payload, PONG)
