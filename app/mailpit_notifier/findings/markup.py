"""Convert HTML to a Page: its visible text line by line, and its links.

This has its own tokenizer because html.parser takes quadratic time for unclosed markup (80 kB of `<!--`: 4 s). Blocks
and cells end a line; hidden parts and comments (also Outlook's conditional ones) are skipped; large type and buttons
are marked. Regular expressions are possessive or bounded, so the time is linear. Broken HTML gives some page, never an
error.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from .page import MAX_LINE, MAX_LINES, MAX_LINKS, MAX_TEXT, Line, Link, Page, bare_links, clean, joined
from .styles import MAX_SHEET, OTHER_MEDIA, SHOWN, hidden_by, hides, selects

MAX_TAG = 8_192
MAX_MARKUP = 250_000
"""Tags in which links are looked for one by one; HTML of 8 MB has 130,000."""

MAX_BOLD = 30
"""Maximum characters of bold text that is kept: a code, not a sentence."""

MAX_DEPTH = 200
NEAR = 12
"""Open elements that are searched for the one that a closing tag ends; a tag without one there is ignored."""

TAG = re.compile(
    r"""<(/?)([a-zA-Z][a-zA-Z0-9:]{0,20})(?:(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+>|[^<>]*+>)|<[!?/][^<>]*+>"""
)
ATTRIBUTE = re.compile(
    r"""(?<![\w-])(href|style|class|id|bgcolor|hidden|role|type)\s{0,9}=\s{0,9}("[^"]*+"|'[^']*+'|[^\s"'>]++)""",
    re.IGNORECASE,
)
LONG_NUMBER = re.compile(r"&#([0-9]{8,}+);?+")
SPACE = re.compile(r"\s+")
FONT_SIZE = re.compile(r"font(?:-size)?\s{0,4}:[^;]{0,40}?(\d{1,3}(?:\.\d)?)\d{0,3}(px|pt|r?em|%)", re.IGNORECASE)
HIDDEN_ATTRIBUTE = re.compile(r"""\shidden(?=[\s>/=])""", re.IGNORECASE)
QUOTED_VALUE = re.compile(r""""[^"]*+"|'[^']*+'""")
PREFORMATTED = re.compile(r"white-space\s{0,4}:\s{0,4}(?:pre|break-spaces)", re.IGNORECASE)
APART = re.compile(r"letter-spacing\s{0,4}:\s{0,4}(?:[1-9]|0?\.[1-9])|monospace", re.IGNORECASE)
BOX = re.compile(r"border\s{0,4}:\s{0,4}[1-9]|background", re.IGNORECASE)
BOX_CLASS = re.compile(r"(?<![a-z])(?:otp|pin|(?:pass)?code|token|digits?|mono|[2-9]xl)(?![a-z])", re.IGNORECASE)
BUTTON_STYLE = re.compile(r"background|inline-block|padding", re.IGNORECASE)
BUTTON = re.compile(r"btn|button|cta", re.IGNORECASE)
QUOTE = re.compile(r"gmail_quote|moz-cite|yahoo_quoted|\bcite\b", re.IGNORECASE)
"""Classes and types of elements in which mail programs quote another message."""

