"""Finds codes and links of messages: first in the summary of the listing, then in the source. Reads contents, too.

Per server, one source is read at a time, the most urgent first. Only the beginning of a source is read at first. The
rest of a large source is read later on a separate connection, one at a time for all servers, so that it delays no
other. The word tables for finding are large: they are loaded in a thread after the start, and until then messages are
announced without code and link. Runs on the loop.
"""

import asyncio
import gc
import logging
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from enum import IntEnum
from functools import partial
from heapq import heappop, heappush
from itertools import count

from mailpit_notifier.client.rest import Rest
from mailpit_notifier.client.session import Session
from mailpit_notifier.client.source import Source
from mailpit_notifier.client.source_stream import LIMITS, Limits
from mailpit_notifier.core.contents import ContentLink, Contents
from mailpit_notifier.findings.result import NOTHING, Findings
from mailpit_notifier.findings.web_link import web_link
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.runtime.bridge import Worker

log = logging.getLogger(__name__)

Quick = Callable[[str, str], Findings]
"""Subject and snippet -> code and link, where these alone make it clear."""

BEGINNING = Limits(source=2**20, remote_seconds=1.0)
"""How much of a source is read while others wait. The text is usually before the attachments."""

LATER = 0.5
"""Seconds after which servers on this machine are connected. The words that only sources need are read then, and before
the modules of the window, which use the memory that was needed meanwhile."""

MAX_TEXT = 20_000
"""Bytes of a message's text in `Contents`, in UTF-8."""

MAX_REMEMBERED = 1_000
"""Messages that are remembered because their source could only be read in part."""


class Urgency(IntEnum):
    """Why a source is read, the most urgent first."""

    NEWS, ASKED, RULE, ROW = range(4)

    @property
    def is_thorough(self) -> bool:
        """Whether both code and link are needed; for a notification or a row one of them is enough."""
        return self in {Urgency.ASKED, Urgency.RULE}


class Turns:
    """A lock that goes to the most urgent waiter; of equal ones to the first."""

    def __init__(self) -> None:
        self._busy = False
        self._waiting: list[tuple[Urgency, int, asyncio.Future[None]]] = []
        self._numbers = count()

    @asynccontextmanager
    async def turn(self, urgency: Urgency) -> AsyncIterator[None]:
        """Acquire the lock for the length of a `with` block."""
        if self._busy:
            granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            heappush(self._waiting, (urgency, next(self._numbers), granted))
            try:
                await granted
            except asyncio.CancelledError:
                if granted.done() and not granted.cancelled():
                    self._next()
                raise
        self._busy = True
        try:
            yield
        finally:
            self._next()

    def _next(self) -> None:
        while self._waiting:
            granted = heappop(self._waiting)[2]
            if not granted.done():
                granted.set_result(None)
                return
        self._busy = False


