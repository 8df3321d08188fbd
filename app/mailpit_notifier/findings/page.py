"""A part of a message as lines and links, read from plain text (here) or HTML (markup.py).

Invisible characters (zero-width ones, soft hyphens) are removed, other digits become ASCII digits, and characters that
are spread over lines of one each are joined. Sizes are bounded: codes and links are near the top.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

MAX_LINES = 500
MAX_LINE = 2_000
"""Characters kept of a line; 500 of them would be a book."""

MAX_TEXT = 30_000
"""Characters of visible text that are read."""

MAX_LINKS = 150

BLANK_LINES = re.compile(r"\n(?:[ \t\r\0]*+\n){4,}+")
"""More blank lines than have a meaning; templates can leave thousands of them."""

SIGNED = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----\r?\n(?:Hash: [^\n]*+\n)*+")
SIGNATURE = re.compile(r"-----BEGIN PGP SIGNATURE-----[^-]*+(?:-----END PGP SIGNATURE-----)?+")
"""What surrounds signed text (RFC 9580, 7). Names of digests and the signature look like codes."""

URL = re.compile(r"https?://[!#-;=?-Z\[\]_a-z~\u00c0-\u058f]+", re.IGNORECASE)
"""A URL in text: ASCII without quotes, angle brackets, braces and bars, and letters of scripts with spaces."""

TRAILING = ".,;:!?'*]"
"""Characters at the end of a URL that belong to the sentence. A `_` does only where another one precedes the URL."""

BRACKET = re.compile(r"[\[\]]")
FOOTNOTE = re.compile(r"\[[0-9]{1,3}\][.,;:!?)]*+\Z")
"""The number of a footnote after a URL."""

MARKDOWN = re.compile(r"\[([^\[\]]{1,2000}+)\]\((https?://[^\s()]{1,2000}+(?:\([^\s()]{0,200}+\)[^\s()]{0,200}+)?)\)")
"""A link in Markdown: its words, and its URL."""

SEVERAL_WORDS = re.compile(r"[^\W\d_]+ +[^\W\d_]+|[^\W\d_\x00-\u02ff]{3}")
"""Two words, or a few letters of a script that joins words. Lines after `>` without any show a code, and no quote."""

SEPARATE = re.compile(r"[A-Za-z0-9]|[-•·.]")
MIN_SEPARATE = 4


class Line(NamedTuple):
    """A line of visible text; `big`: it is larger than the others, or emphasized in another way; `bold`: bold parts.

    `quoted`: it was written in another message; `indented`: it is in a `<blockquote>`, often only for the layout.
    """

    text: str
    big: bool = False
    quoted: bool = False
    indented: bool = False
    bold: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link: its URL, its words ("" if they are the URL), and its place (line and column)."""

    url: str
    words: str
    line: int
    column: int
    button: bool = False
    image: bool = False


class Page(NamedTuple):
    """One part of a message. `is_cut`: the part has more than these lines.

    `is_comment`: the message reports what another person wrote, so its URLs may be theirs.
    """

    lines: tuple[Line, ...] = ()
    links: tuple[Link, ...] = ()
    is_cut: bool = False
    is_comment: bool = False


def page_of_text(text: str) -> Page:
    """Read plain text."""
    text = SIGNATURE.sub("", SIGNED.sub("", BLANK_LINES.sub("\n\n\n\n", text)))
    whole = text[: MAX_TEXT * 2].splitlines()
    is_cut = len(text) > MAX_TEXT * 2 or len(whole) > MAX_LINES or any(len(line) > MAX_LINE for line in whole)
    raw = [clean(line[:MAX_LINE]).strip() for line in whole[:MAX_LINES]]
    lines: list[Line] = []
    links: list[Link] = []
    for number, line in enumerate(raw):
        shown, named = _without_markdown(line, number)
        lines.append(Line(text=shown))
        links += (*named, *bare_links(shown, number))
    is_cut = is_cut or len(links) > MAX_LINKS
    return Page(lines=joined(_with_quotes(lines)), links=tuple(links[:MAX_LINKS]), is_cut=is_cut)


def _with_quotes(lines: list[Line]) -> list[Line]:
    """Mark successive lines that begin with `>` as quoted, if they have words."""
    out: list[Line] = []
    for begins, run in groupby(lines, key=lambda line: line.text.startswith(">")):
        group = list(run)
        is_quote = begins and any(SEVERAL_WORDS.search(line.text) for line in group)
        out += [line._replace(quoted=True) for line in group] if is_quote else group
    return out


def _without_markdown(text: str, number: int) -> tuple[str, list[Link]]:
    """Return a line with the words of its Markdown links instead of these, and the links whose words are no URL."""
    if "](" not in text:
        return text, []
    shown, end, links = "", 0, list[Link]()
    for match in MARKDOWN.finditer(text):
        words, url = match[1].strip(), match[2]
        is_bare = words.lower().startswith(("http://", "https://"))
        shown, end = shown + text[end : match.start()], match.end()
        if is_bare:
            words = f"<{url}>"
        else:
            links.append(Link(url=url, words=words[:200], line=number, column=len(shown)))
        shown += words
    return shown + text[end:], links


def bare_links(text: str, number: int) -> Iterable[Link]:
    """Yield the URLs in the text of a line."""
    for match in URL.finditer(text):
        before = text[max(0, match.start() - 3) : match.start()]
        yield Link(url=trimmed(match[0], before), words="", line=number, column=match.start())


def trimmed(url: str, before: str = "") -> str:
    """Remove the punctuation of the sentence from the end of a URL, and as many `_` as end the text `before` it."""
    if BRACKET.search(url):
        url = FOOTNOTE.sub("", url[: _first_unpaired(url)])
    underscores = len(before) - len(before.rstrip("_"))
    while url:
        if url[-1] == "_" and underscores:
            underscores -= 1
        elif not (url[-1] in TRAILING or (url[-1] == ")" and url.count(")") > url.count("("))):
            break
        url = url[:-1]
    return url


def _first_unpaired(url: str) -> int:
    """Return the place of the first bracket without its counterpart, as in the Markdown `[URL][1]`; else the length."""
    depth = 0
    for match in BRACKET.finditer(url):
        depth += 1 if match[0] == "[" else -1
        if depth < 0:
            return match.start()
    return url.rindex("[") if depth else len(url)


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
