"""What the program writes to a terminal: no character that the terminal acts on, and none that is invisible.

One wrapper around standard output and error, so that it holds for every command, for the sentences of argparse, for
tracebacks and for the log. Bytes written to `.buffer` pass as they are: `wait --print raw`.
"""

import sys
from collections.abc import Iterable
from typing import Any, TextIO, cast

from mailpit_notifier.runtime.text import lines


class CleanStream:
    """A text stream that drops control, bidi and zero-width characters, and escapes what it cannot encode."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write what can be seen of a text."""
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(lines(text).encode(encoding, "backslashreplace").decode(encoding))
        return len(text)

    def writelines(self, texts: Iterable[str]) -> None:
        """Write several texts."""
        for text in texts:
            self.write(text)

    def __getattr__(self, name: str) -> Any:
        """All else is the stream's own."""
        return getattr(self._stream, name)


def clean_terminal() -> None:
    """Write cleanly from now on. Without a console, Windows has no streams."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream and not isinstance(stream, CleanStream):
            setattr(sys, name, cast("TextIO", CleanStream(stream)))
