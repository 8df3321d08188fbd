"""Searching and scrolling in the window with 5,000 rows, compared to a bare QListView with Qt's filter.

Each runs in its own process on a virtual display; see narrowed.py.
"""

import subprocess
import sys
from collections.abc import Iterator
from statistics import median

from stage import BENCH, stage
from table import Row, report

ROUNDS = 3
ROWS = 5_000
FRAME = 1000 / 60
FIGURES = (
    ("a key in the search", 16),
    ("the slowest key", None),
    ("a frame of scrolling", FRAME),
    ("the slowest frame", None),
    ("the first key before anything is ready", None),
)


def rows() -> Iterator[Row]:
    """Print the medians over new processes, application and bare in turns."""
    taken: dict[str, list[list[float]]] = {"ours": [], "bare": []}
    with stage() as where:
        for _ in range(ROUNDS):
            for kind, values in taken.items():
                with where.candidate() as candidate:
                    command = [sys.executable, str(BENCH / "narrowed.py"), kind, str(ROWS)]
                    printed = subprocess.check_output(command, env=candidate.environment, text=True)
                values.append([float(number) for number in printed.split()])
    for place, (what, goal) in enumerate(FIGURES):
        mine, floor = (median(value[place] for value in taken[kind]) for kind in ("ours", "bare"))
        yield Row(what=f"window of {ROWS} rows, {what}", figure=mine, floor=floor, unit="ms", at_most=goal)


if __name__ == "__main__":
    report(rows())
