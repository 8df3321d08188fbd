"""Detects that a newer version replaced this program's files while it runs, and can restart it.

Without a restart, modules that are imported late would be of the new version, and would not fit those already loaded.
On Windows, this is for installations by pip: the installer ends the program first, and has it started again with the
options that it had.
"""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import time

from PySide6.QtCore import QObject, Signal

from mailpit_notifier.control.instance import state_folder
from mailpit_notifier.desktop.file_watch import FileWatch
from mailpit_notifier.runtime.files import write_atomically

log = logging.getLogger(__name__)

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


def restart(release_lock: Callable[[], None]) -> None:
    """Start the installed version with the same arguments. On Windows this returns: end this process then.

    Elsewhere it replaces this process, so no other instance can start in between. Python opens files non-inheritable,
    so `exec` closes them, the instance lock included. On Windows, `exec` would start a new process, whose arguments
    break at each space; `release_lock` is called before.
    """
    arguments = sys.argv if getattr(sys, "frozen", False) else sys.orig_argv
    command = [sys.executable, *arguments[1:]]
    if sys.platform == "win32":
        release_lock()
        subprocess.Popen(command)  # noqa: S603 - this program
    else:
        os.execv(sys.executable, command)  # noqa: S606 - no shell is meant


OPTIONS = "options-for-upgrade.json"
"""File in the state folder: folder and options of the program that the installer has ended."""


KEPT_SECONDS = 3600
"""How long these options are used: an installation may wait for the user, and be started again."""


def keep_options() -> None:
    """Keep the options of this run, and its working folder, for the version that is being installed."""
    kept = {"folder": str(Path.cwd()), "options": sys.argv[1:]}
    try:
        write_atomically(state_folder() / OPTIONS, json.dumps(kept).encode())
    except OSError as error:
        log.warning("Cannot keep the options for the upgrade: %s", error)


def restore_options() -> list[str]:
    """Return the options of the program that the installer has ended, once, and enter its working folder.

    Returns none if it was not running, or if the options are from an earlier upgrade.
    """
    path = state_folder() / OPTIONS
    try:
        kept, age = json.loads(path.read_bytes()), time() - path.stat().st_mtime
        path.unlink()
        if age > KEPT_SECONDS:
            return []
        os.chdir(kept["folder"])
        return [str(option) for option in kept["options"]]
    except (OSError, ValueError, LookupError, TypeError) as error:
        if not isinstance(error, FileNotFoundError):
            log.warning("Cannot read the options from before the upgrade: %s", error)
        return []


def _identity(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
