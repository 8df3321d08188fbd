"""A session of one desktop in the chroot: its parts, its screen, its pointer and keys.

The program under test is used from outside only: by pointer and keys, and seen by what the desktop reports (its own
interfaces, the accessibility tree, the screen).
"""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from devtools.output import SetupError

from .chroot import ID, USER, Chroot

START = 120.0
"""Seconds for a part of a desktop to start: far more than it takes on a busy machine."""

SHOWN = 60.0
"""Seconds for something to appear that the user has just asked for."""

POPUP = 20
"""Seconds for which a notification stays on the screen, where that can be set: finding a button takes some of them."""

STEP = 0.2
"""Seconds between two checks of a condition."""

QUIET = 0.5
"""Seconds for the pointer to rest on something before it is clicked, and for a window to be drawn."""

_BUS = ("org.freedesktop.DBus", "/org/freedesktop/DBus")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A rectangle on the screen."""

    x: int
    y: int
    width: int
    height: int

    @property
    def center(self) -> tuple[int, int]:
        """Its middle."""
        return self.x + self.width // 2, self.y + self.height // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A notification as the desktop shows it. `buttons` are the labels."""

    title: str
    body: str
    buttons: tuple[str, ...] = ()


class NotOfferedError(Exception):
    """The desktop itself does not have this. The text names what it lacks."""


