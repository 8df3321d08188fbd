"""The settings by keyboard only, observed through the accessibility tree, on a private desktop."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import accessible
from accessible import Role, Screen, Seen
from program import Program, wait_until
from standin import StandIn

pytestmark = [
    pytest.mark.skipif(bool(lacking := accessible.missing()), reason=lacking or "all is there"),
    pytest.mark.timeout(180),  # each read of the tree is a request to another process for each object
]

SETTINGS = "Settings"
PAGES = ("Servers", "Notifications", "Rules", "General", "Diagnostics")
CONTROLS = {Role.LIST, Role.PUSH_BUTTON, Role.CHECK_BOX, Role.COMBO_BOX, Role.TEXT, Role.PASSWORD_TEXT}
PARTS = {Role.FRAME, Role.LIST_ITEM, Role.LABEL, Role.FILLER, Role.LAYERED_PANE, Role.SCROLL_BAR}
UNNAMED = {Role.FILLER, Role.LAYERED_PANE, Role.SCROLL_BAR}
RULE = '[[rule]]\nname = "reports"\nsubject = "report"\noutcome = "run"\ncommand = ["true"]\n'
UNUSED = "http://127.0.0.1:9/"


class Place(NamedTuple):
    """The screen, the program, and the file with its settings."""

    screen: Screen
    program: Program
    path: Path

    def values(self, kind: str, key: str) -> list[Any]:
        """Return this value of every server, or of every rule, in the file."""
        return [one.get(key) for one in tomllib.loads(self.path.read_text()).get(kind, [])]


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with StandIn() as server, accessible.desktop(tmp_path_factory.mktemp("s")) as (screen, program):
        server.send("Monthly report", "bob@example.test")
        server.send("Your Acme code")
        path = program.folder / "config.toml"
        path.write_text(f'[[server]]\nurl = "{server.url}"\nname = "shop"\n{RULE}')
        program.start("--config", str(path), "--hidden")
        program.command("show")
        screen.take_search("Recent messages")
        screen.press("ctrl+comma")
        screen.wait_for_focus(SETTINGS, "Servers", Role.LIST_ITEM)
        yield Place(screen, program, path)


def controls(tree: list[Seen]) -> list[str]:
    """Return the names of the controls that Tab must reach. In a list, arrow keys move on."""
    return [one.name for one in tree if one.role in CONTROLS and {"enabled", "focusable"} <= set(one.states)]


def entries(screen: Screen, name: str) -> list[str]:
    """Return the entries of the list with this name."""
    found: list[str] = []
    within = False
    for one in screen.tree(SETTINGS):
        within = one.name == name if one.role == Role.LIST else within and one.role == Role.LIST_ITEM
        found += [one.name] * (within and one.role == Role.LIST_ITEM)
    return found


def test_each_control_of_each_page_has_a_name_and_tab_reaches_it(place: Place) -> None:
    screen = place.screen
    for page in PAGES:
        screen.wait_for_focus(SETTINGS, page, Role.LIST_ITEM)
        tree = screen.tree(SETTINGS)
        assert [one for one in tree if one.role not in CONTROLS | PARTS] == []
        assert [one for one in tree if not one.name and one.role not in UNNAMED] == []
        expected, reached = controls(tree), set[str]()
        screen.reached()
        screen.press(*["Tab"] * len(expected))

        def is_round(expected: list[str] = expected, reached: set[str] = reached) -> bool:
            reached.update(one.name for one in screen.reached())
            return set(expected) <= reached

        wait_until(is_round, f"a round through {expected}")
        screen.press("Down")
    screen.press("Home")
    screen.wait_for_focus(SETTINGS, PAGES[0], Role.LIST_ITEM)
    assert out_of_sight(screen) == {}


def out_of_sight(screen: Screen) -> dict[str, tuple[int, int]]:
    """Return top and bottom of the controls that Tab reaches outside the visible area of a page in a small window."""
    (window,) = screen.run("xdotool", "search", "--onlyvisible", "--name", "^Settings").split()
    screen.run("xdotool", "windowsize", "--sync", window, "760", "420")
    count = len(controls(screen.tree(SETTINGS)))
    places = {}
    for _ in range(count):
        one = screen.step()
        places[one.name] = (one.place[1], one.place[1] + one.place[3])
    bottom = places.pop("Close")[0]
    top = places.pop("Pages")[0]
    assert len(places) == count - 2
    return {name: place for name, place in places.items() if place[0] < top or place[1] > bottom}


def test_servers_and_rules_are_added_changed_ordered_and_removed(place: Place) -> None:
    screen = place.screen

    def refused(field: str, typed: str) -> str:
        """Type an invalid text; return its error, which must be shown, and be the description of the field."""
        screen.type(typed)
        screen.press("Return")
        error = wait_until(
            lambda: screen.wait_for_focus(SETTINGS, field, Role.TEXT).description, "the error of the field"
        )
        assert [text for text in screen.announced() if error in text] == []  # else it would be read twice
        assert error in [one.name for one in screen.tree(SETTINGS) if one.role == Role.LABEL]
        return str(error)

    screen.press("alt+a")
    screen.wait_for_focus(SETTINGS, "Address", Role.TEXT)
    assert "http://" in refused("Address", "ftp://blog")
    screen.press("ctrl+a")
    screen.type(UNUSED)
    screen.press("Return")
    wait_until(lambda: len(place.values("server", "url")) == 2, "the address in config.toml")
    screen.press("alt+n")
    screen.wait_for_focus(SETTINGS, "Name", Role.TEXT)
    screen.type("blog")
    screen.press("Return")
    wait_until(lambda: place.values("server", "name") == ["shop", "blog"], "the second server in config.toml")

    screen.press("alt+t")
    fault = "othing is listening there. Start Mailpit or check the port."
    wait_until(lambda: [text for text in screen.announced() if fault in text], "the announcement of the fault")
    wait_until(lambda: [text for text in screen.texts(SETTINGS) if fault in text], "the fault in the window")

    screen.press("alt+p")
    wait_until(lambda: place.values("server", "name") == ["blog", "shop"], "the new order in config.toml")
    wait_until(lambda: entries(screen, "Servers")[0] == f"blog · {UNUSED.strip('/')}", "the new order in the window")
    screen.press("alt+r")
    wait_until(lambda: place.values("server", "name") == ["shop"], "one server")
    screen.wait_for_focus(SETTINGS, "shop", Role.LIST_ITEM)

    for key, page in (("shift+Tab", "Servers"), ("Down", "Notifications"), ("Down", "Rules")):
        screen.press(key)
        screen.wait_for_focus(SETTINGS, page, Role.LIST_ITEM)
    screen.press("alt+a")
    screen.wait_for_focus(SETTINGS, "Name", Role.TEXT)
    screen.type("codes")
    screen.press("Return")
    wait_until(lambda: place.values("rule", "name") == ["reports", "codes"], "the name in config.toml")
    screen.press("alt+s")
    screen.wait_for_focus(SETTINGS, "Subject", Role.TEXT)
    screen.type("code")
    screen.press("Return")
    screen.wait_for(SETTINGS, "Matches 1 of 2.")
    assert entries(screen, "Matching messages") == ["Your Acme code · ann@example.test"]
    screen.press("alt+s")
    screen.wait_for_focus(SETTINGS, "Subject", Role.TEXT)
    screen.press("ctrl+a")
    wrong = refused("Subject", "/[/")
    assert "regular expression" in wrong
    screen.press("Escape")
    wait_until(
        lambda: screen.wait_for_focus(SETTINGS, "Subject").description != wrong, "the field with its previous text"
    )
    screen.press("alt+d")
    screen.wait_for_focus(SETTINGS, "Do this", Role.COMBO_BOX)
    screen.press("Down")
    wait_until(lambda: place.values("rule", "outcome") == ["run", "silent"], "the new outcome in config.toml")
    screen.press("alt+p")
    wait_until(
        lambda: entries(screen, "Rules") == ["codes: list only", "reports: run"], "the new rule as the first one"
    )
    screen.press("alt+r")
    wait_until(lambda: entries(screen, "Rules") == ["reports: run"], "one rule")
    screen.press("alt+r")
    wait_until(lambda: not place.values("rule", "outcome"), "no rule")
    wait_until(
        lambda: controls(screen.tree(SETTINGS)) == ["Undo", "Pages", "Rules", "Add", "Close"], "the page without a rule"
    )
    assert "Removed rule: reports: run." in screen.announced()
    screen.press("Tab", "Tab", "Tab")
    screen.wait_for_focus(SETTINGS, "Undo", Role.PUSH_BUTTON)
    screen.press("space")
    wait_until(lambda: entries(screen, "Rules") == ["reports: run"], "the rule again")
    screen.wait_for_focus(SETTINGS, "reports: run", Role.LIST_ITEM)
