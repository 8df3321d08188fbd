"""Find the primary link of a message: the one to confirm, activate, reset, sign in, accept, approve or unlock.

Every link gets points for its words, the words around it and in its path, for a token, for being a button or the only
link that is not boilerplate. It loses points if it cancels something, belongs to a footer, or shows an order.
"""

import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property

from .addresses import looks_like_token, path_kind, usable
from .form import is_about_a_thing, is_about_one_thing
from .page import Link, Page
from .shapes import masked
from .vocabulary import Kind, Vocabulary

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

MOST_BY_CONTEXT = POINTED_AT + ASKED
SUBJECT_ASKS, SUBJECT_IS_NOISE, SUBJECT_IS_DONE, DONE_BY_OTHERS = 1.5, -2.0, -2.0, -6.0
REFUSED = -8.0
"""For a link that cancels something, or leads to help."""

FEW = 5
"""With at most so many links, the text around them may leave only one."""

MAX_SCORED = 40
CONTEXT, LINES_ABOVE = 160, 4
"""Characters of a sentence before a link, and lines above it, that are searched."""

HEADLINE = re.compile(r".{50}|[:;] |[\"“”«»]|[#!]\d|[A-Z]-\d|\d{3}")
"""Link words that match are a title, not a button."""

YES = re.compile(
    r"(?i:yes|ja|oui|s[ií]|sim|да|так|tak|ano|áno|igen|da|evet|kyllä|jah|ναι|نعم|بله|כן|हाँ|vâng|ya|はい|是的?|네)[,，、،!]"
)
SENTENCE_BREAK = re.compile(r"[.!?](?= )|[。！？।؟]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A link with its points. `serious`: it may be the primary link."""

    link: Link
    points: float
    serious: bool


def link_in(subject: str, page: Page, vocabulary: Vocabulary) -> str | None:
    """Return the URL of the primary link, or None."""
    return _Search(subject, page, vocabulary).best()


class _Search:
    def __init__(self, subject: str, page: Page, vocabulary: Vocabulary) -> None:
        self._page = page
        self._vocabulary = vocabulary
        self._title = subject
        self._subject = vocabulary.kinds(subject)
        self._offers = is_about_a_thing(subject)
        if self._offers:
            self._subject = {Kind.NOISE}
        self._known: dict[str, set[Kind]] = {}
        links = (replace(link, url=usable(link.url)) for link in page.links)
        self._links = [link for link in links if link.url][:MAX_SCORED]

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
            if {url} in (serious, buttons, signed):
                total += SOLE
                total += self._from_message(one.link) if total < ENOUGH and url in signed else 0.0
            points[url] = max(points.get(url, total), total)
        best = max(points, key=lambda url: points[url], default=None)
        return best if best is not None and points[best] >= ENOUGH else None

    def _from_message(self, link: Link) -> float:
        """Return points for the message as a whole, for its only link with a token."""
        expires = any({Kind.LIVES, Kind.MINUTES} <= self._kinds(line.text) for line in self._page.lines)
        foreign = self._is_foreign and not self._is_boilerplate(link)
        return (ONE_THING if foreign else 0.0) + (SHORT_LIVED if expires else 0.0)

    def _is_boilerplate(self, link: Link) -> bool:
        """Return whether the text around a link is boilerplate, such as unsubscribe or help."""
        line = "".join(line.text for line in self._page.lines[link.line : link.line + 1])
        return Kind.BOILER in self._kinds(masked(line)).union(*self._context(link))

    @cached_property
    def _is_foreign(self) -> bool:
        """Whether the message is short, and none of its words is known, or none that speaks against a link."""
        texts = [masked(line.text) for line in self._page.lines]
        known = {Kind.PLAIN, Kind.NOISE, Kind.LOOK, Kind.DONE}
        return (
            is_about_one_thing(texts, self._page)
            and not known & self._subject
            and not any(known & self._kinds(text) for text in texts)
        )

    def _score(self, link: Link) -> Scored:
        """Return the points of the link itself, without its context."""
        words, path, token = self._kinds(link.words), path_kind(link.url, self._vocabulary), looks_like_token(link.url)
        title = bool(HEADLINE.search(link.words))
        helps = Kind.BOILER in words and (Kind.ACTION not in words or title)
        refused = Kind.DENY in words or helps or path is Kind.DENY
        points = self._from_subject(words, token=token) + (REFUSED if refused else 0.0)
        if Kind.ACTION in words:
            points += ASKS_IN_TITLE if title else ASKS
        elif Kind.LOGIN in words and token:
            points += LOGS_IN
        elif Kind.LOOK in words:
            points += LOOKS
        points += (NOISY if Kind.NOISE in words else 0.0) + (PICTURE_ONLY if link.image else 0.0)
        points += (PATHS.get(path, 0.0) if path else 0.0) + (BUTTON if link.button else 0.0)
        if token:
            points += TOKEN
        elif path is None and not any(map(str.isdigit, link.url)):
            points += PLACE
        return Scored(link=link, points=points, serious=not refused and not link.image)

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
        if self._subject & {Kind.DONE, Kind.ACTION} != {Kind.DONE}:
            return 0.0
        asks = any("?" in line.text or Kind.IF in self._kinds(line.text) for line in self._page.lines)
        return SUBJECT_IS_DONE + (DONE_BY_OTHERS if asks else 0.0)

    def _in_context(self, one: Scored) -> Scored:
        around, before = self._context(one.link)
        if (
            Kind.IGNORE in around and not one.link.words
        ):  # "ignore this message if you did not ask for it" is no refusal
            around, before = before, set()
        refused = Kind.DENY in around or (not one.link.words and not around and Kind.DENY in before)
        points = one.points + self._from_context(one.link, around, before) + (REFUSED if refused else 0.0)
        return Scored(link=one.link, points=points, serious=one.serious and not refused)

    def _from_context(self, link: Link, around: set[Kind], before: set[Kind]) -> float:
        points = POINTED_AT if Kind.CLICK in around | before else 0.0
        if Kind.ACTION in around or (Kind.LOGIN in around and looks_like_token(link.url)):
            points += ASKED_WITH_NOISE if Kind.NOISE in around else ASKED
        elif Kind.ACTION in before:
            points += ASKED_BEFORE
        return points * (0.5 if Kind.ACTION in self._kinds(link.words) else 1.0)

    def _kinds(self, text: str) -> set[Kind]:
        if text not in self._known:  # cached: neighbouring links share their context
            yes = {Kind.ACTION} if YES.match(text) else set()
            self._known[text] = self._vocabulary.kinds(text) | yes
        return self._known[text]

    def _context(self, link: Link) -> tuple[set[Kind], set[Kind]]:
        """Return the kinds of words in the sentence before the link, and in the one before that."""
        lines = [line.text for line in self._page.lines[max(0, link.line - LINES_ABOVE) : link.line + 1]]
        if link.line < len(self._page.lines):
            lines[-1] = lines[-1][: link.column]
        own = _sentences(lines.pop() if lines else "")
        parts = own
        if link.line <= LINES_ABOVE and not own and not any(lines):
            lines = [self._title]  # nothing else is before it
        while len(parts) < 2 and lines:
            parts = _sentences(lines.pop()) + parts
        if not own and link.words:  # a button is its own sentence; the text above is the one before
            parts = [*parts, ""]
        same, before = ([""] * 2 + [part[-CONTEXT:] for part in parts])[:-3:-1]
        return self._kinds(same), self._kinds(before)


def _sentences(text: str) -> list[str]:
    return [part for part in SENTENCE_BREAK.split(text[-2 * CONTEXT :]) if part.strip(" <([:")]
