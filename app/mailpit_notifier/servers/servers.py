"""The servers that are listened to now: a session, a journal and a task for each, kept in step with the settings.

Between the settings and everything that shows mail. One server that fails, hangs or is gone delays no other.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from heapq import nsmallest
from itertools import islice
from pathlib import Path

from mailpit_notifier.announce.announcer import Announcer
from mailpit_notifier.announce.journal import forget_unused, journal_path
from mailpit_notifier.client.session import Session, SessionCallbacks
from mailpit_notifier.client.timing import TIMING, Timing
from mailpit_notifier.core.inbox import Change, order
from mailpit_notifier.core.limits import SuppressionReason
from mailpit_notifier.core.rules import Rule
from mailpit_notifier.core.settings import Server, Settings, colors_of
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.findings.result import Findings
from mailpit_notifier.notify.notice import Key, Notice, Notifier
from mailpit_notifier.notify.problem_notices import outage_notice
from mailpit_notifier.notify.texts import AnnouncedMessage
from mailpit_notifier.protocol.events import News, Snapshot
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.model import Message, SampleMessage
from mailpit_notifier.runtime.tasks import Tasks

from .discovery import project_of
from .outages import Outages
from .passwords import Passwords
from .pending_deletions import DeletionCallbacks as Laid
from .pending_deletions import PendingDeletions
from .rule_commands import RuleCommands
from .source_finder import SourceFinder, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCallbacks:
    """Who is told what; on the loop.

    `changed(server, change, news)`: something changed, with the number of mails that this brought. `status_changed`:
    any server's status is another, or there are other servers. `open_wanted`: a rule wants this mail in the browser.
    `not_deleted`: the server did not delete this mail, or, without a fault, it left the settings before.
    `deletions_changed`: other mails are about to be deleted.
    """

    changed: Callable[[str, Change, int], None]
    status_changed: Callable[[], None]
    open_wanted: Callable[[Key], None]
    not_deleted: Callable[[Key, FaultError | None], None]
    deletions_changed: Callable[[], None]


class Servers:
    """Sessions by the server's base URL, in the order of the settings.

    Mails that a rule hides, and those that are about to be deleted, are in the inboxes and nowhere else.
    """

    def __init__(
        self, notifier: Notifier, journals: Path, told: ServerCallbacks, *, client_timing: Timing = TIMING
    ) -> None:
        self._sessions: dict[str, Session] = {}
        self._colors: Mapping[str, str] = {}
        self._finder = SourceFinder(lambda: self._sessions)
        self._told = told
        self._announcer = Announcer(notifier, self, self._finder)
        self.deletions = PendingDeletions(
            self._delete, Laid(laid=self._on_laid, changed=told.deletions_changed, failed=told.not_deleted)
        )
        self._commands = RuleCommands(self._finder, self._announcer.tell, hides=lambda: self._announcer.hides)
        self.passwords = Passwords()
        self._journals = journals
        self._client_timing = client_timing
        self._observer = SessionCallbacks(
            changed=self._on_changed,
            caught_up=partial(self._on_listed, self._announcer.caught_up),
            older=partial(self._on_listed, self._announcer.older),
            listed=partial(self._on_listed, self._announcer.listed),
            knows=self._announcer.knows,
            news=self._on_news,
            status=self._on_status,
        )
        self._tasks = Tasks()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._outages = Outages(self._tell_outage)
        self._watched = False
        self._rules: tuple[Rule, ...] = ()

    def start(self, settings: Settings) -> None:
        """Begin to announce, and to listen as the settings say."""
        forget_unused(self._journals)
        self._tasks.run(self._announcer.run())
        self._tasks.run(self._finder.load())
        self.apply(settings)

    def apply(self, settings: Settings) -> None:
        """Go on with other settings."""
        self._announcer.apply(settings)
        self._listen_to(settings.servers)
        if settings.rules == self._rules:
            return
        self._rules = settings.rules
        for server, session in self._sessions.items():  # a rule may hide other rows now
            shown = self.rows(server)
            hidden = {row.id for row in session.inbox.rows}.difference(row.id for row in shown)
            self._told.changed(server, Change(removed=tuple(hidden), added=shown), 0)

    def pause(self, paused: bool) -> None:
        """Announce nothing, or again."""
        if paused:
            self._announcer.pause()
        else:
            self._announcer.resume()

    def found(self, key: Key) -> Findings:
        """The code and the link of a mail that was announced by itself."""
        return self._announcer.singles.found(key)

    def at_a_glance(self, server: str, message: Message) -> Findings | None:
        """The code and the link of any mail without asking its server; None until that can be told."""
        quick = self._finder.quick(message) if self._finder.ready else None
        return quick and self.found((server, message.id)).completed_by(quick)

    async def all_found(self, server: str, message: Message, urgency: Urgency = Urgency.ASKED) -> Findings:
        """The code and the link of any mail, by its source if need be. Raises FaultError."""
        return self.found((server, message.id)).completed_by(await self._finder.everything(server, message, urgency))

    @property
    def undoable(self) -> Mapping[Key, Message]:
        """The mails that are about to be deleted, which can still be taken back; the last one last."""
        return {key: message for key in self.deletions.undoable if (message := self._message(key))}

    def beyond(self) -> dict[str, int]:
        """How many mails each server has that could still be loaded."""
        return {key: session.beyond for key, session in self._sessions.items()}

    def reason(self, key: Key) -> SuppressionReason | None:
        """Why a mail got no notification of its own, where that is known."""
        return self._announcer.reason(key)

    def tell(self, notice: Notice) -> None:
        """Show a notice that is about no mail."""
        self._announcer.tell(notice)

    def take_back(self, key: Key) -> None:
        """What was told is true no more."""
        self._announcer.take_back(key)

    async def send_test(self, server: str) -> None:
        """Send a sample mail into a server, which is announced like any other. Raises FaultError."""
        mail = SampleMessage()
        self._announcer.want(mail.code)
        if session := self._sessions.get(server):
            await session.ask(lambda rest: rest.send(mail.body()))

    def note_in(self, journals: Path) -> None:
        """Keep in this folder what is announced of servers that are not listened to yet."""
        self._journals = journals

    def cover(self, key: Key) -> None:
        """A mail is about to be deleted: say so in the place of its notification, with what takes it back."""
        if message := self._message(key):
            self._announcer.cover(AnnouncedMessage(server_url=key[0], message=message, server_name=self.name(key[0])))

    @property
    def sessions(self) -> Mapping[str, Session]:
        """The sessions."""
        return self._sessions

    def statuses(self) -> tuple[ServerStatus, ...]:
        """How each is doing, with its colour."""
        return tuple(replace(session.status, color=self._colors[key]) for key, session in self._sessions.items())

    def name(self, key: str) -> str:
        """The name that leads what is said of a server's mail; "" while there is only one."""
        return self.spoken_name(key) if len(self._sessions) > 1 else ""

    def spoken_name(self, key: str) -> str:
        """The server's name in a notice: not the one that it gives itself where content is hidden. "" for none."""
        session = self._sessions.get(key)
        if session is None:
            return ""
        return session.server.label if self._announcer.hides else session.status.name

    def names(self, key: str) -> tuple[str, ...]:
        """All by which a rule may mean a server."""
        session = self._sessions.get(key)
        return (session.status.name, key) if session else (key,)

    def open(self, key: Key) -> None:
        """Open a mail in the browser, as a rule wants it."""
        self._told.open_wanted(key)

    def run(self, rule: Rule, server: str, message: Message) -> None:
        """Run a rule's command for a mail."""
        if session := self._sessions.get(server):
            url = session.server.url.view(message.id)
            self._tasks.run(self._commands.run(rule, server, session.status.name, url, message))

    def rows(self, server: str) -> tuple[Message, ...]:
        """What is to be seen of a server's mails, newest first."""
        return tuple(self._visible(server, self._sessions[server].inbox.rows))

    def newest(self, count: int) -> list[tuple[str, Message]]:
        """The newest messages of all, with their servers."""
        rows = (
            (key, message)
            for key, session in self._sessions.items()
            for message in islice(self._visible(key, session.inbox.rows), count)
        )
        return nsmallest(count, rows, key=lambda row: order(row[1]))

    def retry(self) -> None:
        """Somebody looks: try those again that are waiting to."""
        for session in self._sessions.values():
            session.retry()

    def wake(self) -> None:
        """The machine has slept."""
        for session in self._sessions.values():
            session.wake()

    def watch(self, *, shown: bool) -> None:
        """Whether somebody is looking at the rows."""
        self._watched = shown
        for session in self._sessions.values():
            session.watch(shown)

    async def stop(self) -> None:
        """End all."""
        self._outages.stop()
        await self.deletions.stop()
        await self._announcer.stop()
        self._finder.stop()
        for key in self._sessions:
            self._announcer.lost(key)
        await self._tasks.stop()

    def _listen_to(self, servers: tuple[Server, ...]) -> None:
        """Listen to exactly the enabled ones of these. What did not change goes on undisturbed."""
        wanted = {server.key: server for server in servers if server.enabled}
        ended = {key for key, session in self._sessions.items() if wanted.get(key) != session.server}
        for key in ended:
            self._end(key)
            if key not in wanted:
                self._leave(key)
        before = self._sessions
        self._colors = colors_of(servers)
        self._sessions = {key: before.get(key) or self._begin(server) for key, server in wanted.items()}
        for key in ended.difference(wanted):
            self._announcer.leave(key)
        self._announcer.keep({server.key for server in servers})
        self._told.status_changed()

    def _begin(self, server: Server) -> Session:
        session = Session(
            server,
            self._observer,
            unlock=self.passwords.unlocked,
            project_of=project_of,
            timing=self._client_timing,
        )
        self._announcer.listen_to(server.key, journal_path(self._journals, server.key))
        session.watch(self._watched)
        self._running[server.key] = self._tasks.run(session.run())
        return session

    def _end(self, key: str) -> None:
        session = self._sessions.pop(key)
        self._running.pop(key).cancel()
        self._announcer.lost(key)
        self._outages.forget(key)
        if gone := tuple(session.inbox.by_id):
            self._told.changed(key, Change(removed=gone), 0)

    def _on_news(self, key: str, news: News) -> None:
        if key in self._sessions:
            self._announcer.tell_news(key, news)

    def _leave(self, server: str) -> None:
        """Delete nothing on a server that the user has just removed, and say so: "Deleted" was said before."""
        for key in self.deletions.leave(server):
            self._told.not_deleted(key, None)

    def _on_changed(self, key: str, change: Change) -> None:
        if key not in self._sessions:  # a last word of a session that is being ended
            return
        news = bool(change.arrived and self._announcer.arrived(key, change.arrived))
        for message_id in change.gone:
            self.deletions.gone((key, message_id))
        self._announcer.follow(key, change, aside=self.deletions)
        added, updated = (tuple(self._visible(key, messages)) for messages in (change.added, change.updated))
        self._told.changed(key, replace(change, added=added, updated=updated), news)

    def _visible(self, server: str, messages: Iterable[Message]) -> Iterator[Message]:
        for message in messages:
            if (server, message.id) not in self.deletions and not self._announcer.hidden(server, message):
                yield message

    async def _delete(self, key: Key) -> None:
        session = self._sessions.get(key[0])
        if session is None:
            raise FaultError(Fault.CUT_OFF, "the server is not listened to")
        await session.delete(key[1])

    def _on_laid(self, key: Key) -> None:
        """A mail was laid aside to be deleted, or is shown again."""
        server, message_id = key
        self._announcer.singles.withdraw(key)
        if key in self.deletions:
            self._told.changed(server, Change(removed=(message_id,)), 0)
        elif message := self._message(key):
            self._told.changed(server, Change(added=tuple(self._visible(server, [message]))), 0)

    def _message(self, key: Key) -> Message | None:
        session = self._sessions.get(key[0])
        return session.inbox.by_id.get(key[1]) if session else None

    def _on_listed(self, take_in: Callable[[str, Snapshot], int], key: str, snapshot: Snapshot) -> bool:
        if key not in self._sessions:  # a last word of a session that is being ended
            return False
        if missed := take_in(key, snapshot):
            self._told.changed(key, Change(), missed)
        return self._announcer.wants_older(key)

    def _on_status(self, status: ServerStatus) -> None:
        self._told.status_changed()
        if status.link is Link.DISCONNECTED:
            self._announcer.lost(status.url)
        self._outages.note(status, local=status.url not in self._sessions or self._sessions[status.url].local)

    def _tell_outage(self, key: str) -> None:
        if session := self._sessions.get(key):
            self.tell(outage_notice(session.status, self.spoken_name(key)))
