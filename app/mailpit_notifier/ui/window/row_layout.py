"""Positions of the parts of a row, for painting and for finding what is under the pointer.

Positions are relative to the leading edge; `place` is the only spot that mirrors them for right-to-left layouts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QFontMetrics, QFontMetricsF
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from .message_actions import MessageAction

MIN_TARGET = 24
"""Minimum height in pixels of what users can click (WCAG 2.2). Chips are drawn smaller, but clicks just above and below
them count, too.
"""


class Measures:
    """Fonts and distances of a row in pixels, all derived from the view's font."""

    def __init__(self, font: QFont) -> None:
        self.font = QFont(font)  # a copy: the font of an option lives only as long as the option
        self.bold = QFont(font)
        self.bold.setWeight(QFont.Weight.DemiBold)
        self.small = QFont(font)
        self.small.setPointSizeF(QFontInfo(font).pointSizeF() * 0.92)
        self.mono = QFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.mono.setPointSizeF(self.small.pointSizeF())
        self.mono.setWeight(QFont.Weight.DemiBold)
        self.line = QFontMetrics(self.bold).height()
        self.small_metrics = QFontMetrics(self.small)
        self.small_line = self.small_metrics.height()
        self.unit = max(2, round(self.line / 4))
        self.lead = 5 * self.unit  # room for bar and dot
        self.pad = round(2.25 * self.unit)
        self.gap = round(0.75 * self.unit)
        self.button = max(MIN_TARGET, self.line + 2 * self.unit)
        self.chip = self.small_line + max(2, self.unit // 2)
        self.row = QSize(0, 2 * (self.pad + self.gap + self.line) + self.small_line + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A small label at the end of a row, with the icon `icons/MARK.svg` if `mark` is set.

    `action`: what a click does; such a chip has the accent colors and its icon after the text.
    """

    text: str
    mark: str = ""
    action: MessageAction | None = None


class RowLayout:
    """The rectangles of the parts of one row."""

    def __init__(self, option: QStyleOptionViewItem, measures: Measures) -> None:
        self.row = option.rect
        self.measures = measures
        self._direction = option.direction
        m = measures
        self.inner = self.row.width() - m.lead - m.pad
        self._people_top = m.pad + m.line + m.gap
        self._body_top = self._people_top + m.small_line + m.gap

    def place(self, left: int, top: int, width: int, height: int) -> QRect:
        """Return a rectangle; `left` is the distance from the leading edge."""
        logical = QRect(self.row.topLeft() + QPoint(left, top), QSize(width, height))
        return QStyle.visualRect(self._direction, self.row, logical)

    def bar(self, *, filled: bool) -> QRect:
        """Return the place of the server's color; half as wide unless it is filled."""
        m = self.measures
        return self.place(0, m.pad, m.unit if filled else m.unit // 2, self.row.height() - 2 * m.pad)

    def title(self, taken: int) -> QRect:
        """Return the first line without `taken` pixels at its end."""
        return self.place(self.measures.lead, self.measures.pad, self.inner - taken, self.measures.line)

    def note(self, width: int) -> QRect:
        """Return the end of the second line, at most half of it."""
        m = self.measures
        width = min(width, self.row.width() // 2)
        return self.place(self.row.width() - m.pad - width, self._people_top, width, m.small_line)

    def people(self, taken: int) -> QRect:
        """Return the second line without `taken` pixels at its end."""
        m = self.measures
        return self.place(m.lead, self._people_top, self.inner - taken - 2 * m.unit, m.small_line)

    def dot(self) -> QRect:
        """Return the rectangle of the dot that marks an unread message."""
        m = self.measures
        size = 2 * m.unit
        return self.place(2 * m.unit, m.pad + (m.line - size) // 2, size, size)

    def body(self, taken: int) -> QRect:
        """Return the third line without `taken` pixels at its end."""
        m = self.measures
        return self.place(m.lead, self._body_top, self.inner - taken, m.line)

    def buttons(self, count: int) -> list[QRect]:
        """Return the buttons at the end of the first line, in order."""
        size, end = self.measures.button, self.row.width() - self.measures.pad // 2
        top = self.measures.pad + (self.measures.line - size) // 2
        return [self.place(end - (count - number) * size, top, size, size) for number in range(count)]

    def buttons_width(self, count: int) -> int:
        """Return the width that the buttons take of the first line."""
        return count * self.measures.button - self.measures.pad // 2 + self.measures.unit if count else 0

    def chips(self, chips: Sequence[Chip]) -> list[tuple[Chip, QRect]]:
        """Return the chips that fit in half of the third line, at its end, and `+N` for the others."""
        m, gap = self.measures, round(1.5 * self.measures.unit)
        left = self.row.width() - m.pad
        top = self._body_top + (m.line - m.chip) // 2
        placed = []
        for chip in reversed(self._fitting(chips, self.inner // 2, gap)):
            left -= self._chip_width(chip)
            placed.append((chip, self.place(left, top, self._chip_width(chip), m.chip)))
            left -= gap
        return placed

    def target(self, chip: QRect) -> QRect:
        """Return where a click hits this chip."""
        missing = max(0, MIN_TARGET - chip.height())
        return chip.adjusted(0, -(missing // 2), 0, missing - missing // 2)

    def chips_width(self, placed: Sequence[tuple[Chip, QRect]]) -> int:
        """Return the width that the chips take of the third line."""
        gap = round(1.5 * self.measures.unit)
        return sum(place.width() + gap for _, place in placed)

    def chip_font(self, chip: Chip) -> QFont:
        """Return the font of a chip: monospaced for a code, which is compared letter by letter."""
        return self.measures.mono if chip.action is MessageAction.COPY_CODE else self.measures.small

    def _fitting(self, chips: Sequence[Chip], room: int, gap: int) -> list[Chip]:
        """Return the first chips that fit, and `+N` for the others."""
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
        m = self.measures
        mark = m.small_line + m.unit // 2 if chip.mark else 0
        # Rounded up: half a pixel less, and large text would end in an ellipsis.
        text = ceil(QFontMetricsF(self.chip_font(chip)).horizontalAdvance(chip.text))
        return text + mark + 2 * round(1.5 * m.unit)
