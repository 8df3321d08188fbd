"""What is on its way to the desktop: one notice after the other, and what each announces is noted once it was shown.

Apart from the announcer, which decides what is said. Runs on the loop.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from mailpit_notifier.notify.notice import Key, Notice, Notifier
from mailpit_notifier.runtime.tasks import keep_running, report

FINISH = 0.1
"""Seconds that the end of the program waits for the desktop to answer; a notice without an answer comes again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A notice; `announces` are the IDs, by server, of the mails that it tells of.

    An `update` is dropped where the notice was closed. `afterwards` is called when the desktop has it.
    """

    notice: Notice
    announces: Mapping[str, Iterable[str]] = field(default_factory=dict)
    update: bool = False
    afterwards: Callable[[], None] = lambda: None


class Outbox:
    """Shows what was put here. `announced(server, ids)` is called with what a shown notice announces."""

    def __init__(self, notifier: Notifier, announced: Callable[[str, Iterable[str]], None]) -> None:
        self._notifier = notifier
        self._announced = announced
        self._queue: asyncio.Queue[Outgoing | Key | Callable[[], None]] = asyncio.Queue()

    def put(self, outgoing: Outgoing) -> None:
        """Show this after what was put here before."""
        self._queue.put_nowait(outgoing)

    def withdraw(self, key: Key) -> None:
        """Take a notice back, also one that is still to be shown."""
        self._queue.put_nowait(key)

    def afterwards(self, done: Callable[[], None]) -> None:
        """Call this when all that was put here before has been shown."""
        self._queue.put_nowait(done)

    async def run(self) -> None:
        """Show what is to be shown, in order, for ever. One that fails is lost to this run, and no other is."""
        try:
            await self._notifier.start()
        except Exception as error:  # noqa: BLE001 - of a back end: it may work for a notice all the same
            report(error, "The start of notifications")
        await keep_running(self._next, "A notification", first_pause=0)

    async def _next(self) -> None:
        item = await self._queue.get()
        try:
            if isinstance(item, Outgoing):
                await self._show(item)
            elif callable(item):
                item()
            else:
                await self._notifier.withdraw(item)
        finally:
            self._queue.task_done()

    async def stop(self) -> None:
        """Begin no other notice, and wait for the answer to the one on its way, so that it is not shown again."""
        while not self._queue.empty():
            self._queue.get_nowait()
            self._queue.task_done()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FINISH):
                await self._queue.join()

    async def _show(self, outgoing: Outgoing) -> None:
        if outgoing.update and not self._notifier.shows(outgoing.notice.key):
            return
        if await self._notifier.show(outgoing.notice):
            for server, ids in outgoing.announces.items():
                self._announced(server, ids)
        outgoing.afterwards()
