"""Open windows and web pages in front, and windows at the right place: beside the tray icon, no larger than the screen.

A Wayland compositor raises only a window that has the activation token of the click. Qt, and xdg-open which Qt
starts, read the token from the environment variable XDG_ACTIVATION_TOKEN. On X11, the token is a startup notification
ID, which programs read from DESKTOP_STARTUP_ID. Both are set only for the duration of one call, because a token is
valid once.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QOffscreenSurface, QScreen
from PySide6.QtWidgets import QApplication, QFrame, QLayout, QScrollArea, QStyle, QWidget

VARIABLE, X11_VARIABLE = "XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"


@contextmanager
def activation(token: str) -> Iterator[None]:
    """Set the activation token for windows and programs that are opened inside the block; "" sets none."""
    if token:
        os.environ[VARIABLE] = os.environ[X11_VARIABLE] = token
    try:
        yield
    finally:
        os.environ.pop(VARIABLE, None)
        os.environ.pop(X11_VARIABLE, None)


def open_page(url: str, token: str = "") -> bool:
    """Open an http or https URL in the browser. Return False for other schemes and when the desktop cannot open it."""
    page = QUrl(url, QUrl.ParsingMode.StrictMode)
    if page.scheme() not in {"http", "https"} or not page.isValid():
        return False
    with activation(token):
        return QDesktopServices.openUrl(page)


def fit_to_screen(window: QWidget) -> None:
    """Make a window no larger than the screen has room for. Call it before the window is shown."""
    free = _room(window)
    if layout := window.layout():  # else the window is at least as large as its content, even beyond the screen
        layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
    window.setMinimumSize(window.minimumSizeHint().boundedTo(free))
    window.resize(window.size().boundedTo(free))


def _room(window: QWidget) -> QSize:
    return available(window).size() - QSize(0, window.style().pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight))


def keep_sizes(application: QGuiApplication) -> None:
    """Keep windows as large as their content when the desktop changes the resolution of text. Call it once.

    On Xfce and Cinnamon, that resolution (Xft/DPI of XSETTINGS) is the only setting for the size of text. Qt draws
    larger text at once, but does not enlarge the windows: their right and lower parts are cut off.
    """
    application.screenAdded.connect(_watch)
    for screen in application.screens():
        _watch(screen)


def _watch(screen: QScreen) -> None:
    screen.geometryChanged.connect(_on_geometry_changed)


def _on_geometry_changed() -> None:
    QTimer.singleShot(0, _restore_sizes)  # Qt reports a screen's new size before its windows have the new scale


def _restore_sizes() -> None:
    for window in QApplication.topLevelWidgets():
        handle = window.windowHandle()
        if handle is None or handle.size() == window.size():
            continue
        if window.windowState() & (Qt.WindowState.WindowMaximized | Qt.WindowState.WindowFullScreen):
            window.resize(handle.size())
        else:
            handle.resize(window.size().boundedTo(_room(window)))


def available(window: QWidget) -> QRect:
    """Return the area of the screen that panels leave for this window.

    PySide makes a screen the child of the object that returned it last. If that is a window, and garbage collection
    destroys the screen before it, Qt's own screen is deleted, and the next window crashes the program. So the last one
    is an object that lives as long as the application.
    """
    keeper = _screen_keeper()
    keeper.setScreen(window.screen())
    return keeper.screen().availableGeometry()


@cache
def _screen_keeper() -> QOffscreenSurface:
    return QOffscreenSurface(parent=QGuiApplication.instance())


def position_beside(icon: QRect, size: QSize, free: QRect) -> QPoint:
    """Return the top left corner for a window above or below the icon, inside the free area of the screen."""
    is_high = icon.center().y() < free.center().y()
    left = icon.center().x() - size.width() // 2
    top = icon.bottom() + 1 if is_high else icon.top() - size.height()
    return QPoint(
        max(free.left(), min(left, free.right() + 1 - size.width())),
        max(free.top(), min(top, free.bottom() + 1 - size.height())),
    )


class ContentArea(QScrollArea):
    """Scrolls its content where there is not enough room. Asks for the room of the content, and `width` pixels."""

    def __init__(self, content: QWidget, width: int = 0) -> None:
        super().__init__()
        self._width = width
        self._content = content
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def sizeHint(self) -> QSize:
        """Return the size of the content, with room for a scroll bar: it may not fit on the screen."""
        hint = self._content.sizeHint()
        width = max(self._width, hint.width() + self.verticalScrollBar().sizeHint().width())
        return QSize(width, max(hint.height(), self._content.heightForWidth(width)))


class ScrollingPages(QWidget):
    """Pages of a window, which scroll. They leave the room of a small screen to bars and buttons, which do not."""

    def minimumSizeHint(self) -> QSize:
        """Return room for one line of text with its margins."""
        return QSize(super().minimumSizeHint().width(), self.fontMetrics().lineSpacing() * 3 // 2)
