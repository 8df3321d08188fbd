"""Every control of each window: the ring of the focus and its edge in pixels, text contrast, target sizes, and fit.

Measured from pictures of the windows in the four palettes, at normal size and with text of 200 and 300 %.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QColor, QHoverEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QFileDialog,
    QListWidget,
    QMenu,
    QPushButton,
    QScrollArea,
    QStyleOptionViewItem,
    QWidget,
)
from pytestqt.qtbot import QtBot

from every_window import STYLES, WINDOWS, contrast, controls, edges, picture, ring, text_contrast, texts
from mailpit_notifier.ui import opening, theme
from mailpit_notifier.ui.banner import Banner
from mailpit_notifier.ui.controls import PushButton
from mailpit_notifier.ui.labels import PlainLabel
from mailpit_notifier.ui.window.delegate import chips_of
from mailpit_notifier.ui.window.header import Header, ServerFilter
from mailpit_notifier.ui.window.list_model import Role
from mailpit_notifier.ui.window.message_actions import SourceSaver
from mailpit_notifier.ui.window.message_list import MessageList, MoreButton
from mailpit_notifier.ui.window.row_layout import Measures, RowLayout

MIN_RING, MIN_EDGE, MIN_TARGET = 2, 2.95, 24


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


@pytest.mark.parametrize("style", STYLES, indirect=True)
@pytest.mark.parametrize("name", WINDOWS)
def test_every_control_has_a_ring_and_an_edge_and_every_text_has_contrast(
    name: str, style: theme.Style, shown: Callable[[str], QWidget]
) -> None:
    window = shown(name)
    least = 7.0 if style.inverts else 4.5
    assert {text: round(value, 2) for text, value in texts(window).items() if value < least - 0.01} == {}
    assert {text: round(value, 2) for text, value in edges(window).items() if value < MIN_EDGE} == {}
    found = controls(window)
    assert found
    other = found[0] if len(found) > 1 else window
    widths = {one: ring(one, other if one is not other else found[-1]) for one in found}
    assert {one.accessibleName() or one: width for one, width in widths.items() if width < MIN_RING} == {}


def parts_of_row(view: MessageList, row: int) -> dict[str, QRect]:
    """Return the places of the texts and buttons of a row."""
    index, option = view.model().index(row, 0), QStyleOptionViewItem()
    view.initViewItemOption(option)
    option.rect = view.visualRect(index)
    places = RowLayout(option, Measures(option.font))
    chips = places.chips(chips_of(index.data(Role.ROW).message, index.data(Role.FOUND)))
    found = {f"chip {chip.text}": place.adjusted(3, 2, -3, -2) for chip, place in chips}
    found |= {"title": places.title(100), "people": places.people(140), "age": places.note(40)}
    if index.data(Role.ROW).message.snippet:
        found["body"] = places.body(places.chips_width(chips))
    if row in {0, 1}:  # selected, or under the pointer
        found |= {f"button {place}": box for place, box in enumerate(places.buttons(3))}
    return found


@pytest.mark.parametrize("style", STYLES, indirect=True)
@pytest.mark.parametrize("name", ["recent", "failing"])
def test_every_text_of_a_row_has_contrast(name: str, style: theme.Style, shown: Callable[[str], QWidget]) -> None:
    """In the selected row, the one under the pointer, and the others, also where the server is not reached."""
    window = shown(name)
    window.resize(560, 700)
    view = window.findChild(MessageList)
    view.setFocus()
    view.show_newest()
    QApplication.processEvents()
    under = view.visualRect(view.model().index(1, 0)).center()
    hover = QHoverEvent(QEvent.Type.HoverMove, under, view.viewport().mapToGlobal(under), QPoint(-1, -1))
    QApplication.sendEvent(view.viewport(), hover)
    image = picture(view.viewport())
    rows = [row for row in range(6) if view.viewport().rect().contains(view.visualRect(view.model().index(row, 0)))]
    parts = {f"{row} {part}": place for row in rows for part, place in parts_of_row(view, row).items()}
    assert {"0 button 2", "1 button 2"} < set(parts)
    assert "0 chip 482913" in parts
    found = {part: text_contrast(image, place) for part, place in parts.items()}
    least = 7.0 if style.inverts else 4.5
    assert {part: round(value, 2) for part, value in found.items() if value < least - 0.01} == {}


def menu_of(widget: QWidget) -> QMenu:
    return widget.findChild(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly)


@pytest.mark.parametrize("style", STYLES, indirect=True)
def test_menus_and_lists_of_values_have_the_colors_of_the_window_and_24_pixels_for_each_entry(
    style: theme.Style, shown: Callable[[str], QWidget]
) -> None:
    window = shown("recent")
    view, header = window.findChild(MessageList), window.findChild(Header)
    view.show_menu(QPoint(0, 0))
    next(one for one in header.findChildren(QAbstractButton) if one.accessibleName() == "More").click()
    field = header.search.standard_menu()
    pausing = next(entry.menu() for entry in menu_of(header).actions() if entry.menu() and entry.isVisible())
    for menu in (menu_of(view), menu_of(header), pausing, field):
        menu.popup(QPoint(0, 0))
        image = picture(menu)
        entries = [entry for entry in menu.actions() if entry.isVisible() and not entry.isSeparator()]
        heights = {entry.text(): menu.actionGeometry(entry).height() for entry in entries}
        assert {text: height for text, height in heights.items() if height < MIN_TARGET} == {}
        values = {entry.text(): text_contrast(image, menu.actionGeometry(entry)) for entry in entries}
        least = 7.0 if style.inverts else 4.5
        assert {text: round(value, 2) for text, value in values.items() if value < least - 0.01} == {}
        assert QColor(image.pixel(2, image.height() - 3)).name() == style.base
        menu.close()
    choice = header.findChild(ServerFilter)
    choice.showPopup()
    QApplication.processEvents()
    assert all(choice.view().visualRect(choice.model().index(row, 0)).height() >= MIN_TARGET for row in range(4))
    choice.hidePopup()


@pytest.mark.parametrize("name", WINDOWS)
def test_every_target_has_24_pixels(name: str, style: theme.Style, shown: Callable[[str], QWidget]) -> None:
    window = shown(name)
    small = {
        one.accessibleName() or one: one.size()
        for one in controls(window)
        if not isinstance(one, QAbstractItemView) and min(one.width(), one.height()) < MIN_TARGET
    }
    assert small == {}
    views = [one for one in controls(window) if isinstance(one, QAbstractItemView) and one.model().rowCount()]
    rows = {one.accessibleName(): one.visualRect(one.model().index(0, 0)).height() for one in views}
    assert {name: height for name, height in rows.items() if height < MIN_TARGET} == {}


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
    monkeypatch.setattr(opening, "available", lambda _window: free)
    before = QApplication.font()
    request.addfinalizer(lambda: QApplication.setFont(before))
    theme.set_font(None, scale)
    window = shown(name)
    opening.fit_to_screen(window)
    QApplication.processEvents()
    assert free.contains(QRect(QPoint(0, 0), window.size()))
    fixed = [one for one in window.findChildren(QAbstractButton) if one.isVisibleTo(window) and not is_scrolled(one)]
    assert fixed
    places = {one.text() or one.accessibleName(): QRect(one.mapTo(window, QPoint(0, 0)), one.size()) for one in fixed}
    assert {text: place for text, place in places.items() if not window.rect().contains(place)} == {}
    if scale == 2:  # nothing is beside the window, where only a wheel or a drag would lead
        areas = window.findChildren(QScrollArea)
        assert [one for one in areas if one.isVisibleTo(window) and one.horizontalScrollBar().maximum()] == []


def test_icons_of_buttons_are_as_large_as_their_text(
    style: theme.Style, request: pytest.FixtureRequest, qtbot: QtBot
) -> None:
    before = QApplication.font()
    request.addfinalizer(lambda: QApplication.setFont(before))
    heights = []
    for scale in (1.0, 3.0):
        theme.set_font(None, scale)
        button = PushButton(glyph="clear", flat=True)
        qtbot.addWidget(button)
        button.resize(button.sizeHint())
        image = button.grab().toImage()
        ground = image.pixel(0, 0)
        lines = [y for y in range(image.height()) if any(image.pixel(x, y) != ground for x in range(image.width()))]
        heights.append(lines[-1] - lines[0])
    assert heights[1] > 2 * heights[0]


@pytest.mark.parametrize("name", ["failing", "offer", "question", "error"])
def test_a_long_banner_on_a_small_screen_has_whole_lines_and_leaves_the_controls_their_height(
    name: str, style: theme.Style, shown: Callable[[str], QWidget], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A screen of 1280 x 720 at 300 %."""
    monkeypatch.setattr(opening, "available", lambda _window: QRect(0, 0, 427, 240))
    window = shown(name)
    banner = window.findChild(Banner)
    text = banner.findChild(PlainLabel)
    text.setText(" ".join(["No notification service is running. Install one."] * 9))
    opening.fit_to_screen(window)
    for _ in range(3):
        QApplication.processEvents()
    area = text.parentWidget()
    assert area.height() >= text.fontMetrics().lineSpacing()
    assert area.height() % text.fontMetrics().lineSpacing() == 0
    assert text.height() > area.height()  # the rest scrolls
    fixed = [one for one in window.findChildren(QPushButton) if one.isVisibleTo(window) and not is_scrolled(one)]
    assert {one.text(): one.height() for one in fixed if one.height() < one.sizeHint().height()} == {}
    assert window.findChild(MessageList).height() >= text.fontMetrics().lineSpacing()
    assert banner.geometry().bottom() < window.height()


