"""Paints a row of the recent mail: to whom, subject, from whom and what, then tags and attachments if there are any.

A widget per message costs a hundred times as much. All sizes come from the font, all places are mirrored for
right-to-left layouts, and all texts are drawn as plain text.
"""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from mailpit_notifier.core.text import plain
from mailpit_notifier.mailpit.model import Message

from . import words
from .ages import short_age
from .list_model import Role, Row, utc_now
from .row_canvas import Measures, RowCanvas
from .theme import LIGHT, Look

_TAG = 40
"""Characters of a tag; the rest is in Mailpit."""


class MessageDelegate(QStyledItemDelegate):
    """Draws the rows of a MessageListModel. `now` gives the time, aware."""

    def __init__(self, parent: QObject | None = None, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__(parent)
        self._now = now
        self._look = LIGHT
        self._measures: Measures | None = None

    def set_look(self, look: Look) -> None:
        """Draw with these colours from now on; the owner repaints."""
        self._look = look

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """As high as three lines, or four where there are chips; as wide as the list."""
        measures = self._measured(option)
        return measures.tall if _has_chips(index.data(Role.ROW).message) else measures.plain

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one row."""
        row: Row = index.data(Role.ROW)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        canvas = RowCanvas(painter, option, self._measured(option))
        self._paint_ground(canvas, option)
        if server := index.data(Role.SERVER_NAME):
            colors = self._look.servers
            canvas.bar(colors[index.data(Role.SERVER_NUMBER) % len(colors)])
        self._paint_head(canvas, row.message, server)
        self._paint_body(canvas, row.message)
        if _has_chips(row.message):
            self._paint_chips(canvas, row.message)
        painter.restore()

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

    def _paint_body(self, canvas: RowCanvas, message: Message) -> None:
        if not message.read:
            canvas.dot(self._look.accent)
        canvas.title(_isolated(words.subject(message)), self._look.text, bold=not message.read)
        parts = (words.sender(message), plain(message.snippet, words.LONG))
        canvas.body(" · ".join(_isolated(part) for part in parts if part), self._look.dim)

    def _paint_chips(self, canvas: RowCanvas, message: Message) -> None:
        fill, ink = self._look.chip, self._look.chip_text
        if message.attachments:
            canvas.chip(str(message.attachments), fill, ink, mark="attachment")
        for place, tag in enumerate(message.tags):
            if not canvas.chip(plain(tag, _TAG), fill, ink, rest=len(message.tags) - place):
                break


def _has_chips(message: Message) -> bool:
    return bool(message.tags or message.attachments)


def _isolated(text: str) -> str:
    """Keeps a right-to-left name from reordering what stands beside it (first strong isolate)."""
    return f"\u2068{text}\u2069"
