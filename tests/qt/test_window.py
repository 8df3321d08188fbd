"""The window of recent messages, through pixels, clicks, keys and the accessibility interface."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QEvent, QModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QAction, QCloseEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QStyleOptionViewItem,
    QWidget,
)
from pytestqt.qtbot import QtBot

from every_window import refresh
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.protocol.faults import Fault
from mailpit_notifier.protocol.model import Message, Person
from mailpit_notifier.ui.opening import position_beside
from mailpit_notifier.ui.window.delegate import MessageDelegate
from mailpit_notifier.ui.window.list_model import Filter, MessageListModel
from mailpit_notifier.ui.window.message_list import MessageList
from mailpit_notifier.ui.window.window import RecentWindow

# The offscreen platform has no window manager and logs that.

NOW = datetime.now(UTC)
MAIN, SHOP = "http://localhost:8025/", "http://localhost:8026/"
CONNECTED = ServerStatus(url=MAIN, name="localhost:8025", color="#0b8a6a", link=Link.CONNECTED, total=340, unread=3)
OTHER = ServerStatus(url=SHOP, name="shop", color="#b8642a", link=Link.CONNECTED, total=2, unread=1)
SILENT = replace(OTHER, link=Link.DISCONNECTED, fault=Fault.TIMEOUT, total=None, unread=None)
STOPPED = replace(SILENT, fault=Fault.STOPPED)
POLLED = replace(OTHER, link=Link.POLLING, fault=Fault.NO_UPGRADE)
UNREAD = Filter(unread=True)
SEND_ONE = "Messages that you send to Mailpit's SMTP port appear here."
EMPTY = ServerStatus(url=MAIN, name="localhost:8025", link=Link.CONNECTED, total=0, unread=0)


class Closing(QCloseEvent):
    """Close a window as a window manager's close button does: Qt has no function for tests to send this event."""

    def spontaneous(self) -> bool:
        return True


def make_message(number: int, *, read: bool = False, tags: tuple[str, ...] = ()) -> Message:
    created = NOW - timedelta(minutes=number)
    to = (Person(address="ann@example.test"),)
    return Message(id=f"id{number}", created=created, subject=f"Mail {number}", to=to, read=read, tags=tags)


def make_messages(*numbers: int) -> tuple[Message, ...]:
    return tuple(make_message(number, tags=("tag",) * (number % 3 == 0)) for number in numbers)


@pytest.fixture
def model() -> MessageListModel:
    model = MessageListModel(now=lambda: NOW)
    model.set_servers((CONNECTED,))
    return model


@pytest.fixture
def window(qtbot: QtBot, model: MessageListModel, tmp_path: Path) -> Iterator[RecentWindow]:
    window = RecentWindow(model, tmp_path / "window.ini", lambda: True)
    qtbot.addWidget(window)
    window.set_statuses((CONNECTED,))
    yield window
    window.hide()


@pytest.fixture
def alone(qtbot: QtBot, model: MessageListModel, tmp_path: Path) -> Iterator[RecentWindow]:
    """The window on a desktop without a tray."""
    window = RecentWindow(model, tmp_path / "window.ini", lambda: False)
    qtbot.addWidget(window)
    yield window
    window.hide()


def shown(qtbot: QtBot, window: RecentWindow) -> MessageList:
    with qtbot.waitExposed(window):
        window.present()
    return window.findChild(MessageList)


def texts(window: RecentWindow) -> list[str]:
    return [label.text() for label in window.findChildren(QLabel) if label.isVisibleTo(window)]


def button(window: RecentWindow, text: str) -> QAbstractButton:
    return next(one for one in window.findChildren(QAbstractButton) if one.text() == text and one.isVisibleTo(window))


def buttons(window: RecentWindow) -> set[str]:
    return {one.text() for one in window.findChildren(QAbstractButton) if one.isVisibleTo(window)}


def named(window: RecentWindow, name: str) -> QAbstractButton:
    """Return the button with this accessible name."""
    return next(one for one in window.findChildren(QAbstractButton) if one.accessibleName() == name)


def more(window: RecentWindow) -> list[QAction]:
    """Return the entries of the menu in the upper bar."""
    QTest.mouseClick(named(window, "More"), Qt.MouseButton.LeftButton)
    menu = next(menu for menu in window.findChildren(QMenu) if menu.isVisible())
    menu.hide()
    return menu.actions()


def test_the_settings_are_in_the_menu_of_the_upper_bar(qtbot: QtBot, window: RecentWindow) -> None:
    entry = next(action for action in more(window) if action.text() == "Settings…")
    with qtbot.waitSignal(window.settings_requested):
        entry.trigger()


