"""The stages of `packaging/dev windows`, in order: tests, frozen program, installer, and the installed program.

Each returns a sentence for its line in the report, or raises StageError.
"""

import json
import os
import re
import shutil
import signal
import smtplib
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

from .environment import LOCKED, ROOT
from .package.project import NAME, TITLE, version
from .translations import release
from .windows import StageError, Wine, check, wait_until

MOST = 23.0
"""MB (10^6 bytes) of the installer: a goal of the project."""

MOST_SECONDS = 300
"""Seconds for one test: under wine, starting a program takes several."""

SUBJECT = "Überraschung 🎉 your code is 482913"
"""Not in any code page of Windows."""

CONFIG = "Bob's Büro 🎉/config.toml"
"""A path that breaks where a command line is not quoted, or not Unicode."""

FOLDER = Path("AppData/Local/Programs") / TITLE
"""Where the installer puts the program, below the user's folder."""

UNINSTALL = rf"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\{NAME}"


def selftest(wine: Wine) -> str:
    """Run --selftest with the Python for Windows."""
    release(LOCKED.python)
    return _self_test(wine.python("-m", "mailpit_notifier", "--selftest"))


def suite(wine: Wine) -> str:
    """Run all tests; they report what they skip and why in build/windows/suite.txt."""
    quiet = "-p", "no:cacheprovider", "-rfEs", "--tb=short", "--color=no"
    done = wine.python("-m", "pytest", "-n", "2", *quiet, f"--timeout={MOST_SECONDS}")
    (wine.out / "suite.txt").write_text(done.stdout + done.stderr, "utf-8")
    figures = re.findall(r"^=* ?(\d+ (?:passed|failed|skipped).*?) ?=*$", done.stdout, re.MULTILINE)
    result = f"{figures[-1] if figures else 'no figures'}; details in build/windows/suite.txt"
    check(done.returncode == 0, result)
    return result


def freeze(wine: Wine) -> str:
    """Freeze the program and run the self-test of the result."""
    for name in ("frozen", "work"):
        shutil.rmtree(wine.out / name, ignore_errors=True)
    icon = wine.python("-m", "devtools.package.drawings", rf"Z:\src\resources\icons\{NAME}.svg", r"Z:\out\icon.ico")
    check(icon.returncode == 0, f"The icon was not drawn: {icon.stderr[-500:]}")
    recipe = rf"Z:\src\packaging\frozen\{NAME}.spec"
    places = "--distpath", r"Z:\out\frozen", "--workpath", r"Z:\out\work"
    frozen = wine.run(
        *("wine", "/w/py/python.exe", "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", *places, recipe),
        VERSION=version(),
    )
    check(frozen.returncode == 0, f"PyInstaller failed: {frozen.stderr[-2000:]}")
    shutil.copytree(ROOT / "packaging/licences", wine.out / "frozen" / NAME / "licences")
    return _self_test(wine.run("wine", rf"Z:\out\frozen\{NAME}\{NAME}.exe", "--selftest"))


def installer(wine: Wine) -> str:
    """Make the installer, and one of the next version."""
    payload = wine.out / "frozen" / NAME
    sizes = sum(path.stat().st_size for path in payload.rglob("*") if path.is_file()) // 1024
    for number in (version(), _next()):
        values = {
            "VERSION": number,
            "PAYLOAD": f"/out/frozen/{NAME}",
            "ICON": "/out/icon.ico",
            "OUTPUT": f"/out/{number}-setup.exe",
            "NAME": NAME,
            "TITLE": TITLE,
            "SIZE": sizes,
        }
        defined = [f"-D{key}={value}" for key, value in values.items()]
        defined += ["-DQUICK"] if number != version() else []  # its size means nothing
        done = wine.run("makensis", "-V2", "-NOCD", "-WX", *defined, "/src/packaging/windows/installer.nsi")
        check(done.returncode == 0, f"makensis failed: {done.stdout[-1000:]}{done.stderr[-1000:]}")
    size = (wine.out / f"{version()}-setup.exe").stat().st_size / 1e6
    check(size <= MOST, f"{size:.1f} MB, more than {MOST:.0f} MB")
    return f"{size:.1f} MB"


