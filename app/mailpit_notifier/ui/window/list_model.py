"""The rows of all servers as one list for Qt's views, newest first.

The list follows the inboxes, and keeps selection, scroll position and the position of a screen reader. A change is
stored at once and shown a few times a second (Throttle). Then the shown rows are compared with the rows that should be
shown. So the views get ranges of rows instead of one signal for each message of a burst.
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
from mailpit_notifier.ui.timing import Throttle

from .entries import Entries, Entry, Filter, QuickFindings, Row

__all__ = ["Filter", "MessageListModel", "Role", "Row", "utc_now"]

Index = QModelIndex | QPersistentModelIndex

RowRange = tuple[int, int]
"""First and last row."""


def row_ranges(marks: Iterable[bool]) -> list[RowRange]:
    """Return first and last position of each unbroken run of true marks, in order."""
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


def utc_now() -> datetime:
    """Return the current time, from which ages are computed."""
    return datetime.now(UTC)


class Role(IntEnum):
    """Data of a row besides Qt's own roles."""

    ROW = Qt.ItemDataRole.UserRole.value + 1
    """The Row."""
    SERVER_NAME = ROW + 1
    """str: the server's name, "" if there is only one server."""
    STATUS = ROW + 2
    """The server's ServerStatus, None while it is unknown."""
    FOUND = ROW + 3
    """Findings: code and link as far as known."""


MAX_RANGES = 100
"""Ranges that are reported one by one: a view takes as long for one row as for a thousand rows in one range."""

FIRST_ROWS = 500
"""Rows that an empty list shows at first, more than a window has room for; the others follow with the next update."""


class MessageListModel(QStringListModel):
    """Rows of several servers that match a filter.

    The base class contains an empty string for each row, because it counts its rows without calling Python. A view asks
    for the count twice per row in each layout: in Python, that takes 15 ms for 5,000 rows. `data` returns the contents.

    `reason_of`: (server's base URL, ID) -> why the message got no notification of its own. `now` returns the current
    time as an aware datetime. `quick_findings` is a QuickFindings.
    """

    changing = Signal()
    """Rows are about to be inserted or removed: the moment to save the scroll position."""

    def __init__(
        self,
        parent: QObject | None = None,
        reason_of: Callable[[tuple[str, str]], SuppressionReason | None] = lambda _key: None,
        now: Callable[[], datetime] = utc_now,
        quick_findings: QuickFindings = lambda _server, _message: NOTHING,
    ) -> None:
        super().__init__(parent)
        # Connected before any view, so that `_shown` is up to date when views handle these signals.
        self.rowsInserted.connect(self._on_inserted)
        self.rowsRemoved.connect(self._on_removed)
        self._coming: list[Entry] = []
        self._reason_of = reason_of
        self._now = now
        self._entries = Entries(quick_findings)
        self._shown: list[Entry] = []
        self._servers: dict[str, ServerStatus] = {}
        self._filter = Filter()
        self._described = ("", "")
        """Name of an entry, and the description that screen readers read after its text."""
        self._throttle = Throttle(self)
        self._throttle.due.connect(self.update_rows)

    def set_servers(self, statuses: tuple[ServerStatus, ...]) -> None:
        """Set the servers. Rows of servers that were removed disappear."""
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
        """Show only the rows that match."""
        self._filter = row_filter
        self.update_rows()

    def apply(self, server: str, change: Change) -> None:
        """Apply a change of the inbox of the server with this base URL."""
        self._entries.apply(server, change)
        self._throttle.request()

    def set_findings(self, row: Row, found: Findings) -> None:
        """Store what was found in a message's source."""
        entry = self._entries.set_findings(row, found)
        if entry is None:
            return
        if self._filter.words:
            self._throttle.request()
        if entry in self._shown:
            place = self._shown.index(entry)
            self.dataChanged.emit(self.index(place), self.index(place))

    def prepare_search(self) -> bool:
        """Prepare some more rows for searches. Return False when none is left for now."""
        has_more, has_codes = self._entries.prepare()
        if has_codes and self._filter.words:
            self._throttle.request()
        return has_more

    def update_rows(self) -> None:
        """Show all stored changes now."""
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
        changed = row_ranges(new is not old for new, old in zip(wanted, self._shown, strict=True))
        self._shown = wanted
        if len(changed) > MAX_RANGES:
            changed = [(changed[0][0], changed[-1][1])]
        for first, last in changed:
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
        """Keep only the rows with a persistent index, such as the current one; remove and insert all others."""
        kept = {self._shown[index.row()].name for index in self.persistentIndexList()} & after
        return row_ranges(entry.name not in kept for entry in self._shown), row_ranges(
            entry.name not in kept for entry in wanted
        )

    def index_of(self, server: str, message_id: str) -> QModelIndex:
        """Return the index of a message, invalid if it is not shown."""
        rows = (entry.row for entry in self._shown)
        places = (place for place, row in enumerate(rows) if (row.server, row.message.id) == (server, message_id))
        return self.index(next(places, -1))

    def count(self, server: str) -> int:
        """Return the number of one server's rows, shown or not."""
        return self._entries.count(server)

    def unread(self, server: str) -> tuple[str, ...]:
        """Return the IDs of one server's unread messages, shown or not."""
        return self._entries.unread(server)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return flags of rows that can be selected, but not edited or moved."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def roleNames(self) -> dict[int, QByteArray]:
        """Return the role names, for tools that inspect models."""
        names = super().roleNames()
        return names | {role.value: QByteArray(role.name.lower().encode()) for role in Role}

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the data of a row; None for other roles."""
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
            case Qt.ItemDataRole.AccessibleDescriptionRole:
                return self._described[1] if entry.name == self._described[0] else ""
            case Qt.ItemDataRole.ToolTipRole:
                reason = self._reason_of((row.server, row.message.id))
                return words.details(row.message, self._server_name(row), self._availability(row), reason)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Describe one row for screen readers. Nothing else can be set."""
        if role != Qt.ItemDataRole.AccessibleDescriptionRole or not index.isValid():
            return False
        self._described = (self._shown[index.row()].name, str(value))
        return True

    def _server_name(self, row: Row) -> str:
        status = self._servers.get(row.server)
        return status.name if status and len(self._servers) > 1 else ""

    def _availability(self, row: Row) -> str:
        status = self._servers.get(row.server)
        return words.availability_note(status) if status else ""


def _appearance(servers: dict[str, ServerStatus]) -> list[tuple[str, str, str, bool]]:
    """Return what rows show of their servers. Counts change often and are not part of it."""
    return [(one.url, one.name, one.color, words.is_failing(one)) for one in servers.values()]
