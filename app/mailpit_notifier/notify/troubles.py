"""What the notifications say that are about no mail: a server that is gone, a setting, a rule, a refused mail."""

from pathlib import Path

from PySide6.QtCore import QCoreApplication

from mailpit_notifier import APP_NAME
from mailpit_notifier.core.status import ServerStatus
from mailpit_notifier.core.text import plain
from mailpit_notifier.mailpit.events import Refused

from .counts import counted
from .notice import CONFIG, HIDE_ERRORS, RESTART, Action, Notice, Urgency
from .texts import MAX_BODY, MAX_SERVER


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
    return Notice(key=CONFIG, title=title, body=plain(sentence, MAX_BODY))


def updated_notice() -> Notice:
    """The program's files are those of another version now."""
    title = QCoreApplication.translate("notify", "{program} was updated").format(program=APP_NAME)
    body = QCoreApplication.translate("notify", "Start it again to use the new version. No mail is missed.")
    restart = Action(key=RESTART, label=QCoreApplication.translate("notify", "Restart"))
    return Notice(key=("updated", ""), title=title, body=body, actions=(restart,))


def unforeseen_notice(log: Path) -> Notice:
    """A part of the program failed in a way that no code expected, and goes on; details are in the log."""
    title = QCoreApplication.translate("notify", "{program} had an unexpected error").format(program=APP_NAME)
    body = QCoreApplication.translate("notify", "It goes on running. Please report the error with the log: {path}")
    return Notice(key=("unforeseen", ""), title=title, body=plain(body.format(path=log), MAX_BODY))


def not_done_notice(title: str, sentence: str) -> Notice:
    """What somebody asked for could not be done; `title` says what."""
    return Notice(key=("not done", title), title=title, body=plain(sentence, MAX_BODY))


def refused_notice(server_url: str, server_name: str, refused: Refused, count: int, *, update: bool) -> Notice:
    """Mailpit turned a mail away: `count` of them so far, and what it told the last client."""
    if count == 1:
        title = QCoreApplication.translate("notify", "Mailpit refused a mail")
    else:
        title = counted("Mailpit refused %n mails", None, count)
    if name := plain(server_name, MAX_SERVER):
        title = QCoreApplication.translate("notify", "{sentence} in {server}").format(sentence=title, server=name)
    text = plain(refused.text, MAX_BODY)
    if address := plain(refused.ip, MAX_SERVER):
        text = QCoreApplication.translate("notify", "{error} (from {address})").format(error=text, address=address)
    hide = Action(key=HIDE_ERRORS, label=QCoreApplication.translate("notify", "Don't show these"))
    urgency = Urgency.LOW if update else Urgency.NORMAL
    return Notice(key=("refused", server_url), title=title, body=text, actions=(hide,), urgency=urgency)
