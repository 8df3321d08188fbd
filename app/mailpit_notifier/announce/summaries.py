"""The summary of one server's burst: ONE notification that counts, updated in place and without nagging.

The first and the last are of normal urgency; those between are low and at most one in `BETWEEN` seconds, because
desktops pop a replaced notification up again unless it is low. The policy of what opens and ends a burst is
core.policy's; here are its timers, on the loop.

Messages that are not announced by themselves but counted in one summary: those of a pause, and those of a gap.

What is kept of them is what that summary and the journal need: their IDs and the newest as a whole. A day's pause may
hold a hundred thousand.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import nlargest

from mailpit_notifier.core.limits import BurstLimit
from mailpit_notifier.notify.notice import Urgency
from mailpit_notifier.protocol.model import Message

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
        self._limits = BurstLimit()
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


LAST = 1_000
"""Messages that are kept as a whole: the newest that is still there is among them, unless all of these were deleted."""

MOST = 100_000
"""Messages of a gap that are kept by their ID, 17 MB; more are only counted: a server may list new ones for ever."""


class Bundle:
    """Messages of one server."""

    def __init__(self) -> None:
        self._ids: dict[str, None] = {}
        self._whole: dict[str, Message] = {}
        self._counted = 0  # whose IDs are not kept

    def __len__(self) -> int:
        """How many messages."""
        return len(self._ids) + self._counted

    def __iter__(self) -> Iterator[str]:
        """Their IDs."""
        return iter(self._ids)

    @property
    def newest(self) -> Message | None:
        """The newest; None while there is none, or none that is known."""
        return max(reversed(self._whole.values()), key=lambda message: message.created, default=None)

    @property
    def whole(self) -> tuple[Message, ...]:
        """Those that are kept as a whole."""
        return tuple(self._whole.values())

    def add(self, messages: Iterable[Message]) -> None:
        """Keep these; each once."""
        for message in messages:
            self._ids[message.id] = None
            self._whole[message.id] = message
            if len(self._whole) > 2 * LAST:
                self._whole = {one.id: one for one in nlargest(LAST, self._whole.values(), key=lambda one: one.created)}

    def count(self, messages: int) -> None:
        """There are so many more."""
        self._counted += messages

    def take(self, other: "Bundle") -> None:
        """Keep those of another bundle, too."""
        ids = dict.fromkeys(other)
        self._ids |= ids
        self._counted += len(other) - len(ids)
        self.add(other.whole)

    def drop(self, ids: Iterable[str]) -> tuple[str, ...]:
        """These are gone; returns those of them that were held."""
        dropped = tuple(message_id for message_id in ids if message_id in self._ids)
        for message_id in dropped:
            del self._ids[message_id]
            self._whole.pop(message_id, None)
        return dropped


class PausedMessages:
    """Bundles by their server."""

    def __init__(self) -> None:
        self._bundles: dict[str, Bundle] = {}

    def __len__(self) -> int:
        """How many messages."""
        return sum(map(len, self._bundles.values()))

    @property
    def newest(self) -> tuple[str, Message] | None:
        """The newest of all, with its server; None while there is none, or none that is known."""
        newest = [(server, message) for server, bundle in self._bundles.items() if (message := bundle.newest)]
        return max(reversed(newest), key=lambda item: item[1].created, default=None)

    @property
    def bundles(self) -> Mapping[str, Bundle]:
        """Those that are not empty."""
        return {server: bundle for server, bundle in self._bundles.items() if len(bundle)}

    def of(self, server: str) -> Bundle:
        """The bundle of a server."""
        return self._bundles.setdefault(server, Bundle())

    def forget(self, server: str) -> None:
        """Keep no more of a server's messages."""
        self._bundles.pop(server, None)
