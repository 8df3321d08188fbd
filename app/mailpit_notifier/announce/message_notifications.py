"""Messages with their own notification, and the queue of all notices on their way to the desktop.

- `Outbox` shows one notice after the other. The messages that a notice announces are recorded once the desktop has
  taken it.
- `MessageNotifications` shows a message, and withdraws its notification when a click could open nothing. Where subject
  and snippet have neither code nor link, the notification waits for the source, but not longer than `source_wait` after
  the message arrived. What is found in the source later is added in place, while the notification is visible.

Apart from the announcer, which decides what is shown. Runs on the loop.
"""

import asyncio
import contextlib
import logging
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.settings import Notifications
from mailpit_notifier.findings.result import NOTHING, Findings
from mailpit_notifier.notify.notice import Key, Notice, Notifier
from mailpit_notifier.notify.texts import AnnouncedMessage, message_notice
from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.protocol.model import NO_ID, Message
from mailpit_notifier.runtime.tasks import Tasks, keep_running, report

from .timing import Timing

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A queued notice.

    `announces` are the IDs, by server, of the messages that it shows or counts. `on_shown` is called after the
    notifier's answer, also if it failed.
    """

    notice: Notice
    announces: Mapping[str, Iterable[str]] = field(default_factory=dict)
    on_shown: Callable[[], None] = lambda: None


class Outbox:
    """Show queued notices in order. `announced(server, ids)` is called with the messages of each shown notice.

    `stop_timeout` is in seconds: how long `stop` waits for the desktop's answer.
    """

    def __init__(
        self, notifier: Notifier, announced: Callable[[str, Iterable[str]], None], *, stop_timeout: float
    ) -> None:
        self._notifier = notifier
        self._announced = announced
        self._stop_timeout = stop_timeout
        self._queue: asyncio.Queue[Outgoing | Key | Callable[[], None]] = asyncio.Queue()

    @property
    def can_update(self) -> bool:
        """Whether a visible notice can be updated."""
        return self._notifier.can_update

    def put(self, outgoing: Outgoing) -> None:
        """Queue a notice."""
        self._queue.put_nowait(outgoing)

    def withdraw(self, key: Key) -> None:
        """Queue the withdrawal of a notice, which may itself be in the queue."""
        self._queue.put_nowait(key)

    def call_after(self, callback: Callable[[], None]) -> None:
        """Queue a callback: it runs when all earlier notices have been shown."""
        self._queue.put_nowait(callback)

    async def run(self) -> None:
        """Show notices until cancelled. One that fails is reported and skipped."""
        try:
            await self._notifier.start()
        except Exception as error:  # noqa: BLE001 - of a back end: it may show a notice all the same
            report(error, "The start of notifications")
        await keep_running(self._next, "A notification", first_pause=0)

    async def stop(self) -> None:
        """Empty the queue and wait for the answer to the notice in flight, so that a restart does not repeat it."""
        while not self._queue.empty():
            self._queue.get_nowait()
            self._queue.task_done()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._stop_timeout):
                await self._queue.join()

    async def _next(self) -> None:
        item = await self._queue.get()
        try:
            if isinstance(item, Outgoing):
                await self._show(item)
            elif callable(item):
                item()
            else:
                await self._notifier.withdraw(item)
        finally:
            self._queue.task_done()

    async def _show(self, outgoing: Outgoing) -> None:
        if await self._notifier.show(outgoing.notice):
            for server, ids in outgoing.announces.items():
                self._announced(server, ids)
        outgoing.on_shown()


MAX_FINDINGS = 500
"""Messages whose code and link are kept for a click on their notification."""


MAX_COMPLETING = 50
"""Sources of a server's messages that are requested at the same time. The server sends one after the other, except for
large ones; more requests would only take memory in a burst."""


class Finder(Protocol):
    """Find the code and the link of a message."""

    def quick(self, message: Message) -> Findings:
        """Return what subject and snippet contain. Must not block."""

    async def full(self, server: str, message_id: str) -> Findings:
        """Return what the message's source contains. Raises FaultError."""


