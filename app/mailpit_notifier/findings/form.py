"""What the form of a message shows, in any language: whether it is about one thing, and what its subject looks like.

A message with a code or a confirmation link is short and about one thing: no amounts, no dates, no second number, no
links to a shop. Where none of its words is known, this is the only evidence. Subjects show whether a program sent the
message, or people talk about something.
"""

import re
from collections.abc import Sequence

from .addresses import leads_to_a_shop, tracked
from .page import Line, Page
from .shapes import MONEY, Candidate, Shape, is_pronounceable
from .vocabulary import FIRST_JOINED, Kind, Vocabulary

SHORT = 900
"""Maximum characters of a message that is about one thing."""

FEW_LINKS = 4
"""Maximum links of such a message, including its footer."""

NUMBER = re.compile(r"(?<!\d)(?!(?<=[A-Za-z\]]:)\d{2,5}(?!\d))\d(?:[ .,:/-]?\d)*+")
"""A number, but not the port of a host."""

SMALL = 2
"""Maximum digits of a number of minutes or hours."""

FOOT = 3
"""Lines at the end of a message among which its sender's address is."""

SEPARATOR = re.compile("[,،、·|•]")
SENTENCE = re.compile(r"[:：!?。=]")
"""What an address does not contain."""

MARKS = frozenset(MONEY + "%٪")
MAX_INTRODUCTION = 200
"""Characters of a line such as "On Monday, Kim wrote:"."""

ORIGINAL = re.compile(r"-{3,} ?[^-]{4,40} ?-{3,}")
FIELD = re.compile(r"\W{0,3}[^\W\d_][\w -]{1,20}[:：]")
"""A line such as "---- Original message ----", and the field "From:" below it."""

DECORATION = " \t*_=>~|\"'`«»“”„‘’‹›「」『』【】〔〕()[]{}<>:：.,!•■●▶→-"
EXAMPLE = re.compile(
    r"(?:such as|e\.g\.|for example|like|example|z\. ?b\.|ejemplo|exemple|esempio|exemplo|例)[ :,«\"']*\Z",
    re.IGNORECASE,
)
MAX_GREETING = 25
"""Maximum characters of a line such as "Hola, Kim:"."""

MAX_ENDING = 8
"""Maximum characters of a verb at the end of a sentence."""

DETAIL = re.compile(r"\W{0,3}[^\W\d_][^:：]{0,40}[:：] ?\w")
MIN_DETAILS = 3
"""The beginning of a line with a label and a value, and minimum lines near each other that are a list of them."""

QUOTATION = {('"', '"'), ("'", "'"), ("“", "”"), ("„", "“"), ("«", "»"), ("「", "」"), ("*", "*"), ("`", "`")}
MIN_ABOVE_FOOT = 4
"""Minimum lines above a footer."""

USUAL = 4
"""Digits of most codes that do not have six."""

COLON = (":", "：", "፡", "։", "-", "=")


def is_about_one_thing(texts: Sequence[str], page: Page, code: str = "") -> bool:
    """Return whether a message, apart from `code`, is about one thing. `texts` are its lines with addresses masked."""
    digits = _digits(code)
    foot = {text for text in [text for text in texts if text][-FOOT:] if is_postal_address(text)}
    body = [text for text in texts if "©" not in text and (text not in foot or (digits and digits in _digits(text)))]
    if sum(map(len, body)) > SHORT or any(MARKS.intersection(text) for text in body):
        return False
    numbers = (_digits(match[0]) for text in body for match in NUMBER.finditer(text))
    if any(len(number) > SMALL and number not in digits for number in numbers):
        return False
    urls = {link.url for link in page.links if not link.image}
    shown = urls - tracked(urls)
    return len(urls) <= FEW_LINKS and not any(map(leads_to_a_shop, shown))


def is_postal_address(text: str) -> bool:
    """Return whether a line may be the address of the sender: names and numbers between commas, and no sentence."""
    parts = [part.strip() for part in SEPARATOR.split(text)]
    has_words = sum(any(map(str.isalpha, part)) for part in parts)
    return (
        len(parts) > 1 and has_words > 1 and not SENTENCE.search(text) and not text.rstrip().endswith((".", "!", "?"))
    )


def leads_up(text: str) -> bool:
    """Return whether a text ends with a colon or the like, which announces what follows."""
    return text.rstrip(" *_").endswith(COLON)


def with_quotes(subject: str, page: Page, vocabulary: Vocabulary) -> Page:
    """Mark as quoted what follows "Kim wrote:", and an indented text below such a line; mark a comment as a whole."""
    lines = list(page.lines)
    above, is_quote = "", False
    for place, line in enumerate(lines):
        if not line.text:
            continue
        introduces = leads_up(above) or line.indented
        is_quote = is_quote or (introduces and Kind.WROTE in vocabulary.kinds(above[-MAX_INTRODUCTION:]))
        is_quote = is_quote or bool(ORIGINAL.fullmatch(above) and FIELD.match(line.text))
        if is_quote and not line.quoted:
            lines[place] = line._replace(quoted=True)
        above = line.text
    is_comment = Kind.WROTE in vocabulary.kinds(subject)
    return page._replace(lines=tuple(lines), is_comment=is_comment) if is_quote or is_comment else page


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


