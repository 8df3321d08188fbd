"""The tray as desktops show it: a StatusNotifier host, a tray by XEmbed, or none, before and after the program."""

import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import IO

import pytest
from PySide6.QtCore import QRect

from notification_service import PrivateBus, private_bus
from program import PATIENCE, Program, running, virtual_display, wait_until
from standin import StandIn
from tray_host import SEPARATOR, TrayHost

PANEL = """panel_items = S
panel_size = 100% 30
systray_padding = 4 4 4
"""
CLOSE = "alt+F4"
"""The window manager's way to close a window."""

KEEP, QUIT = ("Escape", "space"), ("Escape", "Tab", "space")
"""Keys that close the window and press the first or the second button of the question that follows."""


class Screen:
    """A virtual display with a window manager, and functions to observe and control it."""

    def __init__(self, display: str, folder: Path) -> None:
        self.display = display
        self._config = folder / "tint2rc"
        self._config.write_text(PANEL)

    def run(self, *command: str) -> str:
        """Run a program on the display. Return its output, "" if it fails."""
        environment = {"DISPLAY": self.display, "PATH": "/usr/bin:/bin"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
        return done.stdout if done.returncode == 0 else ""

    @contextmanager
    def showing(self, *command: str) -> Iterator[IO[str]]:
        """Run a part of the desktop; yields what it writes."""
        environment = {"DISPLAY": self.display, "PATH": "/usr/bin:/bin", "HOME": str(self._config.parent)}
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert process.stdout
        try:
            yield process.stdout
        finally:
            process.kill()  # openbox misses a SIGTERM that arrives as it begins to wait
            process.communicate(timeout=PATIENCE)

    def tray(self) -> AbstractContextManager[IO[str]]:
        """A panel whose tray takes icons by XEmbed."""
        return self.showing("tint2", "-c", str(self._config))

    def window(self) -> str:
        """Return the ID of the visible window of recent messages, "" if there is none."""
        return self.run("xdotool", "search", "--onlyvisible", "--name", "^Recent messages").strip()

    def in_front(self) -> bool:
        """Return whether the window has the focus: only then a click on the icon hides it."""
        return self.window() == self.run("xdotool", "getactivewindow").strip() != ""

    def docked(self) -> str:
        """Return the ID of the icon inside the panel, "" if there is none."""
        for icon in self.run("xdotool", "search", "--onlyvisible", "--class", "mailpit-notifier").split():
            inner = icon
            while outer := self._parent(inner):
                if '"tint2"' in outer[2]:
                    return icon
                inner = outer[1]
        return ""

    def _parent(self, window: str) -> re.Match[str] | None:
        return re.search(r"Parent window id: (0x[1-9a-f]\w*) (.*)", self.run("xwininfo", "-tree", "-id", window))

    def place(self, window: str) -> QRect:
        """Where a window is, without its frame."""
        output = self.run("xwininfo", "-id", window)
        names = ("Absolute upper-left X", "Absolute upper-left Y", "Width", "Height")
        return QRect(*(int(re.search(rf"{name}: +(-?\d+)", output)[1]) for name in names))

    def press(self, *keys: str) -> None:
        """Press keys in the window, one right after the other."""
        self.run("xdotool", "windowactivate", "--sync", self.window(), "key", *keys)

    def closed(self) -> bool:
        """Close the window by its key, repeatedly until it has the focus. Return whether it is closed."""
        self.press(CLOSE)
        return not self.window()


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    with virtual_display() as display:
        found = Screen(display, tmp_path_factory.mktemp("screen"))
        # It reports when it is ready. A client that connects and disconnects before makes the display restart.
        with found.showing("openbox", "--startup", "echo ready") as manager:
            assert "ready\n" in iter(manager.readline, "")
            yield found


@pytest.fixture
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateBus]:
    with private_bus(tmp_path_factory.mktemp("bus")) as found:
        yield found


