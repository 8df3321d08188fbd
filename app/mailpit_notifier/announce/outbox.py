"""The queue of notices on their way to the desktop. They are shown one after the other; the messages that a notice
announces are recorded once the desktop has taken it.

Apart from the announcer, which decides what is shown. Runs on the loop.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from mailpit_notifier.notify.notice import Key, Notice, Notifier
from mailpit_notifier.runtime.tasks import keep_running, report


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A queued notice.

    `announces` are the IDs, by server, of the messages that it shows or counts. An `update` is dropped if the user has
    closed the notification. `on_shown` is called after the notifier's answer, also if it failed.
    """

    notice: Notice
    announces: Mapping[str, Iterable[str]] = field(default_factory=dict)
    update: bool = False
    on_shown: Callable[[], None] = lambda: None


class Outbox:
    """Show queued notices in order. `announced(server, ids)` is called with the messages of each shown notice.

    `stop_timeout` is in seconds: how long `stop` waits for the desktop's answer.
    """

    def __init__(
        self, notifier: Notifier, announced: Callable[[str, Iterable[str]], None], *, stop_timeout: float
    ) -> None:
        self._notifier = notifier
        self._announced = announced
        self._stop_timeout = stop_timeout
        self._queue: asyncio.Queue[Outgoing | Key | Callable[[], None]] = asyncio.Queue()

    def put(self, outgoing: Outgoing) -> None:
        """Queue a notice."""
        self._queue.put_nowait(outgoing)

    def withdraw(self, key: Key) -> None:
        """Queue the withdrawal of a notice, which may itself be in the queue."""
        self._queue.put_nowait(key)

    def call_after(self, callback: Callable[[], None]) -> None:
        """Queue a callback: it runs when all earlier notices have been shown."""
        self._queue.put_nowait(callback)

    async def run(self) -> None:
        """Show notices until cancelled. One that fails is reported and skipped."""
        try:
            await self._notifier.start()
        except Exception as error:  # noqa: BLE001 - of a back end: it may show a notice all the same
            report(error, "The start of notifications")
        await keep_running(self._next, "A notification", first_pause=0)

    async def stop(self) -> None:
        """Empty the queue and wait for the answer to the notice in flight, so that a restart does not repeat it."""
        while not self._queue.empty():
            self._queue.get_nowait()
            self._queue.task_done()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._stop_timeout):
                await self._queue.join()

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

    async def _show(self, outgoing: Outgoing) -> None:
        if outgoing.update and not self._notifier.shows(outgoing.notice.key):
            return
        if await self._notifier.show(outgoing.notice):
            for server, ids in outgoing.announces.items():
                self._announced(server, ids)
        outgoing.on_shown()
