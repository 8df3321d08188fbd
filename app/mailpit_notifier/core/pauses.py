"""When a pause of notifications ends, and durations of the command line (10s, 2m, 1h, 1d, or seconds). Pure.

A duration is measured by the monotonic clock, which cannot be set; a time of day by the wall clock. So a pause of an
hour lasts an hour even if the clock is set meanwhile, and "until tomorrow" ends when the clock shows that time.
"""

import argparse
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

FOREVER = datetime.max.replace(tzinfo=UTC)
"""End of a pause that lasts until the user resumes."""

MORNING, NIGHT = 8, 4
"""Hours: "until tomorrow" ends at MORNING, and a day starts at NIGHT: at 2 a.m., tomorrow is the coming morning."""

LONGEST = 365 * 86_400.0
"""Maximum seconds of a duration. A longer one in the state file is an error."""

SAME = timedelta(seconds=1)
"""Differences of two clocks that are ignored: they are read one after the other, and NTP slews them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A point in time by the wall clock, and in seconds of the monotonic clock."""

    wall: datetime
    steady: float


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The end of a pause: `until`, a time of day; or, for a duration of `lasts` seconds, `at` of the monotonic clock.

    For a duration, `until` is calculated from `at`.
    """

    until: datetime
    at: float | None = None
    lasts: float = 0.0

    def left(self, now: Moment) -> float:
        """Return the seconds until the end."""
        return (self.until - now.wall).total_seconds() if self.at is None else self.at - now.steady

    def adjusted(self, now: Moment) -> "End":
        """Return the same end, with `until` adjusted to a wall clock that was set."""
        if self.at is None:
            return self
        until = now.wall + timedelta(seconds=self.left(now))
        return self if abs(until - self.until) < SAME else replace(self, until=until)


def pause_end(pause: timedelta | datetime, now: Moment) -> End:
    """Return the end of a pause that starts now and lasts for a duration, or until a time."""
    if isinstance(pause, datetime):
        return End(until=pause)
    lasts = min(pause.total_seconds(), LONGEST)
    return End(until=now.wall + timedelta(seconds=lasts), at=now.steady + lasts, lasts=lasts)


def end_to_json(end: End, boot: str) -> dict[str, Any]:
    """Return an end as JSON for the state file. `boot` identifies this start of the machine, "" where it is unknown."""
    data: dict[str, Any] = {"until": end.until.isoformat()}
    return data if end.at is None else {**data, "at": end.at, "lasts": end.lasts, "boot": boot}


def end_from_json(data: Any, now: Moment, boot: str) -> End:
    """Parse an end of the state file. Raises ValueError, TypeError, KeyError or OverflowError.

    After another start of the machine only the wall clock can be used. It may be wrong then, so the rest of the pause
    is limited to its whole duration.
    """
    if not isinstance(data, Mapping):  # the format of versions that used the wall clock only
        return End(until=_aware(data))
    until = _aware(data["until"])
    if "at" not in data:
        return End(until=until)
    at, lasts = float(data["at"]), min(float(data["lasts"]), LONGEST)
    left = at - now.steady if boot and data["boot"] == boot else (until - now.wall).total_seconds()
    return End(until=until, at=now.steady + min(left, lasts), lasts=lasts).adjusted(now)


def tomorrow(now: datetime) -> datetime:
    """Return the end of "until tomorrow" for a local time.

    Its UTC offset is that of the morning, because daylight saving time may start or end during the night.
    """
    day = now.replace(tzinfo=None) - timedelta(hours=NIGHT)
    end = (day + timedelta(days=1)).replace(hour=MORNING, minute=0, second=0, microsecond=0)
    return end.astimezone() if now.tzinfo else end


def _aware(text: Any) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


UNITS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}


def is_number(text: str) -> bool:
    """Return whether a text is a duration without a unit."""
    return re.fullmatch(r"\d+(?:\.\d*)?", text.strip(), re.ASCII) is not None


def duration(text: str) -> float:
    """Parse a duration of the command line into seconds. Raises argparse.ArgumentTypeError."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)([smhd]?)", text.strip().lower(), re.ASCII)
    if not found or (seconds := float(found[1]) * UNITS[found[2]]) > LONGEST:
        raise argparse.ArgumentTypeError(
            "must be a duration of at most a year, such as 10s, 2m or 1h, or a number of seconds"
        )
    return seconds


def format_end(until: datetime, now: datetime, *, without_end: str = "you resume") -> str:
    """Format the end of a pause in local time. In English and without weekdays, as all of the command line is."""
    if until >= FOREVER.replace(microsecond=0):  # JSON has no fractions of a second
        return without_end
    local = until.astimezone()
    return f"{local:%H:%M}" if local.date() == now.astimezone().date() else f"{local:%Y-%m-%d %H:%M}"
