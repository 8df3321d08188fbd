"""What the quick look shows as text: the subject, and one document with fields, notes, text and attachments.

Everything is inserted as plain text: QTextEdit interprets no markup then. Control and bidi characters are removed,
values are isolated, so that a right-to-left name cannot reorder its label.
"""

import re

from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QApplication, QFrame, QTextEdit

from mailpit_notifier.core.contents import Attachment, Contents, Doubt
from mailpit_notifier.runtime.text import lines, plain
from mailpit_notifier.ui import words
from mailpit_notifier.ui.controls import paint_box
from mailpit_notifier.ui.labels import PlainLabel
from mailpit_notifier.ui.theme import Style

from .entries import Row

_GAP = "  "
"""Between the name of a field and its value."""

MAX_LISTED = 100
"""Attachments that are listed."""

MAX_LINES = 2_000
"""Lines of the text. More would take longer to lay out than the window may take to open."""

PIECE, TANGLED_PIECE = 2_000, 150
"""Characters of a paragraph. Qt takes quadratic time for one, most of all where the direction changes with each letter:
750 ms for 13,000 of them, 15 ms in pieces."""

_TURN = re.compile(r"[A-Za-z][^A-Za-z\u0590-\u08ff]{0,9}[\u0590-\u08ff]")
MAX_TURNS = 50
"""Changes of the direction in a line that is not hostile."""

_CONTINUED = 1
"""State of a paragraph that continues the line of the one before it."""

_NAME = 100
"""Characters of an attachment's name."""


class Subject(PlainLabel):
    """The subject. It takes the focus for the whole quick look, and shows the focus ring."""

    def __init__(self) -> None:
        super().__init__(wrap=True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setContentsMargins(8, 6, 8, 6)
        self._scale()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave all keys to the pane: a QLabel accepts Ctrl+C and does nothing."""
        event.ignore()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of the program's font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange:
            self._scale()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ring below the text."""
        if self.hasFocus():
            painter = QPainter(self)
            paint_box(painter, self.rect(), QColor(Qt.GlobalColor.transparent), self.palette().highlight().color(), 2)
            painter.end()
        super().paintEvent(event)

    def _scale(self) -> None:
        font = QFont(QApplication.font())
        font.setPointSizeF(font.pointSizeF() * 1.15)
        font.setWeight(QFont.Weight.DemiBold)
        self.setFont(font)


class MessageText(QTextEdit):
    """The fields and the text of a message, which can be selected. `is_own_key`: keys that go to the pane."""

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click selects, but leaves the keys to the pane
        flags = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        self.setTextInteractionFlags(flags)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUndoRedoEnabled(False)
        self.setAccessibleName(self.tr("Text of the message"))
        self.document().setDocumentMargin(12)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the keys that close the pane, open the message, or copy to the pane."""
        passed_on = {Qt.Key.Key_Space, Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter}
        if event.key() in passed_on or event.matches(QKeySequence.StandardKey.Copy):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 Qt's name
        """Draw the ring."""
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 Qt's name
        """Remove the ring."""
        super().focusOutEvent(event)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a ring around the text that has the focus."""
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self.viewport())
            none, accent = QColor(Qt.GlobalColor.transparent), self.palette().highlight().color()
            paint_box(painter, self.viewport().rect(), none, accent, 2)

    def write(
        self, style: Style, fields: list[tuple[str, str]], notes: list[str], text: str, attachments: list[str]
    ) -> None:
        """Show fields, notes, text and attachments in these colors."""
        self.clear()
        cursor = self.textCursor()
        cursor.beginEditBlock()  # one layout for all
        dim, ink, warn = (_color(color) for color in (style.dim, style.text, style.warn))
        widths = {label: self.fontMetrics().horizontalAdvance(f"{label}{_GAP}") for label, _ in fields}
        for label, value in fields:
            _block(cursor, below=2)
            cursor.insertText(label, dim)
            cursor.insertText(_GAP, _stretched((max(widths.values()) - widths[label]) / len(_GAP)))
            cursor.insertText(f"\u2068{value}\u2069", ink)
        for note in notes:
            _block(cursor, above=8)
            cursor.insertText(note, warn)
        self._write_text(cursor, text, ink)
        if attachments:
            _block(cursor, above=14)
            cursor.insertText(self.tr("Attachments"), dim)
        for line in attachments:
            _block(cursor, above=2)
            cursor.insertText(line, ink)
        cursor.endEditBlock()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def _write_text(self, cursor: QTextCursor, text: str, ink: QTextCharFormat) -> None:
        first, *others = pieces(text)
        if first[0]:
            _block(cursor, above=12, height=125)
            cursor.insertText(first[0], ink)
        if others:
            _block(cursor, height=125)
            number = cursor.blockNumber()
            cursor.insertText("\n".join(text for text, _ in others), ink)
            for place, (_, is_continued) in enumerate(others):
                if is_continued:
                    self.document().findBlockByNumber(number + place).setUserState(_CONTINUED)

    def createMimeDataFromSelection(self) -> QMimeData:  # noqa: N802 Qt's name
        """Return the selection for the context menu and for dragging: as plain text only."""
        data = QMimeData()
        data.setText(lines(self.selected()))
        return data

    def selected(self) -> str:
        """Return the selected text, with its lines as in the message."""
        cursor = self.textCursor()
        parts: list[str] = []
        block = self.document().findBlock(cursor.selectionStart())
        while block.isValid() and block.position() <= cursor.selectionEnd():
            if parts and block.userState() != _CONTINUED:
                parts.append("\n")
            start = max(0, cursor.selectionStart() - block.position())
            parts.append(block.text()[start : cursor.selectionEnd() - block.position()])
            block = block.next()
        return "".join(parts)

    def scroll_by_key(self, key: int) -> bool:
        """Scroll by a page, or to an end. Return False for other keys."""
        bar = self.verticalScrollBar()
        places = {
            Qt.Key.Key_PageUp: bar.value() - bar.pageStep(),
            Qt.Key.Key_PageDown: bar.value() + bar.pageStep(),
            Qt.Key.Key_Home: bar.minimum(),
            Qt.Key.Key_End: bar.maximum(),
        }
        if key in places:
            bar.setValue(places[Qt.Key(key)])
        return key in places


