"""How well codes and links are found: `python tests/bench/findings.py [--without-own-language] [--mistakes] FILE...`

`--grid SEED` prints the figures of the messages that findings_grid.py makes, for each kind and pooled.


Right is right answers by labelled answers, wrong is wrong answers by twice the messages, compared with the labels.
The numbers in front of the names in mails_fresh.jsonl are lots that were written one after the other, each before
anything was changed for it. What the program of its day made of a lot that it met for the first time: 1 87.5 % right
and 1.35 % wrong, 2 94.9 and 0, 3 90.3 and 1.79, 4 76.5 and 1.89, 5 100 and 1.89, 6 94.9 and 1.72, 7 (nothing to be
found in it) 1.06 wrong, 8 80.8 and 1.32.
"""

import argparse
import html
import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a script

from bench.findings_grid import grid
from mailpit_notifier.findings.extraction import full, quick
from mailpit_notifier.findings.result import Findings

Mail = dict[str, Any]


@dataclass(slots=True)
class Tally:
    """Counts of answers for a set of messages."""

    messages: int = 0
    wanted: int = 0
    right: int = 0
    wrong: int = 0
    strict: int = 0

    def add(self, wanted: str | None, found: str | None, same: Callable[[str], str]) -> bool:
        """Count one answer; return whether it is right."""
        self.wanted += wanted is not None
        if found is None:
            return wanted is None
        good = wanted is not None and same(wanted) == same(found)
        self.right += good
        self.wrong += not good
        self.strict += found == wanted
        return good

    def __str__(self) -> str:
        share = self.right / self.wanted if self.wanted else 1.0
        return (
            f"{self.messages:4} messages, right {self.right:3}/{self.wanted:3} = {share:6.1%}, "
            f"wrong {self.wrong:2} = {self.wrong / max(1, 2 * self.messages):5.2%}, strictly equal {self.strict:3}"
        )


def code_key(code: str) -> str:
    """Return a code in the form in which codes are compared."""
    return re.sub(r"[\s.–-]", "", code).upper()


def main() -> int:
    """Print the figures for each file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--grid", type=int, metavar="SEED", help="make messages of each kind with this seed")
    parser.add_argument(
        "--without-own-language", action="store_true", help="read each message without the words of its language"
    )
    parser.add_argument("--mistakes", action="store_true")
    options = parser.parse_args()
    for path in options.files:
        messages = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
        print(f"== {path.name}")
        report(messages, options)
    if options.grid is not None:
        print(f"== grid with seed {options.grid}")
        report_grid(list(grid(options.grid)), options)
    return 0


def report_grid(messages: list[Mail], options: argparse.Namespace) -> None:
    """Print the figures of each kind of a grid."""
    answers = [answer(message, without_own=options.without_own_language) for message in messages]
    pairs = list(zip(messages, answers, strict=True))
    for kind in dict.fromkeys(message["kind"] for message in messages):
        print(f"   {kind:22}", tally(pair for pair in pairs if pair[0]["kind"] == kind))
    for language in sorted({message["lang"] for message in messages}):
        print(f"   {language:22}", tally(pair for pair in pairs if pair[0]["lang"] == language))
    print(f"   {'pooled':22}", tally(pairs))
    if options.mistakes:
        mistakes(pairs)


def answer(message: Mail, *, without_own: bool = False) -> Findings:
    """Find code and link of a message, if asked without the words of its own language."""
    without = message["lang"].split("-")[0] if without_own else ""
    return full(message["subject"], message["text"] or "", message["html"] or "", without=without)


def report(messages: list[Mail], options: argparse.Namespace) -> None:
    """Print the figures of a set of messages."""
    warm = full("Your code", "Your code is 123456", "<p>Your code is 123456</p>")
    assert warm.code == "123456"
    answers = []
    slowest = 0.0
    for message in messages:
        start = time.thread_time()
        answers.append(answer(message, without_own=options.without_own_language))
        slowest = max(slowest, time.thread_time() - start)
    clear = [pair for pair in zip(messages, answers, strict=True) if not is_ambiguous(pair[0])]
    print("clear    ", tally(clear))
    print("all      ", tally(zip(messages, answers, strict=True)))
    print("codes    ", tally(clear, links=False))
    print("links    ", tally(clear, codes=False))
    print(
        "quick    ",
        tally([(message, quick(message["subject"], snippet(message))) for message, _ in clear], links=False),
    )
    for language in sorted({message["lang"] for message in messages}):
        print(f"   {language:6}", tally(pair for pair in clear if pair[0]["lang"] == language))
    print(f"slowest message {slowest * 1000:.1f} ms")
    if options.mistakes:
        mistakes(zip(messages, answers, strict=True))


def tally(pairs: Iterable[tuple[Mail, Findings]], *, codes: bool = True, links: bool = True) -> Tally:
    """Count the answers for a set of messages."""
    total = Tally()
    for message, found in pairs:
        total.messages += 1
        if codes:
            total.add(message["code"], found.code, code_key)
        if links:
            total.add(message["link"], found.link, html.unescape)
    return total


def mistakes(pairs: Iterable[tuple[Mail, Findings]]) -> None:
    """Print every wrong answer."""
    kinds: dict[str, int] = defaultdict(int)
    for message, found in pairs:
        for kind, wanted, got, key in (
            ("code", message["code"], found.code, code_key),
            ("link", message["link"], found.link, html.unescape),
        ):
            if (wanted and key(wanted)) != (got and key(got)):
                kinds[f"{kind} {'missed' if got is None else 'wrong'}"] += 1
                mark = " (ambiguous)" if is_ambiguous(message) else ""
                print(f"  {message['id']}{mark}: {kind} {wanted!r}, found {got!r}")
    print(dict(kinds))


def is_ambiguous(message: Mail) -> bool:
    """Return whether people may disagree about this message."""
    return str(message.get("note") or "").startswith("ambiguous")


def snippet(message: Mail) -> str:
    """Return roughly the snippet that Mailpit makes: the text in one line, 250 characters."""
    text = message["text"] or re.sub(r"<[^<>]*>", " ", message["html"] or "")
    flat = " ".join(text.split())
    return flat if len(flat) <= 250 else flat[:250] + "..."


if __name__ == "__main__":
    sys.exit(main())
