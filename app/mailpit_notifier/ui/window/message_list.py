"""The list view of the recent mail: keeps its place while rows come and go, and turns clicks and keys into actions.

New mail must not pull away what somebody is about to click: what is under the pointer stays there, else what is at
the top of the view, except when that is the newest row and nobody points at it: then new rows come into sight.

A list with a button below its last row, which scrolls with the rows.

Letter keys on keyboards that write no Latin letters (Cyrillic, Greek, Hebrew): there a key is known by its place.

Qt tries all of somebody's layouts for shortcuts only, and that not on every system.
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
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QListView,
    QPushButton,
    QStyle,
    QStyleOptionViewItem,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from mailpit_notifier.ui import words

from . import message_actions
from .delegate import MessageDelegate
from .list_model import MessageListModel, Role, Row
from .message_actions import MessageAction, RowMenu


class MoreButton(QPushButton):
    """Tells when the keyboard has come to it, which can be far out of sight."""

    tabbed_to = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, autoDefault=True)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 Qt's name
        """Only by Tab: a click has it in sight, and would miss it if it moved."""
        super().focusInEvent(event)
        if event.reason() in {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason}:
            self.tabbed_to.emit()


class ListPage(QWidget):
    """A list, and above it what scrolls with it: of a child of the list itself no screen reader would hear."""

    def __init__(self, view: QListView) -> None:
        super().__init__()
        self._bar = view.verticalScrollBar()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(view)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 Qt's name
        """Over the button, too, the wheel scrolls."""
        QApplication.sendEvent(self._bar, event)


_ASCII, _NO_LETTERS = 0x80, 0x01000000
"""Qt's numbers of keys are those of what they write, up to those that write nothing."""

# Where letters are on a US keyboard. X11 and Wayland: key codes of Linux + 8; macOS: its virtual ones, kVK_ANSI_.
_LINUX = {54: Qt.Key.Key_C, 46: Qt.Key.Key_L, 30: Qt.Key.Key_U}
_MAC = {8: Qt.Key.Key_C, 37: Qt.Key.Key_L, 32: Qt.Key.Key_U}


def latin_key(event: QKeyEvent) -> int:
    """The event's key (Qt.Key); one that writes another script is the Latin letter at its place, of those in use."""
    key = event.key()
    if not _ASCII <= key < _NO_LETTERS:
        return key
    match QGuiApplication.platformName():
        case "windows":  # there the letters' virtual keys have the same numbers as Qt's
            return event.nativeVirtualKey()
        case "cocoa":
            return _MAC.get(event.nativeVirtualKey(), key)
    return _LINUX.get(event.nativeScanCode(), key)


_NOWHERE = QModelIndex()


