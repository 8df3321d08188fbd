"""Coroutines with an owner: each is ended by its owner, and none fails unnoticed.

What fails is reported to the loop's exception handler (`unforeseen`): logged, shown once, and the program goes on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from time import monotonic
from typing import Any, ParamSpec

Params = ParamSpec("Params")

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 60.0
"""Seconds before work that failed begins anew; doubled from failure to failure, so that it cannot keep a core busy."""

STEADY = 10.0
"""Seconds that work must have gone well for the next failure to be the first."""


class Tasks:
    """Coroutines that run until they end or the program does. One that fails is reported, and the others go on."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run a coroutine from now on."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)
        return task

    async def finish(self, within: float) -> None:
        """Give them `within` seconds to end, then stop them."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within)
        await self.stop()

    async def stop(self) -> None:
        """Cancel all and wait for their end."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            report(error, "A task")


def report(error: BaseException, what: str) -> None:
    """Report an exception that no code expected; on the loop. `what` failed."""
    asyncio.get_running_loop().call_exception_handler({"message": what, "exception": error})


async def keep_running(work: Callable[[], Awaitable[None]], what: str, first_pause: float = FIRST_PAUSE) -> None:
    """Do work again and again until cancelled. A failure is reported, and the work begins anew after a pause."""
    pause = first_pause
    while True:
        began = monotonic()
        try:
            await work()
        except Exception as error:
            task = asyncio.current_task()
            if task and task.cancelling():  # it was raised in the place of our own end
                raise
            report(error, what)
            pause = first_pause if monotonic() - began > STEADY else pause
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


def guarded(callback: Callable[Params, None], what: str) -> Callable[Params, None]:
    """Make a callback for a library that would log its failure, or end by it: the failure is reported instead."""

    @wraps(callback)
    def call(*args: Params.args, **kwargs: Params.kwargs) -> None:
        try:
            callback(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - any, see the top
            report(error, what)

    return call


async def wait_for_first(*futures: asyncio.Future[Any], within: float | None = None) -> None:
    """Wait until one of them is done, at most `within` seconds."""
    await asyncio.wait(futures, timeout=within, return_when=asyncio.FIRST_COMPLETED)


async def cancel_and_wait(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait for its end; raises what it failed with.

    Not by awaiting it: the cancellation of whoever waits here would be taken for the task's own, and be lost.
    """
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled() and (error := task.exception()):
        raise error
