"""Fields, lists and check boxes have a visible frame in each window, light and dark."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot
from test_icons import contrast

from look_settings import window_on
from mailpit_notifier.ui import theme
from mailpit_notifier.ui.dialogs import PasswordDialog
from mailpit_notifier.ui.window.header import Header

FRAMED = (QLineEdit, QComboBox, QCheckBox, QToolButton, QPlainTextEdit, QListWidget)
DEEP = 4
"""Pixels from a control's edge in which its frame is."""


def header() -> QWidget:
    bar = Header()
    bar.setPalette(theme.palette(theme.current_style()))
    return bar


WINDOWS: dict[str, Callable[[], QWidget]] = {
    "header": header,
    "password": lambda: PasswordDialog("shop", "http://shop.test/", "", can_keep=True),
    **{
        page: lambda page=page: window_on(page, overridden=False)
        for page in ("Servers", "Notifications", "Rules", "General", "Diagnostics")
    },
}


@pytest.fixture(params=[theme.LIGHT, theme.DARK], ids=["light", "dark"])
def look(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[theme.Style]:
    """The colors of a desktop that reports them by its palette only."""
    before = qapp.palette()
    qapp.setPalette(theme.palette(request.param))
    yield request.param
    qapp.setPalette(before)


def edge(image: QImage, at: QPoint) -> float:
    """Return the best contrast to the background just outside, among the first pixels of a control that begins here."""
    ground = image.pixelColor(at - QPoint(1, 0))
    return max(contrast(QColor(image.pixelColor(at + QPoint(x, 0))), ground) for x in range(DEEP))


@pytest.mark.parametrize("name", WINDOWS)
def test_every_control_has_a_visible_frame(name: str, look: theme.Style, qtbot: QtBot) -> None:
    window = WINDOWS[name]()
    qtbot.addWidget(window)
    window.show()
    window.setFocus()  # a control with the keyboard has another frame
    QApplication.processEvents()
    image = window.grab().toImage()
    seen = [
        (edge(image, control.mapTo(window, QPoint(0, control.height() // 2))), control) for control in framed(window)
    ]
    assert seen
    assert [(contrast, control) for contrast, control in seen if contrast < theme.MARK_CONTRAST] == []


def framed(window: QWidget) -> list[QWidget]:
    """Return the visible controls with a frame, without the list of pages and the icons inside fields."""
    return [
        control
        for control in window.findChildren(QWidget)
        if isinstance(control, FRAMED)
        and not control.visibleRegion().isEmpty()
        and not isinstance(control.parent(), QLineEdit)
        and not (isinstance(control, QListWidget) and not control.frameWidth())
    ]