def test_each_time_the_menu_opens_its_first_entry_has_the_focus(qtbot: QtBot, window: RecentWindow) -> None:
    window.set_statuses((CONNECTED,))
    shown(qtbot, window)
    for _ in range(2):
        QTest.mouseClick(named(window, "More"), Qt.MouseButton.LeftButton)
        menu = next(menu for menu in window.findChildren(QMenu) if menu.isVisible())
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        assert menu.activeAction() is menu.actions()[0]
        assert menu.activeAction().text() == "Open Mailpit"
        menu.hide()


def test_without_a_tray_too_the_program_can_be_ended_at_any_time(qtbot: QtBot, alone: RecentWindow) -> None:
    shown(qtbot, alone)
    entry = next(action for action in more(alone) if action.text() == "Quit")
    with qtbot.waitSignal(alone.quit_requested):
        entry.trigger()


@pytest.mark.parametrize(
    ("key", "modifier", "wanted"),
    [
        (Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier, "quit_requested"),
        (Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier, "settings_requested"),
        (Qt.Key.Key_F5, Qt.KeyboardModifier.NoModifier, "retry_requested"),
    ],
)
def test_shortcuts_of_the_menu_work_in_the_whole_window(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel, key: Qt.Key, modifier: Qt.KeyboardModifier, wanted: str
) -> None:
    model.apply(MAIN, Change(added=make_messages(0)))
    window.set_statuses((CONNECTED, SILENT))
    view = shown(qtbot, window)
    with qtbot.waitSignal(getattr(window, wanted)):
        QTest.keyClick(view, key, modifier)


def test_retry_is_offered_while_a_server_is_not_reached(qtbot: QtBot, window: RecentWindow) -> None:
    shown(qtbot, window)
    assert not any(action.isVisible() for action in more(window) if action.text() == "Retry now")
    window.set_statuses((CONNECTED, SILENT))
    qtbot.waitUntil(lambda: any(action.isVisible() for action in more(window) if action.text() == "Retry now"))


def test_the_placeholder_of_the_search_fits_its_width(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel
) -> None:
    model.apply(MAIN, Change(added=make_messages(0)))
    window.show()
    search = window.findChild(QLineEdit)
    long = "Search messages, people, tags, codes"
    for width, text in ((600, long), (search.fontMetrics().horizontalAdvance(long), "Search messages"), (90, "Search")):
        search.resize(width, search.height())
        assert search.placeholderText() == text


def choose(window: RecentWindow, name: str) -> None:
    """Select the entry with this text in the server filter."""
    window.findChild(QComboBox).setCurrentText(name)


def row_at(view: MessageList, y: int) -> str:
    return view.indexAt(QPoint(100, y)).data()


def accessible_tree(interface: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    yield interface
    for number in range(interface.childCount()):
        if child := interface.child(number):
            yield from accessible_tree(child)


def test_when_shown_the_newest_row_is_current_and_has_the_keyboard(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel
) -> None:
    model.apply(MAIN, Change(added=make_messages(*range(20))))
    view = shown(qtbot, window)
    qtbot.waitUntil(lambda: window.focusWidget() is view)
    assert view.currentIndex().data() == "Mail 0"
    view.setCurrentIndex(model.index(15))
    window.hide()
    model.apply(MAIN, Change(added=make_messages(-1)))
    shown(qtbot, window)
    assert view.currentIndex().data() == "Mail -1"
    assert view.verticalScrollBar().value() == 0


def test_on_wayland_an_open_window_is_shown_again_to_come_to_the_front(
    qtbot: QtBot, window: RecentWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown(qtbot, window)
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(lambda: not window.isActiveWindow())
    monkeypatch.setattr(QGuiApplication, "platformName", lambda: "wayland")
    changes, signals = [], []
    window.shown.connect(lambda: signals.append("shown"))
    window.hidden.connect(lambda: signals.append("hidden"))
    handle = window.windowHandle()
    handle.visibleChanged.connect(changes.append)
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "tok")
    window.present()
    assert changes == []  # the token raises it
    monkeypatch.delenv("XDG_ACTIVATION_TOKEN")
    other.activateWindow()
    qtbot.waitUntil(lambda: not window.isActiveWindow())
    window.present()
    assert (changes, signals) == ([False, True], [])
    assert window.isVisible()


def test_a_hidden_window_has_no_native_window_and_comes_back_where_it_was(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel
) -> None:
    model.apply(MAIN, Change(added=make_messages(*range(30))))
    view = shown(qtbot, window)
    window.setGeometry(70, 50, 640, 520)
    view.setCurrentIndex(model.index(3))
    window.hide()
    qtbot.waitUntil(lambda: window.windowHandle() is None)
    window.present()
    qtbot.waitUntil(lambda: window.isActiveWindow() and view.hasFocus())
    assert window.windowHandle().geometry() == window.geometry() == QRect(70, 50, 640, 520)
    assert view.viewport().isVisible()
    window.hide()
    window.present()  # before it is destroyed
    QCoreApplication.processEvents()
    assert window.windowHandle().isVisible()
    dialog = QDialog(window)
    dialog.show()
    window.hide()
    QCoreApplication.processEvents()
    assert dialog.windowHandle().transientParent() is window.windowHandle() is not None
    dialog.close()
    window.showMaximized()
    window.hide()
    QCoreApplication.processEvents()
    assert window.windowHandle(), "Qt would not maximize a new one"


def test_enter_and_a_click_open_the_message(qtbot: QtBot, window: RecentWindow, model: MessageListModel) -> None:
    model.apply(MAIN, Change(added=make_messages(0, 1, 2)))
    view = shown(qtbot, window)
    opened = []
    window.message_opened.connect(lambda row: opened.append(row.message.subject))
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Return)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(model.index(2)).center())
    QTest.mouseClick(view.viewport(), Qt.MouseButton.RightButton, pos=view.visualRect(model.index(0)).center())
    assert opened == ["Mail 1", "Mail 2"]


