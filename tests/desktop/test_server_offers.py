"""Servers that are not configured: which are offered when the window opens, and the effect of each answer."""

import asyncio
import json
import socket
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import test_tray_host as tray_host
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot
from test_discovery import DOCKER, SHOP, Programs
from test_first_start import NOWHERE
from test_server_prompts import Quiet

import accessible
from campaign.inside import NO_CALLBACKS
from conditions import until
from mailpit_notifier.config.store import Start, Store
from mailpit_notifier.controllers import server_offers
from mailpit_notifier.controllers.first_start import FirstStart
from mailpit_notifier.controllers.server_offers import ServerOffers
from mailpit_notifier.controllers.window_controller import WindowController
from mailpit_notifier.core.pauses import FOREVER
from mailpit_notifier.core.settings import servers_from
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.servers import discovery
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.ui.tray.icon import Tray
from mailpit_notifier.ui.window.list_model import MessageListModel
from mailpit_notifier.ui.window.window import RecentWindow
from notification_service import PrivateBus
from program import Program, running, wait_until
from standin import StandIn
from tray_host import TrayHost

# The offscreen platform has no tray and logs a warning.
pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged")

needs_screen = [
    pytest.mark.skipif(bool(lacking := accessible.missing()), reason=lacking or "all is there"),
    pytest.mark.timeout(180),
]

WINDOW = "Recent messages"


def container(name: str, server: StandIn) -> dict[str, str]:
    labels = f"com.docker.compose.project={name}"
    return {**DOCKER, "Labels": labels, "Ports": f"127.0.0.1:{server.http_port}->8025/tcp"}


def at_localhost(server: StandIn) -> str:
    return server.url.replace("127.0.0.1", "localhost")


[ELSEWHERE] = servers_from([NOWHERE])
"""Takes the place of the default server: one may run on this machine."""


class Stage:
    """A window and its offers, for a configuration with these servers; `named`: servers of the command line."""

    def __init__(self, folder: Path, parent: QApplication, configured: tuple[str, ...], *named: str) -> None:
        self.config = folder / "config.toml"
        if not self.config.exists():
            self.config.write_text("".join(f'[[server]]\nurl = "{url}"\n' for url in configured))
        self.store = Store(Start(config=self.config, servers=servers_from(named)), parent)
        self.store.read()
        self.errors: list[tuple[str, str]] = []
        tray = Tray(parent)
        self.servers = Servers(Quiet(), folder, NO_CALLBACKS)
        self.windows = WindowController(self.servers, tray, folder / "window.ini", self._connect)
        first = FirstStart(
            self.store, self.servers, lambda *_: None, lambda *_: None, is_first=False, default=ELSEWHERE
        )
        self.offers = ServerOffers(
            self.store,
            first,
            self.windows,
            folder / "ignored.json",
            lambda *error: self.errors.append(error),
            clock=lambda: self.now,
        )
        self.now = 1_000.0
        """The time that its clock shows, in seconds."""
        self.window: RecentWindow

    def _connect(self, window: RecentWindow) -> None:
        self.window = window
        self.offers.attach(window)

    @property
    def texts(self) -> list[str]:
        return [label.text() for label in self.window.findChildren(QLabel) if label.isVisibleTo(self.window)]

    def press(self, text: str) -> None:
        buttons = self.window.findChildren(QPushButton)
        button = next(one for one in buttons if one.isVisibleTo(self.window) and one.text() == text)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    @property
    def configured(self) -> list[tuple[str, str]]:
        return [(one["url"], one.get("name", "")) for one in tomllib.loads(self.config.read_text())["server"]]

    async def search(self) -> None:
        """Search for servers, and wait for the end of the search."""
        before = asyncio.all_tasks()
        self.offers.search()
        await asyncio.gather(*(asyncio.all_tasks() - before))


@asynccontextmanager
async def stage(folder: Path, parent: QApplication, configured: tuple[str, ...], *named: str) -> AsyncIterator[Stage]:
    opened = Stage(folder, parent, configured, *named)
    opened.windows.show()
    try:
        yield opened
    finally:
        opened.windows.hide()
        await asyncio.gather(*(part.stop() for part in (opened.offers, opened.windows, opened.store, opened.servers)))


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    programs = Programs(tmp_path / "bin")
    for name in ("ddev", "docker", "podman"):
        programs.script(name, f'echo "$@" >> "{tmp_path}/asked"')
    return programs


