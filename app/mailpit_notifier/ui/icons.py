"""The drawings of the program as pixmaps: the tray icon in its states, and small icons in the windows.

The SVG files contain only a shape in one color. Each size is rendered from the drawing made for its pixel grid, so that
lines stay sharp. Each tray icon gets a rim in the opposite color, because panels do not report their color. On the
panel that the icon is meant for, the rim is invisible. On any other, it keeps the icon legible.

What the first tray icon does not need is imported by functions: Qt's namespace `Qt` takes 19 ms, QFont two.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPainterPath, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from mailpit_notifier import APP_ID
from mailpit_notifier.runtime.files import resource

SIZES = (16, 20, 22, 24, 32, 44, 48, 64)
"""Sizes that the trays of Linux, Windows and macOS request, in device pixels."""

TEMPLATE_SIZES = (16, 32)
"""Heights in device pixels: the menu bar of macOS has room for 18 points, at a scale of 1 or 2."""

DOT_SIZE = 22
"""Pixels up to which an icon has a dot in place of the count, which would hide the envelope."""

APP_ICON_SIZE = 256
"""Pixels: Windows shows the icon of a notification at 48, and up to 4 times as large on dense displays."""

INK_ON_LIGHT, INK_ON_DARK = "#2b3440", "#f2f5f7"
BADGE, BADGE_TEXT = "#088061", "#ffffff"
DOT_ON_DARK = "#3ddba6"
"""Brighter than BADGE, which is too dark for a few pixels without a number in them."""


_CLEAR = QColor(0, 0, 0, 0)
"""Transparent."""

_SWATCH = 64
"""Pixels. Qt scales it down."""

_LIGHT_GROUND = 0.6
"""Lightness of a color on which a letter must be dark."""


class Mood(Enum):
    """State of the tray icon besides the count; the value names the drawing."""

    WELL = "tray"
    """At least one server is connected or about to be."""
    OFF = "tray-off"
    """None is connected."""
    PAUSED = "tray-paused"
    """Notifications are paused, or all servers are muted."""
    WRONG = "tray-wrong"
    """None is connected, and each needs a change by the user first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """Everything that determines the tray icon. `unseen`: new messages, drawn only with WELL and OFF."""

    mood: Mood
    unseen: int
    dark_bar: bool

    def __post_init__(self) -> None:
        """Make faces equal if they are drawn the same, so that none is drawn again: counts above 99 are all 100."""
        counted = self.mood in {Mood.WELL, Mood.OFF}
        object.__setattr__(self, "unseen", min(self.unseen, 100) if counted else 0)


def app_icon() -> QIcon:
    """Return the colored icon for windows."""
    return QIcon(str(resource(f"icons/{APP_ID}.svg")))


def app_icon_file(folder: Path) -> Path | None:
    """Draw the colored icon as a PNG file in this folder, and return its path; None if it cannot be written.

    Windows may be reading the one of the last start, for a notification that is still shown: that one stays then.
    """
    path = folder / "icon.png"
    return path if app_icon().pixmap(APP_ICON_SIZE).save(str(path), "PNG") or path.is_file() else None


class TrayIcons:
    """Draws the tray icon. Icons without a count are cached: drawing one takes four times as long as the count."""

    def __init__(self) -> None:
        self._bare: dict[Face, tuple[QPixmap, ...]] = {}

    def icon(self, face: Face) -> QIcon:
        """Return the icon with a pixmap for each of SIZES."""
        bare = replace(face, unseen=0)
        if bare not in self._bare:
            self._bare[bare] = tuple(_bare_pixmap(bare, size) for size in SIZES)
        pixmaps = self._bare[bare]
        return _icon(_with_badge(pixmap, face) for pixmap in pixmaps) if face.unseen else _icon(pixmaps)


def template_icon(face: Face) -> QIcon:
    """Return the tray icon for macOS, which colors the shape itself; the count is text beside it."""
    icon = _icon(_template_pixmap(face, size) for size in TEMPLATE_SIZES)
    icon.setIsMask(True)
    return icon


def glyph(name: str, color: str, size: int, ratio: float = 1.0) -> QPixmap:
    """Return `icons/NAME.svg` in one color. `size` is in logical pixels, `ratio` in device pixels per logical one."""
    pixels = round(size * ratio)
    pixmap = _tinted(name, color, pixels, QRectF(0, 0, pixels, pixels))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def cached_glyph(name: str, color: str, size: int, ratio: float) -> QPixmap:
    """Return `glyph`, rendered once for all widgets."""
    key, pixmap = f"glyph {name} {color} {size} {ratio}", QPixmap()
    if not QPixmapCache.find(key, pixmap):
        pixmap = glyph(name, color, size, ratio)
        QPixmapCache.insert(key, pixmap)
    return pixmap


def swatch(color: str) -> QIcon:
    """Return a filled circle, to mark a server's name."""
    from PySide6.QtCore import Qt

    pixmap = QPixmap(_SWATCH, _SWATCH)
    pixmap.fill(_CLEAR)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    painter.drawEllipse(QRectF(pixmap.rect()).adjusted(8, 8, -8, -8))
    painter.end()
    return QIcon(pixmap)


def initial_image(color: str, initial: str, size: int) -> QImage:
    """Return a rounded square of this color with a letter, to mark the notifications of a server."""
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QFont

    image = QImage(size, size, QImage.Format.Format_RGBA8888)
    image.fill(_CLEAR)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    ground, ink = QColor(color), QColor(INK_ON_DARK)
    painter.setBrush(ground)
    painter.drawRoundedRect(QRectF(image.rect()), size / 5, size / 5)
    if ground.lightnessF() > _LIGHT_GROUND:
        ink = QColor(INK_ON_LIGHT)
    painter.setPen(ink)
    font = QFont()
    font.setPixelSize(round(size * 0.6))
    font.setBold(True)
    painter.setFont(font)
    painter.drawText(QRectF(image.rect()), Qt.AlignmentFlag.AlignCenter, initial)
    painter.end()
    return image


