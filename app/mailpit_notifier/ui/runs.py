"""Neighbours taken together: what Qt's views are told of a list is told in runs of rows. Pure."""

from collections.abc import Iterable

Run = tuple[int, int]
"""First and last place."""


def runs(marks: Iterable[bool]) -> list[Run]:
    """First and last place of each unbroken run of true marks, in order."""
    found: list[Run] = []
    first, place = -1, -1
    for place, mark in enumerate(marks):
        if mark and first < 0:
            first = place
        elif first >= 0 and not mark:
            found.append((first, place - 1))
            first = -1
    if first >= 0:
        found.append((first, place))
    return found
