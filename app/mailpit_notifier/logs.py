"""The log: on the terminal, and in files that rotate. A record is one line, with its traceback indented below.

Control characters are neutralized, so that no text from a server or a message can forge a record or control the
terminal that shows the log.
"""

import contextlib
import logging
import sys
from itertools import pairwise
from pathlib import Path
from textwrap import indent

from mailpit_notifier.control.instance import state_folder, writable_folder
from mailpit_notifier.runtime.text import line, lines

LOG_BYTES, LOG_FILES = 1_000_000, 3
"""Size of a log file, and how many older ones are kept."""


class LineFormatter(logging.Formatter):
    """Formats records as `TIME LEVEL LOGGER: MESSAGE`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the line of a record."""
        record.message = line(record.message)
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with the traceback below, if there is one."""
        first, newline, rest = super().format(record).partition("\n")
        return first + newline + indent(lines(rest), "  ")


class RotatingFile(logging.FileHandler):
    """A file that becomes PATH.1 when it has `size` bytes; `kept` older ones are kept.

    The class of this kind in `logging.handlers` imports pickle, too: 0.5 MiB.
    """

    def __init__(self, path: Path, size: int = LOG_BYTES, kept: int = LOG_FILES) -> None:
        super().__init__(path, encoding="utf-8", delay=True)
        self._size = size
        self._files = [path, *(path.with_name(f"{path.name}.{number}") for number in range(1, kept + 1))]

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        try:
            if self._files[0].is_file() and self._files[0].stat().st_size >= self._size:
                with contextlib.suppress(OSError):  # on Windows, while another program has the file open
                    self._rotate()
            super().emit(record)
        except OSError:  # the file cannot be opened
            self.handleError(record)

    def _rotate(self) -> None:
        self.close()  # opened again by the next record
        for older, newer in pairwise(reversed(self._files)):
            with contextlib.suppress(FileNotFoundError):
                newer.replace(older)


def set_up_logging(level: str) -> None:
    """Log to stderr, and to rotating files in the state folder."""
    logging.raiseExceptions = False  # else a full disk prints a traceback for each line
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    try:
        folder = writable_folder(state_folder())
        handlers.append(RotatingFile(folder / "log.txt"))
    except OSError as error:
        print(f"Cannot write a log file: {error}", file=sys.stderr)
    for handler in handlers:
        handler.setFormatter(LineFormatter())
    logging.basicConfig(level=level.upper(), handlers=handlers)
    # At debug they log what they send, the Authorization header included.
    for chatty in ("qasync", "asyncio", "websocket"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
