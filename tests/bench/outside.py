"""Is the program's loop blocked, as seen by somebody who asks for its status over the control socket all the time?"""

import threading
from time import monotonic

from stage import Candidate

PAUSE = 0.002
"""Seconds between two questions: enough to be in any pause that matters without being the load that is measured."""


class Outside:
    """Asks for the status in a thread, as fast as is fair, and keeps the longest answer time in seconds."""

    def __init__(self, candidate: Candidate) -> None:
        self._candidate = candidate
        self.longest = 0.0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        """Ask no more."""
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._end.wait(PAUSE):
            asked = monotonic()
            self._candidate.ask("status")
            self.longest = max(self.longest, monotonic() - asked)
