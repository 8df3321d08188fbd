"""Runs the application as a user does: a process on a virtual display, with its own bus and browser.

The browser is an `xdg-open` that records the pages it should open, with their activation tokens.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from forked import Forked, run, start
from mailpit_notifier import APP_ID
from mailpit_notifier.control.instance import Answer, ControlError, request

PYTHON = sys.executable, "-m", "mailpit_notifier"
"""Starts it from scratch, as users do."""

MAIN = "mailpit_notifier.main"

WINDOWS = "SYSTEMROOT", "COMSPEC", "PATHEXT", "TEMP", "TMP", "MAILPIT_NOTIFIER_TEST_KEY"
"""Variables without which a program does not run on Windows."""

PATIENCE = 15.0 if sys.platform != "win32" else 60.0  # also under wine
"""Seconds that a test waits before it fails."""

XDG_OPEN = """#!/bin/sh
printf '%s %s' "$1" "$XDG_ACTIVATION_TOKEN" > "{record}.part.$$"
mv "{record}.part.$$" "{record}.$$"
"""


def home_variables(home: Path) -> dict[str, str]:
    """Return the environment that makes this folder the user's home on Windows and macOS.

    Without it, the tests would change the settings of the developer. On Windows, platformdirs asks the system, but for
    these variables of its own.
    """
    if sys.platform == "win32":
        folders = dict.fromkeys(("LOCAL_APPDATA", "APPDATA"), str(home / "config"))
        return {"USERPROFILE": str(home), **{f"WIN_PD_OVERRIDE_{name}": path for name, path in folders.items()}}
    return {"HOME": str(home)} if sys.platform == "darwin" else {}


@contextmanager
def virtual_display() -> Iterator[str]:
    """Run an X server without a screen; yield the value of DISPLAY."""
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-noreset"]
    process = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    with os.fdopen(reader) as numbers:
        display = f":{numbers.readline().strip()}"
    try:
        yield display
    finally:
        process.terminate()
        process.wait(PATIENCE)


def wait_until(condition: Callable[[], Any], what: str = "the condition", patience: float = PATIENCE) -> Any:
    """Poll until the condition is true; return its value. For other processes, which send no event."""
    end = time.monotonic() + patience
    while not (result := condition()):
        assert time.monotonic() < end, f"{what} did not come true within {patience} s"
        time.sleep(0.01)
    return result


class Program:
    """A run of mailpit-notifier. `folder` has its home, its state and the record of its browser."""

    ready_line = "Loaded the word tables for codes and links"
    """The log line after which everything is loaded that a message may need."""

    def __init__(self, folder: Path, *, display: str = "", bus: str = "unix:path=/nowhere") -> None:
        self.folder = folder
        self._opened = folder / "opened"
        self._opened.mkdir()
        binaries = folder / "bin"
        binaries.mkdir()
        browser = binaries / "xdg-open"
        browser.write_text(XDG_OPEN.format(record=self._opened / "page"))
        browser.chmod(0o755)
        runtime = folder / "run"
        runtime.mkdir(mode=0o700)
        self.environment = {
            **{
                name: os.environ[name]
                for name in ("LANG", "LC_ALL", "PYTHONDEVMODE", "PYTHONPATH", "PYTHON_KEYRING_BACKEND", *WINDOWS)
                if name in os.environ
            },
            "PATH": os.pathsep.join([str(binaries), os.environ["PATH"]]),
            "HOME": str(folder),
            **home_variables(folder),
            "XDG_RUNTIME_DIR": str(runtime),
            "DBUS_SESSION_BUS_ADDRESS": bus,
            **({"DISPLAY": display} if display else {}),
        }
        self.by: Sequence[str] = ()
        """The command that starts it, if not a fork."""
        self.process: subprocess.Popen[str] | Forked | None = None

    def start(self, *arguments: str) -> None:
        """Start it, and wait until it answers commands and all servers have a final state."""
        self.launch(*arguments)
        wait_until(lambda: self.server() and self.ready_line in self.log, "a program that has started")

    def launch(self, *arguments: str) -> None:
        """Start it, or a command that runs it, without waiting."""
        arguments = "--log-level", "debug", *arguments
        with (self.folder / "stdout.txt").open("w") as out, (self.folder / "stderr.txt").open("w") as err:
            if self.by:
                command = [*self.by, *arguments]
                self.process = subprocess.Popen(command, env=self.environment, stdout=out, stderr=err, text=True)
            else:
                self.process = start(MAIN, *arguments, environment=self.environment, stdout=out, stderr=err)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the program in a second process."""
        return run(MAIN, *arguments, environment=self.environment)

    def ask(self, command: str) -> Answer | None:
        """Send a command over the control socket from this process; None if nothing answers."""
        with suppress(ControlError):
            return request(Path(self.environment["XDG_RUNTIME_DIR"]) / APP_ID / "control", command)
        return None

    def status(self) -> dict[str, Any] | None:
        """Return the output of `status --json`, None if nothing answers."""
        assert self.process is None or self.process.poll() is None, self.log
        answer = self.ask("status")
        return dict(answer.data) if answer else None

    def server(self, number: int = 0) -> dict[str, Any]:
        """Return the status of one server, {} if there is none."""
        servers: list[dict[str, Any]] = (self.status() or {"servers": []})["servers"]
        return servers[number] if number < len(servers) else {}

    def wait_for_server(self, **fields: Any) -> None:
        """Wait until the first server's status has these values."""
        wait_until(lambda: fields.items() <= self.server().items(), f"a server with {fields}")

    def opened(self) -> list[tuple[str, str]]:
        """Pages and activation tokens that the browser should open, in any order."""
        lines = [path.read_text() for path in self._opened.glob("page.[0-9]*")]
        return [(page, token) for page, _, token in (line.partition(" ") for line in lines)]

    def windows(self) -> list[str]:
        """Return the visible X windows of recent messages."""
        search = ["xdotool", "search", "--onlyvisible", "--name", "Recent messages"]
        found = subprocess.run(search, env=self.environment, capture_output=True, text=True, check=False)
        return found.stdout.split()

    @property
    def log(self) -> str:
        """Its standard error."""
        return (self.folder / "stderr.txt").read_text()

    @property
    def output(self) -> list[str]:
        """The lines of its standard output."""
        return (self.folder / "stdout.txt").read_text().splitlines()

    def end(self, how: Callable[["Program"], object] | None = None) -> int:
        """End it with a signal, SIGTERM by default; return its exit code."""
        assert self.process
        if how:
            how(self)
        else:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """Kill it."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)


@contextmanager
def running(program: Program, *arguments: str) -> Iterator[Program]:
    """Run the program with these arguments; fail on unexpected log lines at the end."""
    try:
        program.start(*arguments)
        yield program
        assert program.end() == 0
        assert "Traceback" not in program.log, program.log
        assert "Qt" not in unexpected(program.log.splitlines()), program.log
    finally:
        program.kill()


def unexpected(lines: Sequence[str]) -> str:
    """Return the lines that are not from its own log: warnings of Qt and Python."""
    return "\n".join(line for line in lines if " mailpit_notifier." not in line)
