"""A server's REST calls from the loop: one worker thread, in order, each bounded as a whole.

Apart from rest.py, which blocks and bounds single reads only, and from the session, which decides what to ask.
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
    """Runs calls one after the other. `name` is for the thread's name."""

    def __init__(self, name: str, url: ServerUrl, dial: Dial, timing: Timing = TIMING) -> None:
        self._name = name
        self._dial = dial
        self._timing = timing
        self._url = url
        self._start()

    async def call(self, function: Callable[[Rest], Result]) -> Result:
        """Run a call in the thread. Raises FaultError."""
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
        """Go on with another address, or after a call that hangs: its thread is abandoned."""
        self.close()
        self._url = url
        self._start()

    def expire(self) -> None:
        """Make the next call over a new connection."""
        self._rest.expire()

    def drop(self) -> None:
        """Make the next call over a new connection, and the one that is under way again."""
        self._rest.drop()

    def close(self) -> None:
        """Wake the call that is under way, and let thread and connection go. Nobody waits for them."""
        self._rest.abort()
        self._worker.stop(self._rest.close)

    def _start(self) -> None:
        self._rest = Rest(self._url, self._dial, timing=self._timing)
        self._worker = Worker(f"rest {self._name}")


def _reschedule(limit: asyncio.Timeout, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
    """The call has begun: its own time counts from now."""
    with contextlib.suppress(RuntimeError):  # nobody waits for it any more
        limit.reschedule(loop.time() + seconds)
