"""Mails that came while it is paused: not announced, counted in one summary when it is over.

What is kept of them is what that summary and the journal need: their IDs and the last that came. A day's pause may hold
a hundred thousand.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping

from mailpit_notifier.mailpit.model import Message
from mailpit_notifier.notify.notice import Key

LAST = 1_000
"""Mails that are kept as a whole: the newest that is still there is among them, unless all of these were deleted."""


class Held:
    """Mails by their server."""

    def __init__(self) -> None:
        self._ids: dict[str, dict[str, None]] = {}
        self._last: OrderedDict[Key, Message] = OrderedDict()

    def __len__(self) -> int:
        """How many mails."""
        return sum(map(len, self._ids.values()))

    @property
    def newest(self) -> tuple[str, Message] | None:
        """The newest of all, with its server; None while there is none, or none that is known."""
        newest = max(reversed(self._last.items()), key=lambda item: item[1].created, default=None)
        return newest and (newest[0][0], newest[1])

    @property
    def ids(self) -> Mapping[str, tuple[str, ...]]:
        """The IDs by server."""
        return {server: tuple(ids) for server, ids in self._ids.items()}

    def add(self, server: str, messages: Iterable[Message]) -> None:
        """Keep these; each once."""
        for message in messages:
            self._ids.setdefault(server, {})[message.id] = None
            self._last[server, message.id] = message
            if len(self._last) > LAST:
                self._last.popitem(last=False)

    def leave(self, server: str) -> None:
        """Nothing is counted of this server any more."""
        self.drop(server, self.ids.get(server, ()))

    def drop(self, server: str, ids: Iterable[str]) -> tuple[str, ...]:
        """These are gone; returns those of them that were held."""
        held = self._ids.get(server, {})
        dropped = tuple(message_id for message_id in ids if message_id in held)
        for message_id in dropped:
            del held[message_id]
            self._last.pop((server, message_id), None)
        if not held:
            self._ids.pop(server, None)
        return dropped
