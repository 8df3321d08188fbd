"""Which mails `wait` is for: conditions on sender, recipients, subject and text, all of which must hold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mailpit_notifier.core.matching import Matches, address, words
from mailpit_notifier.mailpit.model import Message
from mailpit_notifier.searching import Allowance, SearchError

Missed = tuple[str, ...]
"""The conditions that a message did not meet, in words; empty where it met all."""

LONGEST = 2.0
"""Seconds for one regular expression and one message; at most half of the timeout, so that the report tells of it."""


class Undecided(str):
    """Words for a condition that could not be decided: its regular expression takes too long."""

    __slots__ = ()


class Conditions:
    """The conditions, each a pattern or None. Raises ValueError with a sentence about a pattern that is wrong.

    They are tried in the threads that listen. `timeout` is that of `wait`, in seconds.
    """

    def __init__(
        self,
        *,
        to: str | None = None,
        sender: str | None = None,
        subject: str | None = None,
        text: str | None = None,
        timeout: float = 2 * LONGEST,
    ) -> None:
        longest = min(LONGEST, timeout / 2)
        self._allowance = Allowance(once=longest, each=longest, shared=True)
        self._to = self._condition("--to", "another recipient (--to)", address, to)
        self._sender = self._condition("--from", "another sender (--from)", address, sender)
        self._subject = self._condition("--subject", "another subject (--subject)", words, subject)
        self._text = self._condition("--text", "another text (--text)", words, text)
        self._running: list[str] = []

    @property
    def about_text(self) -> bool:
        """Whether the message's text matters: its summary is not enough then."""
        return self._text is not None

    @property
    def running(self) -> Sequence[str]:
        """The options that are being tried now."""
        return tuple(self._running)

    def missed(self, message: Message) -> Missed:
        """Return what a summary misses; the text is not looked at."""
        sender = message.sender.address if message.sender else ""
        recipients = [person.address for person in message.recipients]
        return self._missed((self._to, recipients), (self._sender, [sender]), (self._subject, [message.subject]))

    def missed_in(self, text: str) -> Missed:
        """Return what the message's text misses."""
        return self._missed((self._text, [text]))

    def _missed(self, *checks: tuple["_Condition | None", Sequence[str]]) -> Missed:
        """What is undecided matters only where nothing is missed for certain."""
        found = [words for condition, texts in checks if condition and (words := self._tried(condition, texts))]
        return tuple(one for one in found if not isinstance(one, Undecided)) or tuple(found)

    def _tried(self, condition: "_Condition", texts: Sequence[str]) -> str:
        """What is missed, "" where one of the texts meets the condition."""
        self._running.append(condition.option)
        try:
            return "" if any(map(condition.matches, texts)) else condition.missed
        except SearchError as error:
            return Undecided(f"{condition.option} {error}")
        finally:
            self._running.remove(condition.option)

    def _condition(
        self, option: str, missed: str, kind: Callable[[str, Allowance], Matches], pattern: str | None
    ) -> "_Condition | None":
        try:
            return pattern if pattern is None else _Condition(option, missed, kind(pattern, self._allowance))
        except ValueError as error:
            raise ValueError(f"{option} {error}") from None


@dataclass(frozen=True, slots=True)
class _Condition:
    option: str
    missed: str
    matches: Matches
