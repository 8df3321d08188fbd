"""Asks where a mail is to be saved, without stopping anything meanwhile."""

import re
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from mailpit_notifier.mailpit.model import Message

from . import words
from .entries import Row

_NAME = 80
"""Characters of a proposed file name: file systems end at 255 bytes."""


class Saving(QObject):
    """One dialog at a time."""

    chosen = Signal(object, object)
    """The Row and the Path of the file."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation))
        self._dialog: QFileDialog | None = None
        self._row: Row | None = None

    def ask(self, row: Row) -> None:
        """Ask for a file; asked again, the first question is gone."""
        if self._dialog:
            self._dialog.close()
        translate = QCoreApplication.translate
        start = self._folder / file_name(row.message)
        dialog = QFileDialog(self._window, translate("Saving", "Save mail"), str(start))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(translate("Saving", "Mail (*.eml)"))
        dialog.setDefaultSuffix("eml")
        dialog.selectFile(str(start))
        dialog.fileSelected.connect(self._on_selected)
        dialog.finished.connect(self._on_finished)
        self._dialog, self._row = dialog, row
        dialog.open()

    def _on_selected(self, name: str) -> None:
        if self._row:
            self._folder = Path(name).parent
            self.chosen.emit(self._row, Path(name))

    def _on_finished(self) -> None:
        if self._dialog:
            self._dialog.deleteLater()
        self._dialog = None


def file_name(message: Message) -> str:
    """A name for a mail's file, of its subject, that every system takes."""
    name = re.sub(r'[\\/:*?"<>|\s]+', " ", words.subject(message, _NAME)).strip(" .()…")
    return f"{name or message.id[:_NAME]}.eml"
