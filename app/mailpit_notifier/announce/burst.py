"""The summary of one server's burst: ONE notification that counts, updated in place and without nagging.

The first and the last are of normal urgency; those between are low and at most one in `BETWEEN` seconds, because
desktops pop a replaced notification up again unless it is low. The policy of what opens and ends a burst is
core.policy's; here are its timers, on the loop.
"""

import asyncio
from collections.abc import Callable, Iterable

from mailpit_notifier.core.policy import Burst
from mailpit_notifier.mailpit.model import Message
from mailpit_notifier.notify.notice import Urgency

FIRST = 0.5
"""Seconds before the first summary, so that it does not begin with «1 new mail»."""

BETWEEN = 5.0
"""Seconds between two updates."""

Show = Callable[[int, Message, tuple[Message, ...], Urgency], None]
"""Called with the number so far, the newest mail, the mails not yet told of, and how urgent it is."""


class BurstSummary:
    """Counts while a burst is open."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self._limits = Burst()
        self._count = 0
        self._newest: Message | None = None  # of those that were told of
        self._untold: dict[str, Message] = {}
        self._due = 0.0  # when the next summary may be shown
        self._last_urgency: Urgency | None = None
        self._timer: asyncio.Handle | None = None
        self._fires = 0.0

    @property
    def open(self) -> bool:
        """Whether mails are counted here now."""
        return self._limits.open

    def arrived(self, message: Message) -> bool:
        """A mail has come; returns whether it is to be announced by itself. Otherwise it is counted."""
        now = asyncio.get_running_loop().time()
        if self.open and now >= self._limits.ends_at and not self._untold:
            self._close()
        if self._limits.arrived(now):
            return True
        self.add([message])
        return False

    def add(self, messages: Iterable[Message]) -> None:
        """Count these."""
        loop = asyncio.get_running_loop()
        if not self._count:
            self._due = loop.time() + FIRST
        for message in messages:
            self._count += 1
            self._untold[message.id] = message
        if self._timer is None or self._fires > max(self._due, loop.time()):
            self._look_again(max(self._due, loop.time()))

    def end(self) -> tuple[Message, ...]:
        """It is over, without a last word; returns what was not told of."""
        untold, self._untold = tuple(self._untold.values()), {}
        self._close()
        return untold

    def drop(self, ids: Iterable[str]) -> tuple[str, ...]:
        """These are gone; returns those of them that were still to be told of, and are not any more."""
        dropped = tuple(message_id for message_id in ids if self._untold.pop(message_id, None))
        self._count -= len(dropped)
        return dropped

    def stop(self) -> None:
        """Count no more; what was not told of is told of at the next start."""
        if self._timer:
            self._timer.cancel()

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        now, over = loop.time(), self._limits.ends_at
        if now >= over:
            # The last one is the number that stays: worth a look, unless the first said it already.
            if self._untold or self._last_urgency is Urgency.LOW:
                self._tell(Urgency.NORMAL)
            self._close()
            return
        if self._untold and now >= self._due:
            self._tell(Urgency.NORMAL if self._last_urgency is None else Urgency.LOW)
            self._due = now + BETWEEN
        self._look_again(min(self._due, over) if self._untold else over)

    def _look_again(self, when: float) -> None:
        self.stop()
        self._fires = when
        self._timer = asyncio.get_running_loop().call_at(when, self._tick)

    def _tell(self, urgency: Urgency) -> None:
        untold, self._untold = tuple(self._untold.values()), {}
        told = (self._newest,) if self._newest else ()
        self._newest = max((*reversed(untold), *told), key=lambda message: message.created)
        self._last_urgency = urgency
        self._show(self._count, self._newest, untold, urgency)

    def _close(self) -> None:
        self.stop()
        self._limits.close()
        self._timer = self._newest = self._last_urgency = None
        self._count = 0
