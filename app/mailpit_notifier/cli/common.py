"""Parts shared by all commands: exit codes, parts of the argument parser, and clean output.

`pause -- COMMAND` returns the exit code of its command instead.

Control characters and invisible characters are removed from everything that is written to the terminal: a message could
otherwise control the terminal or hide text. One wrapper around standard output and error protects every command,
argparse, tracebacks and the log. Bytes written to `.buffer` are not changed: `wait --print raw`.
"""

import contextlib
import errno
import io
import os
import signal
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TextIO, TypeAlias, cast

from mailpit_notifier.runtime.text import lines

if TYPE_CHECKING:  # a start without commands does without them
    import argparse

    from mailpit_notifier.protocol.faults import FaultError

DONE = 0

NO = 1
"""The answer is no: no matching message in time, faults found, not everything deleted, refused by the application."""

FAILED = 2
"""Wrong usage, or a problem of the environment: configuration, file, application not running."""

NOT_REACHED = 3
"""No server was ever reached."""

COMMAND_FAILED = 4
"""The command after `--` failed."""

BY_SIGNAL = 128
"""Plus the number of a signal: a program was ended by it, as a shell reports it."""

INTERRUPTED, CLOSED = BY_SIGNAL + 2, BY_SIGNAL + 13
"""The user pressed Ctrl-C (SIGINT); the reader of the output has ended (SIGPIPE), as in `doctor | head -1`."""


Commands: TypeAlias = "argparse._SubParsersAction[Any]"  # noqa: SLF001 - argparse gives it no public name


def add_command(commands: Commands, name: str, about: str, **more: Any) -> "argparse.ArgumentParser":
    """Add a command. `about` is its line in the list of commands, and its description unless `more` has one."""
    more = {"description": f"{about[0].upper()}{about[1:]}."} | more
    return cast("argparse.ArgumentParser", commands.add_parser(name, help=about, **more))


def add_server(parser: "argparse.ArgumentParser", text: str) -> None:
    """Add --server to a command. Before the command it is accepted too, and used if it is not given here."""
    import argparse

    parser.add_argument("--server", action="append", default=argparse.SUPPRESS, metavar="URL|NAME", help=text)


def counted(number: int, noun: str) -> str:
    """Return a number and its noun: "1 message", "2 messages"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def explained(error: "FaultError") -> str:
    """Return the sentence of a fault with its detail, to follow a server's name."""
    return error.explain() + (f" ({error.detail})" if error.detail else "")


def end_signals() -> tuple[int, ...]:
    """Return the signals that ask this process to end: Ctrl-C, Ctrl-Break (Windows), a terminal that was closed.

    Without SIGHUP if it is ignored, as after nohup.
    """
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    known = (int(number) for name in names if (number := getattr(signal, name, None)))
    return tuple(number for number in known if signal.getsignal(number) != signal.SIG_IGN or number == signal.SIGINT)


class OutputError(Exception):
    """A stream of this process cannot be written to: a pipe was closed, a disk is full."""


class CleanStream:
    """A text stream that drops control, bidi and zero-width characters, and escapes what cannot be encoded."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write the visible characters; return the length of the text as given."""
        encoding = self._stream.encoding or "utf-8"
        try:
            self._stream.write(lines(text).encode(encoding, "backslashreplace").decode(encoding))
        except OSError as error:
            raise OutputError(error.strerror) from error
        return len(text)

    def flush(self) -> None:
        """Write the buffered text."""
        try:
            self._stream.flush()
        except OSError as error:
            raise OutputError(error.strerror) from error

    def writelines(self, texts: Iterable[str]) -> None:
        """Write several texts."""
        for text in texts:
            self.write(text)

    def __getattr__(self, name: str) -> Any:
        """Delegate everything else to the stream."""
        return getattr(self._stream, name)


def write_answer(data: bytes) -> bool:
    """Write to standard output; return whether that was possible. What reads it may have ended (`| head -0`, `>&-`)."""
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except (OSError, OutputError, ValueError, AttributeError) as error:
        close_output()
        reason = "standard output is closed"
        if isinstance(error, OSError) and error.errno not in {errno.EPIPE, errno.EBADF}:
            reason = error.strerror or str(error)
        print(f"The answer could not be written: {reason}.", file=sys.stderr)
        return False
    return True


def close_output() -> None:
    """Use no standard output any more. Python would try to flush it again at the end, and print a traceback."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def with_output(run: Callable[[], int]) -> int:
    """Run a command; return its exit code.

    CLOSED if the reader of its output ended, FAILED if that could not be written, INTERRUPTED after Ctrl-C.
    """
    try:
        code = run()
        if sys.stdout:
            sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except OutputError as error:
        close_output()
        if isinstance(error.__cause__, BrokenPipeError):  # as in `doctor | head -1`
            return CLOSED
        with contextlib.suppress(OutputError):
            print(f"The output could not be written: {error}.", file=sys.stderr)
        return FAILED
    return code


def clean_terminal() -> None:
    """Wrap standard output and error. On Windows without a console there are none.

    A stream that is no terminal, such as a file or a pipe, gets UTF-8: the code page that Windows has for it would lack
    most characters of the world.
    """
    if sys.stderr is None and sys.platform != "win32":  # closed; on Windows, there is no console
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - open until the end; print would use stdout instead
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream and not isinstance(stream, CleanStream):
            if not stream.isatty() and isinstance(stream, io.TextIOWrapper):
                with contextlib.suppress(
                    OSError
                ):  # of a position that the file does not have: a fork with another file
                    stream.reconfigure(encoding="utf-8")
            setattr(sys, name, cast("TextIO", CleanStream(stream)))
