"""How the servers are doing that `wait` listens to, as the listeners tell it. No I/O but the clock."""

from collections.abc import Iterator, Sequence
from time import monotonic

from mailpit_notifier.core.settings import Server

from .listen import Level, Lost, Reached

PATIENCE = 2.0
"""Seconds that one server may keep the others waiting: a configured one may be out of reach all day."""


class ServerProgress:
    """One server. `looks` is -1 until everything that it had was judged."""

    def __init__(self, server: Server) -> None:
        self.name = server.label
        self.is_reached = False
        self.was_reached = False
        self.looks = -1
        self.lost: Lost | None = None

    def take(self, event: Reached | Level | Lost) -> None:
        """It has told something."""
        match event:
            case Lost():
                self.is_reached, self.lost = False, event
            case Reached():
                self.is_reached, self.was_reached, self.looks = True, True, -1
            case Level():
                self.looks = event.looks

    @property
    def fault(self) -> str:
        """What is wrong with it, in words."""
        if self.lost is None:
            return "it does not answer."
        return self.lost.fault.sentence + (f" ({self.lost.detail})" if self.lost.detail else "")


class Progress:
    """All servers, from when the wait begins."""

    def __init__(self, servers: Sequence[Server]) -> None:
        self._began = monotonic()
        self._standings = {server.key: ServerProgress(server) for server in servers}

    def take(self, event: Reached | Level | Lost) -> None:
        """A server has told something."""
        self._standings[event.key].take(event)

    @property
    def can_listen(self) -> bool:
        """Whether at least one server is listened to, and the others had their chance."""
        standings = self._standings.values()
        return any(standing.is_reached for standing in standings) and not any(map(self._is_pending, standings))

    def are_level(self, looks: int) -> bool:
        """Whether all that is on the servers that can be reached was judged, by the last of so many looks."""
        return not any(
            standing.looks < looks if standing.is_reached else self._is_pending(standing)
            for standing in self._standings.values()
        )

    @property
    def were_reached(self) -> bool:
        """Whether any server ever was."""
        return any(standing.was_reached for standing in self._standings.values())

    @property
    def are_reached(self) -> bool:
        """Whether all are listened to now."""
        return all(standing.is_reached for standing in self._standings.values())

    def faults(self) -> Iterator[str]:
        """A sentence for each server that is not listened to."""
        for standing in self._standings.values():
            if not standing.is_reached:
                yield f"{standing.name}: {standing.fault}"

    def _is_pending(self, standing: ServerProgress) -> bool:
        return not standing.is_reached and not standing.lost and monotonic() < self._began + PATIENCE
