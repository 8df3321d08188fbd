"""The HTTP, websocket and SMTP servers of the stand-in.

HTTP checks origin and password as Mailpit does. SMTP accepts every message, and reports the commands it rejects to
websocket clients with Mailpit's texts.

Clients must cope with the way Mailpit sends events, so this does the same. A `new` in a burst is sometimes overtaken.
`stats` are sent at most four times a second. A client with 256 waiting frames is disconnected.
"""

import asyncio
import base64
import hmac
import json
import random
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientError, WSCloseCode, web
from aiohttp.typedefs import Middleware
from aiosmtpd.smtp import SMTP, Envelope, Session

from .handlers import Pages, Rest
from .http import RefusedError
from .mailbox import Counts, Mailbox, new_id
from .message import VERSION, of_old
from .message_source import received, stamped

_BODY_LIMIT = 50 * 1024 * 1024
_IDLE_SECONDS = 30.0
"""Mailpit closes unused connections after this time."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(mailbox: Mailbox, hub: "Hub", *, webroot: str, auth: str, label: str, is_old: bool) -> web.Application:
    """Return the HTTP application. `webroot` starts and ends with a slash; `auth` is "user:password" or empty."""

    async def events(request: web.Request) -> web.WebSocketResponse:
        return await hub.serve(request, mailbox.counts)

    app = web.Application(client_max_size=_BODY_LIMIT, middlewares=[_checks(webroot, auth)])
    app.add_routes([web.get(f"{webroot}api/events", events)])
    app.add_routes(Rest(mailbox, label=label, is_old=is_old).routes(webroot))
    app.add_routes(Pages(mailbox, webroot).routes())
    return app


async def listen_http(app: web.Application, host: str, port: int) -> int:
    """Serve HTTP until the loop ends; return the port."""
    runner = web.AppRunner(app, keepalive_timeout=_IDLE_SECONDS, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    return int(runner.addresses[0][1])


async def prune_regularly(mailbox: Mailbox, limit: int, seconds: float) -> None:
    """Prune the mailbox every `seconds`, like Mailpit, not immediately."""
    while True:
        await asyncio.sleep(seconds)
        mailbox.prune(limit)


def _checks(webroot: str, auth: str) -> Middleware:
    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if error := request.match_info.http_exception:
            return _plain(error.status, "404 page not found\n" if error.status == 404 else f"{error.reason}\n")
        if request.path.startswith(f"{webroot}api/") and not _same_origin(request):
            return _plain(403, "Blocked due to CORS violation\n")
        if auth and not _has_password(request, auth):
            return _plain(401, "Unauthorized.\n", {"WWW-Authenticate": 'Basic realm="Login"'})
        try:
            return await handler(request)
        except RefusedError as refused:
            return refused.response

    return check


def _same_origin(request: web.Request) -> bool:
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc.lower() == request.host.lower()


def _has_password(request: web.Request, auth: str) -> bool:
    expected = f"Basic {base64.b64encode(auth.encode()).decode()}"
    return hmac.compare_digest(request.headers.get("Authorization", "").encode(), expected.encode())


def _plain(status: int, text: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=status, text=text, content_type="text/plain", headers=headers)


# Websockets

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


# SMTP

_BAD_ADDRESS = "553 5.1.3 The address is not a valid RFC 5321 address"
_WORDS = {
    "500 Error: command": "500 5.5.2 Syntax error, command unrecognized",
    "553 5.1.3 Error": _BAD_ADDRESS,
}


class _Connection(SMTP):
    # Mailpit takes lines of any length; aiosmtpd's limit is the RFC's 1,000.
    line_length_limit = 16 * 1024 * 1024
    command_size_limit = 2_048

    def __init__(self, handler: "_Handler", hub: Hub) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(
            handler, hostname="localhost", ident="Mailpit", enable_SMTPUTF8=True, data_size_limit=None, loop=loop
        )
        self._hub = hub

    async def push(self, status: str | bytes) -> None:
        text = status if isinstance(status, str) else status.decode("utf-8", "replace")
        text = next((words for start, words in _WORDS.items() if text.startswith(start)), text)
        if text[0] in "45":
            level = "warning" if text[0] == "4" else "error"
            ip = _ip(self.session.peer) if self.session else ""
            self._hub.broadcast("error", {"Level": level, "Type": "smtpd", "IP": ip, "Message": text})
        await super().push(text)


class _Handler:
    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address and "@" not in address:
            return _BAD_ADDRESS
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if "@" not in address:
            return _BAD_ADDRESS
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        recipients = envelope.rcpt_tos
        trace = received(client=session.host_name or "", ip=_ip(session.peer), recipient=recipients[0])
        raw = stamped(
            trace + bytes(envelope.original_content or b""),
            sender=envelope.mail_from or "",
            recipients=recipients,
            message_id=f"{new_id()}@mailpit",
        )
        message_id = self._mailbox.add(raw)
        await asyncio.sleep(0)  # let frames leave before pipelined messages fill the queues of clients
        return f"250 2.0.0 Ok: queued as {message_id}"


async def listen_smtp(mailbox: Mailbox, hub: Hub, host: str, port: int) -> int:
    """Accept messages by SMTP until the loop ends; return the port."""
    handler = _Handler(mailbox)
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(handler, hub), host, port)
    return int(server.sockets[0].getsockname()[1])


def _ip(peer: Any) -> str:
    return str(peer[0]) if isinstance(peer, tuple) else ""
