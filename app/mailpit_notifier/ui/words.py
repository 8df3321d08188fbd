"""The sentences of tray and windows about messages and servers.

Message text is hostile: every function returns one line of limited length without control or bidi characters. The
result is still plain text: `menu_text`, `bus_menu_text` and `tooltip_text` escape it for sinks that interpret
mnemonics or markup. Ages have a short form for rows and one in words for screen readers; the caller passes the time.
"""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from mailpit_notifier.core.limits import Suppression, SuppressionReason
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.findings.result import NOTHING, Findings
from mailpit_notifier.findings.web_link import shown_host, shown_link
from mailpit_notifier.protocol.faults import Fault
from mailpit_notifier.protocol.model import Message, Person
from mailpit_notifier.runtime.text import line, lines, plain

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def short_age(created: datetime, now: datetime) -> str:
    """Return `now`, `12 min`, `3 h` or `2 d`. A time in the future (the server's clock is ahead) is `now`."""
    seconds = (now - created).total_seconds()
    if seconds < _MINUTE:
        return QCoreApplication.translate("Age", "now")
    if seconds < _HOUR:
        return QCoreApplication.translate("Age", "{0} min").format(int(seconds // _MINUTE))
    if seconds < _DAY:
        return QCoreApplication.translate("Age", "{0} h").format(int(seconds // _HOUR))
    return QCoreApplication.translate("Age", "{0} d").format(int(seconds // _DAY))


def spoken_age(created: datetime, now: datetime) -> str:
    """Return the age in words, for screen readers."""
    minutes = int((now - created).total_seconds() // _MINUTE)
    if minutes < 1:
        return QCoreApplication.translate("Age", "just now")
    if minutes == 1:
        return QCoreApplication.translate("Age", "1 minute ago")
    if minutes < 60:
        return QCoreApplication.translate("Age", "{0} minutes ago").format(minutes)
    hours = minutes // 60
    if hours == 1:
        return QCoreApplication.translate("Age", "1 hour ago")
    if hours < 24:
        return QCoreApplication.translate("Age", "{0} hours ago").format(hours)
    if hours < 48:
        return QCoreApplication.translate("Age", "1 day ago")
    return QCoreApplication.translate("Age", "{0} days ago").format(hours // 24)


def absolute(created: datetime) -> str:
    """Return date and time in the local time zone, the date in the format of the locale."""
    local = QDateTime.fromSecsSinceEpoch(int(created.timestamp()))
    # Not Qt's long format of a time, which ends with the full name of the time zone.
    return f"{QLocale().toString(local.date(), QLocale.FormatType.LongFormat)} {local.time().toString('HH:mm:ss')}"


LONG, SHORT = 300, 80
"""Characters: LONG for subjects and snippets, more than a wide window shows; SHORT for addresses and names."""


def subject(message: Message, limit: int = LONG) -> str:
    """Return the subject, or a placeholder if it is empty."""
    return plain(message.subject, limit) or QCoreApplication.translate("Message", "(no subject)")


def recipient(message: Message) -> str:
    """Return the first recipient's address, "" if there is none."""
    return mailbox(message.recipients[0]) if message.recipients else ""


def sender(message: Message) -> str:
    """Return the sender's name, else the address, else ""."""
    person = message.sender
    return (plain(person.name, SHORT) or plain(person.address, SHORT)) if person else ""


def mailbox(person: Person) -> str:
    """Return the address, else the name."""
    return plain(person.address, SHORT) or plain(person.name, SHORT)


def code(found: Findings) -> str:
    """Return the code as displayed, "" if there is none."""
    return plain(found.code or "", SHORT)


def link(found: Findings, limit: int = SHORT) -> str:
    """Return host and path of the link, "" if there is none. The end of the host, which identifies it, is never cut."""
    return shown_link(found.link, limit) if found.link else ""


def full_mailbox(person: Person) -> str:
    """Return name and address, or the one that there is."""
    name, address = plain(person.name, SHORT), plain(person.address, SHORT)
    return f"{name} <{address}>" if name and address else name or address


MAX_PEOPLE = 20
"""People that are named in full; a message can have thousands of recipients."""


def people(persons: tuple[Person, ...]) -> str:
    """Return the mailboxes of these people, the first ones if they are many."""
    shown = ", ".join(map(full_mailbox, persons[:MAX_PEOPLE]))
    more = len(persons) - MAX_PEOPLE
    return QCoreApplication.translate("Message", "{0} and {1} more").format(shown, more) if more > 0 else shown


def data_size(size: int) -> str:
    """Return a number of bytes in the format of the locale, such as 12 kB."""
    return QLocale().formattedDataSize(size, 1 if size >= 1_000_000 else 0, QLocale.DataSizeFormat.DataSizeSIFormat)


def spelled(code: str) -> str:
    """Return a code for screen readers, which would read its digits as one number."""
    return " ".join(code.replace(" ", ""))


def accessible_text(message: Message, server: str, availability: str, now: datetime, found: Findings = NOTHING) -> str:
    """Return a row for screen readers. `server` is "" if there is only one, `availability` is `availability_note()`."""
    return ", ".join(part for part in _accessible_parts(message, server, availability, now, found) if part)


def details(message: Message, server: str, availability: str, reason: SuppressionReason | None = None) -> str:
    """Return the tooltip of a row. The first line is a date, so Qt does not take it for markup.

    `reason`: why the message got no notification of its own.
    """
    translate = QCoreApplication.translate
    lines = [absolute(message.created)]
    if message.sender:
        lines.append(translate("Message", "From {0}").format(full_mailbox(message.sender)))
    if message.recipients:
        shown = ", ".join(mailbox(person) for person in message.recipients[:8])
        lines.append(translate("Message", "To {0}").format(shown + (" …" if len(message.recipients) > 8 else "")))
    if server:
        lines.append(translate("Message", "In {0}").format(", ".join(filter(None, (server, availability)))))
    if reason:
        lines.append(suppression_text(reason))
    return "\n".join(lines)


def suppression_text(reason: SuppressionReason) -> str:
    """Return why a message got no notification of its own, as a sentence."""
    match reason.why:
        case Suppression.RULE:
            text = QCoreApplication.translate("Message", 'No notification because of the rule "{0}".')
            return text.format(plain(reason.rule, SHORT))
        case Suppression.PAUSED:
            return QCoreApplication.translate("Message", "Arrived while notifications were paused.")
        case Suppression.MUTED:
            return QCoreApplication.translate("Message", "Arrived while this server was muted.")
        case Suppression.BURST:
            return QCoreApplication.translate("Message", "Arrived in a burst that was shown as one notification.")
    return QCoreApplication.translate("Message", "Arrived while disconnected.")


def server_line(status: ServerStatus) -> str:
    """Return a line about a server, for example `localhost:8025: connected, 3 unread of 340`."""
    return f"{status.name}: {_state(status)}"


def menu_line(status: ServerStatus) -> str:
    """Return a server's entry in the tray's menu, for example `shop: 3 unread`. States are left out unless wrong."""
    return ": ".join(filter(None, (plain(status.name, SHORT), menu_state(status))))


def menu_state(status: ServerStatus) -> str:
    """Return what follows the name in `menu_line`; "" for a server without unread messages.

    Of a problem it is the first sentence: the window, which the entry opens then, shows what to do.
    """
    translate = QCoreApplication.translate
    if is_failing(status):
        return problem(status).partition(". ")[0].removesuffix(".")
    unread = translate("Server", "{0} unread").format(status.unread) if status.unread else ""
    muted = translate("Server", "muted") if status.muted_until else ""
    wrong = _impairment(status).partition(". ")[0].removesuffix(".")
    return "; ".join(filter(None, (", ".join(filter(None, (unread, muted))), wrong)))


def problem(status: ServerStatus) -> str:
    """Return the problem of a server and what to do, to follow its name; "" if there is none."""
    if status.fault is not None and status.link is not Link.CONNECTED:
        return _sentence(status)
    return QCoreApplication.translate("Server", "not connected.") if status.link is Link.DISCONNECTED else ""


def unreachable_text(status: ServerStatus) -> str:
    """Return why messages of this server cannot be opened now."""
    if status.fault is Fault.STOPPED:
        return QCoreApplication.translate("Server", "{0} is stopped.").format(status.name)
    return server_line(status)


def availability_note(status: ServerStatus) -> str:
    """Return a note to follow a server's name while it is not reached, else ""."""
    if not is_failing(status):
        return ""
    if status.fault is Fault.STOPPED:
        return QCoreApplication.translate("Server", "stopped")
    return QCoreApplication.translate("Server", "not connected")


def prompt_label(status: ServerStatus) -> str:
    """Return the label of the button that asks for a password or shows the certificate; "" if neither helps."""
    if status.link is Link.DISCONNECTED and status.fault is Fault.AUTH and status.asks_password:
        return QCoreApplication.translate("Server", "Enter password…")
    if status.link is Link.DISCONNECTED and status.fault in {Fault.TLS, Fault.CERTIFICATE_CHANGED}:
        return QCoreApplication.translate("Server", "View certificate…")
    return ""


def failing(statuses: tuple[ServerStatus, ...]) -> list[ServerStatus]:
    """Return the servers that are not reached; first those where `prompt_label` offers something."""
    return sorted(filter(is_failing, statuses), key=lambda status: not prompt_label(status))


def problem_summary(statuses: tuple[ServerStatus, ...]) -> str:
    """Return the problems of these servers in one line, only the first in full; "" if there are none."""
    return _first_of([unreachable_text(status) for status in failing(statuses)])


_BLOCKED = {None, Fault.NO_UPGRADE}
"""Faults of a polled server that are explained with `_polling`."""


def polling_summary(statuses: tuple[ServerStatus, ...]) -> str:
    """Return why messages of some of these servers arrive with a delay; "" if all have live updates."""
    polling = [status for status in statuses if status.link is Link.POLLING]
    blocked = ", ".join(status.name for status in polling if status.fault in _BLOCKED)
    others = [f"{status.name}: {_sentence(status)}" for status in polling if status.fault not in _BLOCKED]
    proxies = QCoreApplication.translate("Server", "A proxy may be blocking WebSockets.")
    return " ".join([*([f"{blocked}: {_polling()} {proxies}"] if blocked else []), *others])


def unreadable_summary(statuses: tuple[ServerStatus, ...]) -> str:
    """Return the problems of servers whose live updates work, in one line, only the first in full; "" if none."""
    return _first_of([f"{status.name}: {_sentence(status)}" for status in statuses if is_unreadable(status)])


def _first_of(problems: Sequence[str]) -> str:
    """Return the first problem, and how many there are besides; "" if there is none."""
    more = len(problems) - 1
    text = QCoreApplication.translate("Server", " (and {0} more)").format(more) if more > 0 else ""
    return f"{problems[0]}{text}" if problems else ""


def counts(statuses: tuple[ServerStatus, ...]) -> str:
    """Return unread and total of these servers together, "" while no server has reported them."""
    known = [(status.unread, status.total) for status in statuses if status.total is not None]
    if not known:
        return ""
    unread, total = sum(unread or 0 for unread, _ in known), sum(total for _, total in known)
    return QCoreApplication.translate("Server", "{0} unread of {1}").format(unread, total)


def menu_text(text: str) -> str:
    """Escape a text for menus and buttons, where & marks the access key."""
    return line(text).replace("&", "&&")


def tooltip_text(text: str) -> str:
    """Escape a text for tooltips, which Qt may interpret as markup."""
    return lines(text).replace("<", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}")


def bus_menu_text(text: str) -> str:
    """Escape a text for menus over D-Bus, where _ marks the access key, and Qt converts the first & only.

    Panels disagree on how to escape a literal _ (xfce4-panel takes even a double one for an access key), so a
    similar character replaces it.
    """
    return line(text).replace("_", "\N{MODIFIER LETTER LOW MACRON}").replace("&", "&&", 1)


def is_reached(status: ServerStatus) -> bool:
    """Return whether messages of this server arrive, live or by polling."""
    return status.link in {Link.CONNECTED, Link.POLLING}


def is_unreadable(status: ServerStatus) -> bool:
    """Return whether live updates work, but the message list cannot be read."""
    return status.link is Link.CONNECTED and status.fault is not None


def is_failing(status: ServerStatus) -> bool:
    """Return whether a server is not reached for a known reason; False during the first connection attempt."""
    return not is_reached(status) and (status.fault is not None or status.link is Link.DISCONNECTED)


def _state(status: ServerStatus) -> str:
    translate = QCoreApplication.translate
    numbers = counts((status,))
    match status.link:
        case Link.CONNECTED:
            connected = ", ".join(filter(None, (translate("Server", "connected"), numbers)))
            return f"{connected}; {_sentence(status)}" if status.fault else connected
        case Link.POLLING:
            connected = ", ".join(filter(None, (translate("Server", "connected"), numbers)))
            return f"{connected}; {_impairment(status)}"
        case Link.CONNECTING if status.fault is None:
            return translate("Server", "connecting")
    return problem(status)


def _impairment(status: ServerStatus) -> str:
    """Return what does not work although the server is reached; "" if all works."""
    if status.link is Link.POLLING and status.fault in _BLOCKED:
        return _polling()
    return _sentence(status) if is_reached(status) else ""


def _sentence(status: ServerStatus) -> str:
    return status.explain(QCoreApplication.translate)


def _polling() -> str:
    return QCoreApplication.translate("Server", "live updates are blocked; checking every few seconds.")


def _accessible_parts(
    message: Message, server: str, availability: str, now: datetime, found: Findings
) -> tuple[str, ...]:
    translate, by = QCoreApplication.translate, sender(message)
    more = len(message.recipients) - 1
    to = translate("Message", "to {0}").format(recipient(message)) if message.recipients else ""
    files = message.attachments
    return (
        subject(message),
        translate("Message", "{0} and {1} more").format(to, more) if more > 0 else to,
        translate("Message", "from {0}").format(by) if by else "",
        translate("Message", "code {0}").format(spelled(code(found))) if found.code else "",
        translate("Message", "link {0}").format(shown_host(found.link, SHORT)) if found.link else "",
        server,
        availability,
        spoken_age(message.created, now),
        "" if message.read else translate("Message", "unread"),
        translate("Message", "1 attachment") if files == 1 else "",
        translate("Message", "{0} attachments").format(files) if files > 1 else "",
    )
