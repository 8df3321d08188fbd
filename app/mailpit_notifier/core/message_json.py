"""A mail as JSON for programs: what `wait --print json` prints and a rule's command reads. Its keys are a promise."""

from typing import Any

from mailpit_notifier.findings.result import Findings
from mailpit_notifier.protocol.model import Message, Person


def message_as_json(server: str, url: str, message: Message, found: Findings) -> dict[str, Any]:
    """The fields of a mail, from the server of this name, with this address in its web UI."""
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
