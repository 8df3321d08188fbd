"""Fifty servers, two of them running: how fast their messages are announced, and the cost of the 48 others.

The floor is the application with only the two running servers, in the same run. Burst limits are lifted, so that each
message has its own notification.
"""

import random
from collections.abc import Iterator, Sequence
from functools import partial
from statistics import median, quantiles
from time import sleep

import proc
from latency import OURS, TEXTS, Sender, when
from stage import Candidate, Stage, mailpit, stage
from table import Row, report

from campaign.crowd import dead_servers
from mailpit_notifier.client.timing import TIMING
from program import wait_until
from standin import Server

DEAD = 48
MAILS, WARM_UP = 15, 2
"""Messages to each running server; the first ones find everything cold."""

GAPS = 0.05, 0.3
"""Seconds between two messages, so that some coincide with retries of the other servers."""

WATCHED = 12.0
"""Seconds of measuring the cost, after the messages of about six seconds."""


def start(candidate: Candidate, dead: Sequence[str], living: Sequence[Server]) -> None:
    """Start the application, and wait until all servers are connected or known to be down."""
    urls = [*dead[: DEAD // 2], living[0].url, *dead[DEAD // 2 :], living[1].url]
    candidate.start("--hidden", *(part for url in urls for part in ("--server", url)))
    wait_until(partial(states_are, candidate, connected=2, disconnected=len(dead)), "all states", 3 * TIMING.handshake)


def states_are(candidate: Candidate, *, connected: int, disconnected: int) -> bool:
    """Return whether these numbers of servers are in these states."""
    found = [server["state"] for server in (candidate.status() or {"servers": ()})["servers"]]
    return (found.count("connected"), found.count("disconnected")) == (connected, disconnected)


def latencies(where: Stage, living: Sequence[Server], name: str) -> list[float]:
    """Return the milliseconds from SMTP's 250 to the notification, for messages to both servers."""
    taken = []
    senders = [Sender(server) for server in living]
    for number in range(WARM_UP + MAILS):
        for index, sender in enumerate(senders):
            subject = f"{name} {number} {index}"
            accepted = sender.send(subject, TEXTS[""])
            shown = wait_until(partial(when, where, subject), subject)
            taken.append((shown - accepted) * 1000)
            sleep(random.uniform(*GAPS))
    return taken[WARM_UP * len(living) :]


def cost(where: Stage, dead: Sequence[str], living: Sequence[Server], name: str) -> dict[str, float]:
    """Return the figures of one run."""
    with where.candidate(OURS) as candidate:
        start(candidate, dead, living)
        taken = latencies(where, living, name)
        before = proc.processor_seconds(candidate.pid)
        sleep(WATCHED)
        spent = proc.processor_seconds(candidate.pid) - before
        return {
            "median": median(taken),
            "95 %": quantiles(taken, n=20)[18],
            "worst": max(taken),
            "processor": spent / WATCHED * 100,
            "threads": proc.status(candidate.pid, "Threads"),
            "memory": proc.memory(candidate.pid)["Rss"],
        }


def rows() -> Iterator[Row]:
    """Run with the 48 other servers, and without them."""
    with stage() as where, mailpit() as one, mailpit() as other, dead_servers(DEAD) as dead:
        ours, floor = (cost(where, urls, (one, other), str(len(urls))) for urls in (tuple(dead), ()))
    what = f"{DEAD} of {DEAD + 2} servers dead: "
    yield Row(what=what + "SMTP 250 -> Notify, median", figure=ours["median"], floor=floor["median"], unit="ms")
    yield Row(what=what + "95 %", figure=ours["95 %"], floor=floor["95 %"], unit="ms", at_most=100)
    yield Row(what=what + "worst", figure=ours["worst"], floor=floor["worst"], unit="ms")
    yield Row(what=what + "processor", figure=ours["processor"], floor=floor["processor"], unit="%", at_most=2)
    yield Row(what=what + "threads", figure=ours["threads"], floor=floor["threads"], unit="")
    yield Row(what=what + "memory (Rss)", figure=ours["memory"], floor=floor["memory"], unit="MiB")


if __name__ == "__main__":
    report(rows())
