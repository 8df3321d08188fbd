"""What screen readers say without a move of the focus: results, problems, and errors of a field.

Screen readers for AT-SPI speak a new description of the object that has the focus; most speak announcements as well,
but Orca 43 does not, and a text that is sent both ways is spoken twice (decision 0061). So a text that belongs to a
control is its description, and any other text is an announcement, or, where no screen reader listens to announcements,
the description of what has the focus, until the focus moves on.
"""

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent, QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QApplication, QWidget

_HEARD = "announcements_are_heard"
"""A property of Qt's style hints, which have the other wishes of the user's desktop."""


def set_announcements_heard(heard: bool) -> None:
    """Set whether a screen reader listens to announcements, as all do but old versions of Orca."""
    QGuiApplication.styleHints().setProperty(_HEARD, heard)


def speak(widget: QWidget, text: str) -> None:
    """Let screen readers say a text that `widget` shows, if one is running."""
    if not text or not QAccessible.isActive():
        return
    focused = QApplication.focusWidget()
    if focused is None or QGuiApplication.styleHints().property(_HEARD) is not False:
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))
    elif isinstance(focused, QAbstractItemView) and focused.currentIndex().isValid():
        _RowDescription(focused, text)
    else:
        _Description(focused, text)


def describe(control: QWidget, text: str) -> None:
    """Make a text the description of a control, and let screen readers say it."""
    is_said = control.hasFocus() and _speaks_descriptions()
    control.setAccessibleDescription(text)
    if not is_said:
        speak(control, text)


def _speaks_descriptions() -> bool:
    return QGuiApplication.platformName() not in {"windows", "cocoa"}


class _Description(QObject):
    """Describes the widget that has the focus until it loses it. Screen readers ignore the change back by then."""

    def __init__(self, widget: QWidget, text: str) -> None:
        super().__init__(widget)
        self._widget = widget
        self._before = widget.accessibleDescription()
        if self._before == text:  # only a change is spoken
            widget.setAccessibleDescription("")
        widget.setAccessibleDescription(text)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Restore the description when the focus is lost."""
        if event.type() == QEvent.Type.FocusOut:
            self._widget.removeEventFilter(self)
            self._widget.setAccessibleDescription(self._before)
            self.deleteLater()
        return super().eventFilter(watched, event)


class _RowDescription(QObject):
    """Describes the current row of a list, which has the focus for screen readers, until another one is current."""

    def __init__(self, view: QAbstractItemView, text: str) -> None:
        super().__init__(view)
        self._view = view
        self._describe(view.currentIndex(), "")
        self._describe(view.currentIndex(), text)
        view.selectionModel().currentChanged.connect(self._on_current_changed)

    def _describe(self, index: QModelIndex, text: str) -> None:
        self._view.model().setData(index, text, Qt.ItemDataRole.AccessibleDescriptionRole)
        event = QAccessibleEvent(self._view, QAccessible.Event.DescriptionChanged)
        event.setChild(index.row())
        QAccessible.updateAccessibility(event)

    def _on_current_changed(self, _current: QModelIndex, before: QModelIndex) -> None:
        self._view.selectionModel().currentChanged.disconnect(self._on_current_changed)
        if before.isValid():
            self._view.model().setData(before, "", Qt.ItemDataRole.AccessibleDescriptionRole)
        self.deleteLater()
