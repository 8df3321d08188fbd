"""What Mailpit says about a message, as values.

Field names and meaning follow the message summary of Mailpit's API (`new` frames of `/api/events` and
`GET api/v1/messages`). Everything is read tolerantly: the server may be older, newer, or lying, and mail text is
hostile, so each field is checked for its type and bounded before anything else sees it. Pure; any thread.

A sample mail with a code and a link, to see what becomes of mail without a program that sends some.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

MAX_TEXT = 1_000
"""Characters kept of a subject, snippet or name: more than any place here shows."""

MAX_ID = 200
"""Characters of an ID; today's have 22, UUIDs 36. Longer ones are no IDs."""

MAX_ITEMS = 1_000
"""Recipients or tags kept of one message."""

NO_ID = "no-id-"
"""Prefix of the ID that a message without one gets, made of its content so that a repetition is recognised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A mailbox of a From, To, Cc or Bcc header; either part can be empty, never both."""

    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message summary. `created` is aware and in UTC; `size` is in bytes; `attachments` is a count."""

    id: str
    created: datetime
    read: bool = False
    sender: Person | None = None
    to: tuple[Person, ...] = ()
    cc: tuple[Person, ...] = ()
    bcc: tuple[Person, ...] = ()
    subject: str = ""
    snippet: str = ""
    tags: tuple[str, ...] = ()
    username: str = ""
    size: int = 0
    attachments: int = 0

    @property
    def recipients(self) -> tuple[Person, ...]:
        """To, Cc and Bcc in this order, each address once."""
        return tuple({person.address or person.name: person for person in (*self.to, *self.cc, *self.bcc)}.values())


def message_from(data: Any, received: datetime) -> Message:
    """Read a summary; never raises. `received` (aware) stands in for a missing or unreadable `Created`."""
    fields = data if isinstance(data, dict) else {}
    sender = person_from(fields.get("From"))
    return Message(
        id=id_from(fields.get("ID")) or _made_up_id(data),
        created=_created(fields.get("Created")) or received,
        read=fields.get("Read") is True,
        sender=sender,
        to=_people(fields.get("To")),
        cc=_people(fields.get("Cc")),
        bcc=_people(fields.get("Bcc")),
        subject=_text(fields.get("Subject")),
        snippet=_text(fields.get("Snippet")),
        tags=tags_from(fields.get("Tags")) or (),
        username=_text(fields.get("Username")),
        size=count_from(fields.get("Size")) or 0,
        attachments=count_from(fields.get("Attachments")) or 0,
    )


def id_from(value: Any) -> str:
    """An ID as the server wrote it, or "" for what cannot be one."""
    return value if isinstance(value, str) and 0 < len(value) <= MAX_ID and value.isprintable() else ""


def count_from(value: Any) -> int | None:
    """A number that counts something, or None. JSON's `true` is no number, and neither is a float or a negative."""
    return value if type(value) is int and 0 <= value < 2**63 else None


def tags_from(value: Any) -> tuple[str, ...] | None:
    """Tags, or None where the field says nothing about them."""
    if not isinstance(value, list):
        return None
    return tuple(text for item in value[:MAX_ITEMS] if (text := _text(item)))


def person_from(value: Any) -> Person | None:
    """A mailbox, or None where neither name nor address is there."""
    if not isinstance(value, dict):
        return None
    name, address = _text(value.get("Name")), _text(value.get("Address"))
    return Person(name=name, address=address) if name or address else None


def _people(value: Any) -> tuple[Person, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(person for item in value[:MAX_ITEMS] if (person := person_from(item)))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        return ""
    # JSON can hold half a surrogate pair, which neither D-Bus nor a log file can encode.
    return value[:MAX_TEXT].encode("utf-8", "replace").decode()


def _created(value: Any) -> datetime | None:
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        created = datetime.fromisoformat(value)
        return created.astimezone(UTC) if created.tzinfo else created.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _made_up_id(data: Any) -> str:
    return NO_ID + blake2b(repr(data).encode("utf-8", "replace"), digest_size=8).hexdigest()


RECIPIENT = "ann@example.test"


def _code() -> str:
    import secrets  # the recipient alone is read at every start

    return f"{secrets.randbelow(1_000_000):06}"


def _link() -> str:
    import secrets

    return f"https://acme.test/confirm?token={secrets.token_hex(8)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleMessage:
    """One of its own each time. Its `code` stands at the beginning of its text, and so in Mailpit's snippet."""

    to: str = RECIPIENT
    subject: str = "Your Acme code"
    code: str = field(default_factory=_code)
    link: str = field(default_factory=_link)

    def body(self) -> dict[str, Any]:
        """The mail in the form that `POST api/v1/send` takes."""
        html = f'<p>Your code is <b>{self.code}</b>.</p><p>Or <a href="{self.link}">confirm your address</a>.</p>'
        return {
            "From": {"Name": "Acme", "Email": "no-reply@acme.test"},
            "To": [{"Email": self.to}],
            "Subject": self.subject,
            "Text": f"Your code is {self.code}.\n\nOr confirm your address here: {self.link}\n",
            "HTML": html,
        }
