"""How patiently one server is tried again: longer from failure to failure, shorter where asking costs nothing, and at
once when somebody wants it. Apart from the session, which says when.
"""

import asyncio
import contextlib
import random

from .backoff import LONGEST, LONGEST_LOCAL, delays
from .fault import Fault, Retry

STEADY = 10.0
"""Seconds a connection must have lasted for the next failure to start the back-off anew."""


class Patience:
    """`local`: the server is on this machine, as far as we know."""

    def __init__(self, *, local: bool) -> None:
        self._local = local
        self._now = asyncio.Event()
        self.begin_anew()

    @property
    def local(self) -> bool:
        """Whether the server is on this machine, as far as we know."""
        return self._local

    def note_local(self) -> None:
        """A name turned out to be of this machine (shop.ddev.site)."""
        if not self._local:
            self._local = True
            self.begin_anew()

    def begin_anew(self) -> None:
        """The next failure is the first."""
        self._delays = delays(LONGEST_LOCAL if self._local else LONGEST, random.random)

    def lasted(self, seconds: float) -> bool:
        """A connection lasted so long; whether that was long enough to begin anew."""
        if steady := seconds > STEADY:
            self.begin_anew()
        return steady

    def delay(self, fault: Fault) -> float:
        """Seconds from this failure to the next try."""
        return self.next() if fault.retry is Retry.SOON else LONGEST

    def next(self) -> float:
        """Seconds from a failure, whatever it was, to the next try."""
        return next(self._delays)

    def retry(self) -> None:
        """End the wait, or else the next one: the try that is under way may have begun with what is no longer so."""
        self._now.set()

    async def wait(self, seconds: float) -> None:
        """Wait so long, or until `retry`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._now.wait()
        self._now.clear()
