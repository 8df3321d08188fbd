"""How a command of the user's is started. Apart because the command line starts some, and so do rules.

The user's programs: what they print is bounded, and they are ended with all that they have started themselves.

No Qt and no asyncio: the command line starts programs, too. Blocking.

The command that `wait` runs while it listens, with all the processes that it starts: they end together.
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
    """The command with its program's path where there is one: Windows itself finds no .cmd, such as npx and npm."""
    import shutil  # not at every start of ours

    return [shutil.which(command[0]) or command[0], *command[1:]]


GRACE = 2.0
"""Seconds that programs have to end after SIGTERM."""

STEP = 0.01
"""Seconds between looks whether a group of processes is gone: nothing tells of it."""

LEFT_BEHIND = 0.5
"""Seconds to read what a program has printed after its end: only what it leaves in the background holds its pipe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessResult:
    """A program has ended with this status, and these bytes are the beginning of what it printed."""

    status: int
    printed: bytes


class Output:
    """Reads a pipe to its end, in a thread. The first `most` bytes are kept, the rest is dropped.

    To the end, although nobody wants the rest: what a program leaves in the background may go on printing, and would
    block, or die of SIGPIPE. Nothing is written to a disk, which a program that repeats an error would fill.
    """

    def __init__(self, pipe: IO[bytes], most: int) -> None:
        self._pipe = pipe
        self._most = most
        self._kept = bytearray()
        self._at_end = SimpleQueue[None]()
        start_thread(self._read, "output of a program")

    def kept(self) -> bytes:
        """What was printed, as far as it is kept; once, after the end of the program."""
        with contextlib.suppress(Empty):
            self._at_end.get(timeout=LEFT_BEHIND)
        return bytes(self._kept)

    def _read(self) -> None:
        with self._pipe as pipe:
            while data := os.read(pipe.fileno(), 65_536):
                self._kept += data[: max(0, self._most - len(self._kept))]
        self._at_end.put(None)


def run_with_input(command: Sequence[str], given: bytes, seconds: float, *, most: int) -> ProcessResult:
    """Run a program without a shell to its end, with this on its standard input; what counts are its standard errors.

    At most `most` bytes of them are kept, where it fails. Its own end counts: what it leaves in the background goes on
    and is not waited for. Raises OSError, and TimeoutExpired after so many seconds: it was ended then, with all that it
    had started.
    """
    with TemporaryFile() as told:
        told.write(given)
        told.seek(0)
        process = subprocess.Popen(  # noqa: S603 - the user's own command, without a shell
            resolve_command(command),
            stdin=told,
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
    return ProcessResult(status=status, printed=output.kept() if status else b"")  # of interest only when it failed


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
    """End a program and, where it leads a session of its own, all in it; nothing happens to what has ended.

    They are asked first (SIGTERM), and ended by force (SIGKILL) when they have not gone after the `grace` in seconds.
    """
    if not hasattr(os, "killpg"):  # Windows
        process.kill()
        process.wait()
        return
    _signal(process, signal.SIGTERM)
    over = monotonic() + grace
    while _signal(process, 0) and monotonic() < over:
        process.poll()  # a dead leader that nobody waited for is still a group
        sleep(STEP)
    _signal(process, signal.SIGKILL)
    process.wait()


def _signal(process: subprocess.Popen[bytes], number: int) -> bool:
    """Send a signal to the whole group; whether there still was one."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
        return True
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEnded:
    """The command has ended with this status; below zero by a signal."""

    status: int

    @property
    def words(self) -> str:
        """Its end, in words."""
        return f"ended by signal {-self.status}" if self.status < 0 else f"failed with status {self.status}"


class Child:
    """A running command, in a session of its own. What it writes goes to our standard error. Raises OSError."""

    def __init__(self, command: Sequence[str], put: Callable[[CommandEnded], None]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - the user's own
            resolve_command(command), stdout=sys.stderr.fileno(), start_new_session=True
        )
        start_thread(lambda: put(CommandEnded(status=self._process.wait())), "command")

    def end(self) -> None:
        """End it with its group, politely at first. Nothing happens when it has ended by itself."""
        if self._process.poll() is None:
            terminate(self._process)
