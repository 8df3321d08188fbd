"""For how long notifications can be paused. Pure."""

from datetime import UTC, datetime, timedelta

FOR_EVER = datetime.max.replace(tzinfo=UTC)
"""Until somebody resumes."""

MORNING, NIGHT = 8, 4
"""Hours: «until tomorrow» ends in the morning, and the small hours still belong to the day before."""


def tomorrow(now: datetime) -> datetime:
    """The end of «until tomorrow», for a local time."""
    day = now - timedelta(hours=NIGHT)
    return (day + timedelta(days=1)).replace(hour=MORNING, minute=0, second=0, microsecond=0)
