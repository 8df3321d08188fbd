"""Notices that something happened to a file, by whatever program, and is over. Costs nothing while nothing happens."""

from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal


class FileWatch(QObject):
    """Emits `settled` when nothing has happened to a file, or in its folder, for `settle_ms` after something did."""

    settled = Signal()

    def __init__(self, path: Path, parent: QObject, settle_ms: int) -> None:
        super().__init__(parent)
        self._path = path
        self._settle = QTimer(self, singleShot=True, interval=settle_ms)
        self._settle.timeout.connect(self._on_settled)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._settle.start)
        self._watcher.directoryChanged.connect(self._settle.start)
        self.look()

    def look(self) -> None:
        """Watch what is there: a file that was replaced is no longer watched; one that comes is seen in its folder."""
        if found := [str(path) for path in (self._path.parent, self._path) if path.exists()]:
            self._watcher.addPaths(found)

    def wait(self) -> None:
        """It is not over yet, or nothing would tell of what comes next."""
        self._settle.start()

    def _on_settled(self) -> None:
        self.look()
        self.settled.emit()
