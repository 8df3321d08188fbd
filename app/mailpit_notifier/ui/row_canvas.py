"""Draws the parts of a row where RowPlaces says that they are: painter calls, no knowledge of mails."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPixmap, QPixmapCache

from .icons import glyph
from .row_places import Chip, RowPlaces


class RowCanvas:
    """Draws the parts of one row. `mirrored`: from right to left."""

    def __init__(self, painter: QPainter, places: RowPlaces, *, mirrored: bool) -> None:
        self._painter = painter
        self._places = places
        self._measures = places.measures
        self.mirrored = mirrored
        painter.setLayoutDirection(Qt.LayoutDirection.RightToLeft if mirrored else Qt.LayoutDirection.LeftToRight)

    def fill(self, color: str) -> None:
        """The row's ground."""
        self._painter.fillRect(self._places.row, QColor(color))

    def rule(self, color: str) -> None:
        """The line below the row."""
        row = self._places.row
        self._painter.fillRect(QRect(row.left(), row.bottom(), row.width(), 1), QColor(color))

    def focus(self, color: str) -> None:
        """The frame around the row that has the keyboard."""
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.setPen(QPen(QColor(color), 1))
        radius = self._measures.unit
        self._painter.drawRoundedRect(QRectF(self._places.row).adjusted(1.5, 1.5, -1.5, -2.5), radius, radius)

    def bar(self, color: str, *, filled: bool) -> None:
        """The server's colour at the leading edge."""
        place = self._places.bar(filled=filled)
        self._round(place, color, place.width() / 2)

    def note(self, text: str, color: str) -> int:
        """The small text at the trailing end of the first line; returns the width it took."""
        place = self._places.note(self._measures.small_metrics.horizontalAdvance(text) + 1)
        self._text(place, text, self._measures.small, color)
        return place.width()

    def head(self, text: str, color: str, taken: int) -> None:
        """The first line, up to the note."""
        self._text(self._places.head(taken), text, self._measures.small, color)

    def title(self, text: str, color: str, taken: int, *, bold: bool) -> None:
        """The second line, up to the buttons."""
        self._text(self._places.title(taken), text, self._measures.bold if bold else self._measures.font, color)

    def dot(self, color: str, *, filled: bool) -> None:
        """The mark beside the second line, a ring unless it is filled."""
        place = self._places.dot()
        if filled:
            self._round(place, color, place.width() / 2)
        else:
            self._painter.setBrush(Qt.BrushStyle.NoBrush)
            self._painter.setPen(QPen(QColor(color), 1.5))
            self._painter.drawEllipse(QRectF(place).adjusted(1, 1, -1, -1))

    def body(self, text: str, color: str, taken: int) -> None:
        """The third line, up to the chips."""
        self._text(self._places.body(taken), text, self._measures.font, color)

    def chip(self, chip: Chip, place: QRect, fill: str, ink: str) -> None:
        """A chip in its place."""
        m = self._measures
        self._round(place, fill, m.unit)
        inside = place.adjusted(round(1.5 * m.unit), 0, -round(1.5 * m.unit), 0)
        if chip.mark:
            at_left = (chip.deed is None) != self.mirrored
            mark = QRect(inside)
            mark.setWidth(m.small_line)
            if not at_left:
                mark.moveRight(inside.right())
            self.drawing(chip.mark, mark, ink, round(m.small_line * 0.8))
            taken = m.small_line + m.unit // 2
            inside.adjust(taken * at_left, 0, -taken * (not at_left), 0)
        self._text(inside.adjusted(0, 0, 1, 0), chip.text, self._places.chip_font(chip), ink)

    def button(self, mark: str, place: QRect, ink: str, fill: str = "") -> None:
        """A button in its place; one that is pointed at is filled."""
        if fill:
            self._round(place.adjusted(1, 1, -1, -1), fill, self._measures.unit)
        self.drawing(mark, place, ink, round(self._measures.line * 0.9))

    def drawing(self, name: str, place: QRect, color: str, size: int) -> None:
        """The drawing `icons/NAME.svg` in the middle of a place."""
        pixmap = self._drawn(name, color, size)
        self._painter.drawPixmap(
            place.left() + (place.width() - size) // 2, place.top() + (place.height() - size + 1) // 2, pixmap
        )

    def _drawn(self, name: str, color: str, size: int) -> QPixmap:
        ratio = self._painter.device().devicePixelRatio()
        key, pixmap = f"row {name} {color} {size} {ratio}", QPixmap()
        if not QPixmapCache.find(key, pixmap):
            pixmap = glyph(name, color, size, ratio)
            QPixmapCache.insert(key, pixmap)
        return pixmap

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