def fields_of(row: Row) -> list[tuple[str, str]]:
    """Return the fields above the text, each as label and value."""
    translate, message = QCoreApplication.translate, row.message
    people = (
        (translate("QuickLook", "From"), (message.sender,) if message.sender else ()),
        (translate("QuickLook", "To"), message.to),
        (translate("QuickLook", "Cc"), message.cc),
        (translate("QuickLook", "Bcc"), message.bcc),
    )
    found = [(label, words.people(persons)) for label, persons in people if persons]
    found.append((translate("QuickLook", "Date"), words.absolute(message.created)))
    return [*found, (translate("QuickLook", "Size"), words.data_size(message.size))] if message.size else found


def notes_of(contents: Contents) -> list[str]:
    """Return sentences about what is missing of a message or may be wrong."""
    translate, notes = QCoreApplication.translate, []
    if not contents.text and not contents.is_loading:
        notes.append(_why_no_text(contents))
    if contents.text and Doubt.ENCODING in contents.doubts:
        notes.append(translate("QuickLook", "The encoding of the text is unknown. It is shown as it was sent."))
    elif contents.text and (Doubt.CHARSET in contents.doubts or "\ufffd" in contents.text):
        notes.append(translate("QuickLook", "Some characters could not be decoded and may be wrong."))
    if contents.is_cut:
        text = translate("QuickLook", "Only the beginning is shown. Open the message in Mailpit to read all of it.")
        notes.append(text)
    if contents.is_loading:
        notes.append(translate("QuickLook", "Loading the rest of the message"))
    elif contents.is_partial:
        text = translate("QuickLook", "The message was not read to its end. It may contain more attachments.")
        notes.append(text)
    return notes


def _why_no_text(contents: Contents) -> str:
    if Doubt.ENCRYPTED in contents.doubts:
        return QCoreApplication.translate("QuickLook", "The message is encrypted. Its text cannot be shown.")
    if contents.is_partial:
        return QCoreApplication.translate(
            "QuickLook", "No text was found in the part of the message that could be read."
        )
    return QCoreApplication.translate("QuickLook", "This message has no text.")


def attachment_lines(contents: Contents) -> list[str]:
    """Return a line for each attachment, the first MAX_LISTED."""
    shown = [attachment_line(one) for one in contents.attachments[:MAX_LISTED]]
    more = len(contents.attachments) - MAX_LISTED
    return [*shown, QCoreApplication.translate("QuickLook", "and {0} more").format(more)] if more > 0 else shown


def attachment_line(attachment: Attachment) -> str:
    """Return name and size; the media type for a file without a name."""
    name = plain(attachment.name, _NAME) or plain(attachment.kind, _NAME)
    return f"\u2068{name}\u2069 · {words.data_size(attachment.size)}"


def shown_text(text: str) -> str:
    """Return a text for display: without control and bidi characters, at most one empty line at a time."""
    shown: list[str] = []
    for line in lines(text).replace("\ufffc", "\ufffd").split("\n"):
        if line.strip() or (shown and shown[-1]):
            shown.append(line.rstrip())
        if len(shown) == MAX_LINES:
            break
    return "\n".join(shown).strip("\n")


def pieces(text: str) -> list[tuple[str, bool]]:
    """Return the lines, long ones in pieces, each with whether it continues the line before it."""
    found = []
    for line in text.split("\n"):
        rest, is_continued = line, False
        size = TANGLED_PIECE if len(_TURN.findall(line)) > MAX_TURNS else PIECE
        while len(rest) > size:
            end = rest.rfind(" ", size // 2, size) + 1 or size
            found.append((rest[:end], is_continued))
            rest, is_continued = rest[end:], True
        found.append((rest, is_continued))
    return found


def _color(name: str) -> QTextCharFormat:
    result = QTextCharFormat()
    result.setForeground(QColor(name))
    return result


def _stretched(pixels: float) -> QTextCharFormat:
    """Return the format of blanks that are this much wider: the values after them form a column, read as one text."""
    result = QTextCharFormat()
    result.setFontLetterSpacingType(QFont.SpacingType.AbsoluteSpacing)
    result.setFontLetterSpacing(pixels)
    return result


def _block(cursor: QTextCursor, *, above: int = 0, below: int = 0, height: int = 100) -> None:
    """Begin a paragraph with these distances in pixels, and the line height in percent."""
    result = QTextBlockFormat()
    result.setTopMargin(above)
    result.setBottomMargin(below)
    result.setLineHeight(height, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    if cursor.position():
        cursor.insertBlock(result)
    else:
        cursor.setBlockFormat(result)
