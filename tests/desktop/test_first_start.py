"""The first start: servers found are offered, else a demo; a notification reports the first connection."""

# ruff: noqa: N802, F821 (D-Bus names and signatures)

import asyncio
import socket
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from subprocess import run

import pytest
from dbus_fast import Message, PropertyAccess, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_property
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QLabel, QWidget
from pytestqt.qtbot import QtBot
from test_autostart import Values
from test_discovery import DOCKER, SHOP, Programs
from test_server_prompts import Quiet

from campaign.inside import NO_CALLBACKS
from conditions import until
from hostile import Visit, hostile
from mailpit_notifier.config.store import Start, Store
from mailpit_notifier.controllers.first_start import FirstStart, discover
from mailpit_notifier.controllers.notification_warning import NotificationWarning
from mailpit_notifier.core.settings import Settings, servers_from
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.desktop.bus import NOTIFICATIONS, NOTIFICATIONS_PATH
from mailpit_notifier.desktop.obstacles import Obstacle, obstacle, on_windows, settings_page
from mailpit_notifier.notify.problem_notices import welcome_notice
from mailpit_notifier.runtime.tasks import Tasks
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.ui.window.list_model import MessageListModel
from mailpit_notifier.ui.window.placeholder import COMMANDS, FoundServer, Placeholder, Welcome
from mailpit_notifier.ui.window.window import RecentWindow
from notification_service import NotificationService, PrivateBus
from program import Program, running, wait_until
from standin import MAILPIT_BIN, RealMailpit, Server, StandIn, real

NOWHERE = "http://127.0.0.1:9/"

SEARCHED = "servers on this machine"
"""The log line after which the page shows the servers found."""

UNUSUAL = """
import sys
import mailpit_notifier.core.settings as settings
settings.DEFAULT_URL = {url!r}
from mailpit_notifier.main import main
sys.exit(main())
"""


@pytest.fixture
def machine(program: Program) -> Programs:
    """A PATH without DDEV, Docker and Podman, even if the machine has them."""
    programs = Programs(program.folder / "bin")
    for name in ("ddev", "docker", "podman"):
        programs.script(name, f'echo "$@" >> "{program.folder}/asked"\nexit 1')
    return programs


def start(program: Program, usual: str, *arguments: str) -> None:
    """Start the program with `usual` as the default server."""
    program.by = sys.executable, "-c", UNUSUAL.format(url=usual)
    program.launch(*arguments)
    wait_until(lambda: program.status() is not None, "answering commands")


def press(program: Program, *keys: str) -> None:
    """Wait for the window and press keys in it."""
    window = wait_until(program.windows, "a window")[0]
    run(["xdotool", "windowfocus", "--sync", window, "key", *keys], env=program.environment, check=True)


def servers(program: Program) -> list[tuple[str, str]]:
    return [(server["name"], server["state"]) for server in (program.status() or {})["servers"]]


def config(program: Program) -> Path:
    return program.folder / ".config/mailpit-notifier/config.toml"


def asked(program: Program) -> str:
    """Return the recorded calls of the programs; `ddev list` is called only to find servers."""
    record = program.folder / "asked"
    return record.read_text() if record.exists() else ""


def test_one_key_adds_the_found_servers(program: Program, machine: Programs) -> None:
    with StandIn() as shop, StandIn() as blog:
        api = {"name": "api", "status": "stopped", "mailpit_url": "http://127.0.0.1:9"}
        machine.add("ddev", {"raw": [{**SHOP, "mailpit_url": shop.url}, api]})
        machine.add("docker", {**DOCKER, "Ports": f"127.0.0.1:{blog.http_port}->8025/tcp"})
        start(program, "http://127.0.0.1:10/")

        wait_until(lambda: SEARCHED in program.log, "the servers that were found")
        press(program, "Return")
        wait_until(config(program).exists, "a configuration")
        wait_until(lambda: ("blog", "connected") in servers(program), "the servers found")
        assert [name for name, _ in servers(program)] == ["shop", "api", "blog"]
        servers_in_file = tomllib.loads(config(program).read_text())["server"]
        assert servers_in_file[0] == {"url": shop.url, "name": "shop"}
        assert program.end() == 0
        assert "Traceback" not in program.log


