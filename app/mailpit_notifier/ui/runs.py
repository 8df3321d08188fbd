"""Neighbours taken together: what Qt's views are told of a list is told in runs of rows. Pure."""

from collections.abc import Iterable


def runs(marks: Iterable[bool]) -> list[tuple[int, int]]:
    """First and last place of each unbroken run of true marks, in order."""
    found: list[tuple[int, int]] = []
    for place, mark in enumerate(marks):
        if not mark:
            continue
        if found and found[-1][1] == place - 1:
            found[-1] = (found[-1][0], place)
        else:
            found.append((place, place))
    return found
