"""Find texts in a line that have the shape of a one-time code, regardless of their meaning.

Shapes are digits, grouped digits, letters and digits, with or without hyphens, and separated single characters. Dates,
times, amounts, versions, URLs and phone numbers are left out. Regular expressions are bounded, so the time is linear.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple

from .page import URL

MASK = "\ufffc"
MAX_PER_LINE = 40


class Shape(Enum):
    """The form of a candidate."""

    SIX, DIGITS, LONG, UNEVEN, THOUSANDS, YEAR = range(6)
    MIXED, HYPHENED, LOWER, CASED, NAMED, SLUG, LETTERS, SPACED, SINGLES, WEAK = range(6, 16)

    __hash__ = object.__hash__  # Enum's own is slow Python code

    @property
    def points(self) -> float:
        """Points of a candidate for its shape."""
        return POINTS[self]


POINTS = {
    Shape.SIX: 1.5,
    Shape.DIGITS: 1.0,
    Shape.LONG: -1.0,
    Shape.UNEVEN: 0.0,
    Shape.THOUSANDS: -2.0,
    Shape.YEAR: -2.5,
    Shape.MIXED: 0.9,
    Shape.HYPHENED: 0.8,
    Shape.LOWER: 0.5,
    Shape.CASED: 0.5,
    Shape.WEAK: 0.5,
    Shape.NAMED: -3.0,
    Shape.SLUG: 0.5,
    Shape.LETTERS: -0.5,
    Shape.SPACED: 0.2,
    Shape.SINGLES: 2.5,
}

LIKE_WORDS = {Shape.SLUG, Shape.LETTERS, Shape.SPACED, Shape.CASED, Shape.WEAK}
"""Shapes that words and names have, too. They count on a line of their own, or where a word names them as a code."""


class Candidate(NamedTuple):
    """A text with the shape of a code: `value` is the text to paste, `start` and `end` its place in the line."""

    value: str
    shape: Shape
    start: int
    end: int


EDGE = "A-Za-z0-9\u00c0-\u024f\u0370-\u052f"
BOUND = re.compile(r"(?<![\w.-])@[\w.-]{1,99} #([A-Za-z0-9]{4,12})(?![\w-])")
"""Domain-bound code: https://wicg.github.io/sms-one-time-codes/"""

HOST_AND_PORT = r"(?<![\w.-])(?:localhost|\[[0-9a-f:]{2,39}\]|[\w-]++(?:\.[\w-]++)++):[0-9]++"
HASHTAG = r"(?<![\w&#])#(?:(?=[0-9_]*+[^\W\d_]{3})\w++|(?=[0-9]{0,5}[a-f])[0-9a-f]{6}(?!\w))"
"""A hashtag, or a color."""
MASKED = re.compile(
    rf"[a-z][a-z0-9+.-]{{1,9}}+://[!#-;=?-Z\[\]_a-z~]++|{URL.pattern}"
    rf"|(?<![\w.+*-])[\w.+*-]++@[\w-][\w.-]*+(?::[0-9]++)?|{HOST_AND_PORT}|{HASHTAG}",
    re.IGNORECASE,
)
MASKABLE = re.compile("[@:#]")
SINGLES = re.compile(rf"(?<![{EDGE}])[A-Z0-9](?:(?: - |[ -]| [.·•] )[A-Z0-9]){{3,9}}(?![{EDGE}])")
GROUPS = re.compile(rf"(?<![{EDGE}])[0-9]{{1,4}}(?:(?: - |[ .-])[0-9]{{1,4}}){{1,5}}(?![{EDGE}])")
PAIRS = re.compile(rf"(?<![{EDGE}])[A-Z0-9]{{2,4}}(?: [A-Z0-9]{{2,4}}){{1,3}}(?![{EDGE}])")
GROUPED = re.compile("[A-Z0-9](?: - |[ .-]| [.·•] )[A-Z0-9]")
"""What is in all three. Most texts have none of it, so that one search does for three."""

