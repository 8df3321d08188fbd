"""The command that `wait` runs while it listens, with all the processes that it starts: they end together."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mailpit_notifier.programs import runnable
from mailpit_notifier.servers.processes import end
from mailpit_notifier.threads import start_thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The command has ended with this status; below zero by a signal."""

    status: int

    @property
    def words(self) -> str:
        """Its end, in words."""
        return f"ended by signal {-self.status}" if self.status < 0 else f"failed with status {self.status}"


class Child:
    """A running command, in a session of its own. What it writes goes to our standard error. Raises OSError."""

    def __init__(self, command: Sequence[str], put: Callable[[Ended], None]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - the user's own
            runnable(command), stdout=sys.stderr.fileno(), start_new_session=True
        )
        start_thread(lambda: put(Ended(status=self._process.wait())), "command")

    def end(self) -> None:
        """End it with its group, politely at first. Nothing happens when it has ended by itself."""
        if self._process.poll() is None:
            end(self._process)
