"""A desktop for tests that use the program with keyboard and screen reader only.

It has a display with a window manager and a panel, a session bus with the accessibility bus, keys from xdotool, and the
accessibility tree. The tree is read from outside by AT-SPI (at_spi.py), never from objects of the program.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, Self

from devtools import system

from notification_service import private_bus
from program import PATIENCE, Program, virtual_display, wait_until

ROUND = 40
"""More than the number of controls in a window."""

PANEL = """panel_items = S
panel_size = 100% 30
systray_padding = 4 4 4
"""

CLIPBOARD = "from PySide6.QtGui import QGuiApplication as Q; app = Q([]); print(app.clipboard().text(), end='')"


def missing() -> str:
    """Return what this machine lacks for such tests as a reason to skip them, "" if nothing."""
    lacking = system.missing(system.TESTS) if sys.platform == "linux" else ["X and D-Bus"]
    return f"not here: {', '.join(lacking)}" if lacking else ""


class Role(IntEnum):
    """AT-SPI roles as numbers, because their names differ between versions of the library."""

    CHECK_BOX = 7
    COMBO_BOX = 11
    DIALOG = 16
    FILLER = 20
    FRAME = 23
    LABEL = 29
    LAYERED_PANE = 30
    LIST = 31
    LIST_ITEM = 32
    PANEL = 39
    PASSWORD_TEXT = 40
    PUSH_BUTTON = 43
    SCROLL_BAR = 48
    TEXT = 61


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One object of the accessibility tree. `role`: a Role or another number, `value`: what a choice has, `place`:
    left, top, width, height.
    """

    depth: int
    role: int
    name: str
    value: str
    description: str
    states: Sequence[str]
    place: Sequence[int] = ()

    @property
    def focused(self) -> bool:
        """Whether it has the focus."""
        return "focused" in self.states


