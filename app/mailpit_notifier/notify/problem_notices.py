"""What the notifications say that are about no mail: a server that is gone, a setting, a rule, a refused mail.

The first notification ever: it says what the program is connected to, and shows what they look like.

The notification that the settings window shows on demand: as a mail's would be, and about none.
"""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from mailpit_notifier import APP_NAME
from mailpit_notifier.core.settings import Notifications
from mailpit_notifier.core.status import ServerStatus
from mailpit_notifier.findings.result import Findings
from mailpit_notifier.protocol.events import Refused
from mailpit_notifier.protocol.model import Message, Person
from mailpit_notifier.runtime.text import plain

from .notice import CONFIG, DISK, EXAMPLE, HIDE_ERRORS, RESTART, SEND_TEST, Action, Notice, Urgency
from .texts import MAX_BODY, MAX_SERVER, MAX_TITLE, AnnouncedMessage, counted, message_notice


def outage_notice(status: ServerStatus, server_name: str) -> Notice:
    """A server on another machine has been gone for long."""
    title = QCoreApplication.translate("notify", "{server} is not connected")
    sentence = QCoreApplication.translate("Fault", status.fault.sentence) if status.fault else ""
    return Notice(
        key=("outage", status.url),
        title=title.format(server=plain(server_name, MAX_SERVER)),
        body=sentence[:1].upper() + sentence[1:],
    )


def config_notice(sentence: str) -> Notice:
    """The configuration, or a part of it, cannot be used."""
    title = QCoreApplication.translate("notify", "The configuration needs a look")
    return Notice(key=CONFIG, title=title, body=plain(sentence, MAX_BODY))


def updated_notice() -> Notice:
    """The program's files are those of another version now."""
    title = QCoreApplication.translate("notify", "{program} was updated").format(program=APP_NAME)
    body = QCoreApplication.translate("notify", "Start it again to use the new version. No mail is missed.")
    restart = Action(key=RESTART, label=QCoreApplication.translate("notify", "Restart"))
    return Notice(key=("updated", ""), title=title, body=body, actions=(restart,))


def unexpected_error_notice(log: Path) -> Notice:
    """A part of the program failed in a way that no code expected, and goes on; details are in the log."""
    title = QCoreApplication.translate("notify", "{program} had an unexpected error").format(program=APP_NAME)
    body = QCoreApplication.translate("notify", "It goes on running. Please report the error with the log: {path}")
    return Notice(key=("unforeseen", ""), title=title, body=plain(body.format(path=log), MAX_BODY))


def disk_notice(error: OSError) -> Notice:
    """What was announced cannot be remembered: the disk is full, say."""
    title = QCoreApplication.translate("notify", "Cannot save which messages were announced")
    body = QCoreApplication.translate("notify", "{error}. After a restart they may be announced again.")
    return Notice(key=DISK, title=title, body=plain(body.format(error=error.strerror or error), MAX_BODY))


def failure_notice(title: str, sentence: str) -> Notice:
    """What somebody asked for could not be done; `title` says what."""
    return Notice(key=("not done", title), title=plain(title, MAX_TITLE), body=plain(sentence, MAX_BODY))


def suspended_notice(rule: str, reason: str) -> Notice:
    """A rule matches no message any more; `reason` goes on "Its regular expression …"."""
    title = QCoreApplication.translate("notify", 'Rule "{rule}" is off').format(rule=plain(rule, MAX_SERVER))
    body = QCoreApplication.translate(
        "notify", "Its regular expression {reason}. It matches no message until you change it."
    )
    reason = QCoreApplication.translate("Settings", reason)
    return Notice(key=("suspended", rule), title=title, body=body.format(reason=reason))


def smtp_error_notice(
    server_url: str, server_name: str, refused: Refused, count: int, shown: Notifications, *, update: bool
) -> Notice:
    """Mailpit turned a mail away: `count` of them so far, and what it told the last client, which often holds an
    address.
    """
    if count == 1:
        title = QCoreApplication.translate("notify", "Mailpit refused a mail")
    else:
        title = counted("Mailpit refused %n mails", None, count)
    if name := plain(server_name, MAX_SERVER):
        title = QCoreApplication.translate("notify", "{sentence} in {server}").format(sentence=title, server=name)
    hide = Action(key=HIDE_ERRORS, label=QCoreApplication.translate("notify", "Don't show these"))
    urgency = Urgency.LOW if update else Urgency.NORMAL
    return Notice(
        key=("refused", server_url),
        title=title,
        body="" if shown.hide_content else _told(refused),
        actions=(hide,),
        urgency=urgency,
    )


def _told(refused: Refused) -> str:
    text = plain(refused.text, MAX_BODY)
    if address := plain(refused.ip, MAX_SERVER):
        text = QCoreApplication.translate("notify", "{error} (from {address})").format(error=text, address=address)
    return text


KIND = "welcome"
"""Begins the key; a click on it is about no mail, and so shows the window."""


def welcome_notice(server_url: str, address: str, total: int) -> Notice:
    """The server at this address (host and port) was reached for the first time, and has so many mails."""
    title = QCoreApplication.translate("notify", "Connected to Mailpit at {address}")
    if total == 0:
        body = QCoreApplication.translate("notify", "No mail is there yet. The first one appears like this.")
    elif total == 1:
        body = QCoreApplication.translate("notify", "1 mail is there. The next one appears like this.")
    else:
        body = counted("%n mails are there. The next one appears like this.", None, total)
    test = Action(key=SEND_TEST, label=QCoreApplication.translate("notify", "Send a test mail"))
    return Notice(
        key=(KIND, server_url),
        title=plain(title.format(address=address), MAX_TITLE),
        body=plain(body, MAX_BODY),
        actions=(test,),
    )


CODE, LINK = "482913", "https://acme.example/confirm"


def example_notice(shown: Notifications) -> Notice:
    """What a mail with a code and a link gets."""
    message = Message(
        id="example",
        created=datetime.now(UTC),
        sender=Person(name="Acme"),
        to=(Person(address="ann@example.com"),),
        subject=QCoreApplication.translate("notify", "Your Acme code"),
        snippet=QCoreApplication.translate("notify", "This is an example. Your mail will look like this."),
    )
    mail = AnnouncedMessage(server_url=EXAMPLE[0], message=message, found=Findings(code=CODE, link=LINK))
    return replace(message_notice(mail, shown), key=EXAMPLE)
