"""Sends events to websocket clients.

Clients must cope with the way Mailpit sends, so this does the same. A `new` in a burst is sometimes overtaken. `stats`
are sent at most four times a second. A client with 256 waiting frames is disconnected.
"""

import asyncio
import json
import random
from typing import Any

from aiohttp import ClientError, WSCloseCode, web

from .mailbox import Counts
from .message import of_old

VERSION, OLD = "v1.30.5", "v1.8"
"""Versions to imitate: a current one, and one of 2023 without `before`, `stats`, `update`, `delete` and some fields."""

WAITING = 256
STATS_SECONDS = 0.25
BURST_SECONDS = 0.005
PING_SECONDS = 54.0
WRITE_SECONDS = 10.0
CLOSE_SECONDS = 1.0
"""Limit for the answer to a close frame. Mailpit does not wait at all."""


class _Client:
    def __init__(self) -> None:
        self.frames: asyncio.Queue[str] = asyncio.Queue(WAITING)
        self.is_cut_off = False


class Hub:
    """Sends each change of the mailbox to all clients. Implements mailbox.Listener."""

    def __init__(self, ping_seconds: float = PING_SECONDS, *, is_old: bool = False) -> None:
        self._ping_seconds = ping_seconds
        self._is_old = is_old
        self._clients: set[_Client] = set()
        self._stats_due = False
        self._last_new = 0.0

    def broadcast(self, kind: str, data: Any) -> None:
        """Queue a frame for all clients."""
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
        """Send `stats` within STATS_SECONDS, once for all changes until then."""
        if not (self._stats_due or self._is_old):
            self._stats_due = True
            asyncio.get_running_loop().call_later(STATS_SECONDS, self._send_stats, counts)

    async def serve(self, request: web.Request, counts: Counts) -> web.WebSocketResponse:
        """Serve one websocket connection until it ends."""
        socket = web.WebSocketResponse(writer_limit=0, timeout=CLOSE_SECONDS)
        await socket.prepare(request)
        if request.transport:
            # As in Mailpit, keep no buffer besides the kernel's: it would delay the disconnection of slow clients.
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
        """Return the seconds to delay a `new`: in a burst, one in four is delayed and so overtaken."""
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
