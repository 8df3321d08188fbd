"""Prints what a screen reader finds in the windows of a session, as JSON. Run by the Python of the chroot.

One object a list entry: program, role, name, states, and place in its window.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

import gi  # type: ignore[import-not-found]

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # type: ignore[import-not-found]  # noqa: E402 - after the version is chosen

MOST = 3000
"""Objects of one program: a browser page may have more."""


def walk(thing: Any, depth: int = 0) -> Iterator[tuple[int, Any, Any]]:
    """Yield an object that is shown and the objects in it, each with its depth and its states.

    An object can vanish while it is read: the others are yielded nevertheless.
    """
    with suppress(GLib.Error):
        states = thing.get_state_set()
        if depth > 1 and not states.contains(Atspi.StateType.SHOWING):
            return
        yield depth, thing, states
        for number in range(min(thing.get_child_count(), 200)):
            with suppress(GLib.Error):
                if (child := thing.get_child_at_index(number)) is not None:
                    yield from walk(child, depth + 1)


def described(program: str, depth: int, thing: Any, states: Any) -> dict[str, Any]:
    """Return one object as a value."""
    names = ("ACTIVE", "FOCUSED")
    return {
        "program": program,
        "depth": depth,
        "role": thing.get_role_name(),
        "name": thing.get_name() or "",
        "text": text(thing),
        "description": thing.get_description() or "",
        "states": [name for name in names if states.contains(getattr(Atspi.StateType, name))],
        "place": place(thing, Atspi.CoordType.WINDOW),
        "screen": place(thing, Atspi.CoordType.SCREEN),
    }


def place(thing: Any, coordinates: Any) -> list[int]:
    """Return left, top, width and height; [] for an object without a place."""
    try:
        box = thing.get_extents(coordinates)
    except GLib.Error:
        return []
    return [box.x, box.y, box.width, box.height]


def text(thing: Any) -> str:
    """Return the text of an object, "" if it has none."""
    try:
        return Atspi.Text.get_text(thing, 0, -1) if "Text" in thing.get_interfaces() else ""
    except GLib.Error:
        return ""


def main(wanted: list[str]) -> None:
    """Print the objects of programs whose names contain one of these words; of all without words."""
    desktop, found = Atspi.get_desktop(0), []
    for number in range(desktop.get_child_count()):
        program = desktop.get_child_at_index(number)
        try:
            name = program.get_name()
            if wanted and not any(word in name for word in wanted):
                continue
        except (GLib.Error, AttributeError):  # the program ends
            continue
        for one in islice(walk(program), MOST):
            with suppress(GLib.Error):
                found.append(described(name, *one))
    print(json.dumps(found))


main(sys.argv[1:])
