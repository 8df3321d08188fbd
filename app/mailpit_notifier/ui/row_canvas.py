"""Where the parts of a row go, and drawing them there: geometry and painter calls, no knowledge of mails.

Places are counted from the leading edge; on right-to-left layouts everything is mirrored in one spot (`_place`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from .icons import glyph


class Measures:
    """Fonts and distances of a row, all from the view's font."""

    def __init__(self, font: QFont) -> None:
        self.font = QFont(font)  # a copy: an option's font lives no longer than the option
        self.bold = QFont(font)
        self.bold.setWeight(QFont.Weight.DemiBold)
        self.small = QFont(font)
        self.small.setPointSizeF(QFontInfo(font).pointSizeF() * 0.92)
        self.line = QFontMetrics(self.bold).height()
        self.small_metrics = QFontMetrics(self.small)
        self.small_line = self.small_metrics.height()
        self.unit = max(2, round(self.line / 4))
        self.lead = 5 * self.unit  # room for bar and dot
        self.pad = 2 * self.unit
        self.chip = min(self.small_line + max(2, self.unit // 2), self.line + 1)
        self.row = QSize(0, 2 * self.pad + self.small_line + 2 * self.line + self.unit // 2 + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A small label at the end of a row, after the drawing `icons/MARK.svg` if there is one."""

    text: str
    mark: str = ""


class RowCanvas:
    """Draws the parts of one row."""

    def __init__(self, painter: QPainter, option: QStyleOptionViewItem, measures: Measures) -> None:
        self._painter = painter
        self._row = option.rect
        self._direction = option.direction
        self._measures = measures
        self.mirrored = option.direction == Qt.LayoutDirection.RightToLeft
        painter.setLayoutDirection(option.direction)

    def fill(self, color: str) -> None:
        """The row's ground."""
        self._painter.fillRect(self._row, QColor(color))

    def rule(self, color: str) -> None:
        """The line below the row."""
        self._painter.fillRect(QRect(self._row.left(), self._row.bottom(), self._row.width(), 1), QColor(color))

    def focus(self, color: str) -> None:
        """The frame around the row that has the keyboard."""
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.setPen(QPen(QColor(color), 1))
        radius = self._measures.unit
        self._painter.drawRoundedRect(QRectF(self._row).adjusted(1.5, 1.5, -1.5, -2.5), radius, radius)

    def bar(self, color: str, *, filled: bool) -> None:
        """The server's colour at the leading edge; a bar that is not filled is half as wide."""
        inset = self._measures.pad
        width = self._measures.unit if filled else self._measures.unit // 2
        self._round(self._place(0, inset, width, self._row.height() - 2 * inset), color, width / 2)

    def note(self, text: str, color: str) -> int:
        """The small text at the trailing end of the first line; returns the width it took."""
        width = min(self._measures.small_metrics.horizontalAdvance(text) + 1, self._row.width() // 2)
        left = self._row.width() - self._measures.pad - width
        self._text(
            self._place(left, self._measures.pad, width, self._measures.small_line), text, self._measures.small, color
        )
        return width

    def head(self, text: str, color: str, taken: int) -> None:
        """The first line, up to the note."""
        m = self._measures
        width = self._inner_width() - taken - 2 * m.unit
        self._text(self._place(m.lead, m.pad, width, m.small_line), text, m.small, color)

    def title(self, text: str, color: str, *, bold: bool) -> None:
        """The second line."""
        m = self._measures
        place = self._place(m.lead, self._title_top(), self._inner_width(), m.line)
        self._text(place, text, m.bold if bold else m.font, color)

    def dot(self, color: str, *, filled: bool) -> None:
        """The mark beside the second line, a ring unless it is filled."""
        m = self._measures
        size = 2 * m.unit
        place = self._place(2 * m.unit, self._title_top() + (m.line - size) // 2, size, size)
        if filled:
            self._round(place, color, size / 2)
        else:
            self._painter.setBrush(Qt.BrushStyle.NoBrush)
            self._painter.setPen(QPen(QColor(color), 1.5))
            self._painter.drawEllipse(QRectF(place).adjusted(1, 1, -1, -1))

    def chips(self, chips: Sequence[Chip], fill: str, ink: str) -> int:
        """Chips at the trailing end of the third line, as many as half of it holds; returns the width they took."""
        if not chips:
            return 0
        gap = round(1.5 * self._measures.unit)
        shown = self._fitting(chips, self._inner_width() // 2, gap)
        left = end = self._row.width() - self._measures.pad
        for chip in reversed(shown):
            left -= self._chip_width(chip)
            self._chip(chip, left, fill, ink)
            left -= gap
        return end - left

    def body(self, text: str, color: str, taken: int) -> None:
        """The third line, up to the chips."""
        m = self._measures
        width = self._inner_width() - taken
        self._text(self._place(m.lead, self._title_top() + m.line, width, m.line), text, m.font, color)

    def _fitting(self, chips: Sequence[Chip], room: int, gap: int) -> list[Chip]:
        """The first chips that have room, and `+N` for the others."""
        shown: list[Chip] = []
        for number, chip in enumerate(chips):
            rest = Chip(text=f"\u2068+{len(chips) - number}\u2069")
            after = self._chip_width(rest) + gap if number < len(chips) - 1 else 0
            room -= self._chip_width(chip) + gap
            if room < after - gap:
                return [*shown, rest]
            shown.append(chip)
        return shown

    def _chip_width(self, chip: Chip) -> int:
        m = self._measures
        mark = m.small_line if chip.mark else 0
        return m.small_metrics.horizontalAdvance(chip.text) + mark + 3 * m.unit

    def _chip(self, chip: Chip, left: int, fill: str, ink: str) -> None:
        m = self._measures
        width, top = self._chip_width(chip), self._title_top() + m.line + (m.line - m.chip) // 2
        self._round(self._place(left, top, width, m.chip), fill, m.unit)
        inside = left + round(1.5 * m.unit)
        if chip.mark:
            self._mark(self._place(inside, top, m.small_line, m.chip), chip.mark, ink)
            inside += m.small_line
        self._text(self._place(inside, top, width, m.chip), chip.text, m.small, ink)

    def _mark(self, place: QRect, name: str, color: str) -> None:
        size = round(place.width() * 0.8)
        pixmap = glyph(name, color, size, self._painter.device().devicePixelRatio())
        self._painter.drawPixmap(place.left() + (place.width() - size) // 2, place.center().y() - size // 2 + 1, pixmap)

    def _title_top(self) -> int:
        return self._measures.pad + self._measures.small_line + self._measures.unit // 2

    def _inner_width(self) -> int:
        return self._row.width() - self._measures.lead - self._measures.pad

    def _place(self, left: int, top: int, width: int, height: int) -> QRect:
        logical = QRect(self._row.topLeft() + QPoint(left, top), QSize(width, height))
        return QStyle.visualRect(self._direction, self._row, logical)

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
