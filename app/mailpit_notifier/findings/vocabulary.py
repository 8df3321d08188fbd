"""Find known words of many languages in a line of text.

The words are data: one TOML file per language in `resources/words`; its README explains the lists and the notation.
They are read once, and compared in lower case without accents ("folded").
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cache
from itertools import chain, groupby
from typing import NamedTuple

from mailpit_notifier.runtime.files import files_in

SPACED_SCRIPTS = ("\u0080", "\u02ff"), ("\u0370", "\u052f"), ("\u1e00", "\u1fff")
"""First and last characters of Latin, of Greek and Cyrillic, and of more Latin and Greek letters with accents.

These scripts separate words by spaces and use no prefixes, so that the start of a word can be found. Ranges, because
Unicode's names of the characters take 0.7 MiB."""

FIRST_JOINED = "\u0590"
"""From here on (Hebrew), scripts use prefixes or join words."""

KEY = 3
"""Characters by which words are indexed, shorter ones by their first. Built in 7 ms; a regular expression takes 40."""


class Kind(Enum):
    """The lists of a language file; their names there are lower case. The README explains each."""

    SECRET, CODE, NUMBER, ENTER, PROOF, MINUTES = range(6)
    NOISE, ACTION, LOGIN, CLICK, DENY, IGNORE, BOILER = range(6, 13)
    PLAIN, LOOK, DONE, LIVES, IF, SPENT = range(13, 19)
    OLD, OR, WROTE, PASSWORD, KEEP = range(19, 24)

    __hash__ = object.__hash__  # Enum's own is slow Python code, and kinds are looked up very often


class Label(NamedTuple):
    """A known word at its place in a line. A tuple, because hundreds are made: it takes a third of the time."""

    kind: Kind
    start: int
    end: int


Index = dict[str, str]
"""By the first characters of words: their entries, the longest word first, with SEPARATOR between them.

An entry is a character for the kind, and for whole words only, and the word. As objects, the words took 1.5 MiB more,
and twice the time."""

SEPARATOR = "\n"
_KINDS = {
    chr(kind.value + (ord("a") if whole else ord("A"))): (kind, whole) for kind in Kind for whole in (False, True)
}
_MARKS = {found: mark for mark, found in _KINDS.items()}
Language = Mapping[str, Sequence[str]]
"""Words by list, as in a language file."""


class Vocabulary:
    """Lists of words that are searched together. Where several match at one place, the longest wins."""

    def __init__(self, kinds: Sequence[Kind], words: Mapping[Kind, Sequence[str]], without: str = "") -> None:
        """Index the words of these kinds. `without` is the language that is left out."""
        self.without = without
        beginnings, anywhere = list[str](), list[str]()
        for kind in kinds:
            mark, whole = _MARKS[kind, False], _MARKS[kind, True]
            for word in map(fold, words[kind]):
                text = word.lstrip("=*")
                begins = word[0] != "*" and _is_spaced(text[0])
                (beginnings if begins else anywhere).append((whole if word[0] == "=" else mark) + text)
        self._anywhere = _index(anywhere)
        self._indexes = _index(beginnings), self._anywhere
        self._starts = _starts({entry[1:] for entry in anywhere})

    def labels(self, text: str) -> list[Label]:
        """Return the known words of a folded text."""
        end, labels = 0, list[Label]()
        for match in self._starts.finditer(text):
            place = match.start()
            if place < end:
                continue
            is_inside = place and text[place - 1] < FIRST_JOINED and text[place - 1].isalpha()
            if found := _at((self._anywhere,) if is_inside else self._indexes, text, place):
                end = found.end
                labels.append(found)
        return labels

    def kinds(self, text: str) -> set[Kind]:
        """Return the kinds of the known words in a text, which need not be folded."""
        return {label.kind for label in self.labels(fold(text))}


_CODE_KINDS = (
    *(Kind.SECRET, Kind.CODE, Kind.NOISE, Kind.NUMBER, Kind.ENTER, Kind.PROOF),
    *(Kind.MINUTES, Kind.KEEP, Kind.SPENT, Kind.OLD, Kind.PLAIN),
)
_LINK_KINDS = (
    *(Kind.IGNORE, Kind.DENY, Kind.BOILER, Kind.ACTION, Kind.LOGIN, Kind.CLICK, Kind.LOOK, Kind.DONE),
    *(Kind.LIVES, Kind.IF, Kind.MINUTES, Kind.NOISE, Kind.OR, Kind.PLAIN),
)
"""The order matters: a word in several lists counts for the first."""


@cache
def code_vocabulary(without: str = "") -> Vocabulary:
    """Return the words that distinguish a one-time code from other numbers."""
    return Vocabulary(_CODE_KINDS, words_of(_CODE_KINDS, without), without)


def link_vocabulary(without: str = "") -> Vocabulary:
    """Return the words that distinguish a confirmation link from other links."""
    return _source_vocabularies(without)[0]


