"""Output for the developer, and the error that is shown without a traceback."""

import sys


class SetupError(Exception):
    """Setup failed on this machine. The text is the reason, and what to do."""


def report(text: str) -> None:
    """Print to standard error at once: standard output belongs to the program that is started."""
    print(text, file=sys.stderr, flush=True)
