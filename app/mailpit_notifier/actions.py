"""What people do with a mail, wherever they ask for it: a notification's buttons, the window, the menu, a command.

Each is an intent that leaves as a REST call, an opened page or a text on the clipboard; what comes of it comes back
from the server. What cannot be done is said where the user looks.
"""

import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.client.session import Session
from mailpit_notifier.core.settings import Button
from mailpit_notifier.desktop.clipboard import Clipboard
from mailpit_notifier.findings.result import Findings
from mailpit_notifier.notify.notice import Key
from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.runtime.tasks import Tasks
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.ui.activation import open_page

from .notify import notice

log = logging.getLogger(__name__)

ShowError = Callable[[str, str], None]
"""Says what could not be done, and why."""


class Actions:
    """`show_window` shows the window, with an activation token."""

    def __init__(self, servers: Servers, show_window: Callable[[str], None], say: ShowError) -> None:
        self._servers = servers
        self._show_window = show_window
        self._say = say
        self._clipboard = Clipboard()
        self._tasks = Tasks()

    async def stop(self) -> None:
        """Do nothing more."""
        await self._tasks.stop()

    def run_action(self, key: Key, action: str, activation_token: str) -> None:
        """A notification about a mail, or about several (no ID), was clicked, or one of its buttons."""
        found = self._servers.messages.announced_findings(key)
        match action:
            case notice.DEFAULT:
                self.open(key, activation_token)
            case Button.COPY if found.code:
                self._tasks.run(self._copy(found.code, activation_token))
            case Button.LINK if found.link:
                self.open_page(found.link, activation_token)
            case Button.READ:
                self.mark_read(key[0], (key[1],))
            case Button.DELETE if key[1]:
                self._delete(key)
            case notice.UNDO:
                self._servers.deletions.undo(key)

    def open(self, key: Key, activation_token: str = "") -> None:
        """Open a mail's page; what is about no single mail, or about one laid aside, is in the window."""
        server, message_id = key
        session = self._servers.sessions.get(server)
        if session and message_id and key not in self._servers.deletions:
            self.open_page(session.server.url.view(message_id), activation_token)
        else:
            self._show_window(activation_token)

    def open_page(self, url: str, activation_token: str = "") -> bool:
        """Open a page in the browser; False, and it is said, when there is none."""
        if open_page(url, activation_token):
            return True
        log.warning("no browser opened a page of %s", urlsplit(url).hostname)
        log.debug("it was %s", url)
        what = QCoreApplication.translate("notify", "The page was not opened")
        self._say(what, QCoreApplication.translate("notify", "There is no browser, or it does not start."))
        return False

    async def find_code(self, server: str, message: Message) -> Findings:
        """What is known of a message, with its code by its source if need be. Raises FaultError."""
        known = self._known(server, message)
        return known if known.code else await self._servers.messages.all_findings(server, message)

    async def find_link(self, server: str, message: Message) -> Findings:
        """What is known of a message, with its link by its source if need be. Raises FaultError."""
        known = self._known(server, message)
        return known if known.link else await self._servers.messages.all_findings(server, message)

    def mark_read(self, server: str, ids: tuple[str, ...], *, read: bool = True) -> None:
        """Mark these messages of a server read, or unread."""
        title = QCoreApplication.translate("notify", "Not marked read")
        title = title if read else QCoreApplication.translate("notify", "Not marked unread")
        if all(ids) and ids and (session := self._session(server, title)):
            self._tasks.run(self._marking_read(session, ids, read, title))

    def send_test(self, server: str) -> None:
        """Send a sample mail into a server."""
        title = QCoreApplication.translate("notify", "The test mail was not sent")
        if self._session(server, title):
            self._tasks.run(self._sending_test(server, title))

    async def copy(self, text: str, activation_token: str) -> bool:
        """Put a text on the clipboard; False when a window asks for a key first, as Wayland wants it."""
        return await self._clipboard.copy(text, activation_token)

    def _known(self, server: str, message: Message) -> Findings:
        return self._servers.messages.quick_findings(server, message) or self._servers.messages.announced_findings(
            (server, message.id)
        )

    async def _copy(self, text: str, activation_token: str) -> None:
        await self.copy(text, activation_token)

    async def _sending_test(self, server: str, title: str) -> None:
        try:
            await self._servers.send_test(server)
        except FaultError as error:
            self.show_failure(server, title, error)

    async def _marking_read(self, session: Session, ids: tuple[str, ...], read: bool, title: str) -> None:
        try:
            await session.mark_read(ids, read=read)
        except FaultError as error:
            self.show_failure(session.server.key, title, error)

    def _delete(self, key: Key) -> None:
        if self._session(key[0], QCoreApplication.translate("notify", "The mail was not deleted")):
            self._servers.deletions.add(key)
            self._servers.show_undo(key)

    def _session(self, server: str, what: str) -> Session | None:
        """Return the session of a server. A notification can be older than the settings: that nothing is done is said,
        as `what`.
        """
        session = self._servers.sessions.get(server)
        if session is None:
            self.show_server_removed(what)
        return session

    def show_server_removed(self, what: str) -> None:
        """Say that something was not done because its server is not in the settings any more."""
        self._say(what, QCoreApplication.translate("notify", "Its server is no longer in the settings."))

    def show_failure(self, server: str, what: str, error: FaultError) -> None:
        """A server did not do what somebody asked for."""
        log.warning("%s: %s: %s", server, what, error)
        sentence = QCoreApplication.translate("Fault", error.fault.sentence)
        self._say(what, ": ".join(filter(None, (self._servers.display_name(server), sentence))))
