"""Run Sync while a server is connected: by a websocket, by polling, or by both.

A fault of REST beside a websocket is reported and repeated by Sync. Without one it means, sooner or later, that the
server is not connected; then Sync begins anew with a back-off of its own. Runs on the loop.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from time import monotonic

from mailpit_notifier.core.status import Link
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.runtime.tasks import cancel_and_wait, keep_running

from .live_updates import LiveUpdates
from .retry_policy import RetryPolicy
from .status_reporter import StatusReporter
from .sync import Sync
from .timing import TIMING, Timing

LOST_AFTER = 2
"""Polls that must fail in a row before the server counts as not connected: a proxy may fail once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowingCallbacks:
    """`beside` runs once at each start. `end(error)` ends the websocket. `lost(error)`: polling alone has failed."""

    beside: Callable[[], Coroutine[None, None, None]]
    end: Callable[[FaultError], None]
    lost: Callable[[FaultError], None]


class Following:
    """Runs one Sync from `start` to `stop`, over any number of websockets. `policy` is for polling without one."""

    def __init__(
        self,
        sync: Sync,
        live: LiveUpdates,
        reporter: StatusReporter,
        callbacks: FollowingCallbacks,
        policy: RetryPolicy,
        timing: Timing = TIMING,
    ) -> None:
        self._sync = sync
        self._live = live
        self._reporter = reporter
        self._callbacks = callbacks
        self.policy = policy
        self._timing = timing
        self._failed_polls = 0
        self._task: asyncio.Task[None] | None = None

    def __bool__(self) -> bool:
        """Whether it runs."""
        return self._task is not None

    def start(self) -> None:
        """Start, unless it runs."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop. Raises the exception with which it failed."""
        task, self._task = self._task, None
        if task:
            await cancel_and_wait(task)

    def hurry(self) -> None:
        """Repeat at once what failed in REST, unless the server asked for a pause."""
        if self._task and self._reporter.status.fault is not Fault.RATE_LIMITED:
            self._sync.retry()
            if self._reporter.status.link is Link.DISCONNECTED:
                self.policy.retry()

    def succeeded(self) -> None:
        """Note that REST works."""
        self._failed_polls = 0

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._callbacks.beside())
            tasks.create_task(keep_running(self._once, "Polling"))

    async def _once(self) -> None:
        began = monotonic()
        self._failed_polls = LOST_AFTER - 1  # before it has caught up, the first fault shows that it is not connected
        try:
            await self._sync.run(self._on_failed)
        except Exception as error:
            task = asyncio.current_task()
            if task and task.cancelling():
                raise
            found = self._reporter.faults.fault_from(error)
        self.policy.reset_if_steady(monotonic() - began)
        if self._live.is_open:
            self._callbacks.end(found)
        else:
            self._callbacks.lost(found)
        # Not longer for faults with Retry.LATE: there was an answer, and a proxy may fail for a while in any way.
        delay = self._timing.late_retry if found.fault is Fault.AUTH else self.policy.next()
        await self.policy.wait(max(delay, found.retry_after))

    def _on_failed(self, error: FaultError) -> None:
        """Handle a fault of REST. Raises it if it means that the server is not connected any more."""
        if self._live.is_open:
            self._reporter.snapshot_failed(error)
            return
        if error.fault is Fault.RATE_LIMITED:
            self._reporter.polling(error)
            return
        self._failed_polls += 1
        if self._failed_polls >= LOST_AFTER or error.fault is Fault.AUTH:
            raise error
