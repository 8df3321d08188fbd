"""Messages as values, read from Mailpit's message summaries; and the sample message that the program can send.

Fields have the names and meaning of Mailpit's API (`new` frames of `/api/events` and `GET api/v1/messages`). The server
may be older, newer or hostile, so each field is checked for its type and limited in size here. Pure; any thread.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mailpit_notifier.runtime.openssl import blake2b

MAX_TEXT = 1_000
"""Characters kept of a subject, snippet or name; no view shows more."""

MAX_ID = 200
"""Characters of an ID: today's have 22, UUIDs 36. A longer one is ignored."""

MAX_ITEMS = 1_000
"""Recipients or tags kept of one message."""

NO_ID = "no-id-"
"""Prefix of the ID given to a message without one. The rest is a hash of its content, so that repetitions are found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A sender or recipient; name or address may be empty, not both."""

    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message summary. `created` is aware and in UTC, `size` is in bytes, `attachments` is a count.

    `other_addresses`: those of recipients that were left out of the fields, one on each line. Rows have some.
    """

    id: str
    created: datetime
    read: bool = False
    sender: Person | None = None
    to: tuple[Person, ...] = ()
    cc: tuple[Person, ...] = ()
    bcc: tuple[Person, ...] = ()
    other_addresses: str = ""
    subject: str = ""
    snippet: str = ""
    tags: tuple[str, ...] = ()
    username: str = ""
    size: int = 0
    attachments: int = 0

    @property
    def recipients(self) -> tuple[Person, ...]:
        """To, Cc and Bcc in this order, without repeated addresses."""
        return tuple({person.address or person.name: person for person in (*self.to, *self.cc, *self.bcc)}.values())


def message_from(data: Any, received: datetime) -> Message:
    """Read a summary; never raises. `received` (aware) is used if `Created` is missing or invalid."""
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
    """Return an ID as the server sent it, "" for an invalid one."""
    return value if isinstance(value, str) and 0 < len(value) <= MAX_ID and value.isprintable() else ""


def count_from(value: Any) -> int | None:
    """Return a count, None for anything but a non-negative 63-bit integer: not JSON's `true`, not 1.0."""
    return value if type(value) is int and 0 <= value < 2**63 else None


def tags_from(value: Any) -> tuple[str, ...] | None:
    """Return the tags, None if the field is not a list."""
    if not isinstance(value, list):
        return None
    return tuple(text for item in value[:MAX_ITEMS] if (text := _text(item)))


def person_from(value: Any) -> Person | None:
    """Return a person, None without name and address."""
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
    # JSON may contain half a surrogate pair, which cannot be encoded for D-Bus or a log file.
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
    import secrets  # not at every start, which only needs RECIPIENT

    return f"{secrets.randbelow(1_000_000):06}"


def _link() -> str:
    import secrets

    return f"https://acme.test/confirm?token={secrets.token_hex(8)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleMessage:
    """A message with a random code and link. The code is at the start of the text, so that Mailpit's snippet has it."""

    to: str = RECIPIENT
    subject: str = "Your Acme code"
    code: str = field(default_factory=_code)
    link: str = field(default_factory=_link)

    def body(self) -> dict[str, Any]:
        """Return the body for `POST api/v1/send`."""
        html = f'<p>Your code is <b>{self.code}</b>.</p><p>Or <a href="{self.link}">confirm your address</a>.</p>'
        return {
            "From": {"Name": "Acme", "Email": "no-reply@acme.test"},
            "To": [{"Email": self.to}],
            "Subject": self.subject,
            "Text": f"Your code is {self.code}.\n\nOr confirm your address here: {self.link}\n",
            "HTML": html,
        }
