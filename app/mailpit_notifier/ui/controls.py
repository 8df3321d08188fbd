"""Buttons and choices in one flat style, drawn here in place of Qt's style Fusion.

Fusion's gradients, bevels and arrows are foreign on GNOME and Plasma, where Qt uses it for programs like this one. The
native styles of Windows and macOS are kept. All colors come from the palette (theme.py), so a control follows the
banner or page that it is on. The control with the focus has a ring of 2 px.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionComboBox,
    QStyleOptionViewItem,
    QStylePainter,
    QToolTip,
    QWidget,
)

from .icons import cached_glyph
from .labels import MIN_HEIGHT, elided
from .speech import speak_value
from .theme import is_fusion
from .words import tooltip_text

_PAD, _GAP, _ICON, _RADIUS = 12, 6, 16, 5
_RING = 2
_INSET = 3
"""Pixels between the edge of a check box, where its ring is, and the box."""
_HOVER, _PRESSED = 20, 40
"""Opacity, of 255, of the text color over a button under the pointer, and a pressed one."""


def paint_box(
    painter: QPainter, rect: QRect, fill: QColor, edge: QColor, width: int = 1, *, dashed: bool = False
) -> None:
    """Draw a rectangle with round corners; transparent colors are left out."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(fill)
    line = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    painter.setPen(QPen(edge, width, line) if edge.alpha() else Qt.PenStyle.NoPen)
    inset = width / 2 if edge.alpha() else 0
    painter.drawRoundedRect(QRectF(rect).adjusted(inset, inset, -inset, -inset), _RADIUS, _RADIUS)


_NONE = QColor(Qt.GlobalColor.transparent)


def icon_side(widget: QWidget) -> int:
    """Return the pixels of an icon beside the text of a widget: as high as its letters."""
    return max(_ICON, round(widget.fontMetrics().height() * 0.8))


def paint_ring(painter: QPainter, rect: QRect, colors: QPalette) -> None:
    """Draw the ring of the control that has the focus."""
    paint_box(painter, rect, _NONE, colors.color(QPalette.ColorRole.Accent), _RING)


def paint_edge(painter: QPainter, widget: QWidget, fill: QColor = _NONE) -> None:
    """Draw the edge of a control: the ring if it has the focus, dashed if it is disabled."""
    colors, focused, enabled = widget.palette(), widget.hasFocus(), widget.isEnabled()
    group = QPalette.ColorGroup.Active if enabled else QPalette.ColorGroup.Disabled
    edge = colors.color(group, QPalette.ColorRole.Accent if focused else QPalette.ColorRole.Dark)
    paint_box(painter, widget.rect(), fill, edge, _RING if focused else 1, dashed=not enabled)


class PushButton(QPushButton):
    """A push button. `glyph` names an icon (`icons/NAME.svg`) before the text; `flat`: no edge until it is used.

    A checked button and the `primary` one of a page are filled with the accent color.
    """

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        glyph: str = "",
        flat: bool = False,
        primary: bool = False,
        auto_default: bool = True,
        clicked: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(text, parent, flat=flat, autoDefault=auto_default)
        self._glyph = glyph
        self._primary = primary
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        if clicked:
            self.clicked.connect(clicked)

    def set_glyph(self, name: str) -> None:
        """Show another icon."""
        self._glyph = name
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for icon, text and the arrow of a menu."""
        parts = [self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, self.text()).width()] if self.text() else []
        parts += [icon_side(self)] * (bool(self._glyph) + bool(self.menu()))
        padding = 2 * (_PAD if self.text() else _GAP)
        height = max(MIN_HEIGHT, self.fontMetrics().height() + 10)
        return QSize(max(height, sum(parts) + _GAP * (len(parts) - 1) + padding), height)

    def minimumSizeHint(self) -> QSize:
        """Return the size that shows everything."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the button, unless the platform has a style of its own."""
        if not is_fusion():
            if self._glyph and self.icon().isNull():
                self.setIcon(
                    cached_glyph(self._glyph, self.palette().buttonText().color().name(), icon_side(self), 2.0)
                )
            super().paintEvent(event)
            return
        painter = QStylePainter(self)
        self._paint_ground(painter)
        ink, pad = self._ink(), _PAD if self.text() else _GAP
        inside = self.rect().adjusted(pad, 0, -pad, 0)
        if self.menu():
            inside = self._paint_glyph(painter, "down", inside, ink, at_end=True)
        if self._glyph:
            inside = self._paint_glyph(painter, self._glyph, self._content(inside), ink)
        self._paint_text(painter, inside, ink)

    def _content(self, inside: QRect) -> QRect:
        """Return the place of icon and text together, in the middle."""
        text = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, self.text()).width()
        spare = max(0, inside.width() - icon_side(self) - (_GAP + text if text else 0)) // 2
        return inside.adjusted(spare, 0, -spare, 0)

    def _paint_text(self, painter: QStylePainter, inside: QRect, ink: QColor) -> None:
        painter.setPen(ink)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine
        shows = self.style().styleHint(QStyle.StyleHint.SH_UnderlineShortcut, None, self)
        mnemonic = int(Qt.TextFlag.TextShowMnemonic if shows else Qt.TextFlag.TextHideMnemonic)
        text = elided(self.fontMetrics(), self.text(), inside.width(), mnemonic)
        painter.drawText(inside, int(flags) | mnemonic, text)

    def _paint_ground(self, painter: QPainter) -> None:
        colors, focused = self.palette(), self.hasFocus()
        text, accent = colors.buttonText().color(), colors.highlight().color()
        if self._is_filled():
            paint_box(painter, self.rect(), accent, _NONE)
            if focused:
                paint_box(painter, self.rect().adjusted(2, 2, -2, -2), _NONE, colors.highlightedText().color(), _RING)
        else:
            if focused or not self.isFlat():
                paint_edge(painter, self)
        over = _PRESSED if self.isDown() else _HOVER * (self.isEnabled() and self.underMouse())
        if over:
            shade = QColor(text if not self._is_filled() else colors.highlightedText().color())
            shade.setAlpha(over)
            paint_box(painter, self.rect(), shade, _NONE)

    def _is_filled(self) -> bool:
        return self.isEnabled() and (self.isChecked() or self._primary)

    def _ink(self) -> QColor:
        role = QPalette.ColorRole.HighlightedText if self._is_filled() else QPalette.ColorRole.ButtonText
        group = QPalette.ColorGroup.Active if self.isEnabled() else QPalette.ColorGroup.Disabled
        return self.palette().color(group, role)

    def _paint_glyph(self, painter: QPainter, name: str, inside: QRect, ink: QColor, *, at_end: bool = False) -> QRect:
        """Draw an icon at the beginning or end of `inside`; return the rest."""
        at_right = at_end != (self.layoutDirection() == Qt.LayoutDirection.RightToLeft)
        side = icon_side(self)
        paint_glyph(painter, name, inside, ink, side, at_right=at_right)
        taken = side + _GAP
        return inside.adjusted(0, 0, -taken, 0) if at_right else inside.adjusted(taken, 0, 0, 0)


