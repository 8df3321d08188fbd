"""What the announcer keeps about one server, as one object: catch-up with its journal, burst and SMTP errors.

Apart from the announcer because the catch-up summaries use it, too.
"""

from collections.abc import Iterable

from .catch_up import CatchUp
from .journal import Journal
from .smtp_errors import Show as ShowErrors
from .smtp_errors import SmtpErrorNotices
from .summaries import BurstSummary
from .summaries import Show as ShowBurst
from .timing import Timing


class ServerState:
    """State of one server, from the first time it is added until its journal is closed."""

    def __init__(self, journal: Journal, timing: Timing, *, show_burst: ShowBurst, show_errors: ShowErrors) -> None:
        self.journal = journal
        self.catch_up = CatchUp(journal, timing)
        self.burst = BurstSummary(show_burst, timing)
        self.smtp_errors = SmtpErrorNotices(show_errors, timing)
        self.removed = False
        """Whether the server was removed. Its journal stays open until the desktop has shown what is queued."""

    def remove(self) -> None:
        """Cancel all summaries. Messages that were not counted yet are news if the server is added again."""
        self.stop()
        self.burst.end()
        self.smtp_errors.reset()
        self.catch_up.take_gap()
        self.removed = True

    def drop(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Do not count these messages; return the IDs of those that waited for a summary."""
        ids = tuple(ids)
        return self.catch_up.gap.drop(ids) + self.burst.drop(ids)

    def stop(self) -> None:
        """Cancel all timers."""
        self.burst.stop()
        self.smtp_errors.stop()
        self.catch_up.stop()
