"""Large mailboxes: the first start, a start after two missed messages, and polling, with 200,000 messages.

With a real Mailpit also few messages with very many recipients: its list of them is 30 MB.

The floor is the application with an empty mailbox in the same run. Bytes are everything sent between application and
server. The first start reads the whole mailbox in the background; the second must stop at the first page.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import monotonic, sleep

import proc
from stage import Candidate, Stage, stage
from table import Row, report

from campaign.proxy import FaultProxy, Mode
from program import wait_until
from standin import MAILPIT_BIN, RealMailpit, Server, StandIn

SIZES = 0, 200_000
MISSED = 2

LARGE, RECIPIENTS = 20, 30_000
"""Messages with so many recipients, and these."""

PERSON = 50
"""Bytes of a recipient in the list, at least."""

STILL = 1.5
"""Seconds without traffic after which a start has finished."""

MINUTES = 300.0
POLLS = 2
POLLING = 3.0
"""Seconds between two polls (client.sync)."""

KB = 1024.0


@contextmanager
def filled(count: int) -> Iterator[tuple[Server, FaultProxy]]:
    """Run a server with this many messages, behind a proxy that counts bytes."""
    with RealMailpit(limit=0) if MAILPIT_BIN else StandIn(limit=0) as server:
        if count:
            server.fill(count)
        proxy = FaultProxy(server.http_port)
        try:
            yield server, proxy
        finally:
            proxy.close()
            server.kill()  # it would save all of them


def begun(candidate: Candidate, proxy: FaultProxy, there: Callable[[], object]) -> dict[str, float]:
    """Start the application; return the figures until `there`, and until all is quiet."""
    before, began = proxy.passed, monotonic()
    candidate.launch("--hidden", "--server", proxy.url)
    wait_until(there, "a program that has caught up", MINUTES)
    took = monotonic() - began
    over = quiet(proxy)
    memory = proc.memory(candidate.pid)["Rss"]
    kilobytes = (proxy.passed - before) / KB
    return {"took": took, "over": over - began, "rss": memory, "peak": proc.peak(candidate.pid), "fetched": kilobytes}


def quiet(proxy: FaultProxy) -> float:
    """Wait until nothing is fetched any more; return when that began."""
    seen, since = proxy.passed, monotonic()
    while monotonic() - since < STILL:
        sleep(0.05)
        if proxy.passed != seen:
            seen, since = proxy.passed, monotonic()
    return since


def counts_are(candidate: Candidate, count: int) -> bool:
    """Return whether the application knows the exact number of messages, all unread."""
    servers = (candidate.status() or {"servers": ()})["servers"]
    return bool(servers) and (servers[0]["total"], servers[0]["unread"]) == (count, count)


def is_announced(where: Stage, before: int, text: str) -> bool:
    """Return whether a notification with this title arrived."""
    return any(title == text for _, title in where.desktop.notified[before:])


def polled(where: Stage, server: Server, proxy: FaultProxy, candidate: Candidate, count: int) -> dict[str, float]:
    """Start without live updates; return what a poll fetches, and the delay of an announcement."""
    proxy.set(Mode.NO_UPGRADE)
    begun(candidate, proxy, partial(counts_are, candidate, count))
    before = proxy.passed
    sleep(POLLS * POLLING)
    each = (proxy.passed - before) / KB / POLLS
    shown, before = len(where.desktop.notified), proxy.passed
    server.send("Polled")
    sent = monotonic()
    wait_until(partial(is_announced, where, shown, "Polled"), "a notification")
    late = monotonic() - sent
    wait_until(partial(counts_are, candidate, count + 1), "the counts")
    return {"poll": each, "late": late, "fetched": (proxy.passed - before) / KB}


def measured(where: Stage, count: int) -> dict[str, dict[str, float]]:
    """Return the figures of one size."""
    with filled(count) as (server, proxy), where.candidate() as candidate:
        first = begun(candidate, proxy, partial(counts_are, candidate, count))
        candidate.end()
        for number in range(MISSED):
            server.send(f"Missed {number}")
        shown = len(where.desktop.notified)
        count += MISSED
        summary = partial(is_announced, where, shown, f"{MISSED} messages while you were away")
        second = begun(candidate, proxy, lambda: summary() and counts_are(candidate, count))
        candidate.end()
        return {"first": first, "second": second, "polling": polled(where, server, proxy, candidate, count)}


def measured_large(where: Stage) -> dict[str, dict[str, float]]:
    """Return the figures of a mailbox with few messages of very many recipients."""
    people = [f"Recipient {number} <recipient{number}@example.test>" for number in range(RECIPIENTS)]
    source = "Subject: To all\r\nTo: " + ",\r\n ".join(people) + "\r\n\r\nHello"
    with filled(0) as (server, proxy), where.candidate() as candidate:
        for _ in range(LARGE):
            server.send_source(source.encode())
        listed = proxy.passed + LARGE * RECIPIENTS * PERSON
        first = begun(candidate, proxy, lambda: proxy.passed > listed and counts_are(candidate, LARGE))
        candidate.end()
        for number in range(MISSED):
            server.send(f"Missed {number}")
        shown = len(where.desktop.notified)
        summary = partial(is_announced, where, shown, f"{MISSED} messages while you were away")
        return {"first": first, "second": begun(candidate, proxy, summary)}


def rows() -> Iterator[Row]:
    """Run all sizes; the first is the floor of the others."""
    with stage() as where:
        floor = measured(where, SIZES[0])
        for count in SIZES[1:]:
            yield from figures(f"{count} messages", measured(where, count), floor)
        if MAILPIT_BIN:
            took, what = measured_large(where), f"{LARGE} messages of {RECIPIENTS} recipients"
            yield rss_row(f"{what}, RSS after the first start", took["first"], floor["first"], "rss")
            yield rss_row(f"{what}, largest RSS of it", took["first"], floor["first"], "peak")
            yield Row(what=f"{what}, start until {MISSED} missed are told", figure=took["second"]["took"], unit="s")
            yield rss_row(f"{what}, RSS after that", took["second"], floor["second"], "rss")


def rss_row(what: str, took: dict[str, float], floor: dict[str, float], figure: str) -> Row:
    """Return a row about memory."""
    return Row(what=what, figure=took[figure], floor=floor[figure], unit="MiB", times=1.3)


def figures(what: str, took: dict[str, dict[str, float]], floor: dict[str, dict[str, float]]) -> Iterator[Row]:
    """Return the rows of one size."""
    first, second, polling = took["first"], took["second"], took["polling"]
    began, again = floor["first"], floor["second"]
    yield Row(
        what=f"{what}, first start until the counts", figure=first["took"], floor=began["took"], unit="s", at_most=5
    )
    yield Row(what=f"{what}, first start until all is known", figure=first["over"], floor=began["over"], unit="s")
    yield Row(what=f"{what}, fetched by it", figure=first["fetched"], floor=began["fetched"], unit="kB")
    yield rss_row(f"{what}, RSS after it", first, began, "rss")
    yield rss_row(f"{what}, largest RSS of it", first, began, "peak")
    yield Row(
        what=f"{what}, start until {MISSED} missed are told",
        figure=second["took"],
        floor=again["took"],
        unit="s",
        at_most=5,
    )
    yield Row(
        what=f"{what}, fetched by that", figure=second["fetched"], floor=again["fetched"], unit="kB", at_most=1_000
    )
    yield rss_row(f"{what}, RSS after that", second, again, "rss")
    yield Row(
        what=f"{what}, fetched by a poll", figure=polling["poll"], floor=floor["polling"]["poll"], unit="kB", at_most=30
    )
    yield Row(what=f"{what}, polled message announced after", figure=polling["late"], unit="s", at_most=5)
    yield Row(what=f"{what}, fetched for it", figure=polling["fetched"], unit="kB", at_most=300)


if __name__ == "__main__":
    report(rows())
