"""Tasks with an owner, who cancels and awaits them; no failure goes unnoticed.

Failures are reported to the loop's exception handler (`loop.UnexpectedErrors`): logged, shown once, and the program
goes on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from time import monotonic
from typing import Any, ParamSpec

Params = ParamSpec("Params")

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 60.0
"""Seconds before failed work is restarted, doubled with each failure, so that it cannot keep a core busy."""

STEADY = 10.0
"""Seconds of work without failure that reset the pause."""


class Tasks:
    """A group of tasks. One that fails is reported, and the others go on."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start a coroutine as a task."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)
        return task

    async def finish(self, within: float) -> None:
        """Wait up to `within` seconds for the tasks to end, then cancel them."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within)
        await self.stop()

    async def stop(self) -> None:
        """Cancel all tasks and wait until they have ended."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            report(error, "A task")


def report(error: BaseException, what: str) -> None:
    """Report an unexpected exception. `what` names the work that failed. Call on the loop."""
    asyncio.get_running_loop().call_exception_handler({"message": what, "exception": error})


async def keep_running(work: Callable[[], Awaitable[None]], what: str, first_pause: float = FIRST_PAUSE) -> None:
    """Repeat work until cancelled. A failure is reported, and the work is restarted after a pause."""
    pause = first_pause
    while True:
        began = monotonic()
        try:
            await work()
        except Exception as error:
            task = asyncio.current_task()
            if task and task.cancelling():  # raised instead of this task's CancelledError
                raise
            report(error, what)
            pause = first_pause if monotonic() - began > STEADY else pause
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


def guarded(callback: Callable[Params, None], what: str) -> Callable[Params, None]:
    """Wrap a callback for a library that would log an exception or end by it: it is reported instead."""

    @wraps(callback)
    def call(*args: Params.args, **kwargs: Params.kwargs) -> None:
        try:
            callback(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - any failure is reported
            report(error, what)

    return call


async def wait_for_first(*futures: asyncio.Future[Any], within: float | None = None) -> None:
    """Wait until one of the futures is done, at most `within` seconds."""
    await asyncio.wait(futures, timeout=within, return_when=asyncio.FIRST_COMPLETED)


async def cancel_and_wait(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait until it has ended. Raises the exception with which it failed.

    It is not awaited directly: if the caller is cancelled meanwhile, its CancelledError would be taken for the task's
    and be lost.
    """
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled() and (error := task.exception()):
        raise error
