"""Detects that a newer version replaced this program's files while it runs, and can restart it.

Without a restart, modules that are imported late would come from the new version and not fit the ones already loaded.
Windows does not need this: files in use cannot be replaced there, and the installer ends the program first.
"""

import os
import sys
from pathlib import Path
from typing import NoReturn

from PySide6.QtCore import QObject, Signal

from mailpit_notifier.desktop.file_watch import FileWatch

SETTLE_MS = 2000
"""Milliseconds without a change after which an upgrade, which replaces many files, is taken to be finished."""


class UpgradeWatch(QObject):
    """Emits `replaced` once, when the file at `path` is another one and has not changed for `settle_ms`."""

    replaced = Signal()

    def __init__(self, path: Path, parent: QObject | None = None, *, settle_ms: int = SETTLE_MS) -> None:
        super().__init__(parent)
        self._path = path
        self._identity = _identity(path)
        self._file = FileWatch(path, self, settle_ms)
        self._file.settled.connect(self._on_settled)

    def _on_settled(self) -> None:
        found = _identity(self._path)
        if found is None:  # being replaced, or removed; if its folder is removed too, there is no further event
            self._file.wait()
        elif found != self._identity:
            self._file.deleteLater()
            self.replaced.emit()


def own_file() -> Path:
    """Return a file that each upgrade replaces: the executable if frozen, else the module with the version."""
    return Path(sys.executable) if getattr(sys, "frozen", False) else Path(__file__).with_name("__init__.py")


def restart() -> NoReturn:
    """Replace this process by the installed version, with the same arguments.

    The process stays the same, so no other instance can start in between. Python opens files non-inheritable, so
    `exec` closes them, the instance lock included.
    """
    arguments = sys.argv if getattr(sys, "frozen", False) else sys.orig_argv
    os.execv(sys.executable, [sys.executable, *arguments[1:]])  # noqa: S606 - no shell is meant


def _identity(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
