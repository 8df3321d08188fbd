"""Why messages did not get their own notification: the window shows the reason of each row.

A module of its own because the announcer and the catch-up summaries both write to it.
"""

from collections import OrderedDict

from mailpit_notifier.core.limits import SuppressionReason
from mailpit_notifier.notify.notice import Key

MAX_REASONS = 2_000
"""Messages whose reason is kept."""


class SuppressionLog:
    """Reasons by message; the oldest are forgotten."""

    def __init__(self) -> None:
        self._reasons: OrderedDict[Key, SuppressionReason] = OrderedDict()

    def set(self, key: Key, reason: SuppressionReason) -> None:
        """Set the reason of a message."""
        self._reasons[key] = reason
        if len(self._reasons) > MAX_REASONS:
            self._reasons.popitem(last=False)

    def get(self, key: Key) -> SuppressionReason | None:
        """Return the reason of a message, None where it is not known."""
        return self._reasons.get(key)

    def remove(self, key: Key) -> None:
        """Remove a message: it gets its own notification after all."""
        self._reasons.pop(key, None)

    def remove_server(self, server: str) -> None:
        """Remove all messages of a server."""
        for key in [key for key in self._reasons if key[0] == server]:
            del self._reasons[key]
