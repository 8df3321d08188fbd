r"""Rewrite regular expressions from Python's syntax for the package `regex`, which can stop a slow match.

`regex` understands some patterns differently: its `\w` includes combining accents but not "²", `a{e}` is a fuzzy match,
and it has other rules for ignoring case. So it never gets the user's pattern: Python's own parser parses it, and the
result is written with constructs that mean the same in both. Nothing is compiled here, because `re.compile` takes up to
900 ms for a pattern that is parsed in 3 ms. Pure.
"""

import re
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from .translation import translatable

MAX_LENGTH = 1_000
"""Characters of a pattern."""

MAX_COPIES = 20_000
"""Limit for the copies that `regex` makes of repeated parts: `a{9}` 10, `a+` 2, nested ones multiplied. Each takes
0.4 µs and 270 bytes."""

MAX_DEPTH = 50
"""Levels of nested groups: `regex` and this module are recursive."""

TOO_LONG = translatable("Settings", "must not be longer than 1,000 characters.")
NO_EXPRESSION = translatable("Settings", "must have a regular expression between its slashes.")
TOO_COMPLEX = translatable("Settings", "must not repeat so much or be nested so deeply.")

_parser: Any = import_module("re._parser")  # these have no public names
_casefix: Mapping[int, tuple[int, ...]] = vars(import_module("re._casefix"))["_EXTRA_CASES"]
_IGNORECASE, _ASCII, _DOTALL, _MULTILINE = map(int, (re.IGNORECASE, re.ASCII, re.DOTALL, re.MULTILINE))
_CASING = _IGNORECASE | _ASCII

_CASED = (
    *(range(0x600), range(0x1000, 0x1400), range(0x1C00, 0x2200), range(0x2400, 0x2E00), range(0xA600, 0xAC00)),
    *(range(0xFF00, 0x10000), range(0x10400, 0x10E00), range(0x11800, 0x11900), range(0x16E00, 0x16F00)),
    range(0x1E900, 0x1E944),
)
"""Ranges of Unicode with letters that have another case."""

_SPACES = r"\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_NO_SPACES = (
    r"\x00-\x08\x0e-\x1b\x21-\x84\x86-\x9f\xa1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e\u2030-\u205e"
    r"\u2060-\u2fff\u3001-\U0010ffff"
)
_NO_WORDS = (
    r"\p{M}\p{S}\p{Z}\p{C}\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}"
    r"\u203f\u2040\u2054\ufe33\ufe34\ufe4d-\ufe4f\uff3f"  # \p{Pc} without the underscore
)
_CATEGORIES = {
    "CATEGORY_WORD": r"\p{L}\p{N}_",
    "CATEGORY_NOT_WORD": _NO_WORDS,
    "CATEGORY_DIGIT": r"\p{Nd}",
    "CATEGORY_NOT_DIGIT": r"\p{L}\p{M}\p{P}\p{S}\p{Z}\p{C}\p{Nl}\p{No}",
    "CATEGORY_SPACE": _SPACES,
    "CATEGORY_NOT_SPACE": _NO_SPACES,
}
_ASCII_CATEGORIES = {
    "CATEGORY_WORD": r"0-9A-Z_a-z",
    "CATEGORY_NOT_WORD": r"\x00-/:-@\[-\^`\{-\U0010ffff",
    "CATEGORY_DIGIT": r"0-9",
    "CATEGORY_NOT_DIGIT": r"\x00-/:-\U0010ffff",
    "CATEGORY_SPACE": r"\t-\r\x20",
    "CATEGORY_NOT_SPACE": r"\x00-\x08\x0e-\x1f\x21-\U0010ffff",
}
_QUANTIFIERS = {"MAX_REPEAT": "", "MIN_REPEAT": "?", "POSSESSIVE_REPEAT": "+"}
_NOT_IN_NOTHING = "" if sys.version_info >= (3, 14) else r"(?!\A\Z)"
"""Before Python 3.14, `\\B` did not match in an empty text."""


class UnsupportedError(ValueError):
    """Python's `re` accepts the pattern, but this program does not. The text is the reason, starting with "must"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A pattern for both engines: `python` for `re` with IGNORECASE, `rewritten` for `regex` without flags.

    If `folds`, `regex` must search the result of `lower`, so that it compares back references like `re`.
    """

    python: str
    rewritten: str
    folds: bool


def parse_expression(pattern: str) -> Expression:
    """Parse and rewrite a pattern. Raises ValueError with the reason; UnsupportedError if `re` would accept it."""
    if len(pattern) > MAX_LENGTH:
        raise UnsupportedError(TOO_LONG)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # FutureWarning about the syntax of sets
            parsed = _parser.parse(pattern, re.IGNORECASE)
    except (re.error, RecursionError, OverflowError):  # their texts are English and for programmers
        raise ValueError(NO_EXPRESSION) from None
    writer = _Writer()
    rewritten = writer.group("(?:", parsed, int(parsed.state.flags))
    writer.check()
    return Expression(python=pattern, rewritten=rewritten, folds=writer.folds)


