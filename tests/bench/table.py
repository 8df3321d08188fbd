"""What a benchmark says: rows of figures beside their goals and what a bare baseline took in the same run.

Apart so that one table can be made of all of them: each benchmark has a function `rows`, and `show` prints any rows.
"""

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass

import PySide6

WIDTHS = (58, 15, 12, 12, 6)


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
    def verdict(self) -> str:
        """Whether the goal is met, "" without one."""
        if self.times is not None and self.ratio is not None:
            return "ok" if self.ratio <= self.times else "MISSED"
        if self.at_most is not None:
            return "ok" if self.figure <= self.at_most else "MISSED"
        return ""

    @property
    def cells(self) -> tuple[str, ...]:
        """What is printed: what, goal, figure, floor, ratio, verdict."""
        goal = f"<= {self.times:g} x floor" if self.times is not None else ""
        if self.at_most is not None:
            goal = f"<= {self.at_most:g} {self.unit}"
        floor = "" if self.floor is None else amount(self.floor, self.unit)
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        return self.what, goal, amount(self.figure, self.unit), floor, ratio, self.verdict


def amount(number: float, unit: str) -> str:
    """A number with its unit; counts are whole, below 100 there are three digits."""
    return f"{number:.0f} {unit}" if number == int(number) or number >= 100 else f"{number:.3g} {unit}"


def machine() -> str:
    """What the figures were taken on."""
    server = "a real Mailpit" if os.environ.get("MAILPIT_BIN") else "the stand-in"
    return (
        f"{os.cpu_count()} cores (load {os.getloadavg()[0]:.1f} before), {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, PySide6 {PySide6.__version__}, {server}"
    )


def show(rows: Iterable[Row]) -> None:
    """Print the rows as they come."""
    print(machine())
    for cells in (("what", "goal", "figure", "floor", "ratio", ""), *(row.cells for row in rows)):
        texts = (f"{cell:{width}}" for cell, width in zip(cells, (*WIDTHS, 0), strict=True))
        print(" | ".join(texts).rstrip(" |"), flush=True)
