"""The rows of all servers as one list, newest first, for Qt's views.

The inboxes decide what there is; this follows them, so that selection, scroll position and a screen reader's place
survive. A change is noted at once and shown in its turn, a few times a second (Pace): then the shown rows are compared
with those that should be, and the view hears of runs of rows, not of each mail of a burst. Nothing is bounded here:
each inbox is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QByteArray, QModelIndex, QObject, QPersistentModelIndex, Qt

from mailpit_notifier.core.inbox import Change, order
from mailpit_notifier.core.policy import Reason
from mailpit_notifier.core.status import ServerStatus
from mailpit_notifier.mailpit.model import Message

from . import words
from .pace import Pace
from .runs import runs

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
    STATUS = ROW + 2
    """The server's ServerStatus, None before it is known."""


Place = tuple[float, str, str]
"""Sorts newest first; ID and server decide between equal times."""

Entry = tuple[Place, Row]
"""A row with its place, which costs more to find out than everything else that is done with a row."""


class MessageListModel(QAbstractListModel):
    """Rows of several servers, or of the one chosen.

    `why` says why a mail (server's base URL, ID) got no notification of its own, `now` the time, aware.
    """

    def __init__(
        self,
        parent: QObject | None = None,
        why: Callable[[tuple[str, str]], Reason | None] = lambda _key: None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(parent)
        self._why = why
        self._now = now
        self._entries: dict[str, dict[str, Entry]] = {}
        self._shown: list[Entry] = []
        self._servers: dict[str, ServerStatus] = {}
        self._chosen = ""
        self._pace = Pace(self)
        self._pace.due.connect(self.catch_up)

    def set_servers(self, statuses: tuple[ServerStatus, ...]) -> None:
        """Take the servers' names, colours, order and states; rows of servers that are no longer there go."""
        before, self._servers = self._servers, {status.url: status for status in statuses}
        if _looks(before) == _looks(self._servers):
            return
        for server in self._entries.keys() - self._servers.keys():
            del self._entries[server]
        self.catch_up()
        if self._shown:
            self.dataChanged.emit(self.index(0), self.index(len(self._shown) - 1))

    def show_only(self, server: str) -> None:
        """Show the rows of the server with this base URL, or with "" those of all."""
        self._chosen = server
        self.catch_up()

    def apply(self, server: str, change: Change) -> None:
        """Follow what one event did to the inbox of the server with this base URL."""
        entries = self._entries.setdefault(server, {})
        for message_id in change.removed:
            entries.pop(message_id, None)
        for message in (*change.updated, *change.added):
            entries[message.id] = ((*order(message), server), Row(server=server, message=message))
        self._pace.ask()

    def catch_up(self) -> None:
        """Show at once what was noted."""
        chosen = [self._entries.get(self._chosen, {})] if self._chosen else self._entries.values()
        wanted = sorted(entry for entries in chosen for entry in entries.values())
        before, after = {place for place, _ in self._shown}, {place for place, _ in wanted}
        for first, last in reversed(runs(place not in after for place, _ in self._shown)):
            self.beginRemoveRows(_ROOT, first, last)
            del self._shown[first : last + 1]
            self.endRemoveRows()
        for first, last in runs(place not in before for place, _ in wanted):
            self.beginInsertRows(_ROOT, first, last)
            self._shown[first:first] = wanted[first : last + 1]
            self.endInsertRows()
        others = runs(new is not old for new, old in zip(wanted, self._shown, strict=True))
        self._shown = wanted
        for first, last in others:
            self.dataChanged.emit(self.index(first), self.index(last))

    def rows_of(self, server: str) -> tuple[Row, ...]:
        """All rows of one server, newest first, shown or not."""
        return tuple(row for _, row in sorted(self._entries.get(server, {}).values()))

    def rowCount(self, parent: Index = _ROOT) -> int:
        """How many rows are shown; a list has no children."""
        return 0 if parent.isValid() else len(self._shown)

    def roleNames(self) -> dict[int, QByteArray]:
        """The names of our roles, for tools that show models."""
        names = super().roleNames()
        return names | {role.value: QByteArray(role.name.lower().encode()) for role in Role}

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a view asks of a row."""
        if not index.isValid():
            return None
        row = self._shown[index.row()][1]
        match role:
            case Role.ROW:
                return row
            case Role.SERVER_NAME:
                return self._server_name(row)
            case Role.STATUS:
                return self._servers.get(row.server)
            case Qt.ItemDataRole.DisplayRole:
                return words.subject(row.message)
            case Qt.ItemDataRole.AccessibleTextRole:
                return words.spoken(row.message, self._server_name(row), self._absence(row), self._now())
            case Qt.ItemDataRole.ToolTipRole:
                reason = self._why((row.server, row.message.id))
                return words.details(row.message, self._server_name(row), self._absence(row), reason)
        return None

    def _server_name(self, row: Row) -> str:
        status = self._servers.get(row.server)
        return status.name if status and len(self._servers) > 1 else ""

    def _absence(self, row: Row) -> str:
        status = self._servers.get(row.server)
        return words.absence(status) if status else ""


def _looks(servers: dict[str, ServerStatus]) -> list[tuple[str, str, str, bool]]:
    """What the rows show of their servers: counts, for one, change all the time and are none of it."""
    return [(one.url, one.name, one.color, words.is_failing(one)) for one in servers.values()]
