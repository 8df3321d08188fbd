"""Whether notifications are paused and until when, kept over restarts.

A person pauses for a time, until a time of day, or until they resume. A command (`pause -- COMMAND`) holds a lease that
it renews, so that its own violent end does not leave the program silent; leases are not kept over restarts, and stand
still while the machine sleeps, as the command that renews them does. Runs on the loop.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

from mailpit_notifier.core.pauses import FOREVER, End, Moment, end_from_json, end_to_json, pause_end
from mailpit_notifier.runtime.clock import boot_id, boot_time
from mailpit_notifier.runtime.files import write_whole

log = logging.getLogger(__name__)

LOOK_AGAIN = 60.0
"""Seconds after which the clocks are looked at again while a pause has an end: nothing tells of a clock that is set,
and not every system of a sleep, during which the loop's own clock stands still.
"""

PERSON = ""
"""Holds the pause that a person asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """The clocks. `boot` counts the seconds that the machine sleeps, `awake` does not; neither can be set."""

    wall: Callable[[], datetime] = lambda: datetime.now(UTC)
    boot: Callable[[], float] = boot_time
    awake: Callable[[], float] = monotonic
    boot_id: Callable[[], str] = boot_id

    def now(self, holder: str) -> Moment:
        """Return the time, as it counts for this holder."""
        return Moment(wall=self.wall(), steady=self.boot() if holder == PERSON else self.awake())


CLOCKS = Clocks()


class Pause:
    """`file` keeps it. `changed` is called when a pause begins, ends or gets another end."""

    def __init__(self, file: Path, changed: Callable[[], None], clocks: Clocks = CLOCKS) -> None:
        self._file = file
        self._changed = changed
        self._clocks = clocks
        self._ends: dict[str, End] = {}
        self._kept: str | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def until(self) -> datetime | None:
        """When it ends (core.pauses.FOREVER: when somebody says so), None while nothing is paused."""
        return max((end.until for holder, end in self._ends.items() if self._left(holder, end) > 0), default=None)

    def start(self) -> None:
        """Go on with the pause of the last run."""
        try:
            self._kept = self._file.read_text("utf-8")
            self._ends[PERSON] = end_from_json(json.loads(self._kept), self._clocks.now(PERSON), self._clocks.boot_id())
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
            log.warning("The pause of the last run cannot be read: %s", error)
        self._follow()
        self._changed()

    def pause(self, how_long: timedelta | datetime, holder: str = PERSON) -> None:
        """Pause for so long, or until then; `holder` names a lease."""
        self._ends[holder] = pause_end(how_long, self._clocks.now(holder))
        self._follow()
        self._changed()

    def holds(self, holder: str) -> bool:
        """Whether this lease still counts."""
        return holder in self._ends and self._left(holder, self._ends[holder]) > 0

    def resume(self, holder: str = PERSON) -> None:
        """A person ends every pause; the end of a lease only that."""
        if holder == PERSON:
            self._ends.clear()
        else:
            self._ends.pop(holder, None)
        self._follow()
        self._changed()

    def stop(self) -> None:
        """Look at the clocks no more."""
        if self._timer:
            self._timer.cancel()

    def look(self) -> None:
        """Notice what became of the clocks: end what is over, and move the end of what lasts longer or shorter now."""
        before = self._ends
        self._follow()
        if self._ends != before:
            self._changed()

    def _follow(self) -> None:
        self._ends = {
            holder: end.adjusted(self._clocks.now(holder))
            for holder, end in self._ends.items()
            if self._left(holder, end) > 0
        }
        self._keep()
        self.stop()
        lefts = [self._left(holder, end) for holder, end in self._ends.items() if end.until != FOREVER]
        if lefts:
            self._timer = asyncio.get_running_loop().call_later(min(*lefts, LOOK_AGAIN), self.look)

    def _left(self, holder: str, end: End) -> float:
        return end.left(self._clocks.now(holder))

    def _keep(self) -> None:
        """Write what a restart needs, where that is not in the file. A file that is half written is none."""
        end = self._ends.get(PERSON)
        text = json.dumps(end_to_json(end, self._clocks.boot_id())) if end else None
        if text == self._kept:
            return
        try:
            if text is None:
                self._file.unlink(missing_ok=True)
            else:
                write_whole(self._file, text.encode(), durable=False)
            self._kept = text
        except OSError as error:
            log.warning("The pause cannot be kept over a restart: %s", error)
