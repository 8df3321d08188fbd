"""Drawing of buttons and combo boxes: edges, focus ring and size, in each set of colors."""

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from mailpit_notifier.ui import theme
from mailpit_notifier.ui.controls import ComboBox, ElidedButton, PushButton
from mailpit_notifier.ui.labels import CenteredLabel

STYLES = {"light": theme.LIGHT, "dark": theme.DARK, "white": theme.WHITE, "black": theme.BLACK}


class Page(QWidget):
    """A page with one control, which has the focus, and another widget."""

    def __init__(self, control: QWidget, style: theme.Style) -> None:
        super().__init__()
        self.setPalette(theme.palette(style))
        self.control, self.other = control, QPushButton("Other")
        layout = QVBoxLayout(self)
        layout.addWidget(control)
        layout.addWidget(self.other)

    def picture(self, *, focused: bool) -> QImage:
        (self.control if focused else self.other).setFocus()
        return self.control.grab().toImage()


def controls() -> dict[str, QWidget]:
    checked = PushButton("Unread")
    checked.setCheckable(True)
    checked.setChecked(True)
    choice = ComboBox()
    choice.addItems(["One", "Two"])
    found = {"button": PushButton("Undo"), "flat": PushButton("Mark", flat=True), "icon": PushButton(glyph="more")}
    return {**found, "primary": PushButton("Connect", primary=True), "checked": checked, "choice": choice}


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_each_control_has_a_ring_of_two_pixels_while_it_has_the_focus(qtbot: QtBot, style: theme.Style) -> None:
    for kind, control in controls().items():
        page = Page(control, style)
        qtbot.addWidget(page)
        with qtbot.waitExposed(page):
            page.show()
        page.activateWindow()
        with_focus, without = page.picture(focused=True), page.picture(focused=False)
        middle = with_focus.height() // 2
        column = [(with_focus.pixelColor(x, middle), without.pixelColor(x, middle)) for x in range(6)]
        changed = [(now, before) for now, before in column if contrast(now, before) >= 2.9]
        assert len(changed) >= 2 or edge(column), (kind, [(a.name(), b.name()) for a, b in column])
        page.close()


def contrast(one: QColor, other: QColor) -> float:
    return theme.contrast(one.name(), other.name())


def edge(column: list[tuple[QColor, QColor]]) -> bool:
    """Return whether an edge of one pixel became a ring of two in another color."""
    now = [color for color, _ in column]
    return now[0] == now[1] and now[0] != now[2] and contrast(now[0], now[2]) >= 3


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_edges_have_contrast_to_the_page(style: theme.Style) -> None:
    assert theme.contrast(style.frame, style.panel) >= 3
    assert theme.contrast(style.frame, style.base) >= 3
    assert theme.contrast(style.accent, style.panel) >= 3


def test_controls_are_high_enough_and_have_room_for_their_text(qtbot: QtBot) -> None:
    for control in controls().values():
        qtbot.addWidget(control)
        assert control.sizeHint().height() >= 28
        assert control.sizeHint().width() >= 24
    long = ElidedButton("x" * 400, glyph="link")
    qtbot.addWidget(long)
    assert long.minimumSizeHint().width() < 200 < long.sizeHint().width()
    plain, with_menu = PushButton("Mark"), PushButton("Mark")
    with_menu.setMenu(QMenu(with_menu))
    assert with_menu.sizeHint().width() > plain.sizeHint().width()


def test_a_native_style_is_kept(qtbot: QtBot, qapp: QApplication) -> None:
    before = qapp.style().objectName()
    qapp.setStyle("windows")
    try:
        button = PushButton("Undo", glyph="copy")
        qtbot.addWidget(button)
        button.grab()
        assert not button.icon().isNull()
    finally:
        qapp.setStyle(before)


def test_the_keys_of_a_button_are_those_of_qt(qtbot: QtBot) -> None:
    pressed = []
    button = PushButton("Undo", clicked=lambda: pressed.append("pressed"))
    qtbot.addWidget(button)
    button.show()
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Return):
        QTest.keyClick(button, key)
    assert pressed == ["pressed", "pressed"]


@pytest.mark.parametrize(
    "text",
    ["Messages that you send to Mailpit's SMTP port appear here.", "Short", "Two\nlines", "x" * 300],
)
def test_the_lines_of_a_centred_text_are_about_as_long_as_each_other(qtbot: QtBot, text: str) -> None:
    label = CenteredLabel()
    qtbot.addWidget(label)
    label.setText(text)
    metrics, shown = label.fontMetrics(), QLabel.text(label)
    whole = metrics.horizontalAdvance("Messages that you send to Mailpit's SMTP port appear ")
    label.resize(whole, label.heightForWidth(whole))

    def bounds(width: int) -> QRect:
        return metrics.boundingRect(QRect(0, 0, width, 9_999), Qt.TextFlag.TextWordWrap.value, shown)

    width = label.text_width()
    assert bounds(width).height() == bounds(whole).height() <= label.height()
    assert bounds(width).width() <= width <= whole
    if "here" in text:
        assert width < whole * 2 / 3
    label.grab()


def test_the_icon_of_a_button_grows_with_large_text(qtbot: QtBot) -> None:
    font, widths = QApplication.font(), list[int]()
    for scale in (1, 2):
        large = QFont(font)
        large.setPointSizeF(font.pointSizeF() * scale)
        button = PushButton(glyph="more")
        qtbot.addWidget(button)
        button.setFont(large)
        button.resize(button.sizeHint())
        image = button.grab().toImage()
        ground = image.pixel(4, 4)
        ink = [x for x in range(6, image.width() - 6) if image.pixel(x, image.height() // 2) != ground]
        widths.append(max(ink) - min(ink))
    assert widths[1] >= widths[0] * 1.3
