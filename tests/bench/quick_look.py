"""Opening the quick look, once the content of the message was read: from the key press to the painted text.

Each figure is a median over new processes on a virtual display; see looked.py.
"""

import subprocess
import sys
from collections.abc import Iterator
from statistics import median

from stage import BENCH, stage
from table import Row, report

ROUNDS = 5


def rows() -> Iterator[Row]:
    """Print the medians."""
    with stage() as where:
        values = []
        for _ in range(ROUNDS):
            with where.candidate() as candidate:
                command = [sys.executable, str(BENCH / "looked.py")]
                printed = subprocess.check_output(command, env=candidate.environment, text=True)
            values.append([float(number) for number in printed.split()])
    for place, what in enumerate(("first time", "the longest of six kinds of text")):
        figure = median(value[place] for value in values)
        yield Row(what=f"quick look, {what}", figure=figure, unit="ms", at_most=50)


if __name__ == "__main__":
    report(rows())