@pytest.fixture
def host(bus: PrivateBus) -> Iterator[TrayHost]:
    with TrayHost(bus.address) as started:
        yield started


@pytest.fixture
def program(tmp_path: Path, screen: Screen, bus: PrivateBus) -> Iterator[Program]:
    ready = Program(tmp_path, display=screen.display, bus=bus.address)
    yield ready
    ready.kill()


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn() as started:
        yield started


def state(server: StandIn, words: str) -> str:
    return f"127.0.0.1:{server.http_port}: {words}"


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_a_statusnotifier_host_shows_the_icon_whenever_it_starts(
    program: Program, server: StandIn, bus: PrivateBus, late: bool
) -> None:
    with ExitStack() as stack:
        host = None if late else stack.enter_context(TrayHost(bus.address))
        stack.enter_context(running(program, "--hidden", "--server", server.url))
        program.wait_for_server(state="connected", total=0)
        host = host or stack.enter_context(TrayHost(bus.address))
        connected = f"Mailpit Notifier\n{state(server, 'connected, 0 unread of 0')}"
        wait_until(lambda: host.icon().get("tooltip") == connected, "the icon in the panel")
        assert not host.icon()["markup"]
        assert {16, 22, 24, 32, 48} <= set(host.icon()["sizes"])

        host.do("stop")
        server.send("While the panel was gone")
        program.wait_for_server(total=1)
        host.do("start")
        news = f"Mailpit Notifier\n1 new message\n{state(server, 'connected, 1 unread of 1')}"
        wait_until(lambda: host.icon().get("tooltip") == news, "the icon in the restarted panel")
        host.do("click", label="While the panel was gone · ann@example.test")
        wait_until(program.opened, "opening the page")


def test_the_closed_menu_is_updated_by_new_messages(program: Program, server: StandIn, host: TrayHost) -> None:
    with running(program, "--hidden", "--server", server.url):
        wait_until(
            lambda: (
                host.menu()
                == [
                    *("Show recent messages", SEPARATOR, "Open Mailpit", SEPARATOR),
                    *("Pause notifications", "Settings…", "Quit"),
                ]
            ),
            "the menu without mails",
        )
        subjects = ["Old", "Older", "\u202egpj.exe\u202c\x07", "x" * 900, "R&D && S&P_500 &", "Two", "Three"]
        ids = {subject: server.send(subject, to="bob@example.test") for subject in subjects}
        shown = [
            f"{subject} · bob@example.test"
            for subject in ("Three", "Two", "R&D && S&Pˍ500 &", "x" * 59 + "…", "gpj.exe")
        ]
        wait_until(
            lambda: (
                host.menu()
                == [
                    *("Show recent messages", SEPARATOR, *shown, SEPARATOR, "Open Mailpit: 7 unread", SEPARATOR),
                    *("Pause notifications", "Settings…", "Quit"),
                ]
            ),
            "the menu with the newest five",
        )
        host.do("click", label="Two · bob@example.test")
        wait_until(program.opened, "opening the page")
        host.do("click", label="Open Mailpit: 7 unread")
        wait_until(lambda: len(program.opened()) == 2, "opening the mailbox")
        assert {page for page, _ in program.opened()} == {f"{server.url}view/{ids['Two']}", server.url}

        server.stop()
        gone = state(server, "nothing is listening there")
        wait_until(lambda: any(gone in entry for entry in host.menu()), "the server's new state")
        wait_until(lambda: gone in host.icon()["tooltip"], "the tooltip's new state")


def test_entries_of_the_open_menu_do_not_move(program: Program, server: StandIn, host: TrayHost) -> None:
    with running(program, "--hidden", "--server", server.url):
        read = server.send("Read")
        wait_until(lambda: "Read · ann@example.test" in host.menu(), "the message in the menu")
        host.do("open")
        server.send("Just come")
        wait_until(lambda: "2 unread of 2" in host.icon()["tooltip"], "the next message")
        assert "Just come · ann@example.test" not in host.menu()
        host.do("choose", label="Read · ann@example.test")
        wait_until(program.opened, "opening the page")
        assert [page for page, _ in program.opened()] == [f"{server.url}view/{read}"]
        wait_until(lambda: "Just come · ann@example.test" in host.menu(), "the next message in the closed menu")


