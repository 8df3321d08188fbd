"""The rows of all servers with what is derived from each, and the filter that selects the rows to show. Pure.

Separate from the list model, which reports changes to Qt's views. There is no limit here: each inbox has its own.
A search finds words, in any order, in subject, people, tags and code, and ignores case and accents. The folded text
of a row is cached, because folding takes longer than searching.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from unicodedata import combining, normalize

from mailpit_notifier.core.inbox import Change, order
from mailpit_notifier.core.rules import readable
from mailpit_notifier.findings.result import NOTHING, Findings
from mailpit_notifier.protocol.model import Message


def fold(text: str) -> str:
    """Return the text in lower case and without accents."""
    if text.isascii():
        return text.lower()
    return "".join(char for char in normalize("NFKD", text.casefold()) if not combining(char))


def query_words(query: str) -> tuple[str, ...]:
    """Return the folded words of a query; a row must contain all of them."""
    return tuple(fold(readable(query)).split())


def searched_text(message: Message, code: str | None) -> str:
    """Return the folded text of a message that is searched."""
    people = (*((message.sender,) if message.sender else ()), *message.recipients)
    names = (part for person in people for part in (person.name, *{person.address, readable(person.address)}))
    return fold("\n".join((message.subject, *names, *message.tags, code or "")))


PREPARE_BATCH = 40
"""Rows that one call of `prepare` handles: 4 ms."""

SortKey = tuple[float, str, str]
"""Sorts newest first; ID and server decide if times are equal."""

QuickFindings = Callable[[str, Message], Findings | None]
"""Server and message -> code and link as far as known without a request; None if it is too early."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A message and the base URL of the server that has it."""

    server: str
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Selects rows: of one server ("" for all), with all of these folded words, only unread ones."""

    server: str = ""
    words: tuple[str, ...] = ()
    unread: bool = False


class Entry:
    """A row with its cached findings and search text, each None until it is computed."""

    __slots__ = ("found", "name", "row", "sort_key", "text")

    def __init__(self, row: Row, found: Findings | None) -> None:
        self.row = row
        self.sort_key: SortKey = (*order(row.message), row.server)
        self.name = (
            f"{self.sort_key[0].hex()} {row.message.id} {row.server}"  # the same key as a string: str caches its hash
        )
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
        """Apply a change of one server's inbox."""
        self._sorted = None
        self._unread.pop(server, None)
        entries = self._entries.setdefault(server, {})
        for message_id in change.removed:
            entries.pop(message_id, None)
        for message in (*change.updated, *change.added):
            before = entries.get(message.id)
            entries[message.id] = Entry(Row(server=server, message=message), before.found if before else None)

    def keep_only(self, servers: set[str]) -> None:
        """Remove the rows of all other servers."""
        self._sorted = None
        for server in self._entries.keys() - servers:
            del self._entries[server]
            self._unread.pop(server, None)

    def count(self, server: str) -> int:
        """Return the number of one server's rows."""
        return len(self._entries.get(server, {}))

    def unread(self, server: str) -> tuple[str, ...]:
        """Return the IDs of one server's unread messages, newest first."""
        if server not in self._unread:
            unread = (entry.row for entry in self._newest_first() if not entry.row.message.read)
            self._unread[server] = tuple(row.message.id for row in unread if row.server == server)
        return self._unread[server]

    def matching(self, only: Filter) -> list[Entry]:
        """Return the entries that match the filter, newest first."""
        entries = self._newest_first()
        if only.server:
            entries = [entry for entry in entries if entry.row.server == only.server]
        if only.unread:
            entries = [entry for entry in entries if not entry.row.message.read]
        for word in only.words:
            entries = [entry for entry in entries if word in (entry.text or self._text(entry))]
        return list(entries)

    def findings(self, entry: Entry) -> Findings:
        """Return code and link as far as known."""
        if entry.found is None:
            entry.found, entry.text = self._quick_findings(entry.row.server, entry.row.message), None
        return entry.found or NOTHING

    def set_findings(self, row: Row, found: Findings) -> Entry | None:
        """Store what was found in a message's source. Return the entry if this is new, else None."""
        entry = self._entries.get(row.server, {}).get(row.message.id)
        if entry is None:
            return None
        is_new, entry.found = entry.found != found, found  # in any case: equal ones may differ in what is known
        if not is_new:
            return None
        entry.text = None
        return entry

    def prepare(self) -> tuple[bool, bool]:
        """Compute findings and search text of some rows. Return whether more are left, and whether codes were found."""
        unprepared = (
            entry for of_server in self._entries.values() for entry in of_server.values() if entry.found is None
        )
        batch = list(islice(unprepared, PREPARE_BATCH))
        codes = [self.findings(entry).code for entry in batch]
        for entry in batch:
            self._text(entry)
        return bool(batch) and batch[0].found is not None, any(codes)

    def _newest_first(self) -> list[Entry]:
        if self._sorted is None:
            entries = (entry for of_server in self._entries.values() for entry in of_server.values())
            self._sorted = sorted(entries, key=attrgetter("sort_key"))
        return self._sorted

    def _text(self, entry: Entry) -> str:
        if entry.text is None:
            entry.text = searched_text(entry.row.message, entry.found.code if entry.found else None)
        return entry.text
