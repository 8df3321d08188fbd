"""A short list whose entries are added, removed and put in order: the servers, the rules.

Buttons and keys ask; the list changes when the settings have.
"""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QListWidgetItem, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from mailpit_notifier.ui.theme import outline

from .fields import CalmList


class EntryList(QWidget):
    """`label` is the list's name for screen readers."""

    chosen = Signal(int)
    """Another entry is current; -1 for none."""
    add_wanted = Signal()
    remove_wanted = Signal(int)
    move_wanted = Signal(int, int)
    """Which, and how many places down."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self._fewest = 0
        self._placed = 0
        self.list = CalmList()
        self.list.setAccessibleName(label)
        self.list.setUniformItemSizes(True)
        outline(self.list)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)  # as high as the buttons
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.list.currentRowChanged.connect(self._on_current)
        self.add = QPushButton(self.tr("&Add"))
        self.remove = QPushButton(self.tr("&Remove"))
        self.up = QPushButton(self.tr("Move u&p"))
        self.down = QPushButton(self.tr("Move do&wn"))
        self.add.clicked.connect(self.add_wanted)
        self.remove.clicked.connect(self._on_remove)
        self.up.clicked.connect(partial(self._move, -1))
        self.down.clicked.connect(partial(self._move, 1))
        delete = QShortcut(QKeySequence(Qt.Key.Key_Delete), self.list)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self.remove.click)
        buttons = QVBoxLayout()
        for button in (self.add, self.remove, self.up, self.down):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list, 1)
        layout.addLayout(buttons)
        self._offer()

    @property
    def current(self) -> int:
        """The current entry's place, -1 for none."""
        return self.list.currentRow()

    def set_fewest(self, count: int) -> None:
        """So many stay."""
        self._fewest = count
        self._offer()

    def set_entries(self, entries: Sequence[tuple[str, QIcon]], current: int, *, begun: bool = False) -> None:
        """Show these; the last may be only `begun`, and has no place yet.

        What did not change is not touched: a screen reader would read it again.
        """
        self._placed = len(entries) - begun
        self.list.blockSignals(True)
        while self.list.count() > len(entries):
            self.list.takeItem(self.list.count() - 1)
        for place, (text, icon) in enumerate(entries):
            item = self.list.item(place) if place < self.list.count() else QListWidgetItem(self.list)
            if item.text() != text:
                item.setText(text)
            item.setIcon(icon)
        self.list.setCurrentRow(current)
        self.list.blockSignals(False)
        self._offer()

    def _on_current(self, place: int) -> None:
        self._offer()
        self.chosen.emit(place)

    def _offer(self) -> None:
        place, count = self.current, self.list.count()
        self.remove.setEnabled(place >= 0 and count > self._fewest)
        self.up.setEnabled(0 < place < self._placed)
        self.down.setEnabled(0 <= place < self._placed - 1)

    def _on_remove(self) -> None:
        if self.current >= 0:
            self.remove_wanted.emit(self.current)
            self.list.setFocus()

    def _move(self, step: int) -> None:
        button, other = (self.up, self.down) if step < 0 else (self.down, self.up)
        self.move_wanted.emit(self.current, step)
        if not button.isEnabled():
            other.setFocus()
