"""The drawings: every size is there, states differ in shape, and an icon is legible on a bar of any color."""

from collections import Counter
from itertools import combinations, product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from mailpit_notifier.ui import icons, theme
from mailpit_notifier.ui.icons import Face, Mood


def drawn(size: int, *, mood: Mood = Mood.WELL, unseen: int = 0, dark_bar: bool = False) -> QImage:
    face = Face(mood=mood, unseen=unseen, dark_bar=dark_bar)
    return icons.TrayIcons().icon(face).pixmap(size, size).toImage().convertToFormat(QImage.Format.Format_ARGB32)


def shape(image: QImage) -> tuple[bool, ...]:
    """Return the shape of an icon on a light panel: its dark pixels. The rim is light."""
    places = [(x, y) for y in range(image.height()) for x in range(image.width())]
    colors = (image.pixelColor(x, y) for x, y in places)
    return tuple(color.alpha() > 127 and contrast(color, "#f2f5f7") >= 3 for color in colors)


def luminance(color: QColor) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = (color.redF(), color.greenF(), color.blueF())
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor | str, other: QColor | str) -> float:
    low, high = sorted((luminance(QColor(one)), luminance(QColor(other))))
    return (high + 0.05) / (low + 0.05)


def test_every_size_is_drawn_separately(qtbot: QtBot) -> None:
    icon = icons.TrayIcons().icon(Face(mood=Mood.WELL, unseen=0, dark_bar=True))
    assert sorted(size.width() for size in icon.availableSizes()) == list(icons.SIZES)


def alike(one: QImage, other: QImage) -> bool:
    """Return whether two images are the same. FreeType's outline of a digit depends on what it drew before."""
    pairs = zip(bytes(one.constBits()), bytes(other.constBits()), strict=True)
    return one == other or all(abs(before - after) <= 8 for before, after in pairs)


def test_a_drawing_does_not_depend_on_earlier_ones(qtbot: QtBot) -> None:
    faces = [Face(mood=mood, unseen=unseen, dark_bar=dark) for mood in Mood for unseen in (0, 3, 12) for dark in (0, 1)]
    kept = icons.TrayIcons()
    for face in (*faces, *reversed(faces)):
        seen, fresh = kept.icon(face), icons.TrayIcons().icon(face)
        pairs = {size: (seen.pixmap(size, size).toImage(), fresh.pixmap(size, size).toImage()) for size in icons.SIZES}
        assert not [size for size, pair in pairs.items() if not alike(*pair)], face


def test_each_count_differs_from_the_next(qtbot: QtBot) -> None:
    assert not alike(drawn(24, unseen=3), drawn(24, unseen=8))


@pytest.mark.parametrize("size", [size for size in icons.SIZES if size > icons.DOT_SIZE])
def test_the_largest_count_fits_into_its_badge(qtbot: QtBot, size: int) -> None:
    image = drawn(size, unseen=120, dark_bar=True)
    edges = [image.pixelColor(x, y) for x in (0, size - 1) for y in range(size // 2, size)]
    assert not any(contrast(color, icons.BADGE) >= 2 and color.lightness() > 128 for color in edges)


@pytest.mark.parametrize("size", [16, 20, 22])
@pytest.mark.parametrize("mood", [Mood.WELL, Mood.OFF])
@pytest.mark.parametrize("dark_bar", [True, False])
def test_a_small_icon_has_a_dot_that_leaves_the_envelope_visible(
    qtbot: QtBot, size: int, mood: Mood, dark_bar: bool
) -> None:
    bare, dotted, many = (drawn(size, mood=mood, unseen=unseen, dark_bar=dark_bar) for unseen in (0, 3, 120))
    assert dotted == many
    places = [(x, y) for y in range(size) for x in range(size)]
    changed = [(x, y) for x, y in places if bare.pixelColor(x, y) != dotted.pixelColor(x, y)]
    assert 0.05 * size**2 < len(changed) < 0.3 * size**2
    assert all(x >= size // 2 and y >= size // 2 for x, y in changed)
    dot = dotted.pixelColor(size - size // 5, size - size // 5)
    assert contrast(dot, "#23272e" if dark_bar else "#eceff1") >= 3


@pytest.mark.parametrize("mood", [Mood.PAUSED, Mood.WRONG])
@pytest.mark.parametrize("size", [16, 22, 32])
def test_the_outline_of_the_envelope_is_whole_in_each_state(qtbot: QtBot, mood: Mood, size: int) -> None:
    well, other = drawn(size), drawn(size, mood=mood)
    middle = size // 2
    edges = [(place, middle) for place in range(size // 8)] + [(size - 1 - place, middle) for place in range(size // 8)]
    edges += [(middle, size - 1 - place) for place in range(size // 5)]
    for x, y in edges:
        assert other.pixelColor(x, y) == well.pixelColor(x, y)


@pytest.mark.parametrize("size", icons.SIZES)
def test_states_differ_without_color(qtbot: QtBot, size: int) -> None:
    shapes = [shape(image) for image in (drawn(size, unseen=1), *(drawn(size, mood=mood) for mood in Mood))]
    for one, other in combinations(shapes, 2):
        assert sum(a != b for a, b in zip(one, other, strict=True)) >= size * size * 0.05


BARS = ["#ffffff", "#000000", "#2b2b2b", "#f0f0f0", "#808080", "#3a6ea5", "#0b8a6a"]


@pytest.mark.parametrize("dark_bar", [True, False])
@pytest.mark.parametrize("mood", Mood)
def test_an_icon_is_legible_on_a_panel_of_any_color(qtbot: QtBot, dark_bar: bool, mood: Mood) -> None:
    for size in icons.SIZES:
        image = drawn(size, mood=mood, dark_bar=dark_bar)
        pixels = Counter(image.pixel(x, y) for y in range(size) for x in range(size))
        colors = [(QColor.fromRgba(pixel), count) for pixel, count in pixels.items() if pixel >> 24 > 200]
        for bar in BARS:
            seen = sum(count for color, count in colors if contrast(color, bar) >= 3)
            assert seen >= size * 2, (size, bar)


@pytest.mark.parametrize("mood", Mood)
def test_a_template_shows_each_state_by_shape_in_one_color(qtbot: QtBot, mood: Mood) -> None:
    for size in icons.TEMPLATE_SIZES:
        icon = icons.template_icon(Face(mood=mood, unseen=0, dark_bar=False))
        image = icon.pixmap(size, size).toImage().convertToFormat(QImage.Format.Format_ARGB32)
        colors = [image.pixelColor(x, y) for y in range(image.height()) for x in range(image.width())]
        assert {(color.red(), color.green(), color.blue()) for color in colors if color.alpha()} == {(0, 0, 0)}
        assert icon.isMask()


def test_the_count_of_a_template_is_beside_it(qtbot: QtBot) -> None:
    widths = []
    for unseen in (0, 7, 42, 100):
        icon = icons.template_icon(Face(mood=Mood.WELL, unseen=unseen, dark_bar=False))
        widths.append([size.width() for size in icon.availableSizes() if size.height() == 32])
    assert widths[0] == [32]
    assert widths == sorted(widths)


def test_equal_states_share_one_drawing() -> None:
    assert Face(mood=Mood.PAUSED, unseen=3, dark_bar=True) == Face(mood=Mood.PAUSED, unseen=0, dark_bar=True)
    assert Face(mood=Mood.WELL, unseen=100, dark_bar=True) == Face(mood=Mood.WELL, unseen=5_000, dark_bar=True)


LOOKS = {"light": theme.LIGHT, "dark": theme.DARK, "white": theme.WHITE, "black": theme.BLACK}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_texts_have_contrast_on_all_their_grounds(look: theme.Style) -> None:
    grounds = (look.base, look.hover, look.panel, look.chip, *(() if look.inverts else (look.selected,)))
    pairs = [(text, ground) for text in (look.text, look.dim) for ground in grounds]
    pairs += [(look.chip_text, look.chip), (look.code, look.code_base), (look.warn, look.warn_base)]
    pairs += [(look.warn, look.base), (look.warn, look.panel), (look.base, look.accent), (look.accent, look.panel)]
    assert {pair: contrast(*pair) for pair in pairs if contrast(*pair) < 4.5} == {}
    marks = [(mark, ground) for mark in (look.accent, look.dim) for ground in grounds]
    assert {pair: contrast(*pair) for pair in marks if contrast(*pair) < 3} == {}


@pytest.mark.parametrize("look", [theme.WHITE, theme.BLACK], ids=["white", "black"])
def test_high_contrast_applies_to_texts_and_the_selected_row(look: theme.Style) -> None:
    texts = (look.text, look.dim, look.chip_text, look.code, look.warn, look.accent)
    grounds = (look.base, look.panel, look.hover, look.chip, look.code_base, look.warn_base)
    assert {pair: contrast(*pair) for pair in product(texts, grounds) if contrast(*pair) < 7} == {}
    assert contrast(look.selected, look.base) >= 7
    assert look.on_selection.base == look.selected
    for other in (look.base, look.panel):  # disabled controls and placeholders can be read, and differ from others
        assert contrast(look.off, other) >= 7
        assert contrast(look.off, look.text) >= 2.99


@pytest.mark.parametrize("focused", [False, True], ids=["at rest", "with the keyboard"])
@pytest.mark.parametrize(
    ("look", "ground", "inside"),
    [
        (theme.LIGHT, theme.LIGHT.panel, theme.LIGHT.base),
        (theme.DARK, theme.DARK.panel, theme.DARK.base),
        (theme.DARK, theme.DARK.base, theme.DARK.chip),  # in the settings
        (theme.WHITE, theme.WHITE.panel, theme.WHITE.base),
        (theme.BLACK, theme.BLACK.panel, theme.BLACK.base),
    ],
)
def test_controls_have_a_visible_outline(
    qtbot: QtBot, look: theme.Style, ground: str, inside: str, focused: bool
) -> None:
    around, colors = QWidget(), theme.palette(look)
    qtbot.addWidget(around)
    colors.setColor(QPalette.ColorRole.Base, QColor(inside))
    around.setPalette(colors)
    controls = (QLineEdit(around), QComboBox(around), QPlainTextEdit(around), QCheckBox(around))
    theme.outline(*controls)
    around.show()
    for control in controls:
        control.resize(60, 24)
        if focused:
            control.setFocus(Qt.FocusReason.TabFocusReason)
        image = control.grab().toImage()
        edge = [image.pixelColor(x, image.height() // 2) for x in range(4)]
        assert max(min(contrast(color, ground), contrast(color, inside)) for color in edge) >= 3, control


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
@given(color=st.integers(0, 0xFFFFFF).map("#{:06x}".format))
@example(color="#000000")
@example(color="#ffffff")
@example(color="#fffffe")
def test_every_server_color_is_visible_and_kept_if_possible(look: theme.Style, color: str) -> None:
    seen = theme.visible_color(color, look)
    assert all(contrast(seen, ground) >= 3 for ground in look.grounds)
    assert seen == color or any(contrast(color, ground) < 3 for ground in look.grounds)


def test_the_application_icon_is_there(qtbot: QtBot) -> None:
    assert not icons.app_icon().pixmap(256, 256).isNull()
