"""The one-time code of a mail: every candidate gets points, and the best is taken when it is good and alone at that.

Points come from the nearest known words (which may speak for it or against it), from standing alone or large, from
the shape, and from the mail as a whole: its subject, minutes that the code lives, money. Better none than a wrong one.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from .addresses import code_in_query
from .form import PERCENT, is_about_a_thing, is_about_one_thing, is_reply, is_talk, leads_up
from .page import Line, Page
from .sentences import Sentence, sentences
from .shapes import ONLY_ALONE, Candidate, Shape, bound_code, candidates, has_amount, masked
from .vocabulary import Kind, Vocabulary

ENOUGH = 6.0

MARGIN, MARGIN_OF_FIRST = 0.75, 0.25
"""By how much the best must be better than another one before it in the mail, and than one after it."""

POINTS = {
    # the word that tells is: beside it, near, in the sentence, in the sentence before, further back, after
    Kind.SECRET: (8.0, 7.0, 5.5, 5.0, 4.0, 3.0),
    Kind.CODE: (5.5, 4.5, 3.5, 3.5, 2.5, 2.0),
    Kind.ENTER: (5.5, 3.5, 2.5, 3.0, 1.5, 2.0),
    Kind.PROOF: (2.5, 2.5, 2.5, 2.5, 1.5, 2.0),
    Kind.NUMBER: (-6.0, -6.0, -3.0, -0.5, -0.5, 0.0),
    Kind.NOISE: (-6.0, -6.0, -4.0, -5.0, -2.0, -1.0),
}
BESIDE, NEAR = 6, 25
"""Characters between a word and a candidate."""

FAR_BACK = 3
ALONE, ALONE_AND_BIG = 2.5, 4.0
NAMES_ITSELF = 8.0
ONLY_ONE, LED_UP_TO, ONE_THING, ONE_THING_ENDS = 1.0, 0.5, 3.5, 4.0
"""Where no word near it is known, as in a language that is not listed: for being the mail's only candidate, with a
colon before it, in a mail that is about one thing, and there at the end of what is said."""

IN_SUBJECT, IN_LINK = 2.0, 4.5
"""For being repeated in the subject, and for being what a link fills in by itself."""

NUMBERED = -6.0
AMONG_NOISE = -3.0
"""For a code of an unknown kind below several lines of noise, or with amounts."""

BESIDE_PERCENT, SPENT = -4.0, -6.0
LISTED, FIGURES, ONE_OF_MANY = 4, 3, -5.0
"""From so many of one shape on, or so many numbers, they are a list: backup codes, rows of a table."""

SUBJECT_NAMES_IT, SUBJECT_FITS, SUBJECT_IS_NOISE, SUBJECT_IS_TALK, SUBJECT_IS_REPLY = 1.5, 1.0, -2.5, -4.0, -8.0
SHORT_LIVED, MONEY_AROUND = 1.0, -1.0

FOOT = 4
"""Lines above a footer, at least."""

MAX_CANDIDATES = 60
DECORATION = " \t*_=>~|\"'`«»“”„‘’‹›「」『』【】〔〕()[]{}<>:：.,!•■●▶→-"
EXAMPLE = re.compile(
    r"(?:such as|e\.g\.|for example|like|example|z\. ?b\.|ejemplo|exemple|esempio|exemplo|例)[ :,«\"']*\Z",
    re.IGNORECASE,
)

WORDS_OR_YEARS = ONLY_ALONE | {Shape.YEAR}
"""Shapes that stand in sentences for other reasons, too."""

Found = tuple[Candidate, int]
"""A candidate and the place of its sentence."""


def code_in(subject: str, page: Page, vocabulary: Vocabulary) -> str | None:
    """The code as it is to be pasted, or None."""
    return _Search(subject, page, vocabulary).best()


class _Search:
    def __init__(self, subject: str, page: Page, vocabulary: Vocabulary) -> None:
        self._page = page
        self._lines = (Line(text=subject), *page.lines)
        self._texts = [masked(line.text) for line in self._lines]
        self._sentences = sentences(self._texts, vocabulary)
        self._anchors = {link.words for link in page.links}
        self._found = self._all_found()
        title = [sentence for sentence in self._sentences if sentence.line == 0]
        self._in_subject = {_key(one.value) for one, place in self._found if place < len(title)}
        # Reading words and addresses costs most of the time; a mail that holds nothing like a code is spared it.
        self._in_links = {code for link in page.links if (code := code_in_query(link.url))} if self._found else set()
        self._subject = {label.kind for sentence in title for label in sentence.labels} if self._found else set()
        self._names_it = Kind.SECRET in self._subject
        self._has_money = has_amount("\n".join(self._texts))
        self._mail = self._about_mail(subject)

    def best(self) -> str | None:
        """The best candidate, if it is good enough and clearly the best."""
        points: dict[str, float] = {}
        values: dict[str, str] = {}
        for value, own in self._scored():
            key = _key(value)
            if own > points.get(key, own - 1):
                points[key], values[key] = own, value
        if not points:
            return None
        best = max(points, key=lambda key: points[key])  # of equals the first one in the mail
        order = list(points)
        for key in order:
            margin = MARGIN if order.index(key) < order.index(best) else MARGIN_OF_FIRST
            if key != best and points[key] > points[best] - margin:
                return None
        return values[best] if points[best] >= ENOUGH else None

    def _scored(self) -> Iterator[tuple[str, float]]:
        found = self._found
        only, listed, said_after = self._only_one(found), self._listed(found), self._said_after(found)
        for candidate, place in found:
            alone = self._is_alone(candidate, self._sentences[place])
            if candidate.shape in ONLY_ALONE and not alone:
                continue
            if candidate.shape is Shape.LETTERS and candidate.value in self._anchors:
                continue  # the words of a button
            words = self._from_words(candidate, place, follow=place in said_after)
            if not words and _key(candidate.value) == only and candidate.shape is not Shape.NAMED:
                words = self._from_form(candidate, place)
            row = ONE_OF_MANY if alone and candidate.value in listed else 0.0
            yield candidate.value, self._points(candidate, place, alone=alone) + words + row
        for line in self._lines:
            if bound := bound_code(line.text):
                yield bound, NAMES_ITSELF

    def _all_found(self) -> list[Found]:
        found: list[Found] = []
        for place, sentence in enumerate(self._sentences):
            found.extend((candidate, place) for candidate in candidates(sentence.text))
            if len(found) >= MAX_CANDIDATES:
                break
        return found

    def _listed(self, found: list[Found]) -> set[str]:
        """The values that are one of many alike, or one of several figures that stand alone."""
        alike: dict[tuple[Shape, int], set[str]] = defaultdict(set)
        figures: set[str] = set()
        for candidate, place in found:
            alike[candidate.shape, len(candidate.value)].add(candidate.value)
            if candidate.value.isdigit() and self._is_alone(candidate, self._sentences[place]):
                figures.add(candidate.value)
        rows = {value for values in alike.values() if len(values) >= LISTED for value in values}
        return rows | figures if len(figures) >= FIGURES else rows

    def _said_after(self, found: list[Found]) -> set[int]:
        """The places of the sentences that say after each of several numbers what it is."""
        starts: dict[int, list[int]] = defaultdict(list)
        for candidate, place in found:
            if candidate.shape not in WORDS_OR_YEARS:
                starts[place].append(candidate.start)
        return {place for place, own in starts.items() if self._sentences[place].says_after(own)}

    def _only_one(self, found: list[Found]) -> str | None:
        """The key of the only candidate, or of the only large one; long numbers are phones or companies beside it."""
        plain = [(one, place) for one, place in found if one.shape not in ONLY_ALONE]
        large = [(one, place) for one, place in plain if self._is_large(one, self._sentences[place])]
        plain = large or [(one, place) for one, place in plain if one.shape is not Shape.LONG] or plain
        keys = {_key(one.value) for one, _ in plain}
        return keys.pop() if len(keys) == 1 else None

    def _is_large(self, candidate: Candidate, sentence: Sentence) -> bool:
        return self._lines[sentence.line].big and self._is_alone(candidate, sentence)

    def _is_alone(self, candidate: Candidate, sentence: Sentence) -> bool:
        written = sentence.text[candidate.start : candidate.end]
        return sentence.line > 0 and self._texts[sentence.line].strip(DECORATION) == written.strip(DECORATION)

    def _points(self, candidate: Candidate, place: int, *, alone: bool) -> float:
        sentence = self._sentences[place]
        before = sentence.text[: candidate.start]
        if EXAMPLE.search(before[-20:]):
            return NUMBERED
        points = candidate.shape.points + self._mail + self._from_minutes(place)
        if alone:
            points += ALONE_AND_BIG if self._lines[sentence.line].big else ALONE
        if sentence.line > 0 and _key(candidate.value) in self._in_subject:
            points += IN_SUBJECT
        if candidate.value in self._in_links:
            points += IN_LINK
        if before.rstrip().endswith(("#", "№")):
            points += NUMBERED
        if sentence.is_of_a_spent_code:
            points += SPENT
        return points + (BESIDE_PERCENT if PERCENT.search(sentence.text) else 0.0)

    def _from_words(self, candidate: Candidate, place: int, *, follow: bool) -> float:
        """Points for the nearest word that tells something, of those behind it where words `follow` their numbers."""
        sentence = self._sentences[place]
        if nearest := sentence.nearest(candidate.start, candidate.end, after=follow):
            kind, distance = nearest
            if kind is Kind.ENTER and Kind.PROOF in sentence.kinds:
                kind = Kind.SECRET
            doubt = AMONG_NOISE if kind is Kind.CODE and self._is_doubtful(place) else 0.0
            return POINTS[kind][0 if distance <= BESIDE else 1 if distance <= NEAR else 2] + doubt
        for back in range(1, min(FAR_BACK, place) + 1):
            before = self._sentences[place - back]
            if before.line == 0 and sentence.line > 0:
                break
            if before.telling is Kind.NUMBER and self._is_about_access(place):
                return 0.0
            if before.telling is Kind.NOISE and self._names_it and before.text.rstrip().endswith("."):
                continue  # prose, and no title of what is below it
            if before.telling:
                return POINTS[before.telling][3 if back == 1 else 4]
        after = self._sentences[place + 1].telling if place + 1 < len(self._sentences) else None
        return POINTS[after][5] if after else 0.0

    def _is_about_access(self, place: int) -> bool:
        """Whether a number there may be called just that: it lives for minutes, or is to sign in with."""
        above = self._sentences[max(0, place - FAR_BACK) : place]
        return self._from_minutes(place) > 0 or any(Kind.PROOF in sentence.kinds for sentence in above)

    def _is_doubtful(self, place: int) -> bool:
        """Whether a code of an unknown kind there goes with an amount, or with other particulars of a meeting."""
        if self._has_money and not self._is_about_access(place):
            return True
        above = self._sentences[max(0, place - FAR_BACK) : place]
        beside = sum(label.kind is Kind.NOISE for label in self._sentences[place].labels)
        return beside + sum(sentence.telling is Kind.NOISE for sentence in above) > 1

    def _from_form(self, candidate: Candidate, place: int) -> float:
        """Points for the only candidate where no word tells anything."""
        sentence = self._sentences[place]
        before, after = sentence.text[: candidate.start], sentence.text[candidate.end :]
        above = next((text for text in reversed(self._texts[1 : sentence.line]) if text), "")
        announced = leads_up(before if before.strip(DECORATION) else above)
        points = ONLY_ONE + (LED_UP_TO if announced else 0.0)
        if sentence.line and is_about_one_thing(self._texts, self._page, candidate.value) and self._is_foreign:
            closes = not after.strip(DECORATION) and not self._is_at_the_foot(sentence.line)
            if announced or (closes and not self._page.links):
                points += ONE_THING_ENDS
            elif candidate.shape is Shape.SIX and (not self._page.links or self._is_alone(candidate, sentence)):
                points += ONE_THING
        return points

    @cached_property
    def _confirms(self) -> bool:
        """Whether it is about something to be confirmed with a one-time code, as a payment is."""
        return Kind.PROOF in self._subject and any(Kind.SECRET in sentence.kinds for sentence in self._sentences)

    def _is_at_the_foot(self, line: int) -> bool:
        """Whether it is the last of several lines, where senders give their address."""
        return line > FOOT and not any(self._texts[line + 1 :])

    @cached_property
    def _is_foreign(self) -> bool:
        """Whether it is in a language of which no word is known, or none that tells against a code."""
        known = {Kind.PLAIN, Kind.NOISE, Kind.NUMBER}
        return not any(known & sentence.kinds for sentence in self._sentences)

    def _from_minutes(self, place: int) -> float:
        around = self._sentences[max(0, place - 3) : place + 5]
        return SHORT_LIVED if any(sentence.is_short_lived for sentence in around) else 0.0

    def _about_mail(self, subject: str) -> float:
        """Points for what the mail as a whole is about."""
        points = MONEY_AROUND if self._has_money else 0.0
        if is_talk(subject):
            return points + (SUBJECT_IS_REPLY if is_reply(subject) else SUBJECT_IS_TALK)
        noise = bool(self._subject & {Kind.NOISE, Kind.NUMBER}) or is_about_a_thing(subject)
        if self._names_it:
            return points + SUBJECT_NAMES_IT
        if noise:
            return points + SUBJECT_IS_NOISE / (2 if self._confirms else 1)
        return points + (SUBJECT_FITS if self._subject & {Kind.CODE, Kind.PROOF} else 0.0)


def _key(value: str) -> str:
    return value.replace("-", "").upper()
