"""What the user's rules decide about messages, and which messages are announced in spite of them."""

import logging
from collections.abc import Callable, Sequence

from mailpit_notifier.core.rules import Outcome, Rule, Rules
from mailpit_notifier.protocol.model import Message

log = logging.getLogger(__name__)


class MessageRules:
    """Apply the rules of the settings.

    `names(server)` returns all names by which a rule may refer to a server. `on_suspended(rule, reason)` is called when
    a rule's regular expression takes too long: the rule matches no message from then on.
    """

    def __init__(self, names: Callable[[str], Sequence[str]], on_suspended: Callable[[Rule, str], None]) -> None:
        self._names = names
        self._on_suspended = on_suspended
        self._rules = Rules((), self._suspend)
        self._markers: set[str] = set()

    def update(self, rules: Sequence[Rule]) -> None:
        """Use these rules. Suspended ones get another chance only if something has changed."""
        if tuple(rules) != self._rules.all:
            self._rules = Rules(rules, self._suspend)

    def match(self, server: str, message: Message) -> Rule | None:
        """Return the first rule that matches a message, None if there is none."""
        return self._rules.first_match(message, self._names(server)) if self._rules.all else None

    def is_hidden(self, server: str, message: Message) -> bool:
        """Return whether a rule hides a message completely."""
        rule = self.match(server, message)
        return rule is not None and rule.outcome is Outcome.HIDE

    def silencing(self, server: str, message: Message) -> Rule | None:
        """Return the rule because of which a message is not announced, None if there is none."""
        rule = self.match(server, message)
        return rule if rule and rule.outcome in {Outcome.SILENT, Outcome.HIDE} else None

    def always_announce(self, marker: str) -> None:
        """Announce the next message whose snippet contains `marker`, regardless of the rules."""
        self._markers.add(marker)

    def take_marker(self, message: Message) -> bool:
        """Return whether a message contains such a marker. Each marker counts once."""
        for marker in self._markers:
            if marker in message.snippet:
                self._markers.remove(marker)
                return True
        return False

    def _suspend(self, rule: Rule, reason: str) -> None:
        log.warning("%s matches no message from now on: its regular expression %s", rule.name, reason)
        self._on_suspended(rule, reason)
