"""Coroutines that somebody owns: each has one who ends it, and none fails unheard."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Tasks:
    """Coroutines that run until they end or the program does. One that fails is logged, and the others go on."""

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
            log.error("A task failed", exc_info=error)


async def first_of(*futures: asyncio.Future[Any], within: float | None = None) -> None:
    """Wait until one of them is done, at most `within` seconds."""
    await asyncio.wait(futures, timeout=within, return_when=asyncio.FIRST_COMPLETED)


async def stopped(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait for its end; raises what it failed with.

    Not by awaiting it: the cancellation of whoever waits here would be taken for the task's own, and be lost.
    """
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled() and (error := task.exception()):
        raise error
