"""Messages that do not get their own notification but are counted in another one.

- `BurstSummary` counts a burst of one server in ONE notification, which is updated in place. Its first and last version
  have normal urgency; those in between have low urgency and come at most every `timing.between_summaries` seconds,
  because desktops pop a replaced notification up again unless its urgency is low. core.limits decides when a burst
  starts and ends; the timers are here.
- `Bundle` collects the messages of one server that were missed or arrived during a pause. It keeps what the summary and
  the journal need: their IDs and some of the messages. A pause of a day may collect a hundred thousand.
- `PausedMessages` has one bundle per server while notifications are paused.
- `SmtpErrorNotices` counts the messages that Mailpit rejected (`error` events) in one notification. A client that
  retries again and again is worth one: the first error is shown at once, further ones update it quietly, at most once
  in `timing.between_errors` seconds.
- `SuppressionLog` has the reason why a message got no notification of its own: the window shows it in the row.

Runs on the loop.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import nlargest

from mailpit_notifier.core.limits import BurstLimit, SuppressionReason
from mailpit_notifier.notify.notice import Key, Urgency
from mailpit_notifier.protocol.events import Refused
from mailpit_notifier.protocol.model import Message

from .timing import Timing

Show = Callable[[int, Message, tuple[Message, ...], Urgency], None]
"""Called with the count so far, the newest message, the messages not counted in an earlier version, and the urgency."""


class BurstSummary:
    """Count the messages of one server while a burst is open."""

    def __init__(self, show: Show, timing: Timing) -> None:
        self._show = show
        self._timing = timing
        self._limits = BurstLimit(timing.burst)
        self._count = 0
        self._newest: Message | None = None  # of those that were shown
        self._unshown: dict[str, Message] = {}
        self._due = 0.0  # when the next version may be shown
        self._last_urgency: Urgency | None = None
        self._timer: asyncio.Handle | None = None
        self._timer_at = 0.0

    @property
    def open(self) -> bool:
        """Whether messages are counted here now."""
        return self._limits.open

    def arrived(self, message: Message) -> bool:
        """Return whether a new message gets its own notification; otherwise it is counted here."""
        now = asyncio.get_running_loop().time()
        if self.open and now >= self._limits.ends_at and not self._unshown:
            self._close()
        if self._limits.arrived(now):
            return True
        self.add([message])
        return False

    def add(self, messages: Iterable[Message]) -> None:
        """Count these messages."""
        loop = asyncio.get_running_loop()
        if not self._count:
            self._due = loop.time() + self._timing.first_summary
        for message in messages:
            self._count += 1
            self._unshown[message.id] = message
        if self._timer is None or self._timer_at > max(self._due, loop.time()):
            self._schedule(max(self._due, loop.time()))

    def end(self) -> tuple[Message, ...]:
        """End the burst without a last summary; return the messages that no summary has counted."""
        unshown, self._unshown = tuple(self._unshown.values()), {}
        self._close()
        return unshown

    def drop(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Do not count these messages, if no summary has counted them yet; return the IDs of those dropped."""
        dropped = tuple(message_id for message_id in ids if self._unshown.pop(message_id, None))
        self._count -= len(dropped)
        return dropped

    def stop(self) -> None:
        """Cancel the next summary. Messages that no summary has counted are announced at the next start."""
        if self._timer:
            self._timer.cancel()

    def _on_timer(self) -> None:
        loop = asyncio.get_running_loop()
        now, end = loop.time(), self._limits.ends_at
        if now >= end:
            # The last version has the final number, so it pops up, unless the first one showed that number already.
            if self._unshown or self._last_urgency is Urgency.LOW:
                self._show_summary(Urgency.NORMAL)
            self._close()
            return
        if self._unshown and now >= self._due:
            self._show_summary(Urgency.NORMAL if self._last_urgency is None else Urgency.LOW)
            self._due = now + self._timing.between_summaries
        self._schedule(min(self._due, end) if self._unshown else end)

    def _schedule(self, when: float) -> None:
        self.stop()
        self._timer_at = when
        self._timer = asyncio.get_running_loop().call_at(when, self._on_timer)

    def _show_summary(self, urgency: Urgency) -> None:
        unshown, self._unshown = tuple(self._unshown.values()), {}
        shown = (self._newest,) if self._newest else ()
        self._newest = max((*reversed(unshown), *shown), key=lambda message: message.created)
        self._last_urgency = urgency
        self._show(self._count, self._newest, unshown, urgency)

    def _close(self) -> None:
        self.stop()
        self._limits.close()
        self._timer = self._newest = self._last_urgency = None
        self._count = 0


MAX_IDS = 100_000
"""Missed messages whose ID is kept (17 MB); more are only counted: a faulty server may list new ones for ever."""


