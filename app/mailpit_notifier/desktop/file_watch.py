"""Watches a file for changes by any program, and waits until they are complete. No timer runs without changes."""

import os
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QFileSystemWatcher, QObject, QTimer, Signal

MAX_SETTLE_FACTOR = 10
"""Times `settle_ms` after which changes count as complete: in a busy folder there may always be another event."""

MAX_STEPS = 200
"""Maximum number of names on the path to a file, including those in links: links can form a circle."""


class FileWatch(QObject):
    """Emits `settled` when, after a change of a file or its folder, nothing changed for `settle_ms` milliseconds."""

    settled = Signal()

    def __init__(self, path: Path, parent: QObject, settle_ms: int) -> None:
        super().__init__(parent)
        self._path = path
        self._began = QElapsedTimer()
        self._settle = QTimer(self, singleShot=True, interval=settle_ms)
        self._settle.timeout.connect(self._on_settled)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self.wait)
        self._watcher.directoryChanged.connect(self.wait)
        self.refresh()

    def refresh(self) -> None:
        """Watch the files that exist now. Qt ignores a name that it watches already, even if the file is another."""
        if watched := self._watcher.files() + self._watcher.directories():
            self._watcher.removePaths(watched)
        self._watcher.addPaths(list(map(str, paths_to_watch(self._path))))

    def wait(self) -> None:
        """Start, or restart, waiting for the end of the changes."""
        if not self._settle.isActive():
            self._began.start()
        elif self._began.hasExpired(MAX_SETTLE_FACTOR * self._settle.interval()):
            return
        self._settle.start()

    def _on_settled(self) -> None:
        self.refresh()
        self.settled.emit()


def paths_to_watch(path: Path) -> tuple[Path, ...]:
    """Return the paths to watch to notice each change of the file that a path leads to.

    These are the file itself, its folder, and the folder of each link on the path; if the path does not exist, the last
    folder of it that does. No returned path contains a link.
    """
    start = path.absolute()
    here, names = Path(start.anchor), list(reversed(start.parts[1:]))
    folders: list[Path] = []
    for _ in range(MAX_STEPS):
        if not names:
            folders += [here.parent, here]
            break
        place = here / names.pop()
        if target := _target(place):
            folders.append(here)
            here = Path(target.anchor or here)
            names += reversed(target.parts[bool(target.anchor) :])
        elif place.name == os.pardir:
            here = here.parent
        elif _exists(place):
            here = place
        else:
            folders.append(here)
            break
    return tuple(dict.fromkeys(folders))


def _target(place: Path) -> Path | None:
    """Return the target of a link; None if it is no link."""
    try:
        return place.readlink()
    except OSError:
        return None


def _exists(place: Path) -> bool:
    try:
        place.lstat()
    except OSError:  # missing, or its folder is not readable
        return False
    return True
