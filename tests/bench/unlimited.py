"""The program with the limits of a burst lifted: every mail its own notification, as the floor has it."""

import sys

from mailpit_notifier.core import limits as policy
from mailpit_notifier.main import main


def lift_limits() -> None:
    """From now on nothing is a burst."""
    policy.FEW = policy.SOME = sys.maxsize // 2**32


if __name__ == "__main__":
    lift_limits()
    sys.exit(main())
