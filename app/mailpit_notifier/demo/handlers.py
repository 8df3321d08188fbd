"""HTTP handlers: the REST calls that the application uses, two calls for tests, and simple web pages.

The pages show the mailbox and single messages. Messages are shown as plain text, so their HTML cannot run.
"""

import asyncio
import base64
import json
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from typing import Any

from aiohttp import web

from .http import RefusedError, answer, before, bounds, fields_of, ok, query_of
from .mailbox import Mailbox, new_id
from .message import VERSION, Stored, of_old, timestamp
from .message_source import stamped


def composed(fields: dict[str, Any]) -> tuple[str, list[str], bytes]:
    """Return sender, envelope recipients and source of a message from the JSON of `POST api/v1/send`.

    Raises ValueError, TypeError, AttributeError or KeyError for invalid fields.
    """
    message = EmailMessage(policy=SMTP)
    sender = fields["From"]
    message["From"] = _address(sender, "From")
    recipients = []
    for name, header in (("To", "To"), ("Cc", "Cc"), ("ReplyTo", "Reply-To")):
        people = fields.get(name) or []
        if people:
            message[header] = [_address(person, header) for person in people]
        if name != "ReplyTo":
            recipients += [person["Email"] for person in people]
    message["Subject"] = fields.get("Subject", "")
    if tags := fields.get("Tags"):
        message["X-Tags"] = ", ".join(tags)
    for name, value in (fields.get("Headers") or {}).items():
        message[name] = value
    message.set_content(fields.get("Text", ""))
    if fields.get("HTML"):
        message.add_alternative(fields["HTML"], subtype="html")
    for file in fields.get("Attachments") or []:
        _attach(message, file)
    return sender["Email"], recipients + list(fields.get("Bcc") or []), message.as_bytes()


def _address(person: dict[str, str], header: str) -> Address:
    if "@" not in person["Email"]:
        raise ValueError(f"invalid {header} address: {person['Email']}")
    return Address(display_name=person.get("Name", ""), addr_spec=person["Email"])


def _attach(message: EmailMessage, file: dict[str, str]) -> None:
    content = base64.b64decode(file["Content"].rpartition(",")[2])
    maintype, _, subtype = (file.get("ContentType") or "application/octet-stream").partition("/")
    message.add_attachment(content, maintype=maintype, subtype=subtype, filename=file["Filename"])


_RUNTIME = (
    *("Uptime", "Memory", "MessagesDeleted"),
    *("SMTPAccepted", "SMTPAcceptedSize", "SMTPRejected", "SMTPIgnored"),
)
_RELAY = (
    *("SMTPServer", "ReturnPath", "AllowedRecipients"),
    *("BlockedRecipients", "OverrideFrom", "RecipientAllowlist"),
)


