"""Messages that are not announced by themselves but counted in one summary: those of a pause, and those of a gap.

What is kept of them is what that summary and the journal need: their IDs and the newest as a whole. A day's pause may
hold a hundred thousand.
"""

from collections.abc import Iterable, Iterator, Mapping
from heapq import nlargest

from mailpit_notifier.mailpit.model import Message

LAST = 1_000
"""Messages that are kept as a whole: the newest that is still there is among them, unless all of these were deleted."""

MOST = 100_000
"""Messages of a gap that are kept by their ID, 17 MB; more are only counted: a server may list new ones for ever."""


class Bundle:
    """Messages of one server."""

    def __init__(self) -> None:
        self._ids: dict[str, None] = {}
        self._whole: dict[str, Message] = {}
        self._counted = 0  # whose IDs are not kept

    def __len__(self) -> int:
        """How many messages."""
        return len(self._ids) + self._counted

    def __iter__(self) -> Iterator[str]:
        """Their IDs."""
        return iter(self._ids)

    @property
    def newest(self) -> Message | None:
        """The newest; None while there is none, or none that is known."""
        return max(reversed(self._whole.values()), key=lambda message: message.created, default=None)

    @property
    def whole(self) -> tuple[Message, ...]:
        """Those that are kept as a whole."""
        return tuple(self._whole.values())

    def add(self, messages: Iterable[Message]) -> None:
        """Keep these; each once."""
        for message in messages:
            self._ids[message.id] = None
            self._whole[message.id] = message
            if len(self._whole) > 2 * LAST:
                self._whole = {one.id: one for one in nlargest(LAST, self._whole.values(), key=lambda one: one.created)}

    def count(self, messages: int) -> None:
        """There are so many more."""
        self._counted += messages

    def take(self, other: "Bundle") -> None:
        """Keep those of another bundle, too."""
        ids = dict.fromkeys(other)
        self._ids |= ids
        self._counted += len(other) - len(ids)
        self.add(other.whole)

    def drop(self, ids: Iterable[str]) -> tuple[str, ...]:
        """These are gone; returns those of them that were held."""
        dropped = tuple(message_id for message_id in ids if message_id in self._ids)
        for message_id in dropped:
            del self._ids[message_id]
            self._whole.pop(message_id, None)
        return dropped


class Held:
    """Bundles by their server."""

    def __init__(self) -> None:
        self._bundles: dict[str, Bundle] = {}

    def __len__(self) -> int:
        """How many messages."""
        return sum(map(len, self._bundles.values()))

    @property
    def newest(self) -> tuple[str, Message] | None:
        """The newest of all, with its server; None while there is none, or none that is known."""
        newest = [(server, message) for server, bundle in self._bundles.items() if (message := bundle.newest)]
        return max(reversed(newest), key=lambda item: item[1].created, default=None)

    @property
    def bundles(self) -> Mapping[str, Bundle]:
        """Those that are not empty."""
        return {server: bundle for server, bundle in self._bundles.items() if len(bundle)}

    def of(self, server: str) -> Bundle:
        """The bundle of a server."""
        return self._bundles.setdefault(server, Bundle())

    def forget(self, server: str) -> None:
        """Keep no more of a server's messages."""
        self._bundles.pop(server, None)