def installed(wine: Wine) -> str:
    """Install the program over nothing, use it, upgrade it while it runs, and remove it with all that it left."""
    path = r"%SystemRoot%;C:\Bob's tools;" + r"C:\long" * 300
    _registry(wine, "add", r"HKCU\Environment", "/v", "Path", "/t", "REG_EXPAND_SZ", "/d", path, "/f")
    # What the programs of a user share, and a new Windows of wine lacks.
    (wine.user / "AppData/Local/Programs").mkdir(exist_ok=True)
    _registry(wine, "add", r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall", "/f")
    before = _files(wine), _values(wine)
    _install(wine, version())
    check(_path(wine) == ("REG_EXPAND_SZ", rf"{path};C:\users\root\{FOLDER}".replace("/", "\\")), "PATH is wrong")
    _self_test(_program(wine, "--selftest"))
    check(_program(wine, "autostart", "on").returncode == 0, "autostart on failed")
    with _demo() as (url, smtp_port):
        _message(wine, url, smtp_port)
        _hung(wine, url)
        _upgrade(wine, url)
        check(_program(wine, "forget").returncode == 0, "forget failed")
    _uninstall(wine)
    left = _files(wine) - before[0], _values(wine) - before[1]
    gone = before[0] - _files(wine), before[1] - _values(wine)
    check(not any((*left, *gone)), f"left: {[*map(sorted, left)]}; gone: {[*map(sorted, gone)]}")
    return (
        "installed; message printed and journaled; a hung program refused the upgrade; upgraded while running, with "
        f"its options; uninstalled: 0 files and 0 registry values left of {len(before[0])} and {len(before[1])}"
    )


STAGES: dict[str, Callable[[Wine], str]] = {
    "selftest": selftest,
    "suite": suite,
    "freeze": freeze,
    "installer": installer,
    "installed": installed,
}


def _self_test(done: "subprocess.CompletedProcess[str]") -> str:
    check(done.returncode == 0, f"--selftest: {done.stdout[-1500:]}{done.stderr[-500:]}")
    found = json.loads(done.stdout)
    return f"{found['modules']} modules, {found['back_ends']}, frozen: {found['frozen']}"


def _next() -> str:
    return f"{version()}.1"


def _install(wine: Wine, number: str) -> None:
    done = wine.run("wine", rf"Z:\out\{number}-setup.exe", "/S")
    check(done.returncode == 0, f"The installer ended with exit code {done.returncode}: {done.stderr[-500:]}")
    check(_registered(wine) == number, f"Version {_registered(wine) or 'nothing'} is registered.")


def _uninstall(wine: Wine) -> None:
    """Run the uninstaller, which continues in a copy of itself."""
    wine.run("wine", str(wine.windows_path(wine.user / FOLDER / "uninstall.exe")), "/S")
    wait_until(lambda: not (wine.user / FOLDER).exists(), "Removing the program")
    wait_until(lambda: not _registered(wine), "Removing it from the registry")


@contextmanager
def _demo() -> Iterator[tuple[str, int]]:
    """Run a demo server; yield its URL and its port for SMTP."""
    command = [LOCKED.python, "-m", "mailpit_notifier.demo"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdin
    try:
        address = json.loads(process.stdout.readline())
        yield address["http"], address["smtp"]
    finally:
        process.stdin.close()
        process.wait()


def _message(wine: Wine, url: str, smtp_port: int) -> None:
    """Send a message; check that the program prints its notification to a file, and records it."""
    printed = wine.out / "printed.txt"
    running = wine.start("wine", _exe(wine), "--hidden", "--print-notifications", "--server", url, output=printed)
    wait_until(lambda: _state(wine, url) == "connected", "A connection")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@acme.test", "ann@example.test", SUBJECT
    message.set_content("Your code is 482913.")
    with smtplib.SMTP("127.0.0.1", smtp_port) as server:
        server.send_message(message)
    wait_until(lambda: SUBJECT in printed.read_text("utf-8"), "The notification")
    journals = wine.user / "AppData/Local" / NAME / "announced"
    wait_until(lambda: any(path.stat().st_size for path in journals.glob("*.journal")), "The journal")
    check(_program(wine, "quit").returncode == 0, "quit failed")
    check(running.wait(30) == 0, f"The program ended with exit code {running.returncode}.")


def _hung(wine: Wine, url: str) -> None:
    """Stop the running program, and check that the installer gives up and changes nothing."""
    config = wine.out / CONFIG
    config.parent.mkdir(exist_ok=True)
    config.write_text(f'[[server]]\nurl = "{url}"\n', "utf-8")
    wine.start("wine", _exe(wine, "w"), "--hidden", "--config", "Z:\\out\\" + CONFIG.replace("/", "\\"))
    wait_until(lambda: _state(wine, url) == "connected", "A connection")
    [process] = _processes(wine, f"{NAME}w.exe")
    os.kill(process, signal.SIGSTOP)
    try:
        before = _files(wine)
        done = wine.run("wine", rf"Z:\out\{_next()}-setup.exe", "/S")
        check(done.returncode == 2, f"Over a hung program the installer ended with exit code {done.returncode}.")
        check(_registered(wine) == version(), "The installer has registered the next version over a hung program.")
        changed = sorted(_files(wine) ^ before)
        check(not changed, f"The installer has changed files of a hung program: {changed[:20]}")
    finally:
        os.kill(process, signal.SIGCONT)


def _upgrade(wine: Wine, url: str) -> None:
    """Install the next version over the running program, which must start again with the same configuration."""
    wait_until(lambda: _state(wine, url) == "connected", "A connection")
    [process] = _processes(wine, f"{NAME}w.exe")
    _install(wine, _next())
    wait_until(lambda: _state(wine, url) == "connected", "The upgraded program with its --config")
    check(_processes(wine, f"{NAME}w.exe") != [process], "The program of before is still running.")


def _exe(wine: Wine, kind: str = "") -> str:
    return wine.windows_path(wine.user / FOLDER / f"{NAME}{kind}.exe")


def _program(wine: Wine, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return wine.run("wine", _exe(wine), *arguments)


def _state(wine: Wine, url: str) -> str:
    done = _program(wine, "status", "--json")
    servers = json.loads(done.stdout)["servers"] if done.returncode == 0 else []
    return next((str(server["state"]) for server in servers if server["url"].rstrip("/") == url.rstrip("/")), "")


def _processes(wine: Wine, name: str) -> list[int]:
    """Return the processes of this wine whose program has this name."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            program = (folder / "cmdline").read_bytes().split(b"\0")[0].decode("utf-8", "replace")
            if program.endswith(f"\\{name}") and (folder / "root").readlink() == wine.folder / "trixie":
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def _files(wine: Wine) -> set[str]:
    """Return the files of users and programs, and the sizes of the files of this program."""
    drive = wine.user.parents[1]
    folders = drive / "users", drive / "Program Files", drive / "ProgramData"
    paths = [path for folder in folders for path in folder.rglob("*") if "Temp" not in path.parts]
    return {f"{path.relative_to(drive)} {path.stat().st_size if path.is_file() else ''}" for path in paths}


def _values(wine: Wine) -> set[str]:
    """Return the user's values in the registry, one string for each; wine's own are left out."""
    name = "registry.reg"
    _registry(wine, "export", "HKCU", rf"Z:\out\{name}", "/y")
    key = ""
    values: set[str] = set()
    for line in (wine.out / name).read_text("utf-16").splitlines():
        if line.startswith("["):
            key = line
            values.add(key)
        elif line:
            values.add(f"{key} {line}")
    names = r"Software\Wine", r"Console", r"Software\Microsoft\Windows\CurrentVersion\Explorer\Accent"
    own = tuple(rf"[HKEY_CURRENT_USER\{name}" for name in names)
    return {value for value in values if not value.startswith(own)}


def _registered(wine: Wine) -> str:
    return _query(wine, UNINSTALL, "DisplayVersion")[1]


def _path(wine: Wine) -> tuple[str, str]:
    return _query(wine, r"HKCU\Environment", "Path")


def _query(wine: Wine, key: str, name: str) -> tuple[str, str]:
    """Return type and text of a value, both "" if it does not exist."""
    done = wine.run("wine", "reg", "query", key, "/v", name)
    found = re.search(rf"^\s*{name}\s+(REG_\w+)\s+(.*?)\s*$", done.stdout, re.MULTILINE)
    return (found[1], found[2]) if found else ("", "")


def _registry(wine: Wine, *arguments: str) -> None:
    done = wine.run("wine", "reg", *arguments)
    if done.returncode:
        raise StageError(f"reg {arguments[0]} failed: {done.stdout}{done.stderr}")
