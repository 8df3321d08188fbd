"""The sentences of tray and window about mails and servers.

Mail text is hostile: whatever comes out of here is one line, bounded, without control or bidi characters. It is still
plain text: sinks that read markup or mnemonics need their own escaping.
"""

from datetime import datetime

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.core.text import plain
from mailpit_notifier.mailpit.model import Message, Person

from .ages import absolute, spoken_age

LONG, SHORT = 300, 80
"""Characters: more than a wide window shows of a subject, and enough of an address or a name."""


def subject(message: Message, limit: int = LONG) -> str:
    """The subject, or words saying that there is none."""
    return plain(message.subject, limit) or QCoreApplication.translate("Mail", "(no subject)")


def recipient(message: Message) -> str:
    """The first recipient's address, "" when the mail has none."""
    return mailbox(message.recipients[0]) if message.recipients else ""


def sender(message: Message) -> str:
    """The sender's name, else the address, else ""."""
    person = message.sender
    return (plain(person.name, SHORT) or plain(person.address, SHORT)) if person else ""


def mailbox(person: Person) -> str:
    """The address, or the name of somebody without one."""
    return plain(person.address, SHORT) or plain(person.name, SHORT)


def spoken(message: Message, server: str, now: datetime) -> str:
    """A row for a screen reader. `server` is "" when there is only one."""
    return ", ".join(part for part in _spoken_parts(message, server, now) if part)


def details(message: Message, server: str) -> str:
    """What a row has no room for, to be shown on hover. The first line is a date, so Qt takes it for plain text."""
    translate = QCoreApplication.translate
    lines = [absolute(message.created)]
    if message.sender:
        lines.append(translate("Mail", "From {0}").format(mailbox(message.sender)))
    if message.recipients:
        shown = ", ".join(mailbox(person) for person in message.recipients[:8])
        lines.append(translate("Mail", "To {0}").format(shown + (" …" if len(message.recipients) > 8 else "")))
    if server:
        lines.append(translate("Mail", "In {0}").format(server))
    return "\n".join(lines)


def server_line(status: ServerStatus) -> str:
    """One server in a line, e.g. `localhost:8025: connected, 3 unread of 340`."""
    return f"{status.name}: {_state(status)}"


def trouble(status: ServerStatus) -> str:
    """What is wrong with a server and what to do, as a sentence to follow its name; "" while nothing is."""
    if status.fault is not None and status.link is not Link.CONNECTED:
        return QCoreApplication.translate("Fault", status.fault.sentence)
    return QCoreApplication.translate("Server", "not connected.") if status.link is Link.DISCONNECTED else ""


def counts(statuses: tuple[ServerStatus, ...]) -> str:
    """Unread and total of the servers together, "" as long as none told them."""
    known = [(status.unread, status.total) for status in statuses if status.total is not None]
    if not known:
        return ""
    unread, total = sum(unread or 0 for unread, _ in known), sum(total for _, total in known)
    return QCoreApplication.translate("Server", "{0} unread of {1}").format(unread, total)


def menu_text(text: str) -> str:
    """For menus and buttons, where & marks the access key."""
    return text.replace("&", "&&")


def is_reached(status: ServerStatus) -> bool:
    """Whether mail from this server gets here, at once or by polling."""
    return status.link in {Link.CONNECTED, Link.POLLING}


def is_failing(status: ServerStatus) -> bool:
    """Whether a server is not reached for a reason that is known; one that connects for the first time is neither."""
    return not is_reached(status) and (status.fault is not None or status.link is Link.DISCONNECTED)


def _state(status: ServerStatus) -> str:
    translate = QCoreApplication.translate
    numbers = counts((status,))
    match status.link:
        case Link.CONNECTED:
            return ", ".join(filter(None, (translate("Server", "connected"), numbers)))
        case Link.POLLING:
            return ", ".join(filter(None, (translate("Server", "connected without live updates"), numbers)))
        case Link.CONNECTING if status.fault is None:
            return translate("Server", "connecting")
    return trouble(status)


def _spoken_parts(message: Message, server: str, now: datetime) -> tuple[str, ...]:
    translate = QCoreApplication.translate
    more = len(message.recipients) - 1
    to = translate("Mail", "to {0}").format(recipient(message)) if message.recipients else ""
    files = message.attachments
    return (
        subject(message),
        translate("Mail", "{0} and {1} more").format(to, more) if more > 0 else to,
        server,
        spoken_age(message.created, now),
        "" if message.read else translate("Mail", "unread"),
        translate("Mail", "1 attachment") if files == 1 else "",
        translate("Mail", "{0} attachments").format(files) if files > 1 else "",
    )
