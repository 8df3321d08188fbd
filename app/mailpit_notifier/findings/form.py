"""What the form of a mail says about a number or a link in it, in whatever language it is written.

A mail that brings a code or a link to confirm with is short and about one thing: no amounts, no dates, no second
number, no shop behind its links. Where none of its words is known, that is what is left to go by.

What a subject says about a mail before anything else is read: whether a machine wants something, or people talk.
"""

import re
from collections.abc import Sequence

from .addresses import leads_to_a_shop
from .page import Page
from .shapes import MONEY

SHORT = 900
"""Characters of a mail that is about one thing."""

FEW_LINKS = 4
"""Links of such a mail, with its footer's."""

NUMBER = re.compile(r"\d(?:[ .,:/-]?\d)*+")
SMALL = 2
"""Digits of a number that counts minutes or hours."""

MARKS = frozenset(MONEY + "%٪")
COLON = (":", "：", "፡", "։", "-", "=")


def is_about_one_thing(texts: Sequence[str], page: Page, code: str = "") -> bool:
    """Whether a mail has that form, apart from `code`; its texts are those of the page with addresses blotted out."""
    body = [text for text in texts if "©" not in text]  # whose year is no second number
    if sum(map(len, body)) > SHORT or any(MARKS.intersection(text) for text in body):
        return False
    digits = _digits(code)
    numbers = (_digits(match[0]) for text in body for match in NUMBER.finditer(text))
    if any(len(number) > SMALL and number not in digits for number in numbers):
        return False
    urls = {link.url for link in page.links if not link.image}
    return len(urls) <= FEW_LINKS and not any(map(leads_to_a_shop, urls))


def leads_up(text: str) -> bool:
    """Whether what is said announces what comes next."""
    return text.rstrip(" *_").endswith(COLON)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


REPLY = re.compile(r"(?:re|aw|sv|vs|antw|fwd?|wg|tr|rv|odp|ynt|回复|回覆|答复|转发|返信)[:：] ?", re.IGNORECASE)
REPOSITORY_OR_NUMBER = re.compile(r"\[[\w.-]+/[\w.-]+\]|(?<!\w)[#!№]\d+(?!\w)")
KEY = re.compile(r"(?<![\w-])[A-Z]{2,10}-\d+(?!\w)")
"""What trackers, insurers and shops call their cases."""

PERCENT = re.compile(r"\d ?%|% ?\d")


def is_reply(subject: str) -> bool:
    """Whether people answer or hand on another mail: a code in theirs is that mail's."""
    return bool(REPLY.match(subject))


def is_talk(subject: str) -> bool:
    """Whether it is a reply, or about something with a number: there a code is quoted rather than sent."""
    return is_reply(subject) or bool(REPOSITORY_OR_NUMBER.search(subject))


def is_about_a_thing(subject: str) -> bool:
    """Whether it is about a case or an offer; the mail can hold a code all the same."""
    return is_talk(subject) or bool(KEY.search(subject) or PERCENT.search(subject))
