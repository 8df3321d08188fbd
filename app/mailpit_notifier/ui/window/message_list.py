"""The list view: keeps its scroll position while rows are inserted and removed, and turns clicks and keys into actions.

New messages must not move the row that the user is about to click. The row under the pointer keeps its place. Without a
pointer, the row at the top of the view does. If that is the newest row, new rows become visible.

ListPage adds a button below the last row, which scrolls with the rows. `latin_key` makes letter keys work on keyboards
for other scripts (Cyrillic, Greek, Hebrew): Qt tries all keyboard layouts of a user for shortcuts only, and not on
every system, so a key is identified by its position.
"""

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPalette,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QListView,
    QStyle,
    QStyleOptionViewItem,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from mailpit_notifier.ui import words
from mailpit_notifier.ui.controls import PushButton
from mailpit_notifier.ui.speech import speak

from . import message_actions
from .delegate import MessageDelegate
from .list_model import MessageListModel, Role, Row
from .message_actions import MessageAction, RowMenu


class MoreButton(PushButton):
    """Button below the last row, which may be far outside the visible area when it gets the focus."""

    tabbed_to = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", parent)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 Qt's name
        """Emit `tabbed_to` after Tab only: a clicked button is visible, and the click would miss it if it moved."""
        super().focusInEvent(event)
        if event.reason() in {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason}:
            self.tabbed_to.emit()


