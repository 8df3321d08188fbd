"""Light or dark, font and text size follow the desktop's settings portal, and stay usable with any values."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QPainter, QPalette, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QLabel,
    QPushButton,
    QStyle,
    QStyleOptionSlider,
    QStyleOptionViewItem,
    QSystemTrayIcon,
    QWidget,
)
from pytestqt.qtbot import QtBot
from test_quick_look import STATUS, make_message

from mailpit_notifier.core.contents import ContentLink, Contents
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.desktop import appearance
from mailpit_notifier.desktop.appearance import (
    GNOME_FONT,
    KDE_FONT,
    SCHEME,
    TEXT_SCALE,
    Appearance,
    gnome_font,
    kde_font,
    read_appearance,
)
from mailpit_notifier.ui import theme
from mailpit_notifier.ui.controls import CheckBox, PushButton
from mailpit_notifier.ui.dialogs import CertificateDialog, PasswordDialog
from mailpit_notifier.ui.labels import PlainLabel
from mailpit_notifier.ui.tray.icon import Tray
from mailpit_notifier.ui.window.delegate import RowCanvas
from mailpit_notifier.ui.window.list_model import MessageListModel, Role
from mailpit_notifier.ui.window.message_actions import MessageAction
from mailpit_notifier.ui.window.message_list import MessageList
from mailpit_notifier.ui.window.placeholder import CenteredPage, CommandLine, FoundServer, Welcome
from mailpit_notifier.ui.window.row_layout import Chip, Measures, RowLayout
from mailpit_notifier.ui.window.window import RecentWindow

pytestmark = pytest.mark.usefixtures("qapp")

Dark, Light, Unknown = Qt.ColorScheme.Dark, Qt.ColorScheme.Light, Qt.ColorScheme.Unknown
NOTO = "Noto Sans,12,-1,5,400,0,0,0,0,0,0,0,0,0,0,1"


def described(font: QFont | None) -> tuple[str, float, int, bool] | None:
    return (font.family(), font.pointSizeF(), font.weight(), font.italic()) if font else None


@pytest.mark.parametrize(
    ("text", "family", "points", "weight", "italic"),
    [
        ("Cantarell 11", "Cantarell", 11, 400, False),
        ("Adwaita Sans Bold Italic 12.5", "Adwaita Sans", 12.5, 700, True),
        ("Noto Sans CJK JP, Medium 10", "Noto Sans CJK JP", 10, 500, False),
        ("Ubuntu Sans,11", "Ubuntu Sans", 11, 400, False),
        ("Roboto Condensed Semi-Bold 10 @wght=300", "Roboto Condensed", 10, 600, False),
    ],
)
def test_a_font_of_gnome_is_parsed(text: str, family: str, points: float, weight: int, italic: bool) -> None:
    assert described(gnome_font(text)) == (family, points, weight, italic)


@pytest.mark.parametrize("text", ["Inter, Noto Sans,Cantarell Bold 11", "Inter , Noto Sans, 11"])
def test_gnome_uses_the_first_family_that_is_installed(text: str) -> None:
    found = gnome_font(text)
    assert found
    assert found.families()[:2] == ["Inter", "Noto Sans"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "11",
        "Bold 11",
        "Sans",
        "Sans 0",
        "Sans 4.9",
        "Sans 99",
        "Sans nan",
        "Sans 1e1",
        "a\nb 11",
        "x" * 10_000,
        "x" * 10_000 + " 11",
    ],
)
def test_an_unusable_font_of_gnome_is_ignored(text: str) -> None:
    assert gnome_font(text) is None


def test_a_font_of_kde_is_parsed() -> None:
    assert described(kde_font(NOTO)) == ("Noto Sans", 12, 400, False)
    assert described(kde_font("Hack,9.5,-1,5,75,1,0,0,0,0,Bold Italic")) == ("Hack", 9.5, 700, True)


def test_a_font_of_kde_keeps_the_comma_in_its_name() -> None:
    found = kde_font("Univers,45 Light,12,-1,5,700,1,0,0,0,0,0,0,0,0,0,1")
    assert described(found) == ("Univers", 12, 700, True)
    assert found
    assert found.families() == ["Univers", "45 Light"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Noto Sans",
        "x,1e300,-1,5,400,0,0,0,0,0",
        "x,0,-1,5,50,0,0,0,0,0",
        "x,-1,14,5,50,0,0,0,0,0",
        ",10,-1,5,50,0,0,0,0,0",
        f"{'x' * 10_000},10,-1,5,50,0,0,0,0,0",
    ],
)
def test_an_unusable_font_of_kde_is_ignored(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert kde_font(text) is None
    assert capfd.readouterr() == ("", "")


HOSTILE = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.lists(st.integers(), max_size=2)
    | st.builds("{} {}".format, st.text(), st.floats())
    | st.builds("{},{},-1,5,{},0,0,0,0,0".format, st.text(), st.floats(), st.integers(-9, 9999))
)


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from(sorted(appearance.KEYS)), HOSTILE), st.sampled_from(["", "GNOME", "KDE"]))
def test_any_values_give_a_usable_appearance(values: dict[tuple[str, str], Any], desktop: str) -> None:
    found = read_appearance(values, [desktop], on_wayland=True)
    assert 0.5 <= found.text_scale <= 3
    assert found.font is None or (theme.MIN_POINTS <= found.font.pointSizeF() <= theme.MAX_POINTS)


@pytest.mark.parametrize("scale", [0.0, math.nan, math.inf, -1.0, 50.0, 1, True, "2"])
def test_a_text_size_out_of_range_is_ignored(scale: object) -> None:
    assert read_appearance({TEXT_SCALE: scale}, ["GNOME"], on_wayland=True).text_scale == 1


def test_each_desktop_has_its_own_settings() -> None:
    values = {SCHEME: 1, GNOME_FONT: "Cantarell 11", TEXT_SCALE: 1.5, KDE_FONT: NOTO}
    gnome = read_appearance(values, ["ubuntu", "GNOME"], on_wayland=True)
    assert gnome == Appearance(scheme=Dark, font=gnome_font("Cantarell 11"), text_scale=1.5)
    assert read_appearance(values, ["sway"], on_wayland=True) == gnome
    # On X11, Qt scales by itself, and GTK uses the font of GNOME's settings on GNOME only.
    assert read_appearance(values, ["GNOME"], on_wayland=False) == Appearance(scheme=Dark, font=gnome.font)
    assert read_appearance(values, ["XFCE"], on_wayland=False) == Appearance(scheme=Dark)
    assert read_appearance(values, ["KDE"], on_wayland=True) == Appearance(scheme=Dark, font=kde_font(NOTO))
    assert described(read_appearance({}, ["KDE"], on_wayland=True).font) == ("Noto Sans", 10, 400, False)
    assert [read_appearance({SCHEME: one}, [], on_wayland=True).scheme for one in (0, 1, 2, 3, True, "1")] == [
        *(Unknown, Dark, Light, Unknown, Unknown, Unknown)
    ]


@pytest.fixture
def plain_look(qtbot: QtBot) -> Iterator[None]:
    """Restore the appearance of the other tests."""
    font = QApplication.font()
    yield
    theme.set_color_scheme(Unknown)
    QApplication.setFont(font)


def test_the_first_start_has_the_colors_of_the_window(qtbot: QtBot, tmp_path: Path) -> None:
    window, page = RecentWindow(MessageListModel(), tmp_path / "window.ini"), Welcome("localhost", has_demo=True)
    qtbot.addWidget(window)
    # Not set_color_scheme: without a desktop, it changes the palette of the application, which all widgets have.
    for style in (theme.DARK, theme.LIGHT, theme.BLACK):
        window.setPalette(theme.palette(style))
        if style is theme.DARK:
            window.set_welcome(page)
        page.set_found([FoundServer(name="shop", address="", color="#088061", running=True)], with_usual=False)
        parts = (page, *page.findChildren(PlainLabel), *page.findChildren(CheckBox), *page.findChildren(PushButton))
        inks = {part.palette().windowText().color().name() for part in parts}
        assert inks == {style.text}
        assert {part.palette().base().color().name() for part in parts} == {style.base}


@pytest.mark.usefixtures("plain_look")
def test_window_tray_and_dialogs_change_together(qtbot: QtBot, tmp_path: Path) -> None:
    window, tray = RecentWindow(MessageListModel(), tmp_path / "window.ini"), Tray()
    dialog, label = PasswordDialog("shop", "http://shop.test/", "", can_keep=True), QLabel()
    for widget in (window, dialog, label):
        qtbot.addWidget(widget)
        widget.show()
    appearance.apply(Appearance(scheme=Light, font=gnome_font("DejaVu Serif 10"), text_scale=1.0))
    before = tray.findChild(QSystemTrayIcon).icon().cacheKey()
    small = window.fontMetrics().height()
    assert not theme.is_dark()
    appearance.apply(Appearance(scheme=Dark, font=gnome_font("DejaVu Serif 10"), text_scale=2.0))
    assert theme.is_dark()
    assert window.palette().color(QPalette.ColorRole.Base).name() == theme.DARK.base
    assert dialog.palette().color(QPalette.ColorRole.Base).name() == theme.DARK.base
    qtbot.waitUntil(lambda: tray.findChild(QSystemTrayIcon).icon().cacheKey() != before)
    qtbot.waitUntil(lambda: label.palette().color(QPalette.ColorRole.Window).lightness() < 128)
    assert label.font().family() == "DejaVu Serif"
    assert {dialog.font().pointSizeF(), label.font().pointSizeF()} == {20}
    assert window.fontMetrics().height() > 1.8 * small
    appearance.apply(Appearance())
    assert not theme.is_dark()
    qtbot.waitUntil(lambda: label.font().pointSizeF() < 20)


@pytest.mark.usefixtures("plain_look")
def test_titles_and_commands_keep_their_proportions(qtbot: QtBot) -> None:
    page = CenteredPage()
    page.column.addWidget(command := CommandLine("docker run mailpit"))
    qtbot.addWidget(page)
    page.show()
    title, line = page.findChildren(QLabel)[0], command.findChildren(QLabel)[0]
    for points in (10, 20, 10):
        theme.set_font(gnome_font(f"DejaVu Serif {points}"), 1.0)
        qtbot.waitUntil(lambda points=points: line.font().pointSizeF() == points)
        assert title.font().pointSizeF() == pytest.approx(1.3 * points)


def test_scroll_bars_are_thin_and_have_no_arrows(qtbot: QtBot, tmp_path: Path) -> None:
    window = RecentWindow(MessageListModel(), tmp_path / "window.ini")
    qtbot.addWidget(window)
    window.show()
    bar, option = window.findChild(MessageList).verticalScrollBar(), QStyleOptionSlider()
    bar.initStyleOption(option)
    arrows = (QStyle.SubControl.SC_ScrollBarAddLine, QStyle.SubControl.SC_ScrollBarSubLine)
    places = [bar.style().subControlRect(QStyle.ComplexControl.CC_ScrollBar, option, one, bar) for one in arrows]
    assert bar.sizeHint().width() == 12
    assert [place.isEmpty() for place in places] == [True, True]


@pytest.mark.parametrize("title", ["Recent messages", "Certificate of shop", "Password"])
def test_titles_have_one_form(qtbot: QtBot, tmp_path: Path, title: str) -> None:
    windows = (
        RecentWindow(MessageListModel(), tmp_path / "window.ini"),
        CertificateDialog("shop", "ab" * 32, None, ""),
        PasswordDialog("shop", "http://shop.test/", "", can_keep=True),
    )
    for window in windows:
        qtbot.addWidget(window)
    assert f"{title} – Mailpit Notifier" in {window.windowTitle() for window in windows}


class Recorder(QPainter):
    """Records the texts that it draws."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def drawText(self, _place: QRect, _flags: int, text: str) -> None:  # type: ignore[override]  # noqa: N802 Qt's name
        self.texts.append(text)


