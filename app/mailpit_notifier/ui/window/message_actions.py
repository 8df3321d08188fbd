"""What people can do with a mail of the list, wherever they ask for it: a button of the row, its menu, a key.

Only what it is called and when it is offered; doing it is others' work.

Everything that can be done with a mail as a menu: for the right button, the menu key and the row's last button.

Asks where a mail is to be saved, without stopping anything meanwhile.
"""

import re
from enum import Enum
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QPoint, QStandardPaths, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from mailpit_notifier.findings.result import Findings
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.ui import words

from .entries import Row


class MessageAction(Enum):
    """The value names the drawing, where there is one."""

    OPEN = "open"
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
    (MessageAction.OPEN, MessageAction.COPY_CODE, MessageAction.OPEN_LINK),
    (MessageAction.COPY_ADDRESS, MessageAction.COPY_URL, MessageAction.SAVE),
    (MessageAction.MARK_READ, MessageAction.MARK_UNREAD, MessageAction.DELETE),
)
"""The menu's entries, in its groups."""

KEYS = {
    MessageAction.OPEN: Qt.Key.Key_Return,
    MessageAction.COPY_CODE: Qt.Key.Key_C,
    MessageAction.OPEN_LINK: Qt.Key.Key_L,
    MessageAction.MARK_READ: Qt.Key.Key_U,
    MessageAction.MARK_UNREAD: Qt.Key.Key_U,
    MessageAction.DELETE: Qt.Key.Key_Delete,
}


def is_offered(action: MessageAction, message: Message) -> bool:
    """Whether it makes sense for this mail. Code and link may still be found when somebody asks for them."""
    match action:
        case MessageAction.MARK_READ:
            return not message.read
        case MessageAction.MARK_UNREAD:
            return message.read
        case MessageAction.COPY_ADDRESS:
            return bool(message.recipients)
    return True


def buttons(message: Message, found: Findings) -> tuple[MessageAction, ...]:
    """What a row offers at its end: what people do most, and the rest in a menu."""
    return (
        *((MessageAction.COPY_CODE,) if found.code else ()),
        *((MessageAction.OPEN_LINK,) if found.link else ()),
        MessageAction.MARK_UNREAD if message.read else MessageAction.MARK_READ,
        MessageAction.DELETE,
        MessageAction.SHOW_MENU,
    )


def action_for_key(key: int, message: Message) -> MessageAction | None:
    """What a key means for this mail."""
    key = Qt.Key.Key_Return if key == Qt.Key.Key_Enter else key
    return next((action for action, its in KEYS.items() if its == key and is_offered(action, message)), None)


def copy_action(message: Message, found: Findings) -> MessageAction:
    """What the usual key to copy means: what people want most of a mail that has it."""
    if found.code:
        return MessageAction.COPY_CODE
    return MessageAction.COPY_ADDRESS if message.recipients else MessageAction.COPY_URL


def label(action: MessageAction, message: Message, found: Findings) -> str:
    """What a menu, a tooltip and a screen reader call it."""
    translate = QCoreApplication.translate
    match action:
        case MessageAction.OPEN:
            return translate("Deed", "Open")
        case MessageAction.COPY_CODE:
            code = words.code(found)
            return translate("Deed", "Copy code {0}").format(code) if code else translate("Deed", "Copy code")
        case MessageAction.OPEN_LINK:
            site = words.link(found)
            return translate("Deed", "Open link {0}").format(site) if site else translate("Deed", "Open link")
        case MessageAction.COPY_ADDRESS:
            return translate("Deed", "Copy address {0}").format(words.recipient(message))
        case MessageAction.COPY_URL:
            return translate("Deed", "Copy URL of this message")
        case MessageAction.SAVE:
            return translate("Deed", "Save as .eml…")
        case MessageAction.MARK_READ:
            return translate("Deed", "Mark as read")
        case MessageAction.MARK_UNREAD:
            return translate("Deed", "Mark as unread")
        case MessageAction.DELETE:
            return translate("Deed", "Delete")
    return translate("Deed", "More actions")


class RowMenu(QMenu):
    """One menu, filled for the row that it is shown for."""

    chosen = Signal(object, object)
    """A Deed and a Row."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Message actions"))

    def show_for(self, row: Row, found: Findings, at: QPoint, *, by_keyboard: bool) -> None:
        """Show it at a place of the screen; for the keyboard with the first entry chosen."""
        self.clear()
        for group in MENU:
            for action in group:
                if is_offered(action, row.message):
                    self._add(action, row, found)
            self.addSeparator()
        self.popup(at)
        if by_keyboard:
            self.setActiveAction(self.actions()[0])

    def _add(self, action: MessageAction, row: Row, found: Findings) -> None:
        entry = self.addAction(words.menu_text(label(action, row.message, found)))
        if key := KEYS.get(action):
            entry.setShortcut(QKeySequence(key))
            entry.setShortcutVisibleInContextMenu(True)
        entry.triggered.connect(partial(self.chosen.emit, action, row))


_NAME = 80
"""Characters of a proposed file name: file systems end at 255 bytes."""


class SourceSaver(QObject):
    """One dialog at a time."""

    chosen = Signal(object, object)
    """The Row and the Path of the file."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation))
        self._dialog: QFileDialog | None = None
        self._row: Row | None = None

    def ask(self, row: Row) -> None:
        """Ask for a file; asked again, the first question is gone."""
        if self._dialog:
            self._dialog.close()
        translate = QCoreApplication.translate
        start = self._folder / file_name(row.message)
        dialog = QFileDialog(self._window, translate("Saving", "Save message"), str(start))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(translate("Saving", "Messages (*.eml)"))
        dialog.setDefaultSuffix("eml")
        dialog.selectFile(str(start))
        dialog.fileSelected.connect(self._on_selected)
        dialog.finished.connect(self._on_finished)
        self._dialog, self._row = dialog, row
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
    """A name for a mail's file, of its subject, that every system takes."""
    name = re.sub(r'[\\/:*?"<>|\s]+', " ", words.subject(message, _NAME)).strip(" .()…")
    return f"{name or message.id[:_NAME]}.eml"