class ListPage(QWidget):
    """A list and the button that scrolls with it. Screen readers do not report children of the list itself."""

    def __init__(self, view: QListView) -> None:
        super().__init__()
        self._bar = view.verticalScrollBar()
        self.setFocusProxy(view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(view)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 Qt's name
        """Scroll the list when the pointer is over the button."""
        QApplication.sendEvent(self._bar, event)


_ASCII, _NO_LETTERS = 0x80, 0x01000000
"""Qt.Key values of keys that write a character are its code point; keys that write none start at 0x01000000."""

# Positions of letters on a US keyboard. X11 and Wayland: Linux key codes + 8; macOS: virtual key codes kVK_ANSI_*.
_LINUX = {54: Qt.Key.Key_C, 46: Qt.Key.Key_L, 30: Qt.Key.Key_U}
_MAC = {8: Qt.Key.Key_C, 37: Qt.Key.Key_L, 32: Qt.Key.Key_U}


def latin_key(event: QKeyEvent) -> int:
    """Return the event's Qt.Key; for a key of another script, the Latin letter at its position, if used here."""
    key = event.key()
    if not _ASCII <= key < _NO_LETTERS:
        return key
    match QGuiApplication.platformName():
        case "windows":  # virtual key codes of letters equal Qt's
            return event.nativeVirtualKey()
        case "cocoa":
            return _MAC.get(event.nativeVirtualKey(), key)
    return _LINUX.get(event.nativeScanCode(), key)


_NOWHERE = QModelIndex()


class MessageList(QListView):
    """Shows a MessageListModel, with `more_button` below the last row."""

    action_requested = Signal(object, object)
    """A MessageAction and the Row to apply it to."""
    search_requested = Signal()
    """`/` was pressed."""
    scrolled = Signal()
    """The visible rows changed."""

    def __init__(self, model: MessageListModel) -> None:
        super().__init__()
        self._rows = model
        self.delegate = MessageDelegate(self)
        """Draws the rows."""
        self._anchor: tuple[QPersistentModelIndex, int] | None = None
        self._is_anchored = False
        self._pointer_scroll: int | None = None
        """Scroll position at which rows under the pointer keep the newest rows out of view, else None."""
        self._pressed: MessageAction | None = None
        self._released: MessageAction | None = None
        self.page = ListPage(self)
        """This list with the button below its last row."""
        self.more_button = MoreButton(self.page)
        self.more_button.hide()
        self.more_button.tabbed_to.connect(self._show_end)
        self.more_button.clicked.connect(self._on_more)
        self._is_loading_more = False
        self._menu = RowMenu(self)
        self._menu.chosen.connect(self.action_requested)
        self._make_viewport()
        self.setItemDelegate(self.delegate)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        model.changing.connect(self._on_changing)
        model.rowsAboutToBeRemoved.connect(self._on_remove)
        self.setModel(model)
        self.clicked.connect(self._on_clicked)
        self.verticalScrollBar().valueChanged.connect(self.scrolled)

    def show_newest(self) -> None:
        """Scroll to the newest row and select it."""
        self._anchor = None
        self.setCurrentIndex(self._rows.index(0))
        self.scrollToTop()

    def show_current(self) -> None:
        """Scroll to the current row, which stays current when the filter changes."""
        self._anchor = None
        self.doItemsLayout()
        self.scrollTo(self.currentIndex())

    def make_current(self, index: QModelIndex) -> None:
        """Make a row current and visible; do nothing for a row that the filter hides."""
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def set_load_more(self, text: str) -> None:
        """Show a button with this text below the last row; "" hides it."""
        if self.more_button.hasFocus() and not text:
            self.setFocus()  # else Qt moves the focus to the next widget, which screen readers announce
        if (text, bool(text)) != (self.more_button.text(), self.more_button.isVisibleTo(self.page)):
            if self._is_loading_more:
                self._is_loading_more = False
                speak(self, text or self.tr("All messages are loaded"))
            self.more_button.setText(text)
            self.more_button.setVisible(bool(text))
            # Qt considers rows only: it would hide the scroll bar that the button needs, and show it again, in a loop.
            policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOn if text else Qt.ScrollBarPolicy.ScrollBarAsNeeded
            self.setVerticalScrollBarPolicy(policy)
            self.updateGeometries()

    def _make_viewport(self) -> None:
        """Replace Qt's viewport by one that is made here, and is the same.

        To return one that it does not know, Qt for Python loads the classes of all widgets: 10 ms and 1 MiB.
        """
        viewport = QWidget()
        viewport.setObjectName("qt_scrollarea_viewport")
        viewport.setBackgroundRole(QPalette.ColorRole.Base)
        viewport.setAutoFillBackground(True)
        self.setViewport(viewport)

    def repaint_rows(self) -> None:
        """Repaint all visible rows."""
        self.setDirtyRegion(QRegion(self.rect()))

    def visible_rows(self) -> list[Row]:
        """Return the rows that are visible, completely or in part."""
        middle = self.width() // 2
        first, last = self.indexAt(QPoint(middle, 1)), self.indexAt(QPoint(middle, self.height() - 1))
        end = last.row() if last.isValid() else self._rows.rowCount() - 1
        return [self._rows.index(place).data(Role.ROW) for place in range(first.row(), end + 1) if place >= 0]

    def doItemsLayout(self) -> None:  # noqa: N802 Qt's name
        """Lay out, then scroll so that the anchored row keeps its place."""
        super().doItemsLayout()
        anchor, self._anchor, self._is_anchored = self._anchor, None, False
        if anchor and anchor[0].isValid():
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + self.visualRect(self._rows.index(anchor[0].row())).top() - anchor[1])
            self._pointer_scroll = None if self._pointer_scroll is None else bar.value()
        if self._rows.rowCount() and not self.currentIndex().isValid():
            self.setCurrentIndex(self._rows.index(0))
        self.scrolled.emit()

    def updateGeometries(self) -> None:  # noqa: N802 Qt's name
        """Extend the scroll bar to the button below the last row, and keep its position."""
        bar, height = self.verticalScrollBar(), self._more_height()
        before = bar.value()
        super().updateGeometries()  # Qt knows of rows only
        if height:
            rows = self._rows.rowCount() * self.sizeHintForRow(0)
            bar.setRange(0, max(0, rows + height - self.height()))
            bar.setValue(before)
        self._place_more()

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802 Qt's name
        """Move the button along with the rows."""
        super().scrollContentsBy(dx, dy)
        self._place_more()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make the button as wide as the list."""
        super().resizeEvent(event)
        self._place_more()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Run the action of a key without modifiers, once per press; `/` starts a search, Shift+F10 opens the menu."""
        if not self.handle_key(event):
            super().keyPressEvent(event)
            if event.key() in {
                Qt.Key.Key_Home,
                Qt.Key.Key_End,
            }:  # also if that row is current already, but outside the visible area
                bar = self.verticalScrollBar()
                bar.setValue(bar.minimum() if event.key() == Qt.Key.Key_Home else bar.maximum())

    def handle_key(self, event: QKeyEvent) -> bool:
        """Do what a key does with the current row. Return False for keys that only move in the list."""
        index, key = self.currentIndex(), event.key()
        if action := self._action_for_key(event, index):
            if not event.isAutoRepeat():
                self._do(action, index)
        elif event.text() == "/":
            self.search_requested.emit()
        elif index.isValid() and key == Qt.Key.Key_F10 and event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            self._show_menu(index)
        else:
            return False
        return True

    def step(self, count: int) -> None:
        """Make a row current that is this many rows further down; stay where there is none."""
        index = self._rows.index(self.currentIndex().row() + count)
        if index.isValid():
            self.setCurrentIndex(index)

    def show_menu(self, at: QPoint) -> None:
        """Show the menu of the current row at a point of the screen."""
        self._show_menu(self.currentIndex(), at)

    def keyboardSearch(self, _search: str) -> None:  # noqa: N802 Qt's name
        """Do nothing: letters are actions, and there is a search field."""

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Show the menu of the row under the pointer, or of the current row for the keyboard."""
        by_keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_keyboard else self.indexAt(event.pos())
        if index.isValid():
            self._show_menu(index, None if by_keyboard else event.globalPos())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 Qt's name
        """Remember the pressed button: a click on it does not open the row."""
        self._pressed = self._released = self.action_at(event.position().toPoint())
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Remember the button at release: releasing outside the pressed button does nothing."""
        self._released = self.action_at(event.position().toPoint())
        super().mouseReleaseEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Highlight the button under the pointer."""
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        self.delegate.point_at(index, self.action_at(event.position().toPoint()))
        if index.isValid():
            self.update(index)

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 Qt's name
        """Show a tooltip for the button under the pointer."""
        is_tooltip = event.type() == QEvent.Type.ToolTip
        if is_tooltip and isinstance(event, QHelpEvent) and (action := self.action_at(event.pos())):
            index = self.indexAt(event.pos())
            text = message_actions.label(action, index.data(Role.ROW).message, index.data(Role.FOUND))
            QToolTip.showText(event.globalPos(), words.tooltip_text(text), self)
            return True
        return super().viewportEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Scroll to the newest rows if only the pointer kept them out of view."""
        super().leaveEvent(event)
        self.delegate.point_at(_NOWHERE, None)
        if self._is_at_top_for_pointer():
            self.scrollToTop()
        self._pointer_scroll = None

    def _on_clicked(self, index: QModelIndex) -> None:
        if self._pressed is self._released:
            self._do(self._pressed or MessageAction.OPEN, index)

    def _do(self, action: MessageAction, index: QModelIndex) -> None:
        if action is MessageAction.SHOW_MENU:
            self._show_menu(index, QCursor.pos())
        else:
            self.action_requested.emit(action, index.data(Role.ROW))

    def _show_menu(self, index: QModelIndex, at: QPoint | None = None) -> None:
        self.setCurrentIndex(index)
        point = at or self.viewport().mapToGlobal(self.visualRect(index).center())
        self._menu.show_for(
            index.data(Role.ROW), index.data(Role.FOUND), point, by_keyboard=at is None, in_list=self.isVisible()
        )

    def _action_for_key(self, event: QKeyEvent, index: QModelIndex) -> MessageAction | None:
        if not index.isValid():
            return None
        message = index.data(Role.ROW).message
        if event.matches(QKeySequence.StandardKey.Copy):
            return message_actions.copy_action(message, index.data(Role.FOUND))
        plain = event.modifiers() in {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier}
        return message_actions.action_for_key(latin_key(event), message) if plain else None

    def action_at(self, at: QPoint) -> MessageAction | None:
        """Return the action whose button is at this point of the viewport, if any."""
        index = self.indexAt(at)
        if not index.isValid():
            return None
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        option.rect = self.visualRect(index)
        option.state |= QStyle.StateFlag.State_MouseOver  # the row under the pointer shows its buttons
        return self.delegate.action_at(option, index, at)

    def _on_more(self) -> None:
        self._is_loading_more = True

    def _more_height(self) -> int:
        return self.more_button.sizeHint().height() + 16 if self.more_button.isVisibleTo(self.page) else 0

    def _show_end(self) -> None:
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def _place_more(self) -> None:
        if height := self._more_height():
            top = self._rows.rowCount() * self.sizeHintForRow(0) - self.verticalScrollBar().value()
            place = self.viewport().mapTo(self.page, QPoint(12, top + 8))
            self.more_button.setGeometry(place.x(), place.y(), self.viewport().width() - 24, height - 16)

    def _on_changing(self) -> None:
        # visualRect() triggers a layout: save the anchor once per event loop pass, not once per range of rows.
        if self._rows.rowCount() and not self._is_anchored:
            self._anchor_row(self._fixed_row())
            self._is_anchored = True

    def _on_remove(self, _parent: QModelIndex, first: int, last: int) -> None:
        if self._anchor and first <= self._anchor[0].row() <= last:  # the next row takes its place
            self._anchor = (QPersistentModelIndex(self._rows.index(last + 1)), self._anchor[1])

    def _anchor_row(self, index: QModelIndex) -> None:
        if index.isValid():
            self._anchor = (QPersistentModelIndex(index), self.visualRect(index).top())

    def _is_at_top_for_pointer(self) -> bool:
        """Return whether the newest rows would be visible without the pointer: the user has not scrolled since."""
        return self._pointer_scroll == self.verticalScrollBar().value()

    def _fixed_row(self) -> QModelIndex:
        """Return the row that must keep its place, invalid if the newest rows may push all down."""
        at_top = self.verticalScrollBar().value() == 0
        if self.viewport().underMouse():
            self._pointer_scroll = self.verticalScrollBar().value() if at_top or self._is_at_top_for_pointer() else None
            pointed = self.indexAt(self.viewport().mapFromGlobal(QCursor.pos()))
            if pointed.isValid():
                return pointed
        return _NOWHERE if at_top else self.indexAt(QPoint(self.width() // 2, 1))
