"""The format of log lines: a record is one line, and a traceback is indented below it.

So no text of a server or a message can forge a record, or control the terminal that shows the log.
"""

import logging
from textwrap import indent

from mailpit_notifier.runtime.text import line, lines


class LineFormatter(logging.Formatter):
    """Formats records as `TIME LEVEL LOGGER: MESSAGE`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the record's line."""
        record.message = line(record.message)
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and below it a traceback, if the record has one."""
        first, newline, rest = super().format(record).partition("\n")
        return first + newline + indent(lines(rest), "  ")
