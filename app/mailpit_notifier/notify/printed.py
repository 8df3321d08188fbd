"""Notifications as lines of text, for where there is no desktop: containers and the demo."""

from typing import TextIO

from .notice import Notice, Notifier


class PrintedNotifier(Notifier):
    """Prints `Notification: TITLE | BODY LINE 1 | LINE 2` for every notice."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    async def show(self, notice: Notice) -> bool:
        """Print the notice; False when there is no stream (Windows without a console) or it is closed."""
        if self._stream is None:
            return False
        line = "Notification: " + " | ".join((notice.title, *notice.body.splitlines()))
        encoding = self._stream.encoding or "utf-8"
        try:
            print(line.encode(encoding, "replace").decode(encoding), file=self._stream, flush=True)
        except (OSError, ValueError):
            return False
        return True
