"""Time from SMTP's 250 to the Notify call: application and bare path in turns, one message at a time."""

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

ROUNDS, MAILS, WARM_UP = 6, 50, 10
GAPS = 0.005, 0.06
"""Seconds between messages: random, so that no timer can be in step with them."""


class Sender:
    """An open SMTP connection."""

    def __init__(self, server: Server) -> None:
        self._client = smtplib.SMTP("127.0.0.1", server.smtp_port, "localhost", timeout=smtp.SECONDS)
        self._client.ehlo()

    def send(self, subject: str) -> float:
        """Send a message; return the monotonic clock when 250 arrived."""
        self._client.mail("sender@example.test")
        self._client.rcpt("ann@example.test")
        self._client.docmd("DATA")
        self._client.send(smtp.mail(subject, text="Use 482913 to sign in.\n") + b"\r\n.\r\n")
        code, _ = self._client.getreply()
        accepted = monotonic()
        assert code == 250
        return accepted


def block(stage: Stage, server: Server, name: str) -> list[float]:
    """Return the milliseconds of the messages after the first ones, which find everything cold."""
    sender, latencies = Sender(server), []
    for number in range(WARM_UP + MAILS):
        subject = f"{name} {number}"
        accepted = sender.send(subject)
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
    """Return the median and the 95th percentile."""
    taken: dict[str, list[float]] = {OURS: [], "bare_path": []}
    with stage() as where, mailpit() as server:
        for number in range(ROUNDS):
            for script in sorted(taken, reverse=number % 2 == 1):
                with where.candidate(script) as candidate:
                    start(candidate, server, script)
                    taken[script] += block(where, server, f"{script} {number}")
    ours, bare = taken[OURS], taken["bare_path"]
    what = f"SMTP 250 -> Notify, {len(ours)} messages, "
    yield Row(what=what + "median", figure=median(ours), floor=median(bare), unit="ms", times=2)
    at_95 = [quantiles(values, n=20)[18] for values in (ours, bare)]
    yield Row(what=what + "95 %", figure=at_95[0], floor=at_95[1], unit="ms", at_most=10)
    yield Row(what=what + "worst", figure=max(ours), floor=max(bare), unit="ms")


if __name__ == "__main__":
    report(rows())
