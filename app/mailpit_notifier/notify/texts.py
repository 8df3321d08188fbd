"""What notifications say: a message -> a Notice in the user's language.

Apart from the ways of showing one, none of which knows Qt; the sentences are here because translating is Qt's. Words
only: screen readers speak arrows and dots. In development every mail is from noreply@, so the recipient leads.
"""

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.core.text import plain
from mailpit_notifier.mailpit.model import Message

from .notice import Notice

MAX_TITLE = 120
MAX_BODY = 250
"""Characters before escaping; more is not shown anywhere, and some services slow down."""

MAX_PERSON = 50
MAX_SERVER = 24
"""Characters of one address and of a server's name, so that neither pushes out what follows."""


def message_notice(server_url: str, message: Message, server_name: str = "") -> Notice:
    """The notification of one mail. `server_name` leads the body where there are several servers."""
    lines = [_who(message, plain(server_name, MAX_SERVER))]
    lines.append(plain(message.snippet, MAX_BODY - len(lines[0]) - 1))
    return Notice(
        key=(server_url, message.id),
        title=plain(message.subject, MAX_TITLE) or QCoreApplication.translate("notify", "(no subject)"),
        body="\n".join(filter(None, lines)),
    )


def default_label() -> str:
    """The words for a click on the notification itself, for services that list it as a button."""
    return QCoreApplication.translate("notify", "Open")


def _who(message: Message, server_name: str) -> str:
    people = _people(message)
    return ": ".join(filter(None, (server_name, people)))


def _people(message: Message) -> str:
    recipients = message.recipients
    addresses = (plain(person.address or person.name, MAX_PERSON) for person in recipients)
    first, others = next(filter(None, addresses), ""), len(recipients) - 1
    if first and others:
        # %n is filled in before the address: an address may hold «%n».
        text = QCoreApplication.translate("notify", "To {address} and %n more", None, others)
        return text.format(address=first)
    if first:
        return QCoreApplication.translate("notify", "To {address}").format(address=first)
    sender = message.sender
    name = plain(sender.name or sender.address, MAX_PERSON) if sender else ""
    return QCoreApplication.translate("notify", "From {person}").format(person=name) if name else ""
