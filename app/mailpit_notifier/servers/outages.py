"""Servers that stay away: one elsewhere that is gone for long is worth a notice; local ones come and go all day."""

import asyncio
from collections.abc import Callable

from mailpit_notifier.core.status import Link, ServerStatus

OUTAGE = 300.0
"""Seconds that a server elsewhere may be gone before that is worth a notice."""


class Outages:
    """`tell` is called with the base URL of a server that has been gone for that long."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def note(self, status: ServerStatus, *, local: bool) -> None:
        """This is how a server is doing now."""
        if status.link is not Link.DISCONNECTED or local:
            self.forget(status.url)
        elif status.url not in self._timers:
            self._timers[status.url] = asyncio.get_running_loop().call_later(OUTAGE, self._tell, status.url)

    def forget(self, url: str) -> None:
        """It is back, or nobody listens to it any more."""
        if timer := self._timers.pop(url, None):
            timer.cancel()

    def stop(self) -> None:
        """Tell of none."""
        for timer in self._timers.values():
            timer.cancel()
