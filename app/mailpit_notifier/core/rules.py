"""Rules of the user: which messages are announced, and what is done with others; and the patterns in rules.

The first rule that matches a message decides; without one it is announced. Each message is matched once.

Patterns are the same in rules and in `wait`; they ignore case. A pattern for addresses, links and codes is a glob in
which only * and ? are special, so that +, [ and . match themselves; a pattern for words must be contained in the
text. Either may be a regular expression between slashes. International domains match in both spellings. Message text
is hostile: a glob is matched in linear time, a regular expression within a time limit and in a bounded part of the
text.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from unicodedata import normalize

from mailpit_notifier.protocol.model import Message
from mailpit_notifier.runtime.expressions import MAX_LENGTH, TOO_LONG, Expression, UnsupportedError, parse_expression
from mailpit_notifier.runtime.pattern_search import Allowance, CommonTime, PostponedError, Search, SearchError
from mailpit_notifier.runtime.translation import translatable

MAX_TEXT = 100_000
"""Characters at the start of a text that are searched."""

Matches = Callable[[str], bool]
"""Raises pattern_search.SearchError where a regular expression takes too long."""


def check(pattern: str) -> None:
    """Raise ValueError with what is wrong with a pattern; UnsupportedError if Python's `re` would accept it."""
    _regex(pattern)


def address(pattern: str, allowance: Allowance) -> Matches:
    """Return a function that matches addresses: * is any characters, ? is one; or a search for /regex/.

    Raises ValueError with a sentence about what is wrong.
    """
    if found := _regex(pattern):
        return _in_both_spellings(_search(found, allowance))
    spellings = {pattern, bare_address(pattern), readable(bare_address(pattern))}
    globs = [re.compile(_glob(one), re.IGNORECASE | re.DOTALL) for one in spellings]
    return _in_both_spellings(lambda text: any(glob.search(text[:MAX_TEXT]) for glob in globs))


def bare_address(text: str) -> str:
    """Return an address without surrounding blanks, and the one in angle brackets of "Ann <ann@example.com>"."""
    found = re.fullmatch(r"[^<>]*<([^<>]*)>", text := text.strip())
    return found[1].strip() if found and "@" in found[1] else text


def readable(text: str) -> str:
    """Return a text with its international domains in Unicode instead of xn--… (RFC 3492), composed (NFC)."""
    found = text if "xn--" not in text.lower() else _PUNYCODE.sub(_decoded, text)
    return found if found.isascii() else normalize("NFC", _DOTS.sub(".", found))


_PUNYCODE = re.compile(r"(?<![a-z0-9-])xn--([a-z0-9-]{1,59})(?![a-z0-9*?-])", re.IGNORECASE)
"""A label of a domain, which has 63 characters at most; not the beginning of one in a glob."""

_DOTS = re.compile("[\u3002\uff0e\uff61]")
"""The other characters that separate labels (RFC 3490, 3.1)."""


def _decoded(label: re.Match[str]) -> str:
    try:
        return label[1].lower().encode("ascii").decode("punycode")
    except UnicodeError:
        return label[0]


def _in_both_spellings(matches: Matches) -> Matches:
    def match(text: str) -> bool:
        other = readable(text[:MAX_TEXT])
        return matches(text) or (other != text and matches(other))

    return match


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """The first value that matches: its place, what matched of it, and the first group of a regular expression."""

    place: int
    whole: str
    group: str | None = None


First = Callable[[Sequence[str]], Hit | None]
"""Raises pattern_search.SearchError where a regular expression takes too long."""


def first_value(pattern: str, allowance: Allowance) -> First:
    """Return a function that finds the first of several values that matches as in `address`.

    Raises ValueError with a sentence about what is wrong.
    """
    if found := _regex(pattern):
        search = Search(found, allowance)
        return lambda values: _hit(search, values)
    matches = address(pattern, allowance)
    return lambda values: next((Hit(place=place, whole=one) for place, one in enumerate(values) if matches(one)), None)


def _hit(search: Search, values: Sequence[str]) -> Hit | None:
    texts = list(_spellings(values))
    found = search.first([text for _, text in texts])
    return Hit(place=texts[found.place][0], whole=found.whole, group=found.group) if found else None


