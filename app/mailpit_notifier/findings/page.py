"""A mail's part as lines and links: what reading text (here) and HTML (markup.py) have in common.

Lines are cleaned of what nobody sees (zero-width characters, soft hyphens), foreign digits become ASCII ones, and
characters that were set apart one to a line are joined. All is bounded: what is asked for stands near the top.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

MAX_LINES = 500
MAX_LINE = 2_000
"""Characters kept of a line; 500 of them would be a book."""

MAX_TEXT = 30_000
"""Characters of visible text that are looked at."""

MAX_LINKS = 150

URL = re.compile(r"https?://[!#-;=?-Z\[\]_a-z~\u00c0-\u058f]+", re.IGNORECASE)
"""An address in running text: ASCII without quotes, angle brackets, braces and bars, and letters of spaced scripts."""

TRAILING = ".,;:!?'*_]"
"""Characters that end a sentence rather than an address."""

SEPARATE = re.compile(r"[A-Za-z0-9]|[-•·.]")
MIN_SEPARATE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line as people see it; `big` when it is set larger or otherwise apart."""

    text: str
    big: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link: its address, its own words ("" where these are the address), and where it is (line and column)."""

    url: str
    words: str
    line: int
    column: int
    button: bool = False
    image: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One part of a mail; where it `is_cut` there is more than these lines."""

    lines: tuple[Line, ...] = ()
    links: tuple[Link, ...] = ()
    is_cut: bool = False


def page_of_text(text: str) -> Page:
    """Read plain text."""
    raw = [clean(line[:MAX_LINE]).strip() for line in text[: MAX_TEXT * 2].splitlines()[:MAX_LINES]]
    lines = [Line(text=line) for line in raw]
    links = [link for number, line in enumerate(lines) for link in bare_links(line.text, number)][:MAX_LINKS]
    return Page(lines=joined(lines), links=tuple(links))


def bare_links(text: str, number: int) -> Iterable[Link]:
    """The addresses that stand in a line as they are."""
    for match in URL.finditer(text):
        yield Link(url=trimmed(match[0]), words="", line=number, column=match.start())


def trimmed(url: str) -> str:
    """The address without the punctuation of the sentence around it."""
    while url and (url[-1] in TRAILING or (url[-1] == ")" and url.count(")") > url.count("("))):
        url = url[:-1]
    return url


def clean(text: str) -> str:
    """The text without what cannot be seen, with plain spaces and ASCII digits."""
    return text if text.isascii() else text.translate(_SEEN)


def joined(lines: list[Line]) -> tuple[Line, ...]:
    """Lines of one character each, one below the other, as one; the rest stay empty so that numbers do not shift."""
    out = list(lines)
    run: list[int] = []
    for number, line in enumerate([*lines, Line(text="end")]):
        if SEPARATE.fullmatch(line.text):
            run.append(number)
        elif line.text or number == len(lines):
            if sum(lines[place].text.isalnum() for place in run) >= MIN_SEPARATE:
                _join(out, run)
            run = []
    return tuple(out)


def _join(lines: list[Line], run: list[int]) -> None:
    text = "".join(lines[place].text for place in run if lines[place].text.isalnum())
    for place in run:
        lines[place] = Line(text="")
    lines[run[0]] = Line(text=text, big=True)


class _Seen(dict[int, str]):
    """A table for str.translate that is filled as characters are met: all of Unicode would take 0.1 s at start."""

    def __missing__(self, number: int) -> str:
        self[number] = seen = _as_seen(chr(number))
        return seen


def _as_seen(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf" or character in "\u034f\u115f\u1160\u17b4\u17b5":
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if "\uff21" <= character <= "\uff5a" and character.isalpha():  # full-width letters
        return chr(ord(character) - 0xFEE0)
    return {"Zs": " ", "Pd": "-"}.get(category, character)


_SEEN = _Seen()
