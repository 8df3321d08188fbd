"""What notifications say: a message -> a Notice in the user's language.

Apart from the ways of showing one, none of which knows Qt; the sentences are here because translating is Qt's. Words
only: screen readers speak arrows and dots. In development every mail is from noreply@, so the recipient leads.
"""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.core.status import ServerStatus
from mailpit_notifier.core.text import plain
from mailpit_notifier.mailpit.model import Message

from .notice import Notice

MAX_TITLE = 120
MAX_BODY = 250
"""Characters before escaping; more is not shown anywhere, and some services slow down."""

AWAY = ("", "")
"""Key of the summary of what was missed."""

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


def away_notice(missed: Sequence[tuple[str, int]], newest: Message) -> Notice:
    """The summary of what came while nobody listened: server names ("" for the only one) and how many mails of each."""
    total = sum(count for _, count in missed)
    title = QCoreApplication.translate("notify", "%n mails while you were away", None, total)
    if len(missed) > 1:
        body = ", ".join(f"{plain(name, MAX_SERVER)} {count}" for name, count in missed)
    else:
        subject = plain(newest.subject, MAX_TITLE) or QCoreApplication.translate("notify", "(no subject)")
        body = QCoreApplication.translate("notify", "Newest: {subject}").format(subject=subject)
        if newest.recipients:
            to = plain(newest.recipients[0].address or newest.recipients[0].name, MAX_PERSON)
            body = QCoreApplication.translate("notify", "{newest}, to {address}").format(newest=body, address=to)
    return Notice(key=AWAY, title=title, body=plain(body, MAX_BODY))


def outage_notice(status: ServerStatus) -> Notice:
    """A server on another machine has been gone for long."""
    title = QCoreApplication.translate("notify", "{server} is not connected")
    sentence = QCoreApplication.translate("Fault", status.fault.sentence) if status.fault else ""
    return Notice(
        key=(status.url, ""),
        title=title.format(server=plain(status.name, MAX_SERVER)),
        body=sentence[:1].upper() + sentence[1:],
    )


def config_notice(sentence: str) -> Notice:
    """The configuration, or a part of it, cannot be used."""
    title = QCoreApplication.translate("notify", "The configuration needs a look")
    return Notice(key=("config", ""), title=title, body=plain(sentence, MAX_BODY))


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
