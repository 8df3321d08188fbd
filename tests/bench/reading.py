"""Time to find code and link in a message, compared to parsing its HTML alone, and how often they are right.

Each figure is the worst of several messages, in processor time of the thread. A message of 20 kB is like designed ones:
a tenth of it is text, the rest are styles in its tags. The others are only text, and far more than usual.
findings.py prints more about right and wrong answers.
"""

import json
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import SMTP
from functools import partial
from html.parser import HTMLParser
from itertools import cycle, islice
from time import thread_time

from findings import Mail, is_ambiguous, tally
from stage import BENCH
from table import Row, report

from mailpit_notifier.client.source import read_source
from mailpit_notifier.findings.extraction import full, quick

DATA = BENCH.parent / "data"
DESIGNED, LARGE = 20_000, 256 * 1024
"""Characters of a message."""

MAILS, ROUNDS = 10, 3
OPENING = r"<([a-z]+[1-6]?)\b"


def rows() -> Iterator[Row]:
    """Print times of HTML and of plain text, then of the labelled messages."""
    messages = [json.loads(text) for text in (DATA / "mails.jsonl").read_text("utf-8").splitlines()]
    full("Your code", "Your code is 123456", "<p>Your code is 123456</p>")  # what is built once
    yield in_html(f"{DESIGNED // 1000} kB of designed HTML", designed_mails(messages), at_most=5)
    for size in (DESIGNED, LARGE):
        yield in_html(f"{size // 1000} kB of dense HTML", long_mails(messages, "html", size), at_most=60)
        text = max(taken(partial(full, "", text, "")) for text in long_mails(messages, "text", size))
        yield Row(what=f"code and link in {size // 1000} kB of text", figure=text, unit="ms", at_most=60)
    large = large_source()
    assert read_source(large).text
    figure = taken(partial(read_source, large))
    yield Row(what="source of 10 MB, its text last", figure=figure, unit="ms", at_most=60)
    at_once = max(taken(partial(quick, message["subject"], (message["text"] or "")[:250])) for message in messages)
    yield Row(what="code in subject and snippet", figure=at_once, unit="ms")
    clear = [message for message in messages if not is_ambiguous(message)]
    found = tally(
        (message, full(message["subject"], message["text"] or "", message["html"] or "")) for message in clear
    )
    missing, wrong = 100 * (1 - found.right / found.wanted), 100 * found.wrong / (2 * found.messages)
    yield Row(what=f"labelled messages ({found.messages}), not right", figure=missing, unit="%", at_most=5)
    yield Row(what=f"labelled messages ({found.messages}), wrong", figure=wrong, unit="%", at_most=1)


def large_source() -> bytes:
    """Return a message whose text is behind its attachments."""
    message = EmailMessage(policy=SMTP)
    message.make_mixed()
    for number in range(3):
        message.add_attachment(bytes(range(256)) * 9_500, maintype="image", subtype="png", filename=f"{number}.png")
    text = EmailMessage(policy=SMTP)
    text.set_content("Your code is 482913.")
    message.attach(text)
    return message.as_bytes()


def in_html(what: str, pages: list[str], *, at_most: float) -> Row:
    """Return the slowest of these pages, and the one that is parsed slowest."""
    ours = max(taken(partial(full, "", "", page)) for page in pages)
    parsed = max(taken(partial(parse, page)) for page in pages)
    return Row(what=f"code and link in {what}", figure=ours, floor=parsed, unit="ms", at_most=at_most)


def parse(page: str) -> None:
    """Parse the HTML: the baseline."""
    HTMLParser().feed(page)


def designed_mails(messages: list[Mail]) -> list[str]:
    """Return messages of that size with many styles in their tags."""
    pages = []
    for page in sorted((message["html"] or "" for message in messages), key=len)[-MAILS:]:
        tags = len(re.findall(OPENING, page))
        style = "font-family:Helvetica,Arial,sans-serif;line-height:24px;" * (1 + DESIGNED // tags // 56)
        pages.append(re.sub(OPENING, rf'<\1 style="{style[: (DESIGNED - len(page)) // tags - 9]}"', page))
    return pages


def long_mails(messages: list[Mail], part: str, size: int) -> list[str]:
    """Return bodies of this many characters: real ones joined, each time from another start."""
    bodies = [message[part] for message in messages if message[part]]
    step = len(bodies) // MAILS
    return [
        "\n".join(islice(cycle(bodies), step * number, step * number + size // 100))[:size] for number in range(MAILS)
    ]


def taken(work: Callable[[], object]) -> float:
    """Return the milliseconds of the fastest round."""
    times = []
    for _ in range(ROUNDS):
        began = thread_time()
        work()
        times.append((thread_time() - began) * 1000)
    return min(times)


if __name__ == "__main__":
    report(rows())
