"""Find the primary link of a message: the one to confirm, activate, reset, sign in, accept, approve or unlock.

Every link gets points for its words, the words around it and in its path, for a token, for being a button or the only
link that is not boilerplate. It loses points if it cancels something, belongs to a footer, or shows an order.
"""

import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property

from .addresses import (
    contains_code,
    leads_to_a_shop,
    looks_like_token,
    path_kind,
    tracked,
    usable,
)
from .choices import choices, refuses, without_joined
from .form import is_about_a_thing, is_about_one_thing, leads_up
from .page import Link, Page
from .shapes import MASK, has_amount, masked
from .vocabulary import Kind, Vocabulary, fold, password_vocabulary

ENOUGH = 6.0

ASKS, ASKS_IN_TITLE, LOGS_IN, NOISY, LOOKS, PICTURE_ONLY = 5.0, 1.0, 4.0, -6.0, -3.0, -2.0
"""Points for the link's own words: they ask to confirm, or mean something else."""

PATHS = {Kind.ACTION: 3.0, Kind.LOGIN: 1.5}
TOKEN, PLACE, BUTTON, SOLE, AGAIN = 2.0, -2.0, 1.5, 2.0, 1.0
"""For its URL (a mere place has neither action nor token) and its looks; for being the only
link, button or link with a token that is not boilerplate; and for being there twice."""

ONE_THING, SHORT_LIVED = 2.0, 2.0
"""For the only link with a token: in a short message without known words, and in one with an expiry time."""

POINTED_AT, ASKED, ASKED_WITH_NOISE, ASKED_BEFORE = 1.0, 3.0, 1.0, 2.0
"""For the text before it."""

EMPTY_WORDS = 1.5
"""For a link with words such as "here" in a sentence that asks to confirm, and for a URL after a label that does: as
much as for a button."""

MOST_BY_CONTEXT = POINTED_AT + ASKED + EMPTY_WORDS
SHOP = -5.0
"""For an address of a purchase, a delivery, an event or an article."""

HAS_CODE = 8.0
"""For an address that contains the code of the message."""

SUBJECT_ASKS, SUBJECT_IS_NOISE, SUBJECT_IS_DONE, DONE_BY_OTHERS = 1.5, -2.0, -2.0, -6.0
REFUSED = -8.0
"""For a link that cancels something, or leads to help."""

FEW = 5
"""With at most so many links, the text around them may leave only one."""

MAX_SCORED = 40
CONTEXT, LINES_ABOVE = 160, 4
"""Characters of a sentence before a link, and lines above it, that are searched."""

HEADLINE = re.compile(
    r"(?i:how|why|what|wie|warum|comment|pourquoi|c[oó]mo|por qu[eé]|come|perch[eé]|hoe|waarom|как|почему)\b"
    r"|.{50}|[:;] |[\"“”«»]|[#!]\d|[A-Z]-\d|\d{3}"
)
"""Link words that match are a title, not a button."""

YES = re.compile(
    r"(?i:yes|ja|oui|s[ií]|sim|да|так|tak|ano|áno|igen|da|evet|kyllä|jah|ναι|نعم|بله|כן|हाँ|vâng|ya|はい|是的?|네)[,，、،!]"
)
MEANING = {Kind.ACTION, Kind.LOGIN, Kind.DENY, Kind.NOISE, Kind.LOOK, Kind.BOILER, Kind.DONE}
"""Kinds of words that show what a link is for."""

SHOWS = {Kind.LOOK, Kind.NOISE, Kind.BOILER, Kind.DONE}
"""Kinds of words around a link that asks for nothing."""

NO_CHANGE = {Kind.DENY, Kind.DONE, Kind.IGNORE, Kind.LOOK, Kind.BOILER}
"""Kinds of words beside "password" where a link does not change it."""

MAX_NAME = 20
"""Maximum characters of a sender's name, in the place of a logo."""

MAX_LABEL = 32
MAX_EMPTY = 25
"""Maximum characters of words such as "here" or "diesem Link"."""

