"""Run programs: the user's commands for rules, passwords and `wait -- COMMAND`, and those that discovery asks.

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
from typing import IO, Any

from .files import expand_path
from .threads import start_thread


def resolve_command(command: Sequence[str]) -> Sequence[str]:
    """Return the command with the full path of its program: Windows does not find .cmd files, such as npx and npm."""
    import shutil  # not needed at every start

    program = expand_path(command[0])
    return [shutil.which(program) or program, *command[1:]]


def decode(printed: bytes, errors: str = "strict") -> str:
    """Return the text that a program has printed: UTF-8, or on Windows the code page of the console.

    `errors` is "replace" for text that may be cut. Raises UnicodeDecodeError if it is "strict".
    """
    try:
        return printed.decode()
    except UnicodeDecodeError as error:
        is_cut = errors == "replace" and error.reason == "unexpected end of data"
        if sys.platform == "win32" and not is_cut:
            return printed.decode("oem", errors)
        return printed.decode(errors=errors)


GRACE = 2.0
"""Seconds for programs to end after SIGTERM."""

STEP = 0.01
"""Seconds between checks whether a group of processes has ended: there is no event for that."""

LEFT_BEHIND = 0.5
"""Seconds to read the output after a program has ended. Only a background process keeps its pipe open longer."""


class Program(subprocess.Popen[bytes]):
    """A program that is started without a shell, and ended together with all processes that it has started.

    With `keeps_terminal` it can prompt the user. It then stays in the session of the terminal, and is ended alone,
    except on Windows. There it shares the console of this process, if there is one, or has a console without a window:
    a window would flash up for each rule. Raises OSError.
    """

    def __init__(self, command: Sequence[str], *, keeps_terminal: bool = False, **streams: Any) -> None:
        self._leads_session = not keeps_terminal
        if sys.platform == "win32":
            hidden = 0 if has_console() else subprocess.CREATE_NO_WINDOW
            super().__init__(resolve_command(command), creationflags=hidden | CREATE_SUSPENDED, **streams)
            self._job = Job(int(self._handle))  # type: ignore[attr-defined]  # the stubs leave it out
        else:
            super().__init__(resolve_command(command), start_new_session=self._leads_session, **streams)

    def end(self, grace: float = GRACE) -> None:
        """End the program and all processes that it has started.

        They get SIGTERM, and SIGKILL after `grace` seconds if they are still running. Windows has no SIGTERM.
        """
        if sys.platform == "win32":
            self._job.end()
            self.kill()  # also where the system has refused the job
        elif self._leads_session:
            self._signal(signal.SIGTERM)
            over = monotonic() + grace
            while self._signal(0) and monotonic() < over:
                self.poll()  # a zombie leader still counts as a group
                sleep(STEP)
            self._signal(signal.SIGKILL)
        else:
            self.kill()
        self.wait()

    def _signal(self, number: int) -> bool:
        """Send a signal to the whole group. Return whether it still exists."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)
            return True
        return False


if sys.platform == "win32":
    import ctypes

    CREATE_SUSPENDED = 0x4
    """A flag of CreateProcess: the program runs only when it is in its job, so all that it starts is in it, too."""

    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _kernel.CreateJobObjectW.restype = ctypes.c_void_p

    class Job:
        """A job object: the process and all that it starts, also when their parents have ended."""

        def __init__(self, process: int) -> None:
            self._job = ctypes.c_void_p(_kernel.CreateJobObjectW(None, None))
            _kernel.AssignProcessToJobObject(self._job, ctypes.c_void_p(process))
            ctypes.WinDLL("ntdll").NtResumeProcess(ctypes.c_void_p(process))

        def end(self) -> None:
            """End all processes in it."""
            _kernel.TerminateJobObject(self._job, 1)

        def __del__(self) -> None:
            """Close the handle. Processes in the job go on."""
            _kernel.CloseHandle(self._job)

    def has_console() -> bool:
        """Return whether this process has a console, which its child processes share."""
        return bool(_kernel.GetConsoleWindow())


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
        program = Program(command, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert program.stderr
    output = Output(program.stderr, most)
    status = _status(program, seconds)
    return ProcessResult(status=status, printed=output.kept() if status else b"")  # needed only if it failed


def capture_output(command: Sequence[str], seconds: float, *, most: int) -> ProcessResult:
    """Run a program, as `run_with_input`, for its standard output. It keeps the terminal, to prompt the user."""
    program = Program(command, keeps_terminal=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert program.stdout
    output = Output(program.stdout, most)
    return ProcessResult(status=_status(program, seconds), printed=output.kept())


def _status(program: Program, seconds: float) -> int:
    try:
        return program.wait(seconds)
    except subprocess.TimeoutExpired:
        program.end()
        raise


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
        self._program = Program(command, stdout=sys.stderr.fileno())
        start_thread(lambda: put(CommandEnded(status=self._program.wait())), "command")

    def end(self) -> None:
        """End the command with its group, unless it has ended."""
        if self._program.poll() is None:
            self._program.end()
