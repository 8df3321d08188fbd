"""Patterns that users write, for addresses and for words: the same in `wait` and in the rules.

Case is ignored. Only * and ? are special in an address, so that + and [ and . are what they are; what stands between
slashes is a regular expression in both. Message text is hostile: a glob is matched in linear time, a regular expression
for a limited time and on a bounded part of the text.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from mailpit_notifier.marks import translatable
from mailpit_notifier.searching import Allowance, Search

from .expressions import MAX_LENGTH, TOO_LONG, Expression, UnsupportedError, expression

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
    return expression(pattern[1:-1])


def _glob(pattern: str) -> str:
    """The pattern as a regular expression. Each part between stars is taken where it first fits, and never again."""
    parts = [re.escape(part).replace(r"\?", ".") for part in pattern.split("*")]
    if len(parts) == 1:
        return rf"\A{parts[0]}\Z"
    first, *between, last = parts
    return rf"\A{first}{''.join(f'(?>.*?{part})' for part in between if part)}.*{last}\Z"


def _line(text: str) -> str:
    return " ".join(text.casefold().split())
