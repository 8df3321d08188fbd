"""The actions for one message of the list: labels, keys, when they are offered, the row's menu, and the save dialog.

Buttons, menu and keys use the same table. The actions are carried out elsewhere (controllers/row_actions.py).
"""

import re
from enum import Enum
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QPoint, QStandardPaths, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu, QStyleOptionMenuItem, QWidget

from mailpit_notifier.findings.result import Findings
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.ui import words
from mailpit_notifier.ui.opening import fit_to_screen

from .entries import Row


class MessageAction(Enum):
    """An action for one message; the value names its icon, if it has one."""

    OPEN = "open"
    QUICK_LOOK = "look"
    OPEN_HTML = "html"
    COPY_CODE = "copy"
    OPEN_LINK = "link"
    COPY_ADDRESS = "address"
    COPY_URL = "url"
    SAVE = "save"
    MARK_READ = "read"
    MARK_UNREAD = "unread"
    DELETE = "delete"
    SHOW_MENU = "more"


MENU = (
    (MessageAction.OPEN, MessageAction.QUICK_LOOK, MessageAction.OPEN_HTML),
    (MessageAction.COPY_CODE, MessageAction.OPEN_LINK),
    (MessageAction.COPY_ADDRESS, MessageAction.COPY_URL, MessageAction.SAVE),
    (MessageAction.MARK_READ, MessageAction.MARK_UNREAD, MessageAction.DELETE),
)
"""Entries of the menu, in groups."""

KEYS = {
    MessageAction.OPEN: Qt.Key.Key_Return,
    MessageAction.QUICK_LOOK: Qt.Key.Key_Space,
    MessageAction.COPY_CODE: Qt.Key.Key_C,
    MessageAction.OPEN_LINK: Qt.Key.Key_L,
    MessageAction.MARK_READ: Qt.Key.Key_U,
    MessageAction.MARK_UNREAD: Qt.Key.Key_U,
    MessageAction.DELETE: Qt.Key.Key_Delete,
}


SAME_KEYS: dict[int, Qt.Key] = {Qt.Key.Key_Enter: Qt.Key.Key_Return, Qt.Key.Key_Right: Qt.Key.Key_Space}
"""Keys that do the same as another one."""


def is_applicable(action: MessageAction, message: Message) -> bool:
    """Return whether the action applies to a message. Code and link always do: its source may contain them."""
    match action:
        case MessageAction.MARK_READ:
            return not message.read
        case MessageAction.MARK_UNREAD:
            return message.read
        case MessageAction.COPY_ADDRESS:
            return bool(words.recipient(message))
    return True


def _is_offered(action: MessageAction, message: Message, found: Findings) -> bool:
    """Return whether the menu offers an action: not where the message is known to have no such part."""
    match action:
        case MessageAction.OPEN_HTML:
            return found.has_html is not False
        case MessageAction.COPY_CODE:
            return bool(found.code) or not found.is_complete
        case MessageAction.OPEN_LINK:
            return bool(found.link) or not found.is_complete
    return is_applicable(action, message)


def buttons(message: Message) -> tuple[MessageAction, ...]:
    """Return the buttons of a row: the most frequent actions, and the menu for the others. Code and link are chips."""
    return (
        MessageAction.MARK_UNREAD if message.read else MessageAction.MARK_READ,
        MessageAction.DELETE,
        MessageAction.SHOW_MENU,
    )


def action_for_key(key: int, message: Message) -> MessageAction | None:
    """Return the action of a key (Qt.Key) for this message, or None."""
    key = SAME_KEYS.get(key, key)
    return next((action for action, its in KEYS.items() if its == key and is_applicable(action, message)), None)


def copy_action(message: Message, found: Findings) -> MessageAction:
    """Return the action of the standard Copy key: the code, else the address, else the URL."""
    if found.code:
        return MessageAction.COPY_CODE
    return MessageAction.COPY_ADDRESS if words.recipient(message) else MessageAction.COPY_URL


