"""A relay between application and server that fails on request in every way a network does.

Its loop runs in a thread, so that tests may block, and the application under test may share the process. Methods may be
called on any thread, and have taken effect when they return.
"""

import asyncio
import contextlib
import re
import socket
import struct
import threading
from collections.abc import Collection, Coroutine
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from enum import Enum
from itertools import count
from typing import Any

from .listings import LISTINGS

CHUNK = 65_536
PATIENCE = 10.0

_CREATED = rb'"Created":"'
_STAMP = re.compile(_CREATED + rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)")
_DATE = re.compile(rb"\r\nDate: ([A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT)")
_SECONDS = "%Y-%m-%dT%H:%M:%S"


class Mode(Enum):
    """Behavior for new connections; `SLOW` and `STALLED` also for existing ones."""

    PASS = "pass"
    SLOW = "slow"
    STALLED = "stalled"  # sockets stay open and send nothing: half-open, or a black hole for new ones
    REFUSED = "refused"
    BAD_GATEWAY = "bad gateway"
    NO_UPGRADE = "no upgrade"
    LARGE_LISTING = "large listing"  # REST lists far too much, or garbage; all else works
    TRUNCATED = "truncated"  # ends each connection after some kilobytes, at any byte


class FaultProxy:
    """Listens on a free port; `target` is the server. `skew` is added to all times from the server."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.skew = timedelta()
        self.latency = 0.05
        self.passed = 0
        """Bytes in both directions."""
        self.port = 0
        self.mode = Mode.PASS
        self._passing: asyncio.Event
        self._listings = count()
        self._generation = 0  # of connections; earlier ones are half-open
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._kept: set[asyncio.StreamWriter] = set()  # of REST, that may ask for more
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault proxy", daemon=True)
        self._thread.start()
        self._do(self._start())

    @property
    def url(self) -> str:
        """The server's base URL through the proxy."""
        return f"http://127.0.0.1:{self.port}/"

    def set(self, mode: Mode) -> None:
        """Set the behavior. Data kept back while stalled is sent then."""
        self._do(self._set(mode))

    def cut(self) -> None:
        """Reset all connections."""
        self._do(self._cut())

    def forget(self) -> None:
        """Drop all data of existing connections from now on, like a restarted router."""
        self._do(self._forget())

    def close(self) -> None:
        """End."""
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    async def _start(self) -> None:
        self._passing = asyncio.Event()
        self._passing.set()
        await self._listen()

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _set(self, mode: Mode) -> None:
        self.mode = mode
        if mode is Mode.STALLED:
            self._passing.clear()
        else:
            self._passing.set()
        if mode is Mode.LARGE_LISTING:
            await self._cut(self._kept)  # only the first request of a connection is parsed
        if mode is not Mode.REFUSED:
            await self._listen()
        elif self._server:
            self._server.close()
            self._server = None
            await self._cut()

    async def _cut(self, writers: Collection[asyncio.StreamWriter] | None = None) -> None:
        for writer in tuple(self._writers if writers is None else writers):
            sock = writer.get_extra_info("socket")
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # RST, not FIN
            writer.transport.abort()

    async def _forget(self) -> None:
        self._generation += 1

    async def _stop(self) -> None:
        if self._server:
            self._server.close()
        await self._cut()
        own = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() if task is not own]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
                await self._relay(reader, writer)
        finally:
            self._writers.discard(writer)
            self._kept.discard(writer)
            writer.transport.abort()

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, born: int) -> None:
        with contextlib.suppress(OSError):  # the client has hung up
            await self._pump(reader, writer, born, 4_000 if self.mode is Mode.TRUNCATED else None)
        if born != self._generation:
            await asyncio.Event().wait()  # that the server hung up is not passed on either

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._passing.wait()
        head = await reader.readuntil(b"\r\n\r\n")
        upgrade = b"upgrade: websocket" in head.lower()
        if self.mode is Mode.BAD_GATEWAY or (self.mode is Mode.NO_UPGRADE and upgrade):
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
            return
        if not upgrade:
            self._kept.add(writer)
        if self.mode is Mode.LARGE_LISTING and not upgrade:
            head = head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
            if b"/messages?" in head.partition(b"\r\n")[0]:
                await self._list(head, writer)
                return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        self._writers.add(far_writer)
        born = self._generation
        try:
            far_writer.write(head)
            there = asyncio.create_task(self._pump(reader, far_writer, born))
            back = asyncio.create_task(self._back(far_reader, writer, born))
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            for task in (there, back):
                task.cancel()
            await asyncio.gather(there, back, return_exceptions=True)
        finally:
            self._writers.discard(far_writer)
            far_writer.transport.abort()

    async def _list(self, head: bytes, writer: asyncio.StreamWriter) -> None:
        """Answer a request for messages, each time in another way."""
        make = LISTINGS[next(self._listings) % len(LISTINGS)]
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        try:
            far_writer.write(head.replace(b" HTTP/1.1", b" HTTP/1.0", 1))  # the answer is not in chunks then
            answer = self._shifted(await far_reader.read())[0]
        finally:
            far_writer.transport.abort()
        for piece in make(answer) if b" 200 " in answer[:20] else ():
            if self.mode is not Mode.LARGE_LISTING:
                return
            writer.write(piece)
            await writer.drain()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, born: int, allowed: int | None = None
    ) -> None:
        """Forward at most `allowed` bytes."""
        kept = b""
        while data := await reader.read(CHUNK):
            self.passed += len(data)
            await self._passing.wait()
            if born != self._generation:
                continue
            if self.mode is Mode.SLOW:
                await asyncio.sleep(self.latency)
            data, kept = self._shifted(kept + data)
            if allowed is not None:
                data, allowed = data[:allowed], allowed - len(data)
            writer.write(data)
            await writer.drain()
            if allowed is not None and allowed <= 0:
                return

    def _shifted(self, data: bytes) -> tuple[bytes, bytes]:
        """Return the data with changed times; keep an end that may be part of a time."""
        if not self.skew:
            return data, b""
        data, kept = split_stamp(data)
        data = _STAMP.sub(lambda found: _CREATED + self._stamp(found[1]), data)
        return _DATE.sub(lambda found: b"\r\nDate: " + self._date(found[1]), data), kept

    def _stamp(self, text: bytes) -> bytes:
        return (datetime.strptime(text.decode(), _SECONDS) + self.skew).strftime(_SECONDS).encode()

    def _date(self, text: bytes) -> bytes:
        return format_datetime(parsedate_to_datetime(text.decode()) + self.skew, usegmt=True).encode()


def split_stamp(data: bytes) -> tuple[bytes, bytes]:
    """Split off an end in which an incomplete `Created` begins. No frame and no answer ends like that."""
    start = data.rfind(_CREATED)
    if start >= 0 and len(data) - start < len(_CREATED) + 19:
        return data[:start], data[start:]
    for size in range(len(_CREATED), 0, -1):
        if data.endswith(_CREATED[:size]):
            return data[:-size], data[-size:]
    return data, b""
