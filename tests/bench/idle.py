"""Wake-ups of the application, connected and idle without a window, compared to a bare tray; both at the same time.

Memory is measured by outside.py.
"""

from collections.abc import Iterator
from time import monotonic, sleep

import proc
from stage import SETTLED, mailpit, stage
from table import Row, report

MAILS = 200
"""Messages on the server: enough to fill the list."""

WATCHED = 90.0
"""Seconds of counting: longer than the ping interval of the server, 54."""

AWAKE = 20
"""Wake-ups a minute that the keep-alive makes, rounded up: two every nine seconds, and the server's own pings."""


def rows() -> Iterator[Row]:
    """Start both and count."""
    with stage() as where, mailpit() as server:
        server.burst(MAILS)
        with where.candidate("bare_tray") as tray, where.candidate() as ours:
            tray.ready()
            ours.connected(server)
            sleep(SETTLED)
            yield from woken(ours.pid, tray.pid)


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
