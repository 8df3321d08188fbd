"""Work that the settings window starts: file, tests of servers, passwords, the example, autostart, the report."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent, QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QPlainTextEdit
from pytestqt.qtbot import QtBot

from conditions import until
from hostile import PATIENCE, black_hole
from mailpit_notifier.actions import Actions
from mailpit_notifier.client.timing import Timing as ClientTiming
from mailpit_notifier.config.file import load
from mailpit_notifier.config.store import Start
from mailpit_notifier.config.store import Store as ConfigStore
from mailpit_notifier.controllers.settings_controller import SettingsController
from mailpit_notifier.core.settings import Button, Settings
from mailpit_notifier.desktop import autostart
from mailpit_notifier.desktop.bus import notification_server
from mailpit_notifier.notify import notice
from mailpit_notifier.notify.notice import Notice, Notifier, Result
from mailpit_notifier.protocol.faults import Fault
from mailpit_notifier.servers.servers import ServerCallbacks, Servers
from mailpit_notifier.servers.timing import Timing as ServersTiming
from mailpit_notifier.ui.settings.settings_window import SettingsWindow
from mailpit_notifier.ui.tray.icon import Tray
from notification_service import NotificationService, PrivateBus
from secret_store import Store
from settings_desk import Keyboard
from standin import StandIn

pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged")


class Shown(Notifier):
    """A desktop that shows every notification."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []

    async def show(self, notice: Notice) -> Result:
        self.notices.append(notice)
        return Result.SHOWN


class Opener(QObject):
    """Opens files in place of the desktop."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(url.toLocalFile())


TIMING = ServersTiming(client=ClientTiming(steady=0.0))
"""A connection test ends as soon as live updates are open."""


class Desk:
    """The settings window of a program that runs; without its recent window and its command socket."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "config.toml"
        callbacks = ServerCallbacks(
            changed=lambda *_: None,
            status_changed=lambda: None,
            open_wanted=lambda _: None,
            not_deleted=lambda *_: None,
            deletions_changed=lambda: None,
        )
        self.notifier = Shown()
        self.tray = Tray()
        self.servers = Servers(self.notifier, folder / "journals", callbacks, TIMING)
        self.actions = Actions(self.servers, lambda _: None, lambda *_: None)
        self.store = ConfigStore(Start(config=self.path), self.tray)
        self.preferences = SettingsController(
            self.store, self.servers, self.actions, self.tray, finish_seconds=PATIENCE
        )
        self.store.read()
        self.preferences.set_settings(self.settings)
        self.servers.start(self.settings)
        self.store.changed.connect(self._apply)
        self.show()

    def show(self) -> None:
        """Open the window."""
        self.preferences.show()
        windows = (one for one in QApplication.topLevelWidgets() if isinstance(one, SettingsWindow))
        self.window = next(one for one in windows if one.isVisible())
        self.keys = Keyboard(self.window)

    @property
    def settings(self) -> Settings:
        return self.store.file_settings

    def _apply(self) -> None:
        self.preferences.set_settings(self.settings)
        self.servers.update_settings(self.settings)

    @property
    def shown_text(self) -> str:
        return "\n".join(label.text() for label in self.window.findChildren(QLabel) if label.isVisible())

    def turn_to(self, title: str) -> None:
        self.keys.go("Pages")
        titles = self.keys.focused
        for _ in range(6):
            if titles.currentItem().text() == title:  # type: ignore[attr-defined]
                return
            self.keys.press(Qt.Key.Key_Down)

    async def until(self, condition: Callable[[], object]) -> None:
        await until(condition, QApplication.processEvents)


@asynccontextmanager
async def desk(folder: Path) -> AsyncIterator[Desk]:
    found = Desk(folder)
    try:
        yield found
    finally:
        await found.preferences.stop()
        await found.store.stop()
        await found.actions.stop()
        await found.servers.stop()


def configure(folder: Path, *urls: str, more: str = "") -> Path:
    path = folder / "config.toml"
    path.write_text("".join(f'[[server]]\nurl = "{url}"\n{more}\n' for url in urls) + "# The end.\n")
    return path