def controls_named(window: QWidget, name: str) -> list[QPushButton]:
    return [one for one in window.findChildren(QPushButton) if one.accessibleName() == name]


@pytest.mark.parametrize("name", ["recent", "Servers"])
def test_a_file_dialog_of_qt_fits_on_a_small_screen_and_has_names(
    name: str, style: theme.Style, shown: Callable[[str], QWidget], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Desktops other than GNOME, Xfce and Cinnamon have no dialog of their own that Qt could use."""
    free = QRect(0, 0, 427, 240)
    monkeypatch.setattr(opening, "available", lambda _window: free)
    window = shown(name)
    if name == "recent":
        window.findChild(SourceSaver).ask(window.findChild(MessageList).model().index(0, 0).data(Role.ROW))
    else:
        controls_named(window, "Choose a certificate file")[0].click()
    (dialog,) = window.findChildren(QFileDialog)
    assert free.contains(QRect(QPoint(0, 0), dialog.size()))
    buttons = [one for one in dialog.findChildren(QPushButton) if one.isVisibleTo(dialog)]
    assert buttons
    assert all(dialog.rect().contains(QRect(one.mapTo(dialog, QPoint(0, 0)), one.size())) for one in buttons)
    interfaces = [QAccessible.queryAccessibleInterface(one) for one in controls(dialog)]
    assert all(one.text(QAccessible.Text.Name) for one in interfaces)
    dialog.close()


def is_scrolled(widget: QWidget) -> bool:
    """Return whether a widget is in an area that scrolls. The button below the last row scrolls with the list."""
    if isinstance(widget, MoreButton):
        return True
    parent = widget.parentWidget()
    while parent and not isinstance(parent, QScrollArea):
        parent = parent.parentWidget()
    return parent is not None


@pytest.mark.parametrize("style", ["white", "black"], indirect=True)
def test_disabled_controls_and_hints_differ_from_others_in_high_contrast(
    style: theme.Style, shown: Callable[[str], QWidget]
) -> None:
    colors = shown("Servers").palette()
    group, role = QPalette.ColorGroup, QPalette.ColorRole
    for off in (colors.color(group.Disabled, role.ButtonText), colors.color(group.Active, role.PlaceholderText)):
        assert contrast(off.rgb(), colors.color(group.Active, role.Text).rgb()) >= 2.99
        assert contrast(off.rgb(), colors.color(group.Active, role.Window).rgb()) >= 7


def test_titles_go_above_the_pages_in_a_narrow_window(style: theme.Style, shown: Callable[[str], QWidget]) -> None:
    window = shown("General")
    titles = next(one for one in window.findChildren(QListWidget) if one.accessibleName() == "Pages")
    window.resize(820, 600)
    QApplication.processEvents()
    assert titles.height() > titles.width()
    window.resize(400, 600)
    QApplication.processEvents()
    assert titles.width() > titles.height()