@pytest.mark.parametrize(
    ("count", "body"),
    [
        (0, "It has no messages yet. The first one will appear like this."),
        (1, "It has 1 message. The next one will appear like this."),
        (12, "It has 12 messages. The next one will appear like this."),
    ],
)
def test_the_first_notification_names_the_number_of_messages(count: int, body: str) -> None:
    assert welcome_notice("http://a.test/", "a.test", count).body == body


def test_the_first_connection_is_announced_once(
    program: Program, machine: Programs, service: NotificationService
) -> None:
    with StandIn() as server:
        server.burst(12)
        for _ in range(2):
            start(program, server.url)
            program.wait_for_server(state="connected", total=12)
            service.wait_for(lambda: service.named("Notify"))
            assert program.end() == 0
        assert [notice["summary"] for notice in service.notices] == [
            f"Connected to Mailpit at 127.0.0.1:{server.http_port}"
        ]
        assert service.notices[0]["body"] == "It has 12 messages. The next one will appear like this."


def test_a_mailpit_that_is_started_later_is_found_automatically(
    program: Program, machine: Programs, service: NotificationService
) -> None:
    with StandIn() as server:
        server.stop()
        start(program, server.url)
        program.wait_for_server(state="disconnected")
        assert wait_until(program.windows, "a window")
        server.start()
        service.wait_for(lambda: service.named("Notify"))
        assert service.notices[0]["summary"].startswith("Connected to Mailpit")
        assert program.end() == 0


KINDS = [StandIn, pytest.param(RealMailpit, marks=real)] if MAILPIT_BIN else [StandIn]


@pytest.mark.parametrize("kind", KINDS)
def test_a_test_message_is_announced_like_any_other(
    program: Program, machine: Programs, service: NotificationService, kind: type[Server]
) -> None:
    with kind() as server:
        start(program, server.url, "--hidden")
        service.wait_for(lambda: service.named("Notify"))
        welcome = service.notices[0]
        assert welcome["actions"][-2:] == ["send-test", "Send a test message"]
        server.burst(30)
        service.wait_for(lambda: any(one["summary"].endswith("new messages") for one in service.named("Notify")))
        assert program.command("pause").returncode == 0
        service.do("invoke", id=welcome["id"], action="send-test")

        def test_mail() -> dict[str, object]:
            return next((one for one in service.named("Notify") if one["summary"] == "Your Acme code"), {})

        service.wait_for(test_mail)
        assert str(test_mail()["body"]).startswith("ann@example.test.\n")
        program.wait_for_server(total=31)
        assert program.end() == 0
        assert sum(row["Subject"] == "Your Acme code" for row in server.rows()) == 1


def test_a_hidden_start_shows_and_asks_nothing(
    program: Program, machine: Programs, service: NotificationService
) -> None:
    with StandIn() as server:
        start(program, server.url, "--hidden")
        service.wait_for(lambda: service.named("Notify"))
        assert not program.windows()
        assert "list" not in asked(program)
        assert program.end() == 0


def test_with_a_named_server_there_is_no_first_start(
    program: Program, machine: Programs, service: NotificationService
) -> None:
    with StandIn() as server, running(program, "--server", server.url):
        program.wait_for_server(state="connected", total=0)
        server.send("Hello")
        service.wait_for(lambda: service.named("Notify"))
        assert [notice["summary"] for notice in service.notices] == ["Hello"]
        assert "list" not in asked(program)


def test_the_demo_leaves_nothing_behind(program: Program, machine: Programs, service: NotificationService) -> None:
    temporary = program.folder / "tmp"
    temporary.mkdir()
    program.environment["TMPDIR"] = str(temporary)
    start(program, NOWHERE)

    wait_until(lambda: f"Found 0 {SEARCHED}" in program.log, "nothing found")
    press(program, "Tab", "Return")
    wait_until(lambda: [name for name, _ in servers(program)] == ["Demo"], "the demo")
    service.wait_for(lambda: service.named("Notify"))
    assert not service.notices[0]["summary"].startswith("Connected")
    assert any(temporary.rglob("*.journal"))
    assert program.end() == 0
    assert "Traceback" not in program.log
    assert not list(temporary.iterdir())
    assert not config(program).exists()
    assert not list(program.folder.rglob("*.journal"))


