"""What the user sees of the messages: those that no rule hides and no pending deletion covers, with code and link.

The inboxes of the sessions have all messages; window, tray and commands see them through this class only. Runs on the
loop.
"""

from collections.abc import Iterable, Iterator, Mapping
from heapq import nsmallest
from itertools import islice

from mailpit_notifier.announce.announcer import Announcer
from mailpit_notifier.core.inbox import order
from mailpit_notifier.core.limits import SuppressionReason
from mailpit_notifier.findings.result import Findings
from mailpit_notifier.notify.notice import Key
from mailpit_notifier.protocol.model import Message

from .pending_deletions import PendingDeletions
from .session_pool import SessionPool
from .source_finder import SourceFinder, Urgency


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
        """Yield those of a server's messages that are neither hidden by a rule nor waiting to be deleted."""
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
