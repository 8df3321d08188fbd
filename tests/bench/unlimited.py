"""Runs the application without burst limits: each message has its own notification, as in the baseline."""

import sys

from mailpit_notifier.core import limits as policy
from mailpit_notifier.main import main


def lift_limits() -> None:
    """Remove the burst limits."""
    policy.FEW = policy.SOME = sys.maxsize // 2**32


if __name__ == "__main__":
    lift_limits()
    sys.exit(main())
