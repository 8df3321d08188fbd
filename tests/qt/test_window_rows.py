"""Actions in the window: search, act on a row by pointer and key, undo, load more."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLabel, QLineEdit, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.settings import WindowChoices
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.findings.result import Findings
from mailpit_notifier.protocol.model import Message, Person
from mailpit_notifier.ui.window.entries import fold, query_words, searched_text
from mailpit_notifier.ui.window.list_model import MessageListModel, Role, Row
from mailpit_notifier.ui.window.message_actions import MessageAction, file_name
from mailpit_notifier.ui.window.message_list import MessageList
from mailpit_notifier.ui.window.window import RecentWindow

NOW = datetime.now(UTC)
MAIN, SHOP = "http://localhost:8025/", "http://localhost:8026/"
SERVERS = tuple(
    ServerStatus(url=url, name=name, link=Link.CONNECTED, total=900, unread=9, color="#0b8a6a")
    for url, name in ((MAIN, "main"), (SHOP, "shop"))
)
CODE, LINK = Findings(code="482913"), Findings(link="https://acme.test/confirm/8f3a")


def make_message(number: int, subject: str = "", **more: object) -> Message:
    values = {
        "id": f"id{number}", "created": NOW - timedelta(minutes=number), "subject": subject or f"Mail {number}",
        "to": (Person(address="ann@example.test"),),
    }  # fmt: skip
    return Message(**(values | more))  # type: ignore[arg-type]


MAILS = (
    make_message(0, "Your Acme code", sender=Person(name="Acme")),
    make_message(1, "Bitte bestätigen", to=(Person(name="Zoë", address="zoe@example.test"),)),
    make_message(2, "Monthly report", read=True, tags=("Billing",)),
    make_message(3, "Something else", read=True),
)


def glance(_server: str, message: Message) -> Findings:
    return {"id0": CODE, "id1": LINK}.get(message.id, Findings())


@pytest.fixture
def model() -> MessageListModel:
    model = MessageListModel(now=lambda: NOW, quick_findings=glance)
    model.set_servers(SERVERS)
    model.apply(MAIN, Change(added=MAILS[:3]))
    model.apply(SHOP, Change(added=MAILS[3:]))
    return model


@pytest.fixture
def window(qtbot: QtBot, model: MessageListModel, tmp_path: Path) -> Iterator[RecentWindow]:
    window = RecentWindow(model, tmp_path / "window.ini")
    qtbot.addWidget(window)
    window.set_statuses(SERVERS)
    with qtbot.waitExposed(window):
        window.present()
    yield window
    window.hide()


def view(window: RecentWindow) -> MessageList:
    return window.findChild(MessageList)


def field(window: RecentWindow) -> QLineEdit:
    return next(one for one in window.findChildren(QLineEdit) if one.isVisible())


def control(window: RecentWindow, name: str) -> QAbstractButton:
    buttons = window.findChildren(QAbstractButton)
    return next(one for one in buttons if one.isVisible() and name in {one.accessibleName(), one.text()})


def subjects(window: RecentWindow) -> list[str]:
    model = view(window).model()
    return [model.index(place, 0).data() for place in range(model.rowCount())]


def record_actions(window: RecentWindow) -> list[tuple[MessageAction, str]]:
    """Record the requested actions from now on."""
    actions: list[tuple[MessageAction, str]] = []
    window.action_requested.connect(lambda action, row: actions.append((action, row.message.subject)))
    window.message_opened.connect(lambda row: actions.append((MessageAction.OPEN, row.message.subject)))
    return actions


def action_place(window: RecentWindow, row: int, action: MessageAction) -> QPoint:
    """Return the position of the button for this action, by scanning the row."""
    shown = view(window)
    rect = shown.visualRect(shown.model().index(row, 0))
    places = (QPoint(x, y) for y in range(rect.top(), rect.bottom(), 3) for x in range(rect.right(), rect.left(), -3))
    return next(at for at in places if shown.action_at(at) is action)


def texts(window: RecentWindow) -> list[str]:
    return [label.text() for label in window.findChildren(QLabel) if label.isVisible()]


@given(st.text())
def test_a_search_for_any_text_of_a_message_finds_it(text: str) -> None:
    assert all(word in searched_text(make_message(0, text or "x"), None) for word in query_words(text))
    assert fold(fold(text)) == fold(text) or not text.isascii()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("ACME", ["Your Acme code"]),
        ("bestatigen", ["Bitte bestätigen"]),
        ("zoë@ OR", []),
        ("zoe", ["Bitte bestätigen"]),
        ("billing", ["Monthly report"]),
        ("482913", ["Your Acme code"]),
        ("example code your", ["Your Acme code"]),
        ("nothing like it", []),
    ],
)
def test_a_search_finds_subject_people_tags_and_code(window: RecentWindow, query: str, found: list[str]) -> None:
    field(window).insert(query)  # QTest types ASCII only
    assert subjects(window) == found
    assert ("Nothing found" in texts(window)) == (not found)
    QTest.keyClick(field(window), Qt.Key.Key_Escape)
    assert len(subjects(window)) == 4


def test_a_message_that_arrives_during_a_search_is_shown_if_it_matches(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel
) -> None:
    QTest.keyClicks(field(window), "acme")
    model.apply(MAIN, Change(added=(make_message(-1, "Acme again"), make_message(-2, "Other"))))
    qtbot.waitUntil(lambda: subjects(window) == ["Acme again", "Your Acme code"])
    model.set_findings(Row(server=MAIN, message=MAILS[2]), Findings(code="acme77"))
    qtbot.waitUntil(lambda: subjects(window) == ["Acme again", "Your Acme code", "Monthly report"])


def test_enter_in_the_search_opens_mailpit_of_the_current_rows_server(qtbot: QtBot, window: RecentWindow) -> None:
    QTest.keyClick(view(window), Qt.Key.Key_End)
    QTest.keyClick(view(window), Qt.Key.Key_Slash)
    assert window.focusWidget() is field(window)
    QTest.keyClicks(field(window), "else")
    with qtbot.waitSignal(window.search_requested) as searched:
        QTest.keyClick(field(window), Qt.Key.Key_Return)
    assert searched.args == [SHOP, "else"]


def test_the_unread_filter_shows_only_unread_messages(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel
) -> None:
    control(window, "Unread only").click()
    assert subjects(window) == ["Your Acme code", "Bitte bestätigen"]
    model.apply(MAIN, Change(updated=(make_message(0, read=True), make_message(1, read=True))))
    qtbot.waitUntil(lambda: "No unread messages" in texts(window))
    control(window, "Show all messages").click()
    assert len(subjects(window)) == 4


def test_letter_keys_are_actions_in_the_list_and_letters_in_the_search(window: RecentWindow) -> None:
    actions = record_actions(window)
    for key in (Qt.Key.Key_C, Qt.Key.Key_L, Qt.Key.Key_U, Qt.Key.Key_Delete, Qt.Key.Key_Return):
        QTest.keyClick(view(window), key)
    assert [action for action, _ in actions] == [
        MessageAction.COPY_CODE, MessageAction.OPEN_LINK, MessageAction.MARK_READ, MessageAction.DELETE,
        MessageAction.OPEN,
    ]  # fmt: skip
    actions.clear()
    QTest.keyClicks(field(window), "clu")
    assert (actions, field(window).text()) == ([], "clu")


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Delete, Qt.Key.Key_U])
def test_a_key_that_repeats_acts_once(window: RecentWindow, key: Qt.Key) -> None:
    actions = record_actions(window)
    for repeated in (False, True, True):
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, "", repeated)
        QApplication.sendEvent(view(window), event)
    assert len(actions) == 1


def test_the_usual_key_to_copy_takes_the_code_or_the_address(window: RecentWindow) -> None:
    actions = record_actions(window)
    for place in (0, 1):
        view(window).setCurrentIndex(view(window).model().index(place, 0))
        QTest.keySequence(view(window), QKeySequence(QKeySequence.StandardKey.Copy))
    assert [action for action, _ in actions] == [MessageAction.COPY_CODE, MessageAction.COPY_ADDRESS]


@pytest.mark.parametrize(
    ("platform", "scan_code", "virtual_key"),
    [("xcb", 54, 0x6D3), ("wayland", 54, 0x6D3), ("windows", 0x2E, 0x43), ("cocoa", 1, 8)],
)
def test_on_a_keyboard_of_another_script_a_key_means_the_letter_at_its_place(
    window: RecentWindow, monkeypatch: pytest.MonkeyPatch, platform: str, scan_code: int, virtual_key: int
) -> None:
    monkeypatch.setattr(QGuiApplication, "platformName", lambda: platform)
    actions = record_actions(window)
    none = Qt.KeyboardModifier.NoModifier
    event = QKeyEvent(QEvent.Type.KeyPress, ord("С"), none, scan_code, virtual_key, 0, "с")
    QApplication.sendEvent(view(window), event)
    assert [action for action, _ in actions] == [MessageAction.COPY_CODE]


def test_a_rows_buttons_and_chips_do_what_they_show_and_do_not_open_it(qtbot: QtBot, window: RecentWindow) -> None:
    actions, shown = record_actions(window), view(window)
    for row, action in (
        (0, MessageAction.COPY_CODE),
        (1, MessageAction.OPEN_LINK),
        (2, MessageAction.MARK_UNREAD),
        (3, MessageAction.DELETE),
    ):
        QTest.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=action_place(window, row, action))
    assert [action for action, _ in actions] == [
        MessageAction.COPY_CODE,
        MessageAction.OPEN_LINK,
        MessageAction.MARK_UNREAD,
        MessageAction.DELETE,
    ]
    actions.clear()
    at = action_place(window, 1, MessageAction.DELETE)
    QTest.mousePress(shown.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseRelease(shown.viewport(), Qt.MouseButton.LeftButton, pos=shown.visualRect(shown.indexAt(at)).topLeft())
    assert actions == []
    QTest.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=action_place(window, 2, MessageAction.SHOW_MENU))
    menu = next(menu for menu in window.findChildren(QMenu) if menu.isVisible())
    assert "Mark as unread" in [action.text() for action in menu.actions()]
    menu.hide()


def test_feedback_is_shown_and_a_deletion_can_be_undone(qtbot: QtBot, window: RecentWindow) -> None:
    window.show_status("Copied 482913")
    assert "Copied 482913" in texts(window)
    window.set_deleted(("Monthly report",))
    assert "Deleted: Monthly report" in texts(window)
    window.set_deleted(("Monthly report", "Your Acme code"))
    assert "Deleted: Your Acme code (and 1 more)" in texts(window)
    held: list[bool] = []
    window.undo_focused.connect(held.append)
    control(window, "Undo").setFocus()
    with qtbot.waitSignal(window.undo_requested):
        QTest.keyClick(control(window, "Undo"), Qt.Key.Key_Space)
    with qtbot.waitSignal(window.undo_requested):
        QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    window.set_deleted(())
    assert window.focusWidget() is view(window)
    assert held == [True, False]
    assert "2 of 2 connected · 18 unread of 1800" in texts(window)


def test_no_message_and_no_server_makes_markup_of_the_lower_bars_tooltip(qtbot: QtBot, window: RecentWindow) -> None:
    markup = "<img src='http://evil.test/x'>Hi"
    window.show_status(markup)
    window.set_deleted((markup,))
    window.set_statuses((replace(SERVERS[0], name="<b>main</b>"),))
    tips = [label.toolTip() for label in window.findChildren(QLabel)]
    assert any("evil.test" in tip for tip in tips)
    assert not any(map(Qt.mightBeRichText, tips))
    window.set_deleted(())
    qtbot.waitUntil(lambda: any("main" in label.toolTip() for label in window.findChildren(QLabel)))
    assert not any(Qt.mightBeRichText(label.toolTip()) for label in window.findChildren(QLabel))


def test_load_more_is_offered_below_the_last_row(qtbot: QtBot, window: RecentWindow, model: MessageListModel) -> None:
    model.apply(MAIN, Change(added=tuple(make_message(number) for number in range(10, 60))))
    window.set_unloaded({MAIN: 846, SHOP: 0})
    button = view(window).more_button
    qtbot.waitUntil(lambda: button.isVisible() and model.rowCount() == 54)
    QTest.keyClick(view(window), Qt.Key.Key_End)
    view(window).scrollToTop()
    QTest.keyClick(view(window), Qt.Key.Key_End)  # the current row is the last one already, but not visible
    last = view(window).visualRect(model.index(53))
    assert last.bottom() < button.geometry().top() < button.geometry().bottom() < view(window).viewport().height()
    bar = view(window).verticalScrollBar()
    assert bar.value() == bar.maximum()
    QTest.wheelEvent(window.windowHandle(), QPointF(button.mapTo(window, button.rect().center())), QPoint(0, 120))
    qtbot.waitUntil(lambda: bar.value() < bar.maximum())
    QTest.keyClick(view(window), Qt.Key.Key_End)
    with qtbot.waitSignal(window.more_requested) as wanted:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert wanted.args == [(MAIN,)]
    button.setFocus()
    window.set_unloaded({MAIN: 0, SHOP: 0})
    qtbot.waitUntil(lambda: not button.isVisible() and window.focusWidget() is view(window))


def test_the_list_stays_at_its_end_when_the_offer_or_the_size_changes(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel
) -> None:
    model.apply(MAIN, Change(added=tuple(make_message(number) for number in range(10, 60))))
    window.set_unloaded({MAIN: 846})
    qtbot.waitUntil(lambda: view(window).more_button.isVisible() and model.rowCount() == 54)
    QTest.keyClick(view(window), Qt.Key.Key_End)
    bar = view(window).verticalScrollBar()
    window.set_unloaded({MAIN: 845})
    qtbot.waitUntil(lambda: "845" in view(window).more_button.text())
    assert bar.value() == bar.maximum()
    window.resize(window.width() + 1, window.height())
    assert bar.value() == bar.maximum()


def test_the_keyboard_scrolls_to_load_more_below_the_last_row(
    qtbot: QtBot, window: RecentWindow, model: MessageListModel
) -> None:
    model.apply(MAIN, Change(added=tuple(make_message(number) for number in range(10, 60))))
    window.set_unloaded({MAIN: 846})
    button = view(window).more_button
    qtbot.waitUntil(lambda: button.isVisible() and model.rowCount() == 54)
    assert not button.visibleRegion().boundingRect().isValid()
    QTest.keyClick(view(window), Qt.Key.Key_Tab)
    assert window.focusWidget() is button
    assert button.visibleRegion().boundingRect() == button.rect()


def test_visible_rows_are_reported_once_the_list_is_idle(qtbot: QtBot, window: RecentWindow) -> None:
    with qtbot.waitSignal(window.rows_seen) as seen:
        view(window).scrolled.emit()
    assert [row.message.id for row in seen.args[0]] == ["id0", "id1", "id2", "id3"]
    with qtbot.waitSignal(window.rows_seen) as seen:
        window.hide()
    assert seen.args == [()]


def test_the_window_can_stay_on_top_and_hide_on_focus_loss(qtbot: QtBot, window: RecentWindow) -> None:
    window.set_choices(WindowChoices(stay_on_top=True, hide_on_focus_loss=True))
    assert window.isVisible()
    assert window.windowHandle().flags() & Qt.WindowType.WindowStaysOnTopHint
    other = QPushButton()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(lambda: not window.isActiveWindow())
    assert window.isVisible()  # a window of this program took it
    other.close()


def test_a_second_save_takes_the_place_of_the_first_and_is_asked_about_until_it_is_answered(
    qtbot: QtBot, window: RecentWindow
) -> None:
    def asking() -> list[str]:
        return [dialog.selectedFiles()[0] for dialog in window.findChildren(QFileDialog) if dialog.isVisible()]

    for place in (2, 3, 2):
        view(window).action_requested.emit(MessageAction.SAVE, view(window).model().index(place, 0).data(Role.ROW))
        qtbot.waitUntil(lambda: len(window.findChildren(QFileDialog)) == 1)
        (name,) = asking()
        assert name.endswith(file_name(MAILS[place]))


@given(st.text(max_size=200))
def test_every_subject_makes_a_file_name(subject: str) -> None:
    name = file_name(make_message(1, subject))
    assert name.endswith(".eml")
    assert not set(name) & set('/\\:*?"<>|\n\0')
    assert 4 < len(name.encode()) < 400


@pytest.mark.parametrize("query", ["bücher", "xn--bcher-kva", "buchER.example", "XN--bcher-kva.example"])
@pytest.mark.parametrize("address", ["ann@xn--bcher-kva.example", "ann@bücher.example"])
def test_a_search_finds_international_domains_in_both_spellings(query: str, address: str) -> None:
    message = replace(make_message(0, "Hello"), to=(Person(address=address),))
    assert all(word in searched_text(message, None) for word in query_words(query))
