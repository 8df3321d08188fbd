"""The sentences of tray and window about mails and servers.

Mail text is hostile: whatever comes out of here is one line, bounded, without control or bidi characters. It is still
plain text: sinks that read markup or mnemonics need their own escaping.

How long ago a mail came, short for the eye and in words for the ear. Pure; the caller says what time it is.
"""

from datetime import datetime

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from mailpit_notifier.core.limits import Suppression, SuppressionReason
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.findings.result import NOTHING, Findings
from mailpit_notifier.findings.web_link import shown_link
from mailpit_notifier.protocol.faults import Fault
from mailpit_notifier.protocol.model import Message, Person
from mailpit_notifier.runtime.text import line, lines, plain

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def short_age(created: datetime, now: datetime) -> str:
    """For example `now`, `12 min`, `3 h`, `2 d`. A mail from the future (its server's clock is ahead) is `now`."""
    seconds = (now - created).total_seconds()
    if seconds < _MINUTE:
        return QCoreApplication.translate("Age", "now")
    if seconds < _HOUR:
        return QCoreApplication.translate("Age", "{0} min").format(int(seconds // _MINUTE))
    if seconds < _DAY:
        return QCoreApplication.translate("Age", "{0} h").format(int(seconds // _HOUR))
    return QCoreApplication.translate("Age", "{0} d").format(int(seconds // _DAY))


def spoken_age(created: datetime, now: datetime) -> str:
    """The same for a screen reader."""
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
    """Date and time in the user's zone and format."""
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(int(created.timestamp())), QLocale.FormatType.LongFormat)


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


def code(found: Findings) -> str:
    """The code as it is shown, "" when there is none."""
    return plain(found.code or "", SHORT)


def link(found: Findings, limit: int = SHORT) -> str:
    """Return where the link leads: host and path; the end of the host is always there. "" when there is none."""
    return shown_link(found.link, limit) if found.link else ""


def accessible_text(message: Message, server: str, availability: str, now: datetime, found: Findings = NOTHING) -> str:
    """A row for a screen reader. `server` is "" when there is only one, `availability` as of `availability_note()`."""
    return ", ".join(part for part in _accessible_parts(message, server, availability, now, code(found)) if part)


def details(message: Message, server: str, availability: str, reason: SuppressionReason | None = None) -> str:
    """What a row has no room for, to be shown on hover. The first line is a date, so Qt takes it for plain text.

    `reason`: why the mail got no notification of its own.
    """
    translate = QCoreApplication.translate
    lines = [absolute(message.created)]
    if message.sender:
        lines.append(translate("Mail", "From {0}").format(mailbox(message.sender)))
    if message.recipients:
        shown = ", ".join(mailbox(person) for person in message.recipients[:8])
        lines.append(translate("Mail", "To {0}").format(shown + (" …" if len(message.recipients) > 8 else "")))
    if server:
        lines.append(translate("Mail", "In {0}").format(", ".join(filter(None, (server, availability)))))
    if reason:
        lines.append(suppression_text(reason))
    return "\n".join(lines)


def suppression_text(reason: SuppressionReason) -> str:
    """Why a mail got no notification of its own, as a sentence."""
    match reason.why:
        case Suppression.RULE:
            text = QCoreApplication.translate("Mail", 'No notification because of the rule "{0}".')
            return text.format(plain(reason.rule, SHORT))
        case Suppression.PAUSED:
            return QCoreApplication.translate("Mail", "Arrived while notifications were paused.")
        case Suppression.BURST:
            return QCoreApplication.translate("Mail", "Arrived in a burst that was shown as one notification.")
    return QCoreApplication.translate("Mail", "Arrived while disconnected.")


def server_line(status: ServerStatus) -> str:
    """One server in a line, e.g. `localhost:8025: connected, 3 unread of 340`."""
    return f"{status.name}: {_state(status)}"


def problem(status: ServerStatus) -> str:
    """What is wrong with a server and what to do, as a sentence to follow its name; "" while nothing is."""
    if status.fault is not None and status.link is not Link.CONNECTED:
        return _sentence(status)
    return QCoreApplication.translate("Server", "not connected.") if status.link is Link.DISCONNECTED else ""


def unreachable_text(status: ServerStatus) -> str:
    """Why a mail of this server cannot be opened now, as a sentence."""
    if status.fault is Fault.STOPPED:
        return QCoreApplication.translate("Server", "{0} is stopped.").format(status.name)
    return server_line(status)


def availability_note(status: ServerStatus) -> str:
    """That a server is not reached, in a word or two beside its name; "" while it is."""
    if not is_failing(status):
        return ""
    if status.fault is Fault.STOPPED:
        return QCoreApplication.translate("Server", "stopped")
    return QCoreApplication.translate("Server", "not connected")


def prompt_label(status: ServerStatus) -> str:
    """What somebody can be asked so that this server is reached, as the words on a button; "" where nothing helps."""
    if status.link is Link.DISCONNECTED and status.fault is Fault.AUTH and status.asks_password:
        return QCoreApplication.translate("Server", "Enter password…")
    if status.link is Link.DISCONNECTED and status.fault in {Fault.TLS, Fault.CERTIFICATE_CHANGED}:
        return QCoreApplication.translate("Server", "View certificate…")
    return ""


def failing(statuses: tuple[ServerStatus, ...]) -> list[ServerStatus]:
    """Those that are not reached, and first those where an answer would help."""
    return sorted(filter(is_failing, statuses), key=lambda status: not prompt_label(status))


def problem_summary(statuses: tuple[ServerStatus, ...]) -> str:
    """What is wrong with these servers, in a line: the first in full; "" while all is well."""
    wrong = failing(statuses)
    if not wrong:
        return ""
    more = QCoreApplication.translate("Server", " (and {0} more)").format(len(wrong) - 1) if len(wrong) > 1 else ""
    return unreachable_text(wrong[0]) + more


def polling_summary(statuses: tuple[ServerStatus, ...]) -> str:
    """Why mail of some of these servers comes a little late; "" where it comes at once."""
    names = ", ".join(status.name for status in statuses if status.link is Link.POLLING)
    return f"{names}: {_polling()} {_proxies()}" if names else ""


def unreadable_summary(statuses: tuple[ServerStatus, ...]) -> str:
    """Return what is wrong with servers whose live updates work, in a line: the first in full; "" while all is well."""
    wrong = [f"{status.name}: {_sentence(status)}" for status in statuses if is_unreadable(status)]
    more = QCoreApplication.translate("Server", " (and {0} more)").format(len(wrong) - 1) if len(wrong) > 1 else ""
    return f"{wrong[0]}{more}" if wrong else ""


def counts(statuses: tuple[ServerStatus, ...]) -> str:
    """Unread and total of the servers together, "" as long as none told them."""
    known = [(status.unread, status.total) for status in statuses if status.total is not None]
    if not known:
        return ""
    unread, total = sum(unread or 0 for unread, _ in known), sum(total for _, total in known)
    return QCoreApplication.translate("Server", "{0} unread of {1}").format(unread, total)


def menu_text(text: str) -> str:
    """For menus and buttons, where & marks the access key."""
    return line(text).replace("&", "&&")


def tooltip_text(text: str) -> str:
    """For tooltips, which Qt takes for markup where a text looks like it."""
    return lines(text).replace("<", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}")


def bus_menu_text(text: str) -> str:
    """For menus shown over D-Bus: there _ marks the access key, and Qt turns the first & into one and no other.

    Panels disagree on how a _ is written that is to be seen (xfce's takes even a double one for a mark), so another
    character stands in for it.
    """
    return line(text).replace("_", "\N{MODIFIER LETTER LOW MACRON}").replace("&", "&&", 1)


def is_reached(status: ServerStatus) -> bool:
    """Whether mail from this server gets here, at once or by polling."""
    return status.link in {Link.CONNECTED, Link.POLLING}


def is_unreadable(status: ServerStatus) -> bool:
    """Return whether new messages get here at once, and the list of them cannot be read."""
    return status.link is Link.CONNECTED and status.fault is not None


def is_failing(status: ServerStatus) -> bool:
    """Whether a server is not reached for a reason that is known; one that connects for the first time is neither."""
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
            return f"{connected}; {_polling()}"
        case Link.CONNECTING if status.fault is None:
            return translate("Server", "connecting")
    return problem(status)


def _sentence(status: ServerStatus) -> str:
    return QCoreApplication.translate("Fault", status.fault.sentence) if status.fault else ""


def _polling() -> str:
    return QCoreApplication.translate("Server", "live updates are blocked; checking every few seconds.")


def _proxies() -> str:
    return QCoreApplication.translate("Server", "A proxy may be blocking WebSockets.")


def _accessible_parts(message: Message, server: str, availability: str, now: datetime, code: str) -> tuple[str, ...]:
    translate = QCoreApplication.translate
    more = len(message.recipients) - 1
    to = translate("Mail", "to {0}").format(recipient(message)) if message.recipients else ""
    files = message.attachments
    return (
        subject(message),
        translate("Mail", "{0} and {1} more").format(to, more) if more > 0 else to,
        translate("Mail", "code {0}").format(code) if code else "",
        server,
        availability,
        spoken_age(message.created, now),
        "" if message.read else translate("Mail", "unread"),
        translate("Mail", "1 attachment") if files == 1 else "",
        translate("Mail", "{0} attachments").format(files) if files > 1 else "",
    )
