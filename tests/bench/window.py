"""Opening the window: from the call to the painted rows, the first time and again, compared to a bare QListView.

Each runs in its own process on a virtual display; see opened.py.
"""

import subprocess
import sys
from collections.abc import Iterator
from statistics import median

from stage import BENCH, stage
from table import Row, report

ROUNDS = 3
SIZES = 200, 5_000


def rows() -> Iterator[Row]:
    """Print the medians over new processes, application and bare in turns."""
    with stage() as where:
        for count in SIZES:
            taken: dict[str, list[list[float]]] = {"ours": [], "bare": []}
            for _ in range(ROUNDS):
                for kind, values in taken.items():
                    with where.candidate() as candidate:
                        command = [sys.executable, str(BENCH / "opened.py"), kind, str(count)]
                        printed = subprocess.check_output(command, env=candidate.environment, text=True)
                    values.append([float(number) for number in printed.split()])
            for place, what in enumerate(("first time", "again")):
                mine, floor = (median(value[place] for value in taken[kind]) for kind in ("ours", "bare"))
                yield Row(what=f"window of {count} rows, {what}", figure=mine, floor=floor, unit="ms", at_most=100)


if __name__ == "__main__":
    report(rows())
