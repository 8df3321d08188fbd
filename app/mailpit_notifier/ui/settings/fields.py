"""The controls of the settings window: a text that is taken when it is left, a choice, a switch.

They tell of what a person does and of nothing else, so that showing what the file says is never taken for an edit. What
is refused is said under the field, to screen readers too, and has the keyboard until somebody decides to leave it.

What all pages of the settings window have in common: they show settings and ask for edits.
"""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QIcon,
    QKeyEvent,
    QPalette,
    QWheelEvent,
)
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLabel, QLineEdit, QListWidget, QVBoxLayout, QWidget

from mailpit_notifier.core.settings import Settings
from mailpit_notifier.ui import theme
from mailpit_notifier.ui.labels import PlainLabel, speak
from mailpit_notifier.ui.theme import Style

Check = Callable[[str], object]
"""Raises ValueError with a sentence for a text that is not allowed."""


class Line(QLineEdit):
    """Escape takes back what was typed since it was last taken; what stands there already is left to the window."""

    taken = ""
    taken_back = Signal()
    left = Signal()
    """The keyboard is elsewhere in the window. Qt's editingFinished comes when another window is used, too."""

    @property
    def is_current(self) -> bool:
        """Whether the keyboard is here, or will be when somebody comes back to the window."""
        return self.window().focusWidget() is self

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's
        """Say so; who looks something up in another window, or in a menu, is not done here."""
        super().focusOutEvent(event)
        if event.reason() not in {Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason}:
            self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape with something to take back takes it back."""
        if event.key() == Qt.Key.Key_Escape and self.text() != self.taken:
            self.setText(self.taken)
            self.taken_back.emit()
        else:
            super().keyPressEvent(event)


class TextField(QWidget):
    """One line of text, and under it what is wrong with it. `label` is its name for screen readers."""

    entered = Signal(str)
    """Another text, stripped, that is allowed."""

    def __init__(self, label: str, check: Check = lambda _text: None, *, hint: str = "") -> None:
        super().__init__()
        self._check = check
        self._refused = ""
        self.line = Line()
        theme.outline(self.line)
        self.line.setAccessibleName(label.replace("&", ""))
        self.line.setPlaceholderText(hint)
        for finished in (self.line.returnPressed, self.line.left):
            finished.connect(self.take)
        self.line.textEdited.connect(self._clear)
        self.line.taken_back.connect(self._clear)
        self._wrong = PlainLabel(wrap=True)
        self._wrong.hide()
        self.setFocusProxy(self.line)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.line)
        layout.addWidget(self._wrong)

    def set_text(self, text: str) -> None:
        """Show what the file says, unless somebody is typing."""
        typing = self.line.is_current and self.line.text() != self.line.taken
        self.line.taken = text
        if not typing and self.line.text() != text:
            self._clear()
            self.line.setText(text)

    def refuse(self, sentence: str) -> None:
        """Say what is wrong, and go there."""
        self._refused = self.line.text()
        colors = self._wrong.palette()
        colors.setColor(QPalette.ColorRole.WindowText, QColor(theme.current_style().warn))
        self._wrong.setPalette(colors)
        self._wrong.setText(sentence)
        self._wrong.show()
        self.line.setAccessibleDescription(sentence)
        speak(self.line, sentence)
        QTimer.singleShot(0, self.line, self.line.setFocus)  # it is just being left

    def _clear(self) -> None:
        self._refused = ""
        self._wrong.hide()
        self._wrong.clear()
        self.line.setAccessibleDescription("")

    def take(self) -> bool:
        """Take what stands here. False when it is refused, which is said, unless that was said before."""
        text = self.line.text().strip()
        if text == self.line.taken or (self._refused and self._refused == self.line.text()):
            return True
        try:
            self._check(text)
        except ValueError as error:
            self.refuse(QCoreApplication.translate("Settings", str(error)))
            return False
        self._clear()
        self.line.taken = text
        self.line.setText(text)
        self.entered.emit(text)
        return True


class Choice(QComboBox):
    """One of some values. The wheel moves the page, not the choice, until the keyboard is here."""

    picked = Signal(object)

    def __init__(self, label: str, options: Sequence[tuple[Any, str]] = ()) -> None:
        super().__init__()
        self.setAccessibleName(label.replace("&", ""))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.outline(self)
        for value, text in options:
            self.add(value, text)
        self.activated.connect(self._on_activated)

    def add(self, value: Any, text: str, icon: QIcon | None = None) -> None:
        """One more to choose."""
        self.addItem(icon or QIcon(), text, value)

    def set_value(self, value: Any) -> None:
        """Show what the file says."""
        self.setCurrentIndex(next((place for place in range(self.count()) if self.itemData(place) == value), -1))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's
        """Only for whoever is here."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _on_activated(self, place: int) -> None:
        self.picked.emit(self.itemData(place))


class Switch(QCheckBox):
    """On or off."""

    switched = Signal(bool)

    def __init__(self, label: str) -> None:
        super().__init__(label)
        theme.outline(self)
        self.clicked.connect(self.switched)


class CalmList(QListWidget):
    """A list whose current entry is marked as in the window of recent mail: colours before names stay visible."""

    def dress(self, look: theme.Style) -> None:
        """Take these colours."""
        colors = self.palette()
        colors.setColor(QPalette.ColorRole.Base, QColor(look.panel if theme.is_dark() else look.base))
        colors.setColor(QPalette.ColorRole.Highlight, QColor(look.selected))
        colors.setColor(QPalette.ColorRole.HighlightedText, QColor(look.text))
        self.setPalette(colors)


class Heading(PlainLabel):
    """Leads a group of controls."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setContentsMargins(0, 6, 0, 0)
        self.setText(text)
        font = self.font()
        font.setBold(True)
        self.setFont(font)


class Remark(PlainLabel):
    """What has to be known about the controls beside it."""

    def __init__(self, text: str = "") -> None:
        super().__init__(wrap=True)
        self.setText(text)
        self.setForegroundRole(QPalette.ColorRole.PlaceholderText)


def form(parent: QWidget | None = None) -> QFormLayout:
    """Labels before their controls, on every platform."""
    layout = QFormLayout(parent)
    layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    layout.setLabelAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
    layout.setContentsMargins(0, 0, 0, 0)
    return layout


def add_field(layout: QFormLayout, label: str, field: QWidget) -> QLabel:
    """A control with a label that leads to it."""
    title = labelled(label, field)
    layout.addRow(title, field)
    return title


def labelled(label: str, field: QWidget) -> QLabel:
    """A label that leads to a control."""
    title = QLabel(label)
    while proxy := field.focusProxy():  # an access key leads to what takes the keyboard itself, or nowhere
        field = proxy
    title.setBuddy(field)
    return title


class Page(QWidget):
    """One page; its layout is `column`."""

    edited = Signal(object)
    """A core.edits.Edit that somebody wants."""

    removed = Signal(str, object)
    """A sentence about what is gone, and the core.edits.Edit that takes that back."""

    title = ""

    def __init__(self) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(18, 14, 18, 14)
        self.column.setSpacing(8)

    def dress(self, look: Style) -> None:
        """Take these colours, where the window's palette is not enough."""

    def set_settings(self, settings: Settings) -> None:
        """Show what the file says."""
