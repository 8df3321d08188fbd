"""Memory of the application as its user sees it: by one procedure, from outside, compared to a bare tray.

A server without a password, no window opened: at rest; after the window was opened and closed; after a burst of 10,000
messages, which only the first round has, because it takes long. The baseline imports PySide6's three modules and
nothing else. What such a program cannot do without takes memory, too: in the first round, the baseline is also measured
with qasync's loop, a websocket and the session bus.
"""

import subprocess
from collections.abc import Iterator
from statistics import median
from time import sleep

import proc
from stage import SETTLED, Candidate, mailpit, stage
from table import Row, report

from program import wait_until
from standin import Server

ROUNDS = 3
MESSAGES = 200
BURST = 10_000
MOMENTS = {"at rest": 1.6, "after its window was open": 1.75, f"after a burst of {BURST:,}": 1.75}
"""When memory is read, and the limit as a multiple of the memory of a bare tray icon."""


def rows() -> Iterator[Row]:
    """Measure all in turns; return the medians."""
    bare, found = list[float](), dict[str, list[float]]()
    with stage() as where:
        with mailpit() as server, where.candidate("bare_tray") as tray:
            tray.ready("--libraries", server.url)
            libraries = resident(tray)
        for _ in range(ROUNDS):
            with where.candidate("bare_tray") as tray:
                tray.ready()
                bare.append(resident(tray))
            with mailpit() as server, where.candidate() as candidate:
                server.burst(MESSAGES)
                for moment, size in zip(MOMENTS, sizes(candidate, server, burst=not found), strict=False):
                    found.setdefault(moment, []).append(size)
    for moment, goal in MOMENTS.items():
        yield Row(what=f"memory {moment}", figure=median(found[moment]), floor=median(bare), unit="MiB", times=goal)
    yield Row(what="memory of a bare tray with the libraries", figure=libraries, floor=median(bare), unit="MiB")


def sizes(candidate: Candidate, server: Server, *, burst: bool) -> Iterator[float]:
    """Yield the application's resident MiB at each of MOMENTS; the last only with a `burst`."""
    candidate.connected(server)
    yield resident(candidate)
    candidate.ask("show")
    wait_until(candidate.windows, "the window")
    sleep(SETTLED)
    close_window(candidate)
    yield resident(candidate)
    if not burst:
        return
    before = candidate.server()["total"]
    server.burst(BURST)
    wait_until(lambda: candidate.server()["total"] >= before + BURST, "the messages of the burst", 120.0)
    yield resident(candidate)


def close_window(candidate: Candidate) -> None:
    """Close the window as a user does, with Escape."""
    for window in candidate.windows():
        keys = ["xdotool", "windowfocus", window, "key", "Escape"]
        subprocess.run(keys, env=candidate.environment, check=True, capture_output=True)
    wait_until(lambda: not candidate.windows(), "the closed window")


def resident(candidate: Candidate) -> float:
    """Return the resident MiB of a candidate that has been left alone for a while."""
    sleep(SETTLED)
    return proc.memory(candidate.pid)["Rss"]


if __name__ == "__main__":
    report(rows())
