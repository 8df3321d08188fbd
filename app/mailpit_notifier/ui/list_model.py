"""The rows of all servers as one list, newest first, for Qt's views.

The inboxes decide what there is; this follows their changes row by row, so that selection, scroll position and a
screen reader's place survive. It bounds nothing itself: each inbox is bounded.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QByteArray, QModelIndex, QObject, QPersistentModelIndex, Qt

from mailpit_notifier.core.inbox import Change, order
from mailpit_notifier.core.status import ServerStatus
from mailpit_notifier.mailpit.model import Message

from . import words

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


def utc_now() -> datetime:
    """The time that ages are counted from."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A message and the base URL of the server that has it."""

    server: str
    message: Message


class Role(IntEnum):
    """What a row can be asked for besides Qt's own roles."""

    ROW = Qt.ItemDataRole.UserRole.value + 1
    """The Row."""
    SERVER_NAME = ROW + 1
    """str: the server's name, "" when there is only one."""
    SERVER_NUMBER = ROW + 2
    """int: the server's place among several, 0 for the first."""


class MessageListModel(QAbstractListModel):
    """Rows of several servers. `now` gives the time, aware."""

    def __init__(self, parent: QObject | None = None, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__(parent)
        self._now = now
        self._rows: list[Row] = []
        self._by_key: dict[tuple[str, str], Row] = {}
        self._servers: dict[str, str] = {}

    def set_servers(self, statuses: tuple[ServerStatus, ...]) -> None:
        """Take the servers' names and order; rows of servers that are no longer there go."""
        servers = {status.url: status.name for status in statuses}
        if list(servers.items()) == list(self._servers.items()):
            return
        self._servers = servers
        for server, message_id in [key for key in self._by_key if key[0] not in servers]:
            self._remove(server, message_id)
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def apply(self, server: str, change: Change) -> None:
        """Follow what one event did to the inbox of the server with this base URL."""
        for message_id in change.removed:
            self._remove(server, message_id)
        for message in (*change.updated, *change.added):
            self._put(Row(server=server, message=message))

    def row_at(self, index: Index) -> Row | None:
        """The row behind an index of this model, None for an invalid one."""
        return self._rows[index.row()] if index.isValid() else None

    def rows_of(self, server: str) -> tuple[Row, ...]:
        """The rows of one server, newest first."""
        return tuple(row for row in self._rows if row.server == server)

    def newest(self, count: int) -> tuple[Row, ...]:
        """The newest rows of all servers, at most `count`."""
        return tuple(self._rows[:count])

    def rowCount(self, parent: Index = _ROOT) -> int:
        """How many rows there are; a list has no children."""
        return 0 if parent.isValid() else len(self._rows)

    def roleNames(self) -> dict[int, QByteArray]:
        """The names of our roles, for tools that show models."""
        names = super().roleNames()
        return names | {role.value: QByteArray(role.name.lower().encode()) for role in Role}

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a view asks of a row."""
        row = self.row_at(index)
        if row is None:
            return None
        match role:
            case Role.ROW:
                return row
            case Role.SERVER_NAME:
                return self._server_name(row)
            case Role.SERVER_NUMBER:
                return list(self._servers).index(row.server) if row.server in self._servers else 0
            case Qt.ItemDataRole.DisplayRole:
                return words.subject(row.message)
            case Qt.ItemDataRole.AccessibleTextRole:
                return words.spoken(row.message, self._server_name(row), self._now())
            case Qt.ItemDataRole.ToolTipRole:
                return words.details(row.message, self._server_name(row))
        return None

    def _server_name(self, row: Row) -> str:
        return self._servers.get(row.server, "") if len(self._servers) > 1 else ""

    def _put(self, row: Row) -> None:
        key = (row.server, row.message.id)
        before = self._by_key.get(key)
        if before and _place(before) == _place(row):
            place = self._index(row)
            self._rows[place] = self._by_key[key] = row
            self.dataChanged.emit(self.index(place), self.index(place))
            return
        if before:
            self._remove(*key)
        place = self._index(row)
        self.beginInsertRows(_ROOT, place, place)
        self._rows.insert(place, row)
        self._by_key[key] = row
        self.endInsertRows()

    def _remove(self, server: str, message_id: str) -> None:
        row = self._by_key.pop((server, message_id), None)
        if row is None:
            return
        place = self._index(row)
        self.beginRemoveRows(_ROOT, place, place)
        del self._rows[place]
        self.endRemoveRows()

    def _index(self, row: Row) -> int:
        return bisect_left(self._rows, _place(row), key=_place)


def _place(row: Row) -> tuple[float, str, str]:
    """Newest first; ID and server decide between equal times."""
    return (*order(row.message), row.server)