async def test_a_typed_address_is_written_and_connected(qtbot: QtBot, tmp_path: Path) -> None:
    with StandIn() as server:
        path = configure(tmp_path, "http://127.0.0.1:9/")
        async with desk(tmp_path) as one:
            one.keys.go("Address")
            one.keys.type(server.url)
            one.keys.go("Name")
            one.keys.type("shop")
            await one.until(lambda: load(path)[0].servers[0].name == "shop")
            await one.until(lambda: [status.total for status in one.servers.statuses()] == [0])
            assert "# The end." in path.read_text()


async def test_a_connection_test_shows_its_result(qtbot: QtBot, tmp_path: Path, store: Store) -> None:
    with StandIn(auth="ann:s3cret") as server:
        configure(tmp_path, server.url, more='user = "ann"')
        async with desk(tmp_path) as one:
            one.keys.go("Test")
            one.keys.press(Qt.Key.Key_Space)
            await one.until(lambda: Fault.AUTH.sentence in one.shown_text)
            one.keys.go("Password")
            one.keys.type("s3cret")
            await one.until(lambda: store.kept)
            assert store.kept == {("mailpit-notifier", f"ann@{server.url}"): "s3cret"}
            one.keys.go("Test")
            one.keys.press(Qt.Key.Key_Space)
            await one.until(lambda: "Messages: 0, unread: 0. Live updates work." in one.shown_text)
            server.stop()
            one.keys.press(Qt.Key.Key_Space)
            await one.until(lambda: Fault.REFUSED.sentence in one.shown_text)


async def test_the_password_of_a_removed_server_is_deleted(qtbot: QtBot, tmp_path: Path, store: Store) -> None:
    urls = "http://127.0.0.1:9/", "http://127.0.0.1:10/"
    path = configure(tmp_path, *urls, more='user = "ann"')
    store.kept = {("mailpit-notifier", f"ann@{url}"): "s3cret" for url in urls}
    async with desk(tmp_path) as one:
        one.keys.go("Remove")
        one.keys.press(Qt.Key.Key_Space)
        await one.until(lambda: len(load(path)[0].servers) == 1)
        one.window.close()
        await one.until(lambda: len(store.kept) == 1)
        assert [user for _, user in store.kept] == [f"ann@{load(path)[0].servers[0].key}"]


async def test_the_password_of_a_removed_server_is_kept_until_undo_ends(
    qtbot: QtBot, tmp_path: Path, store: Store
) -> None:
    urls = "http://127.0.0.1:9/", "http://127.0.0.1:10/"
    path = configure(tmp_path, *urls, more='user = "ann"')
    store.kept = kept = {("mailpit-notifier", f"ann@{url}"): "s3cret" for url in urls}
    async with desk(tmp_path) as one:
        one.keys.go("Remove")
        one.keys.press(Qt.Key.Key_Space)
        await one.until(lambda: len(load(path)[0].servers) == 1)
        one.keys.go("Undo")
        one.keys.press(Qt.Key.Key_Space)
        await one.until(lambda: [server.key for server in load(path)[0].servers] == list(urls))
        one.keys.go("Name")
        one.keys.type("shop")
        await one.until(lambda: load(path)[0].servers[1].name)
        one.window.close()
        await one.preferences.stop()
        assert store.kept == kept


async def test_a_test_that_hangs_can_be_cancelled_and_blocks_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    with black_hole() as port:
        configure(tmp_path, f"http://127.0.0.1:{port}/")
        async with desk(tmp_path) as one:
            one.keys.go("Test")
            one.keys.press(Qt.Key.Key_Space)
            await one.until(lambda: "Testing the connection…" in one.shown_text)
            assert one.keys.here == "Cancel"
            one.keys.press(Qt.Key.Key_Space)
            assert one.keys.here == "Test"
            assert "Testing the connection…" not in one.shown_text
            one.keys.press(Qt.Key.Key_Space)
            one.keys.press(Qt.Key.Key_Escape)  # closed while it runs
            assert not one.window.isVisible()


