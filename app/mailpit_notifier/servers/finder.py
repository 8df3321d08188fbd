"""Finds the codes and links of mails: at a glance in what a summary says, else in the source, which a session fetches.

Its words are many: they are loaded in a thread, after the start, and until then mails are announced without them.
"""

import gc
import logging
from collections.abc import Callable, Mapping

from mailpit_notifier.bridge import Worker
from mailpit_notifier.core.found import NOTHING, Findings
from mailpit_notifier.mailpit.model import Message
from mailpit_notifier.mailpit.session import Session
from mailpit_notifier.mailpit.source import read_source

log = logging.getLogger(__name__)

Quick = Callable[[str, str], Findings]
"""Subject and snippet -> what is clear at a glance."""


class SourceFinder:
    """`sessions` gives the sessions that there are now, by the server's base URL."""

    def __init__(self, sessions: Callable[[], Mapping[str, Session]]) -> None:
        self._sessions = sessions
        self._worker = Worker("findings")
        self._quick: Quick | None = None

    @property
    def ready(self) -> bool:
        """Whether `quick` knows its words."""
        return self._quick is not None

    def stop(self) -> None:
        """Let the thread end."""
        self._worker.stop()

    async def load(self) -> None:
        """Get ready."""
        self._quick = await self._worker.call(_load)
        log.debug("codes and links are found from now on")
        gc.freeze()  # the words stay; looking through them again for garbage would hold up a burst for 20 ms

    def quick(self, message: Message) -> Findings:
        """What a message summary says of code and link, once this is loaded."""
        return self._quick(message.subject, message.snippet) if self._quick else NOTHING

    async def full(self, server: str, message_id: str) -> Findings:
        """What a mail's source says of them; it stays unread. Raises FaultError."""
        session = self._sessions().get(server)
        return await session.ask(lambda rest: _findings_of(rest.source(message_id))) if session else NOTHING

    async def everything(self, server: str, message: Message) -> Findings:
        """What summary and source say. Raises FaultError when the source is needed and not to be had."""
        found = self.quick(message)
        return found if found.code and found.link else found.completed_by(await self.full(server, message.id))


def _load() -> Quick:
    from mailpit_notifier.core.findings.extraction import quick

    quick("", "")
    return quick


def _findings_of(source: bytes) -> Findings:
    """Blocking, and up to 50 ms of work: for the session's thread."""
    from mailpit_notifier.core.findings.extraction import full

    parts = read_source(source)
    return full(parts.subject, parts.text, parts.html)