BIG = {"px": 20.0, "pt": 15.0, "em": 1.4, "rem": 1.4, "%": 140.0}
BOLD = re.compile(r"font-weight\s{0,4}:\s{0,4}(?:bold|[6-9]00)", re.IGNORECASE)
BOLD_TAGS = {"b", "strong", "mark", "em"}
BIG_TAGS = {"h1", "h2", "h3", "code", "kbd", "tt", "samp"}
SKIPPED = {"style", "script", "title", "template", "select", "svg", "textarea", "iframe", "noembed", "noframes"}
RAW = {"style", "script", "title", "textarea", "iframe", "noembed", "noframes"}
"""Those of them that go on to the end where they are not closed, as in browsers."""
ENDS = {name: re.compile(f"</{name}", re.IGNORECASE) for name in SKIPPED}
END_OF_COMMENT = re.compile("--!?>")
VOID = {"br", "img", "hr", "meta", "link", "input", "col", "area", "base", "wbr", "source"}
INLINE = {
    *{
        "a",
        "b",
        "i",
        "u",
        "s",
        "em",
        "strong",
        "span",
        "font",
        "small",
        "big",
        "sup",
        "sub",
        "code",
        "kbd",
        "tt",
        "samp",
    },
    *{"mark", "abbr", "bdi", "bdo", "cite", "q", "label", "ins", "del", "var", "img", "wbr", "time", "data", "nobr"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """An open element and its effect on the text in it. Blocks inside inherit all of it but `boxed`."""

    name: str
    big: bool
    boxed: bool
    preformatted: bool
    hidden: bool
    bold: bool = False
    quoted: bool = False
    indented: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """An open link. Its words start at `column` of the line, which is `piece` of the line's list of texts."""

    url: str
    button: bool
    column: int
    piece: int
    image: bool = False


OUTERMOST = Element(name="", big=False, boxed=False, preformatted=False, hidden=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much of a page is read: tags (HTML of 256 kB has 4,000), visible characters, lines, characters of a line."""

    tags: int = 10_000
    text: int = MAX_TEXT
    lines: int = MAX_LINES
    line: int = MAX_LINE


TOP = Bounds()
"""For codes and links, which are near the top."""

WHOLE = Bounds(tags=20_000, text=400_000, lines=20_000, line=400_000)
"""For the whole text; takes 100 ms at worst."""


def page_of_html(source: str, bounds: Bounds = TOP) -> Page:
    """Read HTML. `source` may be any text."""
    reader = _Reader(bounds)
    reader.read(source)
    return reader.page()


class _Reader:
    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._is_cut = False
        self._open: list[Element] = []
        self._styles: dict[tuple[str, str], Element] = {}
        self._hidden: set[str] = set()
        self._sheet_budget = MAX_SHEET
        self._lines: list[Line] = []
        self._links: list[Link] = []
        self._text: list[str] = []
        self._length = 0
        self._big = False
        self._bold: list[str] = []
        self._around = OUTERMOST
        self._budget = bounds.text
        self._anchor: Anchor | None = None

    def page(self) -> Page:
        """Return the page read so far."""
        return Page(lines=joined(self._lines), links=tuple(self._links[:MAX_LINKS]), is_cut=self._is_cut)

    def read(self, source: str) -> None:
        """Read the source once, from tag to tag."""
        place = 0
        for _ in range(self._bounds.tags):
            start = source.find("<", place)
            self._add_text(source[place : start if start >= 0 else len(source)])
            if start < 0:
                break
            if self._budget <= 0 or len(self._lines) >= self._bounds.lines:
                self._is_cut = True
                break
            place = self._markup(source, start)
            if place < 0:
                break
        else:
            self._is_cut = True
        self._end_anchor()
        self._end_line()

    def _markup(self, source: str, start: int) -> int:
        """Handle markup that starts with `<`; return where to continue, negative where nothing visible follows."""
        if source.startswith("<!--", start):
            end = END_OF_COMMENT.search(source, start + 2)
            return end.end() if end else -1
        tag = TAG.match(source, start)
        if not tag:
            self._add_text("<")
            return start + 1
        element = (tag[2] or "").lower()
        if tag[1]:
            self._close(element)
        elif element in SKIPPED:
            is_empty = element == "svg" and tag[0].endswith("/>")
            closed = None if is_empty else ENDS[element].search(source, tag.end())
            if element == "style" and closed:
                self._read_sheet(tag[0], source[tag.end() : closed.start()])
            return closed.start() if closed else -1 if element in RAW else tag.end()
        elif element:
            self._start(element, tag[0])
        return tag.end()

    def _read_sheet(self, tag: str, sheet: str) -> None:
        """Read a style sheet, which counts for what follows it."""
        if len(sheet) <= self._sheet_budget and not OTHER_MEDIA.search(tag):
            self._sheet_budget -= len(sheet)
            self._hidden |= hidden_by(sheet)

    def _start(self, name: str, tag: str) -> None:
        attributes = _attributes(tag) if len(tag) > len(name) + 6 else {}
        if name not in INLINE:
            self._end_line()
        if name == "img" and self._anchor:
            self._anchor = replace(self._anchor, image=True)
        if name in VOID:
            return
        outer = self._open[-1] if self._open else OUTERMOST
        style = self._style(attributes.get("style", ""), attributes.get("class", ""))
        is_hidden = "hidden" in tag.lower() and bool(HIDDEN_ATTRIBUTE.search(QUOTED_VALUE.sub("", tag[:MAX_TAG])))
        if self._hidden and not SHOWN.search(attributes.get("style", "")):
            is_hidden = is_hidden or selects(self._hidden, name, attributes.get("class", ""), attributes.get("id", ""))
        element = Element(
            name=name,
            big=outer.big or name in BIG_TAGS or style.big,
            boxed=style.boxed or (outer.boxed and name in INLINE),
            preformatted=outer.preformatted or name == "pre" or style.preformatted,
            hidden=outer.hidden or style.hidden or is_hidden,
            bold=name in BOLD_TAGS or style.bold or (outer.bold and name in INLINE),
            quoted=outer.quoted or bool(QUOTE.search(attributes.get("class", "") + " " + attributes.get("type", ""))),
            indented=outer.indented or name == "blockquote",
        )
        if len(self._open) < MAX_DEPTH:
            self._open.append(element)
        if name == "a":
            self._end_anchor()
            url = unescaped(attributes.get("href", "")).strip()
            if not element.hidden and url.lower().startswith(("http://", "https://")):
                self._anchor = Anchor(
                    url=url, button=_is_button(attributes), column=self._length, piece=len(self._text)
                )

    def _style(self, style: str, names: str) -> Element:
        """Return the effect of the attributes `style` and `class`; cached, because messages repeat the same ones."""
        key = (style, names)
        if key not in self._styles:
            self._styles[key] = Element(
                name="",
                big=_is_big(style),
                boxed=bool(BOX.search(style) or BOX_CLASS.search(names)),
                preformatted=bool(PREFORMATTED.search(style)),
                hidden=hides(unescaped(style)),
                bold=bool(BOLD.search(style)),
            )
        return self._styles[key]

    def _close(self, name: str) -> None:
        if name == "a":
            self._end_anchor()
        elif name not in INLINE:
            self._end_line()
        if self._open and self._open[-1].name == name:
            self._open.pop()
            return
        for place in range(len(self._open) - 1, max(-1, len(self._open) - 1 - NEAR), -1):
            if self._open[place].name == name:
                del self._open[place:]
                break

    def _add_text(self, raw: str) -> None:
        around = self._open[-1] if self._open else None
        if not raw or (around and around.hidden):
            return
        if not (around and around.preformatted) and raw[:2].isspace():
            raw = f" {raw.lstrip()}"  # templates can leave more white space than text
        text = clean(unescaped(raw[: self._budget]))
        self._is_cut = self._is_cut or len(raw) > self._budget
        self._budget -= len(text)
        if around and around.preformatted:
            for number, line in enumerate(text.splitlines()):
                if number:
                    self._end_line()
                self._add(line, around)
            if text.endswith("\n"):
                self._end_line()
        else:
            self._add(text, around)

    def _add(self, text: str, around: Element | None) -> None:
        text = SPACE.sub(" ", text)
        if not self._length:
            text = text.lstrip()
        if not text:
            return
        if not self._length:
            self._around = around or OUTERMOST
        self._text.append(text)
        self._length += len(text)
        self._big = self._big or bool(around and (around.big or around.boxed) and text.strip())
        if around and around.bold and len(text) <= MAX_BOLD:
            self._bold.append(text.strip())

    def _end_line(self) -> None:
        if not self._text:
            return
        anchor = self._anchor
        if anchor:
            self._end_anchor()
        text = "".join(self._text).strip()[: self._bounds.line]
        if text:
            if len(self._links) < MAX_LINKS:
                self._links.extend(islice(bare_links(text, len(self._lines)), MAX_LINKS))
            around = self._around
            self._lines.append(
                Line(
                    text=text,
                    big=self._big,
                    quoted=around.quoted,
                    indented=around.indented,
                    bold=tuple(self._bold),
                )
            )
        self._text, self._length, self._big, self._bold = [], 0, False, []
        if anchor:  # a link around blocks
            self._anchor = replace(anchor, column=0, piece=0)

    def _end_anchor(self) -> None:
        if self._anchor is None or len(self._links) >= MAX_LINKS:
            self._anchor = None
            return
        anchor, self._anchor = self._anchor, None
        words = SPACE.sub(" ", "".join(self._text[anchor.piece :])).strip()
        if not words and not anchor.image:
            return
        bare = words.lower().startswith(("http://", "https://"))
        self._links.append(
            Link(
                url=anchor.url,
                words="" if bare else words[:200],
                line=len(self._lines),
                column=anchor.column,
                button=anchor.button,
                image=anchor.image and not words,
            )
        )


def targets(source: str) -> Iterator[str]:
    """Yield where each link of HTML leads, in the order of the source, also hidden ones. `source` may be any text.

    Reads MAX_MARKUP tags, which takes half a second at worst.
    """
    place = 0
    for _ in range(MAX_MARKUP):
        start = source.find("<", place)
        if start < 0:
            return
        if source.startswith("<!--", start):
            place = _end_of(END_OF_COMMENT, source, start + 2)
        elif not (tag := TAG.match(source, start)):
            place = start + 1
        elif not tag[1] and (name := (tag[2] or "").lower()) in SKIPPED:
            place = _end_of(ENDS[name], source, tag.end())
        else:
            place = tag.end()
            if not tag[1] and name in {"a", "area"} and (url := _attributes(tag[0]).get("href")):
                yield unescaped(url)


def _end_of(closing: re.Pattern[str], source: str, start: int) -> int:
    """Return where something ends, the end of the source if nowhere."""
    found = closing.search(source, start)
    return found.end() if found else len(source)


def unescaped(text: str) -> str:
    """Resolve character references. Longer numbers are replaced first: Python converts at most 4,300 digits."""
    if "&" not in text:
        return text
    import html  # its table of 2,200 names takes 0.5 MiB

    return html.unescape(LONG_NUMBER.sub(_no_character, text) if "&#" in text else text)


def _no_character(reference: re.Match[str]) -> str:
    digits = reference[1].lstrip("0")
    return f"&#{digits};" if len(digits) < 8 else "\ufffd"


def _attributes(tag: str) -> dict[str, str]:
    found = ATTRIBUTE.findall(tag[:MAX_TAG])
    return {name.lower(): value.strip("\"'") for name, value in reversed(found)}


def _is_big(style: str) -> bool:
    size = FONT_SIZE.search(style)
    return bool(APART.search(style) or (size and float(size[1]) >= BIG[size[2].lower()]))


def _is_button(attributes: dict[str, str]) -> bool:
    return bool(
        BUTTON_STYLE.search(attributes.get("style", ""))
        or BUTTON.search(attributes.get("class", "") + attributes.get("role", ""))
        or "bgcolor" in attributes
    )
