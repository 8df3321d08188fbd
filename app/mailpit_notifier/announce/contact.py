"""A connection to a server, as far as the journal wants to know of it: until when something was surely heard."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

UNNOTICED = 30.0
"""Seconds for which a connection may have been dead when its end is noticed; mailpit.feed takes up to 27."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Made when it was `date` by the server's clock and `heard` by ours, which may be set meanwhile."""

    date: datetime
    heard: datetime
    _made: float = field(default_factory=monotonic)

    def last(self) -> tuple[datetime, datetime]:
        """By both clocks as they were, when it was surely alive, now that its end is noticed."""
        lasted = timedelta(seconds=max(0, monotonic() - self._made - UNNOTICED))
        return self.date + lasted, self.heard + lasted
