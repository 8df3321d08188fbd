"""The tray icon, its tooltip, its menu, and clicks on it. Entries are found by their texts."""

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtGui import QAction, QCursor, Qt
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from mailpit_notifier.core.pauses import FOREVER
from mailpit_notifier.core.settings import Bar, Click, Count, TrayChoices
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.protocol.faults import Fault
from mailpit_notifier.protocol.model import Message, Person
from mailpit_notifier.ui.timing import Timing
from mailpit_notifier.ui.tray.icon import Tray
from mailpit_notifier.ui.tray.panel import supported_clicks
from mailpit_notifier.ui.window.list_model import Row

# The offscreen platform has no tray and logs a warning.
pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged")

REASON = QSystemTrayIcon.ActivationReason
LEFT, MIDDLE, DOUBLE = REASON.Trigger, REASON.MiddleClick, REASON.DoubleClick
MAIN, SHOP = "http://localhost:8025/", "http://localhost:8026/"
NOON = datetime(2999, 1, 1, 12, tzinfo=UTC)
CONNECTED = ServerStatus(url=MAIN, name="localhost:8025", link=Link.CONNECTED, total=340, unread=3)
SILENT = ServerStatus(url=SHOP, name="R&D shop", link=Link.DISCONNECTED, fault=Fault.TIMEOUT)


@pytest.fixture
def tray(qapp: QApplication) -> Tray:
    return Tray(qapp)  # as in the program, where it is never gone before the loop ends


def icon_of(tray: Tray) -> QSystemTrayIcon:
    return tray.findChildren(QSystemTrayIcon)[-1]


def menu_of(tray: Tray) -> QMenu:
    return icon_of(tray).contextMenu()


def entries(tray: Tray) -> list[str]:
    """Return the texts of the menu; a separator is `-`."""
    return ["-" if action.isSeparator() else action.text() for action in menu_of(tray).actions() if action.isVisible()]


def entry(tray: Tray, text: str) -> QAction:
    return next(action for action in menu_of(tray).actions() if action.text() == text)


def row(subject: str, server: str = MAIN) -> Row:
    to = (Person(address="ann@example.test"),)
    return Row(server=server, message=Message(id=subject, created=datetime.now(UTC), subject=subject, to=to))


def pixels(tray: Tray, size: int = 22) -> bytes:
    return bytes(icon_of(tray).icon().pixmap(size, size).toImage().constBits())


def test_the_menu_has_all_entries_in_order(qtbot: QtBot, tray: Tray) -> None:
    tray.set_newest((row("Tom & Jerry\t\x00<b>"), row("")))
    tray.set_statuses((CONNECTED, SILENT))
    expected = [
        "Show recent messages",
        "-",
        "Tom && Jerry <b> · ann@example.test",
        "(no subject) · ann@example.test",
        "-",
        "localhost:8025: 3 unread",
        "R&&D shop: it does not answer",
        "-",
        "Pause notifications",
        "Mute",
        "Settings…",
        "Quit",
    ]
    qtbot.waitUntil(lambda: entries(tray) == expected)
    tray.set_over_bus(True)  # another way to escape names
    assert entries(tray)[6] == "R&&D shop: it does not answer"
    assert [action.text() for action in mute_menu(tray).actions() if action.isVisible()] == [
        "localhost:8025",
        "R&&D shop",
    ]


def test_one_server_without_messages_makes_a_short_menu(qtbot: QtBot, tray: Tray) -> None:
    tray.set_statuses((ServerStatus(url=MAIN, name="localhost:8025"),))
    expected = ["Show recent messages", "-", "Open Mailpit", "-", "Pause notifications", "Settings…", "Quit"]
    qtbot.waitUntil(lambda: entries(tray) == expected)
    tray.set_statuses((CONNECTED,))
    qtbot.waitUntil(lambda: "Open Mailpit: 3 unread" in entries(tray))


