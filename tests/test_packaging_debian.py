"""The .deb in clean Debian systems: installed, used, upgraded while it runs, removed without a trace.

Takes minutes, root and debootstrap, so only where MAILPIT_NOTIFIER_CHROOTS names a folder for those systems; what is
there from the last time is used again. Display, bus and notification service are outside, Mailpit's stand-in, too; the
systems share the network with them, and a folder.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from notification_service import NotificationService, private_bus
from program import wait_until
from standin import StandIn

CHROOTS = os.environ.get("MAILPIT_NOTIFIER_CHROOTS", "")
DIST = Path(__file__).parents[1] / "dist"
HOME = "/home/ann"
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
"""What apt and dpkg write for themselves."""

pytestmark = [
    pytest.mark.skipif(not CHROOTS, reason="MAILPIT_NOTIFIER_CHROOTS names no folder for clean Debian systems"),
    pytest.mark.timeout(1200),
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
        """All that is in it, but for what apt keeps for itself."""
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
        wait_until(lambda: state(debian) == "connected", "connecting", 30)
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        process.wait(15)
    assert "Traceback" not in (debian.shared / "log").read_text()


def state(debian: Debian) -> str:
    """What the program says of its server."""
    answer = debian.run("mailpit-notifier", "status", "--json", check=False)
    return str(json.loads(answer.stdout)["servers"][0]["state"]) if answer.returncode == 0 else ""


def next_version(deb: Path, folder: Path) -> Path:
    """The same package under a higher version."""
    subprocess.run(["dpkg-deb", "-R", str(deb), str(folder / "tree")], check=True)
    control = folder / "tree/DEBIAN/control"
    lines = control.read_text().splitlines()
    control.write_text("\n".join(f"{line}+next" if line.startswith("Version:") else line for line in lines) + "\n")
    subprocess.run(["dpkg-deb", "-Zgzip", "-z1", "-b", str(folder / "tree"), str(folder / "next.deb")], check=True)
    return folder / "next.deb"


def test_installed_used_upgraded_and_removed(debian: Debian, display: str, tmp_path: Path) -> None:
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
        with started(debian, display, server.url):
            sent = server.send("Your code", text="Your code is 482913.")
            service.wait_for(lambda: service.named("Notify"))
            service.do("invoke", id=service.notices[0]["id"])
            wait_until((debian.shared / "opened").exists, "opening the page")
            browser = dict(line.split("=", 1) for line in (debian.shared / "opened").read_text().splitlines())
            assert browser["PAGE"] == f"{server.url}view/{sent}"
            assert not {name for name in browser if name.startswith(("LD_", "_PYI", "PYI", "QT_", "PYTHON"))}
            debian.install(next_version(deb, tmp_path))
            assert state(debian) == "connected"
            server.send("While it is replaced")
            service.wait_for(lambda: "While it is replaced" in summaries(service))
        server.send("While it is away")
        with started(debian, display, server.url):
            server.send("After the upgrade")
            expected = {"Your code", "While it is replaced", "While it is away", "After the upgrade"}
            service.wait_for(lambda: expected <= set(summaries(service)))
        assert len([shown for shown in summaries(service) if shown in expected]) == len(expected)
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
    """Installed by a user for herself, whole, upgraded, and gone again."""
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
    """The titles of what was shown so far."""
    return [notice["summary"] for notice in service.named("Notify")]
