"""Controls of the settings window, and the base class of its pages.

Controls emit signals for user input only. Setting a value from the configuration emits nothing, so showing a changed
file is never mistaken for an edit. A text field commits its text on Enter and when it loses focus. It shows an error
below an invalid text, announces it to screen readers, and takes the focus back once.
"""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import (
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QIcon,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QFormLayout,
    QGridLayout,
    QLabel,
    QListWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from mailpit_notifier.core.settings import Settings
from mailpit_notifier.core.settings_file import checked
from mailpit_notifier.ui import theme
from mailpit_notifier.ui.controls import CheckBox, ComboBox, PushButton, RingDelegate, paint_ring
from mailpit_notifier.ui.labels import PlainLabel, labelled
from mailpit_notifier.ui.line_edit import LineEdit
from mailpit_notifier.ui.speech import describe
from mailpit_notifier.ui.theme import Style

Index = QModelIndex | QPersistentModelIndex
Check = Callable[[str], object]
"""Raises ValueError with an error message for an invalid text."""


class Line(LineEdit):
    """A line edit in which Escape reverts uncommitted input. Without such input, the window handles Escape."""

    saved_text = ""
    reverted = Signal()
    left = Signal()
    """Focus moved to another control of this window. Qt's editingFinished is also emitted for another window."""

    @property
    def is_current(self) -> bool:
        """Whether this has the focus, or gets it when the window becomes active again."""
        return self.window().focusWidget() is self

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's
        """Emit `left`, but not for another window or a menu: the user may be looking up the text to enter."""
        super().focusOutEvent(event)
        if event.reason() not in {Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason}:
            self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Revert uncommitted input on Escape."""
        if event.key() == Qt.Key.Key_Escape and self.text() != self.saved_text:
            self.setText(self.saved_text)
            self.reverted.emit()
        else:
            super().keyPressEvent(event)


class TextField(QWidget):
    """A line of text with an error message below it. `label` is its name for screen readers."""

    entered = Signal(str)
    """A valid new text, without surrounding spaces."""

    def __init__(self, label: str, check: Check = lambda _text: None, *, hint: str = "") -> None:
        super().__init__()
        self._check = check
        self._rejected = ""
        self.line = Line()
        self.line.setAccessibleName(label.replace("&", ""))
        self.line.set_hint(hint)
        for finished in (self.line.returnPressed, self.line.left):
            finished.connect(self.commit)
        self.line.textEdited.connect(self._clear)
        self.line.reverted.connect(self._clear)
        self._error = PlainLabel(wrap=True)
        self._error.hide()
        self.setFocusProxy(self.line)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.line)
        layout.addWidget(self._error)

    def set_text(self, text: str) -> None:
        """Show the saved value, but do not replace uncommitted input."""
        typing = self.line.is_current and self.line.text() != self.line.saved_text
        self.line.saved_text = text
        if not typing and self.line.text() != text:
            self._clear()
            self.line.setText(text)

    def show_error(self, sentence: str) -> None:
        """Show an error below the field, announce it, and focus the field."""
        self._rejected = self.line.text()
        colors = self._error.palette()
        colors.setColor(QPalette.ColorRole.WindowText, QColor(theme.current_style().warn))
        self._error.setPalette(colors)
        self._error.setText(sentence)
        self._error.show()
        if self.line.hasFocus():
            describe(self.line, sentence)
        else:  # the description is read as the field gets the focus
            self.line.setAccessibleDescription(sentence)
        QTimer.singleShot(0, self.line, self.line.setFocus)  # later: this may run while the field loses the focus

    def _clear(self) -> None:
        self._rejected = ""
        self._error.hide()
        self._error.clear()
        self.line.setAccessibleDescription("")

    def commit(self) -> bool:
        """Emit `entered` for a valid new text; return False after showing a new error.

        The same invalid text is not reported twice, so that the user can leave the field or close the window.
        """
        text = self.line.text().strip()
        if text == self.line.saved_text or (self._rejected and self._rejected == self.line.text()):
            return True
        try:
            self._check(text)
        except ValueError as error:
            self.show_error(QCoreApplication.translate("Settings", str(error)))
            return False
        self._clear()
        self.line.saved_text = text
        self.line.setText(text)
        self.entered.emit(text)
        return True


class Choice(ComboBox):
    """A combo box. The wheel scrolls the page unless the box has the focus, to prevent accidental changes."""

    picked = Signal(object)

    def __init__(self, label: str, options: Sequence[tuple[Any, str]] = ()) -> None:
        super().__init__()
        self.setAccessibleName(label.replace("&", ""))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for value, text in options:
            self.add(value, text)
        self.activated.connect(self._on_activated)

    def add(self, value: Any, text: str, icon: QIcon | None = None) -> None:
        """Add an option."""
        self.addItem(icon or QIcon(), text, value)

    def set_value(self, value: Any) -> None:
        """Select the option with this value; none if there is no such option."""
        self.setCurrentIndex(next((place for place in range(self.count()) if self.itemData(place) == value), -1))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's
        """Ignore the wheel without focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _on_activated(self, place: int) -> None:
        self.picked.emit(self.itemData(place))


class Switch(CheckBox):
    """A check box whose signal is emitted for user input only."""

    switched = Signal(bool)

    def __init__(self, label: str) -> None:
        super().__init__(label)
        self.clicked.connect(self.switched)


class Fold(PushButton):
    """A button that shows and hides `body`, for controls that few users need."""

    def __init__(self, label: str, body: QWidget) -> None:
        super().__init__(label, flat=True, auto_default=False, clicked=self._on_clicked)
        self._body = body
        self.set_open(open_=False)

    def set_open(self, *, open_: bool) -> None:
        """Show or hide the controls."""
        self._body.setVisible(open_)
        self.set_glyph("down" if open_ else "right")
        self.setAccessibleDescription(self.tr("expanded") if open_ else self.tr("collapsed"))

    def _on_clicked(self) -> None:
        self.set_open(open_=self._body.isHidden())
        describe(self, self.accessibleDescription())


class CalmList(QListWidget):
    """A list with the pale selection of the recent messages window, on which color swatches stay visible."""

    def __init__(self) -> None:
        super().__init__()
        self.setItemDelegate(RingDelegate(self))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the focus ring around an empty list. Otherwise, it is around the current row."""
        super().paintEvent(event)
        if self.hasFocus() and not self.count():
            paint_ring(QPainter(self.viewport()), self.viewport().rect(), self.palette())

    def set_style(self, style: theme.Style) -> None:
        """Use the colors of this theme."""
        colors = self.palette()
        is_panel = theme.is_dark() and not style.inverts
        colors.setColor(QPalette.ColorRole.Base, QColor(style.panel if is_panel else style.base))
        colors.setColor(QPalette.ColorRole.Highlight, QColor(style.selected))
        colors.setColor(QPalette.ColorRole.HighlightedText, QColor(style.on_selection.text))
        colors.setColor(QPalette.ColorRole.Accent, QColor(style.on_selection.accent))
        self.setPalette(colors)


class SidebarDelegate(QStyledItemDelegate):
    """Draws the titles of the pages in rows of full width; the selected one is filled and has a bar before it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size of the bold title with room around it."""
        text = QFontMetrics(_bold(option.font)).size(Qt.TextFlag.TextSingleLine, str(index.data()))
        return QSize(text.width() + 36, max(36, text.height() + 18))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one title."""
        painter.save()
        colors, rect = option.palette, option.rect
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        accent = colors.color(QPalette.ColorRole.Accent)
        if is_selected:
            painter.fillRect(rect, colors.highlight())
            bar = QStyle.visualRect(option.direction, rect, QRect(rect.topLeft(), QSize(4, rect.height())))
            painter.fillRect(bar, accent)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(accent, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(1, 1, -1, -1))
        painter.setFont(_bold(option.font) if is_selected else option.font)
        painter.setPen(colors.highlightedText().color() if is_selected else colors.text().color())
        painter.setLayoutDirection(option.direction)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading | Qt.TextFlag.TextSingleLine
        painter.drawText(rect.adjusted(18, 0, -8, 0), int(flags), str(index.data()))
        painter.restore()


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setWeight(QFont.Weight.DemiBold)
    return bold


class Buttons(QWidget):
    """Buttons in two columns, or below each other where two columns do not fit."""

    def __init__(self, *buttons: PushButton) -> None:
        super().__init__()
        self._buttons = buttons
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(2, 1)
        self._place(columns=2)

    def minimumSizeHint(self) -> QSize:
        """Return the size of one column."""
        hint = super().minimumSizeHint()
        return QSize(max(button.sizeHint().width() for button in self._buttons), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use as many columns as fit."""
        super().resizeEvent(event)
        widths = [button.sizeHint().width() for button in self._buttons]
        room = max(widths[::2]) + max(widths[1::2]) + self._grid.horizontalSpacing()
        self._place(columns=2 if room <= event.size().width() else 1)

    def _place(self, *, columns: int) -> None:
        if columns != self._columns:
            self._columns = columns
            for place, button in enumerate(self._buttons):
                self._grid.addWidget(button, place // columns, place % columns)


class Heading(PlainLabel):
    """The heading of a group of controls."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setContentsMargins(0, 6, 0, 0)
        self.setText(text)
        font = self.font()
        font.setBold(True)
        self.setFont(font)


class Remark(PlainLabel):
    """A gray explanation next to controls."""

    def __init__(self, text: str = "") -> None:
        super().__init__(wrap=True)
        self.setText(text)
        self.setForegroundRole(QPalette.ColorRole.PlaceholderText)


def form(parent: QWidget | None = None) -> QFormLayout:
    """Return a form layout that is the same on every platform."""
    layout = QFormLayout(parent)
    layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)  # for large text in a small window
    layout.setLabelAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
    layout.setContentsMargins(0, 0, 0, 0)
    return layout


def add_field(layout: QFormLayout, label: str, field: QWidget) -> QLabel:
    """Add a control with its label to a form; return the label."""
    title = labelled(label, field)
    layout.addRow(title, field)
    return title


def check_setting(table: str, key: str, name: str, text: str) -> None:
    """Check the text for a key of a table of config.toml; an empty one is the default. `name` begins the error.

    Raises ValueError.
    """
    if not text:
        return
    try:
        checked(table, key, text)
    except ValueError as error:
        raise ValueError(f"{name} {QCoreApplication.translate('Settings', str(error))}") from None


class Page(QWidget):
    """A page of the settings window. Subclasses add their controls to `column`."""

    edited = Signal(object)
    """A core.settings_file.Edit that the user made."""

    removed = Signal(str, object)
    """A message about what was removed, and the Edit that undoes it."""

    title = ""

    def __init__(self) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(18, 14, 18, 14)
        self.column.setSpacing(8)

    def set_style(self, style: Style) -> None:
        """Use the colors of this theme for controls that do not use the window's palette."""

    def focus_entries(self) -> None:
        """Focus the list in which a removed entry was restored."""

    def set_settings(self, settings: Settings) -> None:
        """Show these settings."""