@pytest.mark.parametrize(
    ("status", "there"), [(EMPTY, "Send a test message"), (SILENT, "Retry now"), (replace(EMPTY, total=None), "")]
)
def test_without_messages_a_helpful_button_or_the_menu_has_the_focus(
    qtbot: QtBot, window: RecentWindow, status: ServerStatus, there: str
) -> None:
    window.set_statuses((status,))
    shown(qtbot, window)
    focused = window.focusWidget()
    assert focused is (button(window, there) if there else named(window, "More"))
    window.hide()
    shown(qtbot, window)
    assert window.focusWidget() is focused


@pytest.mark.parametrize("status", [EMPTY, replace(EMPTY, total=None), SILENT])
def test_the_first_messages_take_the_focus_to_the_newest_row(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel, status: ServerStatus
) -> None:
    window.set_statuses((status,))
    view = shown(qtbot, window)
    asked = []
    window.marked_all_read.connect(lambda *_: asked.append("all read"))
    model.set_servers((CONNECTED, OTHER))
    window.set_statuses((CONNECTED, OTHER))
    model.apply(MAIN, Change(added=make_messages(1, 0)))
    qtbot.waitUntil(lambda: window.focusWidget() is view)
    assert view.currentIndex().data() == "Mail 0"
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Space)
    assert not asked
    assert "Mark as read" not in buttons(window)


def test_the_first_button_of_an_empty_page_gets_the_focus_but_not_from_the_user(
    qtbot: QtBot, window: RecentWindow
) -> None:
    window.set_statuses((replace(EMPTY, total=None),))
    shown(qtbot, window)
    assert window.focusWidget() is named(window, "More")
    window.set_statuses((EMPTY,))
    qtbot.waitUntil(lambda: window.focusWidget().text() == "Send a test message")
    named(window, "More").setFocus()
    window.set_statuses((replace(EMPTY, name="shop"),))
    refresh(window)
    assert window.focusWidget() is named(window, "More")


def test_the_focus_goes_to_the_list_when_its_control_disappears_or_is_disabled(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel
) -> None:
    model.apply(MAIN, Change(added=make_messages(0)))
    view = shown(qtbot, window)
    qtbot.waitUntil(lambda: button(window, "Mark all as read").isEnabled())
    button(window, "Mark all as read").setFocus()
    model.apply(MAIN, Change(updated=(make_message(0, read=True),)))
    qtbot.waitUntil(lambda: not button(window, "Mark all as read").isEnabled())
    assert window.focusWidget() is view
    model.set_servers((CONNECTED, OTHER))
    window.set_statuses((CONNECTED, OTHER))
    qtbot.waitUntil(lambda: bool(window.findChildren(QComboBox)))
    window.findChild(QComboBox).setFocus()
    window.set_statuses((CONNECTED,))
    qtbot.waitUntil(lambda: not window.findChild(QComboBox).isVisible())
    assert window.focusWidget() is view


def test_drawings_of_the_upper_bar_are_made_anew_for_another_screen(qtbot: QtBot, window: RecentWindow) -> None:
    shown(qtbot, window)
    more = named(window, "More")
    mark = window.findChild(QLineEdit).actions()[0]
    before = mark.icon().cacheKey()
    QApplication.sendEvent(more.parentWidget(), QEvent(QEvent.Type.DevicePixelRatioChange))
    assert mark.icon().cacheKey() != before


