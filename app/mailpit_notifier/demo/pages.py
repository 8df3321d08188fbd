"""The stand-in's plain pages: the mailbox and one message. Mails are shown as text, never as HTML."""

from html import escape

from aiohttp import web

from .mailbox import Mailbox
from .message import Stored, timestamp

_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
}
_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:48rem"
    ";margin:2rem auto;padding:0 1rem}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit}dt{float:left;clear:left;width:6rem;opacity:.7}"
    "dd{margin-left:6.5rem}li{margin:.4rem 0}.unread{font-weight:600}"
)


class Pages:
    """Handlers over one mailbox."""

    def __init__(self, mailbox: Mailbox, webroot: str) -> None:
        self._mailbox = mailbox
        self._webroot = webroot

    def routes(self) -> list[web.RouteDef]:
        """The pages, and the way to the webroot for who left out its slash."""
        routes = [
            web.get(self._webroot, self._index),
            web.get(f"{self._webroot}search", self._search),
            web.get(f"{self._webroot}view/latest", self._latest),
            web.get(f"{self._webroot}view/{{id}}", self._view),
        ]
        if self._webroot != "/":
            routes.append(web.get(self._webroot.rstrip("/"), self._slash))
        return routes

    async def _index(self, _request: web.Request) -> web.Response:
        return self._list("Mailbox", self._mailbox.newest_first())

    async def _search(self, request: web.Request) -> web.Response:
        query = request.query.get("q", "")
        return self._list(f"Search: {query}", self._mailbox.search(query))

    async def _latest(self, _request: web.Request) -> web.Response:
        newest = self._mailbox.get("latest")
        return _redirect(f"{self._webroot}view/{newest.id}" if newest else self._webroot)

    async def _view(self, request: web.Request) -> web.Response:
        message = self._mailbox.get(request.match_info["id"])
        if message is None:
            return _page("Not here", "<p>This message is not in the mailbox.</p>")
        # Mailpit's own page fetches the message, which marks it read.
        self._mailbox.mark([message.id], read=True)
        return _page(_title(message), _body(message))

    async def _slash(self, _request: web.Request) -> web.Response:
        return _redirect(self._webroot)

    def _list(self, title: str, messages: list[Stored]) -> web.Response:
        rows = "".join(
            f'<li class="{"" if message.read else "unread"}"><a href="{self._webroot}view/{message.id}">'
            f"{escape(_title(message))}</a> {escape(_recipients(message))}</li>"
            for message in messages
        )
        return _page(title, f"<ul>{rows}</ul>" if rows else "<p>No mail.</p>")


def _title(message: Stored) -> str:
    return message.source.header("subject") or "(no subject)"


def _recipients(message: Stored) -> str:
    return ", ".join(person.address for person in (*message.source.to, *message.source.cc, *message.source.bcc))


def _body(message: Stored) -> str:
    source = message.source
    lines = {
        "From": f"{source.sender.name} {source.sender.address}".strip(),
        "To": _recipients(message),
        "Received": timestamp(message.created),
        "Tags": ", ".join(message.tags),
        "Files": ", ".join(file.name for file in source.attachments),
    }
    head = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in lines.items() if text)
    return f"<dl>{head}</dl><pre>{escape(source.text or source.html)}</pre>"


def _page(title: str, body: str) -> web.Response:
    text = escape(title)
    page = (
        f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{text}</title><style>{_STYLE}</style>'
        f"<h1>{text}</h1>{body}</html>"
    )
    return web.Response(body=page.encode("utf-8", "replace"), headers=_HEADERS)


def _redirect(target: str) -> web.Response:
    body = f'<a href="{escape(target)}">Found</a>.\n\n'.encode()
    return web.Response(status=302, body=body, headers={**_HEADERS, "Location": target})
