"""Mail text made fit to be shown: one line, bounded, and nothing in it that a person cannot see.

Mail text is hostile. A NUL costs us the connection to the bus, a bidi override turns `gpj.exe` around, and newsletters
pad their snippets with hundreds of invisible characters. Here rather than at each sink, so that it is one policy.
"""

import re
from unicodedata import category

ELLIPSIS = "…"

LONGEST_GRAPHEME = 32
"""Characters to go back at most to where a person sees a character begin (UAX #15 allows 30 marks on one)."""

# The invisible ones: controls, soft hyphen, grapheme joiner, bidi controls, zero widths, surrogates, annotations, tags,
# and what XML (markup in notifications) cannot hold. Space-like controls stay here, and become a space below.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff]"
)

_JOINERS = "\u200c\u200d"
"""They mean something between two visible characters only (Persian, Indic scripts, emoji)."""


def plain(text: str, limit: int) -> str:
    """The text as one line of at most `limit` characters, cut between graphemes with an ellipsis at the end.

    Control, bidi and zero-width characters are dropped, any white space becomes one space.
    """
    words = (word.strip(_JOINERS) for word in _INVISIBLE.sub("", text).split())
    line = " ".join(filter(None, words))
    return line if len(line) <= limit else line[: _boundary(line, limit - 1)].rstrip() + ELLIPSIS


def _boundary(text: str, end: int) -> int:
    """The last place at or before `end` where a grapheme begins; `end` itself where there is none near."""
    for place in range(end, max(0, end - LONGEST_GRAPHEME), -1):
        if not (_extends(text[place]) or text[place - 1] in _JOINERS or _splits_flag(text, place)):
            return place
    return end


def _extends(char: str) -> bool:
    """Whether the character is drawn together with the one before it: marks, joiners, skin tones, Hangul parts."""
    return (
        category(char) in {"Mn", "Mc", "Me", "Cf"}
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\u1160" <= char <= "\u11ff"
    )


def _splits_flag(text: str, place: int) -> bool:
    """Whether a cut here is inside a pair of regional indicators."""
    before = re.search("[\U0001f1e6-\U0001f1ff]*\\Z", text[max(0, place - LONGEST_GRAPHEME) : place])
    return before is not None and len(before[0]) % 2 == 1 and "\U0001f1e6" <= text[place] <= "\U0001f1ff"