def test_home_and_end_move_in_the_list_and_escape_hides_the_window(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel
) -> None:
    model.apply(MAIN, Change(added=make_messages(*range(30))))
    view = shown(qtbot, window)
    QTest.keyClick(view, Qt.Key.Key_End)
    assert view.currentIndex().data() == "Mail 29"
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert view.currentIndex().data() == "Mail 0"
    with qtbot.waitSignal(window.hidden):
        QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_visible_rows_keep_their_place_while_messages_arrive_and_disappear(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel
) -> None:
    model.apply(MAIN, Change(added=make_messages(*range(0, 80, 2))))
    view = shown(qtbot, window)
    view.setCurrentIndex(model.index(20))
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2 + 7)
    name, top = row_at(view, 1), view.visualRect(view.indexAt(QPoint(100, 1))).top()
    model.apply(MAIN, Change(added=make_messages(*range(-9, 9, 2)), removed=("id0", "id6", "id78")))
    qtbot.waitUntil(lambda: view.visualRect(view.indexAt(QPoint(100, 1))).top() == top)
    assert (row_at(view, 1), view.currentIndex().data()) == (name, "Mail 40")


changes = st.lists(
    st.one_of(
        st.builds(lambda numbers: Change(added=make_messages(*numbers)), st.lists(st.integers(-30, 90), max_size=12)),
        st.builds(lambda gone: Change(removed=tuple(f"id{n}" for n in gone)), st.lists(st.integers(0, 90), max_size=9)),
        st.builds(lambda number: Change(updated=(make_message(number, read=True),)), st.integers(0, 59)),
    ),
    max_size=6,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=25)
@given(
    steps=st.lists(changes, max_size=5),
    current=st.integers(0, 59),
    scrolled=st.floats(0.05, 0.95),
    narrowed=st.sampled_from([Filter(), Filter(server=MAIN, words=("mail",)), Filter(words=("1",)), UNREAD]),
)
def test_the_same_messages_stay_visible_and_selected_after_any_changes(
    qapp: QApplication, tmp_path: Path, steps: list[list[Change]], current: int, scrolled: float, narrowed: Filter
) -> None:
    model = MessageListModel(now=lambda: NOW)
    model.set_servers((CONNECTED,))
    model.apply(MAIN, Change(added=make_messages(*range(60))))
    window = RecentWindow(model, tmp_path / "window.ini")
    window.present()
    model.set_filter(narrowed)
    qapp.processEvents()
    current = min(current, model.rowCount() - 1)
    view, bar = window.findChild(MessageList), window.findChild(MessageList).verticalScrollBar()
    view.setCurrentIndex(model.index(current))
    bar.setValue(round(bar.maximum() * scrolled))
    for step in steps:
        at_top = bar.value() == 0
        selected, seen = view.currentIndex().data(), row_at(view, 1)
        top = view.visualRect(view.indexAt(QPoint(100, 1))).top()
        for change in step:
            model.apply(MAIN, change)
        model.update_rows()
        qapp.processEvents()
        there = {model.index(place).data(): place for place in range(model.rowCount())}
        if selected in there:
            assert view.currentIndex().data() == selected
        if seen in there and not at_top and 0 < bar.value() < bar.maximum():
            assert view.visualRect(model.index(there[seen])).top() == top
    window.hide()


class CountingDelegate(MessageDelegate):
    """Counts the calls of sizeHint."""

    asked = 0

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        self.asked += 1
        return super().sizeHint(option, index)


def test_thousands_of_rows_are_laid_out_without_asking_for_each(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel
) -> None:
    view = window.findChild(MessageList)
    delegate = CountingDelegate(view)
    view.setItemDelegate(delegate)
    model.apply(MAIN, Change(added=make_messages(*range(5_000))))
    shown(qtbot, window)
    qtbot.waitUntil(lambda: model.rowCount() == 5_000)
    QTest.keyClick(view, Qt.Key.Key_End)
    assert row_at(view, view.viewport().height() - 2) == "Mail 4999"
    assert delegate.asked < 50


LOADED = """
import sys
from opened import ours, until_painted
from PySide6 import QtWidgets
app = QtWidgets.QApplication([])
before = "QMdiArea" in vars(QtWidgets)
until_painted(app, ours(100))
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.ui.window.list_model import Role
from mailpit_notifier.ui.window.message_list import MessageList
(view,) = (found for widget in app.topLevelWidgets() for found in widget.findChildren(MessageList))
model = view.model()
row = model.index(0).data(Role.ROW)
view.window().hide()
model.apply(row.server, Change(removed=(row.message.id,)))
model.update_rows()
assert model.rowCount() == 99, model.rowCount()
view.viewport().mapTo(view.page, view.pos())
sys.exit(not before and "QMdiArea" in vars(QtWidgets))
"""


def test_it_opens_and_changes_without_loading_all_kinds_of_widgets() -> None:
    bench = Path(__file__).parents[1] / "bench"
    subprocess.run(
        [sys.executable, "-c", LOADED],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(bench), *sys.path])},
        check=True,
    )


