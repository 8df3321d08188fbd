"""The first notification ever: it says what the program is connected to, and shows what they look like."""

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.core.text import plain

from .counts import counted
from .notice import SEND_TEST, Action, Notice
from .texts import MAX_BODY, MAX_TITLE

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
