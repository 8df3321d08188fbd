"""Results of checks, and the table of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """The result of a check; the value is what the table shows."""

    PASSED = "ok"
    FAILED = "FAILED"
    NOT_OFFERED = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of one check on one desktop. `detail`: the fault, or the feature that the desktop lacks."""

    check: str
    outcome: Outcome
    detail: str = ""


class CheckError(Exception):
    """The check failed. The text says what was seen instead."""


def table(results: Mapping[str, Sequence[Result]]) -> str:
    """Return a table with a row for each check and a column for each desktop, and the details below it."""
    checks = list(dict.fromkeys(one.check for found in results.values() for one in found))
    cells = {(title, one.check): one.outcome.value for title, found in results.items() for one in found}
    width = max(map(len, checks), default=0)
    widths = {title: max(len(title), 6) for title in results}
    lines = ["  ".join([" " * width, *(title.ljust(widths[title]) for title in results)]).rstrip()]
    for check in checks:
        row = (cells.get((title, check), "").ljust(widths[title]) for title in results)
        lines.append("  ".join([check.ljust(width), *row]).rstrip())
    details = [f"{title}, {one.check}: {one.detail}" for title, found in results.items() for one in found if one.detail]
    return "\n".join([*lines, *([""] if details else []), *details])
