"""Starts the stand-in in a process of its own and stops it. Imports nothing of what the stand-in is built on."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

STOP_SECONDS = 0.05
"""How long it may take to end by itself; then it is killed. It has nothing to lose, and quitting must be quick."""

PACKAGES = "aiohttp", "aiosmtpd"
"""What the stand-in is built on: the extra `demo`."""

BROKEN = "The demo did not start."


class DemoError(Exception):
    """The demo cannot run; the text is a sentence for the user."""


class Demo:
    """A running stand-in. It ends with this process, however that ends: it watches its standard input."""

    def __init__(self, *, interval: float) -> None:
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
        """End it. May be called again."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _address(self) -> tuple[str, int]:
        # No timeout here: the stand-in ends itself when it does not listen in time, and then this reads "".
        line = self._process.stdout.readline() if self._process.stdout else b""
        try:
            address = json.loads(line)
            return address["http"], address["smtp"]
        except (ValueError, KeyError, TypeError):
            self.stop()
            raise DemoError(BROKEN) from None


def start_demo(interval: float = 8.0) -> Demo:
    """Start a stand-in that gets a sample mail every `interval` seconds. Blocks until it listens, about half a second.

    Raises DemoError with a sentence for the user.
    """
    return Demo(interval=interval)


def has_packages() -> bool:
    """Whether the packages of the extra `demo` are there."""
    return all(importlib.util.find_spec(name) for name in PACKAGES)


def check_packages() -> None:
    """Raise DemoError with what to do when the packages of the extra `demo` are not there."""
    if not has_packages():
        command = installing(Path(sys.prefix), has_pip=bool(importlib.util.find_spec("pip")))
        raise DemoError(f"The demo needs two more packages. Install them with: {command}")


def installing(prefix: Path, *, has_pip: bool) -> str:
    """The command that brings the packages into the environment at `prefix`, to be pasted into a terminal."""
    if (prefix / "pipx_metadata.json").exists():
        return _line("pipx", "inject", prefix.name, *PACKAGES)
    if has_pip:
        return _line(sys.executable, "-m", "pip", "install", *PACKAGES)
    return _line("uv", "pip", "install", "--python", sys.executable, *PACKAGES)


def _line(*words: str) -> str:
    import shlex  # where something is missing only

    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)
