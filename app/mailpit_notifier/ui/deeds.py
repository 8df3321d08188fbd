"""What people can do with a mail of the list, wherever they ask for it: a button of the row, its menu, a key.

Only what it is called and when it is offered; doing it is others' work.
"""

from enum import Enum

from PySide6.QtCore import QCoreApplication, Qt

from mailpit_notifier.core.found import Findings
from mailpit_notifier.mailpit.model import Message

from . import words


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
