"""The notification that the settings window shows on demand: as a mail's would be, and about none."""

from dataclasses import replace
from datetime import UTC, datetime

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.core.found import Findings
from mailpit_notifier.core.settings import Notifications
from mailpit_notifier.mailpit.model import Message, Person

from .notice import EXAMPLE, Notice
from .texts import Mail, message_notice

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
    mail = Mail(server_url=EXAMPLE[0], message=message, found=Findings(code=CODE, link=LINK))
    return replace(message_notice(mail, shown), key=EXAMPLE)
