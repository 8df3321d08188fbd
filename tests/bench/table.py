"""What a benchmark says: rows of figures beside their goals and what a bare baseline took in the same run.

Each benchmark is a script of its own that hands its rows to `report`: by itself it prints all of them for people, with
--json an object a line, from which every.py makes one table of all benchmarks.
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
    """One figure. `floor` is the baseline's; goals are `at_most` in the figure's unit, or `times` the floor."""

    what: str
    figure: float
    unit: str
    floor: float | None = None
    at_most: float | None = None
    times: float | None = None

    @property
    def ratio(self) -> float | None:
        """How often the figure holds the floor."""
        return self.figure / self.floor if self.floor else None

    @property
    def goal(self) -> str:
        """What the figure is to be, "" where it is only told."""
        if self.times is not None:
            return f"≤ {self.times:g} x floor"
        return "" if self.at_most is None else f"≤ {amount(self.at_most, self.unit)}"

    @property
    def missed(self) -> bool:
        """Whether there is a goal and the figure is beyond it."""
        if self.times is not None:
            return self.ratio is None or self.ratio > self.times
        return self.at_most is not None and self.figure > self.at_most

    @property
    def cells(self) -> tuple[str, ...]:
        """What is printed: what, goal, figure, floor, ratio, verdict."""
        floor = "" if self.floor is None else amount(self.floor, self.unit)
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        verdict = "missed" if self.missed else "met"
        return self.what, self.goal, amount(self.figure, self.unit), floor, ratio, verdict if self.goal else ""


HEADINGS = ("what", "goal", "figure", "floor", "ratio", "")


def amount(number: float, unit: str) -> str:
    """A number with its unit; counts are whole, below 100 there are three digits."""
    digits = f"{number:.0f}" if number == int(number) or number >= 100 else f"{number:.3g}"
    return f"{digits} {unit}".rstrip()


def line(cells: Iterable[str], fill: str = " ") -> str:
    """A line of a Markdown table that can be read as it is, too."""
    return "| " + " | ".join(f"{cell:{fill}<{width}}" for cell, width in zip(cells, WIDTHS, strict=True)) + " |"


def report(rows: Iterable[Row]) -> None:
    """Print the rows as they come."""
    if JSON in sys.argv:
        for row in rows:
            print(json.dumps(asdict(row)), flush=True)
        return
    for cells in chain([HEADINGS], (row.cells for row in rows)):
        print(line(cells), flush=True)
