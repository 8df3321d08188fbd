"""What a Mailpit refused (`error` events) as one notification that counts: a client that tries again and again is news
once.

The first is told at once, further ones in place, quietly and at most one in `BETWEEN` seconds. Runs on the loop.
"""

import asyncio
from collections.abc import Callable

from mailpit_notifier.protocol.events import Refused

BETWEEN = 5.0
"""Seconds between two updates."""

OVER = 60.0
"""Seconds without any after which the next one is news again."""

Show = Callable[[Refused, int, bool], None]
"""Called with the last one, how many there were, and whether this updates what is shown."""


class SmtpErrorNotices:
    """Those of one server."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self._count = 0
        self._untold: Refused | None = None
        self._last = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def came(self, refused: Refused) -> None:
        """Another one."""
        now = asyncio.get_running_loop().time()
        if now - self._last > OVER:
            self._count = 0
        self._last = now
        self._count += 1
        self._untold = refused
        if self._timer is None:
            self._tell()

    def stop(self) -> None:
        """Tell no more."""
        if self._timer:
            self._timer.cancel()
        self._timer = None

    def _tell(self) -> None:
        self._timer = None
        if self._untold:
            self._show(self._untold, self._count, self._count > 1)
            self._untold = None
            self._timer = asyncio.get_running_loop().call_later(BETWEEN, self._tell)