LIKELY = r"(?=[A-Za-z-]{0,30}\d|[A-Z][A-Z-]{3,14}(?![A-Za-z])|[a-z]{1,12}-[a-z]{1,12}-)"
TOKEN = re.compile(rf"(?<![{EDGE}]){LIKELY}[A-Za-z0-9]++(?:-[A-Za-z0-9]++)*+(?![{EDGE}])")

LISTED, FIGURES = 4, 3
"""So many candidates of one shape, or so many figures, are a list: backup codes, rows of a table."""

NO_DIGITS = re.compile(r"\D+")
POSSIBLE = re.compile(r"[\d#]|[A-Z-]{4}|-[a-z]{1,12}-")
"""What every text with a code has: a digit, a "#", some capital letters, or two hyphens around a word."""

MONEY = "$€£¥₽₺₹₩₫₴₪฿₦₱₡₸₼₾₲￥￡"
CURRENCY = (
    r"(?:eur|usd|gbp|chf|sek|nok|dkk|pln|czk|huf|ron|bgn|rub|uah|try|brl|inr|jpy|cny|krw|btc|eth|kr|zł|zl|kč|kc|ft|lei|"
    r"лв|руб|грн|тг|tl|rs|rp|rm|r\$|円|元|원|บาท|đồng|vnd|idr|дин|ден|kn|din)"
)
WHOLE_CURRENCY = rf"(?:{CURRENCY}(?![^\W\d_])|[万萬億亿만억]?(?:円|元|원)|บาท)"
"""A currency after its amount: a separate word, except in scripts that join words ("4829円です")."""

MONEY_BEFORE = re.compile(rf"(?:[{MONEY}]|(?<![a-z]){CURRENCY}\.?) ?\Z", re.IGNORECASE)
MONEY_AFTER = re.compile(rf" ?(?:[{MONEY}%°]|{WHOLE_CURRENCY})", re.IGNORECASE)
SIGN = re.compile(f"[{MONEY}]")
SUM = re.compile(rf"[0-9](?![0-9]) ?(?i:{WHOLE_CURRENCY})")
"""Two expressions: as a single one they took 20 µs per message."""

STUCK_BEFORE = re.compile(rf"(?:\w\": ?\"?|[/@+=&_~(\\{MASK}]|[0-9][ .,:-]|[A-Za-z]\.|\+[ .-]|\([0-9]{{2,5}}\)[ -]?)\Z")
STUCK_AFTER = re.compile(rf"[/@_=&#\\{MASK}]|[.,:][A-Za-z0-9]|[ .-][0-9]")
LAST_DIGITS = re.compile(r"(?:[*•…]|[.*x•]{2} ?)\Z")
"""What precedes the last digits of a card number, unless it is emphasis."""

DATE = re.compile(
    r"(?:19|20)\d\d[-. ](?:0?[1-9]|1[0-2])[-. ](?:[0-2]?\d|3[01])"
    r"|(?:[0-2]?\d|3[01])[-.](?:0?[1-9]|1[0-2])[-.](?:20)?\d\d"
)
BY_LENGTH = {6: Shape.SIX, 9: Shape.LONG, 10: Shape.LONG}
"""Shapes of ungrouped numbers by length; others are DIGITS."""

MAX_TOKEN, MAX_DIGITS = 12, 10
"""Maximum characters of a code without hyphens, and of one of digits only."""

YEAR = re.compile(r"(?:19|20)\d\d")
YEAR_NOW = re.compile(r"19\d\d|20[0-3]\d")
SWITCH = re.compile(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])")
NAME_AND_NUMBER = re.compile(r"([A-Z]{3,})\d{1,4}[A-Z]?")
TECHNICAL = re.compile(
    r"(?:aes|bs|cp|cve|covid|css|ec|es|h|hs|html|http|ipv?|iso|md|mp|oauth|ps|py|python|rfc|rs|rsa|s|sha|ssl|tls|top|usb"
    r"|utf|v|web|win|x)-?[0-9][0-9-]{0,6}",
    re.IGNORECASE,
)
"""Names of standards and products, such as SHA256."""

NAME_BEFORE = re.compile(r"([A-Za-z]{1,12})-([0-9]{4,8})")
"""A letter or a name before digits, which are what is pasted: "G-482913", "ACME-482913"."""

