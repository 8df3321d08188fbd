"""Time from `quit` or SIGTERM to the end of the process in every state, compared to a bare tray.

Burst limits are lifted, so that notifications are being sent while it ends.
"""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from statistics import median
from time import monotonic

from latency import OURS
from stage import Candidate, Stage, mailpit, stage
from table import Row, report

from program import wait_until
from standin import Server

ROUNDS = 2
FLOOD = 3_000
STATES = ("idle", "connecting", "stuck", "gone", "flooded")


def by_command(candidate: Candidate) -> None:
    """End it like `mailpit-notifier quit`."""
    candidate.ask("quit")


def by_signal(candidate: Candidate) -> None:
    """End it like the end of the session."""
    os.kill(candidate.pid, signal.SIGTERM)


def ended_after(candidate: Candidate, request: Callable[[Candidate], None]) -> float:
    """Return the milliseconds from the request to the end."""
    requested = monotonic()
    request(candidate)
    took = (candidate.ended() - requested) * 1000
    assert candidate.process
    assert candidate.process.wait() == 0, candidate.log
    return took


def of_ours(where: Stage, state: str, request: Callable[[Candidate], None]) -> float:
    """Bring the application into a state and end it."""
    with where.candidate(OURS) as candidate, mailpit() as server, ExitStack() as later:
        if state in {"connecting", "stuck"}:
            later.enter_context(start_unanswered(candidate, accept=state == "stuck"))
        else:
            candidate.connected(server)
        if state == "gone":
            server.stop()
            candidate.wait_for_server(state="disconnected")
        if state == "flooded":
            later.callback(start_flood(where, server).join)
        return ended_after(candidate, request)


def start_unanswered(candidate: Candidate, *, accept: bool) -> socket.socket:
    """Start it with a server that accepts connections and never answers. `accept`: waits for the request."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        candidate.start("--hidden", "--server", f"http://127.0.0.1:{silent.getsockname()[1]}/")
        if not accept:
            return silent.dup()
        accepted, _ = silent.accept()
        assert accepted.recv(10)
        return accepted


def start_flood(where: Stage, server: Server) -> threading.Thread:
    """Send many messages, and return while they are still arriving."""
    where.desktop.notified.clear()
    thread = threading.Thread(target=server.burst, args=[FLOOD])
    thread.start()
    wait_until(lambda: len(where.desktop.notified) > FLOOD / 10, "notifications")
    return thread


def of_bare(where: Stage) -> float:
    """Measure the same for a bare tray."""
    with where.candidate("bare_tray") as candidate:
        candidate.ready()
        return ended_after(candidate, Candidate.nudge)


def rows() -> Iterator[Row]:
    """Return medians and maximum, with a bare tray in each state."""
    with stage() as where:
        floor, all_of_ours = [], []
        for state in STATES:
            for request, how in ((by_command, "quit"), (by_signal, "SIGTERM")):
                floor.append(of_bare(where))
                taken = [of_ours(where, state, request) for _ in range(ROUNDS)]
                all_of_ours += taken
                yield Row(what=f"end by {how}, {state}", figure=median(taken), floor=median(floor), unit="ms")
        yield Row(what="end, the slowest of all", figure=max(all_of_ours), floor=max(floor), unit="ms", at_most=150)


if __name__ == "__main__":
    report(rows())