def test_a_pause_can_be_begun_and_ended_and_is_shown(qtbot: QtBot, tray: Tray) -> None:
    tray.set_statuses((CONNECTED,))
    qtbot.waitUntil(lambda: "connected" in icon_of(tray).toolTip())
    well = pixels(tray)
    ends: list[timedelta | datetime | None] = []
    tray.pause_requested.connect(ends.append)
    before = datetime.now(UTC)
    for action in entry(tray, "Pause notifications").menu().actions():
        action.trigger()
    quarter, hour, tomorrow, forever = ends
    assert (quarter, hour, forever) == (timedelta(minutes=15), timedelta(hours=1), FOREVER)
    assert isinstance(tomorrow, datetime)
    assert before < tomorrow < before + timedelta(hours=36)

    tray.set_paused(FOREVER)
    assert "Pause notifications" not in entries(tray)
    qtbot.waitUntil(lambda: "Notifications are paused until you resume." in icon_of(tray).toolTip())
    assert pixels(tray) != well
    entry(tray, "Resume notifications").trigger()
    assert ends[-1] is None
    tray.set_paused(None)
    qtbot.waitUntil(lambda: pixels(tray) == well)


def mute_menu(tray: Tray) -> QMenu:
    return entry(tray, "Mute").menu()


def test_a_server_can_be_muted_and_unmuted_and_is_marked(qtbot: QtBot, tray: Tray) -> None:
    tray.set_statuses((CONNECTED, replace(SILENT, link=Link.CONNECTED, fault=None, total=2, unread=2)))
    qtbot.waitUntil(lambda: "R&&D shop: 2 unread" in entries(tray))
    well = pixels(tray)
    requests: list[tuple[str, timedelta | datetime | None]] = []
    tray.mute_requested.connect(lambda *request: requests.append(request))
    shop = next(action for action in mute_menu(tray).actions() if action.text() == "R&&D shop").menu()
    assert [action.text() for action in shop.actions()] == ["For 1 hour", "Until tomorrow", "Until I unmute it"]
    before = datetime.now(UTC)
    for action in shop.actions():
        action.trigger()
    hour, tomorrow, forever = (length for _, length in requests)
    assert {server for server, _ in requests} == {SHOP}
    assert (hour, forever) == (timedelta(hours=1), FOREVER)
    assert isinstance(tomorrow, datetime)
    assert before < tomorrow < before + timedelta(hours=36)

    muted = replace(SILENT, link=Link.CONNECTED, fault=None, total=2, unread=2, muted_until=FOREVER)
    tray.set_statuses((CONNECTED, muted))
    qtbot.waitUntil(lambda: "R&&D shop: 2 unread, muted" in entries(tray))
    assert "R&D shop is muted until you unmute it." in icon_of(tray).toolTip().splitlines()
    assert pixels(tray) == well  # the other server is not muted
    shown = [action for action in mute_menu(tray).actions() if action.isVisible()]
    assert [action.text() for action in shown] == ["localhost:8025", "Unmute R&&D shop"]
    shown[1].trigger()
    assert requests[-1] == (SHOP, None)

    tray.set_statuses((replace(CONNECTED, muted_until=NOON), muted))
    qtbot.waitUntil(lambda: "These servers are muted: localhost:8025, R&D shop." in icon_of(tray).toolTip())
    assert pixels(tray) != well  # as paused: no notification is shown
    tray.set_statuses((muted,))  # a single server can be unmuted, too
    qtbot.waitUntil(lambda: "Open Mailpit: 2 unread, muted" in entries(tray))
    assert entry(tray, "Mute").isVisible()


def test_unread_messages_of_muted_servers_are_not_counted(qtbot: QtBot, tray: Tray) -> None:
    plain = pixels(tray)
    tray.set_choices(TrayChoices(count=Count.UNREAD))
    tray.set_statuses((replace(CONNECTED, unread=0), replace(CONNECTED, url=SHOP, muted_until=FOREVER)))
    qtbot.waitUntil(lambda: "localhost:8025" in icon_of(tray).toolTip())
    assert pixels(tray) == plain