REPLY = re.compile(
    r"(?:re|aw|sv|vs|antw|fwd?|wg|tr|rv|odp|ynt|auto(?:matic|matische|-)? ?(?:reply|antwort)|out of office|abwesen\w+"
    r"|r[ée]ponse automatique|respuesta autom[áa]tica|risposta automatica|resposta autom[áa]tica|автоответ|autosvar"
    r"|回复|回覆|答复|转发|返信|自動応答|自动回复|自动答复)[:：] ?",
    re.IGNORECASE,
)
REPOSITORY_OR_NUMBER = re.compile(r"\[[\w.-]+/[\w.-]+\]|(?<!\w)[#!№]\d+(?!\w)")
KEY = re.compile(r"(?<![\w-])[A-Z]{2,10}-\d+(?!\w)")
"""Numbers of issues, cases and orders, such as "ABC-123"."""

PERCENT = re.compile(r"\d ?%|% ?\d")


def is_reply(subject: str) -> bool:
    """Return whether it is a reply or forwarded: a code in it belongs to the quoted message."""
    return bool(REPLY.match(subject))


def is_talk(subject: str) -> bool:
    """Return whether it is a reply or about an issue with a number: a code in it is probably quoted."""
    return bool(REPLY.match(subject) or REPOSITORY_OR_NUMBER.search(subject))


def is_about_a_thing(subject: str) -> bool:
    """Return whether it is about a case or an offer. Such a message may still contain a code."""
    return is_talk(subject) or names_a_thing(subject)


def names_a_thing(subject: str) -> bool:
    """Return whether it contains the number of a case, or a percentage."""
    return bool(KEY.search(subject) or PERCENT.search(subject))


class Form:
    """The lines of a message, with addresses masked, and what leads up to a place in them. Line 0 is the subject."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    def is_led_up_to(self, line: int, before: str) -> bool:
        """Return whether a colon is at the end of the text `before` a place, or of the line above if that is empty."""
        if before.strip(DECORATION):
            return leads_up(before)
        return leads_up(next((text for text in reversed(self._texts[1:line]) if text), ""))

    def names_another(self, line: int, *, announced: bool) -> bool:
        """Return whether something else is named above a line, or in it. `announced`: a colon leads up to the number.

        It is named above if a line below the greeting ends with a colon, and in it if the line is one of several
        with labels: "Name: Toner 4821", "Stock: 2".
        """
        above = [text for text in self._texts[1:line] if text]
        if any(map(leads_up, above[1:] if above and len(above[0]) <= MAX_GREETING else above)):
            return True
        near = self._texts[max(1, line - 2) : line + 3]
        return not announced and sum(bool(DETAIL.match(text)) for text in near) >= MIN_DETAILS

    def is_in_an_address(self, line: int) -> bool:
        """Return whether a line is among the last ones and looks like the postal address of the sender."""
        return is_postal_address(self._texts[line]) and not any(self._texts[line + FOOT :])

    def is_at_the_foot(self, line: int) -> bool:
        """Return whether it is the last of several lines, where senders put their address."""
        return line > MIN_ABOVE_FOOT and not any(self._texts[line + 1 :])


def ends_with(after: str) -> bool:
    """Return whether a sentence ends before a text, apart from a verb in scripts that join words: "482913입니다"."""
    rest = after.strip(DECORATION)
    return not rest or (len(rest) <= MAX_ENDING and rest[0] >= FIRST_JOINED and " " not in rest)


def stands_out(line: Line, text: str, start: int, end: int) -> bool:
    """Return whether a part of a sentence is in bold type or in quotation marks, in a line that has other words."""
    around = text[start - 1 : start], text[end : end + 1]
    return text[start:end] in line.bold or around in QUOTATION


def is_usual(candidate: Candidate, *, announced: bool) -> bool:
    """Return whether a text in a sentence has the form that most codes have; `announced`: a colon leads up to it.

    Numbers of orders, bookings and the like have any length, and letters in them.
    """
    if candidate.shape is Shape.DIGITS:
        return len(candidate.value) == USUAL
    return candidate.shape is not Shape.MIXED or announced


def is_name(candidate: Candidate) -> bool:
    """Return whether a text with a number is a name or the key of an issue: "COVID19", "SHOP-4821"."""
    key = KEY.fullmatch(candidate.value)
    return candidate.shape is Shape.NAMED or bool(key and is_pronounceable(key[0].split("-")[0]))


def is_example(before: str) -> bool:
    """Return whether the words `before` a text introduce it as an example."""
    return bool(EXAMPLE.search(before[-20:]))