def test_at_the_top_new_messages_become_visible_unless_the_pointer_is_there(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel
) -> None:
    model.apply(MAIN, Change(added=make_messages(*range(1, 40))))
    view = shown(qtbot, window)
    model.apply(MAIN, Change(added=make_messages(0)))
    qtbot.waitUntil(lambda: row_at(view, 1) == "Mail 0")
    assert view.currentIndex().data() == "Mail 1"
    qtbot.mouseMove(view.viewport(), QPoint(100, 150))
    qtbot.waitUntil(view.viewport().underMouse)
    pointed = row_at(view, 150)
    model.apply(MAIN, Change(added=make_messages(-1, -2)))
    qtbot.waitUntil(lambda: model.rowCount() == 42 and row_at(view, 150) == pointed)
    assert view.verticalScrollBar().value() > 0
    qtbot.mouseMove(window, QPoint(10, 10))
    qtbot.waitUntil(lambda: row_at(view, 1) == "Mail -2")


def test_a_scrolled_list_stays_when_the_pointer_leaves(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel
) -> None:
    model.apply(MAIN, Change(added=make_messages(*range(1, 40))))
    view = shown(qtbot, window)
    qtbot.mouseMove(view.viewport(), QPoint(100, 150))
    qtbot.waitUntil(view.viewport().underMouse)
    model.apply(MAIN, Change(added=make_messages(0)))
    qtbot.waitUntil(lambda: model.rowCount() == 40 and view.verticalScrollBar().value() > 0)
    view.verticalScrollBar().setValue(900)
    seen = row_at(view, 1)
    qtbot.mouseMove(window, QPoint(10, 10))
    qtbot.waitUntil(lambda: not view.viewport().underMouse())
    assert row_at(view, 1) == seen


@pytest.mark.parametrize(
    ("status", "expected", "retry"),
    [
        (EMPTY, ["No messages yet", SEND_ONE], False),
        (ServerStatus(url=MAIN, name="localhost:8025"), ["Connecting to localhost:8025"], False),
        (SILENT, ["No connection to shop", "It does not answer."], True),
    ],
    ids=["empty", "connecting", "disconnected"],
)  # fmt: skip
def test_without_messages_the_state_is_explained(
    qtbot: QtBot, window: RecentWindow, status: ServerStatus, expected: list[str], retry: bool
) -> None:
    window.set_statuses((status,))
    shown(qtbot, window)
    qtbot.waitUntil(lambda: set(expected) <= set(texts(window)))
    assert ("Retry now" in buttons(window)) == retry
    if retry:
        with qtbot.waitSignal(window.retry_requested):
            QTest.mouseClick(button(window, "Retry now"), Qt.MouseButton.LeftButton)


def test_without_messages_there_is_no_search_no_filter_and_no_lower_bar_but_feedback(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel
) -> None:
    empty = replace(EMPTY, url=SHOP, name="shop")
    window.set_statuses((EMPTY, empty))
    shown(qtbot, window)
    qtbot.waitUntil(lambda: not window.findChild(QLineEdit).isVisible())
    assert not window.findChild(QComboBox).isVisible()
    assert buttons(window) - {""} == {"Send a test message"}
    QTest.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert window.focusWidget() is button(window, "Send a test message")
    window.show_status("The test message was sent")
    assert "The test message was sent" in texts(window)
    model.set_servers((EMPTY, empty))
    model.apply(SHOP, Change(added=make_messages(0)))
    qtbot.waitUntil(lambda: window.findChild(QLineEdit).isVisible() and window.findChild(QComboBox).isVisible())
    assert {"Unread", "Mark all as read"} <= buttons(window)


def test_a_server_without_messages_can_be_left_by_the_filter(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel
) -> None:
    model.set_servers((CONNECTED, replace(EMPTY, url=SHOP, name="shop")))
    window.set_statuses((CONNECTED, replace(EMPTY, url=SHOP, name="shop")))
    model.apply(MAIN, Change(added=make_messages(0)))
    shown(qtbot, window)
    qtbot.waitUntil(lambda: window.findChild(QComboBox).isVisible())
    choose(window, "shop")
    assert "No messages yet" in texts(window)
    assert window.findChild(QComboBox).isVisible()


def test_a_problem_of_one_server_is_shown_above_the_messages_of_the_others(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel
) -> None:
    model.set_servers((CONNECTED, SILENT))
    model.apply(MAIN, Change(added=make_messages(0)))
    window.set_statuses((CONNECTED, SILENT))
    shown(qtbot, window)
    qtbot.waitUntil(lambda: "shop: it does not answer." in texts(window))
    assert "1 of 2 connected · 3 unread of 340" in texts(window)
    with qtbot.waitSignal(window.retry_requested):
        QTest.mouseClick(button(window, "Retry now"), Qt.MouseButton.LeftButton)
    window.set_statuses((CONNECTED, OTHER))
    qtbot.waitUntil(lambda: "Retry now" not in buttons(window))