def test_each_entry_emits_its_signal(qtbot: QtBot, tray: Tray) -> None:
    rows = tuple(row(f"Mail {number}") for number in range(7))
    tray.set_newest(rows)
    tray.set_statuses((CONNECTED, SILENT))
    qtbot.waitUntil(lambda: "R&&D shop: it does not answer" in entries(tray))
    requested: list[object] = []
    tray.message_opened.connect(requested.append)
    tray.mailbox_opened.connect(requested.append)
    tray.window_requested.connect(lambda: requested.append("window"))
    tray.settings_requested.connect(lambda: requested.append("settings"))
    tray.quit_requested.connect(lambda: requested.append("quit"))
    for text in (
        "Mail 4 · ann@example.test",
        "R&&D shop: it does not answer",
        "Show recent messages",
        "Settings…",
        "Quit",
    ):
        entry(tray, text).trigger()
    assert requested == [rows[4], SHOP, "window", "settings", "quit"]
    assert "Mail 5 · ann@example.test" not in entries(tray)


def test_states_change_entries_in_place(qtbot: QtBot, tray: Tray) -> None:
    tray.set_statuses((CONNECTED,))
    qtbot.waitUntil(lambda: "Open Mailpit: 3 unread" in entries(tray))
    before = menu_of(tray).actions()
    tray.set_statuses((ServerStatus(url=MAIN, name="localhost:8025", link=Link.DISCONNECTED, fault=Fault.REFUSED),))
    tray.set_newest((row("New"),))
    qtbot.waitUntil(lambda: "New · ann@example.test" in entries(tray))
    assert menu_of(tray).actions() == before
    assert any(text.startswith("localhost:8025: nothing is listening") for text in entries(tray))


def test_entries_do_not_change_while_the_menu_is_open(qtbot: QtBot, tray: Tray) -> None:
    old = row("Old")
    tray.set_newest((old,))
    qtbot.waitUntil(lambda: "Old · ann@example.test" in entries(tray))
    menu = menu_of(tray)
    menu.popup(menu.pos())
    tray.set_newest((row("New"), old))
    tray.set_unseen(2)
    qtbot.waitUntil(lambda: "2 new messages" in icon_of(tray).toolTip())
    with qtbot.waitSignal(tray.message_opened) as opened:
        menu.actions()[2].trigger()
    assert opened.args == [old]
    menu.hide()
    assert entries(tray)[2] == "Old · ann@example.test"  # the click that hides it may arrive later
    with qtbot.waitSignal(tray.retry_requested):
        menu.popup(menu.pos())
    assert entries(tray)[2:4] == ["New · ann@example.test", "Old · ann@example.test"]
    menu.hide()


def test_a_menu_that_is_never_reported_closed_is_updated_after_a_while(qtbot: QtBot, qapp: QApplication) -> None:
    tray = Tray(qapp, Timing(menu_open=10))
    menu_of(tray).aboutToShow.emit()
    tray.set_newest((row("New"),))
    qtbot.waitUntil(lambda: "New · ann@example.test" in entries(tray))


def test_the_icon_is_struck_through_only_when_no_server_is_connected(qtbot: QtBot, tray: Tray) -> None:
    plain = pixels(tray)
    tray.set_statuses((CONNECTED, SILENT))
    qtbot.waitUntil(lambda: "R&D shop" in icon_of(tray).toolTip())
    assert pixels(tray) == plain
    tray.set_statuses((SILENT,))
    qtbot.waitUntil(lambda: pixels(tray) != plain)


def test_the_icon_shows_faults_that_only_the_user_can_fix(qtbot: QtBot, tray: Tray) -> None:
    tray.set_statuses((SILENT,))
    qtbot.waitUntil(lambda: "does not answer" in icon_of(tray).toolTip())
    struck = pixels(tray)
    refused = replace(CONNECTED, link=Link.DISCONNECTED, fault=Fault.AUTH)
    tray.set_statuses((SILENT, refused))
    qtbot.waitUntil(lambda: "password" in icon_of(tray).toolTip())
    assert pixels(tray) == struck
    tray.set_statuses((refused,))
    qtbot.waitUntil(lambda: pixels(tray) != struck)


