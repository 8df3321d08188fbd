"""Messages at the server's full rate: is each announced exactly once, is the loop blocked, and what does it cost?

The blocking of the loop is measured from outside (blocked.py) and inside (inside.py); the latter decides. Here each
message has its own notification, and the status counts messages on the server: both must be exact. The baseline is the
bare path with the same messages.
"""

import json
from collections import Counter
from collections.abc import Iterator
from time import monotonic, sleep

import proc
from blocked import Blocked
from stage import Candidate, Stage, mailpit, stage
from table import Row, report

from program import wait_until
from standin import Server

SIZES = (10_000,)
PAUSES = ("longest pause", "longest pause with a core", "longest pause, own work")
"""Figures of inside.py."""

JUDGED = PAUSES[1]
"""Shown without a goal, to see how busy the machine is."""

MINUTES = 120.0
"""Seconds until the last notification must have arrived."""


def flood(where: Stage, candidate: Candidate, server: Server, count: int) -> dict[str, float]:
    """Send the messages, wait until all is quiet, and return the figures."""
    notified = where.desktop.notified
    notified.clear()
    proc.forget_peak(candidate.pid)
    before, began = proc.processor_seconds(candidate.pid), monotonic()
    memory = proc.memory(candidate.pid)["Rss"]
    tell(candidate)
    server.burst(count)
    sent = monotonic() - began
    wait_until(lambda: subjects(where) >= count or quiet(where), "the last notification", MINUTES)
    sleep(1)  # for calls that may arrive twice
    pauses, _ = tell(candidate)
    seen = Counter(text for _, text in notified)
    return {
        "sent": sent,
        **pauses,
        "announced": len(seen),
        "twice": sum(seen.values()) - len(seen),
        "last": max(when for when, _ in notified) - began,
        "processor": proc.processor_seconds(candidate.pid) - before,
        "before": memory,
        "peak": proc.peak(candidate.pid),
        "after": proc.memory(candidate.pid)["Rss"],
    }


def subjects(where: Stage) -> int:
    """Return the number of announced messages."""
    return len({text for _, text in where.desktop.notified.copy()})


def quiet(where: Stage) -> bool:
    """Return whether no notification was received for some seconds: missing ones are lost then."""
    return bool(where.desktop.notified) and monotonic() - where.desktop.notified[-1][0] > 5


def rows() -> Iterator[Row]:
    """Run each size, application and baseline on new servers."""
    with stage() as where:
        for count in SIZES:
            with mailpit() as server, where.candidate("inside") as bare:
                bare.ready("--bare", server.url)
                floor = flood(where, bare, server, count)
            with mailpit() as server, where.candidate("inside") as candidate:
                candidate.connected(server)
                outside = Blocked(candidate)
                took = flood(where, candidate, server, count)
                outside.stop()
                took |= {"asked": outside.longest * 1000, "total": candidate.server()["total"]}
            yield from figures(count, took, floor)


def tell(candidate: Candidate) -> tuple[dict[str, float], list[float]]:
    """Return the milliseconds of PAUSES and of each painting of the list so far."""
    lines = len(candidate.output)
    candidate.nudge()
    wait_until(lambda: len(candidate.output) > lines, "the figures of the program")
    figures = {
        name: [number * 1000 for number in numbers] for name, numbers in json.loads(candidate.output[-1]).items()
    }
    return dict(zip(PAUSES, figures["pauses"], strict=True)), figures["frames"]


def figures(count: int, took: dict[str, float], floor: dict[str, float]) -> Iterator[Row]:
    """Return the rows of one burst."""
    what = f"burst of {count} at {count / took['sent']:.0f}/s, "
    yield Row(what=what + "not announced", figure=count - took["announced"], unit="messages", at_most=0)
    yield Row(what=what + "announced twice", figure=took["twice"], unit="messages", at_most=0)
    yield Row(what=what + "off in status", figure=abs(count - took["total"]), unit="messages", at_most=0)
    yield Row(what=what + "longest status answer", figure=took["asked"], unit="ms")
    for pause in PAUSES:
        goal = 25 if pause == JUDGED else None
        yield Row(what=what + pause, figure=took[pause], floor=floor[pause], unit="ms", at_most=goal)
    yield Row(what=what + "until the last Notify", figure=took["last"], floor=floor["last"], unit="s")
    yield Row(what=what + "processor time", figure=took["processor"], floor=floor["processor"], unit="s")
    for when in ("before", "peak", "after"):
        yield Row(what=what + f"memory {when}", figure=took[when], floor=floor[when], unit="MiB")


if __name__ == "__main__":
    report(rows())
