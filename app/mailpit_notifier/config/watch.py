"""Notices that config.toml was changed, by an editor or by us, and reads it again."""

from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from mailpit_notifier.desktop.file_watch import FileWatch

from .file import ConfigError, load

SETTLE_MS = 100
"""An editor's save is several events: the file is read when it is over."""


class ConfigWatch(QObject):
    """Emits `changed` with new Settings, and `refused` with what cannot be used of them, "" for nothing."""

    changed = Signal(object)
    refused = Signal(str)

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._content = self._read()
        self._file = FileWatch(path, self, SETTLE_MS)
        self._file.settled.connect(self._on_settled)
        self._look()

    def _look(self) -> None:
        with suppress(OSError):  # a file that is not there yet comes into its folder
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file.look()

    def _read(self) -> bytes | None:
        try:
            return self._path.read_bytes()
        except OSError:
            return None

    def _on_settled(self) -> None:
        self._look()
        before, self._content = self._content, self._read()
        if self._content == before:
            return
        try:
            settings, warnings = load(self._path)
        except ConfigError as error:
            self.refused.emit(str(error))
            return
        self.changed.emit(settings)
        self.refused.emit(" ".join(warnings))
