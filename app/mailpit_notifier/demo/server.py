"""The stand-in put together: mailbox, hub, REST and pages behind Mailpit's checks of origin and password."""

import asyncio
import base64
import hmac
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

from .http import RefusedError
from .hub import Hub
from .mailbox import Mailbox
from .rest import Pages, Rest

_BODY_LIMIT = 50 * 1024 * 1024
_IDLE_SECONDS = 30.0
"""After this long Mailpit closes a connection that nobody uses."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(mailbox: Mailbox, hub: Hub, *, webroot: str, auth: str, label: str, is_old: bool) -> web.Application:
    """The HTTP side. `webroot` starts and ends with a slash; `auth` is «user:password» or empty."""

    async def events(request: web.Request) -> web.WebSocketResponse:
        return await hub.serve(request, mailbox.counts)

    app = web.Application(client_max_size=_BODY_LIMIT, middlewares=[_checks(webroot, auth)])
    app.add_routes([web.get(f"{webroot}api/events", events)])
    app.add_routes(Rest(mailbox, label=label, is_old=is_old).routes(webroot))
    app.add_routes(Pages(mailbox, webroot).routes())
    return app


async def listen(app: web.Application, host: str, port: int) -> int:
    """Serve until the loop ends; returns the port."""
    runner = web.AppRunner(app, keepalive_timeout=_IDLE_SECONDS, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    return int(runner.addresses[0][1])


async def prune_regularly(mailbox: Mailbox, limit: int, seconds: float) -> None:
    """Keep the mailbox at its limit, as late as Mailpit does."""
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
