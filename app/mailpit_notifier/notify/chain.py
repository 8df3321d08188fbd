"""Several ways of showing notices as one: the best that works, for each notice anew.

Asked each time because a notification service may come later than we do, or go.
"""

import asyncio
from collections.abc import Awaitable, Sequence

from mailpit_notifier.tasks import report

from .notice import Key, Notice, Notifier


class Chain(Notifier):
    """Shows a notice in the first of `ways` that takes it, and besides that in every one of `also`.

    One that raises has not taken it.
    """

    def __init__(self, ways: Sequence[Notifier], also: Sequence[Notifier] = ()) -> None:
        self._ways = tuple(ways)
        self._also = tuple(also)

    async def start(self) -> bool:
        """Get all of them ready; False when none is to be had."""
        return any(await asyncio.gather(*(_tried(way.start()) for way in (*self._ways, *self._also))))

    async def show(self, notice: Notice) -> bool:
        """True when any way has taken it."""
        taken = [await _tried(way.show(notice)) for way in self._also]
        for way in self._ways:
            if await _tried(way.show(notice)):
                return True
        return any(taken)

    def shows(self, key: Key) -> bool:
        """Whether any of them does."""
        return any(way.shows(key) for way in (*self._ways, *self._also))

    async def withdraw(self, key: Key) -> None:
        """Withdraw it from all: which one showed it does not matter."""
        for way in (*self._ways, *self._also):
            await _tried(way.withdraw(key))

    async def stop(self) -> None:
        """Stop all at once."""
        await asyncio.gather(*(_tried(way.stop()) for way in (*self._ways, *self._also)))


async def _tried(work: Awaitable[bool | None]) -> bool:
    try:
        return bool(await work)
    except Exception as error:  # noqa: BLE001 - a way that fails must not take the others with it
        report(error, "A way of notifying")
        return False
