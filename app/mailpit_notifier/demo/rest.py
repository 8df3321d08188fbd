"""The REST calls of Mailpit that clients of ours use, and two of the stand-in's own: a burst and a full mailbox."""

import asyncio
import json
from typing import Any

from aiohttp import web

from .compose import composed
from .envelope import stamped
from .exchange import RefusedError, answer, before, bounds, fields_of, ok, query_of
from .mailbox import Mailbox, new_id
from .message import Stored, of_old
from .version import VERSION

_RUNTIME = (
    *("Uptime", "Memory", "MessagesDeleted"),
    *("SMTPAccepted", "SMTPAcceptedSize", "SMTPRejected", "SMTPIgnored"),
)
_RELAY = (
    *("SMTPServer", "ReturnPath", "AllowedRecipients"),
    *("BlockedRecipients", "OverrideFrom", "RecipientAllowlist"),
)


class Rest:
    """Handlers over one mailbox."""

    def __init__(self, mailbox: Mailbox, *, label: str, is_old: bool) -> None:
        self._mailbox = mailbox
        self._label = label
        self._is_old = is_old

    def routes(self, webroot: str) -> list[web.RouteDef]:
        """All calls, below the webroot."""
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
        """Store `count` mails as fast as they can be broadcast, and tell their IDs."""
        ids = []
        for number in range(int(request.query.get("count", "100"))):
            fields = (f"Message-ID: <{new_id()}@mailpit>", "From: burst@example.test", "To: ann@example.test")
            head = "\r\n".join((*fields, f"Subject: Burst {number}"))
            ids.append(self._mailbox.add(f"{head}\r\n\r\nnumber {number}\r\n".encode()))
            await asyncio.sleep(0)  # else every client's queue would be full before the first frame left
        return answer({"IDs": ids})

    async def _fill(self, request: web.Request) -> web.Response:
        """Have `count` mails more, one each half a second until now, without telling anyone."""
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