async def test_a_setting_that_cannot_be_written_is_reported_and_reset(qtbot: QtBot, tmp_path: Path) -> None:
    path = configure(tmp_path, "http://127.0.0.1:9/")
    async with desk(tmp_path) as one:
        path.write_text("not TOML")
        one.turn_to("Notifications")
        one.keys.go("Play the desktop's notification sound")
        sound = one.keys.focused
        assert isinstance(sound, QCheckBox)
        one.keys.press(Qt.Key.Key_Space)
        await one.until(lambda: "is not TOML" in one.shown_text)
        assert not sound.isChecked()
        assert one.keys.here == "Open the file"
        opener = Opener()
        QDesktopServices.setUrlHandler("file", opener, "open")
        one.keys.press(Qt.Key.Key_Space)
        QDesktopServices.unsetUrlHandler("file")
        assert opener.opened == [str(path)]
        assert path.read_text() == "not TOML"
        one.window.close()
        one.show()
        await one.until(lambda: "is not TOML" in one.shown_text)


async def test_the_sample_notification_has_the_form_of_that_of_a_message(qtbot: QtBot, tmp_path: Path) -> None:
    configure(tmp_path, "http://127.0.0.1:9/")
    async with desk(tmp_path) as one:
        one.turn_to("Notifications")
        one.keys.go("Send a sample notification")
        one.keys.press(Qt.Key.Key_Space)
        await one.until(lambda: one.notifier.notices)
        shown = one.notifier.notices[-1]
        assert (shown.key, shown.title) == (notice.EXAMPLE, "Your Acme code")
        assert [action.label for action in shown.actions] == ["Copy 482913", "Open acme.example", "Mark as read"]
        one.keys.go("Hide message content")
        one.keys.press(Qt.Key.Key_Space)
        await one.until(lambda: one.settings.notifications.hide_content)
        one.keys.go("Send a sample notification")
        one.keys.press(Qt.Key.Key_Space)
        await one.until(lambda: one.notifier.notices[-1].title == "New message")
        one.preferences.act_on_sample(Button.COPY, "")
        await one.until(lambda: QApplication.clipboard().text() == "482913")


async def test_autostart_is_switched_in_the_folder_of_the_desktop(qtbot: QtBot, tmp_path: Path) -> None:
    configure(tmp_path, "http://127.0.0.1:9/")
    async with desk(tmp_path) as one:
        one.turn_to("General")
        one.keys.go("Start when I log in")
        switch = one.keys.focused
        assert isinstance(switch, QCheckBox)
        one.keys.press(Qt.Key.Key_Space)
        await one.until(autostart.enabled)
        autostart.disable()  # by hand
    async with desk(tmp_path) as one:
        one.turn_to("General")
        one.keys.go("Start when I log in")
        switch = one.keys.focused
        assert isinstance(switch, QCheckBox)
        assert not switch.isChecked()


