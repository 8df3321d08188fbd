"""What the notification of one mail says: a message -> a Notice in the user's language.

Apart from the ways of showing one, none of which knows Qt; the sentences are here because translating is Qt's. Words
only: screen readers speak arrows and dots. In development every mail is from noreply@, so the recipient leads.

Sentences that count: each language has forms of its own for that, English too.

Apart because lupdate sees that a text counts only where it looks like Qt's `tr`; so this does, and is to be called in
functions, not in methods: the name of a class would become the context.

What the notifications say that count mails: of a burst, and of what came while nobody listened.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.core.settings import Button, Notifications
from mailpit_notifier.findings.result import NOTHING, Findings
from mailpit_notifier.findings.web_link import shown_host
from mailpit_notifier.protocol.model import NO_ID, Message
from mailpit_notifier.runtime.text import plain

from .notice import PAUSE, UNDO, Action, Key, Notice, Urgency


def counted(text: str, comment: str | None, number: int) -> str:
    """The sentence for this number, which stands where the text says %n. The comment is for translators."""
    return QCoreApplication.translate("", text, comment, number)


MAX_TITLE = 120
MAX_BODY = 250
"""Characters before escaping; more is not shown anywhere, and some services slow down."""

MAX_CODE, MAX_HOST = 40, 25
"""Characters of a code and of a host, on a button."""

MAX_PERSON = 50
MAX_SERVER = 24
"""Characters of one address and of a server's name, so that neither pushes out what follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedMessage:
    """What a mail's notification is made of.

    `server_name` leads the body where there are several servers; `found` is the mail's code and link, as far as known.
    """

    server_url: str
    message: Message
    server_name: str = ""
    found: Findings = NOTHING

    @property
    def key(self) -> Key:
        """The key of its notification."""
        return (self.server_url, self.message.id)


def message_notice(mail: AnnouncedMessage, shown: Notifications, *, update: bool = False) -> Notice:
    """The notification of one mail. An `update` that completes it must not pop up again."""
    if shown.hide_content:
        title, body = QCoreApplication.translate("notify", "New mail"), plain(mail.server_name, MAX_SERVER)
    else:
        title, body = subject(mail.message), _body(mail, shown)
    return Notice(
        key=mail.key,
        title=title,
        body=body,
        actions=_buttons(mail, shown),
        urgency=Urgency.LOW if update else Urgency.NORMAL,
        sound=shown.sound and not update,
    )


def deleted_notice(mail: AnnouncedMessage, shown: Notifications) -> Notice:
    """Stands in for a mail's notification as long as its delete can be taken back."""
    title = QCoreApplication.translate("notify", "Deleted: {subject}").format(subject=subject(mail.message))
    if shown.hide_content:
        title = QCoreApplication.translate("notify", "Mail deleted")
    undo = Action(key=UNDO, label=QCoreApplication.translate("notify", "Undo"))
    return Notice(
        key=mail.key, title=plain(title, MAX_TITLE), body=plain(mail.server_name, MAX_SERVER), actions=(undo,)
    )


def default_label() -> str:
    """The words for a click on the notification itself, for services that list it as a button."""
    return QCoreApplication.translate("notify", "Open")


def subject(message: Message) -> str:
    """The subject, or what stands for one, on one line."""
    return plain(message.subject, MAX_TITLE) or QCoreApplication.translate("notify", "(no subject)")


def _body(mail: AnnouncedMessage, shown: Notifications) -> str:
    lines = [": ".join(filter(None, (plain(mail.server_name, MAX_SERVER), _lead(mail, shown))))]
    if shown.snippet:
        lines.append(plain(mail.message.snippet, MAX_BODY - len(lines[0]) - 1))
    return "\n".join(filter(None, lines))


def _buttons(mail: AnnouncedMessage, shown: Notifications) -> tuple[Action, ...]:
    labels: dict[str, str] = {}
    if code := mail.found.code:
        text = QCoreApplication.translate("notify", "Copy {code}").format(code=plain(code, MAX_CODE))
        labels[Button.COPY] = QCoreApplication.translate("notify", "Copy code") if shown.hide_content else text
    if link := mail.found.link:
        text = QCoreApplication.translate("notify", "Open {host}").format(host=shown_host(link, MAX_HOST))
        labels[Button.LINK] = QCoreApplication.translate("notify", "Open link") if shown.hide_content else text
    if not mail.message.id.startswith(NO_ID):
        labels[Button.READ] = QCoreApplication.translate("notify", "Mark read")
        labels[Button.DELETE] = QCoreApplication.translate("notify", "Delete")
    return tuple(Action(key=key, label=labels[key]) for key in shown.buttons if key in labels)