class Session(ABC):
    """One desktop. `start` starts it, `stop` ends all processes in its session."""

    name: ClassVar[str]
    desktop: ClassVar[str]
    """XDG_CURRENT_DESKTOP."""
    packages: ClassVar[tuple[str, ...]]
    is_wayland: ClassVar[bool]
    copies_at_key: ClassVar[bool] = False
    """Whether the compositor accepts the clipboard only after a key press in a window of the program."""
    has_buttons: ClassVar[bool] = True
    """Whether it draws the buttons of a notification. Where it does not, the body has the code."""
    keeps_list: ClassVar[bool] = False
    """Whether notifications that have left the screen are in a list."""
    lists_newest_first: ClassVar[bool] = True
    """The order in that list."""
    menu_button: ClassVar[int] = 3
    """The button of the pointer that opens the menu of a tray icon."""
    editor: ClassVar[tuple[str, str]]
    """Another program with a window, and a part of its title."""
    variables: ClassVar[dict[str, str]] = {}

    def __init__(self, chroot: Chroot, scale: int = 1) -> None:
        self.chroot = chroot
        self.scale = scale
        self.width, self.height = 1280 * scale, 800 * scale
        self.runtime = chroot.root / f"run/user/{self.name}"
        self.home = chroot.root / f"home/{USER}/{self.name}"
        self._display = ""

    # Processes

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its programs."""
        wayland = {"WAYLAND_DISPLAY": f"wayland-{self.name}"} if self.is_wayland else {}
        return {
            "USER": USER,
            "HOME": f"/home/{USER}/{self.name}",
            "LANG": "C.UTF-8",
            "PATH": f"/home/{USER}/{self.name}/bin:/usr/local/bin:/usr/bin:/bin",
            "XDG_RUNTIME_DIR": f"/run/user/{self.name}",
            "XDG_CURRENT_DESKTOP": self.desktop,
            "XDG_SESSION_DESKTOP": self.name,
            "XDG_SESSION_TYPE": "wayland" if self.is_wayland else "x11",
            "XDG_CONFIG_DIRS": "/etc/xdg",
            "XDG_DATA_DIRS": "/usr/local/share:/usr/share",
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path=/run/user/{self.name}/bus",
            "DISPLAY": self._display,
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",  # else Qt asks for a screen reader first
            "GNOME_ACCESSIBILITY": "1",  # the same for Firefox
            **wayland,
            **self.variables,
        }

    def spawn(self, *command: str, log: str = "", more: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start a program in the session. Its output goes to a file in the home; see `log_of`."""
        output = self.log_file(log or Path(command[0]).name).open("ab")
        environment = {name: value for name, value in {**self.environment, **(more or {})}.items() if value}
        with output:
            return subprocess.Popen(
                self.chroot.command(command, environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def run(self, *command: str, text: str = "", timeout: float = 120.0) -> str:
        """Run a program in the session to its end; return its output, also if it fails."""
        done = subprocess.run(
            self.chroot.command(command, {name: value for name, value in self.environment.items() if value}),
            input=text.encode(), capture_output=True,
            timeout=timeout, check=False,
        )  # fmt: skip
        return done.stdout.decode(errors="replace").strip()

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write a file of the user; `path` is relative to the home."""
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        file.chmod(mode)
        for one in (file, file.parent):
            os.chown(one, ID, ID)

    def log_file(self, name: str) -> Path:
        """Return the file with the output of a program."""
        return self.home / f"{name}.log"

    def log_of(self, name: str) -> str:
        """Return the output of a program so far."""
        return self.log_file(name).read_text("utf-8", "replace")

    def start(self) -> None:
        """Start bus and desktop; return when the user could use it. Raises SetupError."""
        wait_for(self._is_removed, "an empty home")
        for folder, mode in ((self.runtime, 0o700), (self.home, 0o755), (self.home / ".config", 0o755)):
            folder.mkdir(mode=mode, parents=True, exist_ok=True)
            os.chown(folder, ID, ID)
        self.spawn("dbus-daemon", "--session", f"--address={self.environment['DBUS_SESSION_BUS_ADDRESS']}", "--nofork")
        wait_for((self.runtime / "bus").exists, "the session bus")
        self.start_desktop()

    def _is_removed(self) -> bool:
        """Remove home and runtime folder; False while a process of an earlier session still writes there."""
        for folder in (self.runtime, self.home):
            shutil.rmtree(folder, ignore_errors=True)
        return not self.home.exists()

    @abstractmethod
    def start_desktop(self) -> None:
        """Start its parts and wait for them."""

    def stop(self) -> None:
        """End all processes of the session, also those that the bus started."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            for process in self._processes():
                with suppress(ProcessLookupError):
                    os.kill(process, number)
            if not self._processes():
                return
            time.sleep(1)

    def _processes(self) -> list[int]:
        """Return the processes with the environment of this session."""
        found, mark = [], f"XDG_RUNTIME_DIR=/run/user/{self.name}".encode()
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (folder / "root").readlink() == self.chroot.root and mark in (folder / "environ").read_bytes().split(
                    b"\0"
                ):
                    found.append(int(folder.name))
        return found

    def call(self, service: str, path: str, method: str, *arguments: str) -> str:
        """Call a D-Bus method of the session; return the reply as gdbus prints it, "" for an error."""
        target = ["--session", "--dest", service, "--object-path", path, "--method", method]
        return self.run("gdbus", "call", *target, *arguments)

    def names(self, *beginnings: str) -> set[str]:
        """Return the names with these beginnings that programs own on the session bus."""
        answer = self.call(*_BUS, "org.freedesktop.DBus.ListNames")
        return {name for name in re.findall(r"'([^']+)'", answer) if name.startswith(beginnings)}

    def kill_owners(self, *beginnings: str) -> set[str]:
        """Kill the programs that own names with these beginnings on the session bus; return the names."""
        names = self.names(*beginnings)
        for name in names:
            answer = self.call(*_BUS, "org.freedesktop.DBus.GetConnectionUnixProcessID", name)
            if found := re.search(r"uint32 (\d+)", answer):
                self.run("kill", "-KILL", found[1])
        return names

    def share_environment(self) -> None:
        """Give programs that the bus starts the environment of the session."""
        self.run("dbus-update-activation-environment", "--all")

    def set(self, schema: str, key: str, value: str) -> None:
        """Change a setting of gsettings."""
        self.run("gsettings", "set", schema, key, value)

    # What is on the screen

    def objects(self, *programs: str) -> list[dict[str, Any]]:
        """Return the accessible objects of these programs; see accessibility.py."""
        source = Path(__file__).with_name("accessibility.py").read_text("utf-8")
        return list(json.loads(self.run("python3", "-", *programs, text=source) or "[]"))

    @abstractmethod
    def version(self) -> str:
        """Return name and version of the desktop."""

    @abstractmethod
    def screenshot(self, file: Path) -> None:
        """Write a PNG of the screen."""

    @abstractmethod
    def notifications(self) -> list[Shown]:
        """Return the notifications on the screen."""

    @abstractmethod
    def click_notification(self, title: str, button: str = "") -> None:
        """Click a notification on the screen, or the button with this label."""

    @abstractmethod
    def listed(self) -> list[str]:
        """Return the titles of all notifications that the user can see, in the order of `lists_newest_first`.

        That is the desktop's list of earlier notifications; where it has none, what is on the screen.
        """

    def close_list(self) -> None:
        """Close what `listed` opened."""

    @abstractmethod
    def active_window(self) -> str:
        """Return the title of the window with the focus."""

    @abstractmethod
    def window_place(self, title: str) -> Place:
        """Return where the window with this in its title is. Raises LookupError without one."""

    @abstractmethod
    def clipboard(self) -> str:
        """Return what another program would paste."""

    @abstractmethod
    def tray_icon(self) -> Place:
        """Return where the program's tray icon is. Raises LookupError without one."""

    @abstractmethod
    def set_dark(self, *, dark: bool) -> None:
        """Choose dark or light windows, as in the settings of the desktop. Raises NotOfferedError."""

    @abstractmethod
    def set_text_scale(self, scale: float) -> None:
        """Choose another text size, as in the settings of the desktop. Raises NotOfferedError."""

    @abstractmethod
    def set_do_not_disturb(self, *, on: bool) -> None:
        """Turn "do not disturb" on or off, as in the settings of the desktop. Raises NotOfferedError."""

    @abstractmethod
    def move(self, x: int, y: int) -> None:
        """Move the pointer."""

    @abstractmethod
    def press(self, button: int = 1) -> None:
        """Click where the pointer is; 1 is the left button, 2 the middle one, 3 the right one."""

    @abstractmethod
    def key(self, *keys: str) -> None:
        """Press these keys one after the other; X11 names, with + for combinations."""

    def raise_window(self, title: str, place: Place) -> None:  # noqa: ARG002 - for a desktop that needs it
        """Bring a window to the front, as a user does."""
        self.click(*place.center)

    @abstractmethod
    def resize_window(self, title: str, width: int, height: int) -> None:
        """Give a window another size, as a user does who drags its corner."""

    def choose_settings(self) -> None:
        """Choose the last entry but one in the open menu."""
        for key in ("Up", "Up", "Return"):
            self.key(key)
            time.sleep(QUIET)

    def close_menu(self) -> None:
        """Close the open menu of the tray icon."""
        self.key("Escape")

    def click(self, x: int, y: int, button: int = 1) -> None:
        """Move the pointer and click."""
        self.move(x, y)
        time.sleep(QUIET)
        self.press(button)


def place_of(box: Sequence[int]) -> Place:
    """Return the place with these left, top, width and height."""
    x, y, width, height = map(int, box)
    return Place(x=x, y=y, width=width, height=height)


class XvfbSession(Session):
    """A desktop on a virtual X display: all of X11, and compositors that run in a window of it. Driven by xdotool."""

    screen = 0
    """The number of the virtual display."""

    def start(self) -> None:
        """Choose a display, then start."""
        self.screen = _free_display()
        (self.chroot.root / f"tmp/.X{self.screen}-lock").unlink(missing_ok=True)
        socket = self.chroot.root / f"tmp/.X11-unix/X{self.screen}"
        socket.unlink(missing_ok=True)
        self._display = f":{self.screen}"
        super().start()

    def start_screen(self) -> None:
        """Start the display."""
        self.spawn("Xvfb", f":{self.screen}", "-screen", "0", f"{self.width}x{self.height}x24", "-nolisten", "tcp")
        wait_for((self.chroot.root / f"tmp/.X11-unix/X{self.screen}").exists, "the display")

    def on_screen(self, *command: str) -> str:
        """Run a program on the virtual display itself."""
        return self.run("env", f"DISPLAY=:{self.screen}", *command)

    def screenshot(self, file: Path) -> None:
        """Write a PNG of the screen."""
        self.on_screen("import", "-window", "root", "shot.png")
        shutil.copy(self.home / "shot.png", file)

    def move(self, x: int, y: int) -> None:
        """Move the pointer. Compositors report places before they are enlarged."""
        scale = self.scale if self.is_wayland else 1
        self.on_screen("xdotool", "mousemove", str(x * scale), str(y * scale))

    def press(self, button: int = 1) -> None:
        """Click where the pointer is."""
        # As long as a finger presses: Cinnamon misses a release without a delay.
        self.on_screen("xdotool", "mousedown", str(button), "sleep", "0.1", "mouseup", str(button))

    def key(self, *keys: str) -> None:
        """Press these keys."""
        self.on_screen("xdotool", "key", *keys)


def _free_display() -> int:
    """Return the number of a display that no server on this machine uses, also outside the chroot.

    Linux has abstract sockets, which processes in the chroot share with all others.
    """
    used = set(re.findall(r"\.X11-unix/X(\d+)$", Path("/proc/net/unix").read_text(), re.MULTILINE))
    return next(number for number in range(171, 1000) if str(number) not in used)


def wait_for(found: Callable[[], Any], what: str, seconds: float = START) -> Any:
    """Return the first true value of `found`; LookupError is as good as False. Raises SetupError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(LookupError):
            if value := found():
                return value
        time.sleep(STEP)
    raise SetupError(f"{what} is not there after {seconds:g} s.")
