"""Remove control characters and invisible characters from everything that is written to the terminal.

A message could otherwise control the terminal or hide text. One wrapper around standard output and error covers every
command, argparse, tracebacks and the log. Bytes written to `.buffer` are not changed: `wait --print raw`.

Apart from common.py because main.py needs it before everything else.
"""

import sys
from collections.abc import Iterable
from typing import Any, TextIO, cast

from mailpit_notifier.runtime.text import lines


class CleanStream:
    """A text stream that drops control, bidi and zero-width characters, and escapes what cannot be encoded."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write the visible characters; return the length of the text as given."""
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(lines(text).encode(encoding, "backslashreplace").decode(encoding))
        return len(text)

    def writelines(self, texts: Iterable[str]) -> None:
        """Write several texts."""
        for text in texts:
            self.write(text)

    def __getattr__(self, name: str) -> Any:
        """Delegate everything else to the stream."""
        return getattr(self._stream, name)


def clean_terminal() -> None:
    """Wrap standard output and error. On Windows without a console there are none."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream and not isinstance(stream, CleanStream):
            setattr(sys, name, cast("TextIO", CleanStream(stream)))