class MessageList(QListView):
    """Shows a MessageListModel. What is offered below its last row (`more`) scrolls with it."""

    action_requested = Signal(object, object)
    """A Deed and the Row that it is to be done to."""
    search_requested = Signal()
    """Somebody wants to search: `/` was pressed."""
    scrolled = Signal()
    """Other rows are in sight."""

    def __init__(self, model: MessageListModel) -> None:
        super().__init__()
        self._rows = model
        self._delegate = MessageDelegate(self)
        self._anchor: tuple[QPersistentModelIndex, int] | None = None
        self._is_anchored = False
        self._pointer_scroll: int | None = None
        """Where the bar was put to keep rows under the pointer that would else have given way to newer ones."""
        self._pressed: MessageAction | None = None
        self._released: MessageAction | None = None
        self.page = ListPage(self)
        """This list with what is below its last row."""
        self.more_button = MoreButton(self.page)
        self.more_button.hide()
        self.more_button.tabbed_to.connect(self._show_end)
        self._menu = RowMenu(self)
        self._menu.chosen.connect(self.action_requested)
        self.setItemDelegate(self._delegate)
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

    @property
    def delegate(self) -> MessageDelegate:
        """What draws the rows."""
        return self._delegate

    def show_newest(self) -> None:
        """Scroll to the newest row and make it current."""
        self._anchor = None
        self.setCurrentIndex(self._rows.index(0))
        self.scrollToTop()

    def show_current(self) -> None:
        """Scroll to the current row: it stays the one among whatever is shown now."""
        self._anchor = None
        self.doItemsLayout()
        self.scrollTo(self.currentIndex())

    def set_load_more(self, text: str) -> None:
        """Offer more below the last row, "" for no more."""
        if self.more_button.hasFocus() and not text:
            self.setFocus()  # before Qt gives it to whatever comes next, which would be told
        if (text, bool(text)) != (self.more_button.text(), self.more_button.isVisibleTo(self.page)):
            self.more_button.setText(text)
            self.more_button.setVisible(bool(text))
            # Qt, which knows of rows only, would take a bar away that this needs, and so on without end.
            policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOn if text else Qt.ScrollBarPolicy.ScrollBarAsNeeded
            self.setVerticalScrollBarPolicy(policy)
            self.updateGeometries()

    def repaint_rows(self) -> None:
        """Draw all that is in sight anew."""
        # Not by the viewport: once Python asks for it, all kinds of widgets are loaded, for 10 ms of the first opening.
        self.setDirtyRegion(QRegion(self.rect()))

    def visible_rows(self) -> list[Row]:
        """The rows that can be seen now, or a part of them."""
        middle = self.width() // 2
        first, last = self.indexAt(QPoint(middle, 1)), self.indexAt(QPoint(middle, self.height() - 1))
        end = last.row() if last.isValid() else self._rows.rowCount() - 1
        return [self._rows.index(place).data(Role.ROW) for place in range(first.row(), end + 1) if place >= 0]

    def doItemsLayout(self) -> None:  # noqa: N802 Qt's name
        """Lay out, then put back what was to stay in its place."""
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
        """The scroll bar goes on to what is below the last row, and stays there."""
        bar, height = self.verticalScrollBar(), self._more_height()
        before = bar.value()
        super().updateGeometries()  # Qt knows of rows only
        if height:
            rows = self._rows.rowCount() * self.sizeHintForRow(0)
            bar.setRange(0, max(0, rows + height - self.height()))
            bar.setValue(before)
        self._place_more()

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802 Qt's name
        """What is below the last row scrolls with it."""
        super().scrollContentsBy(dx, dy)
        self._place_more()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As wide as the list is what is below its last row."""
        super().resizeEvent(event)
        self._place_more()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys without modifiers are deeds, once a press; the search key searches, the menu key shows the menu."""
        index, key = self.currentIndex(), event.key()
        if action := self._action_for_key(event, index):
            if not event.isAutoRepeat():
                self._do(action, index)
        elif event.text() == "/":
            self.search_requested.emit()
        elif index.isValid() and key == Qt.Key.Key_F10 and event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            self._show_menu(index)
        else:
            super().keyPressEvent(event)
            if key in {Qt.Key.Key_Home, Qt.Key.Key_End}:  # also where the current row is that already, but out of sight
                bar = self.verticalScrollBar()
                bar.setValue(bar.minimum() if key == Qt.Key.Key_Home else bar.maximum())

    def keyboardSearch(self, _search: str) -> None:  # noqa: N802 Qt's name
        """Letters are deeds; there is a field to search in."""

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of the row that is meant: the current one for the keyboard."""
        by_keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_keyboard else self.indexAt(event.pos())
        if index.isValid():
            self._show_menu(index, None if by_keyboard else event.globalPos())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 Qt's name
        """Note which button it was: a click on it is not one on the row."""
        self._pressed = self._released = self._action_under(event)
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """As everywhere, one can move off a button and nothing is done."""
        self._released = self._action_under(event)
        super().mouseReleaseEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show which button is pointed at."""
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        self._delegate.point_at(index, self._action_under(event))
        if index.isValid():
            self.update(index)

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 Qt's name
        """A button says in a tooltip what it does."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self.indexAt(event.pos())
            if action := self._action_at(index, event.pos()):
                text = message_actions.label(action, index.data(Role.ROW).message, index.data(Role.FOUND))
                QToolTip.showText(event.globalPos(), words.tooltip_text(text), self)
                return True
        return super().viewportEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """The newest rows come into sight that were held back by the pointer."""
        super().leaveEvent(event)
        self._delegate.point_at(_NOWHERE, None)
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
        where = at or self.viewport().mapToGlobal(self.visualRect(index).center())
        self._menu.show_for(index.data(Role.ROW), index.data(Role.FOUND), where, by_keyboard=at is None)

    def _action_for_key(self, event: QKeyEvent, index: QModelIndex) -> MessageAction | None:
        if not index.isValid():
            return None
        message = index.data(Role.ROW).message
        if event.matches(QKeySequence.StandardKey.Copy):
            return message_actions.copy_action(message, index.data(Role.FOUND))
        plain = event.modifiers() in {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier}
        return message_actions.action_for_key(latin_key(event), message) if plain else None

    def _action_at(self, index: QModelIndex, at: QPoint) -> MessageAction | None:
        if not index.isValid():
            return None
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        option.rect = self.visualRect(index)
        option.state |= QStyle.StateFlag.State_MouseOver  # where the pointer is, the row is active
        return self._delegate.action_at(option, index, at)

    def _action_under(self, event: QMouseEvent) -> MessageAction | None:
        at = event.position().toPoint()
        return self._action_at(self.indexAt(at), at)

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
        # Asking for a place lays out: once per pass of the loop, not once per run of rows.
        if self._rows.rowCount() and not self._is_anchored:
            self._anchor_row(self._fixed_row())
            self._is_anchored = True

    def _on_remove(self, _parent: QModelIndex, first: int, last: int) -> None:
        if self._anchor and first <= self._anchor[0].row() <= last:  # the row after it takes its place
            self._anchor = (QPersistentModelIndex(self._rows.index(last + 1)), self._anchor[1])

    def _anchor_row(self, index: QModelIndex) -> None:
        if index.isValid():
            self._anchor = (QPersistentModelIndex(index), self.visualRect(index).top())

    def _is_at_top_for_pointer(self) -> bool:
        """Whether the newest rows would be in sight without the pointer: nobody has scrolled since."""
        return self._pointer_scroll == self.verticalScrollBar().value()

    def _fixed_row(self) -> QModelIndex:
        """The row that must not move now; invalid when none is to stay."""
        at_top = self.verticalScrollBar().value() == 0
        if self.viewport().underMouse():
            self._pointer_scroll = self.verticalScrollBar().value() if at_top or self._is_at_top_for_pointer() else None
            pointed = self.indexAt(self.viewport().mapFromGlobal(QCursor.pos()))
            if pointed.isValid():
                return pointed
        return _NOWHERE if at_top else self.indexAt(QPoint(self.width() // 2, 1))
