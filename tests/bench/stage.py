"""The environment of benchmarks: a virtual display, a private bus with a recording desktop, and a Mailpit.

The server is the real one if MAILPIT_BIN names it, else the stand-in. Application and baselines run as `Candidate`s in
the same environment, each in its own folder, without extra logs.
"""

import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

BENCH = Path(__file__).parent
sys.path[:0] = [str(BENCH.parent / "support"), str(BENCH.parent)]  # run as a script

from desktop import Desktop  # noqa: E402
from notification_service import private_bus  # noqa: E402
from program import PATIENCE, Program, virtual_display, wait_until  # noqa: E402
from standin import MAILPIT_BIN, RealMailpit, Server, StandIn  # noqa: E402

SETTLED = 3.0
"""Seconds until a started program is idle."""


class Candidate(Program):
    """The application, or a baseline: a script of this folder."""

    ready_line = ""

    def __init__(self, folder: Path, display: str, bus: str, script: str) -> None:
        super().__init__(folder, display=display, bus=bus)
        self._command = [str(BENCH / f"{script}.py")] if script else ["-m", "mailpit_notifier"]

    def launch(self, *arguments: str) -> None:
        """Start it without waiting."""
        command = [sys.executable, *self._command, *arguments]
        with (self.folder / "stdout.txt").open("w") as out, (self.folder / "stderr.txt").open("w") as err:
            pipe = subprocess.PIPE
            self.process = subprocess.Popen(
                command, env=self.environment, stdin=pipe, stdout=out, stderr=err, text=True
            )

    def ready(self, *arguments: str) -> None:
        """Start a baseline and wait until it prints that it is ready."""
        self.launch(*arguments)
        wait_until(lambda: self.output or (self.process and self.process.poll()), "a baseline that is ready")
        assert self.output, self.log

    def connected(self, server: Server, *arguments: str) -> None:
        """Start the application, and wait until it is connected and has the messages of the server."""
        self.start("--hidden", *arguments, "--server", server.url)
        wait_until(self._has_counts, "a snapshot")

    def _has_counts(self) -> bool:
        servers = (self.status() or {"servers": ()})["servers"]
        return bool(servers) and servers[0]["total"] is not None

    def nudge(self) -> None:
        """Send an empty line to its stdin."""
        assert self.process
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    @property
    def pid(self) -> int:
        """Its process ID."""
        assert self.process
        return self.process.pid

    def ended(self) -> float:
        """Wait until the process has ended; return the monotonic clock at that time."""
        handle = os.pidfd_open(self.pid)
        assert select.select([handle], [], [], PATIENCE)[0], self.log
        now = monotonic()
        os.close(handle)
        return now


class Stage:
    """Display, desktop and server for a benchmark."""

    def __init__(self, folder: Path, display: str, bus: str, desktop: Desktop) -> None:
        self.desktop = desktop
        self.display = display
        self._folder = folder
        self._bus = bus

    @contextmanager
    def candidate(self, script: str = "") -> Iterator[Candidate]:
        """Yield the application or this baseline, not started; end it afterwards."""
        found = Candidate(Path(tempfile.mkdtemp(dir=self._folder)), self.display, self._bus, script)
        try:
            yield found
        finally:
            found.kill()


@contextmanager
def stage() -> Iterator[Stage]:
    """Start everything, and stop it at the end."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    with (
        tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder,
        virtual_display() as display,
        private_bus(Path(folder)) as bus,
        Desktop(bus.address) as desktop,
    ):
        yield Stage(Path(folder), display, bus.address, desktop)


def mailpit() -> Server:
    """Yield a server that keeps all messages."""
    return RealMailpit(limit=50_000) if MAILPIT_BIN else StandIn(limit=50_000)
