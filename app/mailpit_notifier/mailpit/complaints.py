"""What the log hears of a server's faults: each once, for a server may be gone for days."""

import logging

from mailpit_notifier.tasks import report

from .fault import Fault, FaultError

log = logging.getLogger(__name__)


class Complaints:
    """Those about one server, by what meets them: `key` is its base URL."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._last: dict[str, Fault] = {}

    def add(self, source: str, fault: Fault, text: str) -> None:
        """Warn of the first of a row of the same faults of one source; the others are for who looks closely."""
        level = logging.DEBUG if self._last.get(source) is fault else logging.WARNING
        self._last[source] = fault
        log.log(level, "%s: %s", self._key, text)

    def fault_from(self, error: Exception) -> FaultError:
        """Return the fault that an error is. One that no code expected is reported; on the loop."""
        while isinstance(error, ExceptionGroup):  # of tasks that end together
            error = error.exceptions[0]
        if isinstance(error, FaultError):
            return error
        report(error, f"The connection to {self._key}")
        return FaultError(Fault.CUT_OFF, type(error).__name__)

    def begin_anew(self) -> None:
        """All was well: what comes now is news."""
        self._last.clear()