class Rest:
    """Handlers of the REST calls on a mailbox."""

    def __init__(self, mailbox: Mailbox, *, label: str, is_old: bool) -> None:
        self._mailbox = mailbox
        self._label = label
        self._is_old = is_old

    def routes(self, webroot: str) -> list[web.RouteDef]:
        """Return the routes of all calls below the webroot."""
        api = f"{webroot}api/v1/"
        return [
            web.get(f"{api}messages", self._list),
            web.put(f"{api}messages", self._mark),
            web.delete(f"{api}messages", self._delete),
            web.get(f"{api}search", self._search),
            web.delete(f"{api}search", self._delete_found),
            web.post(f"{api}send", self._send),
            web.get(f"{api}tags", self._tags),
            web.put(f"{api}tags", self._set_tags),
            web.put(f"{api}tags/{{tag}}", self._rename_tag),
            web.delete(f"{api}tags/{{tag}}", self._delete_tag),
            web.get(f"{api}message/{{id}}", self._message),
            web.get(f"{api}message/{{id}}/raw", self._raw),
            web.get(f"{api}message/{{id}}/headers", self._headers),
            web.get(f"{api}info", self._info),
            web.get(f"{api}webui", self._webui),
            web.post(f"{webroot}demo/burst", self._burst),
            web.post(f"{webroot}demo/fill", self._fill),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        start, limit = bounds(request)
        if self._is_old:
            rows = [of_old(message.listed()) for message in self._mailbox.listed(start, limit or 50)]
        else:
            rows = [message.listed() for message in self._mailbox.listed(start, limit, before(request))]
        return answer(self._summary(start, rows, self._mailbox.counts()))

    async def _search(self, request: web.Request) -> web.Response:
        start, limit = bounds(request)
        found = self._mailbox.search(query_of(request))
        rows = [message.found() for message in found[start : start + limit]]
        return answer(self._summary(start, rows, (len(found), sum(not message.read for message in found))))

    async def _mark(self, request: web.Request) -> web.Response:
        fields = fields_of(await request.read(), IDs=list, Read=bool, Search=str)
        if query := fields["search"]:
            self._mailbox.mark([message.id for message in self._mailbox.search(query)], read=fields["read"])
        elif ids := fields["ids"]:
            self._mailbox.mark(ids, read=fields["read"])
        else:
            self._mailbox.mark_all(read=fields["read"])
        return ok()

    async def _delete(self, request: web.Request) -> web.Response:
        try:
            ids = fields_of(await request.read(), IDs=list)["ids"]
        except RefusedError:
            ids = None
        if not ids:
            self._mailbox.delete_all()
            return ok()
        try:
            self._mailbox.delete(ids)
        except LookupError as error:
            raise RefusedError(400, str(error)) from None
        return ok()

    async def _delete_found(self, request: web.Request) -> web.Response:
        self._mailbox.delete_found(query_of(request))
        return ok()

    async def _send(self, request: web.Request) -> web.Response:
        try:
            sender, recipients, raw = composed(json.loads(await request.read()))
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            return answer({"Error": str(error)}, status=400)
        raw = stamped(raw, sender=sender, recipients=recipients, message_id=f"{new_id()}@mailpit")
        return answer({"ID": self._mailbox.add(raw)})

    async def _tags(self, _request: web.Request) -> web.Response:
        return answer(list(self._mailbox.tags()))

    async def _set_tags(self, request: web.Request) -> web.Response:
        fields = fields_of(await request.read(), IDs=list, Tags=list)
        self._mailbox.set_tags(fields["ids"], fields["tags"])
        return ok()

    async def _rename_tag(self, request: web.Request) -> web.Response:
        return self._renamed(request, fields_of(await request.read(), Name=str)["name"])

    async def _delete_tag(self, request: web.Request) -> web.Response:
        return self._renamed(request, "")

    async def _message(self, request: web.Request) -> web.Response:
        message = self._wanted(request)
        body = message.full()
        self._mailbox.mark([message.id], read=True)
        return answer(body)

    async def _raw(self, request: web.Request) -> web.Response:
        return web.Response(body=self._wanted(request).raw, headers={"Content-Type": "text/plain; charset=utf-8"})

    async def _headers(self, request: web.Request) -> web.Response:
        return answer({name.title(): values for name, values in self._wanted(request).source.headers.items()})

    async def _info(self, _request: web.Request) -> web.Response:
        total, unread = self._mailbox.counts()
        return answer(
            {
                "Version": VERSION,
                "LatestVersion": "disabled",
                "Database": "",
                "DatabaseSize": 0,
                "Messages": total,
                "Unread": unread,
                "Tags": self._mailbox.tags(),
                "RuntimeStats": dict.fromkeys(_RUNTIME, 0),
            }
        )

    async def _webui(self, _request: web.Request) -> web.Response:
        return answer(
            {
                "Label": self._label,
                "MessageRelay": {"Enabled": False, "PreserveMessageIDs": False, **dict.fromkeys(_RELAY, "")},
                "SpamAssassin": False,
                "ChaosEnabled": False,
                "DuplicatesIgnored": False,
                "HideDeleteAllButton": False,
            }
        )

    async def _burst(self, request: web.Request) -> web.Response:
        """Add `count` messages as fast as they can be sent to clients, and return their IDs."""
        ids = []
        for number in range(int(request.query.get("count", "100"))):
            fields = (f"Message-ID: <{new_id()}@mailpit>", "From: burst@example.test", "To: ann@example.test")
            head = "\r\n".join((*fields, f"Subject: Burst {number}"))
            ids.append(self._mailbox.add(f"{head}\r\n\r\nnumber {number}\r\n".encode()))
            await asyncio.sleep(0)  # let the first frames leave before the queues of clients are full
        return answer({"IDs": ids})

    async def _fill(self, request: web.Request) -> web.Response:
        """Add `count` messages without events."""
        self._mailbox.fill(int(request.query["count"]))
        return ok()

    def _renamed(self, request: web.Request, new: str) -> web.Response:
        try:
            self._mailbox.rename_tag(request.match_info["tag"], new)
        except LookupError as error:
            raise RefusedError(400, str(error)) from None
        return ok()

    def _wanted(self, request: web.Request) -> Stored:
        message = self._mailbox.get(request.match_info["id"])
        if message is None:
            raise RefusedError(404, "404 page not found")
        return message

    def _summary(self, start: int, rows: list[dict[str, Any]], counts: tuple[int, int]) -> dict[str, Any]:
        total, unread = self._mailbox.counts()
        return {
            "total": total,
            "unread": unread,
            "count": len(rows),
            "messages_count": counts[0],
            "messages_unread": counts[1],
            "start": start,
            "tags": list(self._mailbox.tags()),
            "messages": rows,
        }


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
    """Handlers of the web pages of a mailbox."""

    def __init__(self, mailbox: Mailbox, webroot: str) -> None:
        self._mailbox = mailbox
        self._webroot = webroot

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the pages, and a redirect for a webroot without its last slash."""
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
            return _page("Not found", "<p>This message is not in the mailbox.</p>")
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
        return _page(title, f"<ul>{rows}</ul>" if rows else "<p>No messages.</p>")


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
