"""Base class of the recent-messages window: opens in front, hides, and keeps its place and size.

Until a geometry is saved, the window opens beside the tray icon.

`IdleWork` does low-priority work after the list has been idle for 400 ms: not during a burst, and not while the user
scrolls. It reports the visible rows, whose sources are then searched for codes, and prepares all rows for searches.
"""

import os
from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QRect, QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent, QWindowStateChangeEvent
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QStyle

from mailpit_notifier.core.settings import WindowChoices
from mailpit_notifier.ui.opening import VARIABLE, fit_to_screen, position_beside
from mailpit_notifier.ui.timing import Timing

from .list_model import MessageListModel
from .message_list import MessageList

_GEOMETRY = "window/geometry"

_MIN_WIDTH = 54
"""Characters that a line of the window has room for, also if text is large."""


class Frame(QMainWindow):
    """`state` saves the geometry. A QMainWindow, as screen readers do not report a plain widget as a window."""

    shown = Signal()
    restored = Signal()
    """The window is no longer minimized."""
    hidden = Signal()
    activated = Signal()
    """The window became the one that receives key presses."""

    def __init__(self, state: QSettings, timing: Timing) -> None:
        super().__init__()
        self._timing = timing
        self._frame_settings = state
        self._icon_rect: Callable[[], QRect] = QRect
        self._choices = WindowChoices()
        self._since_active = QElapsedTimer()
        self._hidden_on_focus_loss = False
        self._is_mapped_again = False
        self.resize(max(420, _MIN_WIDTH * self.fontMetrics().averageCharWidth()), 640)
        self._restore_geometry()

    def _restore_geometry(self) -> None:
        if geometry := self._frame_settings.value(_GEOMETRY):
            self.restoreGeometry(geometry)

    def set_icon_position(self, icon_rect: Callable[[], QRect]) -> None:
        """Set the function that returns the place of the icon, empty if unknown, for the first opening."""
        self._icon_rect = icon_rect

    def set_choices(self, choices: WindowChoices) -> None:
        """Apply the settings of the window."""
        self._choices = choices
        on_top = Qt.WindowType.WindowStaysOnTopHint
        flags = self.windowFlags() | on_top if choices.stay_on_top else self.windowFlags() & ~on_top
        self.overrideWindowFlags(flags)
        if handle := self.windowHandle():  # setWindowFlags of a widget would hide it
            handle.setFlag(on_top, choices.stay_on_top)

    def present(self) -> None:
        """Show the window in front, with the focus."""
        if not self.isVisible():
            if self.windowHandle() is None:  # a new native window has no place yet
                self._restore_geometry()
            fit_to_screen(self)
        if not self.isVisible() and not self._frame_settings.contains(_GEOMETRY):
            self._move_beside_icon()
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        needs_token = QGuiApplication.platformName().startswith("wayland") and not os.environ.get(VARIABLE)
        if needs_token and self.isVisible() and not self.isActiveWindow():
            self._map_again()
        self.show()
        self.raise_()
        self.activateWindow()

    def _map_again(self) -> None:
        """Hide the open window, to be shown again: without a token, a Wayland compositor raises only new windows."""
        self._is_mapped_again = True
        self.hide()

    def _move_beside_icon(self) -> None:
        icon = self._icon_rect()
        screen = QGuiApplication.screenAt(icon.center())
        if screen and not icon.isEmpty():
            title = self.style().pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight)
            self.move(position_beside(icon, self.size() + QSize(0, title), screen.availableGeometry()))

    def toggle(self) -> None:
        """Hide the window if it is in front, else show it in front."""
        recently = self._since_active.isValid() and not self._since_active.hasExpired(self._timing.toggle)
        if self.isVisible() and (self.isActiveWindow() or recently):
            self.hide()
        elif not (self._hidden_on_focus_loss and recently):  # else this click has just hidden it
            self.present()

    def showEvent(self, event: QShowEvent) -> None:
        """Emit `shown`, unless the window only returns from being minimized."""
        super().showEvent(event)
        self._hidden_on_focus_loss = False
        if not event.spontaneous() and not self._is_mapped_again:
            self.shown.emit()
        self._is_mapped_again = False

    def hideEvent(self, event: QHideEvent) -> None:
        """Save the geometry and emit `hidden`, unless the window is only minimized."""
        super().hideEvent(event)
        if not event.spontaneous() and not self._is_mapped_again:
            self._frame_settings.setValue(_GEOMETRY, self.saveGeometry())
            self.hidden.emit()
            QTimer.singleShot(0, self, self._destroy_native_window)

    def _destroy_native_window(self) -> None:
        """Free the picture of the hidden window: 1 MiB, which the display server has, too. Showing it makes a new one.

        A maximized window keeps it, because Qt does not maximize the new one. So does a window with an open dialog,
        which stays in front of it.
        """
        has_dialog = any(dialog.isVisible() for dialog in self.findChildren(QDialog))
        if not (self.isVisible() or self.isMaximized() or self.isFullScreen() or has_dialog):
            self.destroy()

    def changeEvent(self, event: QEvent) -> None:
        """Note when the window gets or loses the focus, and emit `restored` after minimizing."""
        super().changeEvent(event)
        if isinstance(event, QWindowStateChangeEvent):
            before = event.oldState() & Qt.WindowState.WindowMinimized
            if before and not self.isMinimized():
                self.restored.emit()
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.activated.emit()
        elif event.type() == QEvent.Type.ActivationChange:
            self._since_active.start()
            QTimer.singleShot(0, self, self._on_focus_lost)  # only then a menu or dialog of this program has the focus

    def _on_focus_lost(self) -> None:
        ours = (QApplication.activeWindow(), QApplication.activePopupWidget(), QApplication.activeModalWidget())
        if self._choices.hide_on_focus_loss and not any(ours):
            self.hide()
            self._hidden_on_focus_loss = True


class IdleWork(QObject):
    """Watches the rows of a list while the window is shown."""

    rows_settled = Signal(object)
    """A tuple of the visible Rows, once none has changed its place for `Timing.idle`."""

    def __init__(self, model: MessageListModel, view: MessageList, timing: Timing) -> None:
        super().__init__(view)
        self._model = model
        self._view = view
        self._shown = False
        self._idle_timer = QTimer(self, interval=timing.idle, singleShot=True)
        self._idle_timer.timeout.connect(self._on_idle)
        self._step_timer = QTimer(self, interval=timing.idle_step)
        self._step_timer.timeout.connect(self._on_step)
        for changed in (model.rowsInserted, model.rowsRemoved, view.scrolled):
            changed.connect(self._restart)

    def set_shown(self, *, shown: bool) -> None:
        """Set whether the window is shown; no timer runs while it is hidden."""
        self._shown = shown
        if shown:
            self._restart()
        else:
            self._idle_timer.stop()
            self._step_timer.stop()

    def _restart(self) -> None:
        if self._shown:
            self._step_timer.stop()
            self._idle_timer.start()

    def _on_idle(self) -> None:
        self.rows_settled.emit(tuple(self._view.visible_rows()))
        self._step_timer.start()

    def _on_step(self) -> None:
        if not self._model.prepare_search():
            self._step_timer.stop()
