"""The program without burst limits: every message gets its own notification, as in the floor of the bench."""

import sys
from functools import partial

from mailpit_notifier import app
from mailpit_notifier.announce.timing import Timing
from mailpit_notifier.core.limits import BurstTiming
from mailpit_notifier.main import main
from mailpit_notifier.servers.servers import Servers

UNLIMITED = sys.maxsize // 2**32


def lift_limits() -> None:
    """Let no number of messages be a burst."""
    timing = Timing(burst=BurstTiming(few=UNLIMITED, some=UNLIMITED))
    app.Servers = partial(Servers, announce_timing=timing)  # type: ignore[misc, assignment]


if __name__ == "__main__":
    lift_limits()
    sys.exit(main())
