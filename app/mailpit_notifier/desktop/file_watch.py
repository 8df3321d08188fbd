"""Notices that something happened to a file, by whatever program, and is over. Costs nothing while nothing happens."""

import os
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QFileSystemWatcher, QObject, QTimer, Signal

MAX_SETTLE_FACTOR = 10
"""Times `settle_ms` after which it is taken to be over: in a folder where there is always something, it never is."""

MAX_STEPS = 200
"""Names on the way to a file, those of links included: links can lead in a circle."""


class FileWatch(QObject):
    """Emits `settled` when nothing has happened to a file, or in its folder, for `settle_ms` after something did."""

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
        """Watch what is there now. It may have the name of what was watched, which Qt takes for the same."""
        if watched := self._watcher.files() + self._watcher.directories():
            self._watcher.removePaths(watched)
        self._watcher.addPaths(list(map(str, paths_to_watch(self._path))))

    def wait(self) -> None:
        """It is not over yet, or nothing would tell of what comes next."""
        if not self._settle.isActive():
            self._began.start()
        elif self._began.hasExpired(MAX_SETTLE_FACTOR * self._settle.interval()):
            return
        self._settle.start()

    def _on_settled(self) -> None:
        self.refresh()
        self.settled.emit()


def paths_to_watch(path: Path) -> tuple[Path, ...]:
    """Return what must be watched to notice every change of what a path leads to.

    That is the file itself, its folder, and each folder with a link on the way; where the way ends early, the last
    folder that is there. None of them is a link, and none is behind one.
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
    """Return what a link says; None for what is no link."""
    try:
        return place.readlink()
    except OSError:
        return None


def _exists(place: Path) -> bool:
    try:
        place.lstat()
    except OSError:  # also where we may not look
        return False
    return True
