"""For how long notifications can be paused, and when a pause ends. Pure.

A duration runs on a clock that nobody can set, a time of day on the wall clock. A pause of an hour lasts an hour when
the clock is set meanwhile, and "until tomorrow" ends when the clock says so.

How long, as people write it on a command line: 10s, 2m, 1h, 1d, or seconds.
"""

import argparse
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

FOREVER = datetime.max.replace(tzinfo=UTC)
"""Until somebody resumes."""

MORNING, NIGHT = 8, 4
"""Hours: «until tomorrow» ends in the morning, and the small hours still belong to the day before."""

LONGEST = 365 * 86_400.0
"""Seconds of a duration; what a damaged file says beyond that is not believed."""

SAME = timedelta(seconds=1)
"""What two clocks may disagree in while neither is set: they are read one after the other, and NTP slews them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What time it is: by the wall clock, and in seconds by a clock that nobody can set."""

    wall: datetime
    steady: float


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The end of a pause. That of a duration of `lasts` seconds is `at` by the steady clock, and `until` follows from
    it; that of a time of day is `until`.
    """

    until: datetime
    at: float | None = None
    lasts: float = 0.0

    def left(self, now: Moment) -> float:
        """Return the seconds that are left."""
        return (self.until - now.wall).total_seconds() if self.at is None else self.at - now.steady

    def seen(self, now: Moment) -> "End":
        """Return the same end by a wall clock that may have been set."""
        if self.at is None:
            return self
        until = now.wall + timedelta(seconds=self.left(now))
        return self if abs(until - self.until) < SAME else replace(self, until=until)


def end_of(pause: timedelta | datetime, now: Moment) -> End:
    """Return the end of a pause that begins now and lasts so long, or until then."""
    if isinstance(pause, datetime):
        return End(until=pause)
    lasts = min(pause.total_seconds(), LONGEST)
    return End(until=now.wall + timedelta(seconds=lasts), at=now.steady + lasts, lasts=lasts)


def written(end: End, boot: str) -> dict[str, Any]:
    """Return what is kept of an end over a restart. `boot` names this start of the machine, "" where it has no name."""
    data: dict[str, Any] = {"until": end.until.isoformat()}
    return data if end.at is None else {**data, "at": end.at, "lasts": end.lasts, "boot": boot}


def read(data: Any, now: Moment, boot: str) -> End:
    """Return the end that was kept. After another start of the machine the wall clock has to do, and it may be wrong
    then: the pause becomes no longer than it was meant to be. Raises ValueError, TypeError, KeyError or OverflowError.
    """
    if not isinstance(data, Mapping):  # as it was kept before durations had a clock of their own
        return End(until=_aware(data))
    until = _aware(data["until"])
    if "at" not in data:
        return End(until=until)
    at, lasts = float(data["at"]), min(float(data["lasts"]), LONGEST)
    left = at - now.steady if boot and data["boot"] == boot else (until - now.wall).total_seconds()
    return End(until=until, at=now.steady + min(left, lasts), lasts=lasts).seen(now)


def tomorrow(now: datetime) -> datetime:
    """Return the end of «until tomorrow», for a local time. Its offset is that of the morning: a night may end or begin
    daylight saving time.
    """
    day = now.replace(tzinfo=None) - timedelta(hours=NIGHT)
    end = (day + timedelta(days=1)).replace(hour=MORNING, minute=0, second=0, microsecond=0)
    return end.astimezone() if now.tzinfo else end


def _aware(text: Any) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


UNITS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}


def duration(text: str) -> float:
    """Seconds. Raises argparse.ArgumentTypeError."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)([smhd]?)", text.strip().lower(), re.ASCII)
    if not found or (seconds := float(found[1]) * UNITS[found[2]]) > LONGEST:
        raise argparse.ArgumentTypeError("must be a time like 10s, 2m, 1h or a number of seconds, at most a year")
    return seconds