def lower(text: str) -> str:
    """Return the text in lower case as `re` compares it: each character becomes one character, in any context."""
    return text.replace("İ", "i").replace("Σ", "σ").lower()


class _Writer:
    """Writes one pattern that Python has parsed. The argument `flags` has those that apply at that place."""

    def __init__(self) -> None:
        self._copies = 0
        self._factor = 1
        self._depth = 0
        self._casings: set[int] = set()
        self._has_back_reference = False
        self._may_be_empty = 0  # number of enclosing repeats whose content may be empty
        self._groups_in_them: set[int] = set()
        self._referred: set[int] = set()

    @property
    def folds(self) -> bool:
        """Whether a back reference ignores case."""
        return self._has_back_reference and any(casing & _IGNORECASE for casing in self._casings)

    def check(self) -> None:
        """Raise UnsupportedError if the pattern cannot be written with the same meaning."""
        if self.folds and self._casings != {_IGNORECASE}:
            raise UnsupportedError(translatable("Settings", "must not have both a back reference and (?a) or (?-i:…)."))
        if self._groups_in_them & self._referred:  # "bb" has (?:.|(\w)*)*\1, but `regex` does not find it
            raise UnsupportedError(
                translatable("Settings", "must not refer to a group inside of a repeat that may be empty.")
            )

    def group(self, opening: str, nodes: Any, flags: int) -> str:
        """Return a group with these nodes; `opening` is e.g. "(?:"."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise UnsupportedError(TOO_COMPLEX)
        inner = "".join(self._node(str(kind), value, flags) for kind, value in nodes)
        self._depth -= 1
        return f"{opening}{inner})"

    def _node(self, kind: str, value: Any, flags: int) -> str:
        self._count(1)
        match kind:
            case "BRANCH":
                return f"(?:{'|'.join(self.group('(?:', nodes, flags) for nodes in value[1])})"
            case "SUBPATTERN":
                number, added, removed, nodes = value
                if number and self._may_be_empty:
                    self._groups_in_them.add(number)
                return self.group("(" if number else "(?:", nodes, _combined(flags, added, removed))
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                return self._repeat(kind, value, flags)
            case "ATOMIC_GROUP":
                return self.group("(?>", value, flags)
            case "ASSERT" | "ASSERT_NOT":
                return self._assertion(kind, value, flags)
            case "GROUPREF_EXISTS":
                number, then, otherwise = value
                self._referred.add(number)
                return f"(?({number}){self.group('(?:', then, flags)}|{self.group('(?:', otherwise or (), flags)})"
        return self._leaf(kind, value, flags)

    def _leaf(self, kind: str, value: Any, flags: int) -> str:
        match kind:
            case "LITERAL":
                return self._set([(kind, value)], flags)
            case "NOT_LITERAL":
                return self._set([("NEGATE", None), ("LITERAL", value)], flags)
            case "IN":
                return self._set([(str(kind), value) for kind, value in value], flags)
            case "ANY":
                return r"(?s:.)" if flags & _DOTALL else r"[\x00-\x09\x0b-\U0010ffff]"
            case "AT":
                return self._place(str(value), flags)
            case "GROUPREF":
                self._has_back_reference = True
                self._referred.add(value)
                self._casings.add(flags & _CASING)
                return rf"\g<{value}>"
            case "FAILURE":
                return "(?!)"
        raise UnsupportedError(TOO_COMPLEX)  # a construct of a later Python

    def _set(self, items: Sequence[tuple[str, Any]], flags: int) -> str:
        """Return a set for one character.

        Never `[^…]`: of two such alternatives, as in `[^a]|[^b]`, `regex` uses only one.
        """
        self._casings.add(flags & _CASING)
        is_negated = items[0][0] == "NEGATE"
        categories = _ASCII_CATEGORIES if flags & _ASCII else _CATEGORIES
        kinds = [str(value) for kind, value in items if kind == "CATEGORY"]
        ranges = [
            (value, value) if kind == "LITERAL" else value for kind, value in items if kind in {"LITERAL", "RANGE"}
        ]
        if flags & _IGNORECASE:
            ranges += _ranges({code for low, high in ranges for code in _other_cases(low, high, bool(flags & _ASCII))})
        self._count(len(ranges))
        if is_negated and not kinds:
            return _written(_others(ranges))
        if is_negated and not ranges and len(kinds) == 1:
            return f"[{categories[_opposite(kinds[0])]}]"
        characters = _written(ranges, "".join(categories[kind] for kind in kinds))
        return f"(?:(?!{characters})(?s:.))" if is_negated else characters

    def _count(self, number: int) -> None:
        self._copies += self._factor * number
        if self._copies > MAX_COPIES:
            raise UnsupportedError(TOO_COMPLEX)

    def _place(self, kind: str, flags: int) -> str:
        match kind:
            case "AT_BEGINNING":
                return "(?m:^)" if flags & _MULTILINE else r"\A"
            case "AT_END":
                return "(?m:$)" if flags & _MULTILINE else "$"
            case "AT_BEGINNING_STRING":
                return r"\A"
            case "AT_END_STRING":
                return r"\Z"
        self._casings.add(flags & _CASING)
        categories = _ASCII_CATEGORIES if flags & _ASCII else _CATEGORIES
        word = f"[{categories['CATEGORY_WORD']}]"
        if kind == "AT_BOUNDARY":
            return f"(?:(?<={word})(?!{word})|(?<!{word})(?={word}))"
        return rf"(?:{_NOT_IN_NOTHING}(?:(?<={word})(?={word})|(?<!{word})(?!{word})))"

    def _repeat(self, kind: str, value: Any, flags: int) -> str:
        least, most, nodes = value
        factor, self._factor = self._factor, self._factor * (least + 1)
        self._count(1)
        may_be_empty = most > 1 and nodes.getwidth()[0] == 0
        self._may_be_empty += may_be_empty
        inner = self.group("(?>" if kind == "POSSESSIVE_REPEAT" else "(?:", nodes, flags)
        self._factor = factor
        self._may_be_empty -= may_be_empty
        limit = "" if most == _parser.MAXREPEAT else most
        return f"{inner}{{{least},{limit}}}{_QUANTIFIERS[kind]}"

    def _assertion(self, kind: str, value: Any, flags: int) -> str:
        direction, nodes = value
        least, most = nodes.getwidth()
        if direction < 0 and least != most:
            raise ValueError(NO_EXPRESSION)
        return self.group(f"(?{'<' if direction < 0 else ''}{'=' if kind == 'ASSERT' else '!'}", nodes, flags)


def _combined(flags: int, added: int, removed: int) -> int:
    """Return the flags inside a group."""
    kept = flags & ~_ASCII if added & int(re.UNICODE) else flags
    return (kept | added) & ~removed


def _other_cases(low: int, high: int, ascii_only: bool) -> Iterator[int]:
    """Yield the characters that equal one from `low` to `high` when case is ignored."""
    cases = _cases()
    last = min(high, 127) if ascii_only else high
    for code in range(low, last + 1) if last - low < len(cases) else cases:
        if low <= code <= last:
            yield from (other for other in cases.get(code, ()) if not ascii_only or other < 128)


@cache
def _cases() -> Mapping[int, Sequence[int]]:
    """Return the characters that `re` treats as equal, by character; takes 3 ms and 0.4 MB."""
    by_lower: dict[int, list[int]] = {}
    characters = "".join(chr(code) for part in _CASED for code in part)
    for character, small in zip(characters, lower(characters), strict=True):
        if character != small:
            by_lower.setdefault(ord(small), [ord(small)]).append(ord(character))
    equal = {small: by_lower.get(small, [small]) for small in {*by_lower, *_casefix}}
    groups = {small: [code for one in (small, *_casefix.get(small, ())) for code in equal[one]] for small in equal}
    return {code: groups[small] for small in equal for code in equal[small]}


def _ranges(codes: Iterable[int]) -> list[tuple[int, int]]:
    """Return the characters as ranges."""
    ranges: list[tuple[int, int]] = []
    for code in sorted(codes):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1] = (ranges[-1][0], code)
        else:
            ranges.append((code, code))
    return ranges


def _others(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the ranges of all other characters."""
    others = []
    begin = 0
    for low, high in sorted(ranges):
        if begin < low:
            others.append((begin, low - 1))
        begin = max(begin, high + 1)
    return [*others, (begin, sys.maxunicode)] if begin <= sys.maxunicode else others


def _opposite(category: str) -> str:
    name = category.removeprefix("CATEGORY_")
    return f"CATEGORY_{name.removeprefix('NOT_')}" if name.startswith("NOT_") else f"CATEGORY_NOT_{name}"


def _written(ranges: Sequence[tuple[int, int]], categories: str = "") -> str:
    """Return a set with these ranges and categories."""
    if not (ranges or categories):
        return "(?!)"
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1] and not categories:
        return _escaped(ranges[0][0])
    singles = (_escaped(low) if low == high else f"{_escaped(low)}-{_escaped(high)}" for low, high in ranges)
    return f"[{''.join(singles)}{categories}]"


def _escaped(code: int) -> str:
    """Return a character escaped for use in a set and outside."""
    return chr(code) if code < 128 and chr(code).isalnum() else f"\\U{code:08x}"
