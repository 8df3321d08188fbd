"""The place of the quick look in the window: it is loaded and built when the user first opens it.

Apart from quick_look.py, because its modules take 10 ms and 1.7 MiB, which only an open window needs.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from mailpit_notifier.core.contents import Contents
from mailpit_notifier.ui.theme import LIGHT, Style

from .list_model import Row
from .message_list import MessageList

if TYPE_CHECKING:
    from .quick_look import QuickLook


class QuickLookHost(QObject):
    """Shows the quick look or the list in `pages`."""

    contents_requested = Signal(object)
    """The Row whose content is shown: pass it to `show_contents`, or why it cannot be read to `show_failure`."""
    action_requested = Signal(object, object)
    """A MessageAction and its Row."""
    link_opened = Signal(str)
    """The URL of a link."""
    code_copied = Signal(str)
    text_copied = Signal(str)
    """A text of several lines that the user selected."""
    closed = Signal()

    def __init__(self, pages: QStackedLayout, view: MessageList) -> None:
        super().__init__(view)
        self._pages = pages
        self._view = view
        self._style = LIGHT
        self._hide_content = False
        self._pane: QuickLook | None = None
        self.is_open = False
        """Whether `page` is the quick look; set it to show the list with the next refresh."""

    @property
    def page(self) -> QWidget:
        """The quick look if it is open, else the list."""
        return self._pane if self._pane and self.is_open else self._view.page

    def open(self) -> None:
        """Show the current message."""
        pane = self._pane = self._pane or self._create()
        self.is_open = True
        pane.setFocus()  # before it is shown: Qt would focus its first button, which screen readers read
        self._pages.setCurrentWidget(pane)
        pane.open()

    def close(self) -> None:
        """Show the list again, at the row of the message."""
        self.is_open = False
        self._pages.setCurrentWidget(self._view.page)
        self._view.show_current()
        self.closed.emit()

    def set_style(self, style: Style) -> None:
        """Use these colors."""
        self._style = style
        if self._pane:
            self._pane.set_style(style)

    def set_hide_content(self, hide: bool) -> None:
        """Show the content of a message only on request."""
        self._hide_content = hide
        if self._pane:
            self._pane.set_hide_content(hide)

    def show_contents(self, row: Row, contents: Contents) -> None:
        """Show the content of a message, unless another one is shown by now."""
        if self._pane:
            self._pane.show_contents(row, contents)

    def show_failure(self, row: Row, sentence: str) -> None:
        """Show why the content of a message cannot be read."""
        if self._pane:
            self._pane.show_failure(row, sentence)

    def _create(self) -> "QuickLook":
        from .quick_look import QuickLook

        pane = QuickLook(self._view)
        pane.set_style(self._style)
        pane.set_hide_content(self._hide_content)
        pane.closed.connect(self.close)
        pane.contents_requested.connect(self.contents_requested)
        pane.action_requested.connect(self.action_requested)
        pane.link_opened.connect(self.link_opened)
        pane.code_copied.connect(self.code_copied)
        pane.text_copied.connect(self.text_copied)
        self._pages.addWidget(pane)
        return pane


def load_quick_look() -> None:
    """Import the modules of the quick look."""
    import mailpit_notifier.ui.window.quick_look  # noqa: F401 - imported for its side effect
