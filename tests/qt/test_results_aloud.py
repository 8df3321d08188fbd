"""Announcements of results and states, each sent to screen readers once, and the texts of focused controls."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent, QIcon
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from every_window import CERTIFICATE, recent, refresh
from look import samples
from look_settings import window_on
from mailpit_notifier.core.contents import Contents
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.pauses import FOREVER
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.protocol.faults import Fault
from mailpit_notifier.ui import clipboard, speech
from mailpit_notifier.ui.dialogs import CertificateDialog
from mailpit_notifier.ui.labels import PlainLabel
from mailpit_notifier.ui.line_edit import LineEdit
from mailpit_notifier.ui.settings.servers_page import ServerForm, ServersPage
from mailpit_notifier.ui.settings.settings_window import SettingsWindow
from mailpit_notifier.ui.timing import Timing
from mailpit_notifier.ui.window.header import SearchField
from mailpit_notifier.ui.window.list_model import Role
from mailpit_notifier.ui.window.message_list import MessageList
from mailpit_notifier.ui.window.placeholder import Placeholder
from mailpit_notifier.ui.window.window import RecentWindow

SHOP = ServerStatus(url="http://shop.test/", name="shop", link=Link.CONNECTED, total=1, unread=1)
LOST = ServerStatus(url=SHOP.url, name="shop", link=Link.DISCONNECTED, fault=Fault.CUT_OFF)
REFUSED = ServerStatus(url=SHOP.url, name="shop", link=Link.DISCONNECTED, fault=Fault.REFUSED)


class Ear:
    """Records what the program itself sends to screen readers."""

    def __init__(self) -> None:
        self.events: list[QAccessibleEvent] = []

    @property
    def announced(self) -> list[str]:
        return [event.message() for event in self.events if isinstance(event, QAccessibleAnnouncementEvent)]


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Ear:
    found = Ear()
    monkeypatch.setattr(QAccessible, "updateAccessibility", found.events.append)
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(speech, "_AT_REST", 0)
    return found


@pytest.fixture
def window(ear: Ear, qtbot: QtBot, tmp_path: Path) -> RecentWindow:
    """The window with messages of one server, not shown."""
    window = recent(tmp_path, timing=Timing(search=0))
    qtbot.addWidget(window)
    model = window.findChild(MessageList).model()
    model.set_servers((SHOP,))
    model.apply(SHOP.url, Change(added=next(iter(samples().values()))))
    show(window, SHOP)
    return window


def show(window: RecentWindow, *statuses: ServerStatus) -> None:
    model = window.findChild(MessageList).model()
    model.set_servers(statuses)
    model.update_rows()
    window.set_statuses(statuses)
    refresh(window)


def remove_messages(window: RecentWindow) -> None:
    ids = tuple(message.id for message in next(iter(samples().values())))
    window.findChild(MessageList).model().apply(SHOP.url, Change(removed=ids))


def button(page: QWidget, text: str) -> QAbstractButton:
    return next(one for one in page.findChildren(QAbstractButton) if one.text() == text)


def open_(window: QWidget, qtbot: QtBot) -> None:
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()


def test_a_state_from_before_the_window_opened_is_said_when_it_opens(
    window: RecentWindow, ear: Ear, qtbot: QtBot
) -> None:
    window.set_warning("Notifications are turned off.", {})
    qtbot.wait(0)
    assert ear.announced == []
    open_(window, qtbot)
    qtbot.waitUntil(lambda: ear.announced == ["Notifications are turned off."])
    window.hide()
    open_(window, qtbot)
    QApplication.processEvents()
    assert ear.announced == ["Notifications are turned off."]


def test_of_two_problems_in_a_row_only_the_one_that_lasts_is_said(window: RecentWindow, ear: Ear, qtbot: QtBot) -> None:
    open_(window, qtbot)
    show(window, LOST)
    show(window, REFUSED)
    qtbot.waitUntil(lambda: len(ear.announced) > 0)
    assert ear.announced == ["shop: nothing is listening there. Start Mailpit or check the port."]


def test_the_end_of_a_problem_a_pause_and_a_mute_is_said_once(window: RecentWindow, ear: Ear, qtbot: QtBot) -> None:
    open_(window, qtbot)
    show(window, REFUSED)
    show(window, SHOP)
    show(window, SHOP)
    window.set_paused(FOREVER)
    refresh(window)
    window.set_paused(None)
    refresh(window)
    show(window, ServerStatus(url=SHOP.url, name="shop", link=Link.CONNECTED, total=1, muted_until=FOREVER))
    show(window, SHOP)
    show(window, SHOP)
    ends = ["Connected to shop again", "Notifications are on again", "No longer muted: shop"]
    assert [text for text in ear.announced if text in ends] == ends
    window.hide()
    show(window, REFUSED)
    show(window, SHOP)
    assert ear.announced.count(ends[0]) == 1


def test_the_page_in_place_of_the_rows_gets_the_focus_where_its_button_is_visible(
    window: RecentWindow, ear: Ear, qtbot: QtBot
) -> None:
    """Qt would focus the button used last, even a hidden one, and screen readers would read that."""
    open_(window, qtbot)
    window.findChild(SearchField).setText("zzz")
    refresh(window)
    page = window.findChild(Placeholder)
    search = button(page, "Search in Mailpit")
    search.setFocus()
    window.findChild(SearchField).setFocus()
    window.findChild(SearchField).clear()
    refresh(window)
    window.findChild(MessageList).setFocus()
    focused: list[QWidget | None] = []
    QApplication.instance().focusChanged.connect(lambda _old, new: focused.append(new))  # type: ignore[union-attr]
    remove_messages(window)
    show(window, ServerStatus(url=SHOP.url, name="shop", link=Link.CONNECTED, total=0, unread=0))
    assert window.focusWidget() is button(page, "Send a test message")
    assert search not in focused
    assert button(page, "Send a test message").accessibleDescription().startswith("No messages yet")


def test_a_problem_is_said_again_after_it_was_tried_again(window: RecentWindow, ear: Ear, qtbot: QtBot) -> None:
    sentence = "shop: nothing is listening there. Start Mailpit or check the port."
    open_(window, qtbot)
    show(window, REFUSED)
    qtbot.waitUntil(lambda: ear.announced == [sentence])
    next(one for one in window.findChildren(QPushButton) if one.isVisible() and one.text() == "Retry now").click()
    qtbot.waitUntil(lambda: ear.announced == [sentence, sentence])
    remove_messages(window)
    show(window, REFUSED)
    button(window.findChild(Placeholder), "Retry now").setFocus()
    ear.events.clear()
    button(window.findChild(Placeholder), "Retry now").click()
    page = "No connection to shop\nNothing is listening there. Start Mailpit or check the port."
    qtbot.waitUntil(lambda: ear.announced == [page])


def test_how_many_messages_are_left_to_load_is_said(window: RecentWindow, ear: Ear, qtbot: QtBot) -> None:
    open_(window, qtbot)
    window.findChild(MessageList).set_load_more("Load more (300 older messages)")
    window.findChild(MessageList).more_button.click()
    window.findChild(MessageList).set_load_more("Load more (100 older messages)")
    window.findChild(MessageList).more_button.click()
    window.findChild(MessageList).set_load_more("")
    assert ear.announced == ["Load more (100 older messages)", "All messages are loaded"]


def test_the_result_of_the_unread_filter_is_said(window: RecentWindow, ear: Ear, qtbot: QtBot) -> None:
    open_(window, qtbot)
    button(window, "Unread").setChecked(True)
    qtbot.waitUntil(lambda: "2 messages" in ear.announced)


@pytest.fixture
def settings(ear: Ear, qtbot: QtBot) -> SettingsWindow:
    window = window_on("Servers", overridden=False)
    qtbot.addWidget(window)
    open_(window, qtbot)
    return window


def test_a_text_that_was_saved_is_said_and_a_switch_is_not(settings: SettingsWindow, ear: Ear) -> None:
    form = settings.findChild(ServerForm)
    name = next(line for line in form.findChildren(LineEdit) if line.accessibleName() == "Name")
    name.setFocus()
    name.setText("market")
    QTest.keyClick(name, Qt.Key.Key_Return)
    settings.say_saved()  # as the controller does when the file is written
    assert ear.announced == ["Saved"]
    button(form, "Connect to this ser&ver").click()
    settings.say_saved()
    assert ear.announced == ["Saved"]


def test_the_new_place_of_an_entry_is_said(settings: SettingsWindow, ear: Ear) -> None:
    entries = settings.findChild(ServersPage).entries
    entries.list.setCurrentRow(0)
    entries.down.click()
    assert ear.announced == ["Moved to position 2 of 3"]


def test_the_fields_of_a_new_server_are_empty_after_they_have_the_focus(settings: SettingsWindow) -> None:
    """Orca 43 does not read a field whose text changes just before it gets the focus."""
    line = settings.findChild(ServerForm).address.line
    had_focus = []
    line.textChanged.connect(lambda _: had_focus.append(line.hasFocus()))
    settings.findChild(ServersPage).entries.add.click()
    assert had_focus == [True]


def test_an_empty_list_gets_the_focus_of_its_last_entry(settings: SettingsWindow, ear: Ear) -> None:
    entries = settings.findChild(ServersPage).entries
    entries.list.setFocus()
    ear.events.clear()
    entries.set_entries([], -1)
    assert [event.type() for event in ear.events] == [QAccessible.Event.Focus]


def tabbed_to(qtbot: QtBot) -> LineEdit:
    """Return a field that has just got the focus by Tab."""
    line = LineEdit("http://shop.test/")
    qtbot.addWidget(line)
    open_(line, qtbot)
    line.clearFocus()
    line.deselect()
    line.setFocus(Qt.FocusReason.TabFocusReason)
    return line


def test_a_field_selects_its_text_after_it_has_the_focus(qtbot: QtBot) -> None:
    """Orca 43 does not read a field whose cursor moves just before it gets the focus."""
    line = tabbed_to(qtbot)
    assert line.selectedText() == ""
    qtbot.waitUntil(lambda: line.selectedText() == "http://shop.test/")


def test_what_is_typed_at_once_replaces_the_text_of_a_field(qtbot: QtBot) -> None:
    line = tabbed_to(qtbot)
    QTest.keyClicks(line, "x")
    QApplication.processEvents()
    QTest.keyClicks(line, "y")
    assert line.text() == "xy"


def test_a_code_in_the_quick_look_is_said_in_digits_only(window: RecentWindow, qtbot: QtBot) -> None:
    """A tooltip is a description: the code would be read again, as a number."""
    open_(window, qtbot)
    window.findChild(MessageList).show_newest()
    window.quick_look.open()
    row = window.findChild(MessageList).currentIndex().data(Role.ROW)
    window.quick_look.show_contents(row, Contents(code="482913"))
    button = next(one for one in window.findChildren(QPushButton) if "482913" in one.text())
    assert button.accessibleName() == "Copy code 4 8 2 9 1 3"
    interface = QAccessible.queryAccessibleInterface(button)
    assert interface.text(QAccessible.Text.Description) == ""


def test_the_window_that_copies_spells_the_code(ear: Ear, qtbot: QtBot) -> None:
    window = clipboard.CopyWindow()
    qtbot.addWidget(window)
    window.ask("482913")
    button, prompt = window.findChild(QPushButton), window.findChild(PlainLabel)
    assert (button.text(), prompt.text()) == ("Copy 482913", "Press Enter to copy 482913.")
    assert button.accessibleName() == "Copy 4 8 2 9 1 3"
    assert prompt.accessibleName() == "Press Enter to copy 4 8 2 9 1 3."  # read as the dialog opens, so no description
    assert button.accessibleDescription() == ""


def test_a_long_word_is_read_in_one_piece(qtbot: QtBot) -> None:
    """It is shown with invisible breaks, which a user would also copy with a path."""
    label = PlainLabel(wrap=True)
    qtbot.addWidget(label)

    def read() -> tuple[str, str]:
        interface = QAccessible.queryAccessibleInterface(label)
        return QLabel.text(label), interface.text(QAccessible.Text.Name)

    path = "/home/ann/.config/mailpit-notifier/config.toml"
    label.setText(path)
    assert read() == (path, path)
    assert label.minimumSizeHint().width() < label.fontMetrics().horizontalAdvance("mailpit-notifier/config.toml")
    for word in ("x" * 100, "a/1" * 50, "-1" * 50, "." * 90):
        label.setText(word)
        assert read()[0] != word
        assert read()[1] == word
        assert label.minimumSizeHint().width() < label.fontMetrics().horizontalAdvance("M" * 30)
    label.setText("short")
    assert read() == ("short", "short")


def test_entries_of_the_settings_have_no_control_and_bidi_characters(settings: SettingsWindow) -> None:
    entries = settings.findChild(ServersPage).entries
    entries.set_entries([("ev\u202eil\u2066\x07 R&D " + "x" * 500, QIcon())], 0)
    name = QAccessible.queryAccessibleInterface(entries.list).child(0).text(QAccessible.Text.Name)
    assert name.startswith("evil R&D xx")
    assert len(name) <= 300


def test_tab_reaches_the_values_of_a_certificate(qtbot: QtBot) -> None:
    """Fingerprints are to be compared, digit by digit, also with a screen reader."""
    dialog = CertificateDialog("shop", "ab" * 32, CERTIFICATE, "cd" * 32)
    qtbot.addWidget(dialog)
    open_(dialog, qtbot)
    reached = []
    for _ in range(8):
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        reached.append(QAccessible.queryAccessibleInterface(dialog.focusWidget()).text(QAccessible.Text.Name))
    assert {CERTIFICATE.subject, " ".join(["abab"] * 16), " ".join(["cdcd"] * 16)} <= set(reached)
