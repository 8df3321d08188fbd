"""Find known words of many languages in a line of text.

The words are data: one TOML file per language in `resources/words`, whose README explains the lists and the notation.
They are read once, and compared folded: lower case, without accents.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import NamedTuple

from mailpit_notifier.runtime.resources import files_in

SPACED_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC")
"""Scripts whose words stand between spaces and carry no prefixes, so that a word's beginning can be told."""

FIRST_JOINED = "\u0590"
"""From here on (Hebrew) scripts prefix their words or join them."""

KEY = 3
"""Characters by which words are indexed, shorter ones by their first: built in 10 ms, a regular expression in 40."""


class Kind(Enum):
    """The lists of a language file, by name in lower case. Its README says what each is about."""

    SECRET, CODE, NUMBER, ENTER, PROOF, MINUTES = range(6)
    NOISE, ACTION, LOGIN, CLICK, DENY, IGNORE, BOILER = range(6, 13)
    PLAIN, LOOK, DONE, LIVES, IF, SPENT = range(13, 19)

    __hash__ = object.__hash__  # Enum's own is slow Python, and kinds are looked up all the time


class Label(NamedTuple):
    """A known word at its place in a line; a tuple because hundreds are made, each in a third of the time."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """An entry of a list, folded; `begins` and `whole` say where in a word of the text it may stand."""

    text: str
    kind: Kind
    begins: bool
    whole: bool


Index = dict[str, list[Word]]
Language = Mapping[str, Sequence[str]]
"""Words by list, as a language file has them."""


class Vocabulary:
    """Lists of words, searched together; where several match at one place the longest word wins."""

    def __init__(self, kinds: Sequence[Kind], languages: Mapping[str, Language], without: str = "") -> None:
        """`without` leaves out one language, to measure what its words are worth."""
        self._beginnings: Index = {}
        self._anywhere: Index = {}
        for kind in kinds:
            for name, language in languages.items():
                for word in () if name == without else _words(language.get(kind.name.lower(), ()), kind):
                    index = self._beginnings if word.begins else self._anywhere
                    index.setdefault(word.text[: KEY if len(word.text) >= KEY else 1], []).append(word)
        for words in (*self._beginnings.values(), *self._anywhere.values()):
            words.sort(key=lambda word: -len(word.text))  # stable: of equal words the one of the first kind wins
        self._starts = _starts(self._anywhere)

    def labels(self, text: str) -> Iterator[Label]:
        """The known words of a text, which the caller has folded."""
        end = 0
        for match in self._starts.finditer(text):
            place = match.start()
            if place < end:
                continue
            found = None if place and _spaced_letter(text[place - 1]) else _at(self._beginnings, text, place)
            if found := found or _at(self._anywhere, text, place):
                end = place + len(found.text)
                yield Label(kind=found.kind, start=place, end=end)

    def kinds(self, text: str) -> set[Kind]:
        """The kinds of the known words in a text, which need not be folded."""
        return {label.kind for label in self.labels(fold(text))}


_CODE_KINDS = (
    *(Kind.SECRET, Kind.CODE, Kind.NOISE, Kind.NUMBER, Kind.ENTER, Kind.PROOF),
    *(Kind.MINUTES, Kind.SPENT, Kind.PLAIN),
)
_LINK_KINDS = (
    *(Kind.IGNORE, Kind.DENY, Kind.BOILER, Kind.ACTION, Kind.LOGIN, Kind.CLICK, Kind.LOOK, Kind.DONE),
    *(Kind.LIVES, Kind.IF, Kind.MINUTES, Kind.NOISE, Kind.PLAIN),
)
"""In this order a word that is in several lists counts for the first."""


@cache
def code_vocabulary(without: str = "") -> Vocabulary:
    """Return the words that tell a one-time code from other numbers."""
    return Vocabulary(_CODE_KINDS, languages(), without)


@cache
def link_vocabulary(without: str = "") -> Vocabulary:
    """Return the words that tell the link to confirm with from other links."""
    return Vocabulary(_LINK_KINDS, languages(), without)


@cache
def languages() -> Mapping[str, Language]:
    """Read all language files, by the name of the language ("all" has roots that many share): 8 ms for 72 files."""
    return {
        name.removesuffix(".toml"): tomllib.loads(content.decode())
        for name, content in files_in("words")
        if name.endswith(".toml")
    }


def fold(text: str) -> str:
    """Lower case without accents, character for character, so that places in it are places in the text."""
    return text.lower() if text.isascii() else text.translate(_FOLDED)


class _Folded(dict[int, str]):
    """A table for str.translate that is filled as characters are met."""

    def __missing__(self, number: int) -> str:
        self[number] = folded = _as_folded(chr(number))
        return folded


def _as_folded(character: str) -> str:
    base = unicodedata.normalize("NFD", character)[0] if _is_spaced(character) else character
    lower = base.lower()[0]
    return OWN_BASE.get(lower, lower)


_FOLDED = _Folded()
OWN_BASE = {"ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "a", "ð": "d", "’": "'", "ß": "s", "ς": "σ"}
"""Letters and signs that Unicode does not decompose."""


def _is_spaced(character: str) -> bool:
    return unicodedata.name(character, "").startswith(SPACED_SCRIPTS)


def _words(entries: Sequence[str], kind: Kind) -> Iterator[Word]:
    for entry in entries:
        marked = fold(entry)
        text = marked.lstrip("=*")
        begins = marked[0] != "*" and _is_spaced(text[0])
        yield Word(text=text, kind=kind, begins=begins, whole=marked[0] == "=")


def _starts(anywhere: Index) -> re.Pattern[str]:
    """Finds where a word may begin: at the beginning of the text's words, and wherever those do not matter."""
    words = sorted({word.text for words in anywhere.values() for word in words})
    joined = [word for word in words if word[0] >= FIRST_JOINED]
    compounds: list[str] = []
    for word in words[: len(words) - len(joined)]:
        if not (compounds and word.startswith(compounds[-1])):  # where a longer one is, the shorter one is, too
            compounds.append(word)
    # The lookahead for a first letter spares most places the search for the whole word.
    inside = f"(?={_any_first(compounds)})(?={'|'.join(map(re.escape, compounds)) or '(?!)'})"
    return re.compile("|".join([r"(?<![^\W\d_])[^\W\d_]", _any_first(joined), inside]))


def _any_first(words: list[str]) -> str:
    return f"[{''.join(sorted({re.escape(word[0]) for word in words})) or FIRST_JOINED}]"


def _at(index: Index, text: str, place: int) -> Word | None:
    for key in (text[place : place + KEY], text[place]):
        for word in index.get(key, ()):
            if text.startswith(word.text, place):
                end = place + len(word.text)
                if not (word.whole and _spaced_letter(text[end : end + 1])):
                    return word
    return None


def _spaced_letter(character: str) -> bool:
    return character < FIRST_JOINED and character.isalpha()