def test_a_left_click_does_what_was_chosen_meanwhile(program: Program, server: StandIn, host: TrayHost) -> None:
    path = program.folder / ".config/mailpit-notifier/config.toml"
    path.parent.mkdir(parents=True)
    with running(program, "--hidden", "--server", server.url):
        newest = server.send("Newest")
        wait_until(lambda: "Newest · ann@example.test" in host.menu(), "the message in the menu")
        path.write_text('[tray]\nleft_click = "newest"\n')

        def clicked() -> list[tuple[str, str]]:
            host.do("activate")
            return program.opened()

        page, _ = wait_until(clicked, "opening the page")[0]
        assert page == f"{server.url}view/{newest}"


def test_a_left_click_toggles_the_window(program: Program, server: StandIn, host: TrayHost, screen: Screen) -> None:
    with running(program, "--hidden", "--server", server.url):
        wait_until(host.icon, "the icon")
        assert not screen.window()
        host.do("activate")
        wait_until(screen.in_front, "the window in front")
        host.do("activate")
        wait_until(lambda: not screen.window(), "hiding the window")
        host.do("click", label="Show recent messages")
        wait_until(screen.window, "the window again")
        wait_until(screen.closed, "closing without a question")


def test_messages_are_counted_while_the_window_is_minimized(
    program: Program, server: StandIn, host: TrayHost, screen: Screen
) -> None:
    with running(program, "--hidden", "--server", server.url):
        wait_until(host.icon, "the icon")
        host.do("activate")
        window = wait_until(screen.window, "the window")
        screen.run("xdotool", "windowminimize", "--sync", window)
        wait_until(lambda: "Iconic" in screen.run("xprop", "-id", window, "WM_STATE"), "a minimized window")

        def is_counted() -> bool:
            """Wait: the program learns that it is minimized later than the window manager."""
            server.send("Unseen")
            program.wait_for_server(total=len(server.rows()))
            return "new message" in host.icon()["tooltip"]

        wait_until(is_counted, "the count")
        screen.run("xdotool", "windowactivate", "--sync", window)
        wait_until(lambda: "new message" not in host.icon()["tooltip"], "a tooltip without a count")


def test_a_message_of_an_unreachable_server_is_explained_in_the_window(
    program: Program, server: StandIn, host: TrayHost, screen: Screen
) -> None:
    menu_entry = "Hello · ann@example.test"
    with running(program, "--hidden", "--server", server.url):
        program.wait_for_server(state="connected", total=0)
        server.send("Hello")
        wait_until(lambda: menu_entry in host.menu(), "the message in the menu")
        server.stop()
        program.wait_for_server(state="disconnected")
        wait_until(lambda: any("nothing is listening" in entry for entry in host.menu()), "the menu's new state")
        host.do("click", label=menu_entry)
        wait_until(screen.window, "the window")
        server.start()
        program.wait_for_server(state="connected")
        host.do("click", label=menu_entry)
        wait_until(program.opened, "opening the page")
        assert len(program.opened()) == 1


@contextmanager
def in_state(program: Program, state: str) -> Iterator[None]:
    """The program started with a server in this state."""
    with StandIn() as server, socket.create_server(("127.0.0.1", 0)) as silent, ExitStack() as stack:
        silent.settimeout(PATIENCE)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/" if state in {"connecting", "stuck"} else server.url
        program.start("--hidden", "--server", url)
        if state == "stuck":
            accepted, _ = silent.accept()
            stack.enter_context(accepted)
            assert accepted.recv(10)
        elif state != "connecting":
            program.wait_for_server(state="connected")
        if state == "gone":
            server.stop()
            program.wait_for_server(state="disconnected")
        if state == "flooded":
            server.burst(2_000)
        yield