def test_polling_is_explained_in_the_tooltip(qtbot: QtBot, tray: Tray) -> None:
    tray.set_statuses((replace(CONNECTED, link=Link.POLLING, fault=Fault.NO_UPGRADE),))
    expected = "localhost:8025: connected, 3 unread of 340; live updates are blocked; checking every few seconds."
    qtbot.waitUntil(lambda: expected in icon_of(tray).toolTip().splitlines())
    assert "Open Mailpit: 3 unread; live updates are blocked; checking every few seconds" in entries(tray)


def test_an_unreadable_list_is_explained_in_the_tooltip(qtbot: QtBot, tray: Tray) -> None:
    tray.set_statuses((replace(CONNECTED, fault=Fault.UNREADABLE),))
    expected = f"localhost:8025: connected, 3 unread of 340; {Fault.UNREADABLE.sentence}"
    qtbot.waitUntil(lambda: expected in icon_of(tray).toolTip().splitlines())
    assert any(
        text.startswith("Open Mailpit: 3 unread; new messages are shown") and text.endswith("out of date")
        for text in entries(tray)
    )


def test_a_name_like_markup_is_shown_as_it_is(qtbot: QtBot, tray: Tray, monkeypatch: pytest.MonkeyPatch) -> None:
    tray.set_statuses((replace(CONNECTED, name="<b>R</b> & D"),))
    as_it_is = "<b>R</b> & D: connected, 3 unread of 340"
    qtbot.waitUntil(lambda: as_it_is in icon_of(tray).toolTip().splitlines())
    assert not Qt.mightBeRichText(icon_of(tray).toolTip())  # for trays where Qt shows it itself

    tray.set_over_bus(True)
    tray.set_unseen(1)
    qtbot.waitUntil(lambda: "1 new message" in icon_of(tray).toolTip())
    assert as_it_is in icon_of(tray).toolTip().splitlines()

    tray.set_over_bus(False)
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "MATE")
    tray.replace_icon(over_bus=True)
    escaped = "&lt;b&gt;R&lt;/b&gt; &amp; D: connected, 3 unread of 340"
    qtbot.waitUntil(lambda: escaped in icon_of(tray).toolTip().splitlines())
    tray.replace_icon(over_bus=False)
    qtbot.waitUntil(lambda: as_it_is in icon_of(tray).toolTip().splitlines())


def test_new_messages_show_in_icon_and_tooltip_until_they_are_seen(qtbot: QtBot, tray: Tray) -> None:
    plain = pixels(tray)
    tray.set_unseen(1)
    qtbot.waitUntil(lambda: "1 new message" in icon_of(tray).toolTip().splitlines())
    assert pixels(tray) != plain
    tray.set_unseen(0)
    qtbot.waitUntil(lambda: pixels(tray) == plain)


def test_a_burst_is_drawn_a_few_times_and_ends_right(qtbot: QtBot, tray: Tray) -> None:
    drawn = []
    icon_of(tray).setIcon = drawn.append  # type: ignore[method-assign]
    for count in range(1, 2_001):
        tray.set_unseen(count)
    qtbot.waitUntil(lambda: "2000 new messages" in icon_of(tray).toolTip())
    assert len(drawn) <= 3


def test_a_left_click_toggles_the_window(qtbot: QtBot, tray: Tray) -> None:
    with qtbot.waitSignal(tray.window_toggled):
        icon_of(tray).activated.emit(LEFT)
    with qtbot.assertNotEmitted(tray.window_toggled):
        icon_of(tray).activated.emit(QSystemTrayIcon.ActivationReason.Context)


def requests(tray: Tray) -> list[object]:
    """Record the requests of the tray from now on."""
    requested: list[object] = []
    tray.window_toggled.connect(lambda: requested.append("toggled"))
    tray.window_requested.connect(lambda: requested.append("window"))
    tray.mailbox_opened.connect(requested.append)
    tray.message_opened.connect(requested.append)
    return requested


