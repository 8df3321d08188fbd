"""Can a session rely on its websocket, or must it poll as well?

That a websocket is open proves nothing: a proxy may cut each one after a few seconds, pass nothing on, or keep frames
back. Nor does silence: servers of 2023 send neither counts nor pongs. So a session polls beside a websocket

- from the second one in a row that was cut early, until one has lasted `Timing.steady`;
- while it is silent: before its first frame, and from a ping without an answer to the next frame;
- for good when polls have twice found a message whose frame did not come within `Timing.frame_late`.

Runs on the loop.
"""

import asyncio
from collections.abc import Callable
from time import monotonic

from mailpit_notifier.protocol.faults import Fault, FaultError

from .timing import TIMING, Timing

CUTS = 2
"""Websockets in a row that are cut early before polling starts. One is nothing: Mailpit may have been restarted."""

LATE = 2
"""Messages found late before the websocket is not relied on any more. Frames that were kept back may arrive all at once
after the first one."""


class LiveUpdates:
    """Judges the websockets of one session, one after the other. `changed` is called when the result may differ."""

    def __init__(
        self, changed: Callable[[], None], timing: Timing = TIMING, clock: Callable[[], float] = monotonic
    ) -> None:
        self._changed = changed
        self._timing = timing
        self._clock = clock
        self.is_open = False
        self._opened = self._heard = 0.0
        self._silent = False  # nothing was heard since it opened, or since a ping without an answer
        self._cuts = 0
        self._lasted = 0.0  # the last websocket that was cut early
        self._late = 0  # messages of this websocket
        self._is_behind = False  # a message was late, and nothing was heard since
        self._timers: dict[Callable[[], None], asyncio.TimerHandle] = {}

    @property
    def reliable(self) -> bool:
        """Whether polling is not needed."""
        return self.is_open and not self._silent and self._cuts < CUTS and self._late < LATE

    @property
    def keeps_polling(self) -> bool:
        """Whether polling goes on after the end of this websocket, because the next one is likely to be as bad."""
        lasted_silent = self._silent and self._clock() - self._opened > self._timing.steady
        return self._cuts >= CUTS or self._late > 0 or lasted_silent

    @property
    def fault(self) -> FaultError | None:
        """What is wrong with live updates, as far as it has had an effect; None if nothing is known to be wrong."""
        if self._cuts >= CUTS:
            return cut_early(self._lasted)
        return FaultError(Fault.SILENT) if self._is_behind or self._late >= LATE else None

    def opened(self) -> None:
        """Note that a websocket has opened."""
        self.is_open, self._silent, self._late, self._is_behind = True, True, 0, False
        self._opened = self._clock()
        self._start(self._on_steady, self._timing.steady)

    def heard(self) -> None:
        """Note a frame of any kind."""
        self._heard = self._clock()
        if self._late:
            self._start(self._on_quiet, self._timing.polling)
        if self._silent:
            self._silent = self._is_behind = False
            self._stop(self._on_late)
            self._changed()

    def unanswered(self) -> None:
        """Note that a ping was not answered."""
        if not self._silent:
            self._silent = True
            self._changed()

    def overtaken(self) -> None:
        """Note that a poll found a message that no frame had reported."""
        if self.is_open and self._silent:
            self._start(self._on_late, self._timing.frame_late)

    def closed(self, *, by_us: bool) -> None:
        """Note that the websocket has ended."""
        lasted = self._clock() - self._opened
        if lasted > self._timing.steady:
            self._cuts = 0
        elif not by_us:
            self._cuts += 1
            self._lasted = lasted
        self.is_open = False
        self.stop()

    def reset(self) -> None:
        """Note that the server itself is not reachable, so that its end has ended the websockets, and no proxy."""
        self._cuts = self._late = 0
        self._silent = self._is_behind = False

    def stop(self) -> None:
        """Stop all timers."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _on_steady(self) -> None:
        if self._cuts:
            self._cuts = 0
            self._changed()

    def _on_late(self) -> None:
        self._late += 1
        self._is_behind = True
        self._changed()

    def _on_quiet(self) -> None:
        """After a late message, count the websocket as silent sooner than by a ping."""
        if (left := self._heard + self._timing.polling - self._clock()) > 0:
            self._start(self._on_quiet, left)
        else:
            self.unanswered()

    def _start(self, callback: Callable[[], None], seconds: float) -> None:
        """Call back after a time, unless that is due already."""
        if callback not in self._timers:
            self._timers[callback] = asyncio.get_running_loop().call_later(seconds, self._fire, callback)

    def _stop(self, callback: Callable[[], None]) -> None:
        if timer := self._timers.pop(callback, None):
            timer.cancel()

    def _fire(self, callback: Callable[[], None]) -> None:
        del self._timers[callback]
        callback()


def cut_early(lasted: float) -> FaultError:
    """Return the fault of a websocket that was cut after so many seconds."""
    about = f"{lasted:.1f} s"
    return FaultError(Fault.CUT_EARLY, f"cut off after {about}", about=about)
