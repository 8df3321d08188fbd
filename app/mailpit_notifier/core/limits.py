"""Which mail gets a notification of its own, and which is counted in a summary: calm in a burst of thousands.

Pure: the caller says what time it is (seconds of a monotonic clock) and looks again when `ends_at` has come. Limits are
per server, because one's test suite must not bury another's single mail.
"""

from collections import deque
from dataclasses import dataclass
from enum import Enum, auto

FEW, SHORT = 3, 10.0
"""So many mails within so many seconds are announced one by one; the next one opens a burst."""

SOME, LONG = 8, 120.0
"""The same for a slow test suite, which never sends many at once."""

QUIET, LONG_QUIET = 10.0, 30.0
"""Seconds without mail that end a burst; the longer ones where the slow limit opened it."""


class Suppression(Enum):
    """Why a mail got no notification of its own."""

    RULE = auto()
    PAUSED = auto()
    BURST = auto()
    AWAY = auto()


@dataclass(frozen=True, slots=True)
class SuppressionReason:
    """Why, and by which rule."""

    why: Suppression
    rule: str = ""


class BurstLimit:
    """The limits of one server."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=max(FEW, SOME))
        self._quiet = QUIET
        self._last = 0.0
        self.open = False
        """Whether mails are counted in a summary now."""

    @property
    def ends_at(self) -> float:
        """When an open burst is over, if nothing comes until then."""
        return self._last + self._quiet

    def arrived(self, now: float) -> bool:
        """A mail has come; returns whether it is announced by itself."""
        if not self.open:
            fast = self._came(FEW, now - SHORT)
            self.open = fast or self._came(SOME, now - LONG)
            self._quiet = QUIET if fast else LONG_QUIET
        self._times.append(now)
        self._last = now
        return not self.open

    def close(self) -> None:
        """The burst is over: mails are announced one by one again, and what came before does not count."""
        self.open = False
        self._times.clear()

    def _came(self, count: int, since: float) -> bool:
        """Whether the last so many mails all came after a moment."""
        return len(self._times) >= count and self._times[-count] > since