def test_each_click_does_what_was_chosen(qtbot: QtBot, tray: Tray) -> None:
    newest = row("Newest", SHOP)
    tray.set_statuses((CONNECTED, SILENT))
    tray.set_newest((newest, row("Old")))
    requested = requests(tray)
    tray.set_choices(TrayChoices(left_click=Click.MAILPIT, middle_click=Click.NOTHING, double_click=Click.NEWEST))
    for click in (LEFT, MIDDLE, DOUBLE):
        icon_of(tray).activated.emit(click)
    assert requested == [SHOP, newest]
    tray.set_choices(TrayChoices(middle_click=Click.MENU))
    icon_of(tray).activated.emit(MIDDLE)
    assert menu_of(tray).isVisible()
    menu_of(tray).close()


def test_without_messages_a_click_on_the_newest_shows_the_window(qtbot: QtBot, tray: Tray) -> None:
    requested = requests(tray)
    icon_of(tray).activated.emit(MIDDLE)
    assert requested == ["window"]


def test_a_host_on_the_bus_knows_no_double_click(qtbot: QtBot, tray: Tray) -> None:
    requested = requests(tray)
    tray.set_choices(TrayChoices(double_click=Click.WINDOW))
    tray.set_over_bus(True)
    icon_of(tray).activated.emit(DOUBLE)
    assert not requested


def test_the_offered_clicks_depend_on_the_desktop(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "ubuntu:GNOME")
    assert supported_clicks(over_bus=True).left_by_double
    assert not supported_clicks(over_bus=False).left_by_double
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not supported_clicks(over_bus=False).left


def test_on_macos_every_click_opens_the_menu(qtbot: QtBot, tray: Tray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    requested = requests(tray)
    for click in (LEFT, MIDDLE, DOUBLE):
        icon_of(tray).activated.emit(click)
    assert not requested
    tray.set_unseen(3)
    qtbot.waitUntil(lambda: icon_of(tray).icon().isMask())
    sizes = icon_of(tray).icon().availableSizes()
    assert all(size.width() > size.height() for size in sizes)  # the count is beside the drawing


def test_the_badge_shows_the_chosen_count(qtbot: QtBot, tray: Tray) -> None:
    plain = pixels(tray)
    tray.set_unseen(1)
    qtbot.waitUntil(lambda: pixels(tray) != plain)
    new = pixels(tray, 24)
    tray.set_choices(TrayChoices(count=Count.OFF))
    qtbot.waitUntil(lambda: pixels(tray) == plain)
    tray.set_choices(TrayChoices(count=Count.UNREAD))
    tray.set_statuses((replace(CONNECTED, unread=1),))
    qtbot.waitUntil(lambda: pixels(tray, 24) == new)
    tray.set_statuses((CONNECTED,))
    qtbot.waitUntil(lambda: pixels(tray, 24) != new and pixels(tray) != plain)


def test_the_icon_is_drawn_for_the_bar_that_was_named(qtbot: QtBot, tray: Tray) -> None:
    drawn = set[bytes]()
    for bar in (Bar.LIGHT, Bar.DARK):
        before = pixels(tray)
        tray.set_choices(TrayChoices(bar=bar))
        if bar is Bar.DARK:
            qtbot.waitUntil(lambda before=before: pixels(tray) != before)  # type: ignore[misc]
        drawn.add(pixels(tray))
    assert len(drawn) == 2


def test_a_click_gives_the_position_of_an_icon_on_the_bus(qtbot: QtBot, tray: Tray) -> None:
    places = []
    tray.window_toggled.connect(lambda: places.append(tray.geometry()))
    assert tray.geometry().isEmpty()
    icon_of(tray).activated.emit(LEFT)
    assert [(place.topLeft(), place.isEmpty()) for place in places] == [(QCursor.pos(), False)]
    assert tray.geometry().isEmpty()


def test_a_renewed_icon_takes_over_everything(qtbot: QtBot, tray: Tray) -> None:
    tray.set_unseen(3)
    tray.show()
    before, look, tip = icon_of(tray), pixels(tray), icon_of(tray).toolTip()
    menu = menu_of(tray)
    tray.replace_icon()
    after = icon_of(tray)
    assert after is not before
    assert (pixels(tray), after.toolTip(), menu_of(tray)) == (look, tip, menu)
    assert after.isVisible()
    assert not before.isVisible()
    tray.hide()
