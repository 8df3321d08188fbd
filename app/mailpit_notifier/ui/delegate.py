"""Paints a row of the recent mail: to whom, subject, from whom and what, with tags and attachments at its end.

A widget per message costs a hundred times as much. All rows are equally high, so that a list of thousands is laid out
without asking for each. All sizes come from the font, all places are mirrored for right-to-left layouts, and all texts
are drawn as plain text.
"""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from mailpit_notifier.core.status import ServerStatus
from mailpit_notifier.core.text import plain
from mailpit_notifier.mailpit.model import Message

from . import words
from .ages import short_age
from .list_model import Role, Row, utc_now
from .row_canvas import Chip, Measures, RowCanvas
from .theme import LIGHT, Look, visible

_TAG = 20
"""Characters of a tag; the rest is in Mailpit."""


class MessageDelegate(QStyledItemDelegate):
    """Draws the rows of a MessageListModel. `now` gives the time, aware."""

    def __init__(self, parent: QObject | None = None, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__(parent)
        self._now = now
        self._look = LIGHT
        self._marks: dict[str, str] = {}
        self._measures: Measures | None = None

    def set_look(self, look: Look) -> None:
        """Draw with these colours from now on; the owner repaints."""
        self._look = look
        self._marks = {}

    def sizeHint(self, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """As high as three lines, whichever row; as wide as the list."""
        return self._measured(option).row

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one row; one of a server that is not reached is dimmed."""
        row: Row = index.data(Role.ROW)
        status: ServerStatus | None = index.data(Role.STATUS)
        server: str = index.data(Role.SERVER_NAME)
        dimmed = status is not None and words.is_failing(status)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        canvas = RowCanvas(painter, option, self._measured(option))
        self._paint_ground(canvas, option)
        if status and server:
            canvas.bar(self._mark(status.color), filled=not dimmed)
        self._paint_head(canvas, row.message, server)
        self._paint_title(canvas, row.message, dimmed=dimmed)
        self._paint_body(canvas, row.message)
        painter.restore()

    def _mark(self, color: str) -> str:
        if color not in self._marks:
            self._marks[color] = visible(color, self._look)
        return self._marks[color]

    def _measured(self, option: QStyleOptionViewItem) -> Measures:
        if self._measures is None or self._measures.font != option.font:
            self._measures = Measures(option.font)
        return self._measures

    def _paint_ground(self, canvas: RowCanvas, option: QStyleOptionViewItem) -> None:
        look = self._look
        if option.state & QStyle.StateFlag.State_Selected:
            canvas.fill(look.selected)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            canvas.fill(look.hover)
        canvas.rule(look.line)
        if option.state & QStyle.StateFlag.State_HasFocus:
            canvas.focus(look.accent)

    def _paint_head(self, canvas: RowCanvas, message: Message, server: str) -> None:
        dim = self._look.dim
        age = short_age(message.created, self._now())
        width = canvas.note(" · ".join(_isolated(part) for part in (plain(server, words.SHORT), age) if part), dim)
        arrow = "←" if canvas.mirrored else "→"
        to = words.recipient(message)
        more = len(message.recipients) - 1
        text = f"{arrow} {_isolated(to)}" + (f" {_isolated(f'+{more}')}" if more > 0 else "") if to else ""
        canvas.head(text, dim, width)

    def _paint_title(self, canvas: RowCanvas, message: Message, *, dimmed: bool) -> None:
        look = self._look
        if not message.read:
            canvas.dot(look.dim if dimmed else look.accent, filled=not dimmed)
        text = _isolated(words.subject(message))
        canvas.title(text, look.dim if dimmed else look.text, bold=not (message.read or dimmed))

    def _paint_body(self, canvas: RowCanvas, message: Message) -> None:
        chips = [Chip(text=plain(tag, _TAG)) for tag in message.tags]
        if message.attachments:
            chips.insert(0, Chip(text=str(message.attachments), mark="attachment"))
        taken = canvas.chips(chips, self._look.chip, self._look.chip_text)
        parts = (words.sender(message), plain(message.snippet, words.LONG))
        canvas.body(" · ".join(_isolated(part) for part in parts if part), self._look.dim, taken)


def _isolated(text: str) -> str:
    """Keeps a right-to-left name from reordering what stands beside it (first strong isolate)."""
    return f"\u2068{text}\u2069"
