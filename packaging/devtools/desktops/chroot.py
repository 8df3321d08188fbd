"""A Debian system with desktops in a folder, into which programs are started with chroot.

Everything runs in its own mount and process namespace (`isolate`). When this process ends in any way, the desktops end
and the mounts are gone. So the folder can be deleted safely.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from devtools import system
from devtools.output import SetupError, report

SUITE = "trixie"
"""Debian 13: GNOME 48, Plasma 6.3, Xfce 4.20, Cinnamon 6.4, sway 1.10."""

FOLDER = Path(os.environ.get("DESKTOPS") or "/var/tmp/mailpit-notifier-desktops")  # noqa: S108 - root's, see set_up
"""About 4 GB with all desktops. Not below the checkout: tools would search it."""

USER = "ann"
ID = 1000
"""User and group of the user, as chroot and chown take them."""

PACKAGES = (
    "adwaita-icon-theme", "at-spi2-core", "ca-certificates", "dbus", "dbus-x11", "firefox-esr", "fonts-cantarell",
    "fonts-dejavu-core", "fonts-noto-core", "gir1.2-atspi-2.0", "imagemagick", "libegl-mesa0", "libgl1-mesa-dri",
    "libglib2.0-bin", "procps", "python3-gi", "x11-utils", "xclip", "xdg-utils", "xdotool", "xvfb",
)  # fmt: skip
"""What every desktop and the checks need. wl-clipboard is left out: the checks copy without it."""

_ISOLATED = "MAILPIT_NOTIFIER_DESKTOPS_ISOLATED"
_APT = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=600", "--no-install-recommends"]
_MOUNTS = ("proc", "sys", "dev", "dev/pts", "dev/shm")


def is_isolated() -> bool:
    """Return whether this process has namespaces of its own."""
    return _ISOLATED in os.environ


def isolate() -> int:
    """Run this process again in its own namespaces; return its exit code."""
    namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    command = [*namespaces, sys.executable, *sys.argv]
    return subprocess.call(command, env={**os.environ, _ISOLATED: "1"})


class Chroot:
    """The system below `folder`; `set_up` makes and mounts it."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.root = folder / SUITE

    def set_up(self, packages: Iterable[str]) -> None:
        """Create the system if it is missing, and install these packages and the packages of all desktops.

        The first time this takes some minutes and downloads about a gigabyte. Raises SetupError.
        """
        if not (self.root / "usr/bin/dbus-daemon").exists():
            report(f"Creating a Debian system in {self.root}; this takes some minutes.")
            system.provide({"debootstrap": "debootstrap"})
            self.root.mkdir(parents=True, exist_ok=True)
            _quietly(
                [
                    "debootstrap",
                    "--variant=minbase",
                    "--include=ca-certificates,dbus",
                    SUITE,
                    str(self.root),
                    *_mirror(),
                ]
            )
        shutil.copy("/etc/resolv.conf", self.root / "etc/resolv.conf")
        policy = self.root / "usr/sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")  # packages start no services
        policy.chmod(0o755)
        for name in _MOUNTS:
            _quietly(["mount", "--bind", f"/{name}", str(self.root / name)])
        self._install([*PACKAGES, *packages])
        self._add_user()
        self._add_reader()
        for folder in ("tmp", "tmp/.X11-unix"):  # Xwayland expects the second one
            (self.root / folder).mkdir(exist_ok=True)
            (self.root / folder).chmod(0o1777)
        (self.root / "run/dbus").mkdir(parents=True, exist_ok=True)
        _quietly([*self._as_root(), "dbus-uuidgen", "--ensure"])

    def install_package(self, deb: Path) -> None:
        """Install a package file as a user would, in place of another version. Raises SetupError."""
        shutil.copy(deb, self.root / "root" / deb.name)
        _quietly([*self._as_root(), *_APT, "install", "--reinstall", "--allow-downgrades", f"/root/{deb.name}"])

    def command(self, command: Sequence[str], environment: Mapping[str, str]) -> list[str]:
        """Return the command that runs another one as the user, with only this environment, in the user's home."""
        variables = [f"{name}={value}" for name, value in environment.items()]
        inside = ["/usr/bin/env", "-i", f"--chdir={environment['HOME']}", *variables, *command]
        return ["chroot", f"--userspec={ID}:{ID}", str(self.root), *inside]

    def start_system_bus(self) -> None:
        """Start the system bus, without which GNOME Shell ends. It ends with this process."""
        socket = self.root / "run/dbus/system_bus_socket"
        socket.unlink(missing_ok=True)
        shutil.rmtree(self.root / "run/systemd/seats", ignore_errors=True)  # else GNOME Shell asks for logind
        subprocess.Popen([*self._as_root(), "dbus-daemon", "--system", "--fork", "--nopidfile"]).wait()

    def _install(self, packages: Sequence[str]) -> None:
        """Install what is missing. Asking dpkg first makes the usual case, that all is there, take no time."""
        status = (self.root / "var/lib/dpkg/status").read_text("utf-8")
        installed = set(re.findall(r"^Package: (.*)\nStatus: install ok installed$", status, re.MULTILINE))
        if missing := sorted(set(packages) - installed):
            report(f"Installing {len(missing)} packages and what they need.")
            _quietly([*self._as_root(), *_APT, "update"])
            _quietly([*self._as_root(), *_APT, "install", *missing])

    def _add_user(self) -> None:
        if f"\n{USER}:" not in (self.root / "etc/passwd").read_text("utf-8"):
            _quietly([*self._as_root(), "useradd", "--create-home", "--uid", str(ID), USER])

    def _add_reader(self) -> None:
        """Unpack wl-paste, to read the clipboard, where the program does not find wl-copy."""
        if not (self.root / "opt/wl-clipboard").exists():
            steps = (
                "cd /tmp",
                "apt-get -q update",
                "apt-get -q download wl-clipboard",
                "dpkg -x wl-clipboard_*.deb /opt/wl-clipboard",
            )
            _quietly([*self._as_root(), "sh", "-c", " && ".join(steps)])

    def _as_root(self) -> list[str]:
        return [
            "chroot",
            str(self.root),
            "/usr/bin/env",
            "-i",
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            "DEBIAN_FRONTEND=noninteractive",
        ]


def _mirror() -> list[str]:
    """Return the Debian mirror that this machine uses; nothing if it has none: debootstrap knows one."""
    lists = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]
    text = "\n".join(file.read_text("utf-8", "replace") for file in lists if file.is_file())
    found = re.search(r"^(?:URIs: |deb (?:\[.*?\] )?)(\S+/debian)/?(?:\s|$)", text, re.MULTILINE)
    return [found[1]] if found else []


def _quietly(command: Sequence[str]) -> None:
    """Run a command and print its output only if it fails. Raises SetupError then."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        raise SetupError(f"{done.stdout.decode(errors='replace')}{command[0]} failed.")
