"""What there is to show: the rows of all servers, what is made of each once, and which of them a filter lets through.

Apart from the list model, which tells Qt's views of it. Nothing is bounded here: each inbox is.

What a search looks for and where: words, in any order, in subject, people, tags and code. Pure.

Case and accents are ignored. What a row is searched in is made once and kept with it: folding costs more than looking.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from unicodedata import combining, normalize

from mailpit_notifier.core.inbox import Change, order
from mailpit_notifier.findings.result import NOTHING, Findings
from mailpit_notifier.protocol.model import Message


def fold(text: str) -> str:
    """The text without case and accents."""
    if text.isascii():
        return text.lower()
    return "".join(char for char in normalize("NFKD", text.casefold()) if not combining(char))


def query_words(query: str) -> tuple[str, ...]:
    """The words of a query, fold; all of them must be there."""
    return tuple(fold(query).split())


def searched_text(message: Message, code: str | None) -> str:
    """All that a search looks through of one mail, fold."""
    people = (*((message.sender,) if message.sender else ()), *message.recipients)
    names = (part for person in people for part in (person.name, person.address))
    return fold("\n".join((message.subject, *names, *message.tags, code or "")))


PREPARE_BATCH = 40
"""Rows that `prepare` looks at: 4 ms."""

SortKey = tuple[float, str, str]
"""Sorts newest first; ID and server decide between equal times."""

QuickFindings = Callable[[str, Message], Findings | None]
"""Server and message -> what is clear of code and link without asking anybody; None when it cannot be told yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A message and the base URL of the server that has it."""

    server: str
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which rows are shown: those of one server ("" for all), with all of these words (fold), unread ones only."""

    server: str = ""
    words: tuple[str, ...] = ()
    unread: bool = False


class Entry:
    """A row with what costs more to find out than all else that is done with it. None is what nobody asked for yet."""

    __slots__ = ("found", "name", "row", "sort_key", "text")

    def __init__(self, row: Row, found: Findings | None) -> None:
        self.row = row
        self.sort_key: SortKey = (*order(row.message), row.server)
        self.name = f"{self.sort_key[0].hex()} {row.message.id} {row.server}"  # the same, as what is hashed once
        self.found = found
        self.text: str | None = None


class Entries:
    """The rows by server and ID."""

    def __init__(self, quick_findings: QuickFindings) -> None:
        self._quick_findings = quick_findings
        self._entries: dict[str, dict[str, Entry]] = {}
        self._sorted: list[Entry] | None = None
        self._unread: dict[str, tuple[str, ...]] = {}

    def apply(self, server: str, change: Change) -> None:
        """Follow what one event did to the inbox of a server."""
        self._sorted = None
        self._unread.pop(server, None)
        entries = self._entries.setdefault(server, {})
        for message_id in change.removed:
            entries.pop(message_id, None)
        for message in (*change.updated, *change.added):
            before = entries.get(message.id)
            entries[message.id] = Entry(Row(server=server, message=message), before.found if before else None)

    def keep_only(self, servers: set[str]) -> None:
        """The rows of all other servers go."""
        self._sorted = None
        for server in self._entries.keys() - servers:
            del self._entries[server]
            self._unread.pop(server, None)

    def count(self, server: str) -> int:
        """How many one server has."""
        return len(self._entries.get(server, {}))

    def unread(self, server: str) -> tuple[str, ...]:
        """The IDs of one server's that are unread, newest first."""
        if server not in self._unread:
            unread = (entry.row for entry in self._newest_first() if not entry.row.message.read)
            self._unread[server] = tuple(row.message.id for row in unread if row.server == server)
        return self._unread[server]

    def matching(self, only: Filter) -> list[Entry]:
        """Those that the filter lets through, newest first."""
        entries = self._newest_first()
        if only.server:
            entries = [entry for entry in entries if entry.row.server == only.server]
        if only.unread:
            entries = [entry for entry in entries if not entry.row.message.read]
        for word in only.words:
            entries = [entry for entry in entries if word in (entry.text or self._text(entry))]
        return list(entries)

    def findings(self, entry: Entry) -> Findings:
        """What is known of a mail's code and link."""
        if entry.found is None:
            entry.found, entry.text = self._quick_findings(entry.row.server, entry.row.message), None
        return entry.found or NOTHING

    def set_findings(self, row: Row, found: Findings) -> Entry | None:
        """Take what a mail's source says; the entry if that is news."""
        entry = self._entries.get(row.server, {}).get(row.message.id)
        if entry is None or entry.found == found:
            return None
        entry.found, entry.text = found, None
        return entry

    def prepare(self) -> tuple[bool, bool]:
        """Make some more ready to be searched. Whether more can be done now, and whether codes were found."""
        raw = (entry for of_server in self._entries.values() for entry in of_server.values() if entry.found is None)
        some = list(islice(raw, PREPARE_BATCH))
        codes = [self.findings(entry).code for entry in some]
        for entry in some:
            self._text(entry)
        return bool(some) and some[0].found is not None, any(codes)

    def _newest_first(self) -> list[Entry]:
        if self._sorted is None:
            entries = (entry for of_server in self._entries.values() for entry in of_server.values())
            self._sorted = sorted(entries, key=attrgetter("sort_key"))
        return self._sorted

    def _text(self, entry: Entry) -> str:
        if entry.text is None:
            entry.text = searched_text(entry.row.message, entry.found.code if entry.found else None)
        return entry.text
