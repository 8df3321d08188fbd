"""Reads programs as a screen reader does (AT-SPI); orders on standard input, answers on standard output, as JSON.

Run by the system's Python, which has pyatspi: nothing of ours may be imported here. See accessible.py.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import suppress

import pyatspi
from gi.repository import GLib

TIMEOUT_MS = 15_000
"""Seconds for a program to answer. The default of 0.8 s is too short on a busy machine."""

MOST = 20
"""Entries of a list to read besides the selected one."""

ENTRIES = {pyatspi.ROLE_MENU_ITEM, pyatspi.ROLE_CHECK_MENU_ITEM, pyatspi.ROLE_RADIO_MENU_ITEM}
"""Roles of menu entries, without separators."""


def walk(thing: "pyatspi.Accessible", depth: int = 0) -> "Iterator[tuple[int, pyatspi.Accessible]]":
    """Yield an object and all its showing children. Pages behind others claim to be showing, too."""
    if not thing.getState().contains(pyatspi.STATE_SHOWING):
        return
    yield depth, thing
    count, is_long = thing.childCount, thing.getRole() == pyatspi.ROLE_LIST and thing.childCount > MOST
    children = [thing.getChildAtIndex(number) for number in range(MOST if is_long else count)]
    if is_long:
        children.append(thing.querySelection().getSelectedChild(0))
    for child in children:
        if child is not None:
            yield from walk(child, depth + 1)


def described(depth: int, thing: "pyatspi.Accessible") -> dict:
    """Return what a screen reader reads for an object. The label of a combo box is its name."""
    states = {pyatspi.stateToString(state) for state in thing.getState().getStates()}
    role = thing.getRole()
    is_choice = role == pyatspi.ROLE_COMBO_BOX
    return {
        "depth": depth,
        "role": int(role),  # its name differs: "push button" is "button" since at-spi 2.54
        "name": (label(thing) if is_choice else "") or thing.name or "",
        "value": thing.name or "" if is_choice else "",
        "description": thing.description or "",
        "states": sorted(states),
    }


def label(thing: "pyatspi.Accessible") -> str:
    """Return the name of its label, "" without one."""
    relations = (one for one in thing.getRelationSet() if one.getRelationType() == pyatspi.RELATION_LABELLED_BY)
    return next((one.getTarget(0).name for one in relations), "")


def windows() -> "list[pyatspi.Accessible]":
    """Yield the windows of all programs, except panel and window manager."""
    desktop = pyatspi.Registry.getDesktop(0)
    programs = (desktop.getChildAtIndex(number) for number in range(desktop.childCount))
    return [window for program in programs if program is not None for window in program]


def tree(name: str) -> list:
    """Return all showing objects in windows whose names begin like this."""
    found = []
    for window in windows():
        if window is not None and (window.name or "").startswith(name):
            found += [described(depth, thing) for depth, thing in walk(window)]
    return found


def reached(thing: "pyatspi.Accessible") -> dict:
    """Return what got the focus, with its position on the screen."""
    place = thing.queryComponent().getExtents(pyatspi.DESKTOP_COORDS)
    return described(0, thing) | {"place": [place.x, place.y, place.width, place.height]}


def there(things: "list[pyatspi.Accessible]") -> "Iterator[dict]":
    """Return the objects that got the focus and still exist."""
    for thing in things:
        with suppress(Exception):
            yield reached(thing)


class Listener:
    """Answers orders, and records the focus: menus are not in the tree, but their entries send focus events."""

    def __init__(self) -> None:
        self._last = None
        self._announced = []
        self._reached = []
        self._heard = []
        self._loop = GLib.MainLoop()
        pyatspi.Registry.registerEventListener(self._on_focus, "object:state-changed:focused")
        pyatspi.Registry.registerEventListener(self._on_announced, "object:announcement")
        GLib.io_add_watch(sys.stdin, GLib.PRIORITY_LOW, GLib.IO_IN | GLib.IO_HUP, self._on_order)

    def run(self) -> None:
        """Answer until the end of the orders."""
        self._loop.run()

    def _on_focus(self, event: "pyatspi.event.Event") -> None:
        if event.detail1:
            self._last = event.source
            self._reached.append(event.source)

    def _on_announced(self, event: "pyatspi.event.Event") -> None:
        self._announced.append(str(event.any_data))

    def _on_anything(self, event: "pyatspi.event.Event") -> None:
        # Sent since at-spi 2.62, and nothing that a screen reader speaks of; often its program is gone, too.
        if str(event.type) != "object:state-changed:defunct":
            self._heard.append([str(event.type), int(event.source_role), event.source_name or ""])

    def _on_order(self, *_: object) -> bool:
        line = sys.stdin.readline()
        if not line:
            self._loop.quit()
            return False
        order = json.loads(line)
        try:
            answer = self._answer(order)
        except Exception as error:  # an object can disappear while it is read; the test reads again
            answer = {"error": repr(error)}
        print(json.dumps(answer), flush=True)
        return True

    def _answer(self, order: dict) -> list:
        if "announced" in order:
            return self._announced
        if "reached" in order:
            found, self._reached = self._reached, []
            return list(there(found))
        if "heard" in order:
            found, self._heard = self._heard, []
            return found
        if "listen" in order:
            pyatspi.Registry.registerEventListener(self._on_anything, "object")
            return []
        return self._menu() if "menu" in order else tree(order["tree"])

    def _menu(self) -> list:
        if self._last is None or self._last.getRole() not in ENTRIES:
            return []
        return [described(0, entry) for entry in self._last.parent if entry.getRole() in ENTRIES]


if __name__ == "__main__":
    pyatspi.setTimeout(TIMEOUT_MS, TIMEOUT_MS)
    Listener().run()
