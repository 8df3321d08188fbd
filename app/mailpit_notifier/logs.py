"""The format of log lines: a record is one line, with its traceback indented below.

Control characters are neutralized, so that no text from a server or a message can forge a record or control the
terminal that shows the log.
"""

import logging
from textwrap import indent

from mailpit_notifier.runtime.text import line, lines


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
