"""Starts Python processes of the project as forks of one process that has loaded the imports. Saves up to 0.5 s each.

As a script it is that process. Linux only, because it needs pidfd to see the end of a process that is not a child.
Elsewhere the processes are started in the usual way.
"""

import atexit
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from subprocess import PIPE
from typing import IO, NoReturn

MORE = {
    "mailpit_notifier.demo.__main__": ["mailpit_notifier.demo.__main__"],
    "mailpit_notifier.main": [
        "mailpit_notifier.app",
        "mailpit_notifier.cli.arguments",
        "mailpit_notifier.cli.remote",
        "mailpit_notifier.cli.standalone",
        "mailpit_notifier.cli.wait",
        "mailpit_notifier.findings.extraction",
        "mailpit_notifier.logs",
        "mailpit_notifier.notify.freedesktop",
        "mailpit_notifier.runtime.loop",
        "mailpit_notifier.ui.window.quick_look",
        "mailpit_notifier.ui.window.window",
    ],
}
"""Modules that are imported late, and loaded in advance here."""

PATIENCE = 20.0
"""Seconds that a process may take to end after closing its streams."""

STREAMS = "stdin", "stdout", "stderr"

Stream = int | IO[str] | None
"""A stream as for subprocess.Popen: PIPE, a file, or None to inherit."""


def start(
    module: str,
    *arguments: str,
    environment: dict[str, str] | None = None,
    stdin: Stream = None,
    stdout: Stream = None,
    stderr: Stream = None,
) -> "subprocess.Popen[str] | Forked":
    """Start the `main` of a module with these arguments, like subprocess.Popen. Pipes are UTF-8 text."""
    if sys.platform == "linux":
        return Forked(module, arguments, dict(environment or os.environ), stdin, stdout, stderr)
    command = [sys.executable, "-c", f"import sys; from {module} import main; sys.exit(main())", *arguments]
    streams = {"stdin": stdin, "stdout": stdout, "stderr": stderr}
    return subprocess.Popen(command, env=environment, encoding="utf-8", **streams)


def run(
    module: str, *arguments: str, environment: dict[str, str] | None = None, stdin: Stream = None
) -> "subprocess.CompletedProcess[str]":
    """Start it and wait until it has ended; only for little output."""
    process = start(module, *arguments, environment=environment, stdin=stdin, stdout=PIPE, stderr=PIPE)
    assert process.stdout
    assert process.stderr
    with process.stdout, process.stderr:
        output, complained = process.stdout.read(), process.stderr.read()
    return subprocess.CompletedProcess(arguments, process.wait(PATIENCE), output, complained)


class Forked:
    """A process with the needed part of the interface of subprocess.Popen."""

    stdin: IO[str] | None = None
    stdout: IO[str] | None = None
    stderr: IO[str] | None = None
    returncode: int | None = None

    def __init__(self, module: str, arguments: Sequence[str], environment: dict[str, str], *streams: Stream) -> None:
        order = {"arguments": arguments, "environment": environment, "folder": str(Path.cwd())}
        with ExitStack() as given:
            theirs = [self._opened(number, stream, given) for number, stream in enumerate(streams)]
            self.pid, self._handle, self._report = _source(module).fork(order, theirs)

    def _opened(self, number: int, stream: Stream, given: ExitStack) -> int:
        """Return its standard stream of this number; `given` closes what only the process needs."""
        if stream is None:
            return number
        if stream != PIPE:
            return stream.fileno()
        read, write = os.pipe()
        theirs, ours = (write, read) if number else (read, write)
        given.callback(os.close, theirs)
        setattr(self, STREAMS[number], os.fdopen(ours, "r" if number else "w", encoding="utf-8"))
        return theirs

    def poll(self) -> int | None:
        """Return its exit code, None while it runs."""
        if self.returncode is None and select.select([self._report], [], [], 0)[0]:
            self.returncode = int(os.read(self._report, 100))
            os.close(self._report)
            os.close(self._handle)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended; return its exit code. Raises TimeoutError."""
        if self.returncode is None:
            select.select([self._report], [], [], timeout)
        if (code := self.poll()) is None:
            raise TimeoutError(f"process {self.pid} is still there")
        return code

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)

    def kill(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGKILL)


class _Source:
    """The process with the imports. It ends with this process."""

    def __init__(self, module: str) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen([sys.executable, __file__, module], stdin=theirs)
        atexit.register(self._end)

    def fork(self, order: dict[str, object], streams: Sequence[int]) -> tuple[int, int, int]:
        """Fork a process with these streams; return its ID, what signals it, and what reads its exit code."""
        socket.send_fds(self._line, [json.dumps(order).encode()], streams)
        number, handles, _, _ = socket.recv_fds(self._line, 100, 2)
        return int(number), *handles

    def _end(self) -> None:
        self._line.close()
        self._process.wait()


_source = cache(_Source)


def fork_on_demand(module: str) -> None:
    """Fork for each order, which passes standard streams; answer with the ID, and report the exit code."""
    for name in (module, *MORE.get(module, ())):
        importlib.import_module(name)
    gc.freeze()
    orders = socket.socket(fileno=os.dup(0))
    children: dict[int, tuple[int, int]] = {}
    while True:
        for ready in select.select([orders, *children], [], [])[0]:
            if ready is not orders:
                pid, report = children.pop(ready)
                code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                with suppress(BrokenPipeError):
                    os.write(report, str(code).encode())
                os.close(report)
                os.close(ready)
                continue
            order, streams, _, _ = socket.recv_fds(orders, 1_000_000, 3)
            if not order:
                return
            if not (pid := os.fork()):
                orders.close()
                become(module, **json.loads(order), streams=streams)
            handle = os.pidfd_open(pid)
            reported, report = os.pipe()
            children[handle] = pid, report
            socket.send_fds(orders, [str(pid).encode()], [handle, reported])
            for number in (*streams, reported):
                os.close(number)


def become(
    module: str, arguments: list[str], environment: dict[str, str], folder: str, streams: Sequence[int]
) -> NoReturn:
    """Run the requested module."""
    for place, number in enumerate(streams):
        os.dup2(number, place)
    os.closerange(len(streams), 1024)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    time.tzset()
    sys.argv[1:] = arguments
    try:
        code = importlib.import_module(module).main()
    except SystemExit as end:
        code = end.code
    threading._shutdown()  # what Python does at its end, but for taking down all modules: the most of a short run
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code or 0)


if __name__ == "__main__":
    fork_on_demand(sys.argv[1])