MIN_AFTER_NAME, MIN_NAME = 5, 2
"""Minimum digits after a name that is not in the message, and characters that such a name has more than."""

VOWEL = re.compile("[AEIOUY]")
CLUSTER = re.compile("[^AEIOUY]{5}")
ORDINAL = re.compile(r"\d+(?:st|nd|rd|th|px|pt|min|mins|h|hrs?|sec|ms|kb|mb|gb|am|pm|x\d+)", re.IGNORECASE)


def bound_code(text: str) -> str:
    """Return the code of a line such as `@example.com #123456` (a domain-bound code), "" if there is none."""
    found = BOUND.search(text)
    return found[1] if found else ""


def masked(text: str) -> str:
    """Return the text with each character of URLs and email addresses replaced by MASK."""
    return MASKED.sub(lambda match: MASK * len(match[0]), text) if MASKABLE.search(text) else text


def has_amount(text: str) -> bool:
    """Return whether a text contains an amount of money."""
    return bool(SIGN.search(text) or SUM.search(text))


def may_contain_code(text: str) -> bool:
    """Return whether `candidates` or `bound_code` may find something in a text. One search, because few texts do."""
    return bool(POSSIBLE.search(text))


def candidates(text: str) -> list[Candidate]:
    """Return what may be a code in a masked line: at most MAX_PER_LINE, without overlaps."""
    if not POSSIBLE.search(text):
        return []
    taken, free = 0, list[Candidate]()
    groups = _groups(text) if GROUPED.search(text) else ()
    found = [*groups, *_tokens(text)]
    if len(found) > 1:
        found.sort(key=lambda one: (one.start, -one.end))
    for candidate in found[:MAX_PER_LINE]:
        if candidate.start >= taken and _is_free(text, candidate.start, candidate.end):
            taken = candidate.end
            free.append(candidate)
    return free


def _groups(text: str) -> Iterator[Candidate]:
    for match in SINGLES.finditer(text):
        value = "".join(filter(str.isalnum, match[0]))
        if any(map(str.isdigit, value)):
            yield Candidate(value=value, shape=Shape.SINGLES, start=match.start(), end=match.end())
    for match in GROUPS.finditer(text):
        if shape := _grouped(match[0]):
            value = NO_DIGITS.sub("", match[0])
            yield Candidate(value=value, shape=shape, start=match.start(), end=match.end())
    for match in PAIRS.finditer(text):
        value = match[0].replace(" ", "")
        before, after = text[: match.start()].rstrip(" *_"), text[match.end() :]
        alone = before.endswith((":", "：")) or not any(map(str.isalnum, before))
        if alone and not value.isdigit() and not value.isalpha() and not any(map(str.isalnum, after)):
            yield Candidate(value=value, shape=Shape.SPACED, start=match.start(), end=match.end())


def _tokens(text: str) -> Iterator[Candidate]:
    for match in TOKEN.finditer(text):
        if 4 <= len(match[0]) <= 30 and (shape := _shape(match[0])):
            yield Candidate(value=match[0], shape=shape, start=match.start(), end=match.end())


def _shape(token: str) -> Shape | None:
    if token.isdigit():
        return _digits(token) if len(token) <= MAX_DIGITS else None
    if TECHNICAL.fullmatch(token):
        return None
    if "-" in token:
        return _hyphened(token)
    if len(token) > MAX_TOKEN:
        return None
    if token.isalpha():
        return Shape.LETTERS if token.isupper() else None
    if ORDINAL.fullmatch(token) or token.lower().startswith("xx"):
        return None
    if token.isupper():
        name = NAME_AND_NUMBER.fullmatch(token)
        return Shape.NAMED if name and is_pronounceable(name[1]) else Shape.MIXED
    if token.islower():
        return Shape.LOWER if len(SWITCH.findall(token)) > 1 else Shape.WEAK
    return Shape.CASED


def is_pronounceable(letters: str) -> bool:
    """Return whether capital letters may be a word: they have enough vowels, and no long run without any."""
    return 5 * len(VOWEL.findall(letters)) >= len(letters) and not CLUSTER.search(letters)


