"""Which mails `wait` is for: conditions on sender, recipients, subject and text, all of which must hold. Pure."""

from collections.abc import Callable

from mailpit_notifier.core.matching import address, words
from mailpit_notifier.mailpit.model import Message

Missed = tuple[str, ...]
"""The conditions that a mail did not meet, in words; empty where it met all."""


class Conditions:
    """The conditions, each a pattern or None. Raises ValueError with a sentence about a pattern that is wrong."""

    def __init__(
        self, *, to: str | None = None, sender: str | None = None, subject: str | None = None, text: str | None = None
    ) -> None:
        self._to = _pattern("--to", address, to)
        self._sender = _pattern("--from", address, sender)
        self._subject = _pattern("--subject", words, subject)
        self._text = _pattern("--text", words, text)

    @property
    def about_text(self) -> bool:
        """Whether the mail's text matters: its summary is not enough then."""
        return self._text is not None

    def missed(self, message: Message) -> Missed:
        """What a summary misses; the text is not looked at."""
        recipients = [person.address for person in message.recipients]
        sender = message.sender.address if message.sender else ""
        checks = (
            ("another recipient (--to)", self._to is None or any(map(self._to, recipients))),
            ("another sender (--from)", self._sender is None or self._sender(sender)),
            ("another subject (--subject)", self._subject is None or self._subject(message.subject)),
        )
        return tuple(words for words, is_met in checks if not is_met)

    def missed_in(self, text: str) -> Missed:
        """What the mail's text misses."""
        return () if self._text is None or self._text(text) else ("another text (--text)",)


def _pattern(
    option: str, kind: Callable[[str], Callable[[str], bool]], pattern: str | None
) -> Callable[[str], bool] | None:
    try:
        return None if pattern is None else kind(pattern)
    except ValueError as error:
        raise ValueError(f"{option} {error}") from None
