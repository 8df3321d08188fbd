"""Retry policy for one server: exponential back-off with jitter, without end; and the log of its faults.

A server may be unreachable for days, so the log has the first of equal faults as a warning and the others at DEBUG.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Iterator

from mailpit_notifier.protocol.faults import Fault, FaultError, Retry
from mailpit_notifier.runtime.tasks import report

from .timing import TIMING, Timing

log = logging.getLogger(__name__)


def delays(first: float, longest: float, dice: Callable[[], float]) -> Iterator[float]:
    """Yield seconds to wait: `first`, doubled each time up to `longest`, each times 0.75 to 1.25.

    `dice` returns numbers from 0 to 1. The jitter keeps clients from retrying in step.
    """
    delay = first
    while True:
        yield min(delay, longest) * (0.75 + dice() / 2)
        delay = min(delay * 2, longest)


class RetryPolicy:
    """When to retry one server. `local`: it is on this machine, as far as is known."""

    def __init__(self, *, local: bool, timing: Timing = TIMING) -> None:
        self._local = local
        self._timing = timing
        self._now = asyncio.Event()
        self.reset()

    @property
    def local(self) -> bool:
        """Whether the server is on this machine, as far as is known."""
        return self._local

    def set_local(self) -> None:
        """Use the shorter delays from now on: the name resolved to this machine (shop.ddev.site)."""
        if not self._local:
            self._local = True
            self.reset()

    def reset(self) -> None:
        """Start again with the first delay."""
        longest = self._timing.longest_local_retry if self._local else self._timing.longest_retry
        self._delays = delays(self._timing.first_retry, longest, random.random)

    def reset_if_steady(self, seconds: float) -> bool:
        """Reset if a connection lasted longer than `Timing.steady`; return whether it did."""
        if steady := seconds > self._timing.steady:
            self.reset()
        return steady

    def delay(self, fault: Fault) -> float:
        """Return the seconds to wait after this fault."""
        return self.next() if fault.retry is Retry.SOON else self._timing.late_retry

    def next(self) -> float:
        """Return the next delay of the back-off, in seconds."""
        return next(self._delays)

    def retry(self) -> None:
        """End the current wait, or the next one: an attempt in progress may use a password that is no longer right."""
        self._now.set()

    async def wait(self, seconds: float) -> None:
        """Wait so many seconds, or until `retry`."""
        log.debug("Next attempt after %.3g s", seconds)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._now.wait()
        self._now.clear()


class FaultLog:
    """Logs the faults of one server. `key` is its base URL."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._last: dict[str, Fault] = {}

    def add(self, source: str, fault: Fault, text: str) -> None:
        """Log a fault: at WARNING if the last one from this `source` was another, else at DEBUG."""
        level = logging.DEBUG if self._last.get(source) is fault else logging.WARNING
        self._last[source] = fault
        log.log(level, "%s: %s", self._key, text)

    def fault_from(self, error: Exception) -> FaultError:
        """Return an exception as a fault, and report one that is unexpected. Call on the loop."""
        while isinstance(error, ExceptionGroup):  # from a TaskGroup
            error = error.exceptions[0]
        if isinstance(error, FaultError):
            return error
        report(error, f"The connection to {self._key}")
        return FaultError(Fault.CUT_OFF, type(error).__name__)

    def reset(self) -> None:
        """Log the next fault at WARNING again: there was a steady connection in between."""
        self._last.clear()
