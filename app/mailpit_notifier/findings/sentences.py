"""The sentences of a page, with the known words in them and what each means beside its neighbours.

A "discount code" is noise and a "confirmation code" is a secret: the meaning comes from the combination of words.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from .form import leads_up
from .shapes import Candidate, Shape, is_pronounceable
from .vocabulary import Kind, Label, Vocabulary, fold

SENTENCE_END = re.compile(
    r"[.!?…](?<!\bz.)(?= +[^\W\d_])|[。！？।؟]|[|·•](?= )| - (?=[^\W\d_])(?![\w-]*[0-9]|[A-Z]{4,12}\W*\Z)"
)
"""No sentence ends after "z.": the German "z. B." means "for example". None ends at a dash before a code."""

OF_THE_MAIL = {Kind.MINUTES, Kind.KEEP, Kind.SPENT, Kind.OLD, Kind.PLAIN}
"""Kinds that describe the message, not a number beside them."""

ASIDE = {Kind.PROOF, Kind.ENTER}
"""Kinds that give way to one that names the thing."""

ATTACHED, TERM, PHRASE = 1, 12, 30
"""Maximum characters between two words that are one compound, one term, or one phrase."""

TERM_BEHIND = 8
"""Maximum characters between a code and its kind after it: "code de réduction"."""

BESIDE_OLD = 14
"""Maximum characters between "old" and the word that names the code."""

COPULA = re.compile(r"[^\W\d_]*+(?P<gap>[^\n]{0,30})\Z")
"""The rest of a word that names a code, and the text between it and the code."""

HOST = re.compile(r"[A-Za-z\]][\w.-]*:\Z")
MAX_HOST = 40
"""The name of a host before its port, and its maximum characters."""

WORD = re.compile(r"[^\W\d_]{2,}")
FEW_WORDS = 3
MAX_SLUG = 14
"""Maximum characters of a lower-case code with a hyphen in a sentence."""

LEADS_ON = re.compile(r"[^\W\d_]{0,20}[:：]")
"""What follows a word that names what comes after it: "482913 (Ref: KQJT)"."""

COLON = re.compile(r"[:：=→፡]|- *\Z")
MOST_WORDS = 3
"""Maximum words between "sign-in code" and the code, such as "của bạn là"."""

UNLIKE = 25
"""Extra distance, in characters, of a word that only hints at a code, compared with one that names the thing."""


class Sentence:
    """A sentence, the number of its line, and what its known words show.

    - `labels`: the known words that describe a number beside them; `kinds`: the kinds of all known words;
    - `telling`: what it announces: a secret, else the kind of the last word that is more than a hint;
    - `is_short_lived`: it mentions minutes; `is_about_one_use`: it does, or it asks not to share something;
    - `is_about_spent_one`: it reports that something is not valid, instead of how long it is valid.
    """

    labels: list[Label]
    kinds: set[Kind]
    telling: Kind | None
    is_short_lived: bool
    is_about_one_use: bool
    is_about_spent_one: bool
    _found: list[Label]

    def __init__(self, text: str, line: int, vocabulary: Vocabulary) -> None:
        self.text = text
        self.line = line
        self._vocabulary = vocabulary

    def __getattr__(self, name: str) -> Any:
        """Find the known words once an attribute of them is read: Python calls this for one that is not set yet.

        Most sentences of a message are never asked. As six cached properties they were six calls, each with a lock.
        """
        if name not in Sentence.__annotations__:
            raise AttributeError(name)
        self._find_words()
        return self.__dict__[name]

    def _find_words(self) -> None:
        self._found = self._vocabulary.labels(fold(self.text))
        others = [label for label in self._found if label.kind not in OF_THE_MAIL]
        self.labels = _resolved(others) if others else others
        self.kinds = {label.kind for label in (*self._found, *self.labels)}
        self.telling = _announced(self.labels) if self.labels else None
        self.is_short_lived = Kind.MINUTES in self.kinds
        self.is_about_one_use = self.is_short_lived or Kind.KEEP in self.kinds
        self.is_about_spent_one = Kind.SPENT in self.kinds and not self.is_short_lived

    def is_spent(self, start: int, end: int, others: Sequence[int]) -> bool:
        """Return whether a code is called old or no longer valid. `others` are the starts of all codes."""
        if Kind.SPENT not in self.kinds and Kind.OLD not in self.kinds:
            return False
        first = max((other for other in others if other < start), default=0)
        last = min((other for other in others if other > start), default=len(self.text))
        spent = [label for label in self._found if label.kind is Kind.SPENT and not self.is_short_lived]
        if any(end <= label.start < last or (label.start < start and len(set(others)) < 2) for label in spent):
            return True
        names = [label for label in self.labels if first <= label.start and label.end <= start]
        old = [label for label in self._found if label.kind is Kind.OLD and first <= label.start < start]
        return bool(names) and any(
            label.start - names[-1].end <= BESIDE_OLD and names[-1].start - label.end <= BESIDE_OLD for label in old
        )

    def asks_for(self, start: int) -> bool:
        """Return whether it asks to enter a code, and a colon leads up to `start`: "Enter the code in the app: …"."""
        if not COLON.search(self.text[:start].rstrip(" *_")[-1:]):
            return False
        kinds = {label.kind for label in self.labels if label.end <= start}
        return Kind.ENTER in kinds and not kinds.isdisjoint({Kind.CODE, Kind.SECRET})

    def names_as_code(self, candidate: Candidate) -> bool:
        """Return whether the words before a text that looks like a word say that it is a code."""
        after = self.text[candidate.end :]
        if leads_up(after) or not self.names(candidate.start):
            return False  # after "Use this code for project-48213:", the code follows
        if candidate.shape is Shape.LETTERS:
            long = len(candidate.value) > len("CSRF")
            return long and not any(map(str.isalnum, after)) and not is_pronounceable(candidate.value)
        short = len(candidate.value) <= MAX_SLUG and candidate.value.count("-") <= 1
        return short or candidate.shape is not Shape.SLUG

    def is_announced(self, candidate: Candidate, above: "Sentence") -> bool:
        """Return whether capital letters in a line of their own are a code, and no heading."""
        if self.text[candidate.end :].strip(" *_").startswith(("!", "?")):
            return False
        return not is_pronounceable(candidate.value) or (
            above.line > 0 and (leads_up(above.text) or above.telling in {Kind.SECRET, Kind.ENTER})
        )

    def is_port(self, candidate: Candidate) -> bool:
        """Return whether it follows the name of a host: "redis:6379", but not "code:6379"."""
        if not self.text.endswith(":", 0, candidate.start):
            return False
        host = HOST.search(self.text[max(0, candidate.start - MAX_HOST) : candidate.start])
        if not host or not candidate.value.isdigit() or len(candidate.value) > len("65535"):
            return False
        start = candidate.start - len(host[0])
        return not any(start < label.end <= candidate.start for label in self.labels)

    def counts(self, candidate: Candidate) -> bool:
        """Return whether a number says how many ("48213 sign-in codes"), or names a topic ("Ticket 4821: codes")."""
        after = self.text[candidate.end :]
        if not candidate.value.isdigit() or (self.labels and self.labels[0].end <= candidate.start):
            return False
        many = after[:1] == " " and after.isascii() and any(label.start == candidate.end + 1 for label in self.labels)
        return many or after[:2] == ": "

    def is_prose_around(self, candidate: Candidate) -> bool:
        """Return whether it is among other words, or in an address: "Ringstr. 17, 10115 Berlin"."""
        others = WORD.findall(self.text[: candidate.start] + " " + self.text[candidate.end :])
        return len(others) >= FEW_WORDS or "," in self.text

    @property
    def has_spent_code(self) -> bool:
        """Whether it reports that a code is not valid."""
        return self.is_about_spent_one and any(label.kind in {Kind.CODE, Kind.SECRET} for label in self.labels)

    def names(self, start: int) -> str:
        """Return how words for a code lead up to `start`: ":" with a colon, "is" by at most one word, "" not at all."""
        before = [label for label in self.labels if label.end <= start]
        if not before or not any(label.kind in {Kind.SECRET, Kind.CODE} for label in before[-2:]):
            return ""
        if before[-1].kind in {Kind.NOISE, Kind.NUMBER}:
            return ""
        match = COPULA.match(self.text[before[-1].end : start])
        if not match:
            return ""
        gap = match["gap"]
        if COLON.search(gap):
            return ":"
        most = MOST_WORDS if any(label.kind is Kind.SECRET for label in before[-2:]) else 1
        return "is" if len(re.findall(r"\w+", gap)) <= most else ""

    def describes_after(self, places: Sequence[int]) -> bool:
        """Return whether each of several numbers, starting at `places`, is followed by its description."""
        if len(places) < 2:
            return False
        described = [label.start for label in self.labels if label.kind not in ASIDE]
        ranges = pairwise([*places, len(self.text)])
        followed = (any(start < word < min(end, start + PHRASE) for word in described) for start, end in ranges)
        return not any(word < places[0] for word in described) and all(followed)

    def nearest(self, start: int, end: int, *, after: bool = False) -> tuple[Kind, int] | None:
        """Return kind and distance (characters) of the nearest known word; `after`: only of words after `start`."""
        best: tuple[float, Kind, int] | None = None
        for label in self.labels:
            if (label.start < end and start < label.end) or (after and label.end <= start):
                continue
            before = label.end <= start
            if not before and LEADS_ON.match(self.text, label.end):
                continue
            distance = start - label.end if before else label.start - end
            hints = label.kind in ASIDE and not (label.kind is Kind.ENTER and before and distance <= ATTACHED)
            rank = distance * (1.0 if before else 1.5) + (UNLIKE if hints else 0)
            if best is None or rank < best[0]:
                best = (rank, label.kind, distance)
        return best and (best[1], best[2])


def sentences(lines: Iterable[str], vocabulary: Vocabulary) -> list[Sentence]:
    """Split lines into sentences. A sentence ends with its line at the latest."""
    found: list[Sentence] = []
    for number, line in enumerate(lines):
        ends = [match.end() for match in SENTENCE_END.finditer(line)]
        for start, end in pairwise((0, *ends, len(line))):
            if (text := line[start:end]).strip():
                found.append(Sentence(text, number, vocabulary))
    return found


def _announced(labels: Sequence[Label]) -> Kind | None:
    kinds = [label.kind for label in labels]
    if Kind.SECRET in kinds:
        return Kind.SECRET
    plain = [kind for kind in kinds if kind not in ASIDE]
    return plain[-1] if plain else kinds[-1] if kinds else None


def _resolved(words: Sequence[Label]) -> list[Label]:
    out: list[Label] = []
    for place, label in enumerate(words):
        before = out[-1] if out else None
        after = words[place + 1] if place + 1 < len(words) else None
        kind = label.kind
        if before and before.kind is Kind.NOISE and label.start - before.end <= ATTACHED:
            kind = Kind.NOISE
        elif kind is Kind.CODE:
            kind = _which_code(label, before, after)
        if kind is Kind.NUMBER and any(word.kind is Kind.ENTER for word in words):
            kind = Kind.CODE
        if kind is Kind.SECRET and before and before.kind is Kind.PROOF and label.start - before.end <= TERM:
            start = out.pop().start  # the term starts with the purpose of the code: "sign-in code"
            out.append(Label(kind=kind, start=start, end=label.end))
        else:
            out.append(label if kind is label.kind else Label(kind=kind, start=label.start, end=label.end))
    return out


def _which_code(label: Label, before: Label | None, after: Label | None) -> Kind:
    def follows(distance: int, *kinds: Kind) -> bool:
        return before is not None and before.kind in kinds and label.start - before.end <= distance

    def leads(distance: int, *kinds: Kind) -> bool:
        return after is not None and after.kind in kinds and after.start - label.end <= distance

    if follows(TERM, Kind.PROOF, Kind.SECRET) or leads(TERM, Kind.PROOF):
        return Kind.SECRET
    if leads(TERM_BEHIND, Kind.NOISE, Kind.NUMBER):
        return Kind.NOISE
    return Kind.SECRET if follows(PHRASE, Kind.PROOF) or leads(PHRASE, Kind.PROOF) else Kind.CODE