def test_everything_is_about_the_chosen_server(qtbot: QtBot, window: RecentWindow, model: MessageListModel) -> None:
    assert window.findChild(QComboBox) is None, "it takes 0.5 MiB"
    model.set_servers((CONNECTED, SILENT))
    model.apply(MAIN, Change(added=make_messages(0, 1, 3)))
    model.apply(SHOP, Change(added=make_messages(2)))
    window.set_statuses((CONNECTED, SILENT))
    view = shown(qtbot, window)
    qtbot.waitUntil(lambda: bool(window.findChildren(QComboBox)) and model.rowCount() == 4)
    assert window.findChild(QComboBox).isVisibleTo(window)
    view.setCurrentIndex(model.index(2))
    QTest.keyClick(window.findChild(QComboBox), Qt.Key.Key_End)
    qtbot.waitUntil(lambda: "Not connected" in texts(window))
    assert (model.rowCount(), view.currentIndex().data()) == (1, "Mail 2")
    QTest.mouseClick(button(window, "Mark all as read"), Qt.MouseButton.LeftButton)
    assert "Mark 1 message in shop as read?" in texts(window)
    with qtbot.waitSignal(window.mailbox_opened) as opened:
        more(window)[0].trigger()
    assert opened.args == [SHOP]
    QTest.mouseClick(button(window, "Cancel"), Qt.MouseButton.LeftButton)
    choose(window, "localhost:8025")
    assert "shop: it does not answer." not in texts(window)
    assert "Connected · 3 unread of 340" in texts(window)
    choose(window, "All servers")
    assert (model.rowCount(), "shop: it does not answer." in texts(window)) == (4, True)


def test_removing_the_chosen_server_shows_all_the_others(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel
) -> None:
    third = replace(OTHER, url="http://localhost:8027/", name="blog")
    window.set_statuses((CONNECTED, OTHER, third))
    model.apply(MAIN, Change(added=make_messages(0)))
    shown(qtbot, window)
    qtbot.waitUntil(lambda: window.findChild(QComboBox).count() == 4)
    choose(window, "shop")
    assert model.rowCount() == 0
    window.set_statuses((CONNECTED, replace(third, name="new name")))
    qtbot.waitUntil(lambda: model.rowCount() == 1)
    assert [window.findChild(QComboBox).itemText(place) for place in range(3)] == [
        "All servers", "localhost:8025", "new name",
    ]  # fmt: skip


@pytest.mark.parametrize(("status", "sentence"), [(STOPPED, "shop is stopped."), (SILENT, "shop: it does not answer.")])
def test_a_message_of_an_unreachable_server_is_not_opened_but_explained(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel, status: ServerStatus, sentence: str
) -> None:
    model.set_servers((CONNECTED, status))
    model.apply(MAIN, Change(added=make_messages(0)))
    model.apply(SHOP, Change(added=make_messages(1)))
    window.set_statuses((CONNECTED, status))
    view = shown(qtbot, window)
    opened = []
    window.message_opened.connect(lambda row: opened.append(row.message.subject))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(model.index(1)).center())
    assert (sentence in texts(window), window.focusWidget().text()) == (True, "Retry now")
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    assert window.focusWidget() is view
    QTest.keyClick(view, Qt.Key.Key_Return)
    with qtbot.waitSignal(window.retry_requested):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert "Close" in buttons(window)
    window.set_statuses((CONNECTED, OTHER))
    qtbot.waitUntil(lambda: sentence not in texts(window) and window.focusWidget() is view)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert opened == ["Mail 1"]


def test_polling_is_explained_until_it_is_known(qtbot: QtBot, window: RecentWindow, model: MessageListModel) -> None:
    model.apply(MAIN, Change(added=make_messages(0)))
    window.set_statuses((CONNECTED, POLLED))
    shown(qtbot, window)
    start = "shop: live updates are blocked; checking every few seconds."
    qtbot.waitUntil(lambda: any(text.startswith(start) for text in texts(window)))
    window.show_error("Something else.")
    assert not any(text.startswith(start) for text in texts(window))
    QTest.mouseClick(button(window, "Close"), Qt.MouseButton.LeftButton)
    assert any(text.startswith(start) for text in texts(window))
    QTest.mouseClick(button(window, "Close"), Qt.MouseButton.LeftButton)
    assert "Close" not in buttons(window)
    window.set_statuses((replace(CONNECTED, link=Link.POLLING), POLLED))
    qtbot.waitUntil(lambda: any(text.startswith("localhost:8025: live updates") for text in texts(window)))


def test_an_unreadable_list_is_reported_as_long_as_it_lasts(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel
) -> None:
    broken = replace(CONNECTED, fault=Fault.UNREADABLE, total=None, unread=None)
    window.set_statuses((broken,))
    shown(qtbot, window)
    sentence = f"localhost:8025: {Fault.UNREADABLE.sentence}"
    qtbot.waitUntil(lambda: sentence in texts(window))
    assert "Message list cannot be read" in texts(window)
    model.apply(MAIN, Change(added=make_messages(0)))
    window.set_statuses((broken, replace(OTHER, fault=Fault.UNREADABLE)))
    qtbot.waitUntil(lambda: f"{sentence} (and 1 more)" in texts(window))
    window.set_statuses((CONNECTED, OTHER))
    qtbot.waitUntil(lambda: not any(sentence in text for text in texts(window)))


