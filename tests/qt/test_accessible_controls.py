"""Every control of each window: the ring of the focus and its edge in pixels, text contrast, target sizes, and fit.

Measured from pictures of the windows in the four palettes, at normal size and with text of 200 and 300 %.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from look import samples
from look_settings import window_on
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.settings import COLORS
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.protocol.faults import Fault
from mailpit_notifier.ui import placement, theme
from mailpit_notifier.ui.dialogs import CertificateDialog, PasswordDialog
from mailpit_notifier.ui.window.list_model import MessageListModel
from mailpit_notifier.ui.window.window import RecentWindow

STYLES = {"light": theme.LIGHT, "dark": theme.DARK, "white": theme.WHITE, "black": theme.BLACK}
CONTROLS = (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QAbstractItemView)
MIN_RING, MIN_TARGET = 2, 24


def recent(folder: Path, *, failing: bool = False, empty: bool = False) -> RecentWindow:
    messages, model = samples(), MessageListModel()
    link, fault = (Link.DISCONNECTED, Fault.REFUSED) if failing else (Link.CONNECTED, None)
    statuses = tuple(
        ServerStatus(url=url, name=f"server{place}", color=COLORS[place], link=link, fault=fault, total=3, unread=1)
        for place, url in enumerate(messages)
    )
    model.set_servers(statuses)
    for url in messages if not empty else ():
        model.apply(url, Change(added=messages[url]))
    model.update_rows()
    window = RecentWindow(model, folder / "window.ini", lambda: True)
    window.set_statuses(statuses)
    window._refresh()
    return window


WINDOWS: dict[str, Callable[[Path], QWidget]] = {
    "recent": recent,
    "failing": lambda folder: recent(folder, failing=True),
    "error page": lambda folder: recent(folder, failing=True, empty=True),
    "password": lambda _: PasswordDialog("shop", "http://shop.test/", "", can_keep=True),
    "certificate": lambda _: CertificateDialog("shop", "ab" * 32, None, "cd" * 32),
    **{
        page: lambda _, page=page: window_on(page, overridden=False)
        for page in ("Servers", "Notifications", "Rules", "General", "Diagnostics")
    },
}


@pytest.fixture
def style(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> theme.Style:
    """One of the four palettes. They follow the desktop, and the offscreen platform has none."""
    wanted = STYLES[getattr(request, "param", "light")]
    monkeypatch.setattr(theme, "current_style", lambda: wanted)
    monkeypatch.setattr(theme, "is_dark", lambda: wanted in {theme.DARK, theme.BLACK})
    return wanted


@pytest.fixture
def shown(qtbot: QtBot, tmp_path: Path) -> Callable[[str], QWidget]:
    def show(name: str) -> QWidget:
        window = WINDOWS[name](tmp_path)
        qtbot.addWidget(window)
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        return window

    return show


def controls(window: QWidget) -> list[QWidget]:
    """Return the controls that Tab can reach and that are enabled and visible."""
    return [
        one
        for one in window.findChildren(QWidget)
        if isinstance(one, CONTROLS)
        and one.isVisibleTo(window)
        and one.isEnabled()
        and one.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not one.focusProxy()
    ]


def picture(control: QWidget) -> QImage:
    QApplication.processEvents()
    return control.grab().toImage()


def contrast(one: QColor, other: QColor) -> float:
    return theme.contrast(one.name(), other.name())


def ring(control: QWidget, elsewhere: QWidget) -> int:
    """Return the width in pixels of the ring that a control has only while it has the focus."""
    elsewhere.setFocus()
    before = picture(control)
    control.setFocus(Qt.FocusReason.TabFocusReason)
    now = picture(control)
    elsewhere.setFocus()
    best = 0
    for x in range(0, now.width(), max(1, now.width() // 12)):
        run = 0
        for y in range(now.height()):
            inner = now.pixelColor(x, min(y + 3, now.height() - 1)), now.pixelColor(x, max(0, y - 3))
            differs = now.pixelColor(x, y) != before.pixelColor(x, y)
            run = run + 1 if differs and any(contrast(now.pixelColor(x, y), one) >= 2.95 for one in inner) else 0
            best = max(best, run)
    return best


@pytest.mark.parametrize("style", STYLES, indirect=True)
@pytest.mark.parametrize("name", WINDOWS)
def test_every_control_has_a_ring_of_two_pixels_with_the_focus(
    name: str, style: theme.Style, shown: Callable[[str], QWidget]
) -> None:
    window = shown(name)
    found = controls(window)
    assert found
    other = found[0] if len(found) > 1 else window
    widths = {one: ring(one, other if one is not other else found[-1]) for one in found}
    assert {one.accessibleName() or one: width for one, width in widths.items() if width < MIN_RING} == {}


@pytest.mark.parametrize("style", STYLES, indirect=True)
@pytest.mark.parametrize("name", WINDOWS)
def test_every_text_has_contrast(name: str, style: theme.Style, shown: Callable[[str], QWidget]) -> None:
    window = shown(name)
    least = 7.0 if style.inverts else 4.5
    labels = [one for one in window.findChildren(QLabel) if one.isVisibleTo(window) and one.text()]
    boxes = [one for one in window.findChildren(QAbstractButton) if one.isVisibleTo(window) and one.text()]
    found = {one.text(): text_contrast(one) for one in (*labels, *boxes) if one.isEnabled()}
    assert {text: round(value, 2) for text, value in found.items() if value < least - 0.01} == {}


def text_contrast(widget: QWidget) -> float:
    """Return the contrast of the strongest pixels of a text to the most frequent colour around it."""
    image = picture(widget)
    colors: dict[str, int] = {}
    for x in range(3, image.width() - 3):
        for y in range(3, image.height() - 3):
            name = image.pixelColor(x, y).name()
            colors[name] = colors.get(name, 0) + 1
    ground = max(colors, key=lambda name: colors[name])
    return max((theme.contrast(name, ground) for name in colors), default=21.0)


@pytest.mark.parametrize("name", WINDOWS)
def test_every_target_has_24_pixels(name: str, style: theme.Style, shown: Callable[[str], QWidget]) -> None:
    window = shown(name)
    small = {
        one.accessibleName() or one: one.size()
        for one in controls(window)
        if not isinstance(one, QAbstractItemView) and min(one.width(), one.height()) < MIN_TARGET
    }
    assert small == {}


@pytest.mark.parametrize("scale", [2.0, 3.0])
@pytest.mark.parametrize("name", WINDOWS)
def test_large_text_leaves_the_buttons_inside_a_window_that_fits(
    name: str,
    scale: float,
    style: theme.Style,
    shown: Callable[[str], QWidget],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    """A screen of 1920 x 1080 at 300 %, and text of 200 % or 300 % of 9 points."""
    free = QRect(0, 0, 640, 360)
    # The screen of the offscreen platform has one size.
    monkeypatch.setattr(placement, "available", lambda _window: free)
    before = QApplication.font()
    request.addfinalizer(lambda: QApplication.setFont(before))
    theme.set_font(None, scale)
    window = shown(name)
    placement.fit_to_screen(window)
    QApplication.processEvents()
    assert free.contains(QRect(QPoint(0, 0), window.size()))
    fixed = [one for one in window.findChildren(QAbstractButton) if one.isVisibleTo(window) and not is_scrolled(one)]
    assert fixed
    places = {one.text() or one.accessibleName(): QRect(one.mapTo(window, QPoint(0, 0)), one.size()) for one in fixed}
    assert {text: place for text, place in places.items() if not window.rect().contains(place)} == {}
    if scale == 2:  # nothing is beside the window, where only a wheel or a drag would lead
        areas = window.findChildren(QScrollArea)
        assert [one for one in areas if one.isVisibleTo(window) and one.horizontalScrollBar().maximum()] == []


def is_scrolled(widget: QWidget) -> bool:
    """Return whether a widget is in an area that scrolls."""
    parent = widget.parentWidget()
    while parent and not isinstance(parent, QScrollArea):
        parent = parent.parentWidget()
    return parent is not None


@pytest.mark.parametrize("style", ["white", "black"], indirect=True)
def test_disabled_controls_and_hints_look_different_in_high_contrast(
    style: theme.Style, shown: Callable[[str], QWidget]
) -> None:
    colors = shown("Servers").palette()
    group, role = QPalette.ColorGroup, QPalette.ColorRole
    for off in (colors.color(group.Disabled, role.ButtonText), colors.color(group.Active, role.PlaceholderText)):
        assert contrast(off, colors.color(group.Active, role.Text)) >= 2.99
        assert contrast(off, colors.color(group.Active, role.Window)) >= 7


def test_titles_go_above_the_pages_in_a_narrow_window(style: theme.Style, shown: Callable[[str], QWidget]) -> None:
    window = shown("General")
    titles = next(one for one in window.findChildren(QListWidget) if one.accessibleName() == "Pages")
    window.resize(820, 600)
    QApplication.processEvents()
    assert titles.height() > titles.width()
    window.resize(400, 600)
    QApplication.processEvents()
    assert titles.width() > titles.height()
