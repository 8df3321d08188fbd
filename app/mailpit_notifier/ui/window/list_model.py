"""The rows of all servers as one list, newest first, for Qt's views.

The inboxes decide what there is; this follows them, so that selection, scroll position and a screen reader's place
survive. A change is noted at once and shown in its turn, a few times a second (Pace): then the shown rows are compared
with those that should be, and the view hears of runs of rows, not of each mail of a burst.

Neighbours taken together: what Qt's views are told of a list is told in runs of rows. Pure.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QByteArray, QModelIndex, QObject, QPersistentModelIndex, QStringListModel, Qt, Signal

from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.limits import SuppressionReason
from mailpit_notifier.core.status import ServerStatus
from mailpit_notifier.findings.result import NOTHING, Findings
from mailpit_notifier.ui import words
from mailpit_notifier.ui.throttle import Throttle

from .entries import Entries, Entry, Filter, QuickFindings, Row

RowRange = tuple[int, int]
"""First and last place."""


def row_ranges(marks: Iterable[bool]) -> list[RowRange]:
    """First and last place of each unbroken run of true marks, in order."""
    found: list[RowRange] = []
    first, place = -1, -1
    for place, mark in enumerate(marks):
        if mark and first < 0:
            first = place
        elif first >= 0 and not mark:
            found.append((first, place - 1))
            first = -1
    if first >= 0:
        found.append((first, place))
    return found


__all__ = ["Filter", "MessageListModel", "Role", "Row", "utc_now"]

Index = QModelIndex | QPersistentModelIndex


def utc_now() -> datetime:
    """The time that ages are counted from."""
    return datetime.now(UTC)


class Role(IntEnum):
    """What a row can be asked for besides Qt's own roles."""

    ROW = Qt.ItemDataRole.UserRole.value + 1
    """The Row."""
    SERVER_NAME = ROW + 1
    """str: the server's name, "" when there is only one."""
    STATUS = ROW + 2
    """The server's ServerStatus, None before it is known."""
    FOUND = ROW + 3
    """Findings: the code and the link that are known of."""


MAX_RANGES = 100
"""Runs of rows that a view is told of one by one: it takes as long for one as for a thousand rows in one run."""

FIRST_ROWS = 500
"""Rows that an empty list shows at once, more than a window has room for: it opens, and the others come soon."""


