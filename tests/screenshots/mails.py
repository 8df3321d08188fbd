"""Stand-in servers with the sample messages of look.py, dated like those, so that pictures are the same each time.

The content arrives in the usual way: the source is on the server, and the application fetches and parses it.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from email.message import Message as Source
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

from mailpit_notifier.demo.message import Stored, save
from mailpit_notifier.demo.message_source import read
from mailpit_notifier.protocol.model import Message, Person
from standin import StandIn

CONFIRM = '<p>{text}</p><p><a href="https://acme.test/confirm/8f3a2c">Confirm your e-mail address</a></p>'


@contextmanager
def server(messages: Iterable[Message] = (), **options: str) -> Iterator[StandIn]:
    """Run a server with these messages."""
    started = StandIn(**options)
    save(started.database, [_stored(number, message) for number, message in enumerate(messages)])
    with started:
        yield started


def _stored(number: int, message: Message) -> Stored:
    raw = _source(message).as_bytes()
    created = int(message.created.timestamp() * 1e9)
    return Stored(
        id=f"sample{number:016d}",
        created=created,
        raw=raw,
        source=read(raw),
        tags=list(message.tags),
        read=message.read,
    )


def _source(message: Message) -> Source:
    source = MIMEMultipart()
    if message.sender:
        source["From"] = _mailbox(message.sender)
    if message.to:
        source["To"] = ", ".join(map(_mailbox, message.to))
    source["Subject"] = _encoded(message.subject)
    source.attach(MIMEText(message.snippet, "plain", "utf-8"))
    if message.subject.startswith("Confirm"):
        source.attach(MIMEText(CONFIRM.format(text=message.snippet), "html", "utf-8"))
    for number in range(message.attachments):
        part = MIMEApplication(b"sample")
        part.add_header("Content-Disposition", "attachment", filename=f"{number}.pdf")
        source.attach(part)
    return source


def _mailbox(person: Person) -> str:
    return f"{_encoded(person.name)} <{person.address}>" if person.name else person.address


def _encoded(text: str) -> str:
    """Encode text for a header in a form that keeps every character."""
    return f"=?utf-8?b?{b64encode(text.encode()).decode()}?=" if text else ""
