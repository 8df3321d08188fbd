"""What screen readers say while the focus stays where it is: results, problems, and errors of a field.

Screen readers for AT-SPI speak a new description of the object that has the focus. Most speak announcements as well,
but Orca 43 does not. A text that is sent both ways is spoken twice (decision 0061). So a text that belongs to a control
is its description, and any other text is an announcement. Where no screen reader listens to announcements, that text
becomes the description of the focused object until the focus moves.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPersistentModelIndex, QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent, QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QApplication, QWidget

_HEARD = "announcements_are_heard"
"""A property of Qt's style hints, which contain the desktop's other preferences, too."""

_SHOWN = 4_000
"""Milliseconds for which a row is described, as long as results are shown."""

_AT_REST = 600
"""Milliseconds for which a state must last to be said: a lost connection is often refused a moment later."""

_WHEN_READ = 1_500
"""Milliseconds after which a screen reader has read what has just got the focus, also after a dialog was closed."""


def set_announcements_heard(heard: bool) -> None:
    """Set whether a screen reader listens to announcements, as all do but old versions of Orca."""
    QGuiApplication.styleHints().setProperty(_HEARD, heard)


def speak(widget: QWidget, text: str) -> None:
    """Let screen readers say a text that `widget` shows, if one is running."""
    if not text or not QAccessible.isActive():
        return
    if QGuiApplication.styleHints().property(_HEARD) is not False:
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))
        return
    focused = QApplication.focusWidget()
    if isinstance(focused, QAbstractItemView) and focused.currentIndex().isValid():
        _report_description(focused, text)
    elif focused and not QAccessible.queryAccessibleInterface(focused).text(QAccessible.Text.Description):
        focused.setAccessibleDescription(text)
        focused.setAccessibleDescription("")  # at once, as for a row: no screen reader says an empty description
    else:
        _LaterDescription(widget, focused, text)


def speak_value(box: QWidget, value: str) -> None:
    """Let screen readers say the new value of a combo box that has the focus, where they ignore its new name.

    Qt reports the value of a combo box as its name. Orca 48 says a new name, Orca 43 does not.
    """
    if QGuiApplication.styleHints().property(_HEARD) is False:
        speak(box, value)


class Lasting:
    """Says a state of `widget` once it has lasted: of states that follow each other fast, only the last one is said.

    `say` is called then.
    """

    def __init__(self, widget: QWidget, say: Callable[[], object]) -> None:
        self._timer = QTimer(widget, interval=_AT_REST, singleShot=True)
        self._timer.timeout.connect(say)

    def begin(self) -> None:
        """The state has changed."""
        self._timer.start()


def speak_of_row(view: QAbstractItemView, text: str) -> None:
    """Let screen readers say a text about a row that has just become current."""
    if not view.hasFocus() or QGuiApplication.styleHints().property(_HEARD) is not False:
        speak(view, text)
    elif QAccessible.isActive():
        _RowDescription(view, text)


def describe(control: QWidget, text: str) -> None:
    """Make a text the description of a control, and let screen readers say it."""
    # Screen readers for AT-SPI say the change of the description of what has the focus.
    is_said = control.hasFocus() and QGuiApplication.platformName() not in {"windows", "cocoa"}
    control.setAccessibleDescription(text)
    if not is_said:
        speak(control, text)


_MAX_WAITS = 20
"""Times to wait for something to have the focus. After half a minute, the user works in another program."""


class _LaterDescription(QObject):
    """Describes what has the focus, and has a description, once that was read: else the text would be said twice.

    While a dialog is closed, nothing has the focus, or something in the dialog. What gets it then is described.
    """

    def __init__(self, widget: QWidget, focused: QWidget | None, text: str) -> None:
        super().__init__(widget)
        self._widget = widget
        self._focused = focused
        self._text = text
        self._waits = 0
        self._wait()

    def _wait(self) -> None:
        self._waits += 1
        QTimer.singleShot(_WHEN_READ, self, self._describe)

    def _describe(self) -> None:
        focused = QApplication.focusWidget()
        if focused is None and self._waits < _MAX_WAITS:
            self._wait()
            return
        self.deleteLater()
        if focused is None:
            return
        if focused is self._focused:
            _Description(focused, self._text)
        else:
            speak(self._widget, self._text)


_BEFORE = "description_before"
"""A property of a described widget: its own description."""


class _Description(QObject):
    """Describes the widget that has the focus until it loses it."""

    def __init__(self, widget: QWidget, text: str) -> None:
        super().__init__(widget)
        self._widget = widget
        if widget.property(_BEFORE) is None:
            widget.setProperty(_BEFORE, widget.accessibleDescription())
            widget.installEventFilter(self)
        if widget.accessibleDescription() == text:  # only a change is spoken
            widget.setAccessibleDescription("")
        widget.setAccessibleDescription(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Restore the description when the focus is lost."""
        if event.type() == QEvent.Type.FocusOut:
            self._widget.removeEventFilter(self)
            QTimer.singleShot(0, self, self._restore)  # later: what has the focus then is described, not this
        return super().eventFilter(watched, event)

    def _restore(self) -> None:
        self._widget.setAccessibleDescription(self._widget.property(_BEFORE))
        self._widget.setProperty(_BEFORE, None)
        self.deleteLater()


def _report_description(view: QAbstractItemView, text: str) -> None:
    """Let screen readers say a text as the new description of the current row.

    The row has the description no longer than the event needs, which contains it: a screen reader that has yet to read
    the row would say it twice.
    """
    _describe_row(view, view.currentIndex().row(), text)
    event = QAccessibleEvent(view, QAccessible.Event.DescriptionChanged)
    event.setChild(view.currentIndex().row())
    QAccessible.updateAccessibility(event)
    _describe_row(view, view.currentIndex().row(), "")


def _describe_row(view: QAbstractItemView, row: int, text: str) -> None:
    with QSignalBlocker(view.model()):  # Qt reports a changed description of a QListWidget's row by itself
        view.model().setData(view.model().index(row, 0), text, Qt.ItemDataRole.AccessibleDescriptionRole)


class _RowDescription(QObject):
    """Describes the row that has just become current for a moment: screen readers are about to read it."""

    def __init__(self, view: QAbstractItemView, text: str) -> None:
        super().__init__(view)
        self._view = view
        self._index = QPersistentModelIndex(view.currentIndex())
        _describe_row(view, self._index.row(), text)
        QTimer.singleShot(_SHOWN, self, self._clear)
        view.selectionModel().currentChanged.connect(self._on_current_changed)

    def _on_current_changed(self) -> None:
        self._view.selectionModel().currentChanged.disconnect(self._on_current_changed)
        self._clear()

    def _clear(self) -> None:
        if self._index.isValid():
            _describe_row(self._view, self._index.row(), "")
        self._index = QPersistentModelIndex()
        self.deleteLater()
