"""Texts sent to screen readers: each once, as an announcement or as a description."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QListView, QListWidget, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from mailpit_notifier.ui import speech
from mailpit_notifier.ui.controls import ComboBox

DESCRIPTION = Qt.ItemDataRole.AccessibleDescriptionRole


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[QAccessibleEvent]]:
    """The events that the module itself sends."""
    found: list[QAccessibleEvent] = []
    monkeypatch.setattr(QAccessible, "updateAccessibility", found.append)
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(speech, "_WHEN_READ", 0)
    yield found
    speech.set_announcements_heard(heard=True)


class Form(QWidget):
    """A field, a button and a list."""

    def __init__(self, qtbot: QtBot) -> None:
        super().__init__()
        self.field, self.button, self.list = QLineEdit(), QPushButton("Test"), QListWidget()
        self.list.addItems(["One", "Two"])
        self.list.setCurrentRow(0)
        layout = QVBoxLayout(self)
        for part in (self.field, self.button, self.list):
            layout.addWidget(part)
        qtbot.addWidget(self)
        with qtbot.waitActive(self):
            self.show()
            self.activateWindow()


def announced(sent: list[QAccessibleEvent]) -> list[str]:
    return [event.message() for event in sent if isinstance(event, QAccessibleAnnouncementEvent)]


def test_a_result_is_announced_if_the_screen_reader_uses_announcements(
    qtbot: QtBot, sent: list[QAccessibleEvent]
) -> None:
    form = Form(qtbot)
    form.button.setFocus()
    speech.speak(form.button, "Marked as read")
    assert announced(sent) == ["Marked as read"]
    assert form.button.accessibleDescription() == ""


def test_a_control_without_a_description_has_one_only_for_the_event(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, sent: list[QAccessibleEvent]
) -> None:
    form = Form(qtbot)
    speech.set_announcements_heard(heard=False)
    form.button.setFocus()
    described: list[str] = []
    change = form.button.setAccessibleDescription
    monkeypatch.setattr(form.button, "setAccessibleDescription", lambda text: (described.append(text), change(text)))
    speech.speak(form.field, "Saved")
    assert described == ["Saved", ""]
    assert announced(sent) == []


def test_without_announcements_a_result_describes_the_focused_control(
    qtbot: QtBot, sent: list[QAccessibleEvent]
) -> None:
    form = Form(qtbot)
    speech.set_announcements_heard(heard=False)
    form.button.setAccessibleDescription("Its own")
    form.button.setFocus()
    speech.speak(form.field, "1 message")
    speech.speak(form.field, "2 messages")
    assert form.button.accessibleDescription() == "Its own"  # a moment later, when the button itself was read
    qtbot.waitUntil(lambda: form.button.accessibleDescription() == "2 messages")
    form.field.setFocus()
    qtbot.waitUntil(lambda: form.button.accessibleDescription() == "Its own")
    assert announced(sent) == []


def test_a_row_is_described_no_longer_than_the_event_that_says_so(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, sent: list[QAccessibleEvent]
) -> None:
    """A screen reader that has not read the row yet would read the text twice."""
    form = Form(qtbot)
    shown_text: list[tuple[int, str]] = []
    monkeypatch.setattr(
        QAccessible,
        "updateAccessibility",
        lambda event: shown_text.append((event.child(), form.list.item(0).data(DESCRIPTION))),
    )
    changed: list[object] = []
    form.list.model().dataChanged.connect(lambda *_: changed.append(_))
    speech.set_announcements_heard(heard=False)
    form.list.setFocus()
    speech.speak(form.field, "Marked as read")
    assert changed == []  # else Qt reports the description, too
    assert shown_text == [(0, "Marked as read")]
    assert form.list.item(0).data(DESCRIPTION) == ""


def test_a_row_that_has_just_become_current_is_described_without_an_event(
    qtbot: QtBot, sent: list[QAccessibleEvent]
) -> None:
    form = Form(qtbot)
    speech.set_announcements_heard(heard=False)
    form.list.setFocus()
    speech.speak_of_row(form.list, "Restored: One")
    assert form.list.item(0).data(DESCRIPTION) == "Restored: One"
    assert sent == []


def test_a_control_is_described_and_announced_only_without_the_focus(
    qtbot: QtBot, sent: list[QAccessibleEvent]
) -> None:
    form = Form(qtbot)
    form.field.setFocus()
    speech.describe(form.field, "Not an address.")
    assert (form.field.accessibleDescription(), announced(sent)) == ("Not an address.", [])
    speech.describe(form.button, "Connected.")
    assert (form.button.accessibleDescription(), announced(sent)) == ("Connected.", ["Connected."])


def test_nothing_is_sent_without_a_screen_reader(
    qtbot: QtBot, sent: list[QAccessibleEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    form, view = Form(qtbot), QListView()
    monkeypatch.setattr(QAccessible, "isActive", lambda: False)
    view.setModel(QStringListModel(["One"]))
    qtbot.addWidget(view)
    speech.speak(form.field, "1 message")
    speech.speak_of_row(view, "Restored")
    assert sent == []


@pytest.mark.parametrize("in_dialog", [False, True])
def test_a_result_as_a_dialog_is_closed_describes_what_has_the_focus_then(
    in_dialog: bool, qtbot: QtBot, sent: list[QAccessibleEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing has the focus for a moment, or something in the dialog."""
    form = Form(qtbot)
    speech.set_announcements_heard(heard=False)
    described: list[str] = []
    change = form.button.setAccessibleDescription
    monkeypatch.setattr(form.button, "setAccessibleDescription", lambda text: (described.append(text), change(text)))
    form.field.clearFocus()
    if in_dialog:
        monkeypatch.setattr(speech, "_WHEN_READ", 50)
        dialog = QDialog(form)
        button = QPushButton("Connect", dialog)
        button.setAccessibleDescription("Its own")
        with qtbot.waitActive(dialog):
            dialog.open()
        button.setFocus()
    speech.speak(form.field, "Could not save the password.")
    if in_dialog:
        dialog.close()
        dialog.deleteLater()
        with qtbot.waitActive(form):
            form.activateWindow()
    form.button.setFocus()
    qtbot.waitUntil(lambda: "Could not save the password." in described)
    assert announced(sent) == []


@pytest.mark.parametrize(("heard", "said"), [(False, ["Two", ""]), (True, [])])
def test_the_value_that_a_key_selects_is_said_to_screen_readers_that_ignore_names(
    heard: bool, said: list[str], qtbot: QtBot, sent: list[QAccessibleEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    box = ComboBox()
    box.addItems(["One", "Two"])
    qtbot.addWidget(box)
    with qtbot.waitActive(box):
        box.show()
        box.activateWindow()
    box.setFocus()
    speech.set_announcements_heard(heard=heard)
    described: list[str] = []
    monkeypatch.setattr(box, "setAccessibleDescription", described.append)
    QTest.keyClick(box, Qt.Key.Key_Down)
    QTest.keyClick(box, Qt.Key.Key_Down)  # the last one already
    assert (described, announced(sent)) == (said, [])
    box.showPopup()  # its list has the focus, and is read
    QTest.keyClick(box.view(), Qt.Key.Key_Up)
    QTest.keyClick(box.view(), Qt.Key.Key_Return)
    assert box.currentText() == "One"
    assert described == said
