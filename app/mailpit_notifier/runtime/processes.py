"""Run the user's commands: for rules, passwords and `wait -- COMMAND`.

Their output is limited, and they are ended together with all processes that they have started. Blocking. Imports
neither Qt nor asyncio, because the command line uses it.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from tempfile import TemporaryFile
from time import monotonic, sleep
from typing import IO

from .threads import start_thread


def resolve_command(command: Sequence[str]) -> Sequence[str]:
    """Return the command with the full path of its program: Windows does not find .cmd files, such as npx and npm."""
    import shutil  # not needed at every start

    return [shutil.which(command[0]) or command[0], *command[1:]]


GRACE = 2.0
"""Seconds for programs to end after SIGTERM."""

STEP = 0.01
"""Seconds between checks whether a group of processes has ended: there is no event for that."""

LEFT_BEHIND = 0.5
"""Seconds to read the output after a program has ended. Only a background process keeps its pipe open longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessResult:
    """Exit status of a program, and the first bytes of its output."""

    status: int
    printed: bytes


class Output:
    """Reads a pipe to its end in a thread, and keeps the first `most` bytes.

    The rest is read, too: otherwise a background process that goes on printing would block, or die of SIGPIPE. The
    output is not written to a file, because a program that repeats an error would fill the disk.
    """

    def __init__(self, pipe: IO[bytes], most: int) -> None:
        self._pipe = pipe
        self._most = most
        self._kept = bytearray()
        self._at_end = SimpleQueue[None]()
        start_thread(self._read, "output of a program")

    def kept(self) -> bytes:
        """Return the kept output. Call once, after the program has ended."""
        with contextlib.suppress(Empty):
            self._at_end.get(timeout=LEFT_BEHIND)
        return bytes(self._kept)

    def _read(self) -> None:
        with self._pipe as pipe:
            while data := os.read(pipe.fileno(), 65_536):
                self._kept += data[: max(0, self._most - len(self._kept))]
        self._at_end.put(None)


def run_with_input(command: Sequence[str], given: bytes, seconds: float, *, most: int) -> ProcessResult:
    """Run a program without a shell, with these bytes as standard input, and return its status and standard error.

    If it fails, up to `most` bytes of standard error are returned. Processes that it leaves in the background go on and
    are not waited for. Raises OSError, and TimeoutExpired after so many seconds; then the program and all processes
    that it has started have been ended.
    """
    with TemporaryFile() as stdin:
        stdin.write(given)
        stdin.seek(0)
        process = subprocess.Popen(  # noqa: S603 - the user's own command, without a shell
            resolve_command(command),
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    assert process.stderr
    output = Output(process.stderr, most)
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        terminate(process)
        raise
    return ProcessResult(status=status, printed=output.kept() if status else b"")  # needed only if it failed


def capture_output(command: Sequence[str], seconds: float, *, most: int) -> ProcessResult:
    """Run a program, as `run_with_input`, for its standard output. It keeps the terminal, to prompt the user."""
    process = subprocess.Popen(  # noqa: S603 - the user's own command, without a shell
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    )
    assert process.stdout
    output = Output(process.stdout, most)
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
    return ProcessResult(status=status, printed=output.kept())


def terminate(process: subprocess.Popen[bytes], grace: float = GRACE) -> None:
    """End a program and, if it leads a session of its own, all processes in it.

    They get SIGTERM, and SIGKILL after `grace` seconds if they are still running.
    """
    if not hasattr(os, "killpg"):  # Windows
        process.kill()
        process.wait()
        return
    _signal(process, signal.SIGTERM)
    over = monotonic() + grace
    while _signal(process, 0) and monotonic() < over:
        process.poll()  # a zombie leader still counts as a group
        sleep(STEP)
    _signal(process, signal.SIGKILL)
    process.wait()


def _signal(process: subprocess.Popen[bytes], number: int) -> bool:
    """Send a signal to the whole group. Return whether it still exists."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
        return True
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEnded:
    """The command has ended with this status; a negative one is the number of a signal."""

    status: int

    @property
    def words(self) -> str:
        """How it ended, in words."""
        return f"ended by signal {-self.status}" if self.status < 0 else f"failed with status {self.status}"


class Child:
    """A running command in a session of its own, with its output on our standard error. Raises OSError.

    `put` is called in a thread when it has ended.
    """

    def __init__(self, command: Sequence[str], put: Callable[[CommandEnded], None]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - the user's own
            resolve_command(command), stdout=sys.stderr.fileno(), start_new_session=True
        )
        start_thread(lambda: put(CommandEnded(status=self._process.wait())), "command")

    def end(self) -> None:
        """End the command with its group (see `terminate`), unless it has ended."""
        if self._process.poll() is None:
            terminate(self._process)