async def test_everything_is_found_once_and_other_web_servers_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    programs = Programs(tmp_path)

    def mailhog(visit: Visit) -> None:
        visit.request()
        visit.answer(404, b"404 page not found")

    with StandIn() as usual, StandIn() as shop, hostile(mailhog) as other:
        container = {"Labels": "", "Ports": f"127.0.0.1:{other.port}->8025/tcp"}
        starting = {"Labels": "", "Names": "starting", "Ports": "127.0.0.1:9->8025/tcp"}
        programs.add(
            "ddev", {"raw": [{**SHOP, "mailpit_url": shop.url}, {**SHOP, "name": "nowhere", "mailpit_url": ""}]}
        )
        programs.add("docker", {**container, "Names": "mailhog"}, starting)
        programs.add("podman", {"Names": ["twin"], "Ports": f"127.0.0.1:{usual.http_port}->8025/tcp"})
        [named] = servers_from([usual.url.replace("127.0.0.1", "localhost")])
        found = await discover(named, within=5.0)
    assert [one.name for one in found] == ["shop", "starting", "twin"]


async def test_a_usual_server_with_a_password_is_asked_about(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with StandIn(auth="ann:s3cret") as server:
        default = servers_from([server.url])
        window = RecentWindow(MessageListModel(), tmp_path / "window.ini")
        qtbot.addWidget(window)

        def follow() -> None:
            window.set_statuses(servers.statuses())
            first.set_statuses(servers.statuses())

        servers = Servers(Quiet(), tmp_path, replace(NO_CALLBACKS, status_changed=follow))
        store = Store(Start(config=tmp_path / "config.toml"), window)
        first = FirstStart(store, servers, lambda *_: None, lambda *_: None, is_first=True, default=default[0])
        servers.start(Settings(servers=default))
        first.attach(window)
        window.show()
        await until(lambda: "Enter password…" in texts(window), QApplication.processEvents)
        window.hide()
        for part in (first, servers, store):
            await part.stop()
        first.close()


def texts(page: QWidget) -> list[str]:
    parts = (*page.findChildren(QLabel), *page.findChildren(QAbstractButton))
    return [part.text() for part in parts if part.isVisibleTo(page)]


def button(page: QWidget, text: str) -> QAbstractButton:
    return next(one for one in page.findChildren(QAbstractButton) if one.text() == text)


def test_the_page_shows_what_was_found_and_what_to_do(qtbot: QtBot) -> None:
    page = Welcome("localhost:8025", has_demo=True)
    qtbot.addWidget(page)
    shop = FoundServer(name="sh&op", address="shop.test", color="#0b8a6a", running=True)
    page.set_found([shop, replace(shop, name="api", running=False)], with_usual=False)
    assert texts(page)[0] == "Found 2 Mailpit servers"
    assert {"sh&&op\nshop.test", "api\nshop.test · stopped", "Use these servers", "Not now"} <= set(texts(page))
    boxes = page.findChildren(QCheckBox)
    assert [box.accessibleName() for box in boxes] == ["sh&op, shop.test", "api, shop.test, stopped"]
    with qtbot.waitSignal(page.accepted) as accepted:
        boxes[0].click()
        button(page, "Use these servers").click()
    assert accepted.args == [(1,)]
    boxes[1].click()
    assert not button(page, "Use these servers").isEnabled()
    page.set_found([replace(shop, name=f"p{number}") for number in range(30)], with_usual=True)
    assert "Use only localhost:8025" in texts(page)
    page.set_not_found()
    assert {*COMMANDS} <= {text.replace("\u00a0", " ") for text in texts(page)}
    assert texts(page)[-2:] == ["Search again", "Start a demo"]
    page = Welcome("localhost:8025", has_demo=False)
    qtbot.addWidget(page)
    page.set_not_found()
    assert texts(page)[-1] == "Search again"


def test_an_empty_window_offers_a_test_message(qtbot: QtBot) -> None:
    page = Placeholder()
    qtbot.addWidget(page)
    away = ServerStatus(url="http://a.test/", name="a", link=Link.DISCONNECTED)
    here = ServerStatus(url="http://b.test/", name="b", link=Link.CONNECTED, total=0, unread=0)
    page.set_statuses((away,))
    assert "Send a test message" not in texts(page)
    page.set_statuses((away, here))
    button = next(one for one in page.findChildren(QAbstractButton) if one.text() == "Send a test message")
    assert button.isVisibleTo(page)
    with qtbot.waitSignal(page.test_requested) as asked:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked.args == ["http://b.test/"]


def test_the_address_is_not_taken_for_a_placeholder() -> None:
    assert welcome_notice("http://a.test/", "{address} %n", 7).title == "Connected to Mailpit at {address} %n"


async def test_obstacles_to_notifications_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bus: PrivateBus
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
    assert await obstacle() is Obstacle.NO_SERVICE
    with NotificationService(bus.address):
        assert await obstacle() is None
        monkeypatch.setenv("XDG_CURRENT_DESKTOP", "ubuntu:GNOME")
        monkeypatch.setenv("PATH", str(tmp_path))
        assert await obstacle() is None
        assert settings_page() == ""
        programs = Programs(tmp_path)
        programs.script("gsettings", 'case "$3" in show-banners) echo false;; *) echo true;; esac')
        assert await obstacle() is Obstacle.DO_NOT_DISTURB
        programs.script("gsettings", "echo false")
        assert await obstacle() is Obstacle.OFF
        programs.script("gnome-control-center", "")
        assert settings_page() == ("gnome-control-center", "notifications")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    assert await obstacle() is Obstacle.NO_SERVICE


async def test_a_bus_that_does_not_answer_causes_no_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "bus"))
        silent.listen()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/bus")
        assert await obstacle(within=0.05) is None