def paint_glyph(painter: QPainter, name: str, inside: QRect, ink: QColor, side: int, *, at_right: bool = False) -> None:
    """Draw an icon of `side` pixels in the vertical middle, at the left or right end of `inside`."""
    pixmap: QPixmap = cached_glyph(name, ink.name(), side, painter.device().devicePixelRatio())
    left = inside.right() + 1 - side if at_right else inside.left()
    painter.drawPixmap(QPoint(left, inside.top() + (inside.height() - side) // 2), pixmap)


class ElidedButton(PushButton):
    """A button as wide as its place allows, whose text starts at its leading edge and is cut where it does not fit.

    The whole text is its tooltip then, but not by `setToolTip`: screen readers would read it after the name.
    """

    def event(self, event: QEvent) -> bool:
        """Show the tooltip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), tooltip_text(self.text().replace("&&", "&")), self)
            return True
        return super().event(event)

    def minimumSizeHint(self) -> QSize:
        """Return room for the icon and a few letters."""
        return QSize(min(self.sizeHint().width(), 120), self.sizeHint().height())

    def _content(self, inside: QRect) -> QRect:
        return inside

    def _paint_text(self, painter: QStylePainter, inside: QRect, ink: QColor) -> None:
        painter.setPen(ink)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading | Qt.TextFlag.TextSingleLine
        painter.drawText(inside, int(flags), elided(self.fontMetrics(), self.text().replace("&&", "&"), inside.width()))


class _ChoiceDelegate(QStyledItemDelegate):
    """Draws the values of an open box, each at least as high as a button."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the size of one value."""
        return super().sizeHint(option, index).expandedTo(QSize(0, MIN_HEIGHT))


class ComboBox(QComboBox):
    """A box to choose one of several values."""

    def __init__(self) -> None:
        super().__init__()
        if is_fusion():
            self.setItemDelegate(_ChoiceDelegate(self))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let screen readers say the value that a key selects in the closed box."""
        before = self.currentIndex()
        super().keyPressEvent(event)
        if self.currentIndex() != before and not self.view().isVisible():
            speak_value(self, self.currentText())

    def sizeHint(self) -> QSize:
        """Return the size of Qt's style, at least as high as a button."""
        hint = super().sizeHint()
        return QSize(hint.width() + _GAP, max(MIN_HEIGHT, hint.height()))

    def minimumSizeHint(self) -> QSize:
        """Return room for the beginning of the values, at least as high as a button."""
        hint = super().minimumSizeHint()
        least = 12 * self.fontMetrics().averageCharWidth() + icon_side(self) + 2 * _PAD
        return QSize(min(hint.width(), least), max(MIN_HEIGHT, hint.height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box, unless the platform has a style of its own."""
        if not is_fusion():
            super().paintEvent(event)
            return
        painter = QStylePainter(self)
        colors = self.palette()
        group = QPalette.ColorGroup.Active if self.isEnabled() else QPalette.ColorGroup.Disabled
        ink = colors.color(group, QPalette.ColorRole.Text)
        paint_edge(painter, self, colors.color(group, QPalette.ColorRole.Base))
        inside = self.rect().adjusted(_PAD - 2, 0, -(_PAD - 4), 0)
        is_mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        side = icon_side(self)
        paint_glyph(painter, "down", inside, ink, side, at_right=not is_mirrored)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        room = inside.adjusted((side + 2) * is_mirrored, 0, -(side + 2) * (not is_mirrored), 0)
        if not option.currentIcon.isNull():
            width = option.iconSize.width()
            place = QRect(room.right() + 1 - width if is_mirrored else room.left(), room.top(), width, room.height())
            option.currentIcon.paint(painter, place)
            room.adjust(0, 0, -width - 4, 0) if is_mirrored else room.adjust(width + 4, 0, 0, 0)
        painter.setPen(ink)
        text = elided(self.fontMetrics(), option.currentText, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading), text)


class CheckBox(QCheckBox):
    """A check box. Its text is wrapped where there is not enough room."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        # Not Fixed: the height for one line would be the most that a layout gives to several.
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        """Return the size with each line of the text in one line."""
        text = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, self.text())
        width = self._lead() + text.width() + 2 * _GAP
        return QSize(width, self.heightForWidth(width)) if is_fusion() else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return the size in which some words are in each line."""
        if not is_fusion():
            return super().minimumSizeHint()
        width = min(self.sizeHint().width(), self._lead() + 12 * self.fontMetrics().averageCharWidth())
        return QSize(width, MIN_HEIGHT)

    def heightForWidth(self, width: int) -> int:
        """Return the height of the wrapped text."""
        if not is_fusion():
            return super().sizeHint().height()
        room = QRect(0, 0, max(1, width - self._lead() - 2 * _GAP), 100_000)
        return max(MIN_HEIGHT, self.fontMetrics().boundingRect(room, int(self._flags()), self.text()).height() + _GAP)

    def hitButton(self, pos: QPoint) -> bool:
        """Return whether a click at this point switches the box."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the check box, unless the platform has a style of its own."""
        if not is_fusion():
            super().paintEvent(event)
            return
        painter, colors = QStylePainter(self), self.palette()
        group = QPalette.ColorGroup.Active if self.isEnabled() else QPalette.ColorGroup.Disabled
        ink, direction = colors.color(group, QPalette.ColorRole.WindowText), self.layoutDirection()
        side = icon_side(self)
        box = QStyle.visualRect(direction, self.rect(), QRect(_INSET, (self.height() - side) // 2, side, side))
        self._paint_box(painter, box, ink)
        text = self.rect().adjusted(self._lead(), 0, -_GAP, 0)
        if not self.icon().isNull():
            left = self._lead() - _ICON - _GAP
            place = QRect(left, (self.height() - _ICON) // 2, _ICON, _ICON)
            self.icon().paint(painter, QStyle.visualRect(direction, self.rect(), place))
        painter.setPen(ink)
        painter.drawText(QStyle.visualRect(direction, self.rect(), text), int(self._flags()), self.text())
        if self.hasFocus():
            width = min(self.width(), self.sizeHint().width())
            ring = QRect(0, 0, width, self.height())
            paint_ring(painter, QStyle.visualRect(direction, self.rect(), ring), colors)

    def _paint_box(self, painter: QPainter, box: QRect, ink: QColor) -> None:
        colors, enabled = self.palette(), self.isEnabled()
        if self.isChecked() and enabled:
            paint_box(painter, box, colors.color(QPalette.ColorRole.Accent), _NONE)
            ink = colors.color(QPalette.ColorRole.HighlightedText)
        else:
            group = QPalette.ColorGroup.Active if enabled else QPalette.ColorGroup.Disabled
            paint_box(painter, box, _NONE, colors.color(group, QPalette.ColorRole.Dark), dashed=not enabled)
        if self.isChecked():
            size = box.width() - 2
            painter.drawPixmap(
                box.topLeft() + QPoint(1, 1), cached_glyph("read", ink.name(), size, self.devicePixelRatio())
            )

    def _lead(self) -> int:
        """Return the pixels before the text."""
        return _INSET + icon_side(self) + _GAP + (_ICON + _GAP) * (not self.icon().isNull())

    def _flags(self) -> Qt.AlignmentFlag:
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        return Qt.AlignmentFlag(int(flags) | int(Qt.TextFlag.TextWordWrap) | int(Qt.TextFlag.TextShowMnemonic))


class RingDelegate(QStyledItemDelegate):
    """Draws the rows of a simple list as Qt does, with the ring around the current one while the list has the focus."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the size of a row, which is a target of clicks."""
        return super().sizeHint(option, index).expandedTo(QSize(0, MIN_HEIGHT))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one row."""
        plain = QStyleOptionViewItem(option)
        plain.state &= ~QStyle.StateFlag.State_HasFocus
        super().paint(painter, plain, index)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.save()
            paint_ring(painter, option.rect, option.palette)
            painter.restore()
