"""How patiently one server is tried again: longer from failure to failure, shorter where asking costs nothing, and at
once when somebody wants it. Apart from the session, which says when.

How long to wait before the next try: doubling, jittered, endless. Pure; the caller gives the dice.

What the log hears of a server's faults: each once, for a server may be gone for days.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Iterator

from mailpit_notifier.protocol.faults import Fault, FaultError, Retry
from mailpit_notifier.runtime.tasks import report

from .timing import TIMING, Timing


def delays(first: float, longest: float, dice: Callable[[], float]) -> Iterator[float]:
    """Yield seconds to wait: `first`, doubled each time up to `longest`, each times 0.75 to 1.25.

    `dice` returns numbers from 0 to 1. The jitter keeps clients from retrying in step.
    """
    delay = first
    while True:
        yield min(delay, longest) * (0.75 + dice() / 2)
        delay = min(delay * 2, longest)


class RetryPolicy:
    """`local`: the server is on this machine, as far as we know."""

    def __init__(self, *, local: bool, timing: Timing = TIMING) -> None:
        self._local = local
        self._timing = timing
        self._now = asyncio.Event()
        self.reset()

    @property
    def local(self) -> bool:
        """Whether the server is on this machine, as far as we know."""
        return self._local

    def set_local(self) -> None:
        """A name turned out to be of this machine (shop.ddev.site)."""
        if not self._local:
            self._local = True
            self.reset()

    def reset(self) -> None:
        """The next failure is the first."""
        longest = self._timing.longest_local_retry if self._local else self._timing.longest_retry
        self._delays = delays(self._timing.first_retry, longest, random.random)

    def reset_if_steady(self, seconds: float) -> bool:
        """A connection lasted so long; whether that was long enough to begin anew."""
        if steady := seconds > self._timing.steady:
            self.reset()
        return steady

    def delay(self, fault: Fault) -> float:
        """Seconds from this failure to the next try."""
        return self.next() if fault.retry is Retry.SOON else self._timing.late_retry

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


log = logging.getLogger(__name__)


class FaultLog:
    """Those about one server, by what meets them: `key` is its base URL."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._last: dict[str, Fault] = {}

    def add(self, source: str, fault: Fault, text: str) -> None:
        """Warn of the first of a row of the same faults of one source; the others are for who looks closely."""
        level = logging.DEBUG if self._last.get(source) is fault else logging.WARNING
        self._last[source] = fault
        log.log(level, "%s: %s", self._key, text)

    def fault_from(self, error: Exception) -> FaultError:
        """Return the fault that an error is. One that no code expected is reported; on the loop."""
        while isinstance(error, ExceptionGroup):  # of tasks that end together
            error = error.exceptions[0]
        if isinstance(error, FaultError):
            return error
        report(error, f"The connection to {self._key}")
        return FaultError(Fault.CUT_OFF, type(error).__name__)

    def reset(self) -> None:
        """All was well: what comes now is news."""
        self._last.clear()