class Plasma(ServiceInterface):
    """KDE's notification service, only its "Do not disturb" property."""

    @dbus_property(access=PropertyAccess.READ)
    def Inhibited(self) -> "b":
        return True


async def test_do_not_disturb_of_kde_is_an_obstacle(monkeypatch: pytest.MonkeyPatch, bus: PrivateBus) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "KDE")
    connection = await MessageBus(bus.address).connect()
    await connection.request_name(NOTIFICATIONS)
    assert await obstacle() is None
    connection.export(NOTIFICATIONS_PATH, Plasma(NOTIFICATIONS))
    assert await obstacle() is Obstacle.DO_NOT_DISTURB
    connection.disconnect()
    await connection.wait_for_disconnect()


def test_notifications_that_windows_turns_off_are_an_obstacle() -> None:
    registry = Values()
    assert on_windows(registry) is None
    key = r"Software\Microsoft\Windows\CurrentVersion\Notifications\Settings\Mailpit Notifier"
    registry.all[key, "Enabled"] = 0
    assert on_windows(registry) is Obstacle.OFF
    registry.all[key, "Enabled"] = 1
    assert on_windows(registry) is None


async def test_the_window_warns_once_why_notifications_are_hidden(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, bus: PrivateBus, service: NotificationService
) -> None:
    programs, record, tasks = Programs(tmp_path), tmp_path / "record", Tasks()
    programs.script("gnome-control-center", f'echo "$1" > "{record}"')
    programs.script("gsettings", "echo false")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "GNOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    asked = False
    window = RecentWindow(MessageListModel(), tmp_path / "window.ini")
    window.set_statuses((ServerStatus(url="http://b.test/", name="b", link=Link.CONNECTED, total=0, unread=0),))
    qtbot.addWidget(window)
    NotificationWarning(tasks, lambda: asked).attach(window)

    async def shown() -> list[str]:
        """Return the texts of the window once all requests are answered."""
        window.show()
        QApplication.processEvents()  # it becomes active, which is a reason to check again
        async with asyncio.timeout(20):
            while others := asyncio.all_tasks() - {asyncio.current_task()}:
                await asyncio.wait(others)
        found = texts(window)
        window.hide()
        QApplication.processEvents()
        return found

    warning = "Notifications from Mailpit Notifier are turned off in the system settings."
    assert warning not in await shown()  # macOS has not asked the user yet
    asked = True
    window.show()
    await until(lambda: warning in texts(window))
    button = next(one for one in window.findChildren(QAbstractButton) if one.text() == "Open settings")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    await until(lambda: record.exists() and record.read_text())
    assert record.read_text() == "notifications\n"
    assert warning in await shown()
    programs.script("gsettings", "echo true")
    assert warning not in await shown()
    NotificationWarning(tasks, lambda: True).attach(window)
    programs.script("gsettings", "echo false")
    assert warning in await shown()
    close = next(one for one in window.findChildren(QAbstractButton) if one.text() == "Close")
    QTest.mouseClick(close, Qt.MouseButton.LeftButton)
    assert warning not in await shown()


