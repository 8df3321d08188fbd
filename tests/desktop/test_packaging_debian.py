"""The .deb in clean Debian systems: installed, used, upgraded while it runs, removed without a trace.

Takes minutes, root and debootstrap, so only where MAILPIT_NOTIFIER_CHROOTS names a folder for those systems; what is
there from the last time is used again. Display, bus and notification service are outside, Mailpit's stand-in, too; the
systems share the network with them, and a folder.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from devtools.package import tools

from mailpit_notifier import __version__
from notification_service import NotificationService, private_bus
from program import wait_until
from standin import StandIn

CHROOTS = os.environ.get("MAILPIT_NOTIFIER_CHROOTS", "")
ROOT = Path(__file__).parents[2]
DIST = ROOT / "dist"
NEXT = f"{__version__}+next"
PROGRAM = "usr/lib/mailpit-notifier/mailpit-notifier"
HOME = "/home/ann"
UPDATED = "Mailpit Notifier was updated"
MESSAGES = (
    *("Your code", "While it is replaced", "During the restart", "After the restart"),
    *("While it is away", "Back again"),
)
START = 30
"""Seconds for the program to start, on a machine that builds packages beside."""

BROWSER = """#!/bin/sh
env > /shared/opened.part
echo "PAGE=$1" >> /shared/opened.part
mv /shared/opened.part /shared/opened
"""
NOT_OURS = (
    "var/cache/",
    "var/log/",
    "var/lib/apt/",
    "var/lib/dpkg/",
    "tmp/",
    "shared",
    "proc/",
    "run/",
    "etc/ld.so.cache",
)
"""Files that apt and dpkg write for their own use."""

pytestmark = [
    pytest.mark.skipif(not CHROOTS, reason="MAILPIT_NOTIFIER_CHROOTS names no folder for clean Debian systems"),
    pytest.mark.timeout(1800),
]


class Debian:
    """A clean system in a folder, with a home for Ann. `shared` is a folder that both sides see."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.shared = root / "shared"
        self.environment = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8"}

    def run(self, *command: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command in it as root."""
        env = {**self.environment, "DEBIAN_FRONTEND": "noninteractive", **environment}
        done = subprocess.run(
            ["chroot", str(self.root), *command], env=env, capture_output=True, text=True, check=False
        )
        assert not check or done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done

    def install(self, deb: Path) -> None:
        """Install a package with what it depends on."""
        shutil.copy(deb, self.root / "tmp/new.deb")
        self.run("apt-get", "install", "--yes", "--no-install-recommends", "/tmp/new.deb")

    def files(self) -> set[str]:
        """All files in it, without those that apt keeps for its own use."""
        found = subprocess.run(
            ["find", ".", "-mindepth", "1", "-path", "./proc", "-prune", "-o", "-printf", "%P\n"],
            cwd=self.root,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        return {name for name in found if not name.startswith(NOT_OURS)}


@pytest.fixture(params=["bookworm", "trixie"])
def debian(request: pytest.FixtureRequest) -> Iterator[Debian]:
    base, root = Path(CHROOTS, f"pkg-{request.param}"), Path(CHROOTS, f"try-{request.param}")
    if not (base / "etc/debian_version").exists():
        source = "http://deb.debian.org/debian"
        subprocess.run(["debootstrap", "--variant=minbase", request.param, str(base), source], check=True)
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["cp", "-a", str(base), str(root)], check=True)
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    (root / "shared").mkdir()
    browser = root / "usr/local/bin/xdg-open"
    browser.write_text(BROWSER)
    browser.chmod(0o755)
    subprocess.run(["mount", "-t", "proc", "proc", str(root / "proc")], check=True)
    try:
        system = Debian(root)
        system.run("apt-get", "update")
        yield system
    finally:
        subprocess.run(["umount", str(root / "proc")], check=True)
        shutil.rmtree(root)


@contextmanager
def started(debian: Debian, display: str, url: str) -> Iterator[subprocess.Popen[bytes]]:
    """The installed program, connected."""
    ann = {
        **debian.environment,
        "HOME": HOME,
        "XDG_RUNTIME_DIR": "/shared/run",
        "DISPLAY": display,
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/shared/bus",
    }
    debian.environment = ann
    command = ["chroot", str(debian.root), "mailpit-notifier", "--hidden", "--server", url]
    with (debian.shared / "log").open("ab") as log:
        process = subprocess.Popen(command, env=ann, stdout=log, stderr=log)
    try:
        wait_until(lambda: is_connected(debian), "connecting", START)
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        process.wait(15)
    assert "Traceback" not in (debian.shared / "log").read_text()


def status(debian: Debian) -> dict[str, Any]:
    """The status of the running program, nothing while none answers."""
    answer = debian.run("mailpit-notifier", "status", "--json", check=False)
    return dict(json.loads(answer.stdout)) if answer.returncode == 0 else {}


def is_connected(debian: Debian) -> bool:
    """Whether the program runs and listens to its server."""
    return [server["state"] for server in status(debian).get("servers", ())] == ["connected"]


def processes(debian: Debian) -> dict[int, str]:
    """Each process of the installed program with its file. The name of a replaced file ends in "(deleted)"."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            found[int(process.name)] = str((process / "exe").readlink())
    return {number: file for number, file in found.items() if file.startswith(str(debian.root / PROGRAM))}


@pytest.fixture(scope="module")
def next_version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of a later version. Another build, not the same under another name: no file matches by accident."""
    tools.prepare()
    source = tmp_path_factory.mktemp("next") / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*", "build", "dist"))
    (source / "build").mkdir()
    (source / "build/environment").symlink_to(tools.PYTHON.parents[1])
    file = source / "app/mailpit_notifier/__init__.py"
    file.write_text(file.read_text().replace(f'"{__version__}"', f'"{NEXT}"'))
    subprocess.run([sys.executable, str(source / "packaging/dev"), "package", "deb"], check=True)
    return next(source.glob("dist/*.deb"))


def test_the_debian_package_is_installed_upgraded_and_removed(debian: Debian, display: str, next_version: Path) -> None:
    deb = max(DIST.glob("*.deb"), key=lambda path: path.stat().st_mtime)
    debian.run("useradd", "--create-home", "--skel", "/nowhere", "ann")
    before = debian.files()
    (debian.shared / "run").mkdir(mode=0o700)
    home = debian.root / HOME[1:]
    debian.install(deb)
    report = json.loads(debian.run("mailpit-notifier", "--selftest").stdout)
    assert report["frozen"]
    assert not report["faults"]
    with (
        private_bus(debian.shared) as bus,
        NotificationService(bus.address) as service,
        StandIn() as server,
    ):
        with started(debian, display, server.url) as process:
            sent = server.send("Your code", text="Your code is 482913.")
            service.wait_for(lambda: service.named("Notify"))
            service.do("invoke", id=service.notices[0]["id"])
            wait_until((debian.shared / "opened").exists, "opening the page")
            browser = dict(line.split("=", 1) for line in (debian.shared / "opened").read_text().splitlines())
            assert browser["PAGE"] == f"{server.url}view/{sent}"
            assert not {name for name in browser if name.startswith(("LD_", "_PYI", "PYI", "QT_", "PYTHON"))}
            debian.install(next_version)
            server.send("While it is replaced")
            service.wait_for(lambda: {"While it is replaced", UPDATED} <= set(summaries(service)))
            assert is_connected(debian)
            assert status(debian)["version"] == __version__
            [offer] = [notice for notice in service.notices if notice["summary"] == UPDATED]
            service.do("invoke", id=offer["id"], action="restart")
            server.send("During the restart")
            wait_until(lambda: status(debian).get("version") == NEXT, "restarting", START)
            wait_until(lambda: is_connected(debian), "connecting", START)
            server.send("After the restart")
            service.wait_for(lambda: {"During the restart", "After the restart"} <= set(summaries(service)))
            assert processes(debian) == {process.pid: str(debian.root / PROGRAM)}
        server.send("While it is away")
        with started(debian, display, server.url):
            server.send("Back again")
            service.wait_for(lambda: {"While it is away", "Back again"} <= set(summaries(service)))
        assert sorted(title for title in summaries(service) if title != UPDATED) == sorted(MESSAGES)
    debian.run("mailpit-notifier", "autostart", "on")
    debian.run("mailpit-notifier", "forget")
    assert [path for path in home.rglob("*") if path.is_file()] == []
    debian.run("mailpit-notifier", "autostart", "on")
    try_the_tar(debian)
    debian.run("apt-get", "purge", "--yes", "--autoremove", "mailpit-notifier")
    entry = (home / ".config/autostart/mailpit-notifier.desktop").read_text()
    assert not (debian.root / entry.partition("TryExec=/")[2].splitlines()[0]).exists()  # so that no desktop starts it
    assert {path for path in debian.files() - before if not path.startswith(HOME[1:])} == set()


def try_the_tar(debian: Debian) -> None:
    """A user installs it for herself, upgrades it, and removes it."""
    archive = max(DIST.glob("*-linux-*.tar.xz"), key=lambda path: path.stat().st_mtime)
    subprocess.run(["tar", "-xf", str(archive), "-C", str(debian.root / "tmp"), "--no-same-owner"], check=True)
    folder = f"/tmp/{archive.name.removesuffix('.tar.xz')}"

    def ann(command: str) -> str:
        return debian.run("su", "ann", "-c", f"HOME={HOME}/tar {command}").stdout

    ann(f"mkdir {HOME}/tar")
    ann(f"{folder}/install")
    assert json.loads(ann(f"{HOME}/tar/.local/bin/mailpit-notifier --selftest"))["faults"] == {}
    ann(f"{folder}/install")
    entry = debian.root / HOME[1:] / "tar/.local/share/applications/mailpit-notifier.desktop"
    assert f"\nExec={HOME}/tar/.local/bin/mailpit-notifier\n" in entry.read_text()
    ann(f"{HOME}/tar/.local/lib/mailpit-notifier/uninstall")
    left = [path for path in (debian.root / HOME[1:] / "tar").rglob("*") if ".cache" not in path.parts]  # fontconfig's
    assert left == []


def summaries(service: NotificationService) -> list[str]:
    """The titles of the notifications shown so far."""
    return [notice["summary"] for notice in service.named("Notify")]
