"""Checks for the libraries and programs that the application and its tests need, and installs them with apt.

Root, and a run without a terminal, install without a question. An ordinary user on a terminal is asked first.

It checks for libraries and programs, not for packages: packages change their names (libglib2.0-0 is libglib2.0-0t64 on
newer systems), and the check also works on systems without apt.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from .output import SetupError, report

QT = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""Libraries that Qt in PySide6's wheels links to but does not contain: library to Debian package."""

HEADLESS = {"Xvfb": "xvfb", "dbus-daemon": "dbus"}
"""Programs that replace a desktop: program to Debian package."""

SYSTEM_PYTHON = "/usr/bin/python3"
"""The Python for which system packages install modules."""

SCREEN_READER = {"at-spi-bus-launcher": "at-spi2-core", "pyatspi": "python3-pyatspi"}
"""What tests read the accessibility tree with: a program outside PATH, and a module of the system's Python."""

TESTS = {
    **HEADLESS,
    **SCREEN_READER,
    "openbox": "openbox",
    "tint2": "tint2",
    "xdotool": "xdotool",
    "xwininfo": "x11-utils",
}
"""Programs for the tests. Tests that need weston, sway, wl-clipboard or wtype are skipped without them."""

_VENV = {"ensurepip": f"python{sys.version_info.major}.{sys.version_info.minor}-venv"}


_APT = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
_INSTALL = ["install", "--yes", "--no-install-recommends"]


def provide(needs: dict[str, str]) -> None:
    """Install missing libraries and programs. Raises SetupError with the command to run if it cannot."""
    if not sys.platform.startswith("linux"):
        return
    packages = missing({**_VENV, **needs})
    if packages:
        _install(packages)


def missing(needs: dict[str, str]) -> list[str]:
    """Return the Debian packages of missing libraries and programs, in order, without duplicates."""
    return list(dict.fromkeys(package for name, package in needs.items() if not _is_there(name)))


def launcher() -> str | None:
    """Return the path of the launcher of the accessibility bus, which differs between systems."""
    folders = ("/usr/libexec", "/usr/libexec/at-spi2", "/usr/lib", "/usr/lib/at-spi2-core")
    return shutil.which("at-spi-bus-launcher", path=os.pathsep.join(folders))


def _is_there(name: str) -> bool:
    if name == "ensurepip":
        return find_spec(name) is not None
    if name == "pyatspi":
        return bool(shutil.which(SYSTEM_PYTHON)) and _output([SYSTEM_PYTHON, "-c", f"import {name}"])[0]
    if name == "at-spi-bus-launcher":
        return launcher() is not None
    if ".so." not in name:
        return shutil.which(name) is not None
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def advice(packages: list[str], *, has_apt: bool, has_sudo: bool) -> str:
    """Return how to install packages without root rights: a command to paste, if there is apt."""
    command = f"apt-get {' '.join([*_INSTALL, *packages])}"
    if not has_apt:
        return f"Install these packages (Debian names), and try again:\n{' '.join(packages)}"
    line = f"sudo {command}" if has_sudo else f"su --login --command '{command}'"
    return f"System packages are missing. Install them with this command, and try again:\n{line}"


def _install(packages: list[str]) -> None:
    root, has_apt = _as_root(), bool(shutil.which("apt-get"))
    help_yourself = advice(packages, has_apt=has_apt, has_sudo=bool(shutil.which("sudo")))
    if root is None or not has_apt:
        raise SetupError(help_yourself)
    if root and sys.stdin.isatty() and not _agreed(packages):
        raise SetupError(f"Nothing was installed.\n{help_yourself}")
    report(f"Installing system packages: {' '.join(packages)}")
    apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", *_APT]
    # `update` also fails for a broken third-party list. That matters only if `install` fails.
    updated = _output([*apt, "update"])[1]
    done, installed = _output([*apt, *_INSTALL, *packages])
    if not done:
        raise SetupError(f"{updated}{installed}apt-get failed. {help_yourself}")


def _agreed(packages: list[str]) -> bool:
    """Show an ordinary user what is missing and the command that installs it, and ask whether to run it.

    The question goes to the terminal itself, like sudo's: the output may be redirected to a file.
    """
    command = f"sudo apt-get update && sudo apt-get {' '.join([*_INSTALL, *packages])}"
    lines = ["These system packages are missing:", *(f"  {name}" for name in packages), "This command installs them:"]
    try:
        with Path("/dev/tty").open("w") as screen, Path("/dev/tty").open() as keyboard:
            print(*lines, f"  {command}", "Run this now? [y/N] ", sep="\n", end="", file=screen, flush=True)
            return keyboard.readline().strip().lower() in {"y", "yes"}
    except OSError:  # standard input is a terminal, but not this process's own
        return False


def _as_root() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        return None
    return ["sudo"] if sys.stdin.isatty() else ["sudo", "--non-interactive"]


def _output(command: list[str]) -> tuple[bool, str]:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return done.returncode == 0, done.stdout.decode(errors="replace")
