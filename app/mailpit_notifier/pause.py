"""Whether notifications are paused, and until when.

The user pauses for a duration, until a time of day, or until they resume; this is kept over restarts. A command
(`pause -- COMMAND`) has a lease that it renews, so that a killed command does not leave the program paused. Leases are
not kept over restarts. Their time does not run while the machine sleeps, because the command cannot renew them then.
Runs on the loop.
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
from mailpit_notifier.runtime.files import write_atomically

log = logging.getLogger(__name__)

CHECK_INTERVAL = 60.0
"""Seconds between two checks of the clocks while a pause has an end: there is no event when the clock is set, nor on
every system after a sleep, during which the loop's clock does not advance.
"""

USER = ""
"""The holder of the pause that the user asked for; all other holders are leases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Sources of time. `boot` counts seconds including sleep, `awake` without; neither can be set."""

    wall: Callable[[], datetime] = lambda: datetime.now(UTC)
    boot: Callable[[], float] = boot_time
    awake: Callable[[], float] = monotonic
    boot_id: Callable[[], str] = boot_id

    def now(self, holder: str) -> Moment:
        """Return the wall time, and the steady time that counts for this holder."""
        return Moment(wall=self.wall(), steady=self.boot() if holder == USER else self.awake())


CLOCKS = Clocks()


class Pause:
    """`file` keeps the user's pause. `changed` is called when a pause begins, ends or gets another end.

    `check_interval`: see CHECK_INTERVAL.
    """

    def __init__(
        self,
        file: Path,
        changed: Callable[[], None],
        clocks: Clocks = CLOCKS,
        check_interval: float = CHECK_INTERVAL,
    ) -> None:
        self._file = file
        self._changed = changed
        self._clocks = clocks
        self._check_interval = check_interval
        self._ends: dict[str, End] = {}
        self._saved: str | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def until(self) -> datetime | None:
        """When the last pause ends (core.pauses.FOREVER: when the user resumes); None while none is active."""
        return max((end.until for holder, end in self._ends.items() if self._left(holder, end) > 0), default=None)

    def start(self) -> None:
        """Continue the pause of the last run."""
        try:
            self._saved = self._file.read_text("utf-8")
            self._ends[USER] = end_from_json(json.loads(self._saved), self._clocks.now(USER), self._clocks.boot_id())
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
            log.warning("Cannot read the pause of the last run: %s", error)
        self._update()
        self._changed()

    def pause(self, how_long: timedelta | datetime, holder: str = USER) -> None:
        """Pause for a duration or until a time, replacing an earlier pause of the same holder."""
        self._ends[holder] = pause_end(how_long, self._clocks.now(holder))
        self._update()
        self._changed()

    def has_lease(self, holder: str) -> bool:
        """Return whether a lease is active."""
        return holder in self._ends and self._left(holder, self._ends[holder]) > 0

    def resume(self, holder: str = USER) -> None:
        """End a lease; for the user, end all pauses."""
        if holder == USER:
            self._ends.clear()
        else:
            self._ends.pop(holder, None)
        self._update()
        self._changed()

    def stop(self) -> None:
        """Stop checking the clocks."""
        if self._timer:
            self._timer.cancel()

    def check(self) -> None:
        """Check the clocks: end pauses that are over, and correct the ends of others if the clock was set."""
        before = self._ends
        self._update()
        if self._ends != before:
            self._changed()

    def _update(self) -> None:
        self._ends = {
            holder: end.adjusted(self._clocks.now(holder))
            for holder, end in self._ends.items()
            if self._left(holder, end) > 0
        }
        self._save()
        self.stop()
        remaining = [self._left(holder, end) for holder, end in self._ends.items() if end.until != FOREVER]
        if remaining:
            self._timer = asyncio.get_running_loop().call_later(min(*remaining, self._check_interval), self.check)

    def _left(self, holder: str, end: End) -> float:
        return end.left(self._clocks.now(holder))

    def _save(self) -> None:
        """Write the user's pause if the file differs. A half-written file is ignored at the next start."""
        end = self._ends.get(USER)
        text = json.dumps(end_to_json(end, self._clocks.boot_id())) if end else None
        if text == self._saved:
            return
        try:
            if text is None:
                self._file.unlink(missing_ok=True)
            else:
                write_atomically(self._file, text.encode(), durable=False)
            self._saved = text
        except OSError as error:
            log.warning("Cannot save the pause for the next start: %s", error)
