"""A list with buttons to add, remove and move entries, used for servers and rules.

The buttons only emit signals. The list itself changes when the new settings arrive through `set_entries`.
"""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QIcon, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QListWidgetItem, QSizePolicy, QWidget

from mailpit_notifier.runtime.text import plain
from mailpit_notifier.ui import words
from mailpit_notifier.ui.controls import PushButton
from mailpit_notifier.ui.labels import MIN_HEIGHT
from mailpit_notifier.ui.speech import speak
from mailpit_notifier.ui.theme import Style, outline

from .fields import CalmList, Page


class EntryList(QWidget):
    """A list and its buttons. `label` is its name for screen readers; `minimum`: entries that must remain."""

    current_changed = Signal(int)
    """Row of the new current entry, -1 for none."""
    add_requested = Signal()
    remove_requested = Signal(int)
    move_requested = Signal(int, int)
    """Row of the entry, and the number of rows to move it down (negative: up)."""

    def __init__(self, label: str, minimum: int) -> None:
        super().__init__()
        self._minimum = minimum
        self._saved_count = 0
        self._columns = 0
        self.list = CalmList()
        self.list.setAccessibleName(label)
        self.list.setUniformItemSizes(True)
        outline(self.list)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)  # no higher than the buttons
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.list.currentRowChanged.connect(self._on_current)
        self.add = PushButton(self.tr("&Add"))
        self.remove = PushButton(self.tr("&Remove"))
        self.up = PushButton(self.tr("Move u&p"))
        self.down = PushButton(self.tr("Move do&wn"))
        self.add.clicked.connect(self.add_requested)
        self.remove.clicked.connect(self._on_remove)
        self.up.clicked.connect(partial(self._move, -1))
        self.down.clicked.connect(partial(self._move, 1))
        delete = QShortcut(QKeySequence(Qt.Key.Key_Delete), self.list)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self.remove.click)
        self._buttons = QGridLayout()
        for button in (self.add, self.remove, self.up, self.down):
            button.setAutoDefault(False)
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self.list, 1)
        self._layout.addLayout(self._buttons)
        self._place_buttons(columns=1)
        self._update_buttons()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the buttons below the list if it would have less than half of the width beside them."""
        super().resizeEvent(event)
        buttons = max(button.sizeHint().width() for button in (self.add, self.remove, self.up, self.down))
        self._place_buttons(columns=2 if event.size().width() < 3 * buttons else 1)

    def minimumSizeHint(self) -> QSize:
        """Return the size with the buttons below the list, which needs less width."""
        hint = super().minimumSizeHint()
        buttons = max(button.sizeHint().width() for button in (self.add, self.remove, self.up, self.down))
        return QSize(min(hint.width(), 2 * buttons + 8), hint.height())

    def _place_buttons(self, *, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        beside = columns == 1
        self._layout.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        for place, button in enumerate((self.add, self.remove, self.up, self.down)):
            self._buttons.addWidget(button, place // columns, place % columns)
        self._buttons.setRowStretch(4, 1)
        self.list.setMinimumHeight(0 if beside else 3 * MIN_HEIGHT)

    @property
    def current(self) -> int:
        """Row of the current entry, -1 for none."""
        return self.list.currentRow()

    def set_entries(self, entries: Sequence[tuple[str, QIcon]], current: int, *, has_draft: bool = False) -> None:
        """Show these entries. With `has_draft` the last one is not saved yet and cannot be moved.

        Unchanged texts are not set again, because screen readers would announce them again.
        """
        self._saved_count = len(entries) - has_draft
        self.list.blockSignals(True)
        while self.list.count() > len(entries):
            self.list.takeItem(self.list.count() - 1)
        for place, (name, icon) in enumerate(entries):
            text = plain(name, words.LONG)  # a name in config.toml can be the name of a project
            item = self.list.item(place) if place < self.list.count() else QListWidgetItem(self.list)
            if item.text() != text:
                item.setText(text)
                item.setSizeHint(QSize(0, max(MIN_HEIGHT, self.fontMetrics().height() + 10)))
            item.setIcon(icon)
        self.list.setCurrentRow(current)
        self.list.blockSignals(False)
        if self.list.hasFocus() and not entries:  # the removed entry had the focus for screen readers
            QAccessible.updateAccessibility(QAccessibleEvent(self.list, QAccessible.Event.Focus))
        self._update_buttons()

    def _on_current(self, place: int) -> None:
        self._update_buttons()
        self.current_changed.emit(place)

    def _update_buttons(self) -> None:
        place, count = self.current, self.list.count()
        self.remove.setEnabled(place >= 0 and count > self._minimum)
        self.up.setEnabled(0 < place < self._saved_count)
        self.down.setEnabled(0 <= place < self._saved_count - 1)

    def _on_remove(self) -> None:
        if self.current >= 0:
            self.remove_requested.emit(self.current)
            self.list.setFocus()

    def _move(self, step: int) -> None:
        button, other = (self.up, self.down) if step < 0 else (self.down, self.up)
        self.move_requested.emit(self.current, step)
        if not button.isEnabled():
            other.setFocus()
        speak(button, self.tr("Moved to position {0} of {1}").format(self.current + 1, self._saved_count))


class EntriesPage(Page):
    """A page with a list of entries; subclasses add a form for the current one. `minimum` as for EntryList."""

    def __init__(self, title: str, *, minimum: int = 0) -> None:
        super().__init__()
        self.title = title
        self.entries = EntryList(title, minimum)

    def focus_entries(self) -> None:
        """Focus the list in which a removed entry was restored."""
        self.entries.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_style(self, style: Style) -> None:
        """Use the colors of this theme for the list."""
        self.entries.list.set_style(style)
