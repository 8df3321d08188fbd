"""The program without burst limits: every message gets its own notification, as in the floor of the bench."""

import sys
from functools import partial

UNLIMITED = sys.maxsize // 2**32


def lift_limits() -> None:
    """Let no number of messages be a burst."""
    # Imported here because inside.py also measures the memory of a bare tray icon, which does not load the program.
    from mailpit_notifier import app
    from mailpit_notifier.announce.timing import Timing
    from mailpit_notifier.core.limits import BurstTiming
    from mailpit_notifier.servers.servers import Servers
    from mailpit_notifier.servers.timing import Timing as ServersTiming

    timing = Timing(burst=BurstTiming(few=UNLIMITED, some=UNLIMITED))
    app.Servers = partial(Servers, timing=ServersTiming(announce=timing))  # type: ignore[misc, assignment]


if __name__ == "__main__":
    from mailpit_notifier.main import main

    lift_limits()
    sys.exit(main())
