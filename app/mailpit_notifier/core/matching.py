"""Patterns that users write, for addresses and for words: the same in `wait` and in the rules.

Case is ignored. Only * and ? are special in an address, so that + and [ and . are what they are; what stands between
slashes is a regular expression in both. Mail text is hostile: a glob is matched in linear time, and of a text a regular
expression sees a bounded part. Pure.
"""

import re
from collections.abc import Callable

from mailpit_notifier.marks import translatable

MAX_TEXT = 100_000
"""Characters that a regular expression of the user's is tried on: it may need the square of them."""

Matches = Callable[[str], bool]


def address(pattern: str) -> Matches:
    """What tells whether an address is `pattern`, with * for any characters and ? for one, or holds /regex/.

    Raises ValueError with what the pattern must be.
    """
    found = _regex(pattern) or re.compile(_glob(pattern), re.IGNORECASE | re.DOTALL)
    return lambda text: found.search(text[:MAX_TEXT]) is not None


def words(pattern: str) -> Matches:
    """What tells whether a text holds `pattern`, however both are broken into lines, or /regex/.

    Raises ValueError with what the pattern must be.
    """
    if found := _regex(pattern):
        return lambda text: found.search(text[:MAX_TEXT]) is not None
    wanted = _line(pattern)
    return lambda text: wanted in _line(text)


def _regex(pattern: str) -> re.Pattern[str] | None:
    if not pattern.strip():
        raise ValueError(translatable("Settings", "must not be empty."))
    if len(pattern) < 3 or not (pattern.startswith("/") and pattern.endswith("/")):
        return None
    try:
        return re.compile(pattern[1:-1], re.IGNORECASE)
    except (re.error, RecursionError, OverflowError):  # what they say is English, and for programmers
        raise ValueError(translatable("Settings", "must have a regular expression between its slashes.")) from None


def _glob(pattern: str) -> str:
    """The pattern as a regular expression. Each part between stars is taken where it first fits, and never again."""
    parts = [re.escape(part).replace(r"\?", ".") for part in pattern.split("*")]
    if len(parts) == 1:
        return rf"\A{parts[0]}\Z"
    first, *between, last = parts
    return rf"\A{first}{''.join(f'(?>.*?{part})' for part in between if part)}.*{last}\Z"


def _line(text: str) -> str:
    return " ".join(text.casefold().split())