async def test_the_window_searches_for_obstacles_again_when_it_becomes_active(tmp_path: Path, qtbot: QtBot) -> None:
    current: Obstacle | None = None

    async def obstacle(**_: object) -> Obstacle | None:
        return current

    window, tasks = RecentWindow(MessageListModel(), tmp_path / "window.ini"), Tasks()
    window.set_statuses((ServerStatus(url="http://b.test/", name="b", link=Link.CONNECTED, total=0, unread=0),))
    qtbot.addWidget(window)
    NotificationWarning(tasks, lambda: True, find=obstacle).attach(window)

    async def shown(now: Obstacle | None) -> set[str]:
        nonlocal current
        current = now
        window.activated.emit()
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)
        return {one.value for one in Obstacle} & set(texts(window))

    window.show()
    QApplication.processEvents()
    assert await shown(None) == set()
    assert await shown(Obstacle.DO_NOT_DISTURB) == {Obstacle.DO_NOT_DISTURB.value}
    assert await shown(Obstacle.SILENT) == {Obstacle.SILENT.value}
    assert await shown(None) == set()
    assert await shown(Obstacle.DO_NOT_DISTURB) == {Obstacle.DO_NOT_DISTURB.value}
    window.hide()
    QApplication.processEvents()


async def test_a_service_that_hangs_is_no_service(
    monkeypatch: pytest.MonkeyPatch, bus: PrivateBus, service: NotificationService
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
    assert await obstacle() is None
    service.do("hang")
    assert await obstacle(within=0.1) is Obstacle.SILENT
    service.do("hang", hanging=False)


SERVICES = {
    "dunst": (NOTIFICATIONS_PATH, "org.dunstproject.cmd0", "paused", "b", True, False),
    "mako": ("/fr/emersion/Mako", "fr.emersion.Mako", "Modes", "as", ["default", "do-not-disturb"], ["default"]),
}


@pytest.mark.parametrize("name", SERVICES)
async def test_do_not_disturb_of_services_without_a_desktop(
    monkeypatch: pytest.MonkeyPatch, bus: PrivateBus, name: str
) -> None:
    path, interface, member, signature, on, off = SERVICES[name]
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
    connection = await MessageBus(bus.address).connect()
    value = [on]

    def answer(call: Message) -> Message | None:
        if (call.path, call.member, call.body) == (path, "Get", [interface, member]):
            return Message.new_method_return(call, "v", [Variant(signature, *value)])
        return None

    connection.add_message_handler(answer)
    await connection.request_name(NOTIFICATIONS)
    assert await obstacle() is Obstacle.DO_NOT_DISTURB
    value[:] = [off]
    assert await obstacle() is None
    connection.disconnect()
    await connection.wait_for_disconnect()


@pytest.mark.parametrize(
    ("desktop", "script", "found"),
    [
        ("XFCE", "xfconf-query", Obstacle.DO_NOT_DISTURB),
        ("MATE", "gsettings", Obstacle.DO_NOT_DISTURB),
        ("X-Cinnamon", "gsettings", Obstacle.OFF),
    ],
)
async def test_switches_of_other_desktops(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    bus: PrivateBus,
    service: NotificationService,
    desktop: str,
    script: str,
    found: Obstacle,
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", desktop)
    monkeypatch.setenv("PATH", str(tmp_path))
    hiding, showing = ("false", "true") if found is Obstacle.OFF else ("true", "false")
    programs = Programs(tmp_path)
    programs.script(script, f"echo {hiding}")
    assert await obstacle() is found
    programs.script(script, f"echo {showing}")
    assert await obstacle() is None
