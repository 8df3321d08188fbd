"""What the log hears of a server's faults: each once, for a server may be gone for days."""

import logging

from .fault import Fault, FaultError

log = logging.getLogger(__name__)


class Complaints:
    """Those about one server, by what meets them: `key` is its base URL."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._last: dict[str, Fault] = {}

    def add(self, source: str, fault: Fault, text: str, error: Exception | None = None) -> None:
        """Warn of the first of a row of the same faults of one source; the others are for who looks closely."""
        level = logging.DEBUG if self._last.get(source) is fault else logging.WARNING
        self._last[source] = fault
        log.log(level, "%s: %s", self._key, text, exc_info=error)

    def fault_from(self, error: Exception) -> FaultError:
        """The fault that an error is; one that nobody foresaw is logged in full, for whoever can mend it."""
        if isinstance(error, FaultError):
            return error
        name = type(error).__name__
        self.add(name, Fault.CUT_OFF, "something unforeseen happened", error)
        return FaultError(Fault.CUT_OFF, name)

    def begin_anew(self) -> None:
        """All was well: what comes now is news."""
        self._last.clear()
