"""Asking a server again and again, where nothing tells us: goes on by itself, however often that fails.

Apart from the session, which goes on trying for live updates meanwhile, at its own pace. Runs on the loop.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from time import monotonic

from mailpit_notifier.tasks import persist

from .patience import Patience


class Polling:
    """`poll` asks until it raises. `failed(error)` is then called, on the loop."""

    def __init__(self, poll: Callable[[], Awaitable[None]], failed: Callable[[Exception], None]) -> None:
        self._poll = poll
        self._failed = failed
        self._task: asyncio.Task[None] | None = None

    def __bool__(self) -> bool:
        """Whether it is under way."""
        return self._task is not None

    def start(self, *, local: bool) -> None:
        """Ask from now on, unless it is under way; after a fault ever more patiently, as `Patience` has it."""
        if self._task is None:
            once = partial(self._once, Patience(local=local))
            self._task = asyncio.create_task(persist(once, "Polling"))

    def stop(self) -> None:
        """Ask no more."""
        task, self._task = self._task, None
        if task:
            task.cancel()

    async def _once(self, patience: Patience) -> None:
        began = monotonic()
        try:
            await self._poll()
        except Exception as error:  # noqa: BLE001 - `failed` tells of it, and asking must go on
            self._failed(error)
        patience.lasted(monotonic() - began)
        await patience.wait(patience.next())
