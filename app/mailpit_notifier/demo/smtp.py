"""The stand-in's SMTP side: takes every mail, and tells clients of what it refused, in Mailpit's words."""

import asyncio
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from .hub import Hub
from .mailbox import Mailbox, new_id
from .source import received, stamped

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
        await asyncio.sleep(0)  # pipelined mails would otherwise fill every client's queue before a frame left
        return f"250 2.0.0 Ok: queued as {message_id}"


async def listen(mailbox: Mailbox, hub: Hub, host: str, port: int) -> int:
    """Serve until the loop ends; returns the port."""
    handler = _Handler(mailbox)
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(handler, hub), host, port)
    return int(server.sockets[0].getsockname()[1])


def _ip(peer: Any) -> str:
    return str(peer[0]) if isinstance(peer, tuple) else ""
