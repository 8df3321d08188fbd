"""Choices between accepting and refusing: "accept or decline" in a sentence, `?answer=yes` and `?answer=no` in URLs.

A refusal that is joined to accepting refuses nothing, and of two addresses that differ only in the answer, one accepts.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from .vocabulary import Kind, Label

YES = {"1", "y", "yes", "true", "ok", "on", "grant"}
YES |= {"accept", "accepted", "allow", "allowed", "approve", "approved", "confirm", "ja", "oui", "si", "sim", "tak"}
NO = {"0", "n", "no", "false", "off", "block", "blocked", "cancel", "refuse"}
NO |= {"decline", "declined", "deny", "denied", "reject", "rejected", "nein", "nee", "nej", "non", "nao", "nie"}
"""Values in addresses of a choice, such as `?answer=yes` and `?answer=no`."""

REFUSING = re.compile(rf"[/=](?:{'|'.join(NO)})(?![^/?&#])", re.IGNORECASE)
PART = re.compile("([/?&=#])")
MAX_PARTS, MAX_ANSWER = 40, 8
"""Parts of a URL that are compared with those of others, and maximum characters of an answer in it."""

JOINED = 30
"""Maximum characters between accepting, "or", and refusing."""

CHOOSING = {Kind.DENY, Kind.OR, Kind.CLICK}
"""Kinds of words in a sentence that offers a choice, apart from the word for accepting."""

MIN_CHOICE, NEXT_WORD = 20, 3
"""Minimum characters of a sentence that offers a choice (a button "Change or cancel" offers none), and maximum
characters between "or" and the word that it joins, such as "to"."""

LONG_WORD = re.compile(r"[^\W\d_]{4,}\W*\Z|[^\W\d_\x00-\u02ff]{2,}\W*\Z")
"""A word that may be a verb, at the end of a text."""


def choices(urls: Collection[str]) -> tuple[set[str], set[str]]:
    """Return the URLs that accept something and those that refuse it: alike, but for one word or figure.

    Of three or more answers, such as "yes, no, perhaps" to an invitation to a meeting, none is returned.
    """
    alike: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    if not any(map(REFUSING.search, urls)):
        return set(), set()
    for url in urls:
        parts = PART.split(url)
        for place, part in enumerate(parts[2:MAX_PARTS], 2):
            if place % 2 == 0 and len(part) <= MAX_ANSWER:
                alike[(*parts[:place], "", *parts[place + 1 :])][part.lower()] = url
    yes, no = set[str](), set[str]()
    for answers in alike.values():
        if len(answers) == len("01") and any(answer in YES for answer in answers) and any(a in NO for a in answers):
            yes |= {url for answer, url in answers.items() if answer in YES}
            no |= {url for answer, url in answers.items() if answer in NO}
    return yes, no


def refuses(url: str) -> bool:
    """Return whether the last part of a URL with a token is a refusal, as in `/login/…?a=0` or `/device/…/deny`."""
    parts = PART.split(url)
    answer = parts[-1].lower()
    return answer in NO and (answer not in {"0", "n"} or len(parts[-3]) <= 1)


def without_joined(labels: Sequence[Label], text: str) -> Iterator[Label]:
    """Yield the labels without refusals that are joined to accepting: "accept or decline"."""
    for place, label in enumerate(labels):
        if label.kind is Kind.DENY:
            before, after = labels[max(0, place - 2) : place], labels[place + 1 : place + 3]
            if _join(*before, label) or _join(label, *after) or _joins_unknown(labels, place, text):
                continue
        yield label


def _joins_unknown(labels: Sequence[Label], place: int, text: str) -> bool:
    """Return whether a word of an unknown language is joined to refusing, where no other word is known."""
    if len(text) < MIN_CHOICE or any(label.kind not in CHOOSING for label in labels):
        return False
    before = labels[place - 1] if place else None
    if before is None or before.kind is not Kind.OR or labels[place].start - before.end > NEXT_WORD:
        return False
    return bool(LONG_WORD.search(text[max(0, before.start - JOINED) : before.start]))


def _join(*labels: Label) -> bool:
    """Return whether three labels are a choice. A single letter is "or" only after accepting: "cancelar o convite"."""
    if len(labels) != len("abc") or labels[1].kind is not Kind.OR or labels[2].start - labels[0].end > JOINED:
        return False
    first, last = labels[0].kind, labels[2].kind
    long = labels[1].end - labels[1].start > 1
    return (first is Kind.ACTION and last is Kind.DENY) or (first is Kind.DENY and last is Kind.ACTION and long)
