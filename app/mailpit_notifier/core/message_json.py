"""A message as JSON for programs: `wait --print json` prints it and a rule's command reads it. Its keys are stable."""

from typing import Any

from mailpit_notifier.findings.result import Findings
from mailpit_notifier.protocol.model import Message, Person


def message_as_json(server: str, url: str, message: Message, found: Findings) -> dict[str, Any]:
    """Return the fields of a message. `server` is the server's name, `url` the message's address in the web UI."""
    return {
        "id": message.id,
        "server": server,
        "url": url,
        "created": message.created.isoformat(timespec="milliseconds"),
        "from": _person(message.sender or Person()),
        "to": [_person(person) for person in message.to],
        "cc": [_person(person) for person in message.cc],
        "bcc": [_person(person) for person in message.bcc],
        "subject": message.subject,
        "snippet": message.snippet,
        "tags": list(message.tags),
        "attachments": message.attachments,
        "size": message.size,
        "code": found.code,
        "link": found.link,
    }


def _person(person: Person) -> dict[str, str]:
    return {"name": person.name, "address": person.address}
