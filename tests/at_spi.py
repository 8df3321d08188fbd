"""Looks at programs as a screen reader does (AT-SPI); orders on standard input, answers on standard output, as JSON.

Run by the system's Python, which has pyatspi: nothing of ours may be imported here. See accessible.py.
"""

import json
import sys
from collections.abc import Iterator

import pyatspi
from gi.repository import GLib


def walk(thing: "pyatspi.Accessible", depth: int = 0) -> "Iterator[tuple[int, pyatspi.Accessible]]":
    """An object and all below it that is showing."""
    yield depth, thing
    for number in range(thing.childCount):
        child = thing.getChildAtIndex(number)
        if child is not None:
            yield from walk(child, depth + 1)


def described(depth: int, thing: "pyatspi.Accessible") -> dict:
    """What a screen reader can say of an object."""
    states = {pyatspi.stateToString(state) for state in thing.getState().getStates()}
    return {
        "depth": depth,
        "role": thing.getRoleName(),
        "name": thing.name or "",
        "description": thing.description or "",
        "states": sorted(states),
    }


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
    return [one for one in found if "showing" in one["states"]]


class Listener:
    """Answers orders, and notes what got the keyboard: menus are in no tree, but tell of their entries that way."""

    def __init__(self) -> None:
        self._last = None
        self._announced = []
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

    def _on_announced(self, event: "pyatspi.event.Event") -> None:
        self._announced.append(str(event.any_data))

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
        return self._menu() if "menu" in order else tree(order["tree"])

    def _menu(self) -> list:
        if self._last is None or "menu item" not in self._last.getRoleName():
            return []
        return [described(0, entry) for entry in self._last.parent if entry.getRoleName() != "separator"]


if __name__ == "__main__":
    Listener().run()
