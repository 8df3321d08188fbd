"""Labels that never interpret markup, and titles of windows.

Names and sentences can contain text that looks like markup, and a QLabel detects it by default.
"""

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QStylePainter, QWidget

from mailpit_notifier import APP_NAME
from mailpit_notifier.runtime.text import lines

MIN_HEIGHT = 28
"""Pixels of the height of controls; WCAG 2.2 asks for 24."""


_LONG_WORD = re.compile(r"((?:[^\s/-]|[/-](?![A-Za-z])){24})(?=\w|[!-~])")
"""The beginning of a long word, but not before a combining mark. Qt itself wraps lines between "/" or "-" and a letter:
a path that the user copies from a label is left as it is."""

_BREAK = "\N{ZERO WIDTH SPACE}"


class PlainLabel(QLabel):
    """A QLabel that shows plain text only. With `wrap`, long words are wrapped, too: they would make it wider."""

    def __init__(self, parent: QWidget | None = None, *, wrap: bool = False) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        self._has_breaks = False

    def setText(self, text: str) -> None:  # noqa: N802 - Qt's name
        """Show a text without its control and bidi characters."""
        clean = lines(text)
        shown = _LONG_WORD.sub(rf"\1{_BREAK}", clean) if self.wordWrap() else clean
        super().setText(shown)
        if self._has_breaks or shown != clean:
            self._has_breaks = shown != clean
            self.setAccessibleName(clean if self._has_breaks else "")  # screen readers read each part as a word

    def text(self) -> str:
        """Return the text that was set."""
        return super().text().replace(_BREAK, "")


class ElidedLabel(PlainLabel):
    """One line that never makes its window wider; text that does not fit ends in an ellipsis."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, _event: QPaintEvent) -> None:
        place = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, place.width())
        aligned = QStyle.visualAlignment(self.layoutDirection(), self.alignment())
        painter = QStylePainter(self)
        painter.drawItemText(place, int(aligned), self.palette(), self.isEnabled(), text, self.foregroundRole())


def window_title(name: str) -> str:
    """Return the title of a window with the program's name, which Qt would otherwise add on some systems only."""
    return f"{name} – {APP_NAME}"


def labelled(label: str, field: QWidget) -> QLabel:
    """Return a label whose access key focuses `field`."""
    title = QLabel()
    while proxy := field.focusProxy():  # an access key does not follow focus proxies
        field = proxy
    title.setBuddy(field)
    title.setMinimumHeight(MIN_HEIGHT)
    title.setText(label)  # after the buddy: else screen readers get the text with its "&"
    return title
