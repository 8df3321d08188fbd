"""Notices that are not about a new message: problems (a server, config.toml, a rule, the disk, a rejected message), the
first start, an update of the program, and the sample notification of the settings window.
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

from .notice import CONFIG, DISK, EXAMPLE, HIDE_ERRORS, RESTART, SEND_TEST, Action, Notice
from .texts import MAX_BODY, MAX_SERVER, MAX_TITLE, AnnouncedMessage, counted, emblem, message_notice


def outage_notice(status: ServerStatus, server_name: str) -> Notice:
    """Return the notice that a server on another machine has been unreachable for some time."""
    title = QCoreApplication.translate("notify", "{server} is not connected")
    sentence = QCoreApplication.translate("Fault", status.fault.sentence) if status.fault else ""
    return Notice(
        key=("outage", status.url),
        title=title.format(server=plain(server_name, MAX_SERVER)),
        body=sentence[:1].upper() + sentence[1:],
    )


def config_notice(sentence: str) -> Notice:
    """Return the notice that config.toml, or a part of it, cannot be used."""
    title = QCoreApplication.translate("notify", "Problem in config.toml")
    return Notice(key=CONFIG, title=title, body=plain(sentence, MAX_BODY))


def updated_notice() -> Notice:
    """Return the notice that another version of the program was installed."""
    title = QCoreApplication.translate("notify", "{program} was updated").format(program=APP_NAME)
    body = QCoreApplication.translate("notify", "Restart it to use the new version. No message will be missed.")
    restart = Action(key=RESTART, label=QCoreApplication.translate("notify", "Restart"))
    return Notice(key=("updated", ""), title=title, body=body, actions=(restart,))


def unexpected_error_notice(log: Path) -> Notice:
    """Return the notice of an exception that no code handled. The program goes on; details are in the log."""
    title = QCoreApplication.translate("notify", "{program} had an unexpected error").format(program=APP_NAME)
    body = QCoreApplication.translate("notify", "It keeps running. Please report the error with this log: {path}")
    return Notice(key=("unforeseen", ""), title=title, body=plain(body.format(path=log), MAX_BODY))


def disk_notice(error: OSError) -> Notice:
    """Return the notice that announced messages cannot be recorded, for example because the disk is full."""
    title = QCoreApplication.translate("notify", "Cannot save which messages were announced")
    body = QCoreApplication.translate("notify", "{error}. They may be announced again after a restart.")
    return Notice(key=DISK, title=title, body=plain(body.format(error=error.strerror or error), MAX_BODY))


def failure_notice(title: str, sentence: str) -> Notice:
    """Return the notice that an action of the user failed. `title` names the action, `sentence` the reason."""
    return Notice(key=("not done", title), title=plain(title, MAX_TITLE), body=plain(sentence, MAX_BODY))


def suspended_notice(rule: str, reason: str) -> Notice:
    """Return the notice that a rule matches no message any more. `reason` continues "Its regular expression …"."""
    title = QCoreApplication.translate("notify", 'Rule "{rule}" is off').format(rule=plain(rule, MAX_SERVER))
    body = QCoreApplication.translate(
        "notify", "Its regular expression {reason}. The rule matches no message until you change it."
    )
    reason = QCoreApplication.translate("Settings", reason)
    return Notice(key=("suspended", rule), title=title, body=body.format(reason=reason))


def smtp_error_notice(
    server_url: str,
    server_name: str,
    server_color: str,
    refused: Refused,
    count: int,
    shown: Notifications,
    *,
    update: bool,
) -> Notice:
    """Return the notice that Mailpit rejected `count` messages so far.

    `refused` is the last error. Its text often contains an address, so `hide_content` leaves it out.
    """
    if count == 1:
        title = QCoreApplication.translate("notify", "Mailpit rejected a message")
    else:
        title = counted("Mailpit rejected %n messages", None, count)
    if name := plain(server_name, MAX_SERVER):
        title = QCoreApplication.translate("notify", "{sentence} in {server}").format(sentence=title, server=name)
    hide = Action(key=HIDE_ERRORS, label=QCoreApplication.translate("notify", "Don't show these"))
    return Notice(
        key=("refused", server_url),
        title=title,
        body="" if shown.hide_content else _error(refused),
        actions=(hide,),
        update=update,
        emblem=emblem(server_name, server_color),
    )


def _error(refused: Refused) -> str:
    text = plain(refused.text, MAX_BODY)
    if address := plain(refused.ip, MAX_SERVER):
        text = QCoreApplication.translate("notify", "{error} (from {address})").format(error=text, address=address)
    return text


KIND = "welcome"
"""First part of the key. A click shows the window, because there is no message to open."""


def welcome_notice(server_url: str, address: str, total: int) -> Notice:
    """Return the notice of the first connection ever. `address` is host and port, `total` the number of messages."""
    title = QCoreApplication.translate("notify", "Connected to Mailpit at {address}")
    if total == 0:
        body = QCoreApplication.translate("notify", "It has no messages yet. The first one will appear like this.")
    elif total == 1:
        body = QCoreApplication.translate("notify", "It has 1 message. The next one will appear like this.")
    else:
        body = counted("It has %n messages. The next one will appear like this.", None, total)
    test = Action(key=SEND_TEST, label=QCoreApplication.translate("notify", "Send a test message"))
    return Notice(
        key=(KIND, server_url),
        title=plain(title.format(address=address), MAX_TITLE),
        body=plain(body, MAX_BODY),
        actions=(test,),
    )


CODE, LINK = "482913", "https://acme.example/confirm"


def example_notice(shown: Notifications) -> Notice:
    """Return a sample: the notification of a message with a code and a link."""
    message = Message(
        id="example",
        created=datetime.now(UTC),
        sender=Person(name="Acme"),
        to=(Person(address="ann@example.com"),),
        subject=QCoreApplication.translate("notify", "Your Acme code"),
        snippet=QCoreApplication.translate("notify", "This is a sample. Your messages will look like this."),
    )
    announced = AnnouncedMessage(server_url=EXAMPLE[0], message=message, found=Findings(code=CODE, link=LINK))
    return replace(message_notice(announced, shown), key=EXAMPLE)
