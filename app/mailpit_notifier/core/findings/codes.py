"""The one-time code of a mail: every candidate gets points, and the best is taken when it is good and alone at that.

Points come from the nearest known words (which may speak for it or against it), from standing alone or large, from
the shape, and from the mail as a whole: its subject, minutes that the code lives, money. Better none than a wrong one.
"""

import re
from collections import defaultdict
from collections.abc import Iterator

from .page import Line, Page
from .sentences import Sentence, sentences
from .shapes import MONEY, ONLY_ALONE, Candidate, Shape, bound_code, candidates, masked
from .subject import PERCENT, is_about_a_thing, is_talk
from .vocabulary import Kind, Vocabulary

ENOUGH = 6.0

MARGIN, MARGIN_OF_FIRST = 0.75, 0.25
"""By how much the best must be better than another one before it in the mail, and than one after it."""

POINTS = {
    # the word that tells is: beside it, near, in the sentence, in the sentence before, further back, after
    Kind.SECRET: (8.0, 7.0, 5.5, 5.0, 4.0, 3.0),
    Kind.CODE: (5.5, 4.5, 3.5, 3.5, 2.5, 2.0),
    Kind.ENTER: (5.5, 3.5, 2.5, 3.0, 1.5, 2.0),
    Kind.PROOF: (3.0, 3.0, 2.5, 2.5, 1.5, 2.0),
    Kind.NUMBER: (-6.0, -6.0, -3.0, -1.0, -0.5, 0.0),
    Kind.NOISE: (-6.0, -6.0, -4.0, -5.0, -2.0, -1.0),
}
BESIDE, NEAR = 6, 25
"""Characters between a word and a candidate."""

FAR_BACK = 3
ALONE, ALONE_AND_BIG = 2.5, 4.0
NAMES_ITSELF = 8.0
ONLY_ONE = 1.0
"""For what is the mail's only candidate where no word near it is known, as in a language that is not listed."""

IN_SUBJECT = 2.0
NUMBERED = -6.0
BESIDE_PERCENT = -4.0
LISTED, ONE_OF_MANY = 4, -5.0
"""From so many of one shape on they are a list: backup codes, rows of a table."""

SUBJECT_NAMES_IT, SUBJECT_FITS, SUBJECT_IS_NOISE, SUBJECT_IS_TALK = 1.5, 1.0, -2.5, -4.0
SHORT_LIVED, MONEY_AROUND = 1.0, -1.0

MAX_CANDIDATES = 60
DECORATION = " \t*_=>~|\"'`«»“”„‘’‹›「」『』【】〔〕()[]{}<>:：.,!•■●▶→-"
EXAMPLE = re.compile(
    r"(?:such as|e\.g\.|for example|like|example|z\. ?b\.|ejemplo|exemple|esempio|exemplo|例)[ :,«\"']*\Z",
    re.IGNORECASE,
)

Found = tuple[Candidate, int]
"""A candidate and the place of its sentence."""


def code_in(subject: str, page: Page, vocabulary: Vocabulary) -> str | None:
    """The code as it is to be pasted, or None."""
    return _Search(subject, page, vocabulary).best()


class _Search:
    def __init__(self, subject: str, page: Page, vocabulary: Vocabulary) -> None:
        self._lines = (Line(text=subject), *page.lines)
        self._texts = [masked(line.text) for line in self._lines]
        self._sentences = sentences(self._texts, vocabulary)
        self._anchors = {link.words for link in page.links}
        self._in_subject = {_key(candidate.value) for candidate in candidates(self._texts[0])}
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
        found = self._found()
        only = len({_key(candidate.value) for candidate, _ in found if candidate.shape not in ONLY_ALONE}) == 1
        alike: dict[tuple[Shape, int], set[str]] = defaultdict(set)
        for candidate, _ in found:
            alike[candidate.shape, len(candidate.value)].add(candidate.value)
        for candidate, place in found:
            alone = self._is_alone(candidate, self._sentences[place])
            if candidate.shape in ONLY_ALONE and not alone:
                continue
            if candidate.shape is Shape.LETTERS and candidate.value in self._anchors:
                continue  # the words of a button
            words = self._from_words(candidate, place)
            points = self._points(candidate, place, alone=alone) + (words or (ONLY_ONE if only else 0.0))
            listed = alone and len(alike[candidate.shape, len(candidate.value)]) >= LISTED
            yield candidate.value, points + (ONE_OF_MANY if listed else 0.0)
        for line in self._lines:
            if bound := bound_code(line.text):
                yield bound, NAMES_ITSELF

    def _found(self) -> list[Found]:
        found: list[Found] = []
        for place, sentence in enumerate(self._sentences):
            found.extend((candidate, place) for candidate in candidates(sentence.text))
            if len(found) >= MAX_CANDIDATES:
                break
        return found

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
        if before.rstrip().endswith(("#", "№")):
            points += NUMBERED
        return points + (BESIDE_PERCENT if PERCENT.search(sentence.text) else 0.0)

    def _from_words(self, candidate: Candidate, place: int) -> float:
        """Points for the nearest word that tells something."""
        sentence = self._sentences[place]
        if nearest := sentence.nearest(candidate.start, candidate.end):
            kind, distance = nearest
            return POINTS[kind][0 if distance <= BESIDE else 1 if distance <= NEAR else 2]
        for back in range(1, min(FAR_BACK, place) + 1):
            before = self._sentences[place - back]
            if before.line == 0 and sentence.line > 0:
                break
            if before.telling:
                return POINTS[before.telling][3 if back == 1 else 4]
        after = self._sentences[place + 1].telling if place + 1 < len(self._sentences) else None
        return POINTS[after][5] if after else 0.0

    def _from_minutes(self, place: int) -> float:
        around = self._sentences[max(0, place - 3) : place + 5]
        return SHORT_LIVED if any(sentence.is_short_lived for sentence in around) else 0.0

    def _about_mail(self, subject: str) -> float:
        """Points for what the mail as a whole is about."""
        points = MONEY_AROUND if any(sign in text for text in self._texts for sign in MONEY) else 0.0
        kinds = {label.kind for sentence in self._sentences if sentence.line == 0 for label in sentence.labels}
        if is_talk(subject):
            return points + SUBJECT_IS_TALK
        noise = bool(kinds & {Kind.NOISE, Kind.NUMBER}) or is_about_a_thing(subject)
        if Kind.SECRET in kinds:
            return points + SUBJECT_NAMES_IT
        if noise:
            return points + SUBJECT_IS_NOISE
        return points + (SUBJECT_FITS if kinds & {Kind.CODE, Kind.PROOF} else 0.0)


def _key(value: str) -> str:
    return value.replace("-", "").upper()
