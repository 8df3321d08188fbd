"""Messages that do not get their own notification but are counted in another one.

- `BurstSummary` counts a burst of one server in ONE notification, which is updated in place. Desktops pop a replaced
  notification up again, so there are few versions (`update_times`), and the last one has the final number.
  core.limits decides when a burst starts and ends; the timers are here.
- `Bundle` collects the messages of one server that were missed or arrived during a pause. It keeps what the summary and
  the journal need: their IDs and some of the messages. A pause of a day may collect a hundred thousand.
- `PausedMessages` has one bundle per server while all notifications are paused, or those of the server are muted.
- `SmtpErrorNotices` counts the messages that Mailpit rejected (`error` events) in one notification. A client that
  retries again and again is worth one: the first error is shown at once, further ones update it while it is visible.
- `SuppressionLog` has the reason why a message got no notification of its own: the window shows it in the row.

Runs on the loop.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import nlargest
from itertools import islice

from mailpit_notifier.core.inbox import as_row
from mailpit_notifier.core.limits import BurstLimit, SuppressionReason
from mailpit_notifier.notify.notice import Key
from mailpit_notifier.protocol.events import Refused
from mailpit_notifier.protocol.model import Message

from .timing import Timing


def update_times(timing: Timing, *, can_update: bool) -> Iterator[float]:
    """Yield the seconds until each update of a notification with a count.

    The first comes while the notification is still on the screen, where that does not pop it up again.
    """
    if can_update:
        yield timing.on_screen
    pause = timing.between_updates
    while True:
        yield pause
        pause *= 2


Show = Callable[[int, Message | None, "Bundle"], None]
"""Called with the count so far, the newest message, and the messages not counted in an earlier version."""


class BurstSummary:
    """Count the messages of one server while a burst is open."""

    def __init__(self, show: Show, timing: Timing, can_update: Callable[[], bool]) -> None:
        self._show = show
        self._timing = timing
        self._can_update = can_update
        self._limits = BurstLimit(timing.burst)
        self._count = 0
        self._newest: Message | None = None  # of those that were shown
        self._unshown = Bundle(timing.kept_whole)
        self._due = 0.0  # when the next version may be shown
        self._pauses: Iterator[float] = iter(())
        self._timer: asyncio.Handle | None = None
        self._timer_at = 0.0

    @property
    def open(self) -> bool:
        """Whether messages are counted here now."""
        return self._limits.open

    def arrived(self, message: Message) -> bool:
        """Return whether a new message gets its own notification; otherwise it is counted here."""
        now = asyncio.get_running_loop().time()
        if self._limits.open and now >= self._limits.ends_at and not len(self._unshown):
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
            self._pauses = update_times(self._timing, can_update=self._can_update())
        before = len(self._unshown)
        self._unshown.add(messages)
        self._count += len(self._unshown) - before
        if self._timer is None or self._timer_at > max(self._due, loop.time()):
            self._schedule(max(self._due, loop.time()))

    def end(self) -> "Bundle":
        """End the burst without a last summary; return the messages that no summary has counted."""
        unshown = self._take_unshown()
        self._close()
        return unshown

    def drop(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Do not count these messages, if no summary has counted them yet; return the IDs of those dropped."""
        dropped = self._unshown.drop(ids)
        self._count -= len(dropped)
        return dropped

    def stop(self) -> None:
        """Cancel the next summary. Messages that no summary has counted are announced at the next start."""
        if self._timer:
            self._timer.cancel()

    def _on_timer(self) -> None:
        loop = asyncio.get_running_loop()
        now, end = loop.time(), self._limits.ends_at
        if len(self._unshown) and now >= min(self._due, end):
            self._show_summary()
            self._due = now + next(self._pauses)
        if now >= end:
            self._close()
        else:
            self._schedule(min(self._due, end) if len(self._unshown) else end)

    def _schedule(self, when: float) -> None:
        self.stop()
        self._timer_at = when
        self._timer = asyncio.get_running_loop().call_at(when, self._on_timer)

    def _show_summary(self) -> None:
        unshown = self._take_unshown()
        newest = [message for message in (unshown.newest, self._newest) if message]
        self._newest = max(newest, key=lambda message: message.created, default=None)
        self._show(self._count, self._newest, unshown)

    def _take_unshown(self) -> "Bundle":
        unshown, self._unshown = self._unshown, Bundle(self._timing.kept_whole)
        return unshown

    def _close(self) -> None:
        self.stop()
        self._limits.close()
        self._timer = self._newest = None
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
            self._whole[message.id] = as_row(message)
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
        if not self._ids:
            return ()
        dropped = tuple(message_id for message_id in ids if message_id in self._ids)
        for message_id in dropped:
            del self._ids[message_id]
            self._whole.pop(message_id, None)
        return dropped


class PausedMessages:
    """Messages that arrived while notifications are paused, or while their server is muted: one bundle per server."""

    def __init__(self, kept_whole: int) -> None:
        self._kept_whole = kept_whole
        self._bundles: dict[str, Bundle] = {}
        self.active = False
        """Whether the notifications of all servers are paused now."""
        self.muted: frozenset[str] = frozenset()
        """The servers that are muted now, also during a pause."""

    def __len__(self) -> int:
        """Return the number of messages."""
        return sum(map(len, self._bundles.values()))

    def applies_to(self, server: str) -> bool:
        """Return whether the messages of a server are counted here now."""
        return self.active or server in self.muted

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

    def take(self, servers: Iterable[str]) -> dict[str, Bundle]:
        """Remove the bundles of these servers, and return those that are not empty."""
        taken = {server: self._bundles.pop(server) for server in servers if server in self._bundles}
        return {server: bundle for server, bundle in taken.items() if len(bundle)}


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
        self._pauses: Iterator[float] = iter(())
        self._are_logins = False
        self._timer: asyncio.TimerHandle | None = None

    def add(self, error: Refused) -> None:
        """Count an error; show it now, or with the next update. Rejected messages and log-ins are counted apart."""
        now = asyncio.get_running_loop().time()
        forgotten = not self._count or now - self._last > self._timing.errors_forgotten
        if forgotten or error.is_login is not self._are_logins:
            self.reset()
            self._are_logins = error.is_login
            self._pauses = update_times(self._timing, can_update=True)  # elsewhere, updates are skipped
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
            self._timer = asyncio.get_running_loop().call_later(next(self._pauses), self._update)


MAX_REASONS = 2_000
"""Messages whose reason is kept."""


class SuppressionLog:
    """Reasons by message; the oldest are forgotten."""

    def __init__(self) -> None:
        self._reasons: dict[Key, SuppressionReason] = {}

    def set(self, key: Key, reason: SuppressionReason) -> None:
        """Set the reason of a message."""
        self._reasons[key] = reason
        if len(self._reasons) > MAX_REASONS:
            for oldest in tuple(islice(self._reasons, MAX_REASONS // 8)):  # a dict finds its first key slowly
                del self._reasons[oldest]

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
