"""Paint the rows of the list: subject, people, and snippet, with code or link, tags and attachments at the end.

A row shows its buttons only under the pointer and when it is selected. They are painted, not widgets, and `action_at`
returns which one is at a point. Drawn rows are a hundred times faster than a widget per message (decision 0011). All
rows have the same height, so that a list of thousands is laid out without measuring each row. All sizes derive from the
font, all positions are mirrored for right-to-left layouts, and all texts are drawn as plain text.

RowCanvas contains the painter calls and knows nothing of messages; MessageDelegate decides what to draw.
"""

from collections.abc import Sequence

from PySide6.QtCore import (
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from mailpit_notifier.core.status import ServerStatus
from mailpit_notifier.findings.result import Findings
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.runtime.text import plain
from mailpit_notifier.ui import words
from mailpit_notifier.ui.icons import cached_glyph
from mailpit_notifier.ui.theme import LIGHT, Style, visible_color
from mailpit_notifier.ui.words import short_age

from . import message_actions
from .list_model import Role, Row, utc_now
from .message_actions import MessageAction
from .row_layout import Chip, Measures, RowLayout


class RowCanvas:
    """Draws the parts of one row at the places of a RowLayout. `mirrored`: from right to left."""

    def __init__(self, painter: QPainter, places: RowLayout, *, mirrored: bool) -> None:
        self._painter = painter
        self._places = places
        self._measures = places.measures
        self.mirrored = mirrored
        painter.setLayoutDirection(Qt.LayoutDirection.RightToLeft if mirrored else Qt.LayoutDirection.LeftToRight)

    def fill(self, color: str) -> None:
        """Fill the background."""
        self._painter.fillRect(self._places.row, QColor(color))

    def rule(self, color: str) -> None:
        """Draw the line below the row."""
        row = self._places.row
        self._painter.fillRect(QRect(row.left(), row.bottom(), row.width(), 1), QColor(color))

    def focus(self, color: str) -> None:
        """Draw the frame of the row that has the focus."""
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.setPen(QPen(QColor(color), 2))
        radius = self._measures.unit
        self._painter.drawRoundedRect(QRectF(self._places.row).adjusted(2, 2, -2, -3), radius, radius)

    def bar(self, color: str, *, filled: bool) -> None:
        """Draw the server's color at the leading edge."""
        place = self._places.bar(filled=filled)
        self._round(place, color, place.width() / 2)

    def note(self, text: str, color: str) -> int:
        """Draw the small text at the end of the second line. Return its width in pixels."""
        place = self._places.note(self._measures.small_metrics.horizontalAdvance(text) + 1)
        self._text(place, text, self._measures.small, color)
        return place.width()

    def people(self, text: str, color: str, taken: int) -> None:
        """Draw the second line, up to the note, which takes `taken` pixels."""
        self._text(self._places.people(taken), text, self._measures.small, color)

    def title(self, text: str, color: str, taken: int, *, bold: bool) -> None:
        """Draw the first line, up to the buttons."""
        self._text(self._places.title(taken), text, self._measures.bold if bold else self._measures.font, color)

    def dot(self, color: str, *, filled: bool) -> None:
        """Draw the unread mark before the first line, a ring unless it is filled."""
        place = self._places.dot()
        if filled:
            self._round(place, color, place.width() / 2)
        else:
            self._painter.setBrush(Qt.BrushStyle.NoBrush)
            self._painter.setPen(QPen(QColor(color), 1.5))
            self._painter.drawEllipse(QRectF(place).adjusted(1, 1, -1, -1))

    def body(self, text: str, color: str, taken: int) -> None:
        """Draw the third line, up to the chips."""
        self._text(self._places.body(taken), text, self._measures.font, color)

    def chip(self, chip: Chip, place: QRect, fill: str, ink: str) -> None:
        """Draw a chip."""
        m = self._measures
        self._round(place, fill, m.unit)
        inside = place.adjusted(round(1.5 * m.unit), 0, -round(1.5 * m.unit), 0)
        if chip.mark:
            at_left = (chip.action is None) != self.mirrored
            mark = QRect(inside)
            mark.setWidth(m.small_line)
            if not at_left:
                mark.moveRight(inside.right())
            self.drawing(chip.mark, mark, ink, round(m.small_line * 0.8))
            taken = m.small_line + m.unit // 2
            inside.adjust(taken * at_left, 0, -taken * (not at_left), 0)
        self._text(inside.adjusted(0, 0, 1, 0), chip.text, self._places.chip_font(chip), ink)

    def button(self, mark: str, place: QRect, ink: str, fill: str = "") -> None:
        """Draw a button; the one under the pointer has a fill color."""
        if fill:
            self._round(place.adjusted(1, 1, -1, -1), fill, self._measures.unit)
        self.drawing(mark, place, ink, round(self._measures.line * 0.9))

    def drawing(self, name: str, place: QRect, color: str, size: int) -> None:
        """Draw `icons/NAME.svg` in the middle of a rectangle."""
        pixmap = cached_glyph(name, color, size, self._painter.device().devicePixelRatio())
        self._painter.drawPixmap(
            place.left() + (place.width() - size) // 2, place.top() + (place.height() - size + 1) // 2, pixmap
        )

    def _round(self, place: QRect, color: str, radius: float) -> None:
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(QColor(color))
        self._painter.drawRoundedRect(QRectF(place), radius, radius)

    def _text(self, place: QRect, text: str, font: QFont, color: str) -> None:
        self._painter.setFont(font)
        self._painter.setPen(QColor(color))
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        self._painter.drawText(place, int(flags) | Qt.TextFlag.TextSingleLine, shown)


_TAG, _CODE, _LINK = 20, 20, 20
"""Characters of a chip's text; a tooltip or Mailpit shows the rest."""

Index = QModelIndex | QPersistentModelIndex


class MessageDelegate(QStyledItemDelegate):
    """Draws the rows of a MessageListModel."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._style = LIGHT
        self._marks: dict[tuple[str, Style], str] = {}
        self._measures: Measures | None = None
        self._pointed: tuple[QPersistentModelIndex, MessageAction | None] = (QPersistentModelIndex(), None)

    def set_style(self, style: Style) -> None:
        """Use these colors. The caller repaints the rows."""
        self._style = style
        self._marks = {}

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Return the height of three lines, the same for each row; the list sets the width."""
        return self._measured(option).row

    def action_at(self, option: QStyleOptionViewItem, index: Index, at: QPoint) -> MessageAction | None:
        """Return the action of the button or chip at a point of the list, or None. `option` as for `paint`."""
        places, row = RowLayout(option, self._measured(option)), index.data(Role.ROW)
        found = index.data(Role.FOUND)
        for chip, place in places.chips(chips_of(row.message, found)):
            if chip.action and places.target(place).contains(at):
                return chip.action
        offered = message_actions.buttons(row.message) if _is_active(option) else ()
        places_of = zip(offered, places.buttons(len(offered)), strict=True)
        return next((action for action, place in places_of if place.contains(at)), None)

    def point_at(self, index: QModelIndex, action: MessageAction | None) -> None:
        """Set the button under the pointer. The caller repaints the row."""
        self._pointed = (QPersistentModelIndex(index), action)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row, dimmed if its server is not reached."""
        row: Row = index.data(Role.ROW)
        status: ServerStatus | None = index.data(Role.STATUS)
        server: str = index.data(Role.SERVER_NAME)
        found: Findings = index.data(Role.FOUND)
        dimmed = status is not None and words.is_failing(status)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = RowLayout(option, self._measured(option))
        canvas = RowCanvas(painter, places, mirrored=option.direction == Qt.LayoutDirection.RightToLeft)
        style = self._style.on_selection if option.state & QStyle.StateFlag.State_Selected else self._style
        self._paint_ground(canvas, option, style)
        if status and server:
            canvas.bar(self._mark(status.color, style), filled=not dimmed)
        offered = message_actions.buttons(row.message) if _is_active(option) else ()
        self._paint_title(canvas, style, row.message, places.buttons_width(len(offered)), dimmed=dimmed)
        self._paint_people(canvas, style, row.message, server)
        self._paint_body(canvas, style, places, row.message, found)
        self._paint_buttons(canvas, style, places, offered, index)
        painter.restore()

    def _mark(self, color: str, style: Style) -> str:
        if (color, style) not in self._marks:
            self._marks[color, style] = visible_color(color, style)
        return self._marks[color, style]

    def _measured(self, option: QStyleOptionViewItem) -> Measures:
        if self._measures is None or self._measures.font != option.font:
            self._measures = Measures(option.font)
        return self._measures

    def _paint_ground(self, canvas: RowCanvas, option: QStyleOptionViewItem, style: Style) -> None:
        if option.state & QStyle.StateFlag.State_Selected:
            canvas.fill(self._style.selected)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            canvas.fill(style.hover)
        canvas.rule(self._style.line)
        if option.state & QStyle.StateFlag.State_HasFocus:
            canvas.focus(style.accent)

    def _paint_people(self, canvas: RowCanvas, style: Style, message: Message, server: str) -> None:
        dim = style.dim
        age = short_age(message.created, utc_now())
        width = canvas.note(" · ".join(_isolated(part) for part in (plain(server, words.SHORT), age) if part), dim)
        translate = QCoreApplication.translate
        to, more, sender = words.recipient(message), len(message.recipients) - 1, words.sender(message)
        parts = [translate("Message", "to {0}").format(_isolated(to) + f" +{more}" * (more > 0))] if to else []
        parts += [translate("Message", "from {0}").format(_isolated(sender))] if sender else []
        canvas.people(" ".join(map(_isolated, parts)), dim, width)

    def _paint_title(self, canvas: RowCanvas, style: Style, message: Message, taken: int, *, dimmed: bool) -> None:
        if not message.read:
            canvas.dot(style.dim if dimmed else style.accent, filled=not dimmed)
        text = _isolated(words.subject(message))
        canvas.title(text, style.dim if dimmed else style.text, taken, bold=not (message.read or dimmed))

    def _paint_body(
        self, canvas: RowCanvas, style: Style, places: RowLayout, message: Message, found: Findings
    ) -> None:
        placed = places.chips(chips_of(message, found))
        for chip, place in placed:
            fill, ink = (style.code_base, style.code) if chip.action else (style.chip, style.chip_text)
            canvas.chip(chip, place, fill, ink)
        canvas.body(plain(message.snippet, words.LONG), style.chip_text, places.chips_width(placed))

    def _paint_buttons(
        self, canvas: RowCanvas, style: Style, places: RowLayout, offered: Sequence[MessageAction], index: Index
    ) -> None:
        row, pointed = self._pointed
        for action, place in zip(offered, places.buttons(len(offered)), strict=True):
            if action is pointed and row == index:
                canvas.button(action.value, place, style.text, style.chip)
            else:
                canvas.button(action.value, place, style.dim)


def chips_of(message: Message, found: Findings) -> list[Chip]:
    """Return the chips of a row: first the one with an action, code or link."""
    chips = []
    if found.code:
        chips.append(
            Chip(text=plain(found.code, _CODE), mark=MessageAction.COPY_CODE.value, action=MessageAction.COPY_CODE)
        )
    elif found.link:
        text = _isolated(words.link(found, _LINK))
        chips.append(Chip(text=text, mark=MessageAction.OPEN_LINK.value, action=MessageAction.OPEN_LINK))
    if message.attachments:
        chips.append(Chip(text=str(message.attachments), mark="attachment"))
    return chips + [Chip(text=plain(tag, _TAG)) for tag in message.tags]


def _is_active(option: QStyleOptionViewItem) -> bool:
    return bool(option.state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected))


def _isolated(text: str) -> str:
    """Isolate a text (FIRST STRONG ISOLATE), so that a right-to-left name cannot reorder the text next to it."""
    return f"\u2068{text}\u2069"
