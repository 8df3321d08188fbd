"""What the user sees of the messages: those that neither a rule nor a pending deletion hides, with code and link.

The inboxes of the sessions have all messages; window, tray and commands see them through `Messages` only.

`PendingDeletions` are those that can still be undone. Mailpit cannot undelete, so it is asked to delete only when the
time for the undo is over. Until then the message stays in the inbox, but is neither shown nor counted. Ending the
program deletes nothing. Runs on the loop.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import nsmallest
from itertools import islice

from mailpit_notifier.announce.announcer import Announcer
from mailpit_notifier.core.contents import Contents
from mailpit_notifier.core.inbox import order
from mailpit_notifier.core.limits import SuppressionReason
from mailpit_notifier.findings.result import Findings
from mailpit_notifier.notify.notice import Key
from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.runtime.tasks import Tasks, report

from .session_pool import SessionPool
from .source_finder import SourceFinder, Urgency
from .timing import DEFAULT_TIMING, Timing


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionCallbacks:
    """`visibility_changed`: a message is pending now, or no longer: check with `in`. `changed`: other messages can be
    undone now. `failed`: the server did not delete a message.
    """

    visibility_changed: Callable[[Key], None]
    changed: Callable[[], None]
    failed: Callable[[Key, FaultError], None]


class PendingDeletions:
    """The messages that are about to be deleted. `delete` asks the server to delete one, and raises FaultError."""

    def __init__(
        self,
        delete: Callable[[Key], Awaitable[None]],
        callbacks: DeletionCallbacks,
        timing: Timing = DEFAULT_TIMING,
    ) -> None:
        self._delete = delete
        self._callbacks = callbacks
        self._timing = timing
        self._pending: dict[Key, asyncio.TimerHandle | None] = {}  # None: countdown paused, or the server is asked
        self._paused: set[Key] = set()
        self._tasks = Tasks()

    def __contains__(self, key: object) -> bool:
        """Return whether a message is pending."""
        return key in self._pending

    @property
    def undoable(self) -> list[Key]:
        """The messages whose deletion can still be undone, the most recent one last."""
        return [key for key, timer in self._pending.items() if timer or key in self._paused]

    def add(self, key: Key) -> None:
        """Delete a message when the undo countdown ends. Does nothing for one that is pending already."""
        if key not in self._pending:
            self._pending[key] = None
            self.start_countdown(key)
            self._callbacks.visibility_changed(key)
            self._callbacks.changed()

    def undo(self, key: Key) -> bool:
        """Keep the message after all; False when the server has been asked already."""
        if self._pending.get(key) is None and key not in self._paused:
            return False
        self._show_again(key)
        return True

    def pause_countdown(self, key: Key) -> None:
        """Pause the undo countdown, e.g. while the Undo button has focus."""
        if timer := self._pending.get(key):
            timer.cancel()
            self._pending[key] = None
            self._paused.add(key)

    def start_countdown(self, key: Key) -> None:
        """Start the undo countdown of a pending message, from the beginning."""
        if key in self._pending:
            self._paused.discard(key)
            self._pending[key] = asyncio.get_running_loop().call_later(self._timing.undo, self._send, key)

    def remove(self, key: Key) -> None:
        """Forget a message that the server no longer has."""
        if key in self._pending:
            self._paused.discard(key)
            if timer := self._pending.pop(key):
                timer.cancel()
            self._callbacks.changed()

    def cancel_for(self, server: str) -> list[Key]:
        """Undo all deletions on a server that is disconnected for good; return their messages."""
        cancelled = [key for key in self.undoable if key[0] == server]
        for key in cancelled:
            self._show_again(key)
        return cancelled

    async def stop(self) -> None:
        """Delete nothing more."""
        for timer in self._pending.values():
            if timer:
                timer.cancel()
        await self._tasks.stop()

    def _send(self, key: Key) -> None:
        self._pending[key] = None
        self._callbacks.changed()
        self._tasks.run(self._delete_now(key))

    async def _delete_now(self, key: Key) -> None:
        try:
            await self._delete(key)
        except FaultError as error:
            self._callbacks.failed(key, error)
        except Exception as error:  # noqa: BLE001 - the message must be shown again in any case
            report(error, "A delete")
        else:
            await asyncio.sleep(self._timing.delete_event)  # the server's event calls `remove` meanwhile
        self._show_again(key)

    def _show_again(self, key: Key) -> None:
        if key in self._pending:
            self.remove(key)
            self._callbacks.visibility_changed(key)


class Messages:
    """The visible messages of all servers. Servers are named by their base URL."""

    def __init__(
        self, pool: SessionPool, announcer: Announcer, deletions: PendingDeletions, finder: SourceFinder
    ) -> None:
        self._pool = pool
        self._announcer = announcer
        self._deletions = deletions
        self._finder = finder

    def visible(self, server: str, messages: Iterable[Message]) -> Iterator[Message]:
        """Yield the messages of a server that neither a rule nor a pending deletion hides."""
        for message in messages:
            if (server, message.id) not in self._deletions and not self._announcer.is_hidden(server, message):
                yield message

    def rows(self, server: str) -> tuple[Message, ...]:
        """Return a server's visible messages, newest first."""
        return tuple(self.visible(server, self._pool.sessions[server].inbox.rows))

    def newest(self, count: int) -> list[tuple[str, Message]]:
        """Return the newest visible messages of all servers together, each with its server, newest first."""
        rows = (
            (key, message)
            for key, session in self._pool.sessions.items()
            for message in islice(self.visible(key, session.inbox.rows), count)
        )
        return nsmallest(count, rows, key=lambda row: order(row[1]))

    @property
    def undoable(self) -> Mapping[Key, Message]:
        """The messages whose deletion can still be undone, the most recently deleted one last."""
        return {key: message for key in self._deletions.undoable if (message := self._pool.message(key))}

    def loadable(self) -> dict[str, int]:
        """Return for each server how many older messages it has that are not loaded."""
        return {key: session.beyond for key, session in self._pool.sessions.items()}

    def suppression(self, key: Key) -> SuppressionReason | None:
        """Return why a message got no notification of its own, if that is still known."""
        return self._announcer.suppression_reason(key)

    def announced_findings(self, key: Key) -> Findings:
        """Return the code and link that the notification of a message offers."""
        return self._announcer.message_notifications.found(key)

    def quick_findings(self, server: str, message: Message) -> Findings | None:
        """Return code and link without asking the server; None while the word tables are still being loaded."""
        quick = self._finder.quick(message) if self._finder.ready else None
        return quick and self.announced_findings((server, message.id)).completed_by(quick)

    async def all_findings(self, server: str, message: Message, urgency: Urgency = Urgency.ASKED) -> Findings:
        """Return code and link, from the message's source if necessary. Raises FaultError."""
        known = self.announced_findings((server, message.id))
        return known.completed_by(await self._finder.all_findings(server, message, urgency))

    def contents(self, server: str, message: Message) -> AsyncIterator[Contents]:
        """Yield the content of a message, again when the rest of a large one was read. Raises FaultError."""
        return self._finder.contents(server, message.id)