def _spellings(values: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the place of each value with the value, and with its other spelling if it has one."""
    for place, value in enumerate(values):
        text = value[:MAX_TEXT]
        yield place, composed(text)
        if (other := readable(text)) != text:
            yield place, other


def words(pattern: str, allowance: Allowance) -> Matches:
    """Return a function that searches texts for `pattern`, ignoring line breaks, or for /regex/.

    Raises ValueError with a sentence about what is wrong.
    """
    if found := _regex(pattern):
        return _search(found, allowance)
    wanted = _line(pattern)
    return lambda text: wanted in _line(text)


def _search(found: Expression, allowance: Allowance) -> Matches:
    search = Search(found, allowance)
    return lambda text: search(composed(text[:MAX_TEXT]))


@lru_cache(maxsize=256)
def _regex(pattern: str) -> Expression | None:
    """Compile the regular expression between slashes; return None for another pattern."""
    if not pattern.strip():
        raise ValueError(translatable("Settings", "must not be empty."))
    if len(pattern) > MAX_LENGTH + len("//"):
        raise UnsupportedError(TOO_LONG)
    if len(pattern) < 3 or not (pattern.startswith("/") and pattern.endswith("/")):
        return None
    return parse_expression(composed(pattern[1:-1]))


def _glob(pattern: str) -> str:
    """Convert a glob to an expression of linear time: each part between stars matches where it first fits."""
    parts = [re.escape(part).replace(r"\?", ".") for part in pattern.split("*")]
    if len(parts) == 1:
        return rf"\A{parts[0]}\Z"
    first, *between, last = parts
    return rf"\A{first}{''.join(f'(?>.*?{part})' for part in between if part)}.*{last}\Z"


def composed(text: str) -> str:
    """Return a text in NFC: "é" may be one character or two, and macOS often sends two."""
    return text if text.isascii() else normalize("NFC", text)


def _line(text: str) -> str:
    return " ".join(composed(text.casefold()).split())


ALLOWANCE = Allowance(once=0.01, each=0.000_05)
"""Time limits of each regular expression of a rule, which runs on the event loop. A usual one takes 2 µs."""

PER_MESSAGE, LEAST = 0.01, 0.000_5
"""Seconds that all regular expressions together may take for one message, and that each of them has in any case. One
that needs more, because another was slow, is tried again with the next message."""

REMEMBERED = 10_000
"""Messages whose matching rule is cached; 3 MB. All rows are among them, unless the servers have more than this."""

_BY_PLACE = re.compile(r"rule \d+")


class Outcome(Enum):
    """What happens with a message. `OPEN` and `RUN` replace its notification."""

    NOTIFY = "notify"
    SILENT = "silent"
    HIDE = "hide"
    OPEN = "open"
    RUN = "run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Conditions, all of which must be true, and the outcome. A condition that is None is true for every message.

    `subject` must contain the text, the others are globs for the whole value; all may be /regex/. `server` is compared
    with the server's name and base URL, `to` with every recipient's address, `sender` with the sender's. Sizes are in
    bytes. A rule that is not `understood` has a condition that this version does not know, so it matches no message:
    without that condition it would match too many.
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
        """The name that the user gave, "" where the name is the rule's place in the file."""
        return "" if _BY_PLACE.fullmatch(self.name) else self.name


class Rules:
    """Match messages against rules, in their order. Runs on the event loop, so regular expressions have a time limit.

    A rule whose regular expression takes too long matches no message from then on, and `suspended(rule, reason)` is
    called once. `allowance`: the time limits of each.
    """

    def __init__(
        self, rules: Sequence[Rule], suspended: Callable[[Rule, str], None], allowance: Allowance = ALLOWANCE
    ) -> None:
        self.all = tuple(rules)
        self._suspended = suspended
        self._time = CommonTime(least=LEAST)
        allowance = replace(allowance, common=self._time)
        self._conditions = [(rule, _Conditions(rule, allowance)) for rule in rules if rule.understood]
        self._decided: dict[tuple[object, ...], Rule | None] = {}

    def first_match(self, message: Message, server: Sequence[str]) -> Rule | None:
        """Return the first rule that matches a message, None if there is none. `server` has all names of its server."""
        if not self._conditions:
            return None
        key = (*server, message.id, message.subject, message.tags)
        if key in self._decided:
            return self._decided[key]
        rule, is_final = self._decide(message, server)
        if is_final:
            if len(self._decided) >= REMEMBERED:
                del self._decided[next(iter(self._decided))]
            self._decided[key] = rule
        return rule

    def _decide(self, message: Message, server: Sequence[str]) -> tuple[Rule | None, bool]:
        """Return the first rule that matches, and whether there was time to try all rules before it."""
        self._time.left, is_final = PER_MESSAGE, True
        for rule, conditions in tuple(self._conditions):
            try:
                if conditions.match(message, server):
                    return rule, is_final
            except PostponedError:
                is_final = False
            except SearchError as error:
                self._conditions.remove((rule, conditions))
                self._suspended(rule, str(error))
        return None, is_final


class _Conditions:
    """The compiled conditions of a rule."""

    def __init__(self, rule: Rule, allowance: Allowance) -> None:
        def compiled(kind: Callable[[str, Allowance], Matches], pattern: str | None) -> Matches | None:
            return None if pattern is None else kind(pattern, allowance)

        self._rule = rule
        self._subject = compiled(words, rule.subject)
        self._server = compiled(address, rule.server)
        self._sender = compiled(address, rule.sender)
        self._to = compiled(address, rule.to)
        self._tag = compiled(address, rule.tag)
        self._username = compiled(address, rule.username)

    def match(self, message: Message, server: Sequence[str]) -> bool:
        """Return whether all conditions are true for a message. Raises SearchError."""
        return all(self._each(message, server))

    def _each(self, message: Message, server: Sequence[str]) -> Iterator[bool]:
        """Yield the result of each condition, the cheapest first."""
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
        if self._to and message.other_addresses:
            recipients += message.other_addresses.split("\n")
        for matches, texts in (
            (self._server, server),
            (self._sender, sender),
            (self._to, recipients),
            (self._tag, message.tags),
            (self._username, [message.username]),
        ):
            if matches:
                yield any(map(matches, texts))