class SourceFinder:
    """`sessions` returns the current sessions by the base URLs of their servers."""

    def __init__(self, sessions: Callable[[], Mapping[str, Session]]) -> None:
        self._sessions = sessions
        self._worker = Worker("findings")
        self._quick: Quick | None = None
        self._turns: defaultdict[str, Turns] = defaultdict(Turns)
        self._large = Turns()
        self._cut: OrderedDict[tuple[str, str], Findings] = OrderedDict()

    @property
    def ready(self) -> bool:
        """Whether the word tables are loaded."""
        return self._quick is not None

    def stop(self) -> None:
        """End the thread."""
        self._worker.stop()

    async def load(self) -> None:
        """Load the word tables."""
        self._quick = await self._worker.call(_load)
        log.debug("Loaded the word tables for codes and links")
        await asyncio.sleep(LATER)
        await self._worker.call(_load_for_sources)
        gc.freeze()  # the tables live until the end; scanning them for garbage would block the loop for 20 ms

    def quick(self, message: Message) -> Findings:
        """Return code and link from a message's summary; nothing before the word tables are loaded."""
        return self._quick(message.subject, message.snippet) if self._quick else NOTHING

    async def full(self, server: str, message_id: str, urgency: Urgency = Urgency.NEWS) -> Findings:
        """Return code and link from a message's source, without marking it as read. Raises FaultError only.

        The result for a source that could only be read in part is remembered, so that it is not read again.
        """
        if known := self._cut.get((server, message_id)):
            return known
        session = self._sessions().get(server)
        if session is None:
            return NOTHING
        async with self._turns[server].turn(urgency):
            found, has_rest = await session.read_source(partial(_findings, message_id=message_id, limits=BEGINNING))
        enough = found.code and found.link if urgency.is_thorough else found.code or found.link
        if enough or not has_rest:
            return found
        async with self._large.turn(urgency):
            found, _ = await session.read_source(partial(_findings, message_id=message_id, limits=LIMITS), apart=True)
        if found.is_cut:
            log.debug("%s: could read only a part of message %s", server, message_id)
            self._cut[server, message_id] = found
            if len(self._cut) > MAX_REMEMBERED:
                self._cut.popitem(last=False)
        return found

    async def contents(self, server: str, message_id: str) -> AsyncIterator[Contents]:
        """Yield the content of a message: its beginning first if it is large, then all. Raises FaultError.

        The message stays unread.
        """
        session = self._sessions().get(server)
        if session is None:
            return
        async with self._turns[server].turn(Urgency.ASKED):
            found = await session.read_source(partial(_contents, message_id=message_id, limits=BEGINNING))
        yield replace(found, is_loading=found.is_partial)
        if found.is_partial:
            async with self._large.turn(Urgency.ASKED):
                found = await session.read_source(partial(_contents, message_id=message_id, limits=LIMITS), apart=True)
            yield found

    async def all_findings(self, server: str, message: Message, urgency: Urgency = Urgency.ASKED) -> Findings:
        """Return code and link from the summary, and from the source if one is missing. Raises FaultError."""
        found = self.quick(message)
        return found if found.code and found.link else found.completed_by(await self.full(server, message.id, urgency))


def _load() -> Quick:
    from mailpit_notifier.findings.extraction import quick

    quick("Your code", "482913")  # reads the words, which a text without any code needs not
    return quick


def _load_for_sources() -> None:
    """Read the words that only sources need: here once, and not in the thread of each server."""
    from mailpit_notifier.findings.vocabulary import link_vocabulary

    link_vocabulary()


def _findings(rest: Rest, *, message_id: str, limits: Limits) -> tuple[Findings, bool]:
    """Read and search a source; return also whether these limits cut it.

    Blocking, up to 50 ms of CPU: runs in a thread of the session.
    """
    from mailpit_notifier.findings.extraction import full

    source = rest.source(message_id, limits)
    found = full(source.subject, source.text, source.html, is_cut=source.is_cut)
    has_html = bool(source.html.strip()) or (None if source.is_cut else False)
    return replace(found, has_html=has_html), source.is_cut


def _contents(rest: Rest, *, message_id: str, limits: Limits) -> Contents:
    """Read a source with its attachments. Blocking, up to 150 ms of CPU: runs in a thread of the session."""
    return contents_of(rest.source(message_id, limits, with_attachments=True))


def contents_of(source: Source) -> Contents:
    """Return the content of a message: the text part, or what is visible of the HTML part."""
    from mailpit_notifier.findings.extraction import full, links, visible

    found = full(source.subject, source.text, source.html)
    text, is_cut = (source.text, source.is_text_cut) if source.text else visible(source.html)
    beginning = _beginning(text)
    urls: dict[str, str] = {found.link: ""} if found.link else {}
    for link in links(source.text, source.html):
        if url := web_link(link.url):
            urls[url] = urls.get(url) or link.words
    return Contents(
        text=beginning,
        code=found.code or "",
        links=tuple(ContentLink(url=url, words=words) for url, words in urls.items()),
        attachments=source.attachments,
        doubts=source.doubts,
        is_cut=is_cut or (not source.text and source.is_html_cut) or len(beginning) < len(text.rstrip()),
        is_partial=source.is_partial,
    )


def _beginning(text: str) -> str:
    """Return the first MAX_TEXT bytes of a text, cut at the end of a line if one is near."""
    text = text.rstrip()
    cut = text[:MAX_TEXT].encode(errors="ignore")[:MAX_TEXT].decode(errors="ignore")
    if len(cut) == len(text):
        return text
    line = cut.rfind("\n")
    return cut[:line] if line > len(cut) * 3 // 4 else cut
