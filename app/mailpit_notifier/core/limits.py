"""Burst limits: which messages get their own notification, and which are counted in a summary.

Pure: callers pass the time (seconds of a monotonic clock) and check again at `ends_at`. There is one BurstLimit per
server, so that the test suite of one server does not hide a single message of another.
"""

from collections import deque
from dataclasses import dataclass
from enum import Enum, auto


@dataclass(frozen=True, slots=True, kw_only=True)
class BurstTiming:
    """Limits of one server. All times are in seconds.

    `few` messages within `short` are announced one by one; the next one opens a burst. `some` within `long` is the same
    for a slow test suite, which never sends many at once. A burst ends after `quiet` without a message, or after
    `long_quiet` where the slow limit opened it.
    """

    few: int = 3
    short: float = 10.0
    some: int = 8
    long: float = 120.0
    quiet: float = 10.0
    long_quiet: float = 30.0


class Suppression(Enum):
    """Why a message did not get its own notification."""

    RULE = auto()
    PAUSED = auto()
    MUTED = auto()
    BURST = auto()
    AWAY = auto()


@dataclass(frozen=True, slots=True)
class SuppressionReason:
    """Why a message did not get its own notification; `rule` is the name of the rule that decided so."""

    why: Suppression
    rule: str = ""


class BurstLimit:
    """Count the recent messages of one server, and open and close its bursts."""

    def __init__(self, timing: BurstTiming = BurstTiming()) -> None:
        self._timing = timing
        self._times: deque[float] = deque(maxlen=max(timing.few, timing.some))
        self._quiet = timing.quiet
        self._last = 0.0
        self.open = False
        """Whether messages are counted in a summary now."""

    @property
    def ends_at(self) -> float:
        """When an open burst ends if no further message arrives."""
        return self._last + self._quiet

    def arrived(self, now: float) -> bool:
        """Record an arrival; return whether the message gets its own notification."""
        if not self.open:
            timing = self._timing
            is_fast = self._arrived_since(timing.few, now - timing.short)
            self.open = is_fast or self._arrived_since(timing.some, now - timing.long)
            self._quiet = timing.quiet if is_fast else timing.long_quiet
        self._times.append(now)
        self._last = now
        return not self.open

    def close(self) -> None:
        """End the burst. Earlier arrivals no longer count."""
        self.open = False
        self._times.clear()

    def _arrived_since(self, count: int, since: float) -> bool:
        return len(self._times) >= count and self._times[-count] > since
