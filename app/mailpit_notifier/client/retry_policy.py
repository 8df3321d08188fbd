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

from .timing import Timing

FIRST, LONGEST, LONGEST_LOCAL = 1.0, 60.0, 5.0
"""Seconds. Local servers are stopped and started all day, and asking them costs nothing."""


def delays(longest: float, dice: Callable[[], float], first: float | None = None) -> Iterator[float]:
    """Seconds to wait: 1, 2, 4 … `longest`, each times 0.75 to 1.25. `dice` gives numbers from 0 to 1."""
    delay = FIRST if first is None else first
    while True:
        yield min(delay, longest) * (0.75 + dice() / 2)
        delay = min(delay * 2, longest)


STEADY = 10.0
"""Seconds a connection must have lasted for the next failure to start the back-off anew."""


class RetryPolicy:
    """`local`: the server is on this machine, as far as we know."""

    def __init__(self, *, local: bool, timing: Timing | None = None) -> None:
        self._local = local
        self._timing = timing
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
        if timing := self._timing:
            longest = timing.longest_local_retry if self._local else timing.longest_retry
            self._delays = delays(longest, random.random, timing.first_retry)
        else:
            self._delays = delays(LONGEST_LOCAL if self._local else LONGEST, random.random)

    def lasted(self, seconds: float) -> bool:
        """A connection lasted so long; whether that was long enough to begin anew."""
        if steady := seconds > STEADY:
            self.begin_anew()
        return steady

    def delay(self, fault: Fault) -> float:
        """Seconds from this failure to the next try."""
        late = self._timing.late_retry if self._timing else LONGEST
        return self.next() if fault.retry is Retry.SOON else late

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

    def begin_anew(self) -> None:
        """All was well: what comes now is news."""
        self._last.clear()
