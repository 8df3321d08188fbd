"""What the notifications say that count mails: of a burst, and of what came while nobody listened."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.core.settings import Notifications
from mailpit_notifier.core.text import plain
from mailpit_notifier.mailpit.model import Message

from .counts import counted
from .notice import PAUSE, Action, Notice, Urgency
from .texts import MAX_BODY, MAX_PERSON, MAX_SERVER, subject

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
