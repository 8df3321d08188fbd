"""Measures from outside how long the loop is blocked, by requesting the status over the control socket all the time."""

import threading
from time import monotonic

from stage import Candidate

PAUSE = 0.002
"""Seconds between requests: short enough to hit relevant pauses, long enough to be no load."""


class Blocked:
    """Requests the status in a thread, and keeps the longest answer time in seconds."""

    def __init__(self, candidate: Candidate) -> None:
        self._candidate = candidate
        self.longest = 0.0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        """Stop the requests."""
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._end.wait(PAUSE):
            asked = monotonic()
            self._candidate.ask("status")
            self.longest = max(self.longest, monotonic() - asked)