@pytest.mark.parametrize("family", ["DejaVu Sans", "DejaVu Serif"])
def test_a_code_is_shown_whole_at_any_text_size(qtbot: QtBot, family: str) -> None:
    chip = Chip(text="242095", mark="copy", action=MessageAction.COPY_CODE)
    option, pixmap, painter = QStyleOptionViewItem(), QPixmap(1, 1), Recorder()
    option.rect = QRect(0, 0, 3_000, 200)
    for half_points in range(10, 73):
        places = RowLayout(option, Measures(gnome_font(f"{family} {half_points / 2}") or QFont()))
        [(_, place)] = places.chips([chip])
        painter.begin(pixmap)
        RowCanvas(painter, places, mirrored=False).chip(chip, place, "#ffffff", "#000000")
        painter.end()
        assert painter.texts.pop() == chip.text, half_points


@pytest.mark.usefixtures("plain_look")
def test_the_largest_text_is_bounded() -> None:
    appearance.apply(Appearance(font=gnome_font("Sans 30"), text_scale=3.0))
    assert QApplication.font().pointSizeF() == theme.MAX_POINTS


def test_a_widget_added_to_an_open_window_has_its_colors(qtbot: QtBot, tmp_path: Path) -> None:
    model = MessageListModel()
    model.set_servers((STATUS,))
    model.apply(STATUS.url, Change(added=(make_message(1),)))
    window = RecentWindow(model, tmp_path / "window.ini", lambda: True)
    qtbot.addWidget(window)
    window.set_statuses((STATUS,))
    with qtbot.waitExposed(window):
        window.present()

    def others() -> list[QWidget]:
        colors = theme.palette(theme.current_style())
        roles = (QPalette.ColorRole.Accent, QPalette.ColorRole.Text)
        inside = (one for one in window.findChildren(QWidget) if not one.isWindow() and one.isVisibleTo(window))
        controls = (one for one in inside if isinstance(one, QLabel | QPushButton | QCheckBox))
        return [one for one in controls if any(one.palette().color(role) != colors.color(role) for role in roles)]

    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Space)
    links = tuple(ContentLink(url=f"https://a.test/{number}") for number in range(5))
    row = model.index(0, 0).data(Role.ROW)
    for code in ("111", "222"):
        window.quick_look.show_contents(row, Contents(code=code, links=links))
        window.set_offer(f"{code} is running.", {"Watch it": lambda: None, "Ignore": lambda: None})
        assert others() == []
    welcome = Welcome("localhost:8025", has_demo=True)
    window.set_welcome(welcome)
    for address in ("a", "b"):
        assert others() == []
        welcome.set_found([FoundServer(name="shop", address=address, color="#ff0000", running=True)], with_usual=True)
    try:
        theme.set_color_scheme(Dark)
        assert others() == []
        welcome.set_not_found()
        assert others() == []
    finally:
        theme.set_color_scheme(Unknown)