def _digits(token: str) -> Shape:
    if len(token) == 4 and YEAR.fullmatch(token):
        return Shape.YEAR
    return BY_LENGTH.get(len(token), Shape.DIGITS)


def _hyphened(token: str) -> Shape | None:
    parts = token.split("-")
    if token.replace("-", "").isdigit() or len(parts) > 5:
        return None  # grouped digits
    if token.isupper() and 5 <= len(token) <= 14:
        if any(map(str.isdigit, token)):
            return Shape.HYPHENED if len(parts) <= 3 else None
        return Shape.HYPHENED if len(parts[0]) >= 3 and len({len(part) for part in parts}) == 1 else None
    if any(map(str.isdigit, token)) or len(parts) > 2:
        return Shape.SLUG
    return None


def _grouped(text: str) -> Shape | None:
    parts = NO_DIGITS.split(text)
    digits = "".join(parts)
    if not 4 <= len(digits) <= 10 or DATE.fullmatch(text):
        return None
    if YEAR_NOW.fullmatch(parts[0]) and "-" in text:
        return Shape.YEAR  # case numbers, such as 2026-0123
    sizes = [len(part) for part in parts]
    even = len(set(sizes)) == 1 and sizes[0] > 1
    if "." in text:
        return Shape.DIGITS if even and len(digits) in {6, 8} and sizes[0] < 4 else None
    if even:
        return Shape.SIX if len(digits) == 6 else Shape.LONG if len(digits) > 8 else Shape.DIGITS
    if " " in text and "-" not in text and sizes[0] < 3 and set(sizes[1:]) == {3}:
        return Shape.THOUSANDS
    return Shape.UNEVEN if len(digits) <= 8 else Shape.LONG


def _is_free(text: str, start: int, end: int) -> bool:
    """Return whether it is not a part of something else: an amount, a time, a path, a phone number."""
    before, after = text[max(0, start - 12) : start], text[end : end + 12]
    if STUCK_BEFORE.search(before) or STUCK_AFTER.match(after):
        return False
    if LAST_DIGITS.search(before) and not after.lstrip().startswith("*"):
        return False
    return not (MONEY_BEFORE.search(before) or MONEY_AFTER.match(after))


def as_pasted(value: str, texts: Iterable[str]) -> str:
    """Return a code without the letter or the name of the sender before it. `texts` are the lines of the message."""
    named = NAME_BEFORE.fullmatch(value) if "-" in value else None
    if not named:
        return value
    name, digits = named.groups()
    is_name = (
        len(name) == 1
        or _is_in(name, texts)
        or (len(digits) >= MIN_AFTER_NAME and len(name) > MIN_NAME and is_pronounceable(name.upper()))
    )
    return digits if is_name else value


def without_sender(candidate: Candidate, texts: Iterable[str]) -> Candidate:
    """Return only the digits of a candidate such as "Acme-482913", if "Acme" is in the message on its own, too.

    Behind the name of the sender, other numbers of digits are as usual as six.
    """
    named = NAME_BEFORE.fullmatch(candidate.value) if "-" in candidate.value else None
    if not named or len(named[2]) < MIN_AFTER_NAME or not _is_in(named[1], texts):
        return candidate
    return candidate._replace(value=named[2], shape=Shape.SIX)


def _is_in(name: str, texts: Iterable[str]) -> bool:
    return any(re.search(rf"(?<![\w-]){name}(?![\w-])", text, re.IGNORECASE) for text in texts)


def listed(found: Iterable[tuple[Candidate, bool]]) -> set[str]:
    """Return the values that belong to a list: many of one shape, or several figures on lines of their own.

    `found` says of each candidate whether it is alone on its line.
    """
    alike: dict[tuple[Shape, int], set[str]] = defaultdict(set)
    figures: set[str] = set()
    for candidate, alone in found:
        alike[candidate.shape, len(candidate.value)].add(candidate.value)
        if alone and candidate.value.isdigit():
            figures.add(candidate.value)
    rows = {value for values in alike.values() if len(values) >= LISTED for value in values}
    return rows | figures if len(figures) >= FIGURES else rows