def test_each_row_has_its_servers_color_once_there_are_several(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel
) -> None:
    model.apply(MAIN, Change(added=make_messages(0)))
    model.apply(SHOP, Change(added=make_messages(1)))
    view = shown(qtbot, window)

    def colors() -> set[str]:
        image = view.viewport().grab().toImage()
        middles = [view.visualRect(model.index(row)).center().y() for row in range(model.rowCount())]
        return {image.pixelColor(0, round(middle * image.devicePixelRatio())).name() for middle in middles}

    assert colors().isdisjoint({CONNECTED.color, OTHER.color})
    model.set_servers((CONNECTED, OTHER))
    qtbot.waitUntil(lambda: colors() == {CONNECTED.color, OTHER.color})


def test_mark_all_as_read_asks_and_then_marks_exactly_the_loaded_unread_messages(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel
) -> None:
    model.apply(MAIN, Change(added=(make_message(0), make_message(1, read=True), make_message(2))))
    shown(qtbot, window)
    qtbot.waitUntil(button(window, "Mark all as read").isEnabled)
    with qtbot.assertNotEmitted(window.marked_all_read):
        QTest.mouseClick(button(window, "Mark all as read"), Qt.MouseButton.LeftButton)
        assert "Mark 2 messages in localhost:8025 as read?" in texts(window)
        QTest.mouseClick(button(window, "Cancel"), Qt.MouseButton.LeftButton)
    QTest.mouseClick(button(window, "Mark all as read"), Qt.MouseButton.LeftButton)
    model.apply(MAIN, Change(added=make_messages(-1)))
    with qtbot.waitSignal(window.marked_all_read) as marked:
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert marked.args == [MAIN, ("id0", "id2")]
    assert "Cancel" not in buttons(window)


def test_with_several_servers_the_button_opens_a_menu(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel
) -> None:
    model.set_servers((CONNECTED, OTHER))
    model.apply(MAIN, Change(added=make_messages(0, 1)))
    model.apply(SHOP, Change(added=make_messages(2)))
    window.set_statuses((CONNECTED, OTHER))
    shown(qtbot, window)
    qtbot.waitUntil(lambda: button(window, "Mark all as read").menu() is not None)
    menu = button(window, "Mark all as read").menu()
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()] == ["localhost:8025 (2)", "shop (1)"]
    menu.actions()[1].trigger()
    assert "Mark 1 message in shop as read?" in texts(window)
    assert [action.text() for action in more(window)][:2] == ["Open localhost:8025", "Open shop"]
    with qtbot.waitSignal(window.mailbox_opened) as opened:
        more(window)[1].trigger()
    assert opened.args == [SHOP]


def test_nothing_unread_is_nothing_to_mark(qtbot: QtBot, window: RecentWindow, model: MessageListModel) -> None:
    model.apply(MAIN, Change(added=(make_message(0, read=True),)))
    shown(qtbot, window)
    qtbot.waitUntil(lambda: not button(window, "Mark all as read").isEnabled())


def test_an_error_is_shown_until_it_is_closed(qtbot: QtBot, window: RecentWindow) -> None:
    shown(qtbot, window)
    window.show_error("shop: <b>it</b> does not answer.")
    assert "shop: <b>it</b> does not answer." in texts(window)
    QTest.mouseClick(button(window, "Close"), Qt.MouseButton.LeftButton)
    assert "shop: <b>it</b> does not answer." not in texts(window)


@pytest.mark.parametrize("answer", ["Mark as read", "Cancel"])
def test_an_error_waits_while_a_button_of_a_question_has_the_focus(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel, answer: str
) -> None:
    model.apply(MAIN, Change(added=make_messages(0, 1)))
    view = shown(qtbot, window)
    qtbot.waitUntil(button(window, "Mark all as read").isEnabled)
    QTest.mouseClick(button(window, "Mark all as read"), Qt.MouseButton.LeftButton)
    window.show_error("The mail was not deleted.")
    window.withdraw_error("config.toml, line 2: what is this?")  # another message
    assert window.focusWidget() is button(window, "Mark as read")
    button(window, answer).click()
    assert "The mail was not deleted." in texts(window)
    assert window.focusWidget() is view
    button(window, "Close").click()
    assert "The mail was not deleted." not in texts(window)


