"""Starts and stops the stand-in in its own process. Imports neither aiohttp nor aiosmtpd."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

STOP_SECONDS = 0.05
"""Time to end by itself before it is killed. It has no data to lose, and quitting must be quick."""

PACKAGES = "aiohttp", "aiosmtpd"
"""Packages of the extra `demo`, which the stand-in needs."""

BROKEN = "The demo did not start."


class DemoError(Exception):
    """The demo cannot run. The text is for the user."""


class Demo:
    """A running stand-in, which receives a sample message every `interval` seconds.

    The constructor waits until it listens, about 0.5 s, and raises DemoError. It ends when this process ends in any
    way, because its standard input is closed then.
    """

    def __init__(self, interval: float = 8.0) -> None:
        check_packages()
        command = [sys.executable, "-m", "mailpit_notifier.demo", "--interval", str(interval), "--label", "Demo"]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self.url, self.smtp_port = self._address()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process. May be called more than once."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _address(self) -> tuple[str, int]:
        # No timeout needed: the stand-in ends if it does not listen in time, and then this reads "".
        line = self._process.stdout.readline() if self._process.stdout else b""
        try:
            address = json.loads(line)
            return address["http"], address["smtp"]
        except (ValueError, KeyError, TypeError):
            self.stop()
            raise DemoError(BROKEN) from None


def has_packages() -> bool:
    """Return whether the packages of the extra `demo` are installed."""
    return all(importlib.util.find_spec(name) for name in PACKAGES)


def check_packages() -> None:
    """Raise DemoError with the command to run if packages of the extra `demo` are missing."""
    if not has_packages():
        command = installing(Path(sys.prefix), has_pip=bool(importlib.util.find_spec("pip")))
        raise DemoError(f"The demo needs two more packages. Install them with: {command}")


def installing(prefix: Path, *, has_pip: bool) -> str:
    """Return the shell command that installs the packages into the environment at `prefix`."""
    if (prefix / "pipx_metadata.json").exists():
        return _line("pipx", "inject", prefix.name, *PACKAGES)
    if has_pip:
        return _line(sys.executable, "-m", "pip", "install", *PACKAGES)
    return _line("uv", "pip", "install", "--python", sys.executable, *PACKAGES)


def _line(*words: str) -> str:
    import shlex  # only needed for this error

    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)
