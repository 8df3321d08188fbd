"""Where the parts of a row go, and drawing them there: geometry and painter calls, no knowledge of mails.

Places are counted from the leading edge; on right-to-left layouts everything is mirrored in one spot (`_place`).
"""

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
        self.small_line = QFontMetrics(self.small).height()
        self.unit = max(2, round(self.line / 4))
        self.lead = 5 * self.unit  # room for bar and dot
        self.pad = 2 * self.unit
        self.chip = self.small_line + max(2, self.unit // 2)
        three = 2 * self.pad + self.small_line + 2 * self.line + self.unit // 2
        self.plain = QSize(0, three)
        self.tall = QSize(0, three + self.chip + self.unit)


class RowCanvas:
    """Draws the parts of one row."""

    def __init__(self, painter: QPainter, option: QStyleOptionViewItem, measures: Measures) -> None:
        self._painter = painter
        self._row = option.rect
        self._direction = option.direction
        self._measures = measures
        self._chip_at = measures.lead
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

    def bar(self, color: str) -> None:
        """The server's colour at the leading edge."""
        inset = self._measures.pad
        width = self._measures.unit
        self._round(self._place(0, inset, width, self._row.height() - 2 * inset), color, width / 2)

    def note(self, text: str, color: str) -> int:
        """The small text at the trailing end of the first line; returns the width it took."""
        metrics = QFontMetrics(self._measures.small)
        width = min(metrics.horizontalAdvance(text) + 1, self._row.width() // 2)
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

    def dot(self, color: str) -> None:
        """The mark beside the second line."""
        m = self._measures
        size = 2 * m.unit
        self._round(self._place(2 * m.unit, self._title_top() + (m.line - size) // 2, size, size), color, size / 2)

    def body(self, text: str, color: str) -> None:
        """The third line."""
        m = self._measures
        self._text(self._place(m.lead, self._title_top() + m.line, self._inner_width(), m.line), text, m.font, color)

    def chip(self, text: str, fill: str, ink: str, *, mark: str = "", rest: int = 0) -> bool:
        """The next chip of the fourth line; without room for it `+rest` stands there, and False is returned."""
        m = self._measures
        metrics = QFontMetrics(m.small)
        mark_width = m.small_line if mark else 0
        width = metrics.horizontalAdvance(text) + mark_width + 3 * m.unit
        room = self._row.width() - m.pad - self._chip_at - (6 * m.unit if rest > 1 else 0)
        fits = width <= room
        if not fits:
            text, width = f"\u2068+{rest}\u2069", metrics.horizontalAdvance(f"+{rest}") + 3 * m.unit
        top = self._title_top() + 2 * m.line + m.unit
        self._round(self._place(self._chip_at, top, width, m.chip), fill, m.unit)
        inside = self._chip_at + round(1.5 * m.unit)
        if mark:
            self._mark(self._place(inside, top, mark_width, m.chip), mark, ink)
        self._text(self._place(inside + mark_width, top, width, m.chip), text, m.small, ink)
        self._chip_at += width + round(1.5 * m.unit)
        return fits

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
