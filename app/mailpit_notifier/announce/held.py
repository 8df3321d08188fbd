"""Mails that came while it is paused: not announced, counted in one summary when it is over.

What is kept of them is what that summary and the journal need: their IDs and the newest of them. A day's pause may
hold a hundred thousand.
"""

from collections.abc import Iterable, Mapping

from mailpit_notifier.mailpit.model import Message


class Held:
    """Mails by their server."""

    def __init__(self) -> None:
        self._ids: dict[str, dict[str, None]] = {}
        self.newest: tuple[str, Message] | None = None
        """The newest of all, with its server; None while there is none."""

    def __len__(self) -> int:
        """How many mails."""
        return sum(map(len, self._ids.values()))

    @property
    def ids(self) -> Mapping[str, tuple[str, ...]]:
        """The IDs by server."""
        return {server: tuple(ids) for server, ids in self._ids.items()}

    def add(self, server: str, messages: Iterable[Message]) -> None:
        """Keep these; each once."""
        for message in messages:
            self._ids.setdefault(server, {})[message.id] = None
            if self.newest is None or message.created >= self.newest[1].created:
                self.newest = server, message
