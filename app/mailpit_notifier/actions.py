"""Actions of the user on a message, from a notification, the tray menu, the window or the command line.

Each action is a REST call, an opened page or a text on the clipboard. Its effect on the rows arrives as an event of
the server. Failures are shown in the window or as a notification. Runs on the loop.
"""

import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.client.session import Session
from mailpit_notifier.core.settings import Button
from mailpit_notifier.desktop.clipboard_writer import Clipboard
from mailpit_notifier.findings.result import Findings
from mailpit_notifier.notify.notice import Key
from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.runtime.tasks import Tasks
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.ui.opening import open_page

from .notify import notice

log = logging.getLogger(__name__)

ShowError = Callable[[str, str], None]
"""Shows what could not be done, and why."""


class Actions:
    """`show_window` takes an activation token, which lets the desktop bring the window to the front."""

    def __init__(self, servers: Servers, show_window: Callable[[str], None], show_error: ShowError) -> None:
        self._servers = servers
        self._show_window = show_window
        self._show_error = show_error
        self._clipboard = Clipboard()
        self._tasks = Tasks()

    async def stop(self) -> None:
        """Cancel the running actions."""
        await self._tasks.stop()

    def run_action(self, key: Key, action: str, activation_token: str) -> None:
        """Do what was clicked on a notification. A summary of several messages has no message ID."""
        found = self._servers.messages.announced_findings(key)
        match action:
            case notice.DEFAULT:
                self.open(key, activation_token)
            case Button.COPY if found.code:
                self.copy_soon(found.code, activation_token)
            case Button.LINK if found.link:
                self.open_page(found.link, activation_token)
            case Button.READ:
                self.mark_read(key[0], (key[1],))
            case Button.DELETE if key[1]:
                self._delete(key)
            case notice.UNDO:
                self._servers.deletions.undo(key)

    def open(self, key: Key, activation_token: str = "") -> None:
        """Open a message in the browser; for a summary, or a message that is about to be deleted, show the window."""
        server, message_id = key
        session = self._servers.sessions.get(server)
        if session and message_id and key not in self._servers.deletions:
            self.open_page(session.server.url.view(message_id), activation_token)
        else:
            self._show_window(activation_token)

    def open_page(self, url: str, activation_token: str = "") -> bool:
        """Open a page in the browser. Shows an error and returns False when there is no browser."""
        if open_page(url, activation_token):
            return True
        log.warning("No browser opened a page of %s", urlsplit(url).hostname)
        log.debug("The page was %s", url)  # may contain a login token, hence not above debug
        title = QCoreApplication.translate("notify", "Could not open the page")
        reason = QCoreApplication.translate("notify", "No browser is installed, or it failed to start.")
        self._show_error(title, reason)
        return False

    async def find_code(self, server: str, message: Message) -> Findings:
        """Return code and link of a message; reads its source if no code is known. Raises FaultError."""
        known = self._known(server, message)
        return known if known.code else await self._servers.messages.all_findings(server, message)

    async def find_link(self, server: str, message: Message) -> Findings:
        """Return code and link of a message; reads its source if no link is known. Raises FaultError."""
        known = self._known(server, message)
        return known if known.link else await self._servers.messages.all_findings(server, message)

    def mark_read(
        self, server: str, ids: tuple[str, ...], *, read: bool = True, done: Callable[[], object] = lambda: None
    ) -> None:
        """Mark these messages of a server as read or unread, then call `done`.

        Does nothing without IDs: Mailpit would mark all.
        """
        title = QCoreApplication.translate("notify", "Could not mark as read")
        title = title if read else QCoreApplication.translate("notify", "Could not mark as unread")
        if all(ids) and ids and (session := self._session(server, title)):
            self._tasks.run(self._mark_read(session, ids, read, title, done))

    def send_test(self, server: str) -> None:
        """Send a sample message to a server."""
        title = QCoreApplication.translate("notify", "Could not send the test message")
        if self._session(server, title):
            self._tasks.run(self._send_test(server, title))

    async def copy(self, text: str, activation_token: str) -> bool:
        """Copy a text to the clipboard; False when a window asks for a key press first, which Wayland requires."""
        return await self._clipboard.copy(text, activation_token)

    def copy_soon(self, text: str, activation_token: str) -> None:
        """Copy a text in the background."""
        self._tasks.run(self._copy(text, activation_token))

    def _known(self, server: str, message: Message) -> Findings:
        return self._servers.messages.quick_findings(server, message) or self._servers.messages.announced_findings(
            (server, message.id)
        )

    async def _copy(self, text: str, activation_token: str) -> None:
        await self.copy(text, activation_token)

    async def _send_test(self, server: str, title: str) -> None:
        try:
            await self._servers.send_test(server)
        except FaultError as error:
            self.show_failure(server, title, error)

    async def _mark_read(
        self, session: Session, ids: tuple[str, ...], read: bool, title: str, done: Callable[[], object]
    ) -> None:
        try:
            await session.mark_read(ids, read=read)
        except FaultError as error:
            self.show_failure(session.server.key, title, error)
        else:
            done()

    def _delete(self, key: Key) -> None:
        if self._session(key[0], QCoreApplication.translate("notify", "Could not delete the message")):
            self._servers.deletions.add(key)
            self._servers.show_undo(key)

    def _session(self, server: str, title: str) -> Session | None:
        """Return the session of a server. Shows an error without one: a notification can outlive its server."""
        session = self._servers.sessions.get(server)
        if session is None:
            self.show_server_removed(title)
        return session

    def show_server_removed(self, title: str) -> None:
        """Show that something was not done because its server was removed from the settings."""
        self._show_error(title, QCoreApplication.translate("notify", "Its server is no longer in the settings."))

    def show_failure(self, server: str, title: str, error: FaultError) -> None:
        """Show and log an action that a server did not carry out, with its fault."""
        log.warning("%s: %s: %s", server, title, error)
        sentence = error.explain(QCoreApplication.translate)
        self._show_error(title, ": ".join(filter(None, (self._servers.display_name(server), sentence))))
