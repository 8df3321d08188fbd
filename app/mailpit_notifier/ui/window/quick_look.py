"""The quick look: shows one message instead of the list. The message stays unread on the server.

QuickLook follows the current row of the list: the summary of a message is shown at once, its content as soon as it was
read. Text is plain: no HTML is rendered, and nothing is loaded from elsewhere. Code and links are buttons, so that the
host of a link is always visible.

The subject has the focus and is the one accessible text for the whole message. Keys of the list work here, too; Tab
reaches the buttons and the text, where the arrow keys move the text cursor.
"""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from mailpit_notifier.core.contents import ContentLink, Contents
from mailpit_notifier.findings.web_link import shown_host, shown_link
from mailpit_notifier.runtime.text import line, lines, plain
from mailpit_notifier.ui import words
from mailpit_notifier.ui.controls import ElidedButton, PushButton
from mailpit_notifier.ui.opening import ContentArea
from mailpit_notifier.ui.theme import LIGHT, Style, style_bars_and_menus

from .list_model import Role, Row
from .message_actions import MessageAction
from .message_list import MessageList
from .message_text import MessageText, Subject, attachment_lines, fields_of, notes_of, shown_text

MAX_BUTTONS = 3
"""Links with a button of their own; the others are in a menu."""

MAX_LINKS = 100
"""Maximum number of links in the menu."""

_HOST, _WORDS, _LINK = 44, 60, 80
"""Characters of a host, of the words of a link, and of a link."""