class Screen:
    """The screen and keyboard of the desktop. `environment`: for its programs."""

    def __init__(self, environment: dict[str, str], reader: "Reader") -> None:
        self.environment = environment
        self._reader = reader
        self._is_answered = True
        """Whether the test read the screen since it pressed the last key."""

    def tree(self, window: str) -> list[Seen]:
        """Return all showing objects in windows whose names begin like this."""
        return self._seen(self._ask(tree=window))

    def focused(self, window: str) -> Seen | None:
        """Return the focused object; in a list its item. In Qt, the current items of all lists claim the focus."""
        found, within = None, False
        for one in self.tree(window):
            within = one.focused if one.role == Role.LIST else within
            if one.focused and one.role != Role.FILLER and (within or one.role != Role.LIST_ITEM):
                found = one
        return found

    def texts(self, window: str) -> list[str]:
        """Return the names of everything in the window."""
        return [one.name for one in self.tree(window) if one.name]

    def menu(self) -> list[Seen]:
        """Return the entries of the open menu."""
        return [one for one in self._seen(self._ask(menu=True)) if "showing" in one.states]

    def announced(self) -> list[str]:
        """Return announcements to the screen reader other than focus or text changes."""
        answer: list[str] = self._ask(announced=True)
        return answer

    def reached(self) -> list[Seen]:
        """Return what got the focus since the last call, in order."""
        return self._seen(self._ask(reached=True))

    def listen(self) -> None:
        """Start recording everything that a screen reader is informed of."""
        self._reader.ask(listen=True)

    def heard(self) -> list[tuple[str, int, str]]:
        """Return the recorded events since the last call: event, role and name of the object."""
        return [(event, role, name) for event, role, name in self._reader.ask(heard=True)]

    def wait_for(self, window: str, *names: str) -> None:
        """Wait until these names are in the window."""
        wait_until(lambda: set(names) <= set(self.texts(window)), f"{names} in «{window}»")

    def wait_for_focus(self, window: str, begin: str, role: Role | None = None) -> Seen:
        """Wait until the focus is on an object whose name begins like this."""

        def there() -> Seen | None:
            one = self.focused(window)
            return one if one and one.name.startswith(begin) and role in {None, one.role} else None

        found: Seen = wait_until(there, f"the keyboard on «{begin}»")
        return found

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, in the window that has the keyboard.

        Before an access key or a shortcut, wait for what the keys before it do: Qt acts on shortcuts as it reads them
        from the display, and on other keys after all of those that it has read.
        """
        self._is_answered = False
        subprocess.run(["xdotool", "key", "--delay", "20", *keys], env=self.environment, check=True, timeout=PATIENCE)

    def take_search(self, window: str) -> None:
        """Go to the search of a window that was just shown.

        Until keys get there: a window manager that gives it the focus twice, as it is mapped and as it asks for it, has
        the keyboard itself in between.
        """

        def arrived() -> bool:
            self.press("ctrl+f")
            one = self.focused(window)
            return bool(one and one.role == Role.TEXT)

        wait_until(arrived, "the keyboard in the search")

    def open_tray_menu(self, icon: str) -> None:
        """Right-click this icon in the panel; wait until its menu has the keyboard."""
        windows = len(self._windows())
        self.run("xdotool", "mousemove", "--window", icon, "8", "8", "click", "3")
        wait_until(lambda: len(self._windows()) > windows, "the menu beside the icon")
        self.tree("")  # The program answers after it has shown the menu, which includes grabbing the keyboard.

    def _windows(self) -> list[str]:
        return self.run("xdotool", "search", "--onlyvisible", "--class", "mailpit-notifier").split()

    def step(self, key: str = "Tab") -> Seen:
        """Press a key that moves the focus; return the object that has it then.

        Before, wait for the effects of earlier keys: their focus events would be mistaken for events of this key.
        """
        assert self._is_answered, "wait for what the keys before do"
        self.reached()
        self.press(key)
        found: list[Seen] = wait_until(self.reached, "the next control")
        # To describe these, the reader asked the program. So it has all events that the program sent before.
        return [*found, *self.reached()][-1]

    def go(self, name: str, key: str = "Tab") -> Seen:
        """Press the key until the focus is on an object whose name begins like this."""
        for _ in range(ROUND):
            one = self.step(key)
            if one.name.startswith(name):
                return one
        raise AssertionError(f"{key} never reaches «{name}»")

    def type(self, text: str) -> None:
        """Type a text."""
        self._is_answered = False
        subprocess.run(["xdotool", "type", text], env=self.environment, check=True, timeout=PATIENCE)

    def _ask(self, **order: object) -> Any:
        self._is_answered = True
        return self._reader.ask(**order)

    def _seen(self, answer: Any) -> list[Seen]:
        """Ignore objects that disappear while they are read."""
        return [] if isinstance(answer, dict) else [Seen(**one) for one in answer]

    def run(self, *command: str) -> str:
        """Return the output of a program on the desktop."""
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        return done.stdout

    def clipboard(self) -> str:
        """Return the text on the clipboard."""
        command = [sys.executable, "-c", CLIPBOARD]
        environment = {**self.environment, "QT_QPA_PLATFORM": "xcb"}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


class Reader:
    """Runs at_spi.py in its own process."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [system.SYSTEM_PYTHON, str(Path(__file__).with_name("at_spi.py"))]
        self._process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        self.ask(announced=True)  # it answers, so it listens: a program started from now on sends it every event
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=PATIENCE)

    def ask(self, **order: object) -> Any:
        """Send an order and wait for the answer."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@contextmanager
def running(environment: dict[str, str], *command: str, ready: str = "") -> Iterator[None]:
    """Run a part of the desktop with its children; `ready` is the line it prints when it is ready."""
    out = subprocess.PIPE if ready else subprocess.DEVNULL
    process = subprocess.Popen(
        command, env=environment, stdout=out, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    )
    try:
        if process.stdout:
            assert ready + "\n" in iter(process.stdout.readline, "")
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # openbox misses a SIGTERM that arrives as it begins to wait
        process.wait(PATIENCE)
        if process.stdout:
            process.stdout.close()


def is_served(environment: dict[str, str], name: str) -> bool:
    """Return whether this name on the session bus has an owner."""
    command = [
        "dbus-send",
        "--session",
        "--print-reply=literal",
        "--dest=org.freedesktop.DBus",
        "/org/freedesktop/DBus",
    ]
    asked = [*command, "org.freedesktop.DBus.NameHasOwner", f"string:{name}"]
    return "true" in subprocess.run(asked, env=environment, capture_output=True, text=True, check=True).stdout


@contextmanager
def desktop(folder: Path) -> Iterator[tuple[Screen, Program]]:
    """Run the desktop; yield it with the program, not started. `folder` needs a short path."""
    with ExitStack() as stack:
        display = stack.enter_context(virtual_display())
        bus = stack.enter_context(private_bus(folder))
        program = Program(folder, display=display, bus=bus.address)
        program.environment |= {"QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "QT_ACCESSIBILITY": "1"}
        config = folder / "tint2rc"
        config.write_text(PANEL)
        plain = {**program.environment, "PATH": os.environ["PATH"]}
        stack.enter_context(running(plain, "openbox", "--startup", "echo ready", ready="ready"))
        stack.enter_context(running(plain, "tint2", "-c", str(config)))
        stack.enter_context(running(plain, str(system.launcher()), "--launch-immediately"))
        wait_until(lambda: is_served(plain, "org.a11y.Bus"), "the accessibility bus")  # the reader asks once
        screen = Screen(plain, stack.enter_context(Reader(plain)))
        stack.callback(program.kill)
        yield screen, program
