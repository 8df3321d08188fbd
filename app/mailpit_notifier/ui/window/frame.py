"""A window of the tray's: it comes to the front, goes away again, and keeps its place and size; until it has any, it
comes beside the icon.

Apart from what it shows, which is the recent window's.
"""

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QEvent, QPoint, QRect, QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent, QWindowStateChangeEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QStyle

from mailpit_notifier.core.settings import WindowChoices

CLICK_MS = 400
"""A click on the tray takes the focus from the window first; within this time it still means the window in front."""

_GEOMETRY = "window/geometry"


class Frame(QMainWindow):
    """`state` keeps the geometry. A plain widget would be no window to a screen reader."""

    shown = Signal()
    restored = Signal()
    """It is minimised no longer."""
    hidden = Signal()

    def __init__(self, state: QSettings) -> None:
        super().__init__()
        self._frame_settings = state
        self._icon_rect: Callable[[], QRect] = QRect
        self._choices = WindowChoices()
        self._since_active = QElapsedTimer()
        self._hidden_on_focus_loss = False
        self.resize(420, 640)
        if geometry := state.value(_GEOMETRY):
            self.restoreGeometry(geometry)

    def set_icon_position(self, icon_rect: Callable[[], QRect]) -> None:
        """Come first where this says that the icon is on the screen; it says an empty place if that is not known."""
        self._icon_rect = icon_rect

    def set_choices(self, choices: WindowChoices) -> None:
        """Be as the settings say, from now on."""
        self._choices = choices
        on_top = Qt.WindowType.WindowStaysOnTopHint
        flags = self.windowFlags() | on_top if choices.stay_on_top else self.windowFlags() & ~on_top
        self.overrideWindowFlags(flags)
        if handle := self.windowHandle():  # setting the widget's own flags would hide it
            handle.setFlag(on_top, choices.stay_on_top)

    def present(self) -> None:
        """Show the window in front, with the keyboard in it."""
        if not self.isVisible() and not self._frame_settings.contains(_GEOMETRY):
            self._move_beside_icon()
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def _move_beside_icon(self) -> None:
        icon = self._icon_rect()
        screen = QGuiApplication.screenAt(icon.center())
        if screen and not icon.isEmpty():
            title = self.style().pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight)
            self.move(position_beside(icon, self.size() + QSize(0, title), screen.availableGeometry()))

    def toggle(self) -> None:
        """Hide the window when it is in front, else present it."""
        recently = self._since_active.isValid() and not self._since_active.hasExpired(CLICK_MS)
        if self.isVisible() and (self.isActiveWindow() or recently):
            self.hide()
        elif not (self._hidden_on_focus_loss and recently):  # else the click itself has hidden it
            self.present()

    def showEvent(self, event: QShowEvent) -> None:
        """Tell of it, unless it only comes back from being minimised."""
        super().showEvent(event)
        self._hidden_on_focus_loss = False
        if not event.spontaneous():
            self.shown.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell of it, unless it is only minimised."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._frame_settings.setValue(_GEOMETRY, self.saveGeometry())
            self.hidden.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Remember when the window was last in front, and tell when it comes back from being minimised."""
        super().changeEvent(event)
        if isinstance(event, QWindowStateChangeEvent):
            before = event.oldState() & Qt.WindowState.WindowMinimized
            if before and not self.isMinimized():
                self.restored.emit()
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._since_active.start()
            QTimer.singleShot(0, self, self._on_focus_lost)  # only then a menu or dialog of ours has it

    def _on_focus_lost(self) -> None:
        ours = (QApplication.activeWindow(), QApplication.activePopupWidget(), QApplication.activeModalWidget())
        if self._choices.hide_on_focus_loss and not any(ours):
            self.hide()
            self._hidden_on_focus_loss = True


def position_beside(icon: QRect, size: QSize, free: QRect) -> QPoint:
    """Where a window of this size begins that is above or below the icon, and within the free part of the screen."""
    is_high = icon.center().y() < free.center().y()
    left = icon.center().x() - size.width() // 2
    top = icon.bottom() + 1 if is_high else icon.top() - size.height()
    return QPoint(
        max(free.left(), min(left, free.right() + 1 - size.width())),
        max(free.top(), min(top, free.bottom() + 1 - size.height())),
    )
