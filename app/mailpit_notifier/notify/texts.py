"""What notifications say: a message -> a Notice in the user's language.

Apart from the ways of showing one, none of which knows Qt; the sentences are here because translating is Qt's. Words
only: screen readers speak arrows and dots. In development every mail is from noreply@, so the recipient leads.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.core.found import NOTHING, Findings
from mailpit_notifier.core.status import ServerStatus
from mailpit_notifier.core.text import plain
from mailpit_notifier.mailpit.model import NO_ID, Message

from .notice import COPY, LINK, READ, Action, Notice, Urgency

MAX_TITLE = 120
MAX_BODY = 250
"""Characters before escaping; more is not shown anywhere, and some services slow down."""

AWAY = ("", "")
"""Key of the summary of what was missed."""

MAX_CODE, MAX_HOST = 40, 24
"""Characters of a code and of a host, on a button."""

MAX_PERSON = 50
MAX_SERVER = 24
"""Characters of one address and of a server's name, so that neither pushes out what follows."""


def message_notice(
    server_url: str, message: Message, server_name: str = "", found: Findings = NOTHING, *, update: bool = False
) -> Notice:
    """The notification of one mail. `server_name` leads the body where there are several servers.

    `found` is the mail's code and link, as far as known; an `update` that completes it must not pop up again.
    """
    lines = [_who(message, plain(server_name, MAX_SERVER), found.code)]
    lines.append(plain(message.snippet, MAX_BODY - len(lines[0]) - 1))
    return Notice(
        key=(server_url, message.id),
        title=plain(message.subject, MAX_TITLE) or QCoreApplication.translate("notify", "(no subject)"),
        body="\n".join(filter(None, lines)),
        actions=_buttons(message, found),
        urgency=Urgency.LOW if update else Urgency.NORMAL,
    )


def _buttons(message: Message, found: Findings) -> tuple[Action, ...]:
    buttons = []
    if found.code:
        label = QCoreApplication.translate("notify", "Copy {code}").format(code=found.code)
        buttons.append(Action(key=COPY, label=label))
    if found.link and (host := urlsplit(found.link).hostname):
        # The end of a host says whose it is.
        shown = host if len(host) <= MAX_HOST else "…" + host[-MAX_HOST:]
        buttons.append(Action(key=LINK, label=QCoreApplication.translate("notify", "Open {host}").format(host=shown)))
    if not message.id.startswith(NO_ID):
        buttons.append(Action(key=READ, label=QCoreApplication.translate("notify", "Mark read")))
    return tuple(buttons)


def away_notice(missed: Sequence[tuple[str, int]], newest: Message) -> Notice:
    """The summary of what came while nobody listened: server names ("" for the only one) and how many mails of each."""
    total = sum(count for _, count in missed)
    title = QCoreApplication.translate("notify", "%n mails while you were away", None, total)
    several = ", ".join(f"{plain(name, MAX_SERVER)} {count}" for name, count in missed) if len(missed) > 1 else ""
    return Notice(key=AWAY, title=title, body=plain(several or _newest(newest), MAX_BODY))


def burst_notice(server_url: str, server_name: str, count: int, newest: Message, urgency: Urgency) -> Notice:
    """The summary of a burst, so far. `server_name` is "" while there is only one server."""
    if count == 1:
        title = QCoreApplication.translate("notify", "1 new mail")
    else:
        title = QCoreApplication.translate("notify", "%n new mails", None, count)
    if name := plain(server_name, MAX_SERVER):
        title = QCoreApplication.translate("notify", "{mails} in {server}").format(mails=title, server=name)
    return Notice(key=(server_url, ""), title=title, body=plain(_newest(newest), MAX_BODY), urgency=urgency)


def _newest(message: Message) -> str:
    subject = plain(message.subject, MAX_TITLE) or QCoreApplication.translate("notify", "(no subject)")
    if not message.recipients:
        return QCoreApplication.translate("notify", "Newest: {subject}").format(subject=subject)
    to = plain(message.recipients[0].address or message.recipients[0].name, MAX_PERSON)
    return QCoreApplication.translate("notify", "Newest: {subject}, to {address}").format(subject=subject, address=to)


def outage_notice(status: ServerStatus) -> Notice:
    """A server on another machine has been gone for long."""
    title = QCoreApplication.translate("notify", "{server} is not connected")
    sentence = QCoreApplication.translate("Fault", status.fault.sentence) if status.fault else ""
    return Notice(
        key=("outage", status.url),
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


def _who(message: Message, server_name: str, code: str | None) -> str:
    people = _people(message)
    if code:
        # As in a sentence: «Code 482913, to ann@example.com».
        lead = QCoreApplication.translate("notify", "Code {code}").format(code=plain(code, MAX_CODE))
        people = ", ".join(filter(None, (lead, people[:1].lower() + people[1:])))
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