@pytest.mark.parametrize("state", ["idle", "stuck", "flooded"])
def test_the_menu_ends_the_program_in_every_state(program: Program, host: TrayHost, state: str) -> None:
    with in_state(program, state):
        wait_until(host.icon, "the icon")
        assert program.end(lambda _: host.do("click", label="Quit")) == 0
        wait_until(lambda: not host.icon(), "the removal of the icon")
        assert "Traceback" not in program.log


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_a_tray_by_xembed_shows_the_icon_whenever_it_starts(
    program: Program, server: StandIn, screen: Screen, late: bool
) -> None:
    with ExitStack() as stack, ExitStack() as first:
        if not late:
            first.enter_context(screen.tray())
        stack.enter_context(running(program, "--hidden", "--server", server.url))
        if late:
            first.enter_context(screen.tray())
        icon = wait_until(screen.docked, "the icon in the panel")
        screen.run("xdotool", "mousemove", "--window", icon, "8", "8", "click", "1")
        wait_until(screen.window, "the window by a left click")
        first.close()
        wait_until(lambda: not screen.docked(), "the end of the panel")
        stack.enter_context(screen.tray())
        wait_until(screen.docked, "the icon in the restarted panel")


def test_the_window_opens_beside_the_icon_until_it_has_a_saved_position(
    program: Program, server: StandIn, screen: Screen
) -> None:
    with screen.tray(), running(program, "--hidden", "--server", server.url):
        icon = screen.place(wait_until(screen.docked, "the icon in the panel"))
        program.command("show")
        window = screen.place(wait_until(screen.window, "the window"))
        assert 0 <= window.left() <= max(0, icon.center().x() - window.width() // 2) + 10
        assert 0 <= icon.top() - window.bottom() < 20


def test_another_kind_of_tray_is_noticed(program: Program, server: StandIn, screen: Screen, bus: PrivateBus) -> None:
    with running(program, "--hidden", "--server", server.url):
        with TrayHost(bus.address) as host:
            wait_until(host.icon, "the icon over the bus")
        with screen.tray():
            wait_until(screen.docked, "the icon by XEmbed")
            with TrayHost(bus.address) as host:
                wait_until(host.icon, "the icon over the bus again")


def test_without_a_tray_the_window_is_shown_and_asks_once_before_it_closes(
    program: Program, server: StandIn, screen: Screen
) -> None:
    with running(program, "--server", server.url):
        wait_until(screen.window, "the window in place of a tray")
        screen.press(*KEEP)
        wait_until(lambda: not screen.window(), "closing after the answer")
        assert program.command().returncode == 0
        wait_until(screen.window, "the window by a second start")
    with running(program, "--server", server.url):
        wait_until(screen.window, "the window of the next run")
        wait_until(screen.closed, "closing without asking again")
    program.start("--server", server.url)
    wait_until(screen.window, "the window of a third run")
    assert program.end(lambda _: screen.press("ctrl+q")) == 0


def test_without_a_tray_closing_can_mean_to_quit(program: Program, server: StandIn, screen: Screen) -> None:
    answers: list[Callable[[Program], object]] = [lambda _: screen.press(*QUIT), lambda _: screen.press(CLOSE)]
    for answer in answers:  # remembered from the first for the second
        program.start("--server", server.url)
        wait_until(screen.window, "the window in place of a tray")
        assert program.end(answer) == 0


def test_with_a_tray_or_hidden_no_window_is_shown(
    program: Program, server: StandIn, bus: PrivateBus, screen: Screen
) -> None:
    with running(program, "--server", server.url):
        wait_until(screen.window, "the window in place of a tray")
        with screen.tray():
            wait_until(screen.docked, "the icon after a late start of the panel")
            wait_until(screen.closed, "closing without a question")
        with TrayHost(bus.address) as host:
            wait_until(host.icon, "the icon over the bus after a late start of the panel")
            host.do("activate")
            wait_until(screen.window, "the window by a left click")
