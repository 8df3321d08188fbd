"""Headless Wayland sessions of the test's own, with keyboard input and a second client that pastes.

Weston runs as a window on a virtual X display, so that keys can be sent to it: it knows no data-control, and takes the
clipboard only from a client that has had input. Sway runs headless, and knows data-control and activation tokens.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from program import PATIENCE, virtual_display, wait_until

USER_NOBODY = 65534


class Session:
    """A running compositor. `socket` is the value of WAYLAND_DISPLAY, `keyboard` the command that presses a key ({}),
    on `x_display` where the compositor is a window there.
    """

    def __init__(self, socket: Path, keyboard: str, x_display: str = "") -> None:
        self.socket = socket
        self._keyboard = keyboard
        own = {"XDG_RUNTIME_DIR": str(socket.parent), "WAYLAND_DISPLAY": str(socket), "DISPLAY": x_display}
        self._environment = {**os.environ, **own}

    def copy(self, text: str) -> None:
        """Put text on the clipboard from another program."""
        self.run("wl-copy", text)

    def paste(self) -> str:
        """Return what another program would paste; "" for nothing."""
        return self.run("wl-paste", "--no-newline").stdout

    def press(self, key: str) -> None:
        """Press a key. In Sway this plugs in a keyboard, and the first press may be too early."""
        subprocess.run(self._keyboard.format(key).split(), env=self._environment, check=True, timeout=PATIENCE)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a program in the session."""
        # What wl-copy leaves in the background keeps its streams: their end must not be waited for.
        reads = command[0] == "wl-paste"
        return subprocess.run(
            command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if reads else subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            check=False,
            timeout=PATIENCE,
        )


def needed(*programs: str) -> None:
    """Skip the test if one of these is not installed."""
    for program in programs:
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")


@contextmanager
def weston() -> Iterator[Session]:
    """Run a Weston with the keyboard of xdotool."""
    needed("weston", "wl-paste", "xdotool", "Xvfb")
    command = [
        "weston",
        "--backend=x11-backend.so",
        "--use-pixman",
        "--socket=wayland-1",
        "--no-config",
        "--idle-time=0",
    ]
    with virtual_display() as display, _compositor(command, DISPLAY=display) as socket:
        session = Session(socket, "xdotool key {}", display)
        # Once, before there are windows in it: one that is mapped meanwhile would never get the keyboard again.
        session.run("xdotool", "search", "--sync", "--class", "Weston", "windowfocus")
        yield session


@contextmanager
def sway() -> Iterator[Session]:
    """Run a headless Sway."""
    needed("sway", "wl-paste", "wtype")
    headless = {"WLR_BACKENDS": "headless", "WLR_LIBINPUT_NO_DEVICES": "1", "WLR_RENDERER": "pixman"}
    with _compositor(["sway", "--config", "/dev/null"], user=USER_NOBODY, **headless) as socket:
        yield Session(socket, "wtype -s 100 -k {} -s 100")


@contextmanager
def _compositor(command: list[str], user: int | None = None, **environment: str) -> Iterator[Path]:
    """If root runs the tests, run it as `user`: Sway refuses root."""
    as_other = {"user": user, "group": user, "extra_groups": []} if user and os.getuid() == 0 else {}
    with TemporaryDirectory(prefix="wayland-") as folder:
        if as_other:
            os.chown(folder, USER_NOBODY, USER_NOBODY)
        process = subprocess.Popen(
            command,
            env={**os.environ, "XDG_RUNTIME_DIR": folder, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **as_other,  # type: ignore[call-overload]
        )
        socket = Path(folder) / "wayland-1"
        try:
            wait_until(lambda: socket.exists() or process.poll() is not None, f"{command[0]}'s socket")
            assert process.poll() is None, f"{command[0]} ended at once"
            yield socket
        finally:
            process.terminate()
            process.wait(PATIENCE)