def asked(folder: Path) -> str:
    record = folder / "asked"
    return record.read_text() if record.exists() else ""


async def test_a_running_project_is_offered_and_watched(tmp_path: Path, qapp: QApplication, programs: Programs) -> None:
    with StandIn() as shop, StandIn() as newshop:
        programs.add("docker", container("shop", shop), container("newshop", newshop))
        programs.add("ddev", {"raw": [{**SHOP, "name": "api", "status": "stopped", "mailpit_url": newshop.url}]})
        async with stage(tmp_path, qapp, (shop.url,)) as opened:
            await opened.search()
            assert "newshop is running." in opened.texts  # shop is configured, by another name of this machine
            opened.press("&Watch it")
            await until(lambda: len(opened.configured) == 2)
            assert opened.configured == [(shop.url, ""), (at_localhost(newshop), "newshop")]
            await until(lambda: "newshop is running." not in opened.texts)
            assert not opened.errors


async def test_an_ignored_server_is_not_offered_again_unless_it_is_another_one(
    tmp_path: Path, qapp: QApplication, programs: Programs
) -> None:
    with StandIn() as shop, StandIn() as newshop:
        programs.add("docker", container("newshop", newshop))
        async with stage(tmp_path, qapp, (shop.url,)) as opened:
            await opened.search()
            opened.press("I&gnore")
            assert "newshop is running." not in opened.texts
        async with stage(tmp_path, qapp, (shop.url,)) as opened:  # the next run of the program
            await opened.search()
            assert "newshop is running." not in opened.texts
        programs.add("docker", container("other", newshop))
        async with stage(tmp_path, qapp, (shop.url,)) as opened:
            await opened.search()
            assert "other is running." in opened.texts


@pytest.mark.parametrize("kept", ["", "7", "[7]", '{"a": 1}', "[" * 99_999, '[["a"]]'])
async def test_unreadable_ignored_servers_are_offered(
    tmp_path: Path, qapp: QApplication, programs: Programs, kept: str
) -> None:
    (tmp_path / "ignored.json").write_text(kept)
    with StandIn() as shop, StandIn() as newshop:
        programs.add("docker", container("newshop", newshop))
        async with stage(tmp_path, qapp, (shop.url,)) as opened:
            await opened.search()
            opened.press("I&gnore")
            assert json.loads((tmp_path / "ignored.json").read_text()) == [["newshop", at_localhost(newshop)]]


async def test_servers_are_searched_at_most_once_a_minute_and_never_with_server_options(
    tmp_path: Path, qapp: QApplication, programs: Programs
) -> None:
    async with stage(tmp_path, qapp, (NOWHERE,), NOWHERE) as opened:
        await opened.search()
        assert asked(tmp_path) == ""
    async with stage(tmp_path, qapp, (NOWHERE,)) as opened:
        assert asked(tmp_path) == ""
        await opened.search()
        await opened.search()
        assert asked(tmp_path).count("list -j") == 1
        opened.now += server_offers.INTERVAL
        await opened.search()
        assert asked(tmp_path).count("list -j") == 2


async def test_only_servers_that_answer_like_mailpit_are_offered(
    tmp_path: Path, qapp: QApplication, programs: Programs
) -> None:
    with StandIn() as gone, StandIn(auth="ann:secret") as locked:
        programs.add("docker", container("gone", gone), container("locked", locked))
        gone.stop()
        async with stage(tmp_path, qapp, (NOWHERE,)) as opened:
            await opened.search()
            assert [text for text in opened.texts if text.endswith("is running.")] == ["locked is running."]


