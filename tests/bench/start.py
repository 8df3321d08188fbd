"""Time from exec to the icon in the tray, compared to a bare tray, and the time of a command to the application.

The icon is registered when it calls the StatusNotifierWatcher, and can be drawn when the panel has its image, which it
requests then. The time starts before the process is created.
"""

import subprocess
import sys
from collections.abc import Iterator
from statistics import median
from time import monotonic

from stage import Candidate, Stage, mailpit, stage
from table import Row, report

from program import wait_until

ROUNDS = 11


def to_the_icon(where: Stage, script: str, *arguments: str) -> tuple[float, float]:
    """Return the milliseconds from exec to the registered icon, and to its image."""
    with where.candidate(script) as candidate:
        icons = len(where.desktop.pictures)
        began = monotonic()
        candidate.launch(*arguments)
        wait_until(lambda: len(where.desktop.pictures) > icons, "an icon")
        return (where.desktop.trays[-1][0] - began) * 1000, (where.desktop.pictures[-1][0] - began) * 1000


def of_process(candidate: Candidate, *arguments: str) -> float:
    """Return the milliseconds of a Python process with these arguments."""
    began = monotonic()
    command = [sys.executable, *arguments]
    subprocess.run(command, env=candidate.environment, check=True, stdout=subprocess.DEVNULL)
    return (monotonic() - began) * 1000


def rows() -> Iterator[Row]:
    """Return medians of rounds in which each has its turn."""
    icons: dict[str, list[tuple[float, float]]] = {"ours": [], "bare": []}
    commands: dict[str, list[float]] = {"pass": [], "status": [], "show": []}
    with stage() as where, mailpit() as server:
        for _ in range(ROUNDS):
            icons["bare"].append(to_the_icon(where, "bare_tray"))
            icons["ours"].append(to_the_icon(where, "", "--hidden", "--server", server.url))
        with where.candidate() as candidate:
            candidate.connected(server)
            for _ in range(ROUNDS):
                commands["pass"].append(of_process(candidate, "-c", "pass"))
                for command in ("status", "show"):
                    commands[command].append(of_process(candidate, "-m", "mailpit_notifier", command))
    for place, what in enumerate(("registered", "drawn")):
        ours, bare = (median(took[place] for took in icons[kind]) for kind in ("ours", "bare"))
        yield Row(what=f"exec -> icon {what}", figure=ours, floor=bare, unit="ms", times=1.4)
    for command in ("status", "show"):
        what = f"command {command}, against python -c pass"
        yield Row(what=what, figure=median(commands[command]), floor=median(commands["pass"]), unit="ms")


if __name__ == "__main__":
    report(rows())
