"""A message as JSON: its keys and values are stable."""

import json
from datetime import UTC, datetime

from mailpit_notifier.core.contents import message_as_json
from mailpit_notifier.findings.result import Findings
from mailpit_notifier.protocol.model import Message, Person

NOON = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)


def test_a_message_has_all_that_is_known_of_it() -> None:
    message = Message(
        id="A1",
        created=NOON,
        sender=Person(name="Acme", address="noreply@acme.test"),
        to=(Person(name="Ann", address="ann@example.test"),),
        cc=(Person(address="cc@example.test"),),
        bcc=(Person(address="bcc@example.test"),),
        subject="Your code",
        snippet="482913",
        tags=("ci", "x"),
        size=2_000,
        attachments=1,
    )
    result = message_as_json("shop", "http://x/view/A1", message, Findings(code="482913", link="https://acme.test/v"))
    assert json.loads(json.dumps(result)) == {
        "id": "A1",
        "server": "shop",
        "url": "http://x/view/A1",
        "created": "2026-11-22T12:00:00.123+00:00",
        "from": {"name": "Acme", "address": "noreply@acme.test"},
        "to": [{"name": "Ann", "address": "ann@example.test"}],
        "cc": [{"name": "", "address": "cc@example.test"}],
        "bcc": [{"name": "", "address": "bcc@example.test"}],
        "subject": "Your code",
        "snippet": "482913",
        "tags": ["ci", "x"],
        "attachments": 1,
        "size": 2_000,
        "code": "482913",
        "link": "https://acme.test/v",
    }


def test_a_message_of_which_nothing_is_known_has_the_same_keys() -> None:
    result = message_as_json("", "", Message(id="A2", created=NOON), Findings())
    assert (result["from"], result["to"], result["tags"]) == ({"name": "", "address": ""}, [], [])
    assert (result["code"], result["link"]) == (None, None)
