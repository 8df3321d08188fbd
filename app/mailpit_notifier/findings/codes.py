"""Find the one-time code of a message. Every candidate gets points; the best one is returned if it is clearly the best.

Points come from the nearest known words (for or against it), from being alone on its line or large, from the shape, and
from the whole message: its subject, a lifetime in minutes, amounts of money. No code is better than a wrong one.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from .addresses import code_in_query, contains_code, path_kind
from .form import (
    DECORATION,
    PERCENT,
    Form,
    ends_with,
    is_about_one_thing,
    is_example,
    is_name,
    is_reply,
    is_talk,
    is_usual,
    leads_up,
    names_a_thing,
    stands_out,
)
from .page import Line, Page
from .sentences import ASIDE, Sentence, sentences
from .shapes import (
    LIKE_WORDS,
    Candidate,
    Shape,
    as_pasted,
    bound_code,
    candidates,
    has_amount,
    is_pronounceable,
    listed,
    masked,
    without_sender,
)
from .vocabulary import Kind, Vocabulary

ENOUGH = 6.0

MARGIN, MARGIN_OF_FIRST = 0.75, 0.25
"""Minimum lead of the best candidate over one before it in the message, and over one after it."""

POINTS = {
    # the word is: beside it, near, in the same sentence, in the sentence before, further back, in the one after
    Kind.SECRET: (8.0, 7.0, 5.5, 5.0, 4.0, 3.0),
    Kind.CODE: (5.5, 4.5, 3.5, 3.5, 2.5, 0.5),
    Kind.ENTER: (5.5, 3.5, 2.5, 3.0, 1.5, 2.0),
    Kind.PROOF: (2.5, 2.5, 2.5, 2.5, 1.5, 2.0),
    Kind.NUMBER: (-6.0, -6.0, -3.0, -0.5, -0.5, 0.0),
    Kind.NOISE: (-6.0, -6.0, -4.0, -5.0, -2.0, -1.0),
}
BESIDE, NEAR = 6, 25
"""Characters between a word and a candidate."""

FAR_BACK = 3
FORM_FITS = 1.0
"""For the form of a message with a code, beside a word for one."""

ALONE, ALONE_AND_BIG, NAMES_ITSELF = 2.5, 4.0, 8.0
ONLY_ONE, LED_UP_TO, LASTS, ONE_THING, ONE_THING_ENDS = 1.0, 0.5, 3.0, 3.5, 4.25
"""Where no word near it is known, as in a language without a word list: for being the only candidate of the message,
after a colon, near a time in minutes, in a message that is about one thing, and at the end of its text."""

IN_SUBJECT, IN_LINK = 2.0, 4.5
"""For being repeated in the subject, and for being in the query of a link."""

NUMBERED = -6.0
AFTER_COLON, BELOW_NOISE, AMONG_NOISE = 1.0, 1.0, -3.0
"""For a code of an unknown kind: after a colon; below several lines of noise, or in a message with amounts of money."""

BESIDE_PERCENT, SPENT = -4.0, -6.0
ONE_OF_MANY = -5.0
"""For a row of a list: of backup codes, or of a table."""

SUBJECT_NAMES_IT, SUBJECT_FITS, SUBJECT_IS_NOISE, SUBJECT_IS_TALK, SUBJECT_IS_REPLY = 1.5, 1.0, -2.5, -4.0, -8.0
SHORT_LIVED, MONEY_AROUND = 1.0, -1.0

AMONG_WORDS = -2.0
"""For being a part of prose or of an address, in a line below the one that announces a code."""

MAX_CANDIDATES = 60
WORDS_OR_YEARS = LIKE_WORDS | {Shape.YEAR}
"""Shapes that sentences contain for other reasons, too."""

Found = tuple[Candidate, int]
"""A candidate and the index of its sentence."""


def code_in(subject: str, page: Page, vocabulary: Vocabulary) -> str | None:
    """Return the code as text to paste, or None."""
    return _Search(subject, page, vocabulary).best()


class _Search:
    def __init__(self, subject: str, page: Page, vocabulary: Vocabulary) -> None:
        self._page = page
        self._vocabulary = vocabulary
        self._lines = (Line(text=subject), *page.lines)
        self._texts = ["" if line.quoted else masked(line.text) for line in self._lines]
        self._sentences = sentences(self._texts, vocabulary)
        self._found = self._all_found()
        self._bound = [code for line in self._lines if "#" in line.text and (code := bound_code(line.text))]
        if not self._found:
            return  # finding words and URLs takes most of the time
        self._form = Form(self._texts)
        self._in_links = {code for link in page.links if (code := code_in_query(link.url))} if page.links else set()
        title = [sentence for sentence in self._sentences if sentence.line == 0]
        self._starts: dict[int, list[int]] = defaultdict(list)
        self._in_subject = set[str]()
        for candidate, place in self._found:
            if candidate.shape not in WORDS_OR_YEARS:
                self._starts[place].append(candidate.start)
            if place < len(title):
                self._in_subject.add(_key(candidate.value))
        self._subject = {label.kind for sentence in title for label in sentence.labels}
        self._names_it = Kind.SECRET in self._subject
        self._has_money = has_amount("\n".join(self._texts))
        self._topic = self._from_topic(subject)

    def best(self) -> str | None:
        """Return the best candidate, if it has enough points and is clearly the best."""
        points: dict[str, float] = {}
        values: dict[str, str] = {}
        for value, own in self._scored():
            key = _key(value)
            if own > points.get(key, own - 1):
                points[key], values[key] = own, value
        if not points:
            return None
        best = max(points, key=points.__getitem__)  # of equal ones the first in the message
        order = list(points)
        for key in order:
            margin = MARGIN if order.index(key) < order.index(best) else MARGIN_OF_FIRST
            if key != best and points[key] > points[best] - margin:
                return None
        return as_pasted(values[best], self._texts) if points[best] >= ENOUGH else None

    def _scored(self) -> Iterator[tuple[str, float]]:
        rows, described_after = set[str](), set[int]()
        is_sole = len({one.value for one, _ in self._found}) == 1 and not self._bound  # often it is there twice
        if len(self._found) > 1:
            rows = listed((one, self._is_alone(one, self._sentences[place])) for one, place in self._found)
            starts = self._starts.items()  # of several numbers in a sentence, each may be followed by its description
            described_after = {place for place, own in starts if self._sentences[place].describes_after(own)}
        for candidate, place in self._found:
            alone = self._is_alone(candidate, self._sentences[place])
            if self._is_out(candidate, place, alone=alone):
                continue
            words = self._from_words(candidate, place, follow=place in described_after)
            # Where its own sentence is enough for the only candidate, the sentences around it and the form, which can
            # only add points, are not read. That halves the time of most summaries with a code.
            if is_sole and (points := self._points(candidate, place, 0.0, alone=alone) + words) >= ENOUGH:
                yield candidate.value, points
                return
            words = self._with_form(candidate, place, words, alone=alone)
            row = ONE_OF_MANY if alone and candidate.value in rows else 0.0
            points = self._points(candidate, place, self._from_minutes(place), alone=alone)
            yield candidate.value, points + words + row
        for bound in self._bound:
            yield bound, NAMES_ITSELF

    def _with_form(self, candidate: Candidate, place: int, words: float, *, alone: bool) -> float:
        """Return the points for words, and for the form of the message where they leave it open."""
        is_named = not words or alone or self._sentences[place].names(candidate.start)
        if words < 0 or not is_named or _key(candidate.value) != self._only or is_name(candidate):
            return words
        form = self._from_form(candidate, place)
        return words + (FORM_FITS if form >= ONE_THING else 0.0) if words else form

    def _is_out(self, candidate: Candidate, place: int, *, alone: bool) -> bool:
        """Return whether it is a word, a name or a port."""
        sentence = self._sentences[place]
        if candidate.shape not in LIKE_WORDS:
            return sentence.is_port(candidate)
        if not alone:
            return not sentence.names_as_code(candidate)
        if candidate.shape is not Shape.LETTERS:
            return False
        is_button = any(candidate.value == link.words for link in self._page.links)
        return is_button or place == 0 or not sentence.is_announced(candidate, self._sentences[place - 1])

    def _all_found(self) -> list[Found]:
        found = list[Found]()
        for place, sentence in enumerate(self._sentences):
            for one in candidates(sentence.text):
                found.append((without_sender(one, self._texts), place))
            if len(found) >= MAX_CANDIDATES:
                break
        return found

    @cached_property
    def _only(self) -> str | None:
        """The key of the only candidate, or of the only large one; long numbers beside it (phones) do not count."""
        plain = [(one, place) for one, place in self._found if self._is_plain(one, self._sentences[place])]
        large = [(one, place) for one, place in plain if self._is_large(one, self._sentences[place])]
        plain = large or [(one, place) for one, place in plain if one.shape is not Shape.LONG] or plain
        keys = {_key(one.value) for one, _ in plain}
        return keys.pop() if len(keys) == 1 else None

    def _is_plain(self, candidate: Candidate, sentence: Sentence) -> bool:
        """Return whether it is no word by its shape, or by its place: random text in its own line below a colon."""
        if candidate.shape not in LIKE_WORDS:
            line = self._texts[sentence.line]
            aside = "©" in line or sentence.is_port(candidate) or self._is_in_an_address(candidate, sentence)
            return not aside and candidate.shape is not Shape.THOUSANDS
        random = not candidate.value.isalpha() or not is_pronounceable(candidate.value.upper())
        return (
            random
            and self._is_alone(candidate, sentence)
            and self._form.is_led_up_to(sentence.line, sentence.text[: candidate.start])
        )

    def _is_large(self, candidate: Candidate, sentence: Sentence) -> bool:
        return self._lines[sentence.line].big and self._is_alone(candidate, sentence)

    def _is_alone(self, candidate: Candidate, sentence: Sentence) -> bool:
        written = sentence.text[candidate.start : candidate.end]
        return sentence.line > 0 and self._texts[sentence.line].strip(DECORATION) == written.strip(DECORATION)

    def _points(self, candidate: Candidate, place: int, minutes: float, *, alone: bool) -> float:
        sentence = self._sentences[place]
        before = sentence.text[: candidate.start]
        if is_example(before):
            return NUMBERED
        points = self._from_shape(candidate, place, alone=alone) + self._topic + minutes
        if alone:
            points += ALONE_AND_BIG if self._lines[sentence.line].big else ALONE
        if sentence.line > 0 and _key(candidate.value) in self._in_subject:
            points += IN_SUBJECT
        if candidate.value in self._in_links:
            points += IN_LINK
        if before.rstrip().endswith(("#", "№")):
            points += NUMBERED
        if sentence.is_spent(candidate.start, candidate.end, self._starts.get(place, [])):
            points += SPENT
        return points + (BESIDE_PERCENT if "%" in sentence.text and PERCENT.search(sentence.text) else 0.0)

    def _from_shape(self, candidate: Candidate, place: int, *, alone: bool) -> float:
        """Return points for the shape. What looks like a year or a name is none where it is named as a code."""
        sentence, points = self._sentences[place], candidate.shape.points
        if candidate.shape is Shape.YEAR and len(candidate.value) > len("2026") and alone:
            above = self._sentences[max(0, place - FAR_BACK) : place]
            return 0.0 if any(Kind.SECRET in one.kinds or Kind.ENTER in one.kinds for one in above) else points
        if candidate.shape is Shape.NAMED and Kind.SECRET in sentence.kinds and sentence.names(candidate.start):
            return points / 3
        return points

    def _from_words(self, candidate: Candidate, place: int, *, follow: bool) -> float:
        """Return points for the nearest known word; only for words after it where words `follow` their numbers."""
        own = self._from_own_sentence(candidate, place, follow=follow)
        if own is None:
            own = self._from_above(candidate, place)
            if self._is_asked_for_below(candidate, place):
                own = max(own or 0.0, POINTS[Kind.SECRET][3])
        if own is not None or candidate.shape in LIKE_WORDS:
            return own or 0.0
        after = self._sentences[place + 1].telling if place + 1 < len(self._sentences) else None
        return POINTS[after][5] if after else 0.0

    def _from_own_sentence(self, candidate: Candidate, place: int, *, follow: bool) -> float | None:
        """Return points for the nearest known word of its sentence, None if there is none."""
        sentence = self._sentences[place]
        nearest = sentence.nearest(candidate.start, candidate.end, after=follow)
        if not nearest:
            return None
        kind, distance = nearest
        if sentence.counts(candidate):
            return POINTS[Kind.NUMBER][2]
        doubtful = kind is Kind.CODE and self._is_doubtful(place)
        if sentence.asks_for(candidate.start) or self._is_asked_for(kind, place, doubtful=doubtful):
            kind = Kind.SECRET
        points = POINTS[kind][0 if distance <= BESIDE else 1 if distance <= NEAR else 2]
        if kind is not Kind.CODE:
            return points
        if doubtful:
            return points + AMONG_NOISE
        above = self._sentences[max(0, place - FAR_BACK) : place]
        if any(one.telling in {Kind.NOISE, Kind.NUMBER} for one in above) and not self._is_about_access(place):
            return points - BELOW_NOISE
        return points + (AFTER_COLON if leads_up(sentence.text[: candidate.start]) else 0.0)

    def _is_asked_for_below(self, candidate: Candidate, place: int) -> bool:
        """Return whether the next sentence asks to enter a large text: "Enter this one-time password"."""
        if not self._is_large(candidate, self._sentences[place]) or place + 1 >= len(self._sentences):
            return False
        return {Kind.SECRET, Kind.ENTER} <= self._sentences[place + 1].kinds

    def _is_asked_for(self, kind: Kind, place: int, *, doubtful: bool) -> bool:
        """Return whether a sentence asks to enter a code, which makes "code" and "enter" as good as "sign-in code"."""
        kinds = self._sentences[place].kinds
        if kind is Kind.ENTER:
            return Kind.PROOF in kinds or self._is_secret_above(place)
        return kind is Kind.CODE and Kind.ENTER in kinds and not kinds & {Kind.NOISE, Kind.NUMBER} and not doubtful

    def _from_above(self, candidate: Candidate, place: int) -> float | None:
        """Return points for what the sentences above announce, None if they announce nothing."""
        sentence = self._sentences[place]
        for back in range(1, min(FAR_BACK, place) + 1):
            before = self._sentences[place - back]
            kind = before.telling
            if before.line == 0 and sentence.line > 0:
                return None
            is_prose = kind is Kind.NOISE and self._names_it and before.text.rstrip().endswith(".")
            if not kind or is_prose or before.has_spent_code:
                continue
            if kind is Kind.NUMBER and self._is_about_access(place):
                return 0.0
            if kind is Kind.PROOF and _key(candidate.value) != self._only and not self._is_large(candidate, sentence):
                return 0.0  # "Etiqueta de Activo", above one of several numbers, has nothing to do with activating
            if kind in ASIDE and back == 1 and self._is_secret_above(place - back):
                return POINTS[Kind.SECRET][3]  # "Your code is below. Enter it in the browser."
            points = POINTS[kind][3 if back == 1 else 4]
            if kind is Kind.CODE and back == 1 and candidate.shape is Shape.LETTERS and leads_up(before.text):
                points += AFTER_COLON
            if kind is Kind.CODE and self._has_money and not self._is_about_access(place):
                points += AMONG_NOISE
            alone = self._is_alone(candidate, sentence) or sentence.is_short_lived
            return points if alone or not sentence.is_prose_around(candidate) else points + AMONG_WORDS
        return None

    def _is_secret_above(self, place: int) -> bool:
        """Return whether one of the two sentences above names a code."""
        above = self._sentences[max(1, place - 2) : place]
        return any(one.telling in {Kind.SECRET, Kind.CODE} and not one.has_spent_code for one in above)

    def _is_about_access(self, place: int) -> bool:
        """Return whether a "number" there may be a code: it is valid for minutes, or used to sign in."""
        above = self._sentences[max(0, place - FAR_BACK) : place]
        return self._from_minutes(place) > 0 or any(Kind.PROOF in sentence.kinds for sentence in above)

    def _is_doubtful(self, place: int) -> bool:
        """Return whether a code of an unknown kind is near an amount of money, or near other details of a meeting."""
        if self._has_money and not self._is_about_access(place):
            return True
        above = self._sentences[max(0, place - FAR_BACK) : place]
        beside = sum(label.kind is Kind.NOISE for label in self._sentences[place].labels)
        return beside + sum(sentence.telling is Kind.NOISE for sentence in above) > 1

    def _from_form(self, candidate: Candidate, place: int) -> float:
        """Return points for the only candidate, where no known word is near."""
        sentence = self._sentences[place]
        announced = self._form.is_led_up_to(sentence.line, sentence.text[: candidate.start])
        points = ONLY_ONE + LED_UP_TO * announced
        line = self._lines[sentence.line]
        if not sentence.line or not self._is_foreign or "#" in line.text or self._is_in_an_address(candidate, sentence):
            return points
        alone = self._is_alone(candidate, sentence)
        if not alone and self._form.names_another(sentence.line, announced=announced):
            return points
        if not is_about_one_thing(self._texts, self._page, candidate.value):
            return points + (LASTS if self._from_minutes(place) and not self._has_money else 0.0)
        urls = {link.url for link in self._page.links if not link.image}
        leads_elsewhere = any(path_kind(url, self._vocabulary) is not Kind.DENY for url in urls)
        stands = stands_out(line, sentence.text, candidate.start, candidate.end)
        usual = stands or is_usual(candidate, announced=announced)
        if not alone and (not usual or any(contains_code(url, candidate.value) for url in urls)):
            return points
        closes = ends_with(sentence.text[candidate.end :]) and not self._form.is_at_the_foot(sentence.line)
        if announced or ((closes or stands) and not leads_elsewhere):
            points += ONE_THING_ENDS
        elif candidate.shape is Shape.SIX and (not leads_elsewhere or alone):
            points += ONE_THING
        return points

    def _is_in_an_address(self, one: Candidate, sentence: Sentence) -> bool:
        return self._form.is_in_an_address(sentence.line) and not self._is_alone(one, sentence)

    @cached_property
    def _is_foreign(self) -> bool:
        """Whether no word of the message is known, or none that speaks against a code."""
        known = {Kind.PLAIN, Kind.NOISE, Kind.NUMBER}
        return not any(known & sentence.kinds or sentence.is_about_spent_one for sentence in self._sentences)

    def _from_minutes(self, place: int) -> float:
        around = self._sentences[max(0, place - 3) : place + 5]
        return SHORT_LIVED if any(one.is_about_one_use for one in around) else 0.0

    def _from_topic(self, subject: str) -> float:
        """Return points for the topic of the message as a whole."""
        points = MONEY_AROUND if self._has_money else 0.0
        if is_talk(subject) or self._page.is_comment:
            return points + (SUBJECT_IS_REPLY if is_reply(subject) else SUBJECT_IS_TALK)
        if self._names_it:
            return points + SUBJECT_NAMES_IT
        if self._subject & {Kind.NOISE, Kind.NUMBER} or names_a_thing(subject):
            # It may be about something to confirm with a one-time code, such as a payment.
            confirms = Kind.PROOF in self._subject and any(Kind.SECRET in one.kinds for one in self._sentences)
            return points + SUBJECT_IS_NOISE / (2 if confirms else 1)
        return points + (SUBJECT_FITS if self._subject & {Kind.CODE, Kind.PROOF} else 0.0)


def _key(value: str) -> str:
    return value.replace("-", "").upper()
