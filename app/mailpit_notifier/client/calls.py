"""Make the blocking calls of `Rest` from the event loop: one worker thread per server, in order, with a time limit.

Rest itself limits single reads only: against a server that sends one byte at a time, that is no limit at all.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import TypeVar

from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.runtime.bridge import Worker, call_soon

from .rest import Rest
from .timing import TIMING, Timing
from .transport import Dial

Result = TypeVar("Result")


class Calls:
    """Runs calls one after the other. `name` becomes part of the thread's name."""

    def __init__(self, name: str, url: ServerUrl, dial: Dial, timing: Timing = TIMING) -> None:
        self._name = name
        self._dial = dial
        self._timing = timing
        self._url = url
        self._start()

    async def call(self, function: Callable[[Rest], Result]) -> Result:
        """Run a call in the thread. Raises FaultError: TIMEOUT after `Timing.queue` and `Timing.call`."""
        worker = self._worker
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timing.queue) as limit:

                def begun(rest: Rest) -> Result:
                    call_soon(loop, _reschedule, limit, loop, self._timing.call)
                    return function(rest)

                return await worker.call(begun, self._rest)
        except TimeoutError:
            if worker is self._worker:
                self.renew(self._url)
            raise FaultError(Fault.TIMEOUT, "a REST call did not end") from None

    def renew(self, url: ServerUrl) -> None:
        """Abandon the thread, with a call that hangs in it, and use another one with this address."""
        self.close()
        self._url = url
        self._start()

    def expire(self) -> None:
        """Make the next call over a new connection."""
        self._rest.expire()

    def drop(self) -> None:
        """Close the connection; the call in progress is repeated over a new one."""
        self._rest.drop()

    def close(self) -> None:
        """Abort the call in progress and end the thread, without waiting for it."""
        self._rest.abort()
        self._worker.stop(self._rest.close)

    def _start(self) -> None:
        self._rest = Rest(self._url, self._dial, timing=self._timing)
        self._worker = Worker(f"rest {self._name}")


def _reschedule(limit: asyncio.Timeout, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
    """Start the time limit of the call itself, once it has left the queue."""
    with contextlib.suppress(RuntimeError):  # it was cancelled
        limit.reschedule(loop.time() + seconds)