class Bundle:
    """Messages of one server. At most twice `kept_whole` of them are kept in full."""

    def __init__(self, kept_whole: int) -> None:
        self._kept_whole = kept_whole
        self._ids: dict[str, None] = {}
        self._whole: dict[str, Message] = {}
        self._only_counted = 0

    def __len__(self) -> int:
        """Return the number of messages, including those that are only counted."""
        return len(self._ids) + self._only_counted

    def __iter__(self) -> Iterator[str]:
        """Iterate over the IDs that are kept."""
        return iter(self._ids)

    @property
    def newest(self) -> Message | None:
        """The newest message, None if there is none, or none that is kept in full."""
        return max(reversed(self._whole.values()), key=lambda message: message.created, default=None)

    @property
    def whole(self) -> tuple[Message, ...]:
        """The messages that are kept in full."""
        return tuple(self._whole.values())

    def add(self, messages: Iterable[Message]) -> None:
        """Add messages. One that is here already is not counted twice."""
        for message in messages:
            self._ids[message.id] = None
            self._whole[message.id] = message
            if len(self._whole) > 2 * self._kept_whole:
                newest = nlargest(self._kept_whole, self._whole.values(), key=lambda one: one.created)
                self._whole = {one.id: one for one in newest}

    def count(self, messages: int) -> None:
        """Count so many more messages without keeping them."""
        self._only_counted += messages

    def merge(self, other: "Bundle") -> None:
        """Add the messages of another bundle."""
        ids = dict.fromkeys(other)
        self._ids |= ids
        self._only_counted += len(other) - len(ids)
        self.add(other.whole)

    def drop(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Remove these messages; return the IDs of those that were here."""
        dropped = tuple(message_id for message_id in ids if message_id in self._ids)
        for message_id in dropped:
            del self._ids[message_id]
            self._whole.pop(message_id, None)
        return dropped


class PausedMessages:
    """Messages that arrived while notifications are paused, as one bundle per server."""

    def __init__(self, kept_whole: int) -> None:
        self._kept_whole = kept_whole
        self._bundles: dict[str, Bundle] = {}
        self.active = False
        """Whether notifications are paused now."""

    def __len__(self) -> int:
        """Return the number of messages."""
        return sum(map(len, self._bundles.values()))

    @property
    def newest(self) -> tuple[str, Message] | None:
        """The newest message of all and its server, None if there is none, or none that is kept in full."""
        newest = [(server, message) for server, bundle in self._bundles.items() if (message := bundle.newest)]
        return max(reversed(newest), key=lambda item: item[1].created, default=None)

    @property
    def bundles(self) -> Mapping[str, Bundle]:
        """The bundles that are not empty, by server."""
        return {server: bundle for server, bundle in self._bundles.items() if len(bundle)}

    def of(self, server: str) -> Bundle:
        """Return the bundle of a server."""
        return self._bundles.setdefault(server, Bundle(self._kept_whole))

    def remove_server(self, server: str) -> None:
        """Remove the messages of a server."""
        self._bundles.pop(server, None)

    def clear(self) -> None:
        """Remove all messages."""
        self._bundles.clear()


ShowError = Callable[[Refused, int, bool], None]
"""Called with the last error, the number of errors, and whether this updates a shown notification."""


class SmtpErrorNotices:
    """Count the SMTP errors of one server."""

    def __init__(self, show: ShowError, timing: Timing) -> None:
        self._show = show
        self._timing = timing
        self._count = 0
        self._unshown: Refused | None = None
        self._last = 0.0
        self._are_logins = False
        self._timer: asyncio.TimerHandle | None = None

    def add(self, error: Refused) -> None:
        """Count an error; show it now, or with the next update. Rejected messages and log-ins are counted apart."""
        now = asyncio.get_running_loop().time()
        if now - self._last > self._timing.errors_forgotten or error.is_login is not self._are_logins:
            self._count, self._are_logins = 0, error.is_login
        self._last = now
        self._count += 1
        self._unshown = error
        if self._timer is None:
            self._update()

    def stop(self) -> None:
        """Cancel the next update."""
        if self._timer:
            self._timer.cancel()
        self._timer = None

    def reset(self) -> None:
        """Cancel the next update and count from 1 again."""
        self.stop()
        self._count, self._unshown = 0, None

    def _update(self) -> None:
        self._timer = None
        if self._unshown:
            self._show(self._unshown, self._count, self._count > 1)
            self._unshown = None
            self._timer = asyncio.get_running_loop().call_later(self._timing.between_errors, self._update)


MAX_REASONS = 2_000
"""Messages whose reason is kept."""


class SuppressionLog:
    """Reasons by message; the oldest are forgotten."""

    def __init__(self) -> None:
        self._reasons: OrderedDict[Key, SuppressionReason] = OrderedDict()

    def set(self, key: Key, reason: SuppressionReason) -> None:
        """Set the reason of a message."""
        self._reasons[key] = reason
        if len(self._reasons) > MAX_REASONS:
            self._reasons.popitem(last=False)

    def get(self, key: Key) -> SuppressionReason | None:
        """Return the reason of a message, None where it is not known."""
        return self._reasons.get(key)

    def remove(self, key: Key) -> None:
        """Remove a message: it gets its own notification after all."""
        self._reasons.pop(key, None)

    def remove_server(self, server: str) -> None:
        """Remove all messages of a server."""
        for key in [key for key in self._reasons if key[0] == server]:
            del self._reasons[key]