def quote_vocabulary(without: str = "") -> Vocabulary:
    """Return the words of a line above the text of another person: "Kim wrote:"."""
    return _source_vocabularies(without)[1]


def password_vocabulary(without: str = "") -> Vocabulary:
    """Return the words for a password. They are apart because they are parts of words that ask for something."""
    return _source_vocabularies(without)[2]


@cache
def _source_vocabularies(without: str) -> Sequence[Vocabulary]:
    """Return those that only the source of a message needs, after one look into the files."""
    kinds = _LINK_KINDS, (Kind.WROTE,), (Kind.PASSWORD,)
    words = words_of(tuple(chain(*kinds)), without)
    return [Vocabulary(one, words, without) for one in kinds]


def words_of(kinds: Iterable[Kind], without: str = "") -> Mapping[Kind, Sequence[str]]:
    """Read these lists of all languages. `without` leaves out one language, to measure the effect of its words.

    Only one file at a time is in memory: all of them take 1 MiB.
    """
    words: dict[Kind, list[str]] = {kind: [] for kind in kinds}
    for name, language in languages():
        if name != without:
            for kind, of_all in words.items():
                of_all.extend(language.get(kind.name.lower(), ()))
    return words


def languages() -> Iterator[tuple[str, Language]]:
    """Yield the words by the name of the language ("all" has roots that many share)."""
    return read_languages(files_in("words"))


def read_languages(files: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, Language]]:
    """Yield the words from files, given by name and content.

    In a checkout these are 86 TOML files, which take 15 ms. A wheel has them joined in JSON, sorted before the others.
    """
    for name, content in files:
        if name.endswith(".json"):
            import json  # the modules are imported where they are needed: both take milliseconds

            yield from json.loads(content).items()
            return
        if name.endswith(".toml"):
            import tomllib

            yield name.removesuffix(".toml"), tomllib.loads(content.decode())


def fold(text: str) -> str:
    """Return the text in lower case without accents. Its length is kept, so positions are those of the text."""
    return text.lower() if text.isascii() else text.translate(_FOLDED)


class _Folded(dict[int, str]):
    """A table for str.translate, filled on demand."""

    def __missing__(self, number: int) -> str:
        self[number] = folded = _as_folded(chr(number))
        return folded


def _as_folded(character: str) -> str:
    base = unicodedata.normalize("NFD", character)[0] if _is_spaced(character) else character
    lower = base.lower()[0]
    return OWN_BASE.get(lower, lower)


_FOLDED = _Folded()
OWN_BASE = {"ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "a", "ð": "d", "’": "'", "ß": "s", "ς": "σ"}
"""Characters that Unicode does not decompose. "æ" is read like the Swedish "ä"; "ae" would move the places of words."""


def _is_spaced(character: str) -> bool:
    if character.isascii():
        return character.isalpha()
    return any(first <= character <= last for first, last in SPACED_SCRIPTS)


def _starts(anywhere: Iterable[str]) -> re.Pattern[str]:
    """Return an expression for places where a word may start: the starts of the text's words, and those in them."""
    words = sorted(anywhere)
    joined = [word for word in words if word[0] >= FIRST_JOINED]
    compounds: list[str] = []
    for word in words[: len(words) - len(joined)]:
        # A longer word starts only where its shorter beginning does.
        if not (compounds and word.startswith(compounds[-1])):
            compounds.append(word)
    # The lookahead for a first letter spares most places the search for the whole word.
    inside = f"(?={_any_first(compounds)})(?={'|'.join(map(re.escape, compounds)) or '(?!)'})"
    return re.compile("|".join([r"(?<![^\W\d_])[^\W\d_]", _any_first(joined), inside]))


def _any_first(words: list[str]) -> str:
    return f"[{''.join(sorted({re.escape(word[0]) for word in words})) or FIRST_JOINED}]"


def _index(entries: list[str]) -> Index:
    entries.sort(key=len, reverse=True)  # stable: of equal words the one of the first kind wins
    entries.sort(key=_key)
    return {key: SEPARATOR.join(found) for key, found in groupby(entries, _key)}


def _key(entry: str) -> str:
    return entry[1 : KEY + 1] if len(entry) > KEY else entry[1]


def _at(indexes: Iterable[Index], text: str, place: int) -> Label | None:
    keys = text[place : place + KEY], text[place]
    for index in indexes:
        for key in keys:
            if (entries := index.get(key)) is None:
                continue
            for entry in entries.split(SEPARATOR):
                if text.startswith(entry[1:], place):
                    kind, whole = _KINDS[entry[0]]
                    end = place + len(entry) - 1
                    if not (whole and _spaced_letter(text[end : end + 1])):
                        return Label(kind, place, end)
    return None


def _spaced_letter(character: str) -> bool:
    return character < FIRST_JOINED and character.isalpha()
