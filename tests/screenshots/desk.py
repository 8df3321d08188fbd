"""The desktop for pictures: display, window manager, session bus, wall and camera, all private.

The program runs on it as for users, and is used by keyboard.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from looks import LIGHT, PSEUDO, Look, colors
from test_discovery import Programs

from accessible import running
from notification_service import private_bus
from program import PATIENCE, PYTHON, Program, wait_until

HERE = Path(__file__).parent
SCREEN = "2600x1800x24"
"""Space for a window at 200 %."""

WALL = "#5b6f86"
IN_PSEUDO = sys.executable, str(HERE / "in_pseudo.py")


class Camera:
    """Runs camera.py."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, str(HERE / "camera.py")]
        self._process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def order(self, **order: object) -> None:
        """Send an order and wait for it."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer == "done\n", answer

    def end(self) -> None:
        """End the process."""
        self._process.communicate(timeout=PATIENCE)


class Desk:
    """The desktop. `environment`: for its programs; `target`: the folder of the pictures."""

    def __init__(self, folder: Path, target: Path, environment: dict[str, str], bus: str) -> None:
        self.folder, self.environment = folder, environment
        self.target, self._bus, self._runs = target, bus, 0
        self.camera = Camera(environment)
        self.camera.order(wall=WALL)
        self.run("xdotool", "mousemove", "0", "0")

    def run(self, *command: str) -> str:
        """Return the output of a program on the desktop."""
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        return done.stdout

    def owned(self, name: str) -> bool:
        """Return whether this name on the bus has an owner."""
        bus = ("--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus")
        return "true" in self.run("dbus-send", *bus, "org.freedesktop.DBus.NameHasOwner", f"string:{name}")

    def program(self, look: Look = LIGHT, config: str = "") -> Program:
        """Yield the program with this setup of a desktop, not started; "": no configuration."""
        self._runs += 1
        home = self.folder / str(self._runs)
        home.mkdir()
        program = Program(home, display=self.environment["DISPLAY"], bus=self._bus)
        program.environment.pop("LC_ALL", None)
        program.environment |= {
            "LANG": f"{look.language}.UTF-8",
            "LC_CTYPE": "C.UTF-8",
            "LANGUAGE": look.language,
            "TZ": "UTC",
            "QT_QPA_PLATFORMTHEME": "kde",
            "KDE_SESSION_VERSION": "6",
            "QT_SCALE_FACTOR": str(look.scale),
        }
        settings = home / ".config"
        (settings / "mailpit-notifier").mkdir(parents=True)
        if config:
            (settings / "mailpit-notifier/config.toml").write_text(config)
        (settings / "kdeglobals").write_text(colors(look))
        for name in ("ddev", "docker", "podman"):
            Programs(home / "bin").script(name, "exit 1")
        return program

    @contextmanager
    def started(self, program: Program, *arguments: str, pseudo: bool = False, connected: int = 0) -> Iterator[None]:
        """Start it, and wait until this many servers have sent their messages."""
        try:
            program.by = IN_PSEUDO if pseudo else PYTHON
            program.launch(*arguments)
            wait_until(lambda: _connected(program) >= connected, "a connection", patience=60)
            yield
        finally:
            program.kill()

    @contextmanager
    def window(self, look: Look, config: str, *, connected: int = 0) -> Iterator["Shown"]:
        """Open the window with this configuration."""
        program = self.program(look, config)
        with self.started(program, pseudo=look is PSEUDO, connected=connected):
            program.command("show")
            shown = Shown(self, program)
            shown.go_to_list()
            yield shown

    def take(self, name: str, area: Sequence[int], margin: int = 0) -> None:
        """Save a picture of an area (x, y, width, height) with a margin."""
        x, y, width, height = area
        left, top = max(0, x - margin), max(0, y - margin)
        file = self.target / f"{name}.png"
        self.camera.order(file=str(file), area=[left, top, x + width + margin - left, y + height + margin - top])
        print(file, flush=True)

    def area(self, window: str) -> tuple[int, int, int, int]:
        """Return the position of a window."""
        output = self.run("xwininfo", "-id", window)
        fields = ("Absolute upper-left X", "Absolute upper-left Y", "Width", "Height")
        x, y, width, height = (int(re.findall(rf"{field}: +(-?\d+)", output)[0]) for field in fields)
        return x, y, width, height


class Shown:
    """The program with its window in front."""

    def __init__(self, desk: Desk, program: Program) -> None:
        self.desk, self.program = desk, program
        self.window = self._next_window("")

    def press(self, *keys: str) -> None:
        """Press keys."""
        self.desk.run("xdotool", "key", "--delay", "60", *keys)

    def go_to_list(self) -> None:
        """Focus the list, wherever the focus was when the first messages arrived."""
        self.desk.camera.order(area=self.desk.area(self.window))
        self.press("ctrl+f", "Down")

    def type(self, text: str) -> None:
        """Type a text."""
        self.desk.run("xdotool", "type", text)

    def open(self, *keys: str) -> None:
        """Press the keys that open another window."""
        self.press(*keys)
        self.window = self._next_window(self.window)

    def take(self, name: str, margin: int = 0) -> None:
        """Save a picture of the window."""
        self.desk.take(name, self.desk.area(self.window), margin)

    def _next_window(self, before: str) -> str:
        def ours() -> str:
            window = self.desk.run("xdotool", "getactivewindow").strip()
            pid = self.desk.run("xdotool", "getwindowpid", window).strip() if window else ""
            return window if self.program.process and pid == str(self.program.process.pid) else ""

        return str(wait_until(lambda: window if (window := ours()) != before else "", "a window in front", 60))


def _connected(program: Program) -> int:
    """Return how many servers are connected and have sent their messages, -1 before the program answers."""
    status = program.status()
    return sum(one["total"] is not None for one in status["servers"]) if status else -1


@contextmanager
def _display() -> Iterator[str]:
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"]
    process = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        with os.fdopen(reader) as numbers:
            yield f":{numbers.readline().strip()}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


@contextmanager
def desk(target: Path) -> Iterator[Desk]:
    """Run an empty desktop; pictures are saved in this folder."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        display = stack.enter_context(_display())
        bus = stack.enter_context(private_bus(folder))
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "DISPLAY": display,
            "DBUS_SESSION_BUS_ADDRESS": bus.address,
        }
        stack.enter_context(running(environment, "openbox", "--startup", "echo ready", ready="ready"))
        found = Desk(folder, target, environment, bus.address)
        stack.callback(found.camera.end)
        yield found
