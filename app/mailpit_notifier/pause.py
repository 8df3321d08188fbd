"""Whether notifications are paused and until when, kept over restarts.

A person pauses for a time or until they resume. A command (`pause -- COMMAND`) holds a lease that it renews, so that
its own violent end does not leave the program silent; leases are not kept over restarts. Runs on the loop. Times are
the wall clock's: a laptop that sleeps does not stretch a pause.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from .files import write_whole

log = logging.getLogger(__name__)

LOOK_AGAIN = 3_600.0
"""Seconds after which the clock is looked at again: the loop's own stands still while the machine sleeps."""

PERSON = ""
"""Holds the pause that a person asked for."""


class Pause:
    """`file` keeps it. `changed` is called when a pause begins, ends or gets another end."""

    def __init__(self, file: Path, changed: Callable[[], None], now: Callable[[], datetime] | None = None) -> None:
        self._file = file
        self._changed = changed
        self._now = now or (lambda: datetime.now(UTC))
        self._ends: dict[str, datetime] = {}
        self._timer: asyncio.TimerHandle | None = None

    @property
    def until(self) -> datetime | None:
        """When it ends (core.pauses.FOR_EVER: when somebody says so), None while nothing is paused."""
        now = self._now()
        return max((end for end in self._ends.values() if end > now), default=None)

    def start(self) -> None:
        """Go on with the pause of the last run."""
        try:
            end = datetime.fromisoformat(json.loads(self._file.read_text("utf-8")))
            self._ends[PERSON] = end if end.tzinfo else end.replace(tzinfo=UTC)
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError) as error:
            log.warning("The pause of the last run cannot be read: %s", error)
        self._follow()

    def pause(self, until: datetime, holder: str = PERSON) -> None:
        """Pause until then; `holder` names a lease."""
        self._ends[holder] = until
        self._follow()

    def holds(self, holder: str) -> bool:
        """Whether this lease still counts."""
        return self._ends.get(holder, datetime.min.replace(tzinfo=UTC)) > self._now()

    def resume(self, holder: str = PERSON) -> None:
        """A person ends every pause; the end of a lease only that."""
        if holder == PERSON:
            self._ends.clear()
        else:
            self._ends.pop(holder, None)
        self._follow()

    def stop(self) -> None:
        """Look at the clock no more."""
        if self._timer:
            self._timer.cancel()

    def look(self) -> None:
        """The clock may have moved on: end what is over."""
        self._follow()

    def _follow(self) -> None:
        now = self._now()
        self._ends = {holder: end for holder, end in self._ends.items() if end > now}
        self._keep()
        self.stop()
        if self._ends:
            left = (min(self._ends.values()) - now).total_seconds()
            self._timer = asyncio.get_running_loop().call_later(min(left, LOOK_AGAIN), self._follow)
        self._changed()

    def _keep(self) -> None:
        end = self._ends.get(PERSON)
        try:
            if end is None:
                self._file.unlink(missing_ok=True)
            else:
                write_whole(self._file, json.dumps(end.isoformat()).encode(), durable=False)
        except OSError as error:
            log.warning("The pause cannot be kept over a restart: %s", error)
