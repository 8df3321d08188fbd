"""The quick look: what it shows of a message, hostile ones included, and what its keys and buttons do."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QScrollBar, QWidget
from pytestqt.qtbot import QtBot

from mailpit_notifier.controllers.window_controller import RowContents
from mailpit_notifier.core.contents import Attachment, ContentLink, Contents, Doubt
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.model import Message, Person
from mailpit_notifier.ui.window.list_model import MessageListModel, Role, Row
from mailpit_notifier.ui.window.message_actions import MessageAction, RowMenu
from mailpit_notifier.ui.window.message_list import MessageList
from mailpit_notifier.ui.window.message_text import PIECE, MessageText, Subject, pieces, shown_text
from mailpit_notifier.ui.window.quick_look import QuickLook, link_label
from mailpit_notifier.ui.window.window import RecentWindow

SERVER = "http://localhost:8025/"
STATUS = ServerStatus(url=SERVER, name="localhost:8025", link=Link.CONNECTED, total=9, unread=9)
NOW = datetime.now(UTC)
EVIL = "\u202egnp.exe\u202c\x07\x1b[31m<b>x</b>\n\u2028line"


def make_message(number: int, subject: str = "") -> Message:
    return Message(
        id=f"id{number}",
        created=NOW - timedelta(minutes=number),
        sender=Person(name="Acme", address="shop@acme.test"),
        to=(Person(name="Ann", address="ann@example.test"),),
        subject=subject or f"Mail {number}",
        size=12_345,
    )


class Pane:
    """The window with its quick look, and the requests for contents."""

    def __init__(self, window: RecentWindow, model: MessageListModel) -> None:
        self.window, self.model = window, model
        self.requested: list[Row] = []
        window.quick_look.contents_requested.connect(self.requested.append)

    @property
    def view(self) -> MessageList:
        return self.window.findChild(MessageList)

    @property
    def shown_text(self) -> str:
        return str(self.window.findChild(Subject).accessibleName())

    @property
    def text(self) -> str:
        return str(self.window.findChild(MessageText).toPlainText())

    @property
    def is_open(self) -> bool:
        pane = self.window.findChild(QuickLook)
        return pane is not None and bool(pane.isVisible())

    def buttons(self) -> dict[str, QAbstractButton]:
        found = self.window.findChild(QuickLook).findChildren(QAbstractButton)
        return {one.accessibleName() or one.text(): one for one in found if one.isVisibleTo(self.window)}

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.window.focusWidget(), key, modifier)

    def show(self, **contents: object) -> None:
        self.window.quick_look.show_contents(self.requested[-1], Contents(**contents))  # type: ignore[arg-type]


@pytest.fixture
def pane(qtbot: QtBot, tmp_path: Path) -> Iterator[Pane]:
    model = MessageListModel()
    model.set_servers((STATUS,))
    model.apply(SERVER, Change(added=tuple(map(make_message, range(3)))))
    window = RecentWindow(model, tmp_path / "window.ini", lambda: True)
    qtbot.addWidget(window)
    window.set_statuses((STATUS,))
    with qtbot.waitExposed(window):
        window.present()
    found = Pane(window, model)
    found.press(Qt.Key.Key_Space)
    yield found
    window.hide()


def test_it_follows_the_rows_and_asks_for_each_content_once(pane: Pane) -> None:
    assert pane.is_open
    assert pane.shown_text.splitlines()[:3] == ["Mail 0", "From Acme <shop@acme.test>", "To Ann <ann@example.test>"]
    assert "Loading the message" in pane.shown_text
    pane.show(text="First")
    pane.press(Qt.Key.Key_Down)
    assert pane.shown_text.startswith("Mail 1\n")
    pane.window.quick_look.show_contents(pane.requested[0], Contents(text="First, late"))
    assert "late" not in pane.shown_text
    pane.show(text="Second")
    pane.press(Qt.Key.Key_Down)
    pane.press(Qt.Key.Key_Down)
    assert [row.message.id for row in pane.requested] == ["id0", "id1", "id2"]
    pane.window.quick_look.show_failure(pane.requested[-1], "The message was not loaded: it does not answer.")
    assert "it does not answer" in pane.shown_text


async def test_the_reason_for_a_failure_names_its_cause() -> None:
    async def contents(_server: str, _message: Message) -> AsyncIterator[Contents]:
        raise FaultError(Fault.SERVER_ERROR, about="status 500")
        yield

    failed = asyncio.get_running_loop().create_future()
    servers = SimpleNamespace(messages=SimpleNamespace(contents=contents))
    reader = RowContents(servers, lambda _row, _contents: None, lambda _row, sentence: failed.set_result(sentence))
    reader.request(Row(server=SERVER, message=make_message(1)))
    assert "(status 500)" in await failed


def test_a_subject_without_spaces_is_wrapped_and_a_short_one_takes_one_line(qtbot: QtBot, pane: Pane) -> None:
    subject = pane.window.findChild(Subject)
    line = subject.heightForWidth(400)
    pane.show(text="First")
    qtbot.waitUntil(lambda: subject.height() == line)
    pane.model.apply(SERVER, Change(updated=(replace(make_message(0), subject="x" * 200),)))
    qtbot.waitUntil(lambda: subject.height() > 2 * line)
    assert subject.width() <= pane.window.width()
    assert subject.text() == "x" * 200


def test_the_values_of_the_fields_are_in_a_column(pane: Pane) -> None:
    pane.show(text="First")
    text = pane.window.findChild(MessageText)
    lines = text.toPlainText().splitlines()[:4]
    assert [line.split("  ")[0] for line in lines] == ["From", "To", "Date", "Size"]
    lefts = []
    for number, line in enumerate(lines):
        cursor = text.textCursor()
        cursor.setPosition(text.document().findBlockByNumber(number).position() + line.index("  ") + 2)
        lefts.append(text.cursorRect(cursor).left())
    assert max(lefts) - min(lefts) <= 1


def test_a_change_of_the_row_keeps_the_content(qtbot: QtBot, pane: Pane) -> None:
    pane.show(text="First")
    pane.model.apply(SERVER, Change(updated=(replace(make_message(0), read=True),)))
    qtbot.waitUntil(lambda: pane.view.currentIndex().data(Role.ROW).message.read)
    assert "First" in pane.text
    assert len(pane.requested) == 1


def test_its_menu_has_no_quick_look(qtbot: QtBot, pane: Pane) -> None:
    menu = pane.window.findChild(RowMenu)

    def entries() -> list[str]:
        pane.press(Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
        qtbot.waitUntil(menu.isVisible)
        menu.hide()
        return [entry.text() for entry in menu.actions()]

    assert "Quick look" not in entries()
    pane.press(Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not pane.is_open)
    assert "Quick look" in entries()


def test_after_a_deletion_the_next_message_or_the_empty_page_is_shown(qtbot: QtBot, pane: Pane) -> None:
    pane.model.apply(SERVER, Change(removed=("id0",)))
    qtbot.waitUntil(lambda: pane.shown_text.startswith("Mail 1\n"))
    pane.model.apply(SERVER, Change(removed=("id1", "id2")))
    qtbot.waitUntil(lambda: not pane.is_open)
    pane.model.apply(SERVER, Change(added=(make_message(7),)))
    qtbot.waitUntil(lambda: pane.window.focusWidget() is pane.view)


@pytest.mark.parametrize(
    "key", [Qt.Key.Key_Space, Qt.Key.Key_Escape, Qt.Key.Key_Left]
)  # fmt: skip
def test_keys_close_it_and_the_list_has_the_focus(pane: Pane, key: Qt.Key) -> None:
    pane.press(Qt.Key.Key_Down)
    pane.press(key)
    assert not pane.is_open
    assert pane.window.focusWidget() is pane.view
    assert pane.view.currentIndex().data() == "Mail 1"


def test_keys_of_the_list_work_in_it(qtbot: QtBot, pane: Pane) -> None:
    done = []
    pane.window.action_requested.connect(lambda action, row: done.append((action, row.message.id)))
    for key in (Qt.Key.Key_C, Qt.Key.Key_L, Qt.Key.Key_U, Qt.Key.Key_Delete):
        pane.press(key)
    wanted = (MessageAction.COPY_CODE, MessageAction.OPEN_LINK, MessageAction.MARK_READ, MessageAction.DELETE)
    assert done == [(action, "id0") for action in wanted]
    with qtbot.waitSignal(pane.window.message_opened):
        pane.press(Qt.Key.Key_Return)
    pane.press(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert not pane.is_open


def test_code_and_links_are_buttons_with_hosts_and_others_in_a_menu(qtbot: QtBot, pane: Pane) -> None:
    links = tuple(ContentLink(url=f"https://a{number}.test/x", words="Go & see") for number in range(5))
    pane.show(code="482913", links=links, text="Hello")
    names = list(pane.buttons())
    assert names[3:] == [
        "Copy code 4 8 2 9 1 3",
        *(f"Open link a{number}.test · Go & see" for number in range(3)),
        "More links (2)",
    ]
    with qtbot.waitSignal(pane.window.quick_look.link_opened) as opened:
        pane.buttons()["Open link a2.test · Go & see"].click()
    assert opened.args == ["https://a2.test/x"]
    with qtbot.waitSignal(pane.window.quick_look.code_copied) as copied:
        pane.buttons()["Copy code 4 8 2 9 1 3"].click()
    assert copied.args == ["482913"]
    menu = pane.buttons()["More links (2)"].menu()
    with qtbot.waitSignal(pane.window.quick_look.link_opened) as opened:
        menu.actions()[1].trigger()
    assert opened.args == ["https://a4.test/x"]
    qtbot.waitUntil(lambda: all(min(one.height(), one.width()) >= 24 for one in pane.buttons().values()))


@pytest.mark.parametrize(
    ("contents", "sentence"),
    [
        (Contents(), "This message has no text."),
        (Contents(doubts=frozenset({Doubt.ENCRYPTED})), "The message is encrypted. Its text cannot be shown."),
        (Contents(is_partial=True), "No text was found in the part of the message that could be read."),
        (Contents(text="x", is_partial=True), "It may contain more attachments."),
        (Contents(text="x", is_partial=True, is_loading=True), "Loading the rest of the message"),
        (Contents(text="x", is_cut=True), "Only the beginning is shown."),
        (Contents(text="x\ufffd"), "Some characters could not be decoded"),
        (Contents(text="x", doubts=frozenset({Doubt.CHARSET})), "Some characters could not be decoded"),
        (Contents(text="x", doubts=frozenset({Doubt.ENCODING})), "The encoding of the text is unknown."),
    ],
)
def test_missing_or_uncertain_content_is_reported(pane: Pane, contents: Contents, sentence: str) -> None:
    pane.window.quick_look.show_contents(pane.requested[-1], contents)
    assert sentence in pane.shown_text
    assert sentence in pane.text


def test_hostile_texts_are_shown_as_plain_text_without_control_characters(qtbot: QtBot, pane: Pane) -> None:
    person = Person(name=EVIL, address="a\u202eb@c.test")
    evil = replace(make_message(-1), subject=EVIL, sender=person, to=(person,) * 999, cc=(person,))
    pane.model.apply(SERVER, Change(added=(evil,)))
    qtbot.waitUntil(lambda: pane.model.rowCount() == 4)
    pane.press(Qt.Key.Key_Up)
    pane.show(
        text=EVIL + "\ufffc",
        code=EVIL,
        links=(ContentLink(url="https://a.test/", words=EVIL),),
        attachments=(Attachment(name=EVIL, kind=EVIL, size=2**62),) * 300,
    )
    shown = pane.shown_text + pane.text + "".join(pane.buttons()) + pane.window.findChild(Subject).text()
    assert not {"\u202e", "\x07", "\x1b", "\u2028", "\ufffc"} & set(shown)
    assert "<b>x</b>" in pane.text
    assert "and 979 more" in pane.shown_text
    assert "and 200 more" in pane.shown_text


def test_long_lines_are_laid_out_in_pieces_and_copied_whole(qtbot: QtBot, pane: Pane) -> None:
    text = "word " * 700 + "\n" + "x" * 5_000 + "\nend"
    assert max(len(piece) for piece, _ in pieces(text)) <= PIECE
    assert max(len(piece) for piece, _ in pieces("a\u05d0" * 1_000)) < PIECE / 10
    pane.show(text=text)
    pane.window.findChild(MessageText).selectAll()
    with qtbot.waitSignal(pane.window.quick_look.text_copied) as copied:
        pane.press(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert shown_text(text) in copied.args[0]


def test_the_text_scrolls_by_keys_of_the_pane(pane: Pane) -> None:
    pane.show(text="line\n" * 300)
    bar = pane.window.findChild(MessageText).verticalScrollBar()
    pane.press(Qt.Key.Key_PageDown)
    assert 0 < bar.value() < bar.maximum()
    pane.press(Qt.Key.Key_End)
    assert bar.value() == bar.maximum()
    pane.press(Qt.Key.Key_Home)
    assert bar.value() == 0
    assert pane.shown_text.startswith("Mail 0\n")


@pytest.mark.parametrize("size", [QSize(640, 330), QSize(420, 640)])
def test_in_a_small_window_its_buttons_scroll_and_its_text_is_visible(qtbot: QtBot, pane: Pane, size: QSize) -> None:
    links = tuple(ContentLink(url=f"https://a{number}.test/x", words="Go") for number in range(5))
    pane.show(code="482913", links=links, text="line\n" * 300)
    pane.window.resize(size)
    qtbot.waitUntil(lambda: pane.window.size() == size)
    text = pane.window.findChild(MessageText)
    qtbot.waitUntil(lambda: text.height() >= 56)
    assert pane.window.rect().contains(QRect(text.mapTo(pane.window, QPoint(0, 0)), text.size()))
    assert not pane.buttons()["Close quick look (Esc)"].visibleRegion().isEmpty()
    wanted = pane.buttons()["Open link a2.test · Go"]
    while pane.window.focusWidget() is not wanted:
        pane.press(Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: wanted.height() > 0 and wanted.visibleRegion().boundingRect().size() == wanted.size())


def test_hidden_content_is_shown_only_on_request_for_one_message(pane: Pane) -> None:
    pane.press(Qt.Key.Key_Space)
    pane.window.quick_look.set_hide_content(True)
    pane.press(Qt.Key.Key_Down)
    pane.press(Qt.Key.Key_Space)
    assert "The content of messages is hidden in the settings." in pane.shown_text
    assert [row.message.id for row in pane.requested] == ["id0"]
    pane.buttons()["&Show content"].click()
    pane.show(text="Secret")
    assert "Secret" in pane.shown_text
    pane.press(Qt.Key.Key_Down)
    pane.press(Qt.Key.Key_Up)
    assert "Secret" not in pane.shown_text + pane.text


def test_empty_lines_are_few_and_lines_are_bounded() -> None:
    assert shown_text("\n\n a \r\n\r\n\n\n b\u2028c\n\n") == " a\n\n b c"
    assert len(shown_text("a\n" * 9_999).split("\n")) == 2_000


def test_the_host_is_before_the_words_of_a_link_in_any_script() -> None:
    label = link_label(ContentLink(url="https://acme.test/x", words="\u05d0\u05d1"))
    assert label == "\u2068acme.test\u2069 · \u2068\u05d0\u05d1\u2069"
    assert link_label(ContentLink(url="https://acme.test/x?y=1")) == "acme.test/x?y=1"
    assert link_label(ContentLink(url=f"https://{'a' * 60}.{'b' * 60}.evil.test/")).endswith(".evil.test")


def test_it_has_the_colors_of_the_window_when_it_is_first_opened(pane: Pane) -> None:
    expected = pane.window.palette()
    parts = pane.window.findChild(QuickLook).findChildren(QWidget)
    assert parts
    for part in (one for one in parts if not isinstance(one, QScrollBar)):
        assert part.palette().highlight() == expected.highlight(), part
        assert part.palette().buttonText() == expected.buttonText(), part
