"""Mails that get a notification of their own: shown at once, completed in place when the source says more, and taken
back when there is nothing left to click on.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Container
from dataclasses import replace
from functools import partial
from typing import Protocol

from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.settings import Notifications
from mailpit_notifier.findings.result import NOTHING, Findings
from mailpit_notifier.notify.notice import Key, Notice
from mailpit_notifier.notify.texts import AnnouncedMessage, message_notice
from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.protocol.model import NO_ID, Message
from mailpit_notifier.runtime.tasks import Tasks

from .outbox import Outbox, Outgoing

log = logging.getLogger(__name__)

MOST = 500
"""Mails whose code and link are kept for a click on their notification."""


class Finder(Protocol):
    """What finds codes and links: `quick` at once in what a message summary says, `full` in the mail's source."""

    def quick(self, message: Message) -> Findings:
        """What is clear at a glance; must not block."""

    async def full(self, server: str, message_id: str) -> Findings:
        """What the source says. Raises FaultError."""


class MessageNotifications:
    """`shown` says how a notification is worded now."""

    def __init__(self, outbox: Outbox, finder: Finder, shown: Callable[[], Notifications]) -> None:
        self._outbox = outbox
        self._finder = finder
        self._shown = shown
        self._looking = Tasks()
        self._found: OrderedDict[Key, Findings] = OrderedDict()
        self._covered: set[Key] = set()

    async def stop(self) -> None:
        """Look into no more sources."""
        await self._looking.stop()

    def announce(self, mail: AnnouncedMessage) -> None:
        """Show a mail's notification, and once more in place when its source says more than its summary."""
        mail = replace(mail, found=self._finder.quick(mail.message))
        self._remember(mail)
        clear = bool(mail.found.code and mail.found.link) or mail.message.id.startswith(NO_ID)
        self._outbox.put(
            Outgoing(
                notice=message_notice(mail, self._shown()),
                announces={mail.server_url: (mail.message.id,)},
                # Not before it is shown: looking would delay it.
                afterwards=(lambda: None) if clear else partial(self._look, mail),
            )
        )

    def found(self, key: Key) -> Findings:
        """The code and the link of a mail, as far as they are known."""
        return self._found.get(key, NOTHING)

    def withdraw(self, key: Key) -> None:
        """A mail was read, say: its notification goes, if it had one."""
        self._covered.discard(key)
        if key in self._found:
            self._outbox.withdraw(key)

    def follow(self, server: str, change: Change, *, aside: Container[Key]) -> None:
        """Take back the notifications of mails that were read or are gone: a click on them could open nothing.

        Mails `aside` are about to be deleted: what stands in the place of theirs stays when they are read.
        """
        for message in change.updated:
            if message.read and (server, message.id) not in aside:
                self.withdraw((server, message.id))
        for message_id in change.gone:
            self.forget((server, message_id))

    def forget(self, key: Key) -> None:
        """A mail is gone, and its notification goes with it."""
        self.withdraw(key)
        self._found.pop(key, None)

    def forget_all(self, server: str) -> None:
        """The server has no mail left, or is listened to no more."""
        for key in [key for key in self._found if key[0] == server]:
            self.forget(key)
        self._covered = {key for key in self._covered if key[0] != server}

    def cover(self, notice: Notice) -> None:
        """Show this in the place of a mail's notification, until that is withdrawn."""
        self._covered.add(notice.key)
        self._found.setdefault(notice.key, NOTHING)
        self._outbox.put(Outgoing(notice=notice))

    def _look(self, mail: AnnouncedMessage) -> None:
        self._looking.run(self._complete(mail))

    async def _complete(self, mail: AnnouncedMessage) -> None:
        try:
            found = await self._finder.full(mail.server_url, mail.message.id)
        except FaultError as error:
            log.debug("%s: no source: %s", mail.server_url, error)
            return
        # What was shown is not taken back: somebody may be about to click it.
        found = mail.found.completed_by(found)
        if found == mail.found:
            return
        mail = replace(mail, found=found)
        self._remember(mail)
        if mail.key not in self._covered:
            self._outbox.put(Outgoing(notice=message_notice(mail, self._shown(), update=True), update=True))

    def _remember(self, mail: AnnouncedMessage) -> None:
        self._found[mail.key] = mail.found
        if len(self._found) > MOST:
            self._found.popitem(last=False)
