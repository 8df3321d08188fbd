"""How long the client waits: times of this package in one value, so that tests and `wait` can pass shorter ones."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Times in seconds. The defaults are those of the tray application."""

    polling: float = 3.0
    """Between requests where live updates are blocked. A message is then announced within five seconds."""

    first_retry: float = 1.0
    """Before the first retry. The delay doubles with each failure."""

    longest_retry: float = 60.0
    """Longest delay for a server on another machine."""

    longest_local_retry: float = 5.0
    """Longest delay for a server on this machine: those are restarted all day, and a request costs nothing."""

    late_retry: float = 60.0
    """Delay after a fault that only the user can change (`Retry.LATE`)."""
