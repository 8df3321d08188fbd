"""Our drawings as pixels: the tray icon in its states, and small marks in the window.

The SVGs hold shape only, in one colour. Each size is rendered from the drawing made for its pixel grid, so that lines
stay sharp, and gets a rim in the opposite colour: on the bar it is made for the rim disappears, on any other
bar (panels do not tell their colour) it keeps the icon legible.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QIcon, QPainter, QPainterPath, QPixmap
from PySide6.QtSvg import QSvgRenderer

from mailpit_notifier import APP_ID
from mailpit_notifier.runtime.resources import resource

SIZES = (16, 20, 22, 24, 32, 44, 48, 64)
"""What the trays of Linux, Windows and macOS ask for, in device pixels."""

TEMPLATE_SIZES = (16, 32)
"""Heights in device pixels: macOS has room for 18 points, on screens of either density."""

INK_ON_LIGHT, INK_ON_DARK = "#2b3440", "#f2f5f7"
BADGE, BADGE_TEXT = "#088061", "#ffffff"


_SWATCH = 64
"""Pixels; Qt makes it smaller where it is shown."""


class Mood(Enum):
    """What the tray icon says besides a count; the value names the drawing."""

    WELL = "tray"
    """At least one server is connected or about to be."""
    OFF = "tray-off"
    """None is connected."""
    PAUSED = "tray-paused"
    """Notifications are paused."""
    WRONG = "tray-wrong"
    """None is connected, and none will be before a person has done something about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What the tray icon shows: one mood, and how many mails came unseen where the mood leaves room for it."""

    mood: Mood
    unseen: int
    dark_bar: bool

    def __post_init__(self) -> None:
        """Counts that are drawn alike, or not at all, are the same face."""
        counted = self.mood in {Mood.WELL, Mood.OFF}
        object.__setattr__(self, "unseen", min(self.unseen, 100) if counted else 0)


def app_icon() -> QIcon:
    """The program's own icon, in colour, for windows."""
    return QIcon(str(resource(f"icons/{APP_ID}.svg")))


class TrayIcons:
    """Draws the tray icon. What a count stands on is drawn once: it takes four times as long as the count."""

    def __init__(self) -> None:
        self._bare: dict[Face, tuple[QPixmap, ...]] = {}

    def icon(self, face: Face) -> QIcon:
        """The icon in every size of SIZES."""
        bare = replace(face, unseen=0)
        if bare not in self._bare:
            self._bare[bare] = tuple(_bare_pixmap(bare, size) for size in SIZES)
        pixmaps = self._bare[bare]
        return _icon(_with_badge(pixmap, face.unseen) for pixmap in pixmaps) if face.unseen else _icon(pixmaps)


def template_icon(face: Face) -> QIcon:
    """The tray icon for macOS, which colours it as its bar needs: shape only, and the count as text beside it."""
    icon = _icon(_template_pixmap(face, size) for size in TEMPLATE_SIZES)
    icon.setIsMask(True)
    return icon


def glyph(name: str, color: str, size: int, ratio: float = 1.0) -> QPixmap:
    """The drawing `icons/NAME.svg` in one colour; `size` in logical pixels, `ratio` device pixels for each."""
    pixels = round(size * ratio)
    pixmap = _tinted(name, color, pixels, QRectF(0, 0, pixels, pixels))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def swatch(color: str) -> QIcon:
    """A round of one colour, to stand before a name."""
    pixmap = QPixmap(_SWATCH, _SWATCH)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    painter.drawEllipse(QRectF(pixmap.rect()).adjusted(8, 8, -8, -8))
    painter.end()
    return QIcon(pixmap)


def bar_sample(*, dark: bool) -> QIcon:
    """The tray icon on a piece of a bar."""
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
    ink, rim = (INK_ON_DARK, INK_ON_LIGHT) if face.dark_bar else (INK_ON_LIGHT, INK_ON_DARK)
    grid = 22 if size in {22, 24, 44} else 16
    drawn = size // grid * grid if grid == 22 else size
    area = QRectF((size - drawn) // 2, (size - drawn) // 2, drawn, drawn)
    name = f"{face.mood.value}-{grid}"
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    step = max(1, size // 24)
    shade = _tinted(name, rim, size, area)
    for x, y in ((-step, 0), (step, 0), (0, -step), (0, step)):
        painter.drawPixmap(x, y, shade)
    painter.drawPixmap(0, 0, _tinted(name, ink, size, area))
    painter.end()
    return pixmap


def _template_pixmap(face: Face, size: int) -> QPixmap:
    font = QFont()
    font.setPixelSize(round(size * 0.8))
    text = _counted(face.unseen, 99) if face.unseen else ""
    width = round(QFontMetricsF(font).horizontalAdvance(text) + size * 0.25) if text else 0
    pixmap = QPixmap(size + width, size)
    pixmap.fill(Qt.GlobalColor.transparent)
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
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(str(resource(f"icons/{name}.svg"))).render(painter, area)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(pixmap.rect(), QColor(color))
    painter.end()
    return pixmap


def _with_badge(bare: QPixmap, count: int) -> QPixmap:
    pixmap = QPixmap(bare.size())
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.drawPixmap(0, 0, bare)
    _paint_badge(painter, pixmap.width(), count)
    painter.end()
    return pixmap


def _paint_badge(painter: QPainter, size: int, count: int) -> None:
    """A counter in the lower right corner: 9+ on small icons, 99+ on larger ones, cut free of the envelope."""
    text = _counted(count, 9 if size < 32 else 99)
    height = round(size * (0.62 if len(text) == 1 else 0.56))
    font = QFont()
    font.setBold(True)
    font.setPixelSize(max(9, round(height * 0.86)))
    width = max(height, round(QFontMetricsF(font).horizontalAdvance(text) + height * 0.3))
    box = QRectF(size - min(width, size), size - height, min(width, size), height)
    path = QPainterPath()
    path.addRoundedRect(box, height * 0.38, height * 0.38)
    painter.setPen(Qt.PenStyle.NoPen)
    edge = max(1, size // 20)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    painter.drawRoundedRect(box.adjusted(-edge, -edge, edge, edge), height * 0.45, height * 0.45)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    painter.fillPath(path, QColor(BADGE))
    outline = QPainterPath()
    outline.addText(QPointF(0, 0), font, text)
    bounds = outline.boundingRect()
    outline.translate(box.center() - bounds.center())
    painter.fillPath(outline, QColor(BADGE_TEXT))
