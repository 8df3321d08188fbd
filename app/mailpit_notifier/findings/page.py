"""A part of a message as lines and links, read from plain text (here) or HTML (markup.py).

Invisible characters (zero-width ones, soft hyphens) are removed, other digits become ASCII digits, and characters that
are spread over lines of one each are joined. Sizes are bounded: codes and links are near the top.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

MAX_LINES = 500
MAX_LINE = 2_000
"""Characters kept of a line; 500 of them would be a book."""

MAX_TEXT = 30_000
"""Characters of visible text that are read."""

MAX_LINKS = 150

URL = re.compile(r"https?://[!#-;=?-Z\[\]_a-z~\u00c0-\u058f]+", re.IGNORECASE)
"""A URL in text: ASCII without quotes, angle brackets, braces and bars, and letters of scripts with spaces."""

TRAILING = ".,;:!?'*_]"
"""Characters at the end of a URL that belong to the sentence."""

SEPARATE = re.compile(r"[A-Za-z0-9]|[-•·.]")
MIN_SEPARATE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of visible text; `big`: it is larger than the others, or emphasized in another way."""

    text: str
    big: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link: its URL, its words ("" if they are the URL), and its place (line and column)."""

    url: str
    words: str
    line: int
    column: int
    button: bool = False
    image: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One part of a message. `is_cut`: the part has more than these lines."""

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
    """Yield the URLs in the text of a line."""
    for match in URL.finditer(text):
        yield Link(url=trimmed(match[0]), words="", line=number, column=match.start())


def trimmed(url: str) -> str:
    """Remove the punctuation of the sentence from the end of a URL."""
    while url and (url[-1] in TRAILING or (url[-1] == ")" and url.count(")") > url.count("("))):
        url = url[:-1]
    return url


def clean(text: str) -> str:
    """Return the text without invisible characters, with plain spaces and ASCII digits."""
    return text if text.isascii() else text.translate(_SEEN)


def joined(lines: list[Line]) -> tuple[Line, ...]:
    """Join consecutive lines of one character each. The others of them stay, empty, so that line numbers are kept."""
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
    """A table for str.translate, filled on demand: all of Unicode would take 0.1 s at start."""

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