def bar_sample(*, dark: bool) -> QIcon:
    """Return a sample of the tray icon on a dark or light panel."""
    pixmap = QPixmap(_SWATCH, _SWATCH)
    pixmap.fill(QColor(INK_ON_LIGHT if dark else INK_ON_DARK))
    painter = QPainter(pixmap)
    painter.drawPixmap(_SWATCH // 8, _SWATCH // 8, _bare_pixmap(Face(mood=Mood.WELL, unseen=0, dark_bar=dark), 48))
    painter.end()
    return QIcon(pixmap)


def _icon(pixmaps: Iterable[QPixmap]) -> QIcon:
    icon = QIcon()
    for pixmap in pixmaps:
        icon.addPixmap(pixmap)
    return icon


def _bare_pixmap(face: Face, size: int) -> QPixmap:
    ink, rim = _ink_and_rim(face)
    grid = 22 if size in {22, 24, 44} else 16
    drawn = size // grid * grid if grid == 22 else size
    area = QRectF((size - drawn) // 2, (size - drawn) // 2, drawn, drawn)
    name = f"{face.mood.value}-{grid}"
    pixmap = QPixmap(size, size)
    pixmap.fill(_CLEAR)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    step = max(1, size // 24)
    shade = _tinted(name, rim, size, area)
    for x, y in ((-step, 0), (step, 0), (0, -step), (0, step)):
        for _ in range(2):  # where the drawing is half transparent, the rim is nearly opaque
            painter.drawPixmap(x, y, shade)
    painter.drawPixmap(0, 0, _tinted(name, ink, size, area))
    painter.end()
    return pixmap


def _template_pixmap(face: Face, size: int) -> QPixmap:
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QFont, QFontMetricsF

    font = QFont()
    font.setPixelSize(round(size * 0.8))
    text = _counted(face.unseen, 99) if face.unseen else ""
    width = round(QFontMetricsF(font).horizontalAdvance(text) + size * 0.25) if text else 0
    pixmap = QPixmap(size + width, size)
    pixmap.fill(_CLEAR)
    painter = QPainter(pixmap)
    painter.drawPixmap(0, 0, _tinted(f"{face.mood.value}-16", "#000000", size, QRectF(0, 0, size, size)))
    painter.setFont(font)
    painter.drawText(QRectF(size, 0, width, size), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
    painter.end()
    return pixmap


def _counted(count: int, most: int) -> str:
    return f"{most}+" if count > most else str(count)


def _tinted(name: str, color: str, pixels: int, area: QRectF) -> QPixmap:
    pixmap = QPixmap(pixels, pixels)
    pixmap.fill(_CLEAR)
    painter = QPainter(pixmap)
    QSvgRenderer(str(resource(f"icons/{name}.svg"))).render(painter, area)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    paint = QPixmap(pixels, pixels)
    paint.fill(QColor(color))
    painter.drawPixmap(0, 0, paint)  # `fillRect` would load the namespace `Qt`
    painter.end()
    return pixmap


def _ink_and_rim(face: Face) -> tuple[str, str]:
    return (INK_ON_DARK, INK_ON_LIGHT) if face.dark_bar else (INK_ON_LIGHT, INK_ON_DARK)


def _with_badge(bare: QPixmap, face: Face) -> QPixmap:
    pixmap = QPixmap(bare.size())
    pixmap.fill(_CLEAR)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.drawPixmap(0, 0, bare)
    if pixmap.width() <= DOT_SIZE:
        _paint_dot(painter, pixmap.width(), face)
    else:
        _paint_count(painter, pixmap.width(), face)
    painter.end()
    return pixmap


def _paint_dot(painter: QPainter, size: int, face: Face) -> None:
    """Paint a dot in the lower right corner."""
    across = round(size * 0.4)
    box = QRectF(size - across, size - across, across, across)
    _paint_ground(painter, box, face, color=DOT_ON_DARK if face.dark_bar else BADGE, rounding=0.5)


def _paint_count(painter: QPainter, size: int, face: Face) -> None:
    """Paint the count in the lower right corner; at most 9+ below 32 pixels, else 99+."""
    from PySide6.QtGui import QFont, QFontMetricsF

    text = _counted(face.unseen, 9 if size < 32 else 99)
    height = round(size * (0.62 if len(text) == 1 else 0.56))
    font = QFont()
    font.setBold(True)
    letters = max(9, round(height * 0.86))
    font.setPixelSize(letters)
    width = max(height, round(QFontMetricsF(font).horizontalAdvance(text) + height * 0.3))
    if width > size:
        font.setPixelSize(max(9, letters * size // width))
        width = size
    box = QRectF(size - width, size - height, width, height)
    _paint_ground(painter, box, face, color=BADGE, rounding=0.38)
    outline = QPainterPath()
    outline.addText(QPointF(0, 0), font, text)
    bounds = outline.boundingRect()
    outline.translate(box.center() - bounds.center())
    painter.fillPath(outline, QColor(BADGE_TEXT))


def _paint_ground(painter: QPainter, box: QRectF, face: Face, *, color: str, rounding: float) -> None:
    """Paint the ground of a badge with a rim. `rounding`: radius of its corners as a part of its height."""
    from PySide6.QtCore import Qt

    edge = max(1, painter.device().width() // 20)
    painter.setPen(Qt.PenStyle.NoPen)
    for ground, area in ((_ink_and_rim(face)[1], box.adjusted(-edge, -edge, edge, edge)), (color, box)):
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(area, area.height() * rounding, area.height() * rounding)