class MessageNotifications:
    """Show and withdraw the notifications of messages. `shown()` returns the current settings of notifications."""

    def __init__(self, outbox: Outbox, finder: Finder, shown: Callable[[], Notifications], timing: Timing) -> None:
        self._outbox = outbox
        self._finder = finder
        self._shown = shown
        self._timing = timing
        self._completing = Tasks()
        self._incomplete: defaultdict[str, deque[AnnouncedMessage]] = defaultdict(deque)  # their sources are requested
        self._completers: Counter[str] = Counter()  # tasks for these, by server
        self._waiting: dict[Key, tuple[AnnouncedMessage, asyncio.TimerHandle]] = {}  # for their source
        self._found: OrderedDict[Key, Findings] = OrderedDict()
        self._replaced: set[Key] = set()  # whose notification offers Undo

    async def stop(self) -> None:
        """Stop reading sources. Messages that wait for theirs are announced at the next start."""
        for _, timer in self._waiting.values():
            timer.cancel()
        self._waiting.clear()
        self._incomplete.clear()
        await self._completing.stop()

    def announce(self, announced: AnnouncedMessage) -> None:
        """Show a message's notification: at once if its summary says what it is about, else with what the source says.

        `announced.found` is what the summary says. Where nothing can be added later, code and link are both waited for.
        """
        self._remember(announced)
        found, can_update = announced.found, self._outbox.can_update
        if (found.code and found.link) or announced.message.id.startswith(NO_ID):
            self._show(announced)
        elif can_update and (found.code or found.link):
            # The source is fetched after the notification is shown: before, it would delay it.
            self._show(announced, on_shown=lambda: self._start_completing(announced))
        else:
            seconds = self._timing.source_wait if can_update else self._timing.only_source_wait
            timer = asyncio.get_running_loop().call_later(seconds, self._show_now, announced.key)
            self._waiting[announced.key] = announced, timer
            self._start_completing(announced)

    def found(self, key: Key) -> Findings:
        """Return the code and the link of an announced message, as far as they are known."""
        return self._found.get(key, NOTHING)

    def withdraw(self, key: Key) -> None:
        """Withdraw a message's notification, if it has one. One that waits for its source is shown and withdrawn."""
        self._replaced.discard(key)
        self._show_now(key)
        if key in self._found:
            self._outbox.withdraw(key)

    def waiting(self, server: str) -> tuple[str, ...]:
        """Return the IDs of a server's messages that wait for their source."""
        return tuple(message_id for key, message_id in self._waiting if key == server)

    def drop(self, server: str, ids: Iterable[str]) -> tuple[str, ...]:
        """Do not show these messages, if they wait for their source; return the IDs of those that did."""
        dropped = tuple(message_id for message_id in ids if (server, message_id) in self._waiting)
        for message_id in dropped:
            self._stop_waiting((server, message_id))
        return dropped

    def apply_change(self, server: str, change: Change, *, pending: Container[Key]) -> None:
        """Withdraw the notifications of messages that were read or deleted.

        Messages in `pending` are about to be deleted: their notification offers Undo, and stays when they are read.
        """
        for message in change.updated:
            if message.read and (server, message.id) not in pending:
                self.withdraw((server, message.id))
        for message_id in change.gone:
            self.forget((server, message_id))

    def forget(self, key: Key) -> None:
        """Withdraw a deleted message's notification and forget its code and link."""
        self._stop_waiting(key)
        self.withdraw(key)
        self._found.pop(key, None)

    def forget_all(self, server: str) -> None:
        """Withdraw all notifications of a server: it has no messages left, or was removed."""
        for key in [key for key in (*self._waiting, *self._found) if key[0] == server]:
            self.forget(key)
        self._replaced = {key for key in self._replaced if key[0] != server}

    def replace(self, notice: Notice) -> None:
        """Show a notice in place of a message's notification, until that is withdrawn."""
        self._replaced.add(notice.key)
        self._show_now(notice.key)
        self._found.setdefault(notice.key, NOTHING)
        self._outbox.put(Outgoing(notice=notice))

    def _show(self, announced: AnnouncedMessage, on_shown: Callable[[], None] = lambda: None) -> None:
        notice = message_notice(announced, self._shown())
        announces = {announced.server_url: (announced.message.id,)}
        self._outbox.put(Outgoing(notice=notice, announces=announces, on_shown=on_shown))

    def _show_now(self, key: Key) -> None:
        """Show a message that waits for its source, if it still does."""
        if announced := self._stop_waiting(key):
            self._show(announced)

    def _stop_waiting(self, key: Key) -> AnnouncedMessage | None:
        if key not in self._waiting:
            return None
        announced, timer = self._waiting.pop(key)
        timer.cancel()
        return announced

    def _start_completing(self, announced: AnnouncedMessage) -> None:
        server = announced.server_url
        self._incomplete[server].append(announced)
        if self._completers[server] < MAX_COMPLETING:
            self._completers[server] += 1
            self._completing.run(self._complete_all(server))

    async def _complete_all(self, server: str) -> None:
        try:
            while self._incomplete[server]:
                announced = self._incomplete[server].popleft()
                if announced.key in self._found or announced.key in self._waiting:  # else the result has no use
                    await self._complete(announced)
        finally:
            self._completers[server] -= 1

    async def _complete(self, announced: AnnouncedMessage) -> None:
        found = NOTHING
        try:
            found = await self._finder.full(announced.server_url, announced.message.id)
        except FaultError as error:
            log.debug("%s: no source: %s", announced.server_url, error)
        # What was found before stays: the user may be about to click its button.
        complete = replace(announced, found=announced.found.completed_by(found))
        if self._stop_waiting(announced.key):
            self._remember(complete)
            self._show(complete)
        elif announced.key in self._found:
            self._remember(complete)
            self._update(announced, complete)

    def _update(self, before: AnnouncedMessage, after: AnnouncedMessage) -> None:
        """Add what the source says, unless it changes nothing that is shown."""
        if before.key in self._replaced:
            return
        shown, notice = (message_notice(one, self._shown(), update=True) for one in (before, after))
        if notice != shown:
            self._outbox.put(Outgoing(notice=notice))

    def _remember(self, announced: AnnouncedMessage) -> None:
        self._found[announced.key] = announced.found
        if len(self._found) > MAX_FINDINGS:
            self._found.popitem(last=False)
