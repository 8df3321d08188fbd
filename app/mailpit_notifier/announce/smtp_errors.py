"""SMTP errors of one server (`error` events: messages that Mailpit rejected) as one notification that counts.

A client that retries again and again is worth one notification: the first error is shown at once, further ones update
it quietly, at most once in `timing.between_errors` seconds. Runs on the loop.
"""

import asyncio
from collections.abc import Callable

from mailpit_notifier.protocol.events import Refused

from .timing import Timing

Show = Callable[[Refused, int, bool], None]
"""Called with the last error, the number of errors, and whether this updates a shown notification."""


class SmtpErrorNotices:
    """Count the SMTP errors of one server."""

    def __init__(self, show: Show, timing: Timing) -> None:
        self._show = show
        self._timing = timing
        self._count = 0
        self._unshown: Refused | None = None
        self._last = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, error: Refused) -> None:
        """Count an error; show it now, or with the next update."""
        now = asyncio.get_running_loop().time()
        if now - self._last > self._timing.errors_forgotten:
            self._count = 0
        self._last = now
        self._count += 1
        self._unshown = error
        if self._timer is None:
            self._update()

    def stop(self) -> None:
        """Cancel the next update."""
        if self._timer:
            self._timer.cancel()
        self._timer = None

    def reset(self) -> None:
        """Cancel the next update and count from 1 again."""
        self.stop()
        self._count, self._unshown = 0, None

    def _update(self) -> None:
        self._timer = None
        if self._unshown:
            self._show(self._unshown, self._count, self._count > 1)
            self._unshown = None
            self._timer = asyncio.get_running_loop().call_later(self._timing.between_errors, self._update)