def label(action: MessageAction, message: Message, found: Findings, *, spoken: bool = False) -> str:
    """Return the label for menus and tooltips. `spoken`: for screen readers, which would read a code as a number."""
    translate = QCoreApplication.translate
    match action:
        case MessageAction.COPY_CODE:
            code = words.spelled(words.code(found)) if spoken else words.code(found)
            return (
                translate("MessageAction", "Copy code {0}").format(code)
                if code
                else translate("MessageAction", "Copy code")
            )
        case MessageAction.OPEN_LINK:
            site = words.link(found)
            return (
                translate("MessageAction", "Open link {0}").format(site)
                if site
                else translate("MessageAction", "Open link")
            )
        case MessageAction.COPY_ADDRESS:
            return translate("MessageAction", "Copy address {0}").format(words.recipient(message))
    return {
        MessageAction.OPEN: translate("MessageAction", "Open"),
        MessageAction.QUICK_LOOK: translate("MessageAction", "Quick look"),
        MessageAction.OPEN_HTML: translate("MessageAction", "Open HTML view (marks as read)"),
        MessageAction.COPY_URL: translate("MessageAction", "Copy URL of this message"),
        MessageAction.SAVE: translate("MessageAction", "Save as .eml…"),
        MessageAction.MARK_READ: translate("MessageAction", "Mark as read"),
        MessageAction.MARK_UNREAD: translate("MessageAction", "Mark as unread"),
        MessageAction.DELETE: translate("MessageAction", "Delete"),
        MessageAction.SHOW_MENU: translate("MessageAction", "More actions"),
    }[action]


class RowMenu(QMenu):
    """The context menu of a row, filled each time it is shown."""

    chosen = Signal(object, object)
    """A MessageAction and a Row."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Message actions"))

    def show_for(self, row: Row, found: Findings, at: QPoint, *, by_keyboard: bool, in_list: bool = True) -> None:
        """Show it at a position of the screen. `by_keyboard`: select the first entry.

        `in_list`: the list is shown, not the quick look.
        """
        self.clear()
        for group in MENU:
            for action in group:
                if _is_offered(action, row.message, found) and (in_list or action is not MessageAction.QUICK_LOOK):
                    self._add(action, row, found)
            self.addSeparator()
        self.popup(at)
        if by_keyboard:
            self.setActiveAction(self.actions()[0])

    def initStyleOption(self, option: QStyleOptionMenuItem, action: QAction) -> None:  # noqa: N802 Qt's name
        """Draw the label, because the text of the action is for screen readers."""
        super().initStyleOption(option, action)
        if shown := action.data():
            option.text = option.text.replace(action.text(), shown)

    def _add(self, action: MessageAction, row: Row, found: Findings) -> None:
        entry = self.addAction(words.menu_text(label(action, row.message, found, spoken=True)))
        entry.setData(words.menu_text(label(action, row.message, found)))
        if key := KEYS.get(action):
            entry.setShortcut(QKeySequence(key))
            entry.setShortcutVisibleInContextMenu(True)
        entry.triggered.connect(partial(self.chosen.emit, action, row))


_NAME = 80
"""Characters of a proposed file name: file systems allow 255 bytes."""


class SourceSaver(QObject):
    """Asks where to save a message. One dialog at a time, not modal to the event loop."""

    chosen = Signal(object, object)
    """The Row and the Path of the file."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation))
        self._dialog: QFileDialog | None = None
        self._row: Row | None = None

    def ask(self, row: Row) -> None:
        """Ask for a file. A dialog that is still open is closed."""
        if self._dialog:
            self._dialog.close()
        translate = QCoreApplication.translate
        start = self._folder / file_name(row.message)
        dialog = QFileDialog(self._window, translate("SaveMessage", "Save message"), str(start))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(translate("SaveMessage", "Messages (*.eml)"))
        dialog.setDefaultSuffix("eml")
        dialog.selectFile(str(start))
        dialog.fileSelected.connect(self._on_selected)
        dialog.finished.connect(self._on_finished)
        self._dialog, self._row = dialog, row
        fit_to_screen(dialog)  # Qt's own, where the desktop has none
        dialog.open()

    def _on_selected(self, name: str) -> None:
        if self._row:
            self._folder = Path(name).parent
            self.chosen.emit(self._row, Path(name))

    def _on_finished(self) -> None:
        if self._dialog:
            self._dialog.deleteLater()
        self._dialog = None


def file_name(message: Message) -> str:
    """Return a file name from the subject that is valid on all systems."""
    name = re.sub(r'[\\/:*?"<>|\s]+', " ", words.subject(message, _NAME)).strip(" .()…")
    return f"{name or message.id[:_NAME]}.eml"
