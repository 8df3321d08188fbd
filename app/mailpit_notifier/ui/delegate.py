"""Paints a row of the recent mail: to whom, subject, from whom and what, with code, tags and attachments at its end.

At rest a row only says something; under the pointer, and when it is selected, it shows buttons for what can be done.
They are painted as well, and `deed_at` says which of them is where.

A widget per message costs a hundred times as much. All rows are equally high, so that a list of thousands is laid out
without asking for each. All sizes come from the font, all places are mirrored for right-to-left layouts, and all texts
are drawn as plain text.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPoint, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from mailpit_notifier.core.found import Findings
from mailpit_notifier.core.status import ServerStatus
from mailpit_notifier.core.text import plain
from mailpit_notifier.mailpit.model import Message

from . import deeds, words
from .ages import short_age
from .deeds import Deed
from .list_model import Role, Row, utc_now
from .row_canvas import RowCanvas
from .row_places import Chip, Measures, RowPlaces
from .theme import LIGHT, Look, visible

_TAG, _CODE, _LINK = 20, 20, 20
"""Characters of what a chip says; a tooltip or Mailpit has the rest."""

Index = QModelIndex | QPersistentModelIndex


class MessageDelegate(QStyledItemDelegate):
    """Draws the rows of a MessageListModel. `now` gives the time, aware."""

    def __init__(self, parent: QObject | None = None, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__(parent)
        self._now = now
        self._look = LIGHT
        self._marks: dict[str, str] = {}
        self._measures: Measures | None = None
        self._pointed: tuple[QPersistentModelIndex, Deed | None] = (QPersistentModelIndex(), None)

    def set_look(self, look: Look) -> None:
        """Draw with these colours from now on; the owner repaints."""
        self._look = look
        self._marks = {}

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """As high as three lines, whichever row; as wide as the list."""
        return self._measured(option).row

    def deed_at(self, option: QStyleOptionViewItem, index: Index, at: QPoint) -> Deed | None:
        """The button or chip at a place of the list, None where there is none; `option` as for painting."""
        places, row = RowPlaces(option, self._measured(option)), index.data(Role.ROW)
        found = index.data(Role.FOUND)
        for chip, place in places.chips(chips_of(row.message, found)):
            if chip.deed and place.contains(at):
                return chip.deed
        offered = deeds.buttons(row.message, found) if _is_active(option) else ()
        places_of = zip(offered, places.buttons(len(offered)), strict=True)
        return next((deed for deed, place in places_of if place.contains(at)), None)

    def point_at(self, index: QModelIndex, deed: Deed | None) -> None:
        """This button of this row is pointed at; the owner repaints."""
        self._pointed = (QPersistentModelIndex(index), deed)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row; one of a server that is not reached is dimmed."""
        row: Row = index.data(Role.ROW)
        status: ServerStatus | None = index.data(Role.STATUS)
        server: str = index.data(Role.SERVER_NAME)
        found: Findings = index.data(Role.FOUND)
        dimmed = status is not None and words.is_failing(status)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = RowPlaces(option, self._measured(option))
        canvas = RowCanvas(painter, places, mirrored=option.direction == Qt.LayoutDirection.RightToLeft)
        self._paint_ground(canvas, option)
        if status and server:
            canvas.bar(self._mark(status.color), filled=not dimmed)
        self._paint_head(canvas, row.message, server)
        offered = deeds.buttons(row.message, found) if _is_active(option) else ()
        self._paint_title(canvas, row.message, places.buttons_width(len(offered)), dimmed=dimmed)
        self._paint_body(canvas, places, row.message, found)
        self._paint_buttons(canvas, places, offered, index)
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

    def _paint_title(self, canvas: RowCanvas, message: Message, taken: int, *, dimmed: bool) -> None:
        look = self._look
        if not message.read:
            canvas.dot(look.dim if dimmed else look.accent, filled=not dimmed)
        text = _isolated(words.subject(message))
        canvas.title(text, look.dim if dimmed else look.text, taken, bold=not (message.read or dimmed))

    def _paint_body(self, canvas: RowCanvas, places: RowPlaces, message: Message, found: Findings) -> None:
        look, placed = self._look, places.chips(chips_of(message, found))
        for chip, place in placed:
            fill, ink = (look.code_base, look.code) if chip.deed else (look.chip, look.chip_text)
            canvas.chip(chip, place, fill, ink)
        parts = (words.sender(message), plain(message.snippet, words.LONG))
        canvas.body(" · ".join(_isolated(part) for part in parts if part), look.dim, places.chips_width(placed))

    def _paint_buttons(self, canvas: RowCanvas, places: RowPlaces, offered: Sequence[Deed], index: Index) -> None:
        row, pointed = self._pointed
        for deed, place in zip(offered, places.buttons(len(offered)), strict=True):
            if deed is pointed and row == index:
                canvas.button(deed.value, place, self._look.text, self._look.chip)
            else:
                canvas.button(deed.value, place, self._look.dim)


def chips_of(message: Message, found: Findings) -> list[Chip]:
    """The small labels of a row: first what a click does something with."""
    chips = []
    if found.code:
        chips.append(Chip(text=plain(found.code, _CODE), mark=Deed.COPY_CODE.value, deed=Deed.COPY_CODE))
    elif found.link:
        text = _isolated(words.link(found, _LINK))
        chips.append(Chip(text=text, mark=Deed.OPEN_LINK.value, deed=Deed.OPEN_LINK))
    if message.attachments:
        chips.append(Chip(text=str(message.attachments), mark="attachment"))
    return chips + [Chip(text=plain(tag, _TAG)) for tag in message.tags]


def _is_active(option: QStyleOptionViewItem) -> bool:
    return bool(option.state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected))


def _isolated(text: str) -> str:
    """Keeps a right-to-left name from reordering what stands beside it (first strong isolate)."""
    return f"\u2068{text}\u2069"
