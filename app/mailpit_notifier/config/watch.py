"""Notices that config.toml was changed, by an editor or by us, and reads it again.

Qt tells of files and folders; editors replace a file rather than write to it, so both are watched.
"""

from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from .file import ConfigError, load

SETTLE_MS = 100
"""An editor's save is several events: the file is read when it is over."""


class ConfigWatch(QObject):
    """Emits `changed` with new Settings, or `refused` with a sentence when they cannot be used."""

    changed = Signal(object)
    refused = Signal(str)

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._content = self._read()
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._on_settled)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._settle.start)
        self._watcher.directoryChanged.connect(self._settle.start)
        self._watch()

    def _watch(self) -> None:
        # A file that was replaced is no longer watched; one that is not there yet comes into the folder.
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if found := [str(path) for path in (self._path.parent, self._path) if path.exists()]:
            self._watcher.addPaths(found)

    def _read(self) -> bytes | None:
        try:
            return self._path.read_bytes()
        except OSError:
            return None

    def _on_settled(self) -> None:
        self._watch()
        before, self._content = self._content, self._read()
        if self._content == before:
            return
        try:
            settings, warnings = load(self._path)
        except ConfigError as error:
            self.refused.emit(str(error))
            return
        self.changed.emit(settings)
        if warnings:
            self.refused.emit(" ".join(warnings))
