"""What the user decided about certain mails: whether they are announced, and what is done with them instead.

The first rule that matches decides; without one a mail is announced. Pure.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from mailpit_notifier.mailpit.model import Message

from .matching import address, words

_address, _words = lru_cache(maxsize=256)(address), lru_cache(maxsize=256)(words)
_BY_PLACE = re.compile(r"rule \d+")


class Outcome(Enum):
    """What becomes of a mail. `OPEN` and `RUN` take the place of its notification."""

    NOTIFY = "notify"
    SILENT = "silent"
    HIDE = "hide"
    OPEN = "open"
    RUN = "run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Conditions, all of which must hold, and the outcome. A condition that is None holds for every mail.

    `subject` means contains, the other texts are globs over the whole; all may be /regex/. `server` is met by its name
    or its base URL, `to` by any recipient's address, `sender` by the sender's. Sizes are in bytes. One that is not
    `understood` has conditions that we do not know, and so might mean fewer mails than it seems: it matches none.
    """

    outcome: Outcome
    name: str = ""
    command: tuple[str, ...] = ()
    server: str | None = None
    to: str | None = None
    sender: str | None = None
    subject: str | None = None
    tag: str | None = None
    username: str | None = None
    attachment: bool | None = None
    larger_than: int | None = None
    smaller_than: int | None = None
    understood: bool = True

    @property
    def given_name(self) -> str:
        """The name that the user gave, "" where the rule is called by its place in the file."""
        return "" if _BY_PLACE.fullmatch(self.name) else self.name

    def matches(self, message: Message, server: Sequence[str]) -> bool:
        """Whether all conditions hold for a message of the server with these names."""
        return self.understood and all(self._conditions(message, server))

    def _conditions(self, message: Message, server: Sequence[str]) -> Iterator[bool]:
        """One by one, the cheapest first."""
        if self.attachment is not None:
            yield self.attachment == bool(message.attachments)
        if self.larger_than is not None:
            yield message.size > self.larger_than
        if self.smaller_than is not None:
            yield message.size < self.smaller_than
        if self.subject is not None:
            yield _words(self.subject)(message.subject)
        sender = [message.sender.address] if message.sender else []
        recipients = [person.address for person in message.recipients] if self.to is not None else []
        for glob, texts in (
            (self.server, server),
            (self.sender, sender),
            (self.to, recipients),
            (self.tag, message.tags),
            (self.username, [message.username]),
        ):
            if glob is not None:
                yield any(map(_address(glob), texts))


def first_match(rules: Iterable[Rule], message: Message, server: Sequence[str]) -> Rule | None:
    """The rule that decides about a message of the server with these names, None where none does."""
    return next((rule for rule in rules if rule.matches(message, server)), None)