class Top(ContentArea):
    """Subject and buttons: as high as they are, but at most half of the pane, where they scroll."""

    def __init__(self, content: QWidget) -> None:
        super().__init__(content)
        self._height = self._least = 0
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        content.setBackgroundRole(QPalette.ColorRole.Base)

    def fit(self, pane: QSize) -> None:
        """Take the room of the content in a pane of this size."""
        if layout := self._content.layout():
            layout.activate()
        whole = self._content.heightForWidth(pane.width())
        self._height, self._least = min(whole, pane.height() // 2), min(whole, MIN_TOP)
        self.updateGeometry()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave all keys to the pane: arrows move to another message, they do not scroll here."""
        event.ignore()

    def sizeHint(self) -> QSize:
        """Return the height that `fit` has found."""
        return QSize(super().sizeHint().width(), self._height)

    def minimumSizeHint(self) -> QSize:
        """Return little: the rest scrolls."""
        return QSize(0, self._least)


MIN_TOP, MIN_TEXT = 56, 56
"""Pixels of the parts of the pane in the smallest window."""


class QuickLook(QWidget):
    """Shows the current message of a list. `hide_content`: show the content only on request."""

    contents_requested = Signal(object)
    """The Row whose Contents are to be passed to `show_contents`, or why not to `show_failure`."""
    action_requested = Signal(object, object)
    """A MessageAction and its Row."""
    link_opened = Signal(str)
    code_copied = Signal(str)
    text_copied = Signal(str)
    """A text of several lines that the user selected."""
    closed = Signal()

    def __init__(self, view: MessageList) -> None:
        super().__init__()
        self._view = view
        self._style = LIGHT
        self._row: Row | None = None
        self._contents: Contents | None = None
        self._failure = ""
        self._is_hiding = self._is_hidden = False
        self._buttons: list[PushButton] = []
        self._subject, self._text = Subject(), MessageText()
        self._show_content = PushButton(self.tr("&Show content"), clicked=self._on_content_requested)
        self._rows = QVBoxLayout()
        self._above = QWidget()
        self._top = Top(self._above)
        self._build_layout()
        self.setFocusProxy(self._subject)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(self._text.viewport().backgroundRole())
        view.selectionModel().currentChanged.connect(self._on_current_changed)
        view.model().dataChanged.connect(self._on_data_changed)

    def _build_layout(self) -> None:
        tools = QHBoxLayout()
        tools.setContentsMargins(8, 6, 8, 0)
        tools.setSpacing(4)
        tools.addWidget(self._tool(self.tr("Open"), "link", MessageAction.OPEN, self.tr("Open in Mailpit (Enter)")))
        self._menu_button = self._tool("", "more", MessageAction.SHOW_MENU, self.tr("More actions"))
        tools.addWidget(self._menu_button)
        tools.addStretch()
        close = PushButton(glyph="clear", flat=True, clicked=self.closed.emit)
        for name in (close.setToolTip, close.setAccessibleName):
            name(self.tr("Close quick look (Esc)"))
        tools.addWidget(close)
        self._rows.setContentsMargins(12, 2, 12, 4)
        self._rows.setSpacing(4)
        self._rows.addWidget(self._show_content, 0, Qt.AlignmentFlag.AlignLeading)
        subject = QHBoxLayout()
        subject.setContentsMargins(4, 2, 4, 2)
        subject.addWidget(self._subject)
        above = QVBoxLayout(self._above)
        above.setContentsMargins(0, 0, 0, 0)
        above.setSpacing(0)
        above.addLayout(subject)
        above.addLayout(self._rows)
        self._text.setMinimumHeight(MIN_TEXT)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(tools)
        layout.addWidget(self._top)
        layout.addWidget(self._text, 1)

    def _tool(self, label: str, glyph: str, action: MessageAction, tip: str) -> PushButton:
        button = PushButton(label, glyph=glyph, flat=True, clicked=partial(self._do, action))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button

    def set_style(self, style: Style) -> None:
        """Use these colors."""
        self._style = style
        style_bars_and_menus(self, style)
        self._show()

    def set_hide_content(self, hide: bool) -> None:
        """Show text, code, links and attachments of a message only on request."""
        self._is_hiding = hide
        self._is_hidden = hide
        self._show()

    def open(self) -> None:
        """Show the current message and focus it."""
        self._show_current()
        self._subject.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_contents(self, row: Row, contents: Contents) -> None:
        """Show the content of a message, unless another one is shown by now."""
        if self._is_shown(row) and contents != self._contents:
            self._contents = contents
            self._show()

    def show_failure(self, row: Row, sentence: str) -> None:
        """Show why the content of a message cannot be read."""
        if self._is_shown(row):
            self._failure = sentence
            self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Divide the height anew."""
        super().resizeEvent(event)
        self._top.fit(self.size())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move to another message, close, copy, scroll, or do what the key does in the list."""
        is_plain = event.modifiers() in {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier}
        if event.matches(QKeySequence.StandardKey.Copy) and self._text.textCursor().hasSelection():
            self.text_copied.emit(self._text.selected())
        elif is_plain and event.key() in {Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Escape}:
            self.closed.emit()
        elif is_plain and event.key() in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            self._view.step(1 if event.key() == Qt.Key.Key_Down else -1)
        elif not (is_plain and self._text.scroll_by_key(event.key())) and not self._view.handle_key(event):
            super().keyPressEvent(event)

    # The message

    def _is_shown(self, row: Row) -> bool:
        return self._row is not None and (row.server, row.message.id) == (self._row.server, self._row.message.id)

    def _on_current_changed(self) -> None:
        if self.isVisible():
            self._show_current()

    def _on_data_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        if self.isVisible() and first.row() <= self._view.currentIndex().row() <= last.row():
            self._show_current()

    def _show_current(self) -> None:
        row: Row | None = self._view.currentIndex().data(Role.ROW)
        if row is None or (row == self._row and self._contents):
            return
        if not self._is_shown(row):
            self._contents, self._failure, self._is_hidden = None, "", self._is_hiding
            self._text.verticalScrollBar().setValue(0)
        self._row = row
        self._show()
        if not self._is_hidden and not self._contents:
            self._failure = ""
            self.contents_requested.emit(row)

    def _on_content_requested(self) -> None:
        self._is_hidden = False
        self._subject.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show()
        if self._row and not self._contents:
            self.contents_requested.emit(self._row)

    def _do(self, action: MessageAction) -> None:
        if self._row is None:
            return
        if action is MessageAction.SHOW_MENU:
            self._view.show_menu(self._menu_button.mapToGlobal(QPoint(0, self._menu_button.height())))
        else:
            self.action_requested.emit(action, self._row)

    # What is shown of it

    def _show(self) -> None:
        if self._row is None:
            return
        contents = self._contents if self._contents and not self._is_hidden else Contents()
        message = self._row.message
        self._subject.setText(words.subject(message))
        self._show_content.setVisible(self._is_hidden)
        self._show_buttons(contents)
        fields = fields_of(self._row)
        text, notes, attachments = shown_text(contents.text), self._notes(contents), attachment_lines(contents)
        self._text.write(self._style, fields, notes, text, attachments)
        spoken = [words.subject(message), *(f"{label} {value}" for label, value in fields)]
        spoken += (
            [self.tr("Code {0}").format(words.spelled(plain(contents.code, words.SHORT)))] if contents.code else []
        )
        spoken += [self.tr("Link {0}").format(shown_host(one.url, _HOST)) for one in contents.links[:1]]
        spoken += [*notes, text, *([self.tr("Attachments")] if attachments else []), *attachments]
        self._subject.setAccessibleName(lines("\n".join(filter(None, spoken))))

    def _notes(self, contents: Contents) -> list[str]:
        """Return sentences about what is not shown, and why."""
        if self._is_hidden:
            return [self.tr("The content of messages is hidden in the settings.")]
        if self._failure:
            return [self._failure]
        return notes_of(contents) if self._contents else [self.tr("Loading the message")]

    def _show_buttons(self, contents: Contents) -> None:
        for button in self._buttons:
            if button.hasFocus():
                self._subject.setFocus(Qt.FocusReason.OtherFocusReason)
            self._rows.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []
        if code := plain(contents.code, words.SHORT):
            label = self.tr("Copy code {0}").format(code)
            spoken = self.tr("Copy code {0}").format(words.spelled(code))
            self._add_button(label, "copy", partial(self.code_copied.emit, contents.code), spoken)
        for link in contents.links[:MAX_BUTTONS]:
            label = link_label(link)
            spoken = self.tr("Open link {0}").format(label)
            self._add_button(label, "link", partial(self.link_opened.emit, link.url), spoken)
        if others := contents.links[MAX_BUTTONS : MAX_BUTTONS + MAX_LINKS]:
            more = self._add_button(self.tr("More links ({0})").format(len(others)), "link", None, "")
            menu = QMenu(more)
            for link in others:
                entry = menu.addAction(words.menu_text(link_label(link)))
                entry.triggered.connect(partial(self.link_opened.emit, link.url))
            style_bars_and_menus(menu, self._style)
            more.setMenu(menu)
        self._order_tabs()
        self._top.fit(self.size())

    def _add_button(self, label: str, glyph: str, clicked: Callable[[], object] | None, spoken: str) -> PushButton:
        button = ElidedButton(label.replace("&", "&&"), glyph=glyph, clicked=clicked)
        button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        button.setAccessibleName(line(spoken))
        self._rows.addWidget(button, 0)
        button.show()  # the layout would show it later, and a hidden widget is in no tab order
        self._buttons.append(button)
        return button

    def _order_tabs(self) -> None:
        before: QWidget = self._show_content
        for button in (*self._buttons, self._text):
            self.setTabOrder(before, button)
            before = button


def link_label(link: ContentLink) -> str:
    """Return the host of a link and its words, or the link where it has no words.

    Host and words are isolated: characters of right-to-left scripts in one cannot reorder the other.
    """
    text = plain(link.words, _WORDS)
    return f"\u2068{shown_host(link.url, _HOST)}\u2069 · \u2068{text}\u2069" if text else shown_link(link.url, _LINK)
