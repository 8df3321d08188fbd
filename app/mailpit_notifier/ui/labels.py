"""A label that takes every text for plain text: names and sentences can hold what looks like markup.

Says something to a screen reader that no change of focus or of rows would tell.
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QStylePainter, QWidget

from mailpit_notifier.runtime.text import lines


class PlainLabel(QLabel):
    """A QLabel without markup."""

    def __init__(self, parent: QWidget | None = None, *, wrap: bool = False) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)

    def setText(self, text: str) -> None:  # noqa: N802 - Qt's name
        """Show what can be seen of a text."""
        super().setText(lines(text))


class ElidedLabel(PlainLabel):
    """One line that takes what width there is: what does not fit ends in «…», and is in the tool tip of its owner."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw what fits."""
        place = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, place.width())
        aligned = QStyle.visualAlignment(self.layoutDirection(), self.alignment())
        painter = QStylePainter(self)
        painter.drawItemText(place, int(aligned), self.palette(), self.isEnabled(), text, self.foregroundRole())


def speak(widget: QWidget, text: str) -> None:
    """Have it read out; `widget` is where it is shown."""
    if text and QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))
