"""Notifications as lines of text, for where there is no desktop: containers and the demo."""

from typing import TextIO

from .notice import Notice, Notifier


class PrintedNotifier(Notifier):
    """Prints `Notification: TITLE | BODY LINE 1 | LINE 2` for every notice."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    async def show(self, notice: Notice) -> bool:
        """Print the notice; False when the stream is closed."""
        line = "Notification: " + " | ".join((notice.title, *notice.body.splitlines()))
        encoding = self._stream.encoding or "utf-8"
        try:
            print(line.encode(encoding, "replace").decode(encoding), file=self._stream, flush=True)
        except (OSError, ValueError):
            return False
        return True
