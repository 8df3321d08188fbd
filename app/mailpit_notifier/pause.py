"""Whether notifications are paused or servers are muted, and until when.

The user pauses for a duration, until a time of day, or until they resume; this is kept over restarts. A command
(`pause -- COMMAND`) has a lease that it renews, so that a killed command does not leave the program paused. Leases are
not kept over restarts. Their time does not run while the machine sleeps, because the command cannot renew them then.

A server is muted by the user only. A pause and mutes are independent: the end of a pause leaves muted servers muted.
Runs on the loop.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mailpit_notifier.core.pauses import FOREVER, End, Moment, end_from_json, end_to_json, pause_end
from mailpit_notifier.runtime.clock import awake_time, boot_id, boot_time
from mailpit_notifier.runtime.files import write_atomically

log = logging.getLogger(__name__)

CHECK_INTERVAL = 60.0
"""Seconds between two checks of the clocks while a pause has an end. There is no event when the clock is set. Not every
system has one after a sleep, during which the loop's clock does not advance.
"""

USER = ""
"""The holder of the pause that the user asked for; all other holders are leases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Sources of time. `boot` counts seconds including sleep, `awake` without; neither can be set."""

    wall: Callable[[], datetime] = lambda: datetime.now(UTC)
    boot: Callable[[], float] = boot_time
    awake: Callable[[], float] = awake_time
    boot_id: Callable[[], str] = boot_id

    def now(self, holder: str) -> Moment:
        """Return the wall time, and the steady time that counts for this holder."""
        return Moment(wall=self.wall(), steady=self.boot() if holder == USER else self.awake())


CLOCKS = Clocks()


class _Ends:
    """Ends of pauses by key; one that is over is removed. `file` keeps some of them over restarts.

    `changed` is called when one begins, ends or gets another time. `check_interval`: see CHECK_INTERVAL.
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

    def start(self) -> None:
        """Continue what was saved in the last run."""
        try:
            self._saved = self._file.read_text("utf-8")
            self._ends |= self._from_json(json.loads(self._saved))
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
            log.warning("Cannot read %s of the last run: %s", self._file.name, error)
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

    def _begin(self, key: str, how_long: timedelta | datetime) -> None:
        self._ends[key] = pause_end(how_long, self._now(key))
        self._update()
        self._changed()

    def _end(self, keys: Collection[str]) -> None:
        for key in keys:
            self._ends.pop(key, None)
        self._update()
        self._changed()

    def _until(self) -> dict[str, datetime]:
        return {key: end.until for key, end in self._ends.items() if self._left(key, end) > 0}

    def _now(self, _key: str) -> Moment:
        return self._clocks.now(USER)

    def _to_json(self) -> Any:
        """Return what to save as JSON, None for nothing."""
        raise NotImplementedError

    def _from_json(self, data: Any) -> dict[str, End]:
        """Parse what was saved. Raises ValueError, TypeError, KeyError or OverflowError."""
        raise NotImplementedError

    def _update(self) -> None:
        self._ends = {key: end.adjusted(self._now(key)) for key, end in self._ends.items() if self._left(key, end) > 0}
        self._save()
        self.stop()
        remaining = [self._left(key, end) for key, end in self._ends.items() if end.until != FOREVER]
        if remaining:
            self._timer = asyncio.get_running_loop().call_later(min(*remaining, self._check_interval), self.check)

    def _left(self, key: str, end: End) -> float:
        return end.left(self._now(key))

    def _save(self) -> None:
        """Write the file if it differs. A half-written file is ignored at the next start."""
        data = self._to_json()
        text = None if data is None else json.dumps(data)
        if text == self._saved:
            return
        try:
            if text is None:
                self._file.unlink(missing_ok=True)
            else:
                write_atomically(self._file, text.encode(), durable=False)
            self._saved = text
        except OSError as error:
            log.warning("Cannot save %s for the next start: %s", self._file.name, error)


class Pause(_Ends):
    """The pause of all notifications. The file keeps the user's pause, not leases."""

    @property
    def until(self) -> datetime | None:
        """When the last pause ends (core.pauses.FOREVER: when the user resumes); None while none is active."""
        return max(self._until().values(), default=None)

    def pause(self, how_long: timedelta | datetime, holder: str = USER) -> None:
        """Pause for a duration or until a time, replacing an earlier pause of the same holder."""
        self._begin(holder, how_long)

    def has_lease(self, holder: str) -> bool:
        """Return whether a lease is active."""
        return holder in self._until()

    def resume(self, holder: str = USER) -> None:
        """End a lease; for the user, end all pauses."""
        self._end(tuple(self._ends) if holder == USER else (holder,))

    def _now(self, key: str) -> Moment:
        return self._clocks.now(key)

    def _to_json(self) -> Any:
        end = self._ends.get(USER)
        return end_to_json(end, self._clocks.boot_id()) if end else None

    def _from_json(self, data: Any) -> dict[str, End]:
        return {USER: end_from_json(data, self._now(USER), self._clocks.boot_id())}


class Mutes(_Ends):
    """The mutes of single servers, by base URL."""

    @property
    def until(self) -> Mapping[str, datetime]:
        """The muted servers, and when each mute ends (core.pauses.FOREVER: when the user unmutes the server)."""
        return self._until()

    def mute(self, server: str, how_long: timedelta | datetime) -> None:
        """Mute a server for a duration or until a time."""
        self._begin(server, how_long)

    def unmute(self, servers: Collection[str]) -> None:
        """End the mute of servers. Does nothing for those that are not muted."""
        if self._ends.keys() & set(servers):
            self._end(servers)

    def _to_json(self) -> Any:
        boot = self._clocks.boot_id()
        return {server: end_to_json(end, boot) for server, end in self._ends.items()} or None

    def _from_json(self, data: Any) -> dict[str, End]:
        now, boot = self._now(USER), self._clocks.boot_id()
        return {server: end_from_json(end, now, boot) for server, end in dict(data).items()}
