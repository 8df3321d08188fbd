"""Clean text from messages before it is shown, copied or printed: remove all characters that are invisible.

Message text is hostile. A NUL ends the connection to the session bus, a line break on the clipboard runs a command in a
terminal, a bidi override makes `gpj.exe` appear as an image, and newsletters pad their snippets with hundreds of
invisible characters. Models keep the text as the server sent it; each sink cleans it with one of these functions:

- `plain`, `line`: one line, for widgets, notifications and log lines;
- `pasted`: one line with its spaces as they are, for the clipboard;
- `lines`: several lines, for terminals and text boxes;
- `json_line`: JSON for programs, which keeps every character by escaping those.
"""

import json
import re
from typing import Any
from unicodedata import category

ELLIPSIS = "…"

LONGEST_GRAPHEME = 32
"""Characters to search backwards at most for the start of a grapheme (UAX #15 allows 30 marks on one)."""

# Invisible characters: controls, soft hyphen, grapheme joiner, fillers, bidi controls, zero widths, surrogates,
# annotations, tags, and what XML (markup in notifications) cannot contain. Space-like controls become a space below.
_INVISIBLE = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_JOINERS = "\u200c\u200d"
_SPACES = "\t\x0b\x0c\x1c-\x1f\x85\u2028\u2029"
"""White space for Python, control characters for a terminal."""

_DROPPED = re.compile(f"[{_INVISIBLE}]")
# Joiners have a meaning only between two visible characters that are not ASCII (Persian, Indic scripts, emoji).
_LOOSE = re.compile(rf"(?<![^\s\x00-\x7f{_JOINERS}])[{_JOINERS}]|[{_JOINERS}](?![^\s\x00-\x7f{_JOINERS}])")
_BREAK, _BLANK, _BREAKS = re.compile(r"\r\n?"), re.compile(f"[{_SPACES}]"), re.compile(f"[\r\n{_SPACES}]+")
_ESCAPED = re.compile(f"[{_INVISIBLE}{_JOINERS}{_SPACES}]")


def plain(text: str, limit: int) -> str:
    """Return the text as one line of at most `limit` characters, cut between graphemes with an ellipsis at the end.

    Control, bidi and zero-width characters are dropped, any white space becomes one space.
    """
    whole = line(text)
    return whole if len(whole) <= limit else whole[: _boundary(whole, limit - 1)].rstrip() + ELLIPSIS


def line(text: str) -> str:
    """Return the text as one line, without control, bidi and zero-width characters; white space becomes one space."""
    if text.isascii() and text.isprintable() and "  " not in text and text == text.strip():
        return text  # most texts: a third of the time, for every part of a notification
    return " ".join(_seen(" ".join(text.split())).split())


def pasted(text: str) -> str:
    """Return the text as one line that is safe to paste, even into a terminal. Line breaks and tabs become spaces."""
    return _seen(" ".join(filter(None, _BREAKS.split(text))))


def lines(text: str) -> str:
    r"""Return the text without those characters, with its line breaks (as `\n`) and spaces."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text  # most notifications: a third of the time of three regular expressions
    return _seen(_BLANK.sub(" ", _BREAK.sub("\n", text)))


def json_line(value: Any) -> str:
    """Return a value as JSON on one line. Invisible characters are escaped, all others stay readable."""
    return _ESCAPED.sub(_as_escape, json.dumps(value, ensure_ascii=False))


def is_visible(text: str) -> bool:
    """Return whether a text has no character that would be dropped or become a space."""
    return text.isprintable() and not _DROPPED.search(text)


def _seen(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    text = _DROPPED.sub("", text)
    return _LOOSE.sub("", text) if any(joiner in text for joiner in _JOINERS) else text


def _as_escape(match: re.Match[str]) -> str:
    """Return a character as JSON's escapes: two of them beyond the basic plane."""
    return json.dumps(match[0])[1:-1] if match[0] != "\x7f" else "\\u007f"


def _boundary(text: str, end: int) -> int:
    """Return the last start of a grapheme at or before `end`; `end` itself if there is none near."""
    for place in range(end, max(0, end - LONGEST_GRAPHEME), -1):
        if not (_extends(text[place]) or text[place - 1] in _JOINERS or _splits_flag(text, place)):
            return place
    return end


def _extends(char: str) -> bool:
    """Whether a character is drawn as one with the character before it: marks, joiners, skin tones, Hangul parts."""
    return (
        category(char) in {"Mn", "Mc", "Me", "Cf"}
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\u1160" <= char <= "\u11ff"
    )


def _splits_flag(text: str, place: int) -> bool:
    """Whether a cut here would split a pair of regional indicators."""
    before = re.search("[\U0001f1e6-\U0001f1ff]*\\Z", text[max(0, place - LONGEST_GRAPHEME) : place])
    return before is not None and len(before[0]) % 2 == 1 and "\U0001f1e6" <= text[place] <= "\U0001f1ff"