NOT_SPACE = re.compile(r"\S*")
SENTENCE_BREAK = re.compile(r"[.!?](?= )|[。！？।؟]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A link with its points. `serious`: it may be the primary link."""

    link: Link
    points: float
    serious: bool


def link_in(subject: str, page: Page, vocabulary: Vocabulary, code: str | None = None) -> str | None:
    """Return the URL of the primary link, or None. `code` is the code of the message."""
    return _Search(subject, page, vocabulary, code).best()


class _Search:
    def __init__(self, subject: str, page: Page, vocabulary: Vocabulary, code: str | None) -> None:
        self._page = page
        self._code = code
        self._vocabulary = vocabulary
        self._title = subject
        self._subject = vocabulary.kinds(subject)
        self._offers = is_about_a_thing(subject)
        if self._offers:
            self._subject = {Kind.NOISE}
        self._texts = [masked(line.text) for line in page.lines]  # words in addresses are no words of a sentence
        self._known: dict[str, set[Kind]] = {}
        links = (replace(link, url=usable(link.url)) for link in page.links)
        self._links = [link for link in links if link.url and not self._is_content(link)][:MAX_SCORED]
        urls = {link.url for link in self._links}
        self._tracked = tracked(urls)
        self._accepting, self._refusing = choices(urls) if len(urls) > 1 else (set[str](), set[str]())

    def _is_content(self, link: Link) -> bool:
        """Return whether another person wrote a URL: it is in quoted text, and has no words of its own."""
        lines = self._page.lines[link.line : link.line + 1]
        return not link.words and (self._page.is_comment or any(line.quoted for line in lines))

    def best(self) -> str | None:
        bare = [self._score(link) for link in self._links]
        serious = {one.link.url for one in bare if one.serious}
        # Reading the context takes most of the time, so it is skipped for links that cannot get enough points.
        within_reach = ENOUGH - MOST_BY_CONTEXT - (SOLE if len(serious) < FEW else 0.0) - AGAIN
        scored = [self._in_context(one) for one in bare if one.points >= within_reach]
        serious -= {one.link.url for one in scored if not one.serious}
        buttons = {link.url for link in self._links if link.button} & serious
        signed = {url for url in serious if looks_like_token(url)}
        times = Counter(link.url for link in self._links)
        points: dict[str, float] = {}
        for one in scored:
            url = one.link.url
            total = one.points + (AGAIN if times[url] > 1 else 0.0)
            if {url} in (serious, buttons, signed, self._inside) and url not in self._beside:
                total += SOLE
                total += self._from_message(one.link) if total < ENOUGH and url in signed else 0.0
            points[url] = max(points.get(url, total), total)
        best = max(points, key=lambda url: points[url], default=None)
        return best if best is not None and points[best] >= ENOUGH else None

    @cached_property
    def _inside(self) -> set[str]:
        """The links of a click tracker without the logo at the top and those of the footer, which are only its own."""
        links = [link for link in self._links if link.url in self._tracked]
        top = [link for link in links if link.image or (link.words and link.line <= 1 and self._is_a_line(link))]
        first = top[:1] if top and top[0] is links[0] else []
        last = max((number for number, text in enumerate(self._texts) if text), default=0)
        foot = [link for link in links if link.line >= last and len(links) > 1]
        return {link.url for link in links if link not in first and link not in foot}

    @cached_property
    def _beside(self) -> set[str]:
        """The other links of a click tracker. None of them is the only one, even where the others are refused."""
        return self._tracked - self._inside if self._tracked else set()

    def _is_a_line(self, link: Link) -> bool:
        """Return whether the words of a link, and no others, are a line, and are short."""
        line = "".join(self._texts[link.line : link.line + 1])
        return line.strip() == link.words and len(link.words) <= MAX_NAME and not link.button

    def _from_message(self, link: Link) -> float:
        """Return points for the message as a whole, for its only link with a token."""
        expires = any({Kind.LIVES, Kind.MINUTES} <= self._kinds(line.text) for line in self._page.lines)
        context = self._context(link)
        around = self._kinds(context.own) | self._kinds(link.words)
        if around & SHOWS:
            return 0.0
        points_here = Kind.CLICK in around and Kind.IF not in around  # not: "if you want no more mail, click here"
        alone = not (link.words and context.follows)
        foreign = self._is_foreign and (alone or points_here) and not self._is_boilerplate(link)
        return (ONE_THING if foreign else 0.0) + (SHORT_LIVED if expires else 0.0)

    def _is_boilerplate(self, link: Link) -> bool:
        """Return whether the text around a link is boilerplate, such as unsubscribe or help."""
        line = "".join(self._texts[link.line : link.line + 1])
        context = self._context(link)
        return Kind.BOILER in self._kinds(line) | self._kinds(context.own) | self._kinds(context.before)

    @cached_property
    def _is_foreign(self) -> bool:
        """Whether the message is short, and none of its words is known, or none that speaks against a link."""
        texts = self._texts
        known = {Kind.PLAIN, Kind.NOISE, Kind.LOOK, Kind.DONE}
        return (
            is_about_one_thing(texts, self._page)
            and not known & self._subject
            and not has_amount(self._title)
            and not any(known & self._kinds(text) for text in texts)
        )

    def _score(self, link: Link) -> Scored:
        """Return the points of the link itself, without its context."""
        words, token = self._kinds(link.words), looks_like_token(link.url)
        path = None if link.url in self._tracked else path_kind(link.url, self._vocabulary)
        title = bool(HEADLINE.search(link.words))
        helps = Kind.BOILER in words and (Kind.ACTION not in words or title)
        if link.url in self._accepting and path is None and not leads_to_a_shop(link.url):
            path = Kind.ACTION
        refused = Kind.DENY in words or helps or path in {Kind.DENY, Kind.PASSWORD} or link.url in self._refusing
        refused = refused or (Kind.ACTION not in words and refuses(link.url))
        has_code = self._code is not None and contains_code(link.url, self._code)
        if has_code and Kind.DENY not in words:
            refused = helps  # "/login/771204" is no sign-in page
        points = self._from_subject(words, token=token) + (REFUSED if refused else 0.0)
        if self._asks(link.words, token=token):
            points += ASKS_IN_TITLE if title else ASKS
        elif Kind.LOGIN in words and token:
            points += LOGS_IN
        elif Kind.LOOK in words:
            points += LOOKS
        points += (NOISY if Kind.NOISE in words else 0.0) + (PICTURE_ONLY if link.image else 0.0)
        points += (PATHS.get(path, 0.0) if path else 0.0) + (BUTTON if link.button else 0.0)
        if path is None and link.url not in self._tracked and leads_to_a_shop(link.url, path_only=True):
            points += SHOP
        if has_code:
            points += HAS_CODE
        if token:
            points += TOKEN
        elif path is None and not any(map(str.isdigit, link.url)):
            points += PLACE
        return Scored(link=link, points=points, serious=not refused and not link.image)

    def _label(self, link: Link) -> str:
        """Return the short text before a URL, if the line has nothing else: a button in plain text."""
        if link.words or link.line >= len(self._page.lines) or not 0 < link.column <= MAX_LABEL:
            return ""
        line = self._page.lines[link.line].text
        label = line[: link.column]
        alone = leads_up(label) and _end(link, line) == len(line) and not SENTENCE_BREAK.search(label)
        return label if alone else ""

    def _asks(self, text: str, *, token: bool) -> bool:
        """Return whether a text asks to confirm. To change a password is an action only with a token."""
        return self._asks_in(self._kinds(text), text, token=token)

    def _names_password(self, text: str) -> bool:
        return Kind.PASSWORD in password_vocabulary(self._vocabulary.without).kinds(text)

    def _from_subject(self, words: set[Kind], *, token: bool) -> float:
        points = 0.0
        if Kind.ACTION in self._subject or (Kind.LOGIN in self._subject and token):
            points += SUBJECT_ASKS
        if self._offers or (Kind.NOISE in self._subject and Kind.ACTION not in words):
            points += SUBJECT_IS_NOISE
        return points + self._from_what_is_done

    @cached_property
    def _from_what_is_done(self) -> float:
        """Return points for a subject that reports something done: its links are for people who did not do it."""
        if self._subject & {Kind.DONE, Kind.ACTION} != {Kind.DONE} or self._is_choice:
            return 0.0
        asks = any("?" in line.text or Kind.IF in self._kinds(line.text) for line in self._page.lines)
        return SUBJECT_IS_DONE + (DONE_BY_OTHERS if asks else 0.0)

    @cached_property
    def _is_choice(self) -> bool:
        """Whether the message offers to approve or to deny something, by links with tokens."""
        words = [link.words or self._label(link) for link in self._links if looks_like_token(link.url)]
        approves = any(Kind.ACTION in self._kinds(text) and not self._names_password(text) for text in words)
        return approves and any(Kind.DENY in self._kinds(text) for text in words)

    def _in_context(self, one: Scored) -> Scored:
        link, context = one.link, self._context(one.link)
        around, before = self._kinds(context.own), self._kinds(context.before)
        if Kind.IGNORE in around and not link.words and not context.follows:
            around, before = before, set()  # "ignore this message if you did not ask for it" is no refusal
        own = context.follows or self._label(link)
        asks_nothing = own and Kind.BOILER in around and Kind.ACTION not in around
        denied = Kind.DENY in before and Kind.IGNORE not in before
        refused = (
            Kind.DENY in around or bool(asks_nothing) or (denied and self._is_for_others(link, around, context.before))
        )
        points = one.points + self._from_context(link, context, around, before) + (REFUSED if refused else 0.0)
        return Scored(link=link, points=points, serious=one.serious and not refused)

    def _is_for_others(self, link: Link, around: set[Kind], before: str) -> bool:
        """Return whether a link below "If this was not you" is for that case. A text with a URL is about that one."""
        if before.rstrip().endswith(MASK):
            return False
        if not link.words:
            return not around
        return leads_up(before) and self._names_password(link.words)

    def _from_context(self, link: Link, context: "Context", around: set[Kind], before: set[Kind]) -> float:
        token = looks_like_token(link.url)
        points = POINTED_AT if Kind.CLICK in around | before else 0.0
        if self._asks_in(around, context.own, token=token) or (Kind.LOGIN in around and token):
            points += ASKED_WITH_NOISE if Kind.NOISE in around else ASKED
            alone = (context.follows and link.words) or self._label(link)
            points += EMPTY_WORDS if alone and Kind.NOISE not in around else 0.0
        elif Kind.ACTION in before and self._asks_in(before, context.before, token=token):
            points += ASKED_BEFORE
        return points * (0.5 if Kind.ACTION in self._kinds(link.words) else 1.0)

    def _asks_in(self, kinds: set[Kind], text: str, *, token: bool) -> bool:
        if Kind.ACTION in kinds:
            return token or not self._names_password(text)
        return token and not kinds & NO_CHANGE and self._names_password(text)

    def _kinds(self, text: str) -> set[Kind]:
        if text not in self._known:  # cached: neighbouring links share their context
            yes = {Kind.ACTION} if YES.match(text) else set()
            labels = self._vocabulary.labels(fold(text))
            self._known[text] = {label.kind for label in without_joined(labels, text)} | yes
        return self._known[text]

    def _context(self, link: Link) -> "Context":
        """Return the sentence of a link and the one before it.

        A link without words, or with words such as "here", is judged by what follows it in its sentence, too.
        """
        lines = self._texts[max(0, link.line - LINES_ABOVE) : link.line + 1]
        after = ""
        if link.line < len(self._page.lines):
            line = lines.pop()
            after = self._text_after(link, line)
            start = max((_end(other, line) for other in self._before(link)), default=0)
            first = min((other.column for other in self._before(link)), default=0)
            lines += [line[:first], line[start : link.column]]
        own = _sentences(lines.pop() if lines else "")
        parts = own
        if link.line <= LINES_ABOVE and not own and not any(lines):
            lines = [self._title]  # nothing else is before it
        while len(parts) < 2 and lines:
            parts = _sentences(lines.pop()) + parts
        if not own and (link.words or after):  # a button is its own sentence; the text above is the one before
            parts = [*parts, ""]
        same, before = ([""] * 2 + [part[-CONTEXT:] for part in parts])[:-3:-1]
        if after and self._before(link) and self._kinds(after):
            return Context(own=after, before="", follows=True)
        return Context(
            own=f"{same} {after}" if after else same, before=before, follows=bool(after or (own and link.words))
        )

    def _text_after(self, link: Link, line: str) -> str:
        """Return the rest of the sentence after a link, up to the next link, if its words do not show its purpose."""
        if (
            link.image
            or len(link.words) > MAX_EMPTY
            or MEANING & self._kinds(link.words)
            or any(map(str.isdigit, link.words))
        ):
            return ""
        end = _end(link, line)
        later = [other.column for other in self._page.links if other.line == link.line and other.column >= end]
        if later and MEANING & self._kinds(line[: link.column]):
            return ""  # it leads up to the next link
        text = line[end : min(later, default=end + CONTEXT)][:CONTEXT]
        rest = SENTENCE_BREAK.split(text, maxsplit=1)[0]
        return rest if any(map(str.isalpha, rest)) and not rest.lstrip().startswith(":") else ""

    def _before(self, link: Link) -> list[Link]:
        """Return the links before a link in its line."""
        return [
            other
            for other in self._page.links
            if other.line == link.line and other.column < link.column and not other.image
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The sentence of a link, and the one before. `follows`: the link is a part of a sentence, not on its own."""

    own: str
    before: str
    follows: bool


def _end(link: Link, line: str) -> int:
    """Return the column after a link in its line."""
    if link.words:
        return link.column + len(link.words)
    bare = NOT_SPACE.match(line, link.column)
    return bare.end() if bare else len(line)


def _sentences(text: str) -> list[str]:
    return [part for part in SENTENCE_BREAK.split(text[-2 * CONTEXT :]) if part.strip(" <([:*_")]