async def test_the_report_names_the_faults_and_no_secret(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[QAccessibleEvent] = []
    monkeypatch.setattr(QAccessible, "updateAccessibility", sent.append)
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setenv("SHOP", "s3cret")
    configure(tmp_path, "http://127.0.0.1:9/", more='name = "shop"\nuser = "ann"\npassword_env = "SHOP"')
    async with desk(tmp_path) as one:
        one.turn_to("Diagnostics")
        await one.until(lambda: one.servers.statuses()[0].fault)
        one.keys.go("Refresh")
        one.keys.press(Qt.Key.Key_Space)
        report = one.window.findChildren(QPlainTextEdit)[0]
        await one.until(lambda: f"FAULT  shop: {Fault.REFUSED.sentence}" in report.toPlainText())
        await one.until(lambda: any(isinstance(event, QAccessibleAnnouncementEvent) for event in sent))
        said = [event.message() for event in sent if isinstance(event, QAccessibleAnnouncementEvent)]
        problems = report.toPlainText().count("FAULT")
        assert said == [f"Report updated: {problems} problems found"]  # and nothing of the report made before
        one.keys.go("Copy report")
        one.keys.press(Qt.Key.Key_Space)
        copied = QApplication.clipboard().text()
        assert copied == report.toPlainText()
        assert "There is no display" in copied
        assert "s3cret" not in copied


async def test_the_report_names_the_notification_service(
    service: NotificationService, bus: PrivateBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await notification_server() == ""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
    assert await notification_server() == "recorder tests 1"


async def test_a_server_with_another_address_keeps_its_password(qtbot: QtBot, tmp_path: Path, store: Store) -> None:
    with StandIn(auth="ann:s3cret") as server:
        path = configure(tmp_path, "http://127.0.0.1:9/", more='user = "ann"')
        store.kept = {("mailpit-notifier", "ann@http://127.0.0.1:9/"): "s3cret"}
        async with desk(tmp_path) as one:
            one.keys.go("Address")
            one.keys.type(server.url)
            await one.until(lambda: [status.total for status in one.servers.statuses()] == [0])
            assert load(path)[0].servers[0].key == server.url
            assert store.kept == {("mailpit-notifier", f"ann@{server.url}"): "s3cret"}


async def test_a_password_that_cannot_be_moved_is_kept_and_that_is_reported(
    qtbot: QtBot, tmp_path: Path, store: Store
) -> None:
    path = configure(tmp_path, "http://127.0.0.1:9/", more='user = "ann"')
    store.kept = {("mailpit-notifier", "ann@http://127.0.0.1:9/"): "s3cret"}
    store.broken = True
    async with desk(tmp_path) as one:
        one.keys.go("Address")
        one.keys.type("http://127.0.0.1:10/")
        await one.until(lambda: "to its new address" in one.shown_text)
        assert load(path)[0].servers[0].key == "http://127.0.0.1:10/"
        one.window.close()
    assert store.kept == {("mailpit-notifier", "ann@http://127.0.0.1:9/"): "s3cret"}


async def test_typed_text_is_written_when_the_program_ends(qtbot: QtBot, tmp_path: Path) -> None:
    path = configure(tmp_path, "http://127.0.0.1:9/")
    async with desk(tmp_path) as one:
        one.keys.go("Name")
        QTest.keyClicks(one.keys.focused, "shop")
        one.turn_to("Notifications")
        one.keys.go("Play the desktop's notification sound")
        one.keys.press(Qt.Key.Key_Space)
        await one.preferences.stop()
        settings = load(path)[0]
        assert settings.servers[0].name == "shop"
        assert settings.notifications.sound


async def test_typed_text_is_written_when_the_window_is_closed(qtbot: QtBot, tmp_path: Path) -> None:
    path = configure(tmp_path, "http://127.0.0.1:9/")
    async with desk(tmp_path) as one:
        one.keys.go("Name")
        QTest.keyClicks(one.keys.focused, "shop")
        one.window.close()
        await one.until(lambda: load(path)[0].servers[0].name == "shop")


async def test_a_failed_write_after_the_window_was_closed_is_a_notification(qtbot: QtBot, tmp_path: Path) -> None:
    path = configure(tmp_path, "http://127.0.0.1:9/")
    async with desk(tmp_path) as one:
        path.write_text("not TOML")
        one.keys.go("Name")
        QTest.keyClicks(one.keys.focused, "shop")
        one.window.close()
        await one.until(lambda: one.notifier.notices)
        assert "is not TOML" in one.notifier.notices[-1].body


async def test_a_problem_of_the_file_is_shown_in_the_settings(qtbot: QtBot, tmp_path: Path) -> None:
    path = configure(tmp_path, "http://127.0.0.1:9/")
    async with desk(tmp_path) as one:
        path.write_text(path.read_text() + "[future]\n")
        one.preferences.show(check_file=True)
        await one.until(lambda: 'nknown setting "future"' in one.shown_text)
        assert one.keys.here == "Open the file"
