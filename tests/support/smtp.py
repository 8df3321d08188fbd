"""Sends messages to a server under test: one, with its ID, or many in one pipelined connection."""

import re
import smtplib
import socket
from collections.abc import Iterable, Sequence
from email.message import EmailMessage
from email.policy import SMTP

SECONDS = 20.0


def compose(
    subject: str = "Hello",
    to: str | Sequence[str] = "ann@example.test",
    sender: str = "Acme <no-reply@acme.test>",
    text: str = "Hello.\n",
    html: str = "",
    attachments: Sequence[tuple[str, bytes]] = (),
    **headers: str,
) -> bytes:
    """Return the source of a message. `headers` are added, with _ for -."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    if to:
        message["To"] = to if isinstance(to, str) else ", ".join(to)
    message["Subject"] = subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for name, content in attachments:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def send(port: int, source: bytes, recipients: Iterable[str], sender: str = "sender@example.test") -> str:
    """Send one message; return the ID that the server gave it."""
    with smtplib.SMTP("127.0.0.1", port, "localhost", timeout=SECONDS) as client:
        client.ehlo()
        client.mail(sender, ["SMTPUTF8"])
        for recipient in recipients:
            code, answer = client.rcpt(recipient)
            assert code == 250, answer
        code, answer = client.data(source)
    found = re.search(rb"queued as (\S+)", answer)
    assert code == 250, answer
    assert found, answer
    return found[1].decode()


def send_many(port: int, sources: Sequence[bytes], recipient: str = "ann@example.test") -> list[str]:
    """Send messages pipelined in one connection at full rate; return their IDs in order."""
    envelope = f"MAIL FROM:<sender@example.test>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n".encode()
    with socket.create_connection(("127.0.0.1", port), SECONDS) as connection:
        connection.sendall(b"EHLO localhost\r\n")
        answers = connection.makefile("rb")
        while not answers.readline().startswith(b"250 "):
            pass
        ids: list[str] = []
        for start in range(0, len(sources), 20):
            batch = sources[start : start + 20]
            connection.sendall(b"".join(envelope + source.rstrip(b"\r\n") + b"\r\n.\r\n" for source in batch))
            ids += [_queued(answers.readline) for _ in batch]
        answers.close()
    return ids


def _queued(readline: object) -> str:
    assert callable(readline)
    while line := readline():
        assert line[:1] in b"23", line
        if b"queued as " in line:
            return str(line.split()[-1].decode())
    raise AssertionError("the server closed the connection")