def choices() -> dict[Button, str]:
    """What the settings window calls the buttons, with an access key of its own each."""
    return {
        Button.COPY: QCoreApplication.translate("NotificationsPage", "&Copy the code"),
        Button.LINK: QCoreApplication.translate("NotificationsPage", "Open the &link"),
        Button.READ: QCoreApplication.translate("NotificationsPage", "&Mark read"),
        Button.DELETE: QCoreApplication.translate("NotificationsPage", "&Delete"),
    }


def _lead(mail: AnnouncedMessage, shown: Notifications) -> str:
    people = _people(mail.message, shown)
    if not mail.found.code:
        return people
    # As in a sentence: «Code 482913, to ann@example.com».
    lead = QCoreApplication.translate("notify", "Code {code}").format(code=plain(mail.found.code, MAX_CODE))
    return ", ".join(filter(None, (lead, people[:1].lower() + people[1:])))


def _people(message: Message, shown: Notifications) -> str:
    recipients = message.recipients
    addresses = (plain(person.address or person.name, MAX_PERSON) for person in recipients)
    first, others = next(filter(None, addresses), ""), len(recipients) - 1
    sender = message.sender
    name = plain(sender.name or sender.address, MAX_PERSON) if sender else ""
    by = QCoreApplication.translate("notify", "From {person}").format(person=name) if name else ""
    if first and others:
        # %n is filled in before the address: an address may hold «%n».
        text = counted("To {address} and %n more", None, others).format(address=first)
    else:
        text = QCoreApplication.translate("notify", "To {address}").format(address=first) if first else ""
    if text and by and shown.sender:
        return f"{text}, {by[:1].lower()}{by[1:]}"
    return text or by


AWAY = ("", "")
"""Key of the summary of what was missed."""

PAUSED = ("", "paused")
"""Key of the summary of what came while it was paused: neither takes the place of the other."""


def away_notice(
    missed: Sequence[tuple[str, int]], newest: Message | None, shown: Notifications, *, paused: bool = False
) -> Notice:
    """The summary of what came while nobody listened, or while it was `paused`.

    `missed` are server names ("" for the only one) and how many mails of each; `newest` is None where it is not known.
    """
    total = sum(count for _, count in missed)
    if paused:
        title = counted("%n mails while paused", None, total)
    else:
        title = counted("%n mails while you were away", None, total)
    several = ", ".join(f"{plain(name, MAX_SERVER)} {count}" for name, count in missed) if len(missed) > 1 else ""
    body = plain(several or (_newest(newest, shown) if newest else ""), MAX_BODY)
    return Notice(key=PAUSED if paused else AWAY, title=title, body=body, sound=shown.sound)


def burst_notice(
    server_url: str, server_name: str, count: int, newest: Message, urgency: Urgency, shown: Notifications
) -> Notice:
    """The summary of a burst, so far. `server_name` is "" while there is only one server."""
    title = QCoreApplication.translate("notify", "1 new mail") if count == 1 else counted("%n new mails", None, count)
    if name := plain(server_name, MAX_SERVER):
        title = QCoreApplication.translate("notify", "{mails} in {server}").format(mails=title, server=name)
    return Notice(
        key=(server_url, ""),
        title=title,
        body=plain(_newest(newest, shown), MAX_BODY),
        actions=(Action(key=PAUSE, label=QCoreApplication.translate("notify", "Pause 1 hour")),),
        urgency=urgency,
    )


def _newest(message: Message, shown: Notifications) -> str:
    if shown.hide_content:
        return ""
    if not message.recipients:
        return QCoreApplication.translate("notify", "Newest: {subject}").format(subject=subject(message))
    to = plain(message.recipients[0].address or message.recipients[0].name, MAX_PERSON)
    text = QCoreApplication.translate("notify", "Newest: {subject}, to {address}")
    return text.format(subject=subject(message), address=to)
