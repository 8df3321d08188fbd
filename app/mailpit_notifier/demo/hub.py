"""The websocket side of the stand-in: who listens, and what each of them still has to be sent.

Frames leave as they do from Mailpit: now and then a `new` is overtaken, counts are told at most four times a second,
and a client for which 256 frames wait is cut off.

The versions of Mailpit that the stand-in behaves like, and says it is: clients may go by it.
"""

import asyncio
import json
import random
from typing import Any

from aiohttp import ClientError, WSCloseCode, web

from .mailbox import Counts
from .message import of_old

VERSION, OLD = "v1.30.5", "v1.8"
"""The usual one, and one of 2023: no `before`, no `stats`, `update` or `delete`, and less in a summary."""


WAITING = 256
STATS_SECONDS = 0.25
BURST_SECONDS = 0.005
PING_SECONDS = 54.0
WRITE_SECONDS = 10.0
CLOSE_SECONDS = 1.0
"""How long a client may take to answer a close; Mailpit does not wait at all."""


class _Client:
    def __init__(self) -> None:
        self.frames: asyncio.Queue[str] = asyncio.Queue(WAITING)
        self.is_cut_off = False


class Hub:
    """Broadcasts to every connected client; the mailbox's Listener."""

    def __init__(self, ping_seconds: float = PING_SECONDS, *, is_old: bool = False) -> None:
        self._ping_seconds = ping_seconds
        self._is_old = is_old
        self._clients: set[_Client] = set()
        self._stats_due = False
        self._last_new = 0.0

    def broadcast(self, kind: str, data: Any) -> None:
        """Send a frame to everyone, soon."""
        if self._is_old:
            if kind not in {"new", "prune", "truncate"}:
                return
            kind, data = ("new", of_old(data)) if kind == "new" else ("prune", None)
        if not self._clients:
            return
        frame = json.dumps({"Type": kind, "Data": data}, ensure_ascii=False, separators=(",", ":"))
        loop = asyncio.get_running_loop()
        loop.call_later(self._delay() if kind == "new" else 0, self._deliver, frame)

    def counts_changed(self, counts: Counts) -> None:
        """Send the counts in a quarter of a second, unless that is about to happen anyway."""
        if not (self._stats_due or self._is_old):
            self._stats_due = True
            asyncio.get_running_loop().call_later(STATS_SECONDS, self._send_stats, counts)

    async def serve(self, request: web.Request, counts: Counts) -> web.WebSocketResponse:
        """Be one client's connection until it ends."""
        socket = web.WebSocketResponse(writer_limit=0, timeout=CLOSE_SECONDS)
        await socket.prepare(request)
        if request.transport:
            # Only what the kernel does not take waits here, as in Mailpit: else the cut-off would come later.
            request.transport.set_write_buffer_limits(high=0)
        client = _Client()
        self._clients.add(client)
        self.counts_changed(counts)
        tasks = [asyncio.create_task(self._pump(client, socket, request)), asyncio.create_task(self._ping(socket))]
        try:
            async for _ in socket:
                pass
        finally:
            self._clients.discard(client)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return socket

    def _delay(self) -> float:
        """Seconds that a `new` is held back: of those that come in quick succession, each fourth is overtaken."""
        now = asyncio.get_running_loop().time()
        in_burst, self._last_new = now - self._last_new < BURST_SECONDS, now
        return random.uniform(0, BURST_SECONDS) if in_burst and random.random() < 1 / 4 else 0  # noqa: S311

    def _deliver(self, frame: str) -> None:
        for client in list(self._clients):
            try:
                client.frames.put_nowait(frame)
            except asyncio.QueueFull:
                client.is_cut_off = True
                self._clients.discard(client)

    def _send_stats(self, counts: Counts) -> None:
        self._stats_due = False
        total, unread = counts()
        self.broadcast("stats", {"Total": total, "Unread": unread, "Version": VERSION})

    async def _pump(self, client: _Client, socket: web.WebSocketResponse, request: web.Request) -> None:
        try:
            while not (client.is_cut_off and client.frames.empty()):
                frame = await client.frames.get()
                async with asyncio.timeout(WRITE_SECONDS):
                    await socket.send_str(frame)
            await socket.close(code=WSCloseCode.OK)
        except (TimeoutError, ClientError, ConnectionError):
            if request.transport:
                request.transport.abort()

    async def _ping(self, socket: web.WebSocketResponse) -> None:
        while True:
            await asyncio.sleep(self._ping_seconds)
            await socket.ping()
