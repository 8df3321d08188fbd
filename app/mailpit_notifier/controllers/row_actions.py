"""Carry out the actions for messages in the window, and show the result.

Separate from actions.py, which serves notifications and commands as well: the window has the focus, so it may write to
the clipboard itself. Runs on the loop; files are written in a thread.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.actions import Actions, ShowError
from mailpit_notifier.client.session import Session
from mailpit_notifier.findings.result import Findings
from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.runtime.bridge import in_thread
from mailpit_notifier.runtime.tasks import Tasks
from mailpit_notifier.runtime.text import plain
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.ui import clipboard, words
from mailpit_notifier.ui.window.list_model import Row
from mailpit_notifier.ui.window.message_actions import MessageAction

if TYPE_CHECKING:  # made when it is first needed
    from mailpit_notifier.ui.window.window import RecentWindow

MAX_SHOWN = 40
"""Characters of the copied text that are shown: as many as the window's lower bar has room for."""


class ShowStatus(Protocol):
    """Shows feedback for a moment. `spoken`: the text for screen readers in its place."""

    def __call__(self, sentence: str, spoken: str | None = None, /) -> None: ...


class RowActions:
    """`show_status` shows feedback for a moment, `show_error` what failed and why."""

    def __init__(self, servers: Servers, actions: Actions, show_status: ShowStatus, show_error: ShowError) -> None:
        self._servers = servers
        self._actions = actions
        self._show_status = show_status
        self._show_error = show_error
        self._show_restored: Callable[[str, Message], object] = lambda _server, _message: None
        self._tasks = Tasks()

    async def stop(self) -> None:
        """Cancel all running actions."""
        await self._tasks.stop()

    def attach(self, window: "RecentWindow") -> None:
        """Connect the signals of this window."""
        window.action_requested.connect(self.do)
        window.save_requested.connect(self.save)
        window.search_requested.connect(self.search)
        window.more_requested.connect(self.load_more)
        self._show_restored = window.show_restored
        window.undo_requested.connect(self.undo)
        window.marked_all_read.connect(self.mark_all_read)
        window.quick_look.link_opened.connect(self.open_url)
        window.quick_look.code_copied.connect(self._copy_found)
        window.quick_look.text_copied.connect(self.copy_lines)
        window.undo_focused.connect(self.pause_undo)

    def do(self, action: MessageAction, row: Row) -> None:
        """Apply an action to a message."""
        session = self._servers.sessions.get(row.server)
        if session is None:
            return
        match action:
            case MessageAction.COPY_CODE:
                self._tasks.run(self._copy_code(row))
            case MessageAction.OPEN_LINK:
                self._tasks.run(self._open_link(row))
            case MessageAction.COPY_ADDRESS if row.message.recipients:
                person = row.message.recipients[0]
                self._copy(person.address or person.name)
            case MessageAction.OPEN_HTML:
                self._actions.open_page(session.server.url.html_view(row.message.id))
            case MessageAction.COPY_URL:
                self._copy(session.server.url.view(row.message.id))
            case MessageAction.MARK_READ | MessageAction.MARK_UNREAD:
                self._mark_read(row, read=action is MessageAction.MARK_READ)
            case MessageAction.DELETE:
                self._servers.deletions.add((row.server, row.message.id))

    def save(self, row: Row, path: Path) -> None:
        """Write the whole source of a message to a file."""
        if session := self._servers.sessions.get(row.server):
            self._tasks.run(self._save(session, row.message.id, path))

    def search(self, server: str, query: str) -> None:
        """Open Mailpit's search page, or its mailbox if `query` is empty."""
        if session := self._servers.sessions.get(server):
            self._actions.open_page(session.server.url.search(query) if query else session.server.url.base)

    def load_more(self, servers: tuple[str, ...]) -> None:
        """Load more messages of these servers."""
        for server in servers:
            if session := self._servers.sessions.get(server):
                session.load_more()

    def open_url(self, url: str) -> None:
        """Open a link of a message."""
        if self._actions.open_page(url):
            self._show_opened(url)

    def copy_lines(self, text: str) -> None:
        """Copy a text that the user selected."""
        clipboard.put_lines(text)
        self._show_status(QCoreApplication.translate("RowActions", "Copied {0}").format(plain(text, MAX_SHOWN)))

    def mark_all_read(self, server: str, ids: tuple[str, ...]) -> None:
        """Mark these messages of a server as read."""
        one = QCoreApplication.translate("RowActions", "Marked 1 message as read")
        several = QCoreApplication.translate("RowActions", "Marked {0} messages as read").format(len(ids))
        done = partial(self._show_status, one if len(ids) == 1 else several)
        self._actions.mark_read(server, ids, done=done)

    def undo(self) -> None:
        """Undo the most recent deletion that is still pending."""
        if undoable := list(self._servers.messages.undoable.items()):
            (server, message_id), message = undoable[-1]
            if self._servers.deletions.undo((server, message_id)):
                self._show_restored(server, message)

    def pause_undo(self, paused: bool) -> None:
        """Pause or continue the countdown of all pending deletions."""
        for key in list(self._servers.messages.undoable):
            self._servers.deletions.pause_countdown(key)
            if not paused:
                self._servers.deletions.start_countdown(key)

    async def _copy_code(self, row: Row) -> None:
        try:
            found = await self._actions.find_code(row.server, row.message)
        except FaultError as error:
            self._actions.show_failure(
                row.server, QCoreApplication.translate("RowActions", "No code was copied"), error
            )
            return
        if found.code:
            self._copy_found(found.code)
        else:
            no_code = QCoreApplication.translate("RowActions", "No code in this message")
            cut = QCoreApplication.translate("RowActions", "No code in the part that could be read")
            self._show_status(cut if found.is_cut else no_code)

    async def _open_link(self, row: Row) -> None:
        try:
            found = await self._actions.find_link(row.server, row.message)
        except FaultError as error:
            self._actions.show_failure(
                row.server, QCoreApplication.translate("RowActions", "No link was opened"), error
            )
            return
        if found.link is None:
            no_link = QCoreApplication.translate("RowActions", "No link in this message")
            cut = QCoreApplication.translate("RowActions", "No link in the part that could be read")
            self._show_status(cut if found.is_cut else no_link)
        else:
            self.open_url(found.link)

    def _mark_read(self, row: Row, *, read: bool) -> None:
        as_read = QCoreApplication.translate("RowActions", "Marked as read")
        as_unread = QCoreApplication.translate("RowActions", "Marked as unread")
        done = partial(self._show_status, as_read if read else as_unread)
        self._actions.mark_read(row.server, (row.message.id,), read=read, done=done)

    def _show_opened(self, url: str) -> None:
        site = words.link(Findings(link=url), MAX_SHOWN)
        self._show_status(QCoreApplication.translate("RowActions", "Opened {0}").format(site))

    def _copy_found(self, code: str) -> None:
        clipboard.put(code)
        copied, shown = QCoreApplication.translate("RowActions", "Copied {0}"), plain(code, MAX_SHOWN)
        self._show_status(copied.format(shown), copied.format(words.spelled(shown)))

    def _copy(self, text: str) -> None:
        clipboard.put(text)
        self._show_status(QCoreApplication.translate("RowActions", "Copied {0}").format(plain(text, MAX_SHOWN)))

    async def _save(self, session: Session, message_id: str, path: Path) -> None:
        failed = QCoreApplication.translate("RowActions", "The message was not saved")
        try:
            source = await session.read_source(lambda rest: rest.raw_source(message_id), apart=True)
            await in_thread("save", write_file, path, source)
        except FaultError as error:
            self._actions.show_failure(session.server.key, failed, error)
        except OSError as error:
            # Not str(error): it contains the file name, which is the message's subject.
            self._show_error(failed, f"{error.strerror or type(error).__name__}.")
        else:
            self._show_status(QCoreApplication.translate("RowActions", "Saved {0}").format(plain(path.name, MAX_SHOWN)))


def write_file(path: Path, content: bytes) -> None:
    """Write a file completely or not at all. Raises OSError."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
