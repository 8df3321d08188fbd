"""What the form of a mail says about a number or a link in it, in whatever language it is written.

A mail that brings a code or a link to confirm with is short and about one thing: no amounts, no dates, no second
number, no shop behind its links. Where none of its words is known, that is what is left to go by.
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
