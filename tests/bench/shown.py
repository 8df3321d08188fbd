"""A burst while the recent window is open with 5,000 rows, at its top and scrolled: for how long is the loop blocked?

Beside it the same with the window hidden. Pauses are noted within the process: see inside.py, and burst.py for what is
judged and why.
"""

from collections.abc import Iterator
from time import monotonic, sleep

from burst import JUDGED, PAUSES, tell
from stage import Candidate, mailpit, stage
from table import Row, show

from program import wait_until

ROWS, MAILS = 5_000, 5_000
SETTLED = 4.0
"""Seconds after which all rows are ready to be searched."""


def flood(candidate: Candidate, server: object, total: int) -> dict[str, float]:
    """Send the mails and wait until all are counted."""
    tell(candidate)
    began = monotonic()
    server.burst(MAILS)  # type: ignore[attr-defined]
    sent = monotonic() - began
    wait_until(lambda: candidate.server()["total"] == total, "all mails", 60)
    sleep(1)
    return {"sent": sent, **dict(zip(PAUSES, tell(candidate), strict=True))}


def rows() -> Iterator[Row]:
    """Hidden first, then shown, on the same server."""
    with stage() as where, mailpit() as server, where.candidate("inside") as candidate:
        server.burst(ROWS)
        candidate.start("--hidden", "--rows", str(ROWS), "--server", server.url)
        wait_until(lambda: candidate.server()["total"] == ROWS, "all rows", 60)
        sleep(SETTLED)
        hidden = flood(candidate, server, ROWS + MAILS)
        candidate.ask("show")
        wait_until(candidate.windows, "the window")
        sleep(SETTLED)
        shown = flood(candidate, server, ROWS + 2 * MAILS)
        what = f"burst of {MAILS} at {MAILS / shown['sent']:.0f}/s, window of {ROWS} rows, "
        for pause in PAUSES:
            goal = 50 if pause == JUDGED else None
            yield Row(what=what + pause, figure=shown[pause], floor=hidden[pause], unit="ms", at_most=goal)


if __name__ == "__main__":
    show(rows())
