"""Looks at programs as a screen reader does (AT-SPI); orders on standard input, answers on standard output, as JSON.

Run by the system's Python, which has pyatspi: nothing of ours may be imported here. See accessible.py.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import suppress

import pyatspi
from gi.repository import GLib

TIMEOUT_MS = 15_000
"""For a program to answer: the library's own 0.8 s are little on a busy machine, and nobody tells twice."""

MOST = 20
"""Entries of a list that are looked at, beside its selected one: all are no more to be told than these."""

ENTRIES = {pyatspi.ROLE_MENU_ITEM, pyatspi.ROLE_CHECK_MENU_ITEM, pyatspi.ROLE_RADIO_MENU_ITEM}
"""What can be chosen in a menu, unlike its separators."""


def walk(thing: "pyatspi.Accessible", depth: int = 0) -> "Iterator[tuple[int, pyatspi.Accessible]]":
    """An object and all below it that is showing: what is on a page behind says that it is showing, too."""
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
    """What a screen reader can say of an object. Where a choice stands beside a label, that is its name."""
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
    """The name of what labels it, "" without one."""
    relations = (one for one in thing.getRelationSet() if one.getRelationType() == pyatspi.RELATION_LABELLED_BY)
    return next((one.getTarget(0).name for one in relations), "")


def windows() -> "list[pyatspi.Accessible]":
    """Every window of every program, but of the panel and the window manager, which have none here."""
    desktop = pyatspi.Registry.getDesktop(0)
    programs = (desktop.getChildAtIndex(number) for number in range(desktop.childCount))
    return [window for program in programs if program is not None for window in program]


def tree(name: str) -> list:
    """Everything that is showing in the windows whose names begin like this."""
    found = []
    for window in windows():
        if window is not None and (window.name or "").startswith(name):
            found += [described(depth, thing) for depth, thing in walk(window)]
    return found


def reached(thing: "pyatspi.Accessible") -> dict:
    """What got the keyboard, and where on the screen that is."""
    place = thing.queryComponent().getExtents(pyatspi.DESKTOP_COORDS)
    return described(0, thing) | {"place": [place.x, place.y, place.width, place.height]}


def there(things: "list[pyatspi.Accessible]") -> "Iterator[dict]":
    """Those that got the keyboard and are still there: an entry of a menu that is gone takes no other with it."""
    for thing in things:
        with suppress(Exception):
            yield reached(thing)


class Listener:
    """Answers orders, and notes what got the keyboard: menus are in no tree, but tell of their entries that way."""

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
        """Answer until there are no more orders."""
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
        except Exception as error:  # an object can go while it is looked at; whoever asked asks again
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
