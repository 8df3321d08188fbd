"""Finds the codes and links of messages: at a glance in what a summary says, else in the source, which a session reads.

Sources are read one at a time a server, the most urgent first. What is large is read last, at most one at a time over
all servers, and on a connection of its own. The finder's words are many: they are loaded in a thread, after the start,
and until then messages are announced without them. Runs on the loop.
"""

import asyncio
import gc
import logging
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from enum import IntEnum
from functools import partial
from heapq import heappop, heappush
from itertools import count

from mailpit_notifier.client.rest import Rest
from mailpit_notifier.client.session import Session
from mailpit_notifier.client.source import LIMITS, Limits
from mailpit_notifier.findings.result import NOTHING, Findings
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.runtime.bridge import Worker

log = logging.getLogger(__name__)

Quick = Callable[[str, str], Findings]
"""Subject and snippet -> what is clear at a glance."""

BEGINNING = Limits(source=2**20, remote_seconds=1.0)
"""As much of a source as others wait for. Text usually comes before the attachments."""

MAX_CUT = 1_000
"""Messages that are remembered as too large, or as impossible to read."""


class Urgency(IntEnum):
    """Who asks for a source, the most urgent first."""

    NEWS, ASKED, RULE, ROW = range(4)

    @property
    def is_thorough(self) -> bool:
        """Whether a code is not enough where there may be a link, too, and the other way round."""
        return self in {Urgency.ASKED, Urgency.RULE}


class Turns:
    """One at a time, the most urgent first; of equals, the one that came first."""

    def __init__(self) -> None:
        self._busy = False
        self._waiting: list[tuple[Urgency, int, asyncio.Future[None]]] = []
        self._numbers = count()

    @asynccontextmanager
    async def turn(self, urgency: Urgency) -> AsyncIterator[None]:
        """Wait for a turn and keep it."""
        if self._busy:
            come: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            heappush(self._waiting, (urgency, next(self._numbers), come))
            try:
                await come
            except asyncio.CancelledError:
                if come.done() and not come.cancelled():
                    self._next()
                raise
        self._busy = True
        try:
            yield
        finally:
            self._next()

    def _next(self) -> None:
        while self._waiting:
            come = heappop(self._waiting)[2]
            if not come.done():
                come.set_result(None)
                return
        self._busy = False


class SourceFinder:
    """`sessions` gives the sessions that there are now, by the server's base URL."""

    def __init__(self, sessions: Callable[[], Mapping[str, Session]]) -> None:
        self._sessions = sessions
        self._worker = Worker("findings")
        self._quick: Quick | None = None
        self._turns: defaultdict[str, Turns] = defaultdict(Turns)
        self._large = Turns()
        self._cut: OrderedDict[tuple[str, str], Findings] = OrderedDict()

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

    async def full(self, server: str, message_id: str, urgency: Urgency = Urgency.NEWS) -> Findings:
        """What a message's source says of them; it stays unread. Raises FaultError and nothing else.

        A source that could only be read in part is remembered and not read again.
        """
        if known := self._cut.get((server, message_id)):
            return known
        session = self._sessions().get(server)
        if session is None:
            return NOTHING
        async with self._turns[server].turn(urgency):
            found = await session.look(partial(_findings, message_id=message_id, limits=BEGINNING))
        enough = found.code and found.link if urgency.is_thorough else found.code or found.link
        if enough or not found.is_cut:
            return found
        async with self._large.turn(urgency):
            found = await session.look(partial(_findings, message_id=message_id, limits=LIMITS), apart=True)
        if found.is_cut:
            log.debug("%s: only a part of message %s could be read", server, message_id)
            self._cut[server, message_id] = found
            if len(self._cut) > MAX_CUT:
                self._cut.popitem(last=False)
        return found

    async def all_findings(self, server: str, message: Message, urgency: Urgency = Urgency.ASKED) -> Findings:
        """What summary and source say. Raises FaultError when the source is needed and not to be had."""
        found = self.quick(message)
        return found if found.code and found.link else found.completed_by(await self.full(server, message.id, urgency))


def _load() -> Quick:
    from mailpit_notifier.findings.extraction import quick

    quick("", "")
    return quick


def _findings(rest: Rest, *, message_id: str, limits: Limits) -> Findings:
    """Blocking, and up to 50 ms of work: for a thread of the session."""
    from mailpit_notifier.findings.extraction import full

    source = rest.source(message_id, limits)
    return full(source.subject, source.text, source.html, is_cut=source.is_cut)
