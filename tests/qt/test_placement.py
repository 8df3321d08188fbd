"""Windows that are open when the desktop changes the scale: Qt for X11 does not enlarge them."""

import subprocess
import sys
from typing import cast

import pytest
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication, QWindow
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from mailpit_notifier.ui.opening import keep_sizes

LOGICAL, ON_SCREEN = QSize(420, 600), QSize(280, 400)
"""The size of a window that Qt lays out, and the visible size after a change to 150 %."""


class Enlarged(QWidget):
    """A window that Qt draws at 150 % since a moment ago. `handle`: the window of the window system."""

    def __init__(self) -> None:
        super().__init__()
        self.handle = QWindow()
        self.handle.resize(ON_SCREEN)
        self.resize(LOGICAL)

    def windowHandle(self) -> QWindow:
        return self.handle


@pytest.fixture
def window(qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Enlarged:
    """Return a window on a screen that has more room than it needs."""
    # The screen of the offscreen platform has one size.
    monkeypatch.setattr("mailpit_notifier.ui.opening.available", lambda _window: QRect(0, 0, 900, 700))
    keep_sizes(cast("QGuiApplication", qapp))
    window = Enlarged()
    qtbot.addWidget(window)
    return window


def change_scale() -> None:
    screen = QGuiApplication.primaryScreen()
    screen.geometryChanged.emit(screen.geometry())


def test_an_open_window_grows_on_the_screen_with_its_text(window: Enlarged, qtbot: QtBot) -> None:
    change_scale()
    qtbot.waitUntil(lambda: window.handle.size() == LOGICAL)


def test_the_window_stays_on_the_screen(window: Enlarged, qtbot: QtBot) -> None:
    window.resize(420, 2_000)
    change_scale()
    qtbot.waitUntil(lambda: window.handle.width() == LOGICAL.width())
    assert window.handle.height() <= 700


def test_a_maximized_window_is_laid_out_for_its_place(window: Enlarged, qtbot: QtBot) -> None:
    window.setWindowState(Qt.WindowState.WindowMaximized)
    change_scale()
    qtbot.waitUntil(lambda: window.size() == ON_SCREEN)
    assert window.handle.size() == ON_SCREEN


GARBAGE = """
import gc
from PySide6.QtWidgets import QApplication, QMainWindow
from mailpit_notifier.ui.opening import available

class Window(QMainWindow):
    pass

application = QApplication([])
gc.disable()
for _ in range(3):
    window = Window()
    window.itself = window
    assert available(window) == application.primaryScreen().availableGeometry()
del window
gc.collect()
QMainWindow()
print(*(screen.geometry().isValid() for screen in application.screens()))
"""


def test_a_window_that_is_garbage_leaves_the_screen() -> None:
    done = subprocess.run([sys.executable, "-c", GARBAGE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr
