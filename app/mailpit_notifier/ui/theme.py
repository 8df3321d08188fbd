"""The colors of tray and windows: light, dark, and high contrast where the desktop asks for it.

Contrasts follow WCAG 2 and are computed by tests/qt/test_icons.py: text has 4.5:1 on each background that it is used
on, marks have 3:1. With high contrast, text has 7:1, and the selected row is inverted: no gray has 7:1 to its text and
3:1 to the other rows. Disabled controls and placeholders have 3:1 to other text there, and 7:1 to their background. The
user chooses the servers' colors, so they are made lighter or darker until they have 3:1.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import chain

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QComboBox, QMenu, QScrollBar, QWidget

MARK_CONTRAST = 3.0
"""Contrast that WCAG 2 requires of anything that is not text."""

_FRAME_BASE = "#abb6c2"
"""Window color from which Fusion, Qt's own style, derives frames with MARK_CONTRAST on our light and dark backgrounds:
it draws them a shade darker than the window color."""

_SHADES = 20
"""Steps from a color to black or white: finer ones cannot be distinguished."""


MIN_POINTS, MAX_POINTS = 5.0, 36.0
"""Sizes of text that are used; GNOME's largest is 33 points: 11, three times as large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """One set of colors, as #rrggbb."""

    base: str
    panel: str
    line: str
    frame: str
    hover: str
    selected: str
    text: str
    dim: str
    accent: str
    chip: str
    chip_text: str
    code: str
    code_base: str
    warn: str
    warn_base: str
    off: str
    """Text of disabled controls and placeholders."""
    inverts: bool = False
    """Whether a selected row has the colors of the opposite style, as in the high-contrast themes of Windows."""

    @property
    def grounds(self) -> tuple[str, ...]:
        """Backgrounds of a row with these colors."""
        return (self.base, self.hover) if self.inverts else (self.base, self.hover, self.selected)

    @property
    def on_selection(self) -> "Style":
        """The colors of what is drawn on a selected row."""
        if not self.inverts:
            return self
        return BLACK if self is WHITE else WHITE


LIGHT = Style(
    base="#ffffff",
    panel="#f5f7f9",
    line="#e6eaee",
    frame="#7d8894",
    hover="#f7fafb",
    selected="#e8f5f1",
    text="#1d2733",
    dim="#5f6b78",
    accent="#088061",
    chip="#e9eef3",
    chip_text="#3d4a58",
    code="#076b52",
    code_base="#d8f0e7",
    warn="#8a5100",
    warn_base="#fff4e0",
    off="#5f6b78",
)

DARK = Style(
    base="#1f242b",
    panel="#262c34",
    line="#313944",
    frame="#7c8895",
    hover="#252b33",
    selected="#24413a",
    text="#e7ecf1",
    dim="#a3afbc",
    accent="#3fcfa4",
    chip="#303843",
    chip_text="#c3ccd6",
    code="#5fe0b8",
    code_base="#1b3a32",
    warn="#ffcf80",
    warn_base="#42361f",
    off="#a3afbc",
)


WHITE = Style(
    base="#ffffff",
    panel="#ffffff",
    line="#000000",
    frame="#000000",
    hover="#e0e0e0",
    selected="#000000",
    text="#000000",
    dim="#000000",
    accent="#003028",
    chip="#e0e0e0",
    chip_text="#000000",
    code="#000000",
    code_base="#e0e0e0",
    warn="#000000",
    warn_base="#e0e0e0",
    off="#595959",
    inverts=True,
)

BLACK = Style(
    base="#000000",
    panel="#000000",
    line="#ffffff",
    frame="#ffffff",
    hover="#303030",
    selected="#ffffff",
    text="#ffffff",
    dim="#ffffff",
    accent="#60ffd0",
    chip="#303030",
    chip_text="#ffffff",
    code="#ffffff",
    code_base="#303030",
    warn="#ffffff",
    warn_base="#303030",
    off="#959595",
    inverts=True,
)


def is_dark() -> bool:
    """Return whether the desktop prefers dark windows; if it reports nothing, whether the palette is dark."""
    scheme = QGuiApplication.styleHints().colorScheme()
    if scheme == Qt.ColorScheme.Unknown:
        return QPalette().base().color().lightness() < 128
    return scheme == Qt.ColorScheme.Dark


def current_style() -> Style:
    """Return the colors for the current settings of the desktop."""
    if _prefers_high_contrast():
        return BLACK if is_dark() else WHITE
    return DARK if is_dark() else LIGHT


def on_change(callback: Callable[[], object]) -> None:
    """Call a method of a QObject whenever the desktop changes color scheme or contrast."""
    hints = QGuiApplication.styleHints()
    hints.colorSchemeChanged.connect(callback)
    if hasattr(hints, "accessibility"):
        hints.accessibility().contrastPreferenceChanged.connect(callback)


def set_color_scheme(scheme: Qt.ColorScheme) -> None:
    """Use light or dark colors everywhere, menus and Qt's own dialogs included; Unknown: as Qt finds it."""
    hints = QGuiApplication.styleHints()
    hints.setColorScheme(scheme)
    if hints.colorScheme() == Qt.ColorScheme.Unknown:
        # Qt's theme for desktops that it does not know, such as sway, has no schemes: there, `is_dark` is a matter of
        # the palette, and no signal reports its change.
        plain = {Qt.ColorScheme.Dark: palette(DARK), Qt.ColorScheme.Light: palette(LIGHT)}
        QApplication.setPalette(plain.get(scheme, QPalette()))
        hints.colorSchemeChanged.emit(scheme)


def set_font(font: QFont | None, text_scale: float) -> None:
    """Use this font in all windows; None: Qt's choice. `text_scale` is a factor for its size."""
    base = font or QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    points = (base.pointSizeF() if base.pointSizeF() > 0 else QFontInfo(base).pointSizeF()) * text_scale
    scaled = QFont(base)
    scaled.setPointSizeF(min(max(points, MIN_POINTS), MAX_POINTS))
    QApplication.setFont(scaled)


def fixed_font() -> QFont:
    """Return the desktop's monospaced font; its size is inherited, so that it follows the size of other text."""
    font = QFont()
    font.setFamilies(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).families())
    return font


def _prefers_high_contrast() -> bool:
    """Return whether the desktop prefers high contrast; Qt reports it from 6.10 on."""
    hints = QGuiApplication.styleHints()
    if not hasattr(hints, "accessibility"):
        return False
    return hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast


def palette(style: Style) -> QPalette:
    """Return the palette for native controls."""
    result = QPalette(QColor(style.panel), QColor(style.panel))
    role = QPalette.ColorRole
    colors = {
        role.Base: style.base,
        role.Button: style.chip,
        role.AlternateBase: style.panel,
        role.Text: style.text,
        role.WindowText: style.text,
        role.ButtonText: style.text,
        role.PlaceholderText: style.off,
        role.Highlight: style.accent,
        role.HighlightedText: style.base,
        role.Accent: style.accent,
        role.Link: style.accent,
        role.Mid: style.line,
        role.Dark: style.frame,
        role.ToolTipBase: style.panel,
        role.ToolTipText: style.text,
    }
    for key, color in colors.items():
        result.setColor(key, QColor(color))
    for key in (role.Text, role.WindowText, role.ButtonText, role.Dark):
        result.setColor(QPalette.ColorGroup.Disabled, key, QColor(style.off))
    return result


_BAR_SHEET = """
QScrollBar { background: transparent; border: none; margin: 0 }
QScrollBar:vertical { width: 12px }
QScrollBar:horizontal { height: 12px }
QScrollBar::handle { background: %(dim)s; border-radius: 3px; margin: 3px }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: %(text)s }
QScrollBar::handle:vertical { min-height: 32px }
QScrollBar::handle:horizontal { min-width: 32px }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0 }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent }
"""
_MENU_SHEET = """
QMenu { background: %(base)s; color: %(text)s; border: 1px solid %(frame)s }
QMenu::item { padding: 4px 22px; min-height: 16px; border: 1px solid transparent }
QMenu::item:selected { background: %(accent)s; color: %(base)s }
QMenu::item:disabled { background: %(base)s; color: %(off)s }
QMenu::separator { height: 1px; margin: 3px 0; background: %(line)s }
"""
_VIEW_SHEET = "QAbstractItemView { border: 1px solid %(frame)s }"


def style_bars_and_menus(part: QWidget, style: Style) -> None:
    """Give a window, or a part that was added to one, thin scroll bars without arrows, and menus of 24 px an entry.

    Only for Fusion, Qt's style on Linux. Its arrows are foreign on all desktops. Its menus have neither that height nor
    the colors of the window, which matters with high contrast. Buttons are in controls.py. Each widget has its own
    style sheet: below a sheet of the window, Qt passes neither palette nor font on to widgets that are added later. It
    has only the rules of its kind, because Qt parses and keeps them for each widget.
    """
    if is_fusion():
        colors = asdict(style)
        for bar in part.findChildren(QScrollBar):
            bar.setStyleSheet(_BAR_SHEET % colors)
        for menu in [part] if isinstance(part, QMenu) else part.findChildren(QMenu):
            menu.setStyleSheet(_MENU_SHEET % colors)
        for box in [part] if isinstance(part, QComboBox) else part.findChildren(QComboBox):
            box.view().setStyleSheet((_VIEW_SHEET + _BAR_SHEET) % colors)


def is_fusion() -> bool:
    """Return whether Qt draws its own style, as on Linux: Windows and macOS have theirs."""
    return QApplication.style().name() == "fusion"


def outline(*controls: QWidget) -> None:
    """Draw a frame with enough contrast around fields and check boxes, which have no other edge."""
    colors = QPalette()  # all other roles stay unset and are inherited from the window
    colors.setColor(QPalette.ColorRole.Window, QColor(_FRAME_BASE))
    for control in controls:
        control.setPalette(colors)


def visible_color(color: str, style: Style) -> str:
    """Return the color (#rrggbb), changed as little as needed for MARK_CONTRAST on every background of a row."""
    start = QColor(color)
    hue, saturation, lightness = start.hslHueF(), start.hslSaturationF(), start.lightnessF()
    end = 1.0 if _luminance(style.base) < _luminance(style.text) else 0.0
    steps = (lightness + (end - lightness) * step / _SHADES for step in range(_SHADES + 1))
    # The color itself first: converting to HSL and back can change it, depending on the version of Qt.
    shades = chain((start.name(),), (QColor.fromHslF(hue, saturation, step).name() for step in steps))
    return next(shade for shade in shades if all(contrast(shade, one) >= MARK_CONTRAST for one in style.grounds))


def contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: str) -> float:
    """Return the relative luminance as WCAG 2 defines it."""
    rgb = QColor(color)
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (rgb.redF(), rgb.greenF(), rgb.blueF())
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
