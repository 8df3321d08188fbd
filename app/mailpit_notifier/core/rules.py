"""Patterns that users write, for addresses and for words: the same in `wait` and in the rules.

Case is ignored. Only * and ? are special in an address, so that + and [ and . are what they are; what stands between
slashes is a regular expression in both. Message text is hostile: a glob is matched in linear time, a regular expression
for a limited time and on a bounded part of the text.

What the user decided about certain mails: whether they are announced, and what is done with them instead.

The first rule that matches decides; without one a mail is announced. Each message is matched once.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from mailpit_notifier.protocol.model import Message
from mailpit_notifier.runtime.expressions import MAX_LENGTH, TOO_LONG, Expression, UnsupportedError, parse_expression
from mailpit_notifier.runtime.pattern_search import Allowance, Search, SearchError
from mailpit_notifier.runtime.translation import translatable

MAX_TEXT = 100_000
"""Characters of a text that a regular expression is tried on."""

Matches = Callable[[str], bool]
"""Raises searching.SearchError where a regular expression takes too long."""


def check(pattern: str) -> None:
    """Raise ValueError with what the pattern must be; UnsupportedError where Python's `re` would accept it."""
    _regex(pattern)


def address(pattern: str, allowance: Allowance) -> Matches:
    """Return what tells whether an address is `pattern`, with * for any characters and ? for one, or holds /regex/.

    Raises ValueError with what the pattern must be.
    """
    if found := _regex(pattern):
        return _search(found, allowance)
    glob = re.compile(_glob(pattern), re.IGNORECASE | re.DOTALL)
    return lambda text: glob.search(text[:MAX_TEXT]) is not None


def words(pattern: str, allowance: Allowance) -> Matches:
    """Return what tells whether a text holds `pattern`, however both are broken into lines, or /regex/.

    Raises ValueError with what the pattern must be.
    """
    if found := _regex(pattern):
        return _search(found, allowance)
    wanted = _line(pattern)
    return lambda text: wanted in _line(text)


def _search(found: Expression, allowance: Allowance) -> Matches:
    search = Search(found, allowance)
    return lambda text: search(text[:MAX_TEXT])


@lru_cache(maxsize=256)
def _regex(pattern: str) -> Expression | None:
    """The regular expression between slashes, None where the pattern is none."""
    if not pattern.strip():
        raise ValueError(translatable("Settings", "must not be empty."))
    if len(pattern) > MAX_LENGTH + len("//"):
        raise UnsupportedError(TOO_LONG)
    if len(pattern) < 3 or not (pattern.startswith("/") and pattern.endswith("/")):
        return None
    return parse_expression(pattern[1:-1])


def _glob(pattern: str) -> str:
    """The pattern as a regular expression. Each part between stars is taken where it first fits, and never again."""
    parts = [re.escape(part).replace(r"\?", ".") for part in pattern.split("*")]
    if len(parts) == 1:
        return rf"\A{parts[0]}\Z"
    first, *between, last = parts
    return rf"\A{first}{''.join(f'(?>.*?{part})' for part in between if part)}.*{last}\Z"


def _line(text: str) -> str:
    return " ".join(text.casefold().split())


ALLOWANCE = Allowance(once=0.01, each=0.000_05)
"""For each regular expression of a rule, which is searched for on the event loop. A usual one takes 2 µs."""

REMEMBERED = 10_000
"""Messages whose rule is known; 3 MB. All rows are among them where the servers have no more than this."""

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


class Rules:
    """Rules in their order, and what each decided. They are searched for patterns on the event loop.

    A rule whose regular expression takes too long matches no message from then on, and `suspended` is called once, with
    the rule and the reason.
    """

    def __init__(self, rules: Sequence[Rule], suspended: Callable[[Rule, str], None]) -> None:
        self.all = tuple(rules)
        self._suspended = suspended
        self._conditions = [(rule, _Conditions(rule)) for rule in rules if rule.understood]
        self._decided: dict[tuple[object, ...], Rule | None] = {}

    def first_match(self, message: Message, server: Sequence[str]) -> Rule | None:
        """Return the rule that decides about a message of the server with these names, None where none does."""
        if not self._conditions:
            return None
        key = (*server, message.id, message.subject, message.tags)
        if key not in self._decided:
            if len(self._decided) >= REMEMBERED:
                del self._decided[next(iter(self._decided))]
            self._decided[key] = self._decide(message, server)
        return self._decided[key]

    def _decide(self, message: Message, server: Sequence[str]) -> Rule | None:
        for rule, conditions in tuple(self._conditions):
            try:
                if conditions.hold(message, server):
                    return rule
            except SearchError as error:
                self._conditions.remove((rule, conditions))
                self._suspended(rule, str(error))
        return None


class _Conditions:
    """The conditions of a rule, ready to be tried."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._subject = _ready(words, rule.subject)
        self._server = _ready(address, rule.server)
        self._sender = _ready(address, rule.sender)
        self._to = _ready(address, rule.to)
        self._tag = _ready(address, rule.tag)
        self._username = _ready(address, rule.username)

    def hold(self, message: Message, server: Sequence[str]) -> bool:
        """Whether all conditions hold for a message of the server with these names. Raises SearchError."""
        return all(self._each(message, server))

    def _each(self, message: Message, server: Sequence[str]) -> Iterator[bool]:
        """One by one, the cheapest first."""
        rule = self._rule
        if rule.attachment is not None:
            yield rule.attachment == bool(message.attachments)
        if rule.larger_than is not None:
            yield message.size > rule.larger_than
        if rule.smaller_than is not None:
            yield message.size < rule.smaller_than
        if self._subject:
            yield self._subject(message.subject)
        sender = [message.sender.address] if message.sender else []
        recipients = [person.address for person in message.recipients] if self._to else []
        for matches, texts in (
            (self._server, server),
            (self._sender, sender),
            (self._to, recipients),
            (self._tag, message.tags),
            (self._username, [message.username]),
        ):
            if matches:
                yield any(map(matches, texts))


def _ready(kind: Callable[[str, Allowance], Matches], pattern: str | None) -> Matches | None:
    return None if pattern is None else kind(pattern, ALLOWANCE)
