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


class Deed(Enum):
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
    (Deed.OPEN, Deed.COPY_CODE, Deed.OPEN_LINK),
    (Deed.COPY_ADDRESS, Deed.COPY_URL, Deed.SAVE),
    (Deed.MARK_READ, Deed.MARK_UNREAD, Deed.DELETE),
)
"""The menu's entries, in its groups."""

KEYS = {
    Deed.OPEN: Qt.Key.Key_Return,
    Deed.COPY_CODE: Qt.Key.Key_C,
    Deed.OPEN_LINK: Qt.Key.Key_L,
    Deed.MARK_READ: Qt.Key.Key_U,
    Deed.MARK_UNREAD: Qt.Key.Key_U,
    Deed.DELETE: Qt.Key.Key_Delete,
}


def is_offered(deed: Deed, message: Message) -> bool:
    """Whether it makes sense for this mail. Code and link may still be found when somebody asks for them."""
    match deed:
        case Deed.MARK_READ:
            return not message.read
        case Deed.MARK_UNREAD:
            return message.read
        case Deed.COPY_ADDRESS:
            return bool(message.recipients)
    return True


def buttons(message: Message, found: Findings) -> tuple[Deed, ...]:
    """What a row offers at its end: what people do most, and the rest in a menu."""
    return (
        *((Deed.COPY_CODE,) if found.code else ()),
        *((Deed.OPEN_LINK,) if found.link else ()),
        Deed.MARK_UNREAD if message.read else Deed.MARK_READ,
        Deed.DELETE,
        Deed.SHOW_MENU,
    )


def deed_of_key(key: int, message: Message) -> Deed | None:
    """What a key means for this mail."""
    key = Qt.Key.Key_Return if key == Qt.Key.Key_Enter else key
    return next((deed for deed, its in KEYS.items() if its == key and is_offered(deed, message)), None)


def copying(message: Message, found: Findings) -> Deed:
    """What the usual key to copy means: what people want most of a mail that has it."""
    if found.code:
        return Deed.COPY_CODE
    return Deed.COPY_ADDRESS if message.recipients else Deed.COPY_URL


def label(deed: Deed, message: Message, found: Findings) -> str:
    """What a menu, a tooltip and a screen reader call it."""
    translate = QCoreApplication.translate
    match deed:
        case Deed.OPEN:
            return translate("Deed", "Open")
        case Deed.COPY_CODE:
            code = words.code(found)
            return translate("Deed", "Copy code {0}").format(code) if code else translate("Deed", "Copy code")
        case Deed.OPEN_LINK:
            site = words.link(found)
            return translate("Deed", "Open link {0}").format(site) if site else translate("Deed", "Open link")
        case Deed.COPY_ADDRESS:
            return translate("Deed", "Copy address {0}").format(words.recipient(message))
        case Deed.COPY_URL:
            return translate("Deed", "Copy URL of this mail")
        case Deed.SAVE:
            return translate("Deed", "Save as .eml…")
        case Deed.MARK_READ:
            return translate("Deed", "Mark as read")
        case Deed.MARK_UNREAD:
            return translate("Deed", "Mark as unread")
        case Deed.DELETE:
            return translate("Deed", "Delete")
    return translate("Deed", "More actions")


class RowMenu(QMenu):
    """One menu, filled for the row that it is shown for."""

    chosen = Signal(object, object)
    """A Deed and a Row."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("What to do with this mail"))

    def show_for(self, row: Row, found: Findings, at: QPoint, *, by_keyboard: bool) -> None:
        """Show it at a place of the screen; for the keyboard with the first entry chosen."""
        self.clear()
        for group in MENU:
            for deed in group:
                if is_offered(deed, row.message):
                    self._add(deed, row, found)
            self.addSeparator()
        self.popup(at)
        if by_keyboard:
            self.setActiveAction(self.actions()[0])

    def _add(self, deed: Deed, row: Row, found: Findings) -> None:
        action = self.addAction(words.menu_text(label(deed, row.message, found)))
        if key := KEYS.get(deed):
            action.setShortcut(QKeySequence(key))
            action.setShortcutVisibleInContextMenu(True)
        action.triggered.connect(partial(self.chosen.emit, deed, row))


_NAME = 80
"""Characters of a proposed file name: file systems end at 255 bytes."""


class Saving(QObject):
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
        dialog = QFileDialog(self._window, translate("Saving", "Save mail"), str(start))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(translate("Saving", "Mail (*.eml)"))
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
