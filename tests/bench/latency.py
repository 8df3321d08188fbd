"""Time from SMTP's 250 to the Notify call: application and bare path in turns, one message at a time.

Once with a code in the first words, which is announced at once; once with a link that only the source contains, which
the application fetches first. The bare path never fetches it.
"""

import random
import smtplib
from collections.abc import Iterator
from functools import partial
from statistics import median, quantiles
from time import monotonic, sleep

from stage import Candidate, Stage, mailpit, stage
from table import Row, report

import smtp
from program import wait_until
from standin import Server

ROUNDS, MAILS, WARM_UP = 3, 50, 10
GAPS = 0.005, 0.06
"""Seconds between messages: random, so that no timer can be in step with them."""

TEXTS = {
    "": "Use 482913 to sign in.\n",
    "link only in the source, ": "Hello!\n\n"
    + "Some words. " * 40
    + "\n\nConfirm: https://acme.test/confirm?t=a1B2c3D4e5F6\n",
}
"""Texts by the names of their rows. Mailpit's snippets have 250 characters."""


class Sender:
    """An open SMTP connection."""

    def __init__(self, server: Server) -> None:
        self._client = smtplib.SMTP("127.0.0.1", server.smtp_port, "localhost", timeout=smtp.SECONDS)
        self._client.ehlo()

    def send(self, subject: str, text: str) -> float:
        """Send a message; return the monotonic clock when 250 arrived."""
        self._client.mail("sender@example.test")
        self._client.rcpt("ann@example.test")
        self._client.docmd("DATA")
        self._client.send(smtp.compose(subject, text=text) + b"\r\n.\r\n")
        code, _ = self._client.getreply()
        accepted = monotonic()
        assert code == 250
        return accepted


def block(stage: Stage, server: Server, name: str, text: str) -> list[float]:
    """Return the milliseconds of the messages after the first ones, which find everything cold."""
    sender, latencies = Sender(server), []
    for number in range(WARM_UP + MAILS):
        subject = f"{name} {number}"
        accepted = sender.send(subject, text)
        shown = wait_until(partial(when, stage, subject), subject)
        latencies.append((shown - accepted) * 1000)
        sleep(random.uniform(*GAPS))
    return latencies[WARM_UP:]


def when(stage: Stage, subject: str) -> float | None:
    """Return when the notification of this message arrived, None before that."""
    return next((came for came, text in stage.desktop.notified[-10:] if text == subject), None)


OURS = "unlimited"


def start(candidate: Candidate, server: Server, script: str) -> None:
    """Start the application or the bare path."""
    if script == OURS:
        candidate.connected(server)
    else:
        candidate.ready(server.url)


def rows() -> Iterator[Row]:
    """Return the median and the 95th percentile for each text."""
    taken: dict[tuple[str, str], list[float]] = {(text, script): [] for text in TEXTS for script in (OURS, "bare_path")}
    with stage() as where, mailpit() as server:
        for number in range(ROUNDS):
            for script in sorted((OURS, "bare_path"), reverse=number % 2 == 1):
                with where.candidate(script) as candidate:
                    start(candidate, server, script)
                    for place, (what, text) in enumerate(TEXTS.items()):
                        taken[what, script] += block(where, server, f"{script} {number}.{place}", text)
        updates = len(where.desktop.notified) - len({text for _, text in where.desktop.notified})
    for what in TEXTS:
        yield from compared(
            f"SMTP 250 -> Notify, {what}", taken[what, OURS], taken[what, "bare_path"], fetched=bool(what)
        )
    yield Row(what="notifications that were updated, because the source came late", figure=updates, unit="")


def compared(what: str, ours: list[float], bare: list[float], *, fetched: bool) -> Iterator[Row]:
    """Return the rows for one text. `fetched`: whether the source is fetched first."""
    what += f"{len(ours)} messages, "
    yield Row(what=what + "median", figure=median(ours), floor=median(bare), unit="ms", times=None if fetched else 1.5)
    at_95 = [quantiles(values, n=20)[18] for values in (ours, bare)]
    goal = {"at_most": 15.0} if fetched else {"times": 2.0}
    yield Row(what=what + "95 %", figure=at_95[0], floor=at_95[1], unit="ms", **goal)
    yield Row(what=what + "worst", figure=max(ours), floor=max(bare), unit="ms")


if __name__ == "__main__":
    report(rows())
