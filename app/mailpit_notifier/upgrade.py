"""Notices that this program's files were replaced while it runs, by a newer version, and can start that one.

What is loaded late would come from files that do not fit what is loaded already. Apart because it is about how the
program was installed, of which nothing else knows. Windows needs none of it: files in use cannot be replaced there, and
the installer ends the program first.
"""

import os
import sys
from pathlib import Path
from typing import NoReturn

from PySide6.QtCore import QObject, Signal

from mailpit_notifier.desktop.file_watch import FileWatch

SETTLE_MS = 2000
"""An upgrade replaces many files; it is over when none of those watched changed for this long."""


class UpgradeWatch(QObject):
    """Emits `replaced`, once, when there is another file in the place of this program's own, and all is quiet again."""

    replaced = Signal()

    def __init__(self, path: Path, parent: QObject | None = None, *, settle_ms: int = SETTLE_MS) -> None:
        super().__init__(parent)
        self._path = path
        self._identity = _identity(path)
        self._file = FileWatch(path, self, settle_ms)
        self._file.settled.connect(self._on_settled)

    def _on_settled(self) -> None:
        found = _identity(self._path)
        if found is None:  # being replaced, or removed; with its folder, maybe, of which nothing would tell
            self._file.wait()
        elif found != self._identity:
            self._file.deleteLater()
            self.replaced.emit()


def own_file() -> Path:
    """A file of this program that every upgrade replaces: a frozen one itself, else the one with its version."""
    return Path(sys.executable) if getattr(sys, "frozen", False) else Path(__file__).with_name("__init__.py")


def restart() -> NoReturn:
    """Become the program that is there now, started as this one was: the same process, so nobody else takes its place.

    What is open is closed by the system, the lock of the instance with it.
    """
    arguments = sys.argv if getattr(sys, "frozen", False) else sys.orig_argv
    os.execv(sys.executable, [sys.executable, *arguments[1:]])  # noqa: S606 - no shell is meant


def _identity(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
