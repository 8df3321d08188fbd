"""Labels that never interpret markup, and titles of windows.

Names and sentences can contain text with the form of markup, and a QLabel detects it by default.
"""

import re

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QStylePainter, QWidget

from mailpit_notifier import APP_NAME
from mailpit_notifier.runtime.text import lines

MIN_HEIGHT = 28
"""Minimum height of controls in pixels; WCAG 2.2 requires 24."""


_LONG_WORD = re.compile(r"((?:[^\s/-]|[/-](?![A-Za-z])){24})(?=\w|[!-~])")
"""The beginning of a long word, but not before a combining mark. Qt itself wraps lines between "/" or "-" and a letter:
a path that the user copies from a label is left as it is."""

_BREAK = "\N{ZERO WIDTH SPACE}"


class PlainLabel(QLabel):
    """A QLabel that shows plain text only. With `wrap`, long words are wrapped, too: they would make it wider."""

    def __init__(self, *, wrap: bool = False) -> None:
        super().__init__()
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


def elided(metrics: QFontMetrics, text: str, width: int, mnemonic: int = 0) -> str:
    """Return a line of text, with an ellipsis where it does not fit into `width`. `mnemonic`: a Qt.TextFlag.

    Qt alone cuts some texts with an access key at the very width that it reports for them: it ignores the kerning
    beside the "&", which may be a pixel.
    """
    if metrics.size(Qt.TextFlag.TextSingleLine.value | mnemonic, text).width() <= width:
        return text
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width, mnemonic)


class ElidedLabel(PlainLabel):
    """One line that never makes its window wider. It shows a shorter text, if there is one, where its own does not fit.

    Text that does not fit either ends in an ellipsis.
    """

    def __init__(self) -> None:
        super().__init__()
        self._shorter = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_texts(self, text: str, shorter: str = "") -> None:
        """Show a text, or a shorter one where there is too little room."""
        self._shorter = shorter
        self.setText(text)

    def fits(self, text: str, *, beside: int = 0) -> bool:
        """Return whether there is room for the whole of a text, and for `beside` pixels of something else."""
        return elided(self.fontMetrics(), text, self.contentsRect().width() - beside) == text

    def shown_text(self) -> str:
        """Return the text that is drawn."""
        text = self.text() if self.fits(self.text()) else self._shorter or self.text()
        return elided(self.fontMetrics(), text, self.contentsRect().width())

    def paintEvent(self, _event: QPaintEvent) -> None:
        place, text = self.contentsRect(), self.shown_text()
        aligned = QStyle.visualAlignment(self.layoutDirection(), self.alignment())
        painter = QStylePainter(self)
        painter.drawItemText(place, int(aligned), self.palette(), self.isEnabled(), text, self.foregroundRole())


class CenteredLabel(PlainLabel):
    """Centred text that is wrapped into lines of about the same length: the last one is not a single word."""

    def __init__(self) -> None:
        super().__init__(wrap=True)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def text_width(self) -> int:
        """Return the least width that needs no more lines than the whole width."""
        most = self.contentsRect().width()
        height = self._bounds(most).height()
        least = 1
        while least < most:
            middle = (least + most) // 2
            bounds = self._bounds(middle)
            if bounds.height() > height or bounds.width() > middle:  # a word that is too long is not wrapped
                least = middle + 1
            else:
                most = middle
        return most

    def paintEvent(self, _event: QPaintEvent) -> None:
        place, width = self.contentsRect(), self.text_width()
        place.adjust((place.width() - width) // 2, 0, 0, 0)
        place.setWidth(width)
        painter = QStylePainter(self)
        painter.drawItemText(
            place, self._flags, self.palette(), self.isEnabled(), QLabel.text(self), self.foregroundRole()
        )

    @property
    def _flags(self) -> int:
        return int(self.alignment()) | Qt.TextFlag.TextWordWrap.value

    def _bounds(self, width: int) -> QRect:
        return self.fontMetrics().boundingRect(QRect(0, 0, width, 100_000), self._flags, QLabel.text(self))


def window_title(name: str) -> str:
    """Return the title of a window, followed by the program's name, which Qt adds on some systems only."""
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
