"""A burst while the window is open with 5,000 rows: how long is the loop blocked, and how long does a frame take?

Compared to a hidden window. Both are measured inside the process; see inside.py, and burst.py for the goals.
"""

from collections.abc import Iterator
from statistics import median
from time import monotonic, sleep

from burst import JUDGED, PAUSES, tell
from narrow import FRAME
from stage import Candidate, mailpit, stage
from table import Row, report

from program import wait_until
from standin import Server

ROWS, MAILS = 5_000, 5_000
SETTLED = 4.0
"""Seconds until all rows are indexed for the search."""


def flood(candidate: Candidate, server: Server, total: int) -> tuple[float, dict[str, float], list[float]]:
    """Send the messages until all are counted; return messages per second, and milliseconds of pauses and frames."""
    tell(candidate)
    began = monotonic()
    server.burst(MAILS)
    rate = MAILS / (monotonic() - began)
    wait_until(lambda: candidate.server()["total"] == total, "all messages", 60)
    sleep(1)
    return rate, *tell(candidate)


def rows() -> Iterator[Row]:
    """Run hidden first, then shown, on the same server."""
    with stage() as where, mailpit() as server, where.candidate("inside") as candidate:
        server.burst(ROWS)
        candidate.connected(server, "--rows", str(ROWS))
        assert candidate.server()["total"] == ROWS
        sleep(SETTLED)
        _, hidden, _ = flood(candidate, server, ROWS + MAILS)
        candidate.ask("show")
        wait_until(candidate.windows, "the window")
        sleep(SETTLED)
        rate, shown, frames = flood(candidate, server, ROWS + 2 * MAILS)
        what = f"burst of {MAILS} at {rate:.0f}/s, window of {ROWS}, "
        for pause in PAUSES:
            goal = 50 if pause == JUDGED else None
            yield Row(what=what + pause, figure=shown[pause], floor=hidden[pause], unit="ms", at_most=goal)
        yield Row(what=what + "a frame", figure=median(frames), unit="ms", at_most=FRAME)
        yield Row(what=what + "the slowest frame", figure=max(frames), unit="ms")
        yield Row(what=what + "frames", figure=len(frames), unit="")


if __name__ == "__main__":
    report(rows())