async def test_a_project_is_not_offered_by_another_name_of_this_machine(
    tmp_path: Path, qapp: QApplication, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = {"laptop.test": "127.0.0.1", "far.test": "192.0.2.1", "ipv6.test": "::1"}

    def resolve(host: str, port: int, **_: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        if host not in addresses:
            raise OSError
        family = socket.AF_INET6 if ":" in addresses[host] else socket.AF_INET
        return [(family, socket.SOCK_DGRAM, 0, "", (addresses[host], port))]

    monkeypatch.setattr(discovery, "getaddrinfo", resolve)
    with StandIn() as shop, StandIn() as blog, StandIn() as third:
        servers = {"shop": shop, "blog": blog, "third": third}
        programs.add("docker", *(container(name, server) for name, server in servers.items()))
        configured = tuple(
            f"http://{host}:{server.http_port}/" for host, server in zip(addresses, servers.values(), strict=True)
        )
        async with stage(tmp_path, qapp, configured) as opened:
            await opened.search()
            assert [text for text in opened.texts if "is running" in text] == ["blog is running."]
            for host in ("localhost", "127.0.0.1", "[::1]", "laptop.test"):
                sentence = opened.offers.ask([f"http://{host}:{shop.http_port}/"], "")
                assert sentence.startswith("Mailpit Notifier is already running and watches ")


async def test_a_server_that_stops_while_it_is_offered_gives_way_to_the_next(
    tmp_path: Path, qapp: QApplication, programs: Programs
) -> None:
    with StandIn() as one, StandIn() as two, StandIn() as three:
        programs.add("docker", container("one", one), container("two", two), container("three", three))
        async with stage(tmp_path, qapp, (NOWHERE,)) as opened:
            await opened.search()
            assert "one is running (1 of 3 new servers)." in opened.texts
            one.stop()
            await opened.search()  # the window is opened once more within a minute
            assert "two is running (1 of 2 new servers)." in opened.texts
            three.stop()
            opened.press("I&gnore")
            await until(lambda: not [text for text in opened.texts if "is running" in text])


async def test_an_ignored_project_is_ignored_at_another_port_too(
    tmp_path: Path, qapp: QApplication, programs: Programs
) -> None:
    with StandIn() as before, StandIn() as after:
        labels = "com.docker.compose.project=docker,com.docker.compose.project.working_dir=/home/ann/{}"
        programs.add("docker", {**container("", before), "Labels": labels.format("shop")})
        async with stage(tmp_path, qapp, (NOWHERE,)) as opened:
            await opened.search()
            opened.press("I&gnore")
        programs.add(
            "docker",
            {**container("", after), "Labels": labels.format("shop")},
            {**container("", before), "Labels": labels.format("blog")},
        )
        async with stage(tmp_path, qapp, (NOWHERE,)) as opened:
            await opened.search()
            assert [text for text in opened.texts if "is running" in text] == ["docker is running."]
            opened.press("&Watch it")
            await until(lambda: opened.configured[1:] == [(at_localhost(before), "docker")])


async def test_a_project_of_ddev_is_offered_once_with_the_address_of_ddev(
    tmp_path: Path, qapp: QApplication, programs: Programs
) -> None:
    with StandIn() as routed, StandIn() as published:
        programs.add("ddev", {"raw": [{**SHOP, "mailpit_url": routed.url}]})
        labels = "com.docker.compose.project=ddev-shop,com.ddev.site-name=shop"
        programs.add("docker", {**container("", published), "Labels": labels})
        async with stage(tmp_path, qapp, (NOWHERE,)) as opened:
            await opened.search()
            opened.press("&Watch it")
            await until(lambda: len(opened.configured) == 2)
            assert opened.configured[1] == (routed.url, "shop")
            await until(lambda: not [text for text in opened.texts if text.endswith("is running.")])


async def test_a_server_that_was_not_added_stays_offered(
    tmp_path: Path, qapp: QApplication, programs: Programs
) -> None:
    with StandIn() as newshop:
        programs.add("docker", container("newshop", newshop))
        async with stage(tmp_path, qapp, (NOWHERE,)) as opened:
            await opened.search()
            opened.config.write_text("not TOML")
            opened.press("&Watch it")
            await until(lambda: opened.errors)
            assert opened.errors[0][0] == "The server was not added"
            assert "newshop is running." in opened.texts


async def test_a_server_of_a_second_start_is_watched_for_this_run_where_this_run_has_its_own(
    tmp_path: Path, qapp: QApplication
) -> None:
    async with stage(tmp_path, qapp, (NOWHERE,), "http://127.0.0.1:10/") as opened:
        sentence = opened.offers.ask(["http://ann:secret@127.0.0.1:11/", "http://127.0.0.1:10/"], "")
        assert sentence.endswith("Its window asks whether to watch 127.0.0.1:11 as well.")
        assert "Watch 127.0.0.1:11 as well, until you quit?" in opened.texts
        opened.press("&Watch")
        assert [server.key for server in opened.store.settings.servers] == [
            "http://127.0.0.1:10/",
            "http://127.0.0.1:11/",
        ]
        assert opened.configured == [(NOWHERE, "")]


async def test_a_server_of_a_second_start_is_configured_without_its_password(
    tmp_path: Path, qapp: QApplication
) -> None:
    async with stage(tmp_path, qapp, (NOWHERE,)) as opened:
        opened.config.write_text(
            f'[[server]]\nurl = "{NOWHERE}"\n\n[[server]]\nurl = "http://b.test/"\nenabled = false\n'
        )
        await opened.store.reread()
        assert opened.offers.ask([NOWHERE], "") == "Mailpit Notifier is already running and watches 127.0.0.1:9."
        opened.offers.ask(["http://ann:secret@a.test/", "http://b.test/"], "")
        opened.press("&Watch")
        await until(lambda: len(opened.configured) == 3)
        assert "secret" not in opened.config.read_text()
        tables = tomllib.loads(opened.config.read_text())["server"]
        assert tables[1:] == [{"url": "http://b.test/"}, {"url": "http://a.test/", "user": "ann"}]
        opened.offers.ask(["http://c.test/"], "")
        opened.press("&Cancel")
        assert len(opened.configured) == 3


def test_an_offer_is_shown_before_the_state_of_servers(qtbot: QtBot, tmp_path: Path) -> None:
    window = RecentWindow(MessageListModel(), tmp_path / "window.ini")
    qtbot.addWidget(window)
    gone = ServerStatus(url="http://a.test/", name="a", link=Link.DISCONNECTED)
    here = ServerStatus(url="http://b.test/", name="b", link=Link.CONNECTED, total=1, unread=0)
    chosen: list[str] = []
    choices = {"&Watch it": lambda: chosen.append("watch")}

    def button() -> QPushButton:
        return next(one for one in window.findChildren(QPushButton) if one.text() == "&Watch it")

    window.set_offer("new is running.", choices)
    window.set_statuses((gone, here))
    window.show()
    qtbot.waitUntil(lambda: any(one.text() == "new is running." for one in window.findChildren(QLabel)))
    shown = button()
    assert shown.accessibleDescription() == "new is running."
    window.set_statuses((gone,))  # the placeholder shows this problem
    window.set_paused(FOREVER)
    qtbot.waitUntil(lambda: "a" in "".join(one.text() for one in window.findChildren(QLabel)))
    assert button() is shown
    QTest.mouseClick(shown, Qt.MouseButton.LeftButton)
    assert chosen == ["watch"]
    window.set_offer("", {})
    window.set_statuses((replace(here, muted_until=FOREVER),))
    window.set_paused(None)
    qtbot.waitUntil(lambda: any(one.text() == "b is muted until you unmute it." for one in window.findChildren(QLabel)))
    unmute = next(one for one in window.findChildren(QPushButton) if one.text() == "&Unmute")
    with qtbot.waitSignal(window.mute_requested) as requested:
        QTest.mouseClick(unmute, Qt.MouseButton.LeftButton)
    assert requested.args == ["http://b.test/", None]


def write_config(program: Program, **servers: StandIn) -> Path:
    path = program.folder / "config.toml"
    path.write_text("".join(f'[[server]]\nurl = "{one.url}"\nname = "{name}"\n' for name, one in servers.items()))
    return path


def muted(program: Program) -> list[bool]:
    return [server["muted_until"] is not None for server in (program.status() or {})["servers"]]


@pytest.mark.usefixtures("service")
def test_a_second_start_with_a_server_offers_to_watch_it(program: Program) -> None:
    with StandIn() as shop, StandIn() as blog:
        path = write_config(program, shop=shop)
        with running(program, "--hidden", "--config", str(path)):
            second = program.command("--server", blog.url)
            assert (second.returncode, second.stderr) == (0, "")
            label = blog.url.removeprefix("http://").rstrip("/")
            asks = f"Mailpit Notifier is already running. Its window asks whether to watch {label} as well.\n"
            assert second.stdout == asks
            assert wait_until(program.windows, "the window")
            assert len((program.status() or {})["servers"]) == 1
            watched = program.command("--server", shop.url)
            assert (watched.returncode, watched.stderr) == (0, "")
            assert watched.stdout.startswith("Mailpit Notifier is already running and watches ")


@pytest.mark.usefixtures("service")
def test_servers_are_searched_when_the_menu_opens_and_not_before(program: Program, bus: PrivateBus) -> None:
    programs, record = Programs(program.folder / "bin"), program.folder / "asked"
    for name in ("ddev", "docker", "podman"):
        programs.script(name, f'echo "{name} $@" >> "{record}"')
    with StandIn() as shop, TrayHost(bus.address) as host:
        path = write_config(program, shop=shop)
        with running(program, "--hidden", "--config", str(path)):
            program.wait_for_server(state="connected", name="shop")
            assert "ddev" not in (record.read_text() if record.exists() else "")
            wait_until(host.icon, "the icon")
            host.do("open")
            wait_until(lambda: "ddev list -j" in (record.read_text() if record.exists() else ""), "a search")
            wait_until(lambda: "servers that are not configured" in program.log, "the end of the search")
            host.do("open")
            assert program.server()
            assert program.log.count("servers that are not configured") == 1


@needs_screen[0]
@needs_screen[1]
def test_a_new_project_is_watched_and_a_server_muted_by_keyboard(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    folder = tmp_path_factory.mktemp("o")
    with StandIn() as shop, StandIn() as newshop, StandIn() as old, accessible.desktop(folder) as (screen, program):
        programs = Programs(program.folder / "bin")
        programs.add("ddev", {"raw": [{**SHOP, "name": "newshop", "mailpit_url": newshop.url}]})
        programs.add("docker", container("old", old))
        programs.script("podman", "exit 1")
        path = write_config(program, shop=shop)
        program.start("--config", str(path), "--hidden")
        program.command("show")
        first = "newshop is running (1 of 2 new servers)."
        screen.wait_for(WINDOW, first, "Watch it", "Ignore")
        wait_until(lambda: screen.focused(WINDOW), "the keyboard in the window")
        assert screen.go("Watch it").description == first
        screen.press("space")
        wait_until(lambda: program.server(1).get("state") == "connected", "the new server")
        assert program.server(1)["name"] == "newshop"
        screen.wait_for(WINDOW, "old is running.")
        screen.press("alt+g")
        wait_until(lambda: "old is running." not in screen.texts(WINDOW), "the end of the offer")
        assert len(tomllib.loads(path.read_text())["server"]) == 2

        icon = wait_until(tray_host.Screen(program.environment["DISPLAY"], tmp_path).docked, "the icon in the panel")
        screen.open_tray_menu(icon)
        screen.go("Mute", "Down")
        screen.press("Right")
        wait_until(lambda: [one.name for one in screen.menu()] == ["shop", "newshop"], "the servers")
        screen.go("newshop", "Down")
        screen.press("Right")
        choices = ["For 1 hour", "Until tomorrow", "Until I unmute it"]
        wait_until(lambda: [one.name for one in screen.menu()] == choices, "the choices")
        screen.go("Until I unmute it", "Down")
        screen.press("Return")
        wait_until(lambda: muted(program) == [False, True], "the mute")
        newshop.send("Noise")
        sentence = "newshop is muted until you unmute it."
        screen.wait_for(WINDOW, sentence, "Unmute")
        assert "newshop: connected, 1 unread of 1 (muted until you unmute it)\n" in program.command("status").stdout

        assert program.end() == 0
        program.start("--config", str(path), "--hidden")
        assert muted(program) == [False, True]
        program.command("show")
        screen.wait_for(WINDOW, sentence)
        wait_until(lambda: screen.focused(WINDOW), "the keyboard in the window")
        assert screen.go("Unmute").description == sentence
        screen.press("space")
        wait_until(lambda: muted(program) == [False, False], "the end of the mute")
        wait_until(lambda: sentence not in screen.texts(WINDOW), "the end of the offer")
        assert "old is running." not in screen.texts(WINDOW)

        program.command("--server", old.url)
        label = old.url.removeprefix("http://").rstrip("/")
        screen.wait_for_focus(WINDOW, "Watch", accessible.Role.PUSH_BUTTON)
        assert screen.go("Cancel").description == f"Watch {label} as well?"
        screen.press("alt+w")
        wait_until(lambda: program.server(2).get("state") == "connected", "the third server")
        assert len(tomllib.loads(path.read_text())["server"]) == 3
