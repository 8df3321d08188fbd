"""Which elements are hidden, by their own style or by a rule of a style sheet.

Of style sheets only simple rules count: `.preheader`, `div.preheader` and `#preheader`. What a sheet shows again, on
some screens or in a dark theme, counts as visible: losing a visible code is worse than reading a hidden one.
"""

import re
from collections.abc import Iterable, Iterator

MAX_SHEET = 100_000
"""Characters of style sheets that are read; designed messages have 10,000."""

MAX_CLASSES = 20
"""Classes of an element that are looked up."""

HIDDEN = re.compile(
    r"(?<![\w-])(?:display\s{0,4}:\s{0,4}none|visibility\s{0,4}:\s{0,4}(?:hidden|collapse)"
    r"|(?:opacity|max-height)\s{0,4}:\s{0,4}0(?:\.0{0,9})?(?:px|em)?\s{0,4}(?:;|!|\Z))",
    re.IGNORECASE,
)
SHOWN = re.compile(
    r"(?<![\w-])(?:display\s{0,4}:\s{0,4}(?!none|\s)|visibility\s{0,4}:\s{0,4}visible"
    r"|(?:opacity|max-height)\s{0,4}:\s{0,4}(?!0(?:\.0{0,9})?(?:px|em)?\s{0,4}(?:;|!|\Z)|\s))",
    re.IGNORECASE,
)
MAY_HIDE = re.compile(r"none|hidden|collapse|opacity|max-height", re.IGNORECASE)
BRACE = re.compile("[{}]")
SIMPLE = re.compile(r"[a-zA-Z][a-zA-Z0-9]{0,20}[.#][\w-]{1,99}|[.#][\w-]{1,99}")
OTHER_MEDIA = re.compile(r"""\smedia\s{0,4}=\s{0,4}(?!["'](?:all|screen)["']|(?:all|screen)[\s>])""", re.IGNORECASE)
"""The attribute of a style sheet for other media than a screen, or for some screens."""


def hides(style: str) -> bool:
    """Return whether the attribute `style` of an element hides it."""
    return bool(HIDDEN.search(_without_comments(style)))


def hidden_by(sheet: str) -> set[str]:
    """Return the simple selectors of what a style sheet hides on every screen."""
    if not MAY_HIDE.search(sheet):
        return set()
    hidden, shown = set[str](), set[str]()
    for selectors, declarations, conditional in _rules(_without_comments(sheet).replace("<!--", "")):
        if HIDDEN.search(declarations):
            hidden.update(() if conditional else selectors)
        elif SHOWN.search(declarations):
            shown.update(selectors)
    return hidden - shown


def selects(selectors: Iterable[str], name: str, classes: str, identifier: str) -> bool:
    """Return whether a simple selector applies to an element, by its name, its classes and its id."""
    own = [f".{one}" for one in classes.split()[:MAX_CLASSES]] + ([f"#{identifier}"] if identifier else [])
    return any(one in selectors or f"{name}{one}" in selectors for one in own)


def _rules(sheet: str) -> Iterator[tuple[list[str], str, bool]]:
    """Yield the simple selectors of each rule, its declarations, and whether it holds only under a condition."""
    opened: list[str] = []
    start = 0
    for brace in BRACE.finditer(sheet):
        text, start = sheet[start : brace.start()], brace.end()
        if brace[0] == "{":
            opened.append(text.rpartition(";")[2])
        elif opened and not (before := opened.pop().strip()).startswith("@"):
            yield [one for one in map(str.strip, before.split(",")) if SIMPLE.fullmatch(one)], text, bool(opened)


def _without_comments(style: str) -> str:
    first, *rest = style.split("/*")
    return first + "".join(piece.partition("*/")[2] for piece in rest)
