"""Why mails got no notification of their own, for whoever asks later."""

from collections import OrderedDict

from mailpit_notifier.core.limits import SuppressionReason
from mailpit_notifier.notify.notice import Key

MOST = 2_000
"""Mails of which it is kept."""


class SuppressionLog:
    """The reasons by mail; the oldest are forgotten."""

    def __init__(self) -> None:
        self._reasons: OrderedDict[Key, SuppressionReason] = OrderedDict()

    def give(self, key: Key, reason: SuppressionReason) -> None:
        """This is why."""
        self._reasons[key] = reason
        if len(self._reasons) > MOST:
            self._reasons.popitem(last=False)

    def forget(self, key: Key) -> None:
        """It gets a notification of its own, after all."""
        self._reasons.pop(key, None)

    def leave(self, server: str) -> None:
        """Nothing is asked about this server any more."""
        for key in [key for key in self._reasons if key[0] == server]:
            del self._reasons[key]

    def of(self, key: Key) -> SuppressionReason | None:
        """Why, where that is known."""
        return self._reasons.get(key)
