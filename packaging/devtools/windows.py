"""Runs the program's Windows side on Linux, under wine: `packaging/dev windows`.

It needs root, because it makes a Debian with wine in a folder (packaging/windows/wine.sh). It is no part of the tests:
it takes a quarter of an hour, and some 4 GB in WINRUN, or else in build/wine.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .environment import LOCKED, LOCKED_VERSIONS, ROOT
from .output import report

NOT_HERE = 77
"""The exit code of a test that does not apply to a machine (automake, and others since)."""

PREFIX = "pfx.run"
"""The Windows of one run: a copy of a new one, so that nothing of an earlier run is in it."""

MARKERS = {
    "sys_platform": "win32",
    "os_name": "nt",
    "platform_machine": "AMD64",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "python_full_version": "3.13.5",
}
"""The values of environment markers on Windows (PEP 508)."""

CHECKERS = {"mypy", "ruff", "librt", "ast-serialize"}
"""Packages that only Linux uses here."""

PATIENCE = 60.0
"""Seconds that any single step of the installed program may take."""


class StageError(Exception):
    """A stage failed. The text names what was expected and what was there."""


def packages() -> list[str]:
    """Return the packages of packaging/constraints/ci.txt with their versions, as on Windows."""
    from pip._vendor.packaging.markers import Marker

    lines = [line.partition(";") for line in LOCKED_VERSIONS.read_text("utf-8").splitlines() if line[0] != "#"]
    return [
        package.strip()
        for package, _, marker in lines
        if package.partition("=")[0] not in CHECKERS and (not marker or Marker(marker).evaluate(MARKERS))
    ]


class Wine:
    """Runs commands in the Windows of this run. `out` is Z:\\out there, the checkout Z:\\src."""

    def __init__(self, folder: Path, out: Path) -> None:
        self.folder = folder
        self.out = out
        self.user = folder / PREFIX / "drive_c/users/root"
        self._environment = {
            **os.environ,
            "WINRUN": str(folder),
            "SRC": str(ROOT),
            "OUT": str(out),
            "PACKAGES": " ".join(packages()),
        }

    @contextmanager
    def ready(self) -> Iterator[None]:
        """Make the Debian, if it does not exist, and a Windows with a display until the end."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.out.mkdir(parents=True, exist_ok=True)
        if subprocess.call(self._command("setup"), env=self._environment):
            raise StageError("The setup of wine failed.")
        shutil.rmtree(self.folder / PREFIX, ignore_errors=True)
        shutil.copytree(self.folder / "pfx", self.folder / PREFIX, symlinks=True)
        self._environment["PREFIX"] = PREFIX
        display = subprocess.Popen(
            self._command("display"), env=self._environment, stdout=subprocess.PIPE, start_new_session=True
        )
        assert display.stdout
        self._environment["DISPLAY"] = display.stdout.readline().decode().strip()
        try:
            yield
        finally:
            subprocess.call(self._command("end"), env=self._environment, stderr=subprocess.DEVNULL)
            os.killpg(display.pid, 15)
            display.wait()

    def start(self, *command: str, output: Path | None = None) -> "subprocess.Popen[bytes]":
        """Start a command of that Debian, such as `wine`; its standard output goes to a file, if one is given."""
        with (output or Path(os.devnull)).open("wb") as file:
            return subprocess.Popen(
                self._command("run", *command),
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.DEVNULL,
            )

    def run(self, *command: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of that Debian, such as `wine` or `makensis`."""
        # Files, because wine's own processes, which go on, would keep pipes open.
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            code = subprocess.call(
                self._command("run", *command),
                env={**self._environment, **variables},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
            out.seek(0)
            err.seek(0)
            printed, complained = (file.read().decode("utf-8", "replace") for file in (out, err))
        return subprocess.CompletedProcess(command, code, printed, complained)

    def python(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run the Python for Windows with the packages that the program needs there."""
        return self.run("wine", "/w/py/python.exe", *arguments)

    def windows_path(self, path: Path) -> str:
        """Return the path on drive C: of a file in this Windows."""
        return "C:\\" + "\\".join(path.relative_to(self.user.parents[1]).parts)

    def _command(self, *arguments: str) -> list[str]:
        return [str(ROOT / "packaging/windows/wine.sh"), *arguments]


def windows(args: list[str]) -> int:
    """Run the stages that are named, or all; return the exit code."""
    from .windows_stages import STAGES

    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        report("packaging/dev windows needs Linux and root: it makes a Debian with wine in a folder. Nothing was run.")
        return NOT_HERE
    if missing := [name for name in ("debootstrap", "mvn", "unzip", "unshare") if not shutil.which(name)]:
        report(f"packaging/dev windows needs {', '.join(missing)}. Install it and try again. Nothing was run.")
        return NOT_HERE
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as Ctrl-C: else wine and its display would go on
    LOCKED.prepare("dev")
    wine = Wine(Path(os.environ.get("WINRUN") or ROOT / "build/wine"), ROOT / "build/windows")
    try:
        with wine.ready():
            done = [_run(name, stage, wine) for name, stage in STAGES.items() if not args or name in args]
    except StageError as error:
        report(str(error))
        return 2
    return 0 if all(done) else 1


def _run(name: str, stage: Callable[[Wine], str], wine: Wine) -> bool:
    began = time.monotonic()
    try:
        result, good = stage(wine), True
    except StageError as error:
        result, good = str(error), False
    report(f"{'ok   ' if good else 'FAULT'}  {name:10} {time.monotonic() - began:4.0f} s  {result}")
    return good


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Poll until the condition is true: there is no event of another system. Raises StageError."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise StageError(f"{what}: not within {PATIENCE:.0f} s.")
        time.sleep(0.2)


def check(good: object, sentence: str) -> None:
    """Raise StageError with this sentence unless it is good."""
    if not good:
        raise StageError(sentence)
