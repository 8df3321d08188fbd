"""The servers that are listened to now: a session, a journal and a task for each, kept in step with the settings.

Between the settings and everything that shows mail. One server that fails, hangs or is gone delays no other.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from heapq import nsmallest
from itertools import islice
from pathlib import Path

from .announcer import Announcer
from .bridge import Worker
from .core.found import NOTHING, Findings
from .core.inbox import Change, order
from .core.settings import COLORS, Server, Settings
from .core.status import Link, ServerStatus
from .journal import journal_path
from .mailpit.events import Snapshot
from .mailpit.model import Message
from .mailpit.session import Observer, Session
from .notify.notice import Key, Notice, Notifier
from .notify.texts import outage_notice
from .passwords import unlocked
from .tasks import Tasks

log = logging.getLogger(__name__)

OUTAGE = 300.0
"""Seconds that a server elsewhere may be gone before that is worth a notice. Local ones come and go all day."""


Quick = Callable[[str, str], Findings]
"""Subject and snippet -> what is clear at a glance."""


def load_finder() -> Quick:
    """Load what finds codes and links, and have it ready."""
    from .core.findings import quick

    quick("", "")
    return quick


class Servers:
    """Sessions by the server's base URL, in the order of the settings.

    `changed(server, change, news)` is called for each event that changed something, with the number of mails that it
    brought; `status_changed` whenever any server's status is another, or there are other servers.
    """

    def __init__(
        self,
        notifier: Notifier,
        journals: Path,
        changed: Callable[[str, Change, int], None],
        status_changed: Callable[[], None],
    ) -> None:
        self._finding = Worker("findings")
        self._announcer = Announcer(notifier, self.name, self)
        self._journals = journals
        self._changed = changed
        self._status_changed = status_changed
        self._observer = Observer(changed=self._on_changed, caught_up=self._on_caught_up, status=self._on_status)
        self._sessions: dict[str, Session] = {}
        self._tasks = Tasks()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._outages: dict[str, asyncio.TimerHandle] = {}
        self._watched = False
        self._quick: Quick | None = None

    def start(self, settings: Settings) -> None:
        """Begin to announce, and to listen as the settings say."""
        self._tasks.run(self._announcer.run())
        self._tasks.run(self._load_finder())
        self.apply(settings)

    def apply(self, settings: Settings) -> None:
        """Go on with other settings."""
        self._announcer.sums_up = settings.notifications.catch_up
        self._listen_to(settings.servers)

    async def _load_finder(self) -> None:
        """Load it in a thread: its words are many, and until it is there mails are announced without it."""
        self._quick = await self._finding.call(load_finder)

    def quick(self, message: Message) -> Findings:
        """What a message summary says of code and link, once the finder is loaded."""
        return self._quick(message.subject, message.snippet) if self._quick else NOTHING

    async def full(self, server: str, message_id: str) -> Findings:
        """What a mail's source says of them. Raises FaultError."""
        session = self._sessions.get(server)
        return await session.findings(message_id) if session else NOTHING

    def found(self, key: Key) -> Findings:
        """The code and the link of a mail that was announced by itself."""
        return self._announcer.found(key)

    def tell(self, notice: Notice) -> None:
        """Show a notice that is about no mail."""
        self._announcer.tell(notice)

    @property
    def sessions(self) -> Mapping[str, Session]:
        """The sessions."""
        return self._sessions

    def statuses(self) -> tuple[ServerStatus, ...]:
        """How each is doing, with a colour for those that have none of their own."""
        return tuple(
            replace(session.status, color=session.server.color or COLORS[number % len(COLORS)])
            for number, session in enumerate(self._sessions.values())
        )

    def name(self, key: str) -> str:
        """The name that leads what is said of a server's mail; "" while there is only one."""
        session = self._sessions.get(key)
        return session.status.name if session and len(self._sessions) > 1 else ""

    def newest(self, count: int) -> list[tuple[str, Message]]:
        """The newest messages of all, with their servers."""
        rows = (
            (key, message) for key, session in self._sessions.items() for message in islice(session.inbox.rows, count)
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
        for timer in self._outages.values():
            timer.cancel()
        await self._announcer.stop()
        for key in self._sessions:
            self._announcer.lost(key)
        await self._tasks.stop()

    def _listen_to(self, servers: tuple[Server, ...]) -> None:
        """Listen to exactly the enabled ones of these. What did not change goes on undisturbed."""
        wanted = {server.key: server for server in servers if server.enabled}
        for key in [key for key, session in self._sessions.items() if wanted.get(key) != session.server]:
            self._end(key)
        before = self._sessions
        self._sessions = {key: before.get(key) or self._begin(server) for key, server in wanted.items()}
        self._status_changed()

    def _begin(self, server: Server) -> Session:
        session = Session(server, self._observer, unlock=unlocked)
        self._announcer.listen_to(server.key, journal_path(self._journals, server.key))
        session.watch(self._watched)
        self._running[server.key] = self._tasks.run(session.run())
        return session

    def _end(self, key: str) -> None:
        session = self._sessions.pop(key)
        self._running.pop(key).cancel()
        self._announcer.lost(key)
        self._stop_outage(key)
        if gone := tuple(session.inbox.by_id):
            self._changed(key, Change(removed=gone), 0)

    def _on_changed(self, key: str, change: Change) -> None:
        news = bool(change.arrived and self._announcer.arrived(key, change.arrived))
        self._changed(key, change, news)

    def _on_caught_up(self, key: str, snapshot: Snapshot) -> None:
        if missed := self._announcer.caught_up(key, snapshot):
            self._changed(key, Change(), missed)

    def _on_status(self, status: ServerStatus) -> None:
        self._status_changed()
        if status.link is Link.DISCONNECTED:
            self._announcer.lost(status.url)
        session = self._sessions.get(status.url)
        if status.link is not Link.DISCONNECTED or session is None or session.local:
            self._stop_outage(status.url)
        elif status.url not in self._outages:
            loop = asyncio.get_running_loop()
            self._outages[status.url] = loop.call_later(OUTAGE, self._tell_outage, status.url)

    def _tell_outage(self, key: str) -> None:
        if session := self._sessions.get(key):
            self.tell(outage_notice(session.status))

    def _stop_outage(self, key: str) -> None:
        if timer := self._outages.pop(key, None):
            timer.cancel()
