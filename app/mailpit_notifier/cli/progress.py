"""The progress of `wait` with each server: is it connected, and have all of its messages been judged?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic

from mailpit_notifier.core.settings import Server
from mailpit_notifier.protocol.faults import Fault, FaultError

from .common import explained

MAX_DELAY = 2.0
"""Seconds that an unreachable server may delay the others: a configured server may be off all day."""

UNREADABLE = "its list of messages cannot be read. A proxy in front of Mailpit may change its answers."
"""In place of the fault's own sentence, which says what the application still shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """The server is connected. From now on, none of its new messages is missed."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaughtUp:
    """All messages that the server had are judged, also for the first `checks` calls of `check_again`."""

    key: str
    checks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnected:
    """There is no connection. The listener retries."""

    key: str
    error: FaultError


class ServerProgress:
    """One server. `checks` is -1 until all messages that the server had are judged."""

    def __init__(self, server: Server) -> None:
        self.name = server.label
        self.is_connected = False
        self.was_connected = False
        self.checks = -1
        self.last_fault: FaultError | None = None

    def apply(self, event: Connected | CaughtUp | Disconnected) -> None:
        """Update the state."""
        match event:
            case Disconnected():
                self.is_connected, self.last_fault = False, event.error
            case Connected():
                self.is_connected, self.was_connected, self.checks = True, True, -1
            case CaughtUp():
                self.checks = event.checks

    @property
    def fault(self) -> str:
        """The last fault as a sentence, with its detail."""
        if self.last_fault is None:
            return Fault.TIMEOUT.sentence
        if self.last_fault.fault is Fault.UNREADABLE:
            return f"{UNREADABLE} ({self.last_fault.detail})" if self.last_fault.detail else UNREADABLE
        return explained(self.last_fault)


class Progress:
    """All servers, from the start of the wait."""

    def __init__(self, servers: Sequence[Server]) -> None:
        self._began = monotonic()
        self._servers = {server.key: ServerProgress(server) for server in servers}

    def apply(self, event: Connected | CaughtUp | Disconnected) -> None:
        """Update the server's state."""
        self._servers[event.key].apply(event)

    @property
    def can_listen(self) -> bool:
        """Whether at least one server is connected, and the others are too, have failed, or took too long."""
        servers = self._servers.values()
        return any(server.is_connected for server in servers) and not any(map(self._is_pending, servers))

    def is_caught_up(self, checks: int) -> bool:
        """Whether everything on the servers that can be reached is judged, also for so many `check_again`."""
        return not any(
            server.checks < checks if server.is_connected else self._is_pending(server)
            for server in self._servers.values()
        )

    @property
    def was_any_connected(self) -> bool:
        """Whether any server was ever connected."""
        return any(server.was_connected for server in self._servers.values())

    @property
    def are_all_connected(self) -> bool:
        """Whether all servers are connected now."""
        return all(server.is_connected for server in self._servers.values())

    def faults(self) -> Iterator[str]:
        """Yield a sentence for each server that is not connected."""
        for server in self._servers.values():
            if not server.is_connected:
                yield f"{server.name}: {server.fault}"

    def _is_pending(self, server: ServerProgress) -> bool:
        return not server.is_connected and not server.last_fault and monotonic() < self._began + MAX_DELAY
