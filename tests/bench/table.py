"""The output of benchmarks: rows of figures with goals, and with a baseline of the same run.

Each benchmark is a script that passes its rows to `report`. By itself it prints a table; with --json it prints one
object per line, from which every.py makes the table of all benchmarks.
"""

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import chain

WIDTHS = (66, 14, 10, 10, 5, 6)
JSON = "--json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A figure. `floor` is the baseline; the goal is `at_most` in the unit, or `times` the floor."""

    what: str
    figure: float
    unit: str
    floor: float | None = None
    at_most: float | None = None
    times: float | None = None

    @property
    def ratio(self) -> float | None:
        """The figure divided by the floor."""
        return self.figure / self.floor if self.floor else None

    @property
    def goal(self) -> str:
        """The goal as text, "" without one."""
        if self.times is not None:
            return f"≤ {self.times:g} x floor"
        return "" if self.at_most is None else f"≤ {amount(self.at_most, self.unit)}"

    @property
    def missed(self) -> bool:
        """Whether there is a goal and it is missed."""
        if self.times is not None:
            return self.ratio is None or self.ratio > self.times
        return self.at_most is not None and self.figure > self.at_most

    @property
    def cells(self) -> tuple[str, ...]:
        """The printed cells: name, goal, figure, floor, ratio, verdict."""
        floor = "" if self.floor is None else amount(self.floor, self.unit)
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        verdict = "missed" if self.missed else "met"
        return self.what, self.goal, amount(self.figure, self.unit), floor, ratio, verdict if self.goal else ""


HEADINGS = ("what", "goal", "figure", "floor", "ratio", "")


def amount(number: float, unit: str) -> str:
    """Format a number with its unit: whole for counts, three digits below 100."""
    digits = f"{number:.0f}" if number == int(number) or number >= 100 else f"{number:.3g}"
    return f"{digits} {unit}".rstrip()


def line(cells: Iterable[str], fill: str = " ") -> str:
    """Return a line of a Markdown table that is also readable as text."""
    return "| " + " | ".join(f"{cell:{fill}<{width}}" for cell, width in zip(cells, WIDTHS, strict=True)) + " |"


def report(rows: Iterable[Row]) -> None:
    """Print each row when it is measured."""
    if JSON in sys.argv:
        for row in rows:
            print(json.dumps(asdict(row)), flush=True)
        return
    for cells in chain([HEADINGS], (row.cells for row in rows)):
        print(line(cells), flush=True)
