"""The settings window by keyboard: the values written to config.toml, and the errors of invalid ones."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QListView, QWidget
from pytestqt.qtbot import QtBot

from mailpit_notifier.core.rules import Outcome
from mailpit_notifier.core.settings import Bar, Button, Click
from mailpit_notifier.notify import texts
from mailpit_notifier.protocol.model import Message, Person
from mailpit_notifier.ui.opening import fit_to_screen
from mailpit_notifier.ui.settings.rules_page import Sample
from mailpit_notifier.ui.tray.panel import Clicks
from settings_desk import Desk, name_of

PIN = "ab" * 32
FILE = """\
# Mine.
[[server]] # the first
url = "http://shop.test"
name = "shop"

[[server]]
url = "https://blog.test/mailpit" # with a webroot

[[rule]] # noise
from = "nagios@*"
outcome = "silent"
"""


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    path = tmp_path / "config.toml"
    path.write_text(FILE)
    found = Desk(path)
    yield found
    found.window.close()
    found.window.deleteLater()


def comments(desk: Desk) -> set[str]:
    return {line[line.index("# ") :] for line in desk.path.read_text().splitlines() if "# " in line}


@pytest.mark.parametrize("place", range(5))
def test_tab_reaches_every_control_and_each_has_a_name(desk: Desk, place: int) -> None:
    desk.turn_to(page := desk.pages.all[place])
    desk.go("Pages")
    reached = desk.round()
    takes_focus = (one for one in page.findChildren(QWidget) if one.focusPolicy() & Qt.FocusPolicy.TabFocus)
    controls = {one for one in takes_focus if one.isVisible() and one.isEnabled() and not one.focusProxy()}
    assert controls <= set(reached)
    assert not [one for one in reached if not name_of(one)]


@pytest.mark.parametrize("place", range(5))
def test_each_access_key_leads_to_one_control(desk: Desk, place: int) -> None:
    desk.turn_to(page := desk.pages.all[place])
    labels = [label for label in page.findChildren(QLabel) if label.isVisible() and label.buddy()]
    texts = [one.text() for one in (*labels, *page.findChildren(QAbstractButton)) if one.isVisible()]
    keys = sorted(text[text.index("&") + 1].lower() for text in texts if "&" in text)
    assert keys == sorted(set(keys))
    for label in labels:
        buddy = label.buddy()
        if buddy.isEnabled():
            QTest.keyClick(desk.window, label.text()[label.text().index("&") + 1], Qt.KeyboardModifier.AltModifier)
            assert desk.focused is buddy


def unfold(desk: Desk) -> None:
    desk.go("Certificates and proxy")
    desk.press(Qt.Key.Key_Space)


def test_a_server_is_added_described_and_put_first(desk: Desk) -> None:
    desk.go("Add")
    desk.press(Qt.Key.Key_Space)
    assert desk.here == "Address"
    desk.type("ann@api.test:8025")
    desk.go("Name")
    desk.type("  The API ")
    unfold(desk)
    desk.go("Fingerprint")
    desk.type(PIN)
    desk.go("Allow sending the password over plain HTTP")
    desk.press(Qt.Key.Key_Space)
    desk.go("Move up")
    desk.press(Qt.Key.Key_Space, Qt.Key.Key_Space)
    api, shop, blog = desk.settings.servers
    assert (api.key, api.user, api.name, api.fingerprint) == ("http://api.test:8025/", "ann", "The API", PIN)
    assert api.plain_password
    assert [shop.key, blog.key] == ["http://shop.test:8025/", "https://blog.test/mailpit/"]
    assert comments(desk) == {"# Mine.", "# the first", "# with a webroot", "# noise"}


@pytest.mark.parametrize(
    ("field", "typed", "error"),
    [
        ("Address", "ftp://shop.test", "The address of a Mailpit starts with http:// or https://."),
        ("Address", "http://ann:s3cret@shop.test/", "Enter the password in its own field"),
        ("Address", "https://blog.test/mailpit/", "Another server already has this address."),
        ("Fingerprint", "ab:cd", "The fingerprint must be a SHA-256 fingerprint of 64 hexadecimal digits."),
        ("Certificates", "/nowhere/ca.pem", "This file does not exist."),
        ("Proxy", "socks://x", "The proxy must be the address of an HTTP proxy"),
        ("Password", "s3cret", "A password needs a user name."),
    ],
)
def test_an_invalid_value_is_reported_at_its_field_and_not_written(
    desk: Desk, field: str, typed: str, error: str
) -> None:
    unfold(desk)
    desk.go(field)
    line = desk.focused
    desk.type(typed)
    desk.press(Qt.Key.Key_Tab)
    assert error in desk.shown_text
    description = QAccessible.queryAccessibleInterface(line).text(QAccessible.Text.Description)
    assert description.startswith(error)
    desk.go(field)
    desk.press(Qt.Key.Key_Escape)  # takes it back
    assert error not in desk.shown_text
    assert desk.path.read_text() == FILE
    assert desk.window.isVisible()
    desk.press(Qt.Key.Key_Escape)
    assert not desk.window.isVisible()


def test_an_invalid_text_keeps_the_focus_only_once(desk: Desk) -> None:
    unfold(desk)
    desk.go("Fingerprint")
    desk.press(Qt.Key.Key_A, Qt.Key.Key_Tab)
    assert desk.here == "Fingerprint"
    desk.press(Qt.Key.Key_Tab)
    assert desk.here == "Proxy"
    assert "must be a SHA-256" in desk.shown_text


def test_a_changed_address_keeps_the_other_keys_and_comments(desk: Desk) -> None:
    desk.go("Address")
    desk.type("https://shop.test/")
    assert "[[server]] # the first" in desk.path.read_text()
    assert [server.key for server in desk.settings.servers] == ["https://shop.test/", "https://blog.test/mailpit/"]
    assert desk.settings.servers[0].name == "shop"


def test_changes_by_hand_are_kept(desk: Desk) -> None:
    desk.path.write_text(FILE.replace('name = "shop"', 'name = "shop"\nuser = "bob" # since today'))
    desk.go("Name")
    desk.type("Our shop")
    assert (desk.settings.servers[0].name, desk.settings.servers[0].user) == ("Our shop", "bob")
    assert "# since today" in comments(desk)
    assert "bob" in {line.text() for line in desk.window.findChildren(type(desk.focused))}


def test_servers_are_removed_until_one_is_left(desk: Desk) -> None:
    desk.go("Remove")
    desk.press(Qt.Key.Key_Space)
    assert [server.key for server in desk.settings.servers] == ["https://blog.test/mailpit/"]
    desk.go("Servers")
    desk.press(Qt.Key.Key_Delete)
    assert len(desk.settings.servers) == 1
    assert not desk.pages.servers.entries.remove.isEnabled()


def test_undo_restores_a_removed_entry_until_the_next_change(desk: Desk) -> None:
    before = desk.settings
    desk.go("Remove")
    desk.press(Qt.Key.Key_Space)
    assert "Removed shop." in desk.shown_text
    desk.go("Undo")
    desk.press(Qt.Key.Key_Space)
    desk.turn_to(desk.pages.rules)
    desk.go("Remove")
    desk.press(Qt.Key.Key_Space)
    assert not desk.settings.rules
    assert "Removed rule: nagios@*: list only." in desk.shown_text
    desk.go("Undo")
    desk.press(Qt.Key.Key_Space)
    assert desk.settings == before
    assert "Removed" not in desk.shown_text
    desk.go("Remove")
    desk.press(Qt.Key.Key_Space)
    desk.turn_to(desk.pages.notifications)
    desk.go("Show the sender as well as the recipient")
    desk.press(Qt.Key.Key_Space)
    assert "Removed" not in desk.shown_text


def use_another_window(qtbot: QtBot) -> None:
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)


def test_a_text_is_not_applied_when_the_window_loses_the_focus(qtbot: QtBot, desk: Desk) -> None:
    desk.go("Address")
    QTest.keySequence(desk.focused, "Ctrl+A")
    QTest.keyClicks(desk.focused, "http://sh")
    use_another_window(qtbot)
    desk.window.set_settings(desk.settings)  # the file was written meanwhile
    assert desk.path.read_text() == FILE
    desk.window.activateWindow()
    qtbot.waitUntil(desk.window.isActiveWindow)
    QTest.keyClicks(desk.focused, "op.test:1")
    desk.press(Qt.Key.Key_Tab)
    assert desk.settings.servers[0].key == "http://shop.test:1/"


def test_a_typed_text_is_applied_when_the_program_closes_the_window(qtbot: QtBot, desk: Desk) -> None:
    desk.go("Name")
    QTest.keyClicks(desk.focused, "Our shop")
    use_another_window(qtbot)
    desk.window.close()
    assert desk.settings.servers[0].name == "Our shop"


@pytest.mark.parametrize("by_mouse", [False, True])
def test_an_invalid_text_keeps_the_window_open_once(qtbot: QtBot, desk: Desk, by_mouse: bool) -> None:
    unfold(desk)
    desk.go("Fingerprint")
    desk.press(Qt.Key.Key_A)
    closer = next(one for one in desk.window.findChildren(QAbstractButton) if one.text() == "C&lose")

    def close() -> None:
        if by_mouse:
            qtbot.mouseClick(closer, Qt.MouseButton.LeftButton)
        else:
            desk.window.close()

    close()
    assert desk.window.isVisible()
    assert "must be a SHA-256" in desk.shown_text
    close()
    assert not desk.window.isVisible()
    assert desk.path.read_text() == FILE


def test_a_new_server_without_an_address_is_not_added(desk: Desk) -> None:
    desk.go("Add")
    desk.press(Qt.Key.Key_Space)
    desk.type("?")
    desk.go("Servers")
    desk.press(Qt.Key.Key_Up)
    assert desk.path.read_text() == FILE
    assert desk.pages.servers.entries.list.count() == 2


def test_a_new_server_is_dropped_when_the_one_before_was_removed_from_the_file(desk: Desk) -> None:
    desk.go("Add")
    desk.press(Qt.Key.Key_Space)
    desk.path.write_text('[[server]]\nurl = "https://blog.test/mailpit"\n')
    desk.window.set_settings(desk.settings)
    desk.go("Remove")
    desk.press(Qt.Key.Key_Space)
    desk.go("Address")
    assert isinstance(desk.focused, QLineEdit)
    assert desk.focused.text() == "https://blog.test/mailpit/"
    assert [server.key for server in desk.settings.servers] == ["https://blog.test/mailpit/"]


def test_switches_and_choices_are_written_where_they_belong(desk: Desk) -> None:
    desk.turn_to(desk.pages.notifications)
    desk.go("Show the sender as well as the recipient")
    desk.press(Qt.Key.Key_Space)
    desk.turn_to(desk.pages.general)
    for control, option in (("Tray icon style", "For dark panels"), ("Middle click", "Open Mailpit")):
        desk.go(control)
        box = desk.focused
        assert isinstance(box, QComboBox)
        desk.press(*[Qt.Key.Key_Down] * (box.findText(option) - box.currentIndex()))
        desk.press(*[Qt.Key.Key_Up] * (box.currentIndex() - box.findText(option)))
    desk.go("Keep above other windows")
    desk.press(Qt.Key.Key_Space)
    settings = desk.settings
    assert settings.notifications.sender
    assert (settings.tray.bar, settings.tray.middle_click) == (Bar.DARK, Click.MAILPIT)
    assert settings.window.stay_on_top
    assert desk.path.read_text().startswith(FILE)


def test_a_fourth_button_is_refused(desk: Desk) -> None:
    desk.turn_to(desk.pages.notifications)
    desk.go("Delete")
    desk.press(Qt.Key.Key_Space)
    assert desk.settings.notifications.buttons == ("copy", "link", "read")
    desk.go("Mark as read")
    desk.press(Qt.Key.Key_Space)
    desk.go("Delete")
    desk.press(Qt.Key.Key_Space)
    assert desk.settings.notifications.buttons == ("copy", "link", "delete")


def make_sample(subject: str, sender: str) -> Sample:
    person = Person(address=sender)
    message = Message(id=subject, created=datetime.now(UTC), subject=subject, sender=person, size=700_000)
    return Sample(message=message, server=("shop",))


def test_a_rule_is_written_and_shows_matching_messages(qtbot: QtBot, desk: Desk) -> None:
    desk.turn_to(desk.pages.rules)
    desk.pages.rules.set_samples(
        [make_sample("Invoice 7", "shop@x.test"), make_sample("Invoice 8", "nagios@x.test"), make_sample("Hi", "")]
    )
    desk.go("Add")
    desk.press(Qt.Key.Key_Space)
    assert desk.here == "Name"
    desk.type("Invoices")
    desk.go("Subject")
    desk.type("invoice")
    desk.go("Do this")
    desk.press(*[Qt.Key.Key_Down] * 4)
    assert desk.settings.rules[1].outcome is Outcome.OPEN  # "run" has no command yet
    assert desk.here == "Command"
    desk.press(Qt.Key.Key_Tab)
    desk.go("Do this")
    box = desk.focused
    assert isinstance(box, QComboBox)
    assert box.currentText() == "Open in the browser"
    desk.press(Qt.Key.Key_Down)
    desk.go("Command")
    desk.type("notify 'an invoice'")
    noise, rule = desk.settings.rules
    assert noise.sender == "nagios@*"
    assert (rule.name, rule.subject) == ("Invoices", "invoice")
    assert (rule.outcome, rule.command) == (Outcome.RUN, ("notify", "an invoice"))
    assert "Matches 2 of 3. An earlier rule applies to 1 of them." in desk.shown_text
    view = desk.pages.rules.preview.findChild(QListView)
    lines = [view.model().index(row, 0).data() for row in range(view.model().rowCount())]
    assert lines == ["Invoice 7", 'Invoice 8 (handled by "rule 1")']
    desk.go("Move up")
    desk.press(Qt.Key.Key_Space)
    assert [one.name for one in desk.settings.rules] == ["Invoices", "rule 2"]
    desk.go("Remove")
    desk.press(Qt.Key.Key_Space)
    assert [one.sender for one in desk.settings.rules] == ["nagios@*"]
    assert "[[rule]] # noise" in desk.path.read_text()


def test_the_page_explains_signs_as_the_rules_use_them(desk: Desk) -> None:
    desk.turn_to(desk.pages.rules)
    assert "* matches any characters, ? matches one, except in the subject." in desk.shown_text
    desk.pages.rules.set_samples([make_sample("Invoice 7", "shop@x.test")])
    desk.go("Add")
    desk.press(Qt.Key.Key_Space)
    desk.go("Subject")
    desk.type("*voice")
    desk.press(Qt.Key.Key_Tab)
    assert "Matches 0 of 1." in desk.shown_text


def test_a_rule_that_takes_too_long_shows_an_error_and_the_window_stays_usable(desk: Desk) -> None:
    desk.turn_to(desk.pages.rules)
    desk.pages.rules.set_samples([make_sample(f"{'a' * 60}{number}", "nagios@x.test") for number in range(100)])
    desk.go("Subject")
    began = time.thread_time()
    desk.type("/(a|a)+$/")
    assert time.thread_time() - began < 0.5
    assert "Matches no message: the regular expression takes too long." in desk.shown_text
    desk.go("Subject")
    desk.type("/7$/")
    assert "Matches 10 of 100." in desk.shown_text


@pytest.mark.parametrize(
    ("field", "typed", "error"),
    [
        ("Subject", "/[/", "Subject must have a regular expression between its slashes."),
    ],
)
def test_a_condition_that_cannot_be_met_is_refused(desk: Desk, field: str, typed: str, error: str) -> None:
    desk.turn_to(desk.pages.rules)
    desk.go(field)
    desk.type(typed)
    assert error in desk.shown_text
    assert desk.path.read_text() == FILE


def test_a_desktop_that_passes_no_clicks_on_offers_none(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    desk = Desk(path, clicks=Clicks(left=True, middle=True, double=False, menu=False), overridden=True)
    assert "Started with --server." in desk.shown_text
    desk.turn_to(desk.pages.general)
    names = {name_of(one) for one in desk.round()}
    assert {"Left click", "Middle click"} <= names
    assert "Double click" not in names
    desk.go("Left click")
    box = desk.focused
    assert isinstance(box, QComboBox)
    assert box.findText("Open the menu") == -1
    desk.window.close()


def test_conditions_without_a_field_are_named_and_kept(desk: Desk) -> None:
    more = 'larger_than = 500000\nsmaller_than = 2000000\nattachment = false\nusername = "a&b"\n'
    desk.path.write_text(FILE + more)
    desk.window.set_settings(desk.settings)
    desk.turn_to(desk.pages.rules)
    named = "SMTP user a&b, larger than 500 kB, smaller than 2.0 MB, without attachments."
    assert f"Also set in config.toml: {named}" in desk.shown_text
    desk.go("Subject")
    desk.type("report")
    rule = desk.settings.rules[0]
    assert (rule.subject, rule.larger_than, rule.attachment, rule.username) == ("report", 500_000, False, "a&b")


def test_rarely_used_fields_are_folded_unless_they_are_set(desk: Desk) -> None:
    assert "Fingerprint" not in {name_of(one) for one in desk.round()}
    desk.path.write_text(FILE.replace('name = "shop"', 'proxy = "none"'))
    desk.window.set_settings(desk.settings)
    desk.go("Servers")
    desk.press(Qt.Key.Key_Down, Qt.Key.Key_Up)
    assert {"Fingerprint", "Proxy"} <= {name_of(one) for one in desk.round()}
    desk.go("Certificates and proxy")
    assert desk.focused.accessibleDescription() == "expanded"
    desk.press(Qt.Key.Key_Space)
    assert desk.focused.accessibleDescription() == "collapsed"
    assert "Proxy" not in {name_of(one) for one in desk.round()}


@pytest.mark.parametrize("scale", [1, 3])
def test_the_window_is_no_larger_than_the_screen_and_its_buttons_stay_visible(
    qtbot: QtBot, desk: Desk, scale: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = QRect(0, 0, 1920 // scale, 1080 // scale)
    # The screen of the offscreen platform has one size.
    monkeypatch.setattr("mailpit_notifier.ui.opening.available", lambda _window: free)
    for page in desk.pages.all:
        desk.turn_to(page)
        desk.window.resize(5_000, 5_000)
        fit_to_screen(desk.window)
        QApplication.processEvents()
        assert free.contains(QRect(QPoint(0, 0), desk.window.size()))
        close = next(one for one in desk.window.findChildren(QAbstractButton) if one.text() == "C&lose")
        assert desk.window.rect().contains(QRect(close.mapTo(desk.window, QPoint(0, 0)), close.size()))


def test_page_and_size_of_the_window_are_restored(desk: Desk) -> None:
    desk.turn_to(desk.pages.rules)
    desk.window.resize(770, 700)
    desk.window.close()
    again = Desk(desk.path)
    assert again.pages.rules.isVisible()
    assert (again.window.width(), again.window.height()) == (770, 700)
    again.window.close()


def test_every_button_of_a_notification_can_be_chosen() -> None:
    assert tuple(texts.choices()) == tuple(Button)
