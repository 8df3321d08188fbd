"""The settings window of the program itself, from its menu to the file, on a virtual display."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from test_tray_host import Screen

from notification_service import PrivateBus
from program import Program, running, virtual_display, wait_until
from standin import StandIn
from tray_host import TrayHost


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    with virtual_display() as display:
        found = Screen(display, tmp_path)
        with found.showing("openbox", "--startup", "echo ready") as manager:
            assert "ready\n" in iter(manager.readline, "")
            yield found


@pytest.fixture
def program(tmp_path: Path, screen: Screen, bus: PrivateBus) -> Iterator[Program]:
    ready = Program(tmp_path, display=screen.display, bus=bus.address)
    yield ready
    ready.kill()


def settings_window(screen: Screen) -> str:
    return screen.run("xdotool", "search", "--onlyvisible", "--name", "^Settings").strip()


def test_a_server_is_renamed_from_the_menu_by_keyboard(program: Program, screen: Screen, bus: PrivateBus) -> None:
    path = Path(program.folder, ".config/mailpit-notifier/config.toml")
    path.parent.mkdir(parents=True)
    with StandIn() as server, TrayHost(bus.address) as host, running(program, "--hidden"):
        path.write_text(f'[[server]] # mine\nurl = "{server.url}"\n')
        program.wait_for_server(state="connected", url=server.url)
        wait_until(lambda: "Settings…" in host.menu(), "the menu")
        host.do("click", label="Settings…")
        window = wait_until(lambda: settings_window(screen), "the window")
        screen.run("xdotool", "windowactivate", "--sync", window, "key", "alt+n")
        screen.run("xdotool", "type", "The shop")
        screen.run("xdotool", "key", "Return")
        program.wait_for_server(name="The shop", state="connected")
        assert path.read_text() == f'[[server]] # mine\nurl = "{server.url}"\nname = "The shop"\n'
        screen.run("xdotool", "key", "Escape")
        wait_until(lambda: not settings_window(screen), "closing")
        host.do("click", label="Settings…")
        wait_until(lambda: settings_window(screen), "the window again")
