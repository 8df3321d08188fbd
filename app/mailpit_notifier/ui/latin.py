"""Letter keys on keyboards that write no Latin letters (Cyrillic, Greek, Hebrew): there a key is known by its place.

Qt tries all of somebody's layouts for shortcuts only, and that not on every system.
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent

_ASCII, _NO_LETTERS = 0x80, 0x01000000
"""Qt's numbers of keys are those of what they write, up to those that write nothing."""

# Where letters are on a US keyboard. X11 and Wayland: key codes of Linux + 8; macOS: its virtual ones, kVK_ANSI_.
_LINUX = {54: Qt.Key.Key_C, 46: Qt.Key.Key_L, 30: Qt.Key.Key_U}
_MAC = {8: Qt.Key.Key_C, 37: Qt.Key.Key_L, 32: Qt.Key.Key_U}


def latin_key(event: QKeyEvent) -> int:
    """The event's key (Qt.Key); one that writes another script is the Latin letter at its place, of those in use."""
    key = event.key()
    if not _ASCII <= key < _NO_LETTERS:
        return key
    match QGuiApplication.platformName():
        case "windows":  # there the letters' virtual keys have the same numbers as Qt's
            return event.nativeVirtualKey()
        case "cocoa":
            return _MAC.get(event.nativeVirtualKey(), key)
    return _LINUX.get(event.nativeScanCode(), key)
