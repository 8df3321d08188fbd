"""Memory and wake-ups of the application, connected and idle without a window, compared to a bare tray.

Memory is measured one process at a time, in turns, because parallel ones would share pages of their libraries. Wake-ups
are counted for all three at once. `with libraries` is a bare tray with qasync loop, websocket and session bus.
"""

from collections.abc import Iterator
from statistics import median
from time import monotonic, sleep

import proc
from stage import SETTLED, Candidate, mailpit, stage
from table import Row, report

from standin import Server

ROUNDS = 3
MAILS = 200
"""Messages on the server: enough to fill the list."""

WATCHED = 90.0
"""Seconds of counting: longer than the ping interval of the server, 54."""

AWAKE = 20
"""Wake-ups a minute that the keep-alive makes, rounded up: two every nine seconds, and the server's own pings."""

KINDS = {"ours": "", "tray": "bare_tray", "libraries": "bare_tray"}


def start(candidate: Candidate, kind: str, server: Server) -> None:
    """Start one of KINDS and wait until it is idle."""
    if kind == "ours":
        candidate.connected(server)
    elif kind == "libraries":
        candidate.ready("--libraries", server.url)
    else:
        candidate.ready()
    sleep(SETTLED)


def rows() -> Iterator[Row]:
    """Measure memory, then wake-ups."""
    memory: dict[tuple[str, str], list[float]] = {}
    with stage() as where, mailpit() as server:
        server.burst(MAILS)
        for _ in range(ROUNDS):
            for kind, script in KINDS.items():
                with where.candidate(script) as candidate:
                    start(candidate, kind, server)
                    taken = proc.memory(candidate.pid)
                for name in ("Rss", "Pss"):
                    memory.setdefault((kind, name), []).append(taken[name])
        yield from compared({key: median(values) for key, values in memory.items()})
        with where.candidate("bare_tray") as tray, where.candidate() as ours:
            start(tray, "tray", server)
            start(ours, "ours", server)
            yield from woken(ours.pid, tray.pid)


def compared(memory: dict[tuple[str, str], float]) -> Iterator[Row]:
    """Return the rows of memory."""
    for name in ("Rss", "Pss"):
        what, mine = f"idle, {name.upper()}", memory["ours", name]
        goal = 1.6 if name == "Rss" else None  # PSS depends on who else runs Qt from the same files
        yield Row(what=f"{what} against a bare tray", figure=mine, floor=memory["tray", name], unit="MiB", times=goal)
        yield Row(what=f"{what} against one with libraries", figure=mine, floor=memory["libraries", name], unit="MiB")


def woken(ours: int, tray: int) -> Iterator[Row]:
    """Return the rows of wake-ups per minute, for all threads and for each thread that woke up."""
    began, before = monotonic(), (proc.wake_ups(ours), proc.wake_ups(tray))
    sleep(WATCHED)
    minutes = (monotonic() - began) / 60
    mine = {name: count - before[0][name] for name, count in proc.wake_ups(ours).items()}
    bare = sum((proc.wake_ups(tray) - before[1]).values())
    yield Row(what="idle, wake-ups", figure=sum(mine.values()) / minutes, unit="/min", at_most=AWAKE)
    yield Row(what="idle, wake-ups of a bare tray", figure=bare / minutes, unit="/min")
    for name, count in mine.items():
        if count:
            yield Row(what=f"idle, wake-ups of thread {name}", figure=count / minutes, unit="/min")


if __name__ == "__main__":
    report(rows())
