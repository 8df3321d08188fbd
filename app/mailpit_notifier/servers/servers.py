"""The servers of the program: keeps their sessions in step with the settings, and routes what they report.

Events go from the sessions to the announcer (notifications) and to the callbacks (window and tray). The parts:
`SessionPool` has the sessions, `Messages` what the user sees of their messages, `PendingDeletions` the deletions that
can still be undone, `Announcer` decides what is announced. Runs on the loop.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from mailpit_notifier.announce.announcer import Announcer
from mailpit_notifier.announce.journal import forget_unused, journal_path
from mailpit_notifier.client.session import Session, SessionCallbacks
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.rules import Rule
from mailpit_notifier.core.settings import Server, Settings, colors_of
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.notify.notice import Key, Notice, Notifier
from mailpit_notifier.notify.problem_notices import outage_notice
from mailpit_notifier.notify.texts import AnnouncedMessage
from mailpit_notifier.protocol.events import News, Snapshot
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.model import Message, SampleMessage
from mailpit_notifier.runtime.tasks import Tasks

from .messages import DeletionCallbacks, Messages, PendingDeletions
from .passwords import Passwords
from .rule_commands import RuleCommands
from .session_pool import Outages, SessionPool
from .source_finder import SourceFinder
from .timing import DEFAULT_TIMING, Timing


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCallbacks:
    """Called on the loop.

    `changed(server, change, news)`: visible messages of a server changed; `news` is how many of them are new to the
    user, 0 while the server is muted. `status_changed`: the status of a server, or the list of servers, changed.
    `open_wanted`: a rule asks to open this message in the browser. `not_deleted(key, error)`: a deletion failed;
    `error` is None when the server was removed from the settings before it was asked. `deletions_changed`: other
    messages can be undone now.
    """

    changed: Callable[[str, Change, int], None]
    status_changed: Callable[[], None]
    open_wanted: Callable[[Key], None]
    not_deleted: Callable[[Key, FaultError | None], None]
    deletions_changed: Callable[[], None]


class Servers:
    """The life cycle of all sessions, and the announcer's directory of servers (`announcer.ServerDirectory`).

    `journals` is the folder with a journal of announced messages for each server.
    """

    def __init__(
        self, notifier: Notifier, journals: Path, callbacks: ServerCallbacks, timing: Timing = DEFAULT_TIMING
    ) -> None:
        self.timing = timing
        self._journals = journals
        self._callbacks = callbacks
        self._tasks = Tasks()
        self._finder = SourceFinder(lambda: self._pool.sessions)
        self._announcer = Announcer(notifier, self, self._finder, timing.announce)
        self.passwords = Passwords()
        self._pool = SessionPool(self._session_callbacks(), self.passwords, self._tasks, timing.client)
        self.deletions = PendingDeletions(
            self._delete,
            DeletionCallbacks(
                visibility_changed=self._on_visibility_changed,
                changed=callbacks.deletions_changed,
                failed=callbacks.not_deleted,
            ),
            timing,
        )
        self.messages = Messages(self._pool, self._announcer, self.deletions, self._finder)
        self._commands = RuleCommands(self._finder, self._announcer.show, hides=lambda: self._announcer.hides_content)
        self._outages = Outages(self._show_outage, timing.outage)
        self._rules: tuple[Rule, ...] = ()
        self._muted: Mapping[str, datetime] = {}
        self._unreported: deque[tuple[str, Change, int]] = deque()  # changes that the callbacks get soon

    def _session_callbacks(self) -> SessionCallbacks:
        return SessionCallbacks(
            changed=self._on_changed,
            caught_up=partial(self._on_listed, self._announcer.catch_ups.begin),
            older=partial(self._on_listed, self._announcer.catch_ups.add_older),
            listed=partial(self._on_listed, self._announcer.catch_ups.compare),
            knows=self._announcer.catch_ups.is_known,
            news=self._on_news,
            status=self._on_status,
        )

    # Life cycle

    def start(self, settings: Settings) -> None:
        """Start announcing, and connect to the enabled servers."""
        forget_unused(self._journals)
        self._tasks.run(self._announcer.run())
        self._tasks.run(self._finder.load())
        self.update_settings(settings)

    def update_settings(self, settings: Settings) -> None:
        """Use these settings from now on. Sessions whose server did not change are not interrupted."""
        self._announcer.update_settings(settings)
        self._update_sessions(settings.servers)
        if settings.rules == self._rules:
            return
        self._rules = settings.rules
        for server, session in self.sessions.items():  # a rule may hide other rows now
            shown = self.messages.rows(server)
            hidden = {row.id for row in session.inbox.rows}.difference(row.id for row in shown)
            self._report(server, Change(removed=tuple(hidden), added=shown))

    def set_journal_folder(self, journals: Path) -> None:
        """Use this folder for the journals of servers that are connected from now on."""
        self._journals = journals

    def set_window_shown(self, *, shown: bool) -> None:
        """Set whether the window is visible."""
        self._pool.set_window_shown(shown)

    def pause(self, paused: bool) -> None:
        """Pause notifications, or resume them with a summary of what arrived meanwhile."""
        if paused:
            self._announcer.pause()
        else:
            self._announcer.resume()

    def mute(self, ends: Mapping[str, datetime]) -> None:
        """Mute these servers (base URL -> end) and no others. Messages of those no longer muted are summed up."""
        self._muted = ends
        self._announcer.mute(ends.keys())
        self._callbacks.status_changed()

    def retry(self) -> None:
        """Connect at once to the servers that wait for their next attempt."""
        self._pool.retry()

    def wake(self) -> None:
        """Check all connections after the machine has slept."""
        self._pool.wake()

    async def stop(self) -> None:
        """Disconnect from all servers. Pending deletions are not done."""
        self._outages.stop()
        await self.deletions.stop()
        await self._announcer.stop()
        self._finder.stop()
        for key in self.sessions:
            self._announcer.catch_ups.connection_lost(key)
        await self._tasks.stop()

    # State

    @property
    def sessions(self) -> Mapping[str, Session]:
        """The current sessions by base URL, in the order of the settings."""
        return self._pool.sessions

    def statuses(self) -> tuple[ServerStatus, ...]:
        """Return the status of each server, with its color and the end of its mute."""
        return tuple(replace(status, muted_until=self._muted.get(status.url)) for status in self._pool.statuses())

    def name(self, key: str) -> str:
        """Return the name that starts a notification about a server's message; "" while there is only one server."""
        return self.display_name(key) if len(self.sessions) > 1 else ""

    def color(self, key: str) -> str:
        """Return the color of a server's icon on a notification; "" while there is only one server."""
        return self._pool.color(key) if len(self.sessions) > 1 else ""

    def display_name(self, key: str) -> str:
        """Return a server's name for notifications; "" for an unknown one.

        Where content is hidden, the name that the server gave itself is hidden, too.
        """
        session = self.sessions.get(key)
        if session is None:
            return ""
        return session.server.label if self._announcer.hides_content else session.status.name

    def names(self, key: str) -> tuple[str, ...]:
        """Return all names by which a rule may refer to a server: its name, if it is connected, and its base URL."""
        session = self.sessions.get(key)
        return (session.status.name, key) if session else (key,)

    # Actions

    def open(self, key: Key) -> None:
        """Open a message in the browser because a rule asks for it."""
        self._callbacks.open_wanted(key)

    def run(self, rule: Rule, server: str, message: Message) -> None:
        """Run a rule's command for a message."""
        if session := self.sessions.get(server):
            url = session.server.url.view(message.id)
            self._tasks.run(self._commands.run(rule, server, session.status.name, url, message))

    async def send_test(self, server: str) -> None:
        """Send a sample message to a server. It is announced even during a pause. Raises FaultError."""
        sample = SampleMessage()
        self._announcer.always_announce(sample.code)
        if session := self.sessions.get(server):
            await session.ask(lambda rest: rest.send(sample.body()))

    def show_notice(self, notice: Notice) -> None:
        """Show a notification that is not about a message."""
        self._announcer.show(notice)

    def withdraw_notice(self, key: Key) -> None:
        """Withdraw a notification that was shown by `show_notice`."""
        self._announcer.withdraw(key)

    def show_undo(self, key: Key) -> None:
        """Replace the notification of a message that is about to be deleted by one with an Undo button."""
        if message := self._pool.message(key):
            self._announcer.show_undo(
                AnnouncedMessage(
                    server_url=key[0],
                    message=message,
                    server_name=self.name(key[0]),
                    server_color=self.color(key[0]),
                )
            )

    # Sessions

    def _update_sessions(self, servers: tuple[Server, ...]) -> None:
        enabled = {server.key: server for server in servers if server.enabled}
        ended = self._pool.outdated(enabled)
        for key in ended:
            self._end(key, removed=key not in enabled)
        for key in (key for key in enabled if key not in self.sessions):
            self._announcer.add_server(key, journal_path(self._journals, key))
        self._pool.start_missing(enabled, colors_of(servers))
        for key in ended.difference(enabled):
            self._announcer.remove_server(key)
        self._announcer.delete_other_journals({server.key for server in servers})
        self._callbacks.status_changed()

    def _end(self, key: str, *, removed: bool) -> None:
        self._report_changes()
        session = self._pool.end(key)
        self._announcer.catch_ups.connection_lost(key)
        self._outages.forget(key)
        if rows := tuple(session.inbox.by_id):
            self._report(key, Change(removed=rows))
        if removed:  # delete nothing on it, and report that: "Deleted" was shown before
            for pending in self.deletions.cancel_for(key):
                self._callbacks.not_deleted(pending, None)

    def _on_changed(self, key: str, change: Change) -> None:
        if key not in self.sessions:  # the last event of a session that is being ended
            return
        news = bool(change.arrived and self._announcer.arrived(key, change.arrived)) and key not in self._muted
        for message_id in change.gone:
            self.deletions.remove((key, message_id))
        self._announcer.apply_change(key, change, pending=self.deletions)
        if not self._unreported:
            asyncio.get_running_loop().call_soon(self._report_changes)
        self._unreported.append((key, change, news))

    def _report(self, key: str, change: Change, news: int = 0) -> None:
        """Report a change of what is visible now, after earlier ones."""
        self._report_changes()
        self._callbacks.changed(key, change, news)

    def _report_changes(self) -> None:
        """Report what events changed. It runs after their notifications are sent: the window is less urgent."""
        while self._unreported:
            key, change, news = self._unreported.popleft()
            if key in self.sessions:
                added, updated = (tuple(self.messages.visible(key, found)) for found in (change.added, change.updated))
                self._callbacks.changed(key, replace(change, added=added, updated=updated), news)

    def _on_listed(self, count_missed: Callable[[str, Snapshot], int], key: str, snapshot: Snapshot) -> bool:
        if key not in self.sessions:  # the last event of a session that is being ended
            return False
        if (missed := count_missed(key, snapshot)) and key not in self._muted:
            self._report(key, Change(), missed)
        return self._announcer.catch_ups.needs_older(key)

    def _on_news(self, key: str, news: News) -> None:
        if key in self.sessions:
            self._announcer.show_smtp_error(key, news)

    def _on_status(self, status: ServerStatus) -> None:
        self._callbacks.status_changed()
        if status.link is Link.DISCONNECTED:
            self._announcer.catch_ups.connection_lost(status.url)
        self._outages.update(status, local=self._pool.is_local(status.url))

    def _show_outage(self, key: str) -> None:
        if (session := self.sessions.get(key)) and key not in self._muted:
            self.show_notice(outage_notice(session.status, self.display_name(key)))

    # Deletions

    async def _delete(self, key: Key) -> None:
        session = self.sessions.get(key[0])
        if session is None:
            raise FaultError(Fault.CUT_OFF, "the server is not connected")
        await session.delete(key[1])

    def _on_visibility_changed(self, key: Key) -> None:
        server, message_id = key
        self._announcer.message_notifications.withdraw(key)
        if key in self.deletions:
            self._report(server, Change(removed=(message_id,)))
        elif message := self._pool.message(key):
            self._report(server, Change(added=tuple(self.messages.visible(server, [message]))))