def test_an_error_that_is_over_before_the_answer_is_not_shown_after_it(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel
) -> None:
    model.apply(MAIN, Change(added=make_messages(0, 1)))
    shown(qtbot, window)
    qtbot.waitUntil(button(window, "Mark all as read").isEnabled)
    QTest.mouseClick(button(window, "Mark all as read"), Qt.MouseButton.LeftButton)
    window.show_error("config.toml, line 2: what is this?")
    window.withdraw_error("config.toml, line 2: what is this?")
    assert window.focusWidget() is button(window, "Mark as read")
    button(window, "Cancel").click()
    assert "config.toml, line 2: what is this?" not in texts(window)


def test_with_a_tray_closing_hides(qtbot: QtBot, window: RecentWindow) -> None:
    shown(qtbot, window)
    event = Closing()
    window.closeEvent(event)
    assert event.isAccepted()


@pytest.mark.parametrize(("answer", "quits"), [("Keep running", False), ("Quit", True)])
def test_without_a_tray_the_first_close_asks_and_remembers(
    qtbot: QtBot, alone: RecentWindow, model: MessageListModel, tmp_path: Path, answer: str, quits: bool
) -> None:
    shown(qtbot, alone)
    event = Closing()
    alone.closeEvent(event)
    assert not event.isAccepted()
    assert alone.focusWidget().text() == "Keep running"
    assert any("AppIndicator" in text for text in texts(alone))
    heard = []
    alone.quit_requested.connect(lambda: heard.append("first"))
    QTest.mouseClick(button(alone, answer), Qt.MouseButton.LeftButton)
    assert not alone.isVisible()

    later = RecentWindow(model, tmp_path / "window.ini", lambda: False)
    qtbot.addWidget(later)
    later.quit_requested.connect(lambda: heard.append("later"))
    shown(qtbot, later)
    event = Closing()
    later.closeEvent(event)
    assert event.isAccepted()
    assert heard == ["first", "later"] * quits


def test_the_end_of_the_session_asks_no_question(qtbot: QtBot, alone: RecentWindow) -> None:
    shown(qtbot, alone)
    assert alone.close()


def test_size_and_place_are_remembered(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel, tmp_path: Path
) -> None:
    shown(qtbot, window)
    window.setGeometry(QRect(30, 40, 500, 555))
    window.hide()
    later = RecentWindow(model, tmp_path / "window.ini")
    qtbot.addWidget(later)
    assert later.size() == window.size()


lengths, places = st.integers(1, 900), st.integers(-2_000, 4_000)


@given(
    icon=st.builds(QRect, places, places, st.integers(1, 64), st.integers(1, 64)),
    size=st.builds(QSize, lengths, lengths),
    free=st.builds(QRect, places, places, st.integers(900, 4_000), st.integers(900, 3_000)),
)
def test_the_window_is_within_the_screen_beside_any_icon(icon: QRect, size: QSize, free: QRect) -> None:
    assert free.contains(QRect(position_beside(icon, size, free), size))


def test_everything_has_a_name_for_a_screen_reader(qtbot: QtBot, window: RecentWindow, model: MessageListModel) -> None:
    model.set_servers((CONNECTED, SILENT))
    model.apply(MAIN, Change(added=make_messages(0, 1, 2)))
    window.set_statuses((CONNECTED, SILENT))
    shown(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_Tab)
    role = QAccessible.Role
    named = {role.Window, role.Button, role.PushButton, role.ButtonMenu, role.List, role.ListItem, role.StaticText}
    named.add(role.ComboBox)
    tree = accessible_tree(QAccessible.queryAccessibleInterface(window))
    seen = [(one.role(), one.text(QAccessible.Text.Name)) for one in tree if not one.state().invisible]
    assert [one for one, name in seen if one in named and not name] == []
    assert (role.List, "Recent messages") in seen
    labels = QAccessible.queryAccessibleInterface(window.findChild(QComboBox)).relations(QAccessible.RelationFlag.Label)
    assert [one.text(QAccessible.Text.Name) for one, _ in labels] == ["Servers shown"]
    assert (role.ListItem, "Mail 2, to ann@example.test, localhost:8025, 2 minutes ago, unread") in seen


def test_rows_survive_every_hostile_text_in_every_layout(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel
) -> None:
    nasty = ("<h1>x</h1>" * 90, "\u202e\x00\u2066" * 40, "𒐫" * 300, "\u0301" * 400, "مرحبا " * 90, "&amp;\r\n\t")
    for number, text in enumerate(nasty):
        person = Person(name=text, address=text)
        model.apply(MAIN, Change(added=(
            Message(id=f"n{number}", created=NOW, subject=text, snippet=text, sender=person, to=(person,) * 3,
                    tags=(text,) * 40, attachments=10**12),
        )))  # fmt: skip
    view = shown(qtbot, window)
    for direction in (Qt.LayoutDirection.RightToLeft, Qt.LayoutDirection.LeftToRight):
        window.setLayoutDirection(direction)
        for width in (120, 420, 1_200):
            window.resize(width, 600)
            assert not view.grab().isNull()