class MessageListModel(QStringListModel):
    """Rows of several servers, or those of them that a filter lets through.

    Qt's list of texts holds an empty one for each row, because it counts them without Python: a view asks for the count
    twice for every row whenever it lays out, which would take 15 ms for 5,000 rows. What a row says comes from here.

    `why` says why a mail (server's base URL, ID) got no notification of its own, `now` the time, aware.
    """

    changing = Signal()
    """Rows are about to come or go: the moment to note what is to stay where it is."""

    def __init__(
        self,
        parent: QObject | None = None,
        reason_of: Callable[[tuple[str, str]], SuppressionReason | None] = lambda _key: None,
        now: Callable[[], datetime] = utc_now,
        quick_findings: QuickFindings = lambda _server, _message: NOTHING,
    ) -> None:
        super().__init__(parent)
        # Connected before any view is: when they hear of rows, these are there.
        self.rowsInserted.connect(self._on_inserted)
        self.rowsRemoved.connect(self._on_removed)
        self._coming: list[Entry] = []
        self._reason_of = reason_of
        self._now = now
        self._entries = Entries(quick_findings)
        self._shown: list[Entry] = []
        self._servers: dict[str, ServerStatus] = {}
        self._filter = Filter()
        self._throttle = Throttle(self)
        self._throttle.due.connect(self.update_rows)

    def set_servers(self, statuses: tuple[ServerStatus, ...]) -> None:
        """Take the servers' names, colours, order and states; rows of servers that are no longer there go."""
        before, self._servers = self._servers, {status.url: status for status in statuses}
        if _appearance(before) == _appearance(self._servers):
            return
        self._entries.keep_only(set(self._servers))
        self.update_rows()
        if self._shown:
            self.dataChanged.emit(self.index(0), self.index(len(self._shown) - 1))

    @property
    def filter(self) -> Filter:
        """Which rows are shown."""
        return self._filter

    def set_filter(self, row_filter: Filter) -> None:
        """Show only these rows from now on."""
        self._filter = row_filter
        self.update_rows()

    def apply(self, server: str, change: Change) -> None:
        """Follow what one event did to the inbox of the server with this base URL."""
        self._entries.apply(server, change)
        self._throttle.request()

    def set_findings(self, row: Row, found: Findings) -> None:
        """Take what was found in a mail's source."""
        entry = self._entries.set_findings(row, found)
        if entry is None:
            return
        if self._filter.words:
            self._throttle.request()
        if entry in self._shown:
            place = self._shown.index(entry)
            self.dataChanged.emit(self.index(place), self.index(place))

    def prepare_search(self) -> bool:
        """Look at some more rows for codes, which a search finds then; False when nothing is left to do now."""
        left, codes = self._entries.prepare()
        if codes and self._filter.words:
            self._throttle.request()
        return left

    def update_rows(self) -> None:
        """Show at once what was noted."""
        wanted = self._entries.matching(self._filter)
        if not self._shown and len(wanted) > FIRST_ROWS:
            wanted = wanted[:FIRST_ROWS]
            self._throttle.request_later()
        before, after = {entry.name for entry in self._shown}, {entry.name for entry in wanted}
        if before != after:
            self.changing.emit()
            gone = row_ranges(entry.name not in after for entry in self._shown) if before - after else []
            new = row_ranges(entry.name not in before for entry in wanted) if after - before else []
            if len(gone) + len(new) > MAX_RANGES:
                gone, new = self._in_few_ranges(wanted, after)
            self._follow(wanted, gone, new)
        if wanted == self._shown:
            return
        others = row_ranges(new is not old for new, old in zip(wanted, self._shown, strict=True))
        self._shown = wanted
        if len(others) > MAX_RANGES:
            others = [(others[0][0], others[-1][1])]
        for first, last in others:
            self.dataChanged.emit(self.index(first), self.index(last))

    def _follow(self, wanted: list[Entry], gone: list[RowRange], new: list[RowRange]) -> None:
        for first, last in reversed(gone):
            self.removeRows(first, last - first + 1)
        self._coming = wanted
        for first, last in new:
            self.insertRows(first, last - first + 1)

    def _on_inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        self._shown[first:first] = self._coming[first : last + 1]

    def _on_removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        del self._shown[first : last + 1]

    def _in_few_ranges(self, wanted: list[Entry], after: set[str]) -> tuple[list[RowRange], list[RowRange]]:
        """Only the rows that somebody holds on to stay; the others go, and come again where they are wanted."""
        kept = {self._shown[index.row()].name for index in self.persistentIndexList()} & after
        return row_ranges(entry.name not in kept for entry in self._shown), row_ranges(
            entry.name not in kept for entry in wanted
        )

    def count(self, server: str) -> int:
        """How many rows one server has, shown or not."""
        return self._entries.count(server)

    def unread(self, server: str) -> tuple[str, ...]:
        """The IDs of one server's unread rows, shown or not."""
        return self._entries.unread(server)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Rows can be selected, and that is all."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def roleNames(self) -> dict[int, QByteArray]:
        """The names of our roles, for tools that show models."""
        names = super().roleNames()
        return names | {role.value: QByteArray(role.name.lower().encode()) for role in Role}

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a view asks of a row."""
        if not index.isValid():
            return None
        entry = self._shown[index.row()]
        row = entry.row
        match role:
            case Role.ROW:
                return row
            case Role.FOUND:
                return self._entries.findings(entry)
            case Role.SERVER_NAME:
                return self._server_name(row)
            case Role.STATUS:
                return self._servers.get(row.server)
            case Qt.ItemDataRole.DisplayRole:
                return words.subject(row.message)
            case Qt.ItemDataRole.AccessibleTextRole:
                found = self._entries.findings(entry)
                return words.accessible_text(
                    row.message, self._server_name(row), self._availability(row), self._now(), found
                )
            case Qt.ItemDataRole.ToolTipRole:
                reason = self._reason_of((row.server, row.message.id))
                return words.details(row.message, self._server_name(row), self._availability(row), reason)
        return None

    def _server_name(self, row: Row) -> str:
        status = self._servers.get(row.server)
        return status.name if status and len(self._servers) > 1 else ""

    def _availability(self, row: Row) -> str:
        status = self._servers.get(row.server)
        return words.availability_note(status) if status else ""


def _appearance(servers: dict[str, ServerStatus]) -> list[tuple[str, str, str, bool]]:
    """What the rows show of their servers: counts, for one, change all the time and are none of it."""
    return [(one.url, one.name, one.color, words.is_failing(one)) for one in servers.values()]
