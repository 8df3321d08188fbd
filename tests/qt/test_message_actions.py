"""The context menu of a row offers all actions for its message, and is mirrored for right-to-left languages."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from test_list_model import SHOP, make_message

from mailpit_notifier.findings.result import NOTHING, Findings
from mailpit_notifier.protocol.model import Message, Person
from mailpit_notifier.ui.window import message_actions
from mailpit_notifier.ui.window.delegate import chips_of
from mailpit_notifier.ui.window.entries import Row
from mailpit_notifier.ui.window.message_actions import MessageAction, RowMenu

FOUND = Findings(code="482913", link="https://acme.test/confirm")


@pytest.fixture
def owner(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def shown(owner: QWidget, message: Message, found: Findings) -> RowMenu:
    menu = RowMenu(owner)
    menu.show_for(Row(server=SHOP, message=message), found, QPoint(400, 0), by_keyboard=True)
    return menu


def labels(menu: RowMenu) -> set[str]:
    return {entry.text() for entry in entries(menu)}


def entries(menu: RowMenu) -> list[QAction]:
    return [action for action in menu.actions() if not action.isSeparator()]


@pytest.mark.parametrize("read", [False, True])
@pytest.mark.parametrize("found", [NOTHING, FOUND])
def test_the_menu_has_all_actions_of_buttons_and_chips(owner: QWidget, read: bool, found: Findings) -> None:
    message = replace(make_message(1), read=read)
    menu, chosen = shown(owner, message, found), set[MessageAction]()
    menu.chosen.connect(lambda action, _row: chosen.add(action))
    for entry in entries(menu):
        entry.trigger()
    offered = {
        *message_actions.buttons(message),
        *(chip.action for chip in chips_of(message, found) if chip.action),
    }
    assert offered - {MessageAction.SHOW_MENU} <= chosen


HTML_VIEW = "Open HTML view (marks as read)"


@pytest.mark.parametrize(
    ("found", "absent"),
    [
        (NOTHING, set()),  # the source was not read yet
        (Findings(has_html=True), {"Copy code", "Open link"}),
        (Findings(has_html=False), {"Copy code", "Open link", HTML_VIEW}),
        (Findings(code="482913", has_html=False), {"Open link", HTML_VIEW}),
        (Findings(link="https://acme.test/confirm", has_html=True), {"Copy code"}),
        (Findings(is_cut=True, has_html=True), set()),  # the rest may have them
        (Findings(code="482913").completed_by(Findings(has_html=False)), {"Open link", HTML_VIEW}),
    ],
)
def test_the_menu_does_not_offer_what_the_message_does_not_have(
    owner: QWidget, found: Findings, absent: set[str]
) -> None:
    parts = ("Copy code", "Open link", HTML_VIEW)
    offered = labels(shown(owner, make_message(1), found))
    assert {part for part in parts if not any(label.startswith(part) for label in offered)} == absent


@pytest.mark.parametrize("recipients", [(), (Person(name="", address=""),)])
def test_the_menu_copies_no_address_that_does_not_exist(owner: QWidget, recipients: tuple[Person, ...]) -> None:
    message = replace(make_message(1), to=recipients)
    assert not [label for label in labels(shown(owner, message, NOTHING)) if label.startswith("Copy address")]
    assert message_actions.copy_action(message, NOTHING) is MessageAction.COPY_URL


@pytest.fixture
def right_to_left(qapp: QApplication) -> Iterator[None]:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)


def test_the_menu_is_mirrored_from_right_to_left(right_to_left: None, owner: QWidget) -> None:
    menu = shown(owner, make_message(1), FOUND)
    entry = next(entry for entry in entries(menu) if entry.text() == "Copy URL of this message")  # it has no key
    image = menu.grab(menu.actionGeometry(entry)).toImage()
    middle, ground = image.height() // 2, image.pixelColor(image.width() - 8, 2)
    rows = range(middle - 4, middle + 4)
    ink = [x for x in range(4, image.width() - 4) if any(image.pixelColor(x, y) != ground for y in rows)]
    assert min(ink) > image.width() - max(ink)
