"""What the developer is told, and the one error whose text is told instead of a traceback."""

import sys


class SetupError(Exception):
    """Something on this machine is in the way. The text says what, and what to do."""


def say(text: str) -> None:
    """Tell the developer, at once, and beside the output of whatever is started: that one may be piped on."""
    print(text, file=sys.stderr, flush=True)
