"""The window by keyboard only, observed through the accessibility tree, on a private desktop."""

import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

import pytest

import accessible
from accessible import Role, Screen
from program import Program, wait_until
from standin import StandIn

pytestmark = [
    pytest.mark.skipif(bool(lacking := accessible.missing()), reason=lacking or "all is there"),
    pytest.mark.timeout(180),  # each read of the tree is a request to another process for each object
]

WINDOW, CODE, SPELLED, LINK = "Recent messages", "482913", "4 8 2 9 1 3", "https://acme.test/confirm/8f3a2c1d"
KEY_OF_C, KEY_OF_U, F10 = "54", "30", "76"
"""The codes of the keys that write C and U on a Latin keyboard, and of F10, for which xdotool would press Alt, too,
with xkb-data 2.48.
"""
NEWEST = "Your Acme code, to ann@example.test, from Acme, code 4 8 2 9 1 3, just now, unread"


class Place(NamedTuple):
    """The screen, the program and its server with three messages."""

    screen: Screen
    program: Program
    server: StandIn


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with StandIn() as server, accessible.desktop(tmp_path_factory.mktemp("a")) as (screen, program):
        server.send("Monthly report", "bob@example.test", text="The figures for October.")
        server.send("Confirm your address", text=f"Welcome! Please confirm your address: {LINK}")
        server.send("Your Acme code", text=f"Use {CODE} to sign in. It expires in 10 minutes.")
        program.start("--hidden", "--server", server.url)
        program.wait_for_server(state="connected", total=3)
        program.command("show")
        wait_until(lambda: len(rows(screen)) == 3, "the rows")
        screen.take_search(WINDOW)
        screen.press("Escape")
        screen.wait_for_focus(WINDOW, "Your Acme code", Role.LIST_ITEM)
        yield Place(screen, program, server)


def rows(screen: Screen) -> list[str]:
    return [one.name.partition(",")[0] for one in screen.tree(WINDOW) if one.role == Role.LIST_ITEM]


def read(server: StandIn) -> dict[str, bool]:
    return {row["Subject"]: row["Read"] for row in server.rows()}


def pages(program: Program) -> list[str]:
    return sorted(page for page, _ in program.opened())


def test_a_message_is_opened_copied_from_marked_and_deleted_by_single_keys(place: Place) -> None:
    screen, program, server = place
    wait_until(lambda: NEWEST in screen.texts(WINDOW), "the row with its code")
    screen.press("c")
    screen.wait_for(WINDOW, f"Copied {SPELLED}")
    assert screen.clipboard() == CODE
    wait_until(lambda: f"Copied {SPELLED}" in screen.announced(), "the announcement of the copied code")
    screen.press("u")
    wait_until(lambda: NEWEST not in screen.texts(WINDOW), "the row marked read")
    assert read(server)["Your Acme code"]
    wait_until(lambda: "Marked as read" in screen.announced(), "the announcement of the result")
    screen.press("u")
    wait_until(lambda: "Marked as unread" in screen.announced(), "the announcement of the result")
    wait_until(lambda: not read(server)["Your Acme code"], "the message marked unread")
    screen.press("Down", "l")
    wait_until(lambda: LINK in pages(program), "the link in the browser")
    screen.press("Return")
    wait_until(lambda: any("/view/" in page for page in pages(program)), "the message in the browser")
    screen.press("Delete")
    screen.wait_for(WINDOW, "Deleted: Confirm your address", "Undo")
    wait_until(lambda: rows(screen) == ["Your Acme code", "Monthly report"], "the list without the deleted row")
    screen.press("Delete")
    screen.wait_for(WINDOW, "Deleted: Monthly report (and 1 more)")
    screen.press("ctrl+z")
    wait_until(lambda: "Restored: Monthly report" in screen.announced(), "the announcement of the restored message")
    screen.wait_for_focus(WINDOW, "Monthly report", Role.LIST_ITEM)
    screen.press("ctrl+z")
    wait_until(lambda: rows(screen) == ["Your Acme code", "Confirm your address", "Monthly report"], "all rows again")
    assert "Undo" not in screen.texts(WINDOW)
    assert len(server.rows()) == 3


def test_letter_keys_work_on_a_cyrillic_keyboard(place: Place) -> None:
    screen, _, server = place
    wait_until(lambda: NEWEST in screen.texts(WINDOW), "the row with its code")
    screen.run("setxkbmap", "ru,us")
    screen.press(KEY_OF_U)
    wait_until(lambda: read(server)["Your Acme code"], "the message marked read")
    screen.press(KEY_OF_C)
    screen.wait_for(WINDOW, f"Copied {SPELLED}")


def test_a_problem_is_announced_to_screen_readers_once(place: Place) -> None:
    screen, program, server = place
    server.stop()
    program.wait_for_server(state="disconnected")
    gone = f"127.0.0.1:{server.http_port}: nothing is listening there"
    wait_until(lambda: any(gone in text for text in screen.announced()), "the announcement of the banner")
    screen.press("u")
    wait_until(
        lambda: any(text.startswith("Could not mark as read") for text in screen.announced()), "what could not be done"
    )
    assert len([text for text in screen.announced() if text.startswith(gone)]) == 1


def test_typed_text_is_searched_and_escape_leaves_the_search(place: Place) -> None:
    screen, program, _ = place
    screen.press("slash")
    screen.wait_for_focus(WINDOW, "Search", Role.TEXT)
    screen.type("BOB@")
    wait_until(lambda: rows(screen) == ["Monthly report"], "the matching row")
    wait_until(lambda: "1 message" in screen.announced(), "the announcement of the number of matches")
    screen.press("Return")
    wait_until(lambda: any(page.endswith("/search?q=BOB%40") for page in pages(program)), "Mailpit's search page")
    screen.type("zzz")
    screen.wait_for(WINDOW, "Nothing found", "Search in Mailpit", "Show all messages")
    screen.press("Escape")
    wait_until(lambda: len(rows(screen)) == 3, "all rows again")
    screen.wait_for_focus(WINDOW, "Search", Role.TEXT)
    screen.press("Escape")
    screen.wait_for_focus(WINDOW, "", Role.LIST_ITEM)
    screen.press("ctrl+f")
    screen.wait_for_focus(WINDOW, "Search", Role.TEXT)
    screen.type(CODE)
    wait_until(lambda: rows(screen) == ["Your Acme code"], "the row with the code")
    screen.press("Escape", "Down", "Escape")
    wait_until(lambda: not program.windows(), "a closed window")


def test_the_menu_has_all_actions_and_a_message_is_saved_from_it(place: Place, tmp_path: Path) -> None:
    screen, _, server = place

    def menu() -> list[str]:
        screen.press(f"shift+{F10}")
        names = wait_until(lambda: [one.name for one in screen.menu()], "the menu")
        screen.press("Escape")
        wait_until(lambda: not screen.menu(), "a closed menu")
        return list(names)

    entries = ["Open", "Quick look", f"Copy code {SPELLED}", "Copy address ann@example.test"]
    entries += ["Copy URL of this message", "Save as .eml…", "Mark as read", "Delete"]
    wait_until(lambda: menu() == entries, "the menu without link and HTML, when the source has been read")
    screen.press("Menu", *["Down"] * 3, "Return")
    screen.wait_for(WINDOW, "Copied ann@example.test")
    screen.press("Menu", *["Down"] * 4, "Return")
    newest = server.rows()[0]["ID"]
    wait_until(lambda: screen.clipboard() == f"{server.url}view/{newest}", "the address of the page")
    screen.press("Menu", *["Down"] * 5, "Return")
    screen.wait_for_focus("Save message", "", Role.TEXT)
    screen.press("ctrl+a")
    screen.type(f"{tmp_path}/mine.eml")
    screen.press("Return")
    screen.wait_for(WINDOW, "Saved mine.eml")
    assert (tmp_path / "mine.eml").read_bytes() == server.rest("GET", f"api/v1/message/{newest}/raw")[2]


def test_tab_reaches_all_controls_and_each_has_a_name(place: Place) -> None:
    screen, program, server = place
    unnamed = [one for one in screen.tree(WINDOW) if not one.name and one.role not in {Role.FILLER, Role.LAYERED_PANE}]
    assert unnamed == []
    seen = [screen.step().name for _ in range(5)]
    names = ["Mark all as read", "Search", "Unread only", "More"]
    assert [name for name in seen if name in names] == names
    screen.press("ctrl+f", "Tab", "space")
    server.rest("PUT", "api/v1/messages", {"IDs": [server.rows()[0]["ID"]], "Read": True})
    wait_until(lambda: rows(screen) == ["Confirm your address", "Monthly report"], "unread messages only")
    screen.press("Tab", "space")
    entries = ["Open Mailpit", "Pause notifications", "Settings…", "Quit"]
    wait_until(lambda: [one.name for one in screen.menu()] == entries, "the menu")
    screen.press("Return")
    wait_until(lambda: server.url in pages(program), "Mailpit in the browser")


CLOCK = """
import sys
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from mailpit_notifier.ui.timing import Timing
from mailpit_notifier.ui.window import list_model, window
class Clock(datetime):
    @classmethod
    def now(cls, zone=None):
        return datetime.now(zone) + timedelta(minutes=int(Path({path!r}).read_text()))
list_model.datetime = Clock
window.RecentWindow = partial(window.RecentWindow, timing=Timing(ages=200))
from mailpit_notifier.main import main
sys.exit(main())
"""
"""Runs the program with a clock that a file sets forward, in minutes, and with frequent updates of the ages."""


class Shops(NamedTuple):
    """Two servers, the second without messages, and the file of the clock."""

    screen: Screen
    shop: StandIn
    blog: StandIn
    minutes: Path


@pytest.fixture
def shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shops]:
    folder = tmp_path_factory.mktemp("a")
    with StandIn() as shop, StandIn() as blog, accessible.desktop(folder) as (screen, program):
        shop.send("Monthly report", "bob@example.test")
        shop.send("Your Acme code", text=f"Use {CODE} to sign in.", attachments=[("terms.txt", b"none")])
        path, minutes = folder / "config.toml", folder / "minutes"
        named = {"shop": shop, "blog": blog}.items()
        path.write_text("".join(f'[[server]]\nurl = "{server.url}"\nname = "{name}"\n' for name, server in named))
        minutes.write_text("0")
        program.by = sys.executable, "-c", CLOCK.format(path=str(minutes))
        program.launch("--config", str(path), "--hidden")
        wait_until(lambda: (program.status() or {}).get("servers"), "the servers")
        program.wait_for_server(state="connected", total=2)
        program.command("show")
        wait_until(lambda: len(rows(screen)) == 2, "the rows")
        screen.take_search(WINDOW)
        screen.press("Escape")
        screen.wait_for_focus(WINDOW, "Your Acme code", Role.LIST_ITEM)
        screen.wait_for(WINDOW, "2 of 2 connected · 2 unread of 2")
        yield Shops(screen, shop, blog, minutes)


def row_events(screen: Screen) -> list[str]:
    """Return the events about rows that a screen reader received since the last call."""
    return [event for event, role, _ in screen.heard() if role in {Role.LIST, Role.LIST_ITEM}]


def test_a_row_has_an_accessible_text_whose_age_changes_without_an_announcement(shops: Shops) -> None:
    screen, shop, _, minutes = shops
    row = "Your Acme code, to ann@example.test, from Acme, code 4 8 2 9 1 3, shop, {}, unread, 1 attachment"
    wait_until(lambda: row.format("just now") in screen.texts(WINDOW), "the row")
    screen.listen()
    minutes.write_text("5")
    wait_until(lambda: row.format("5 minutes ago") in screen.texts(WINDOW), "the age of the message")
    assert row_events(screen) == []
    newest = shop.send("Goodbye")
    wait_until(lambda: rows(screen)[:1] == ["Goodbye"], "the newest row first")
    assert row_events(screen) == ["object:row-inserted"]
    shop.rest("DELETE", "api/v1/messages", {"IDs": [newest]})
    wait_until(lambda: rows(screen)[:1] == ["Your Acme code"], "the list without the deleted row")
    assert row_events(screen) == ["object:row-deleted"]


def test_a_server_is_selected_and_marked_as_read_a_deletion_undone_and_more_loaded(shops: Shops) -> None:
    screen, shop, blog, _ = shops
    blog.burst(203)
    screen.wait_for(WINDOW, "2 of 2 connected · 205 unread of 205")
    screen.press("ctrl+f")
    screen.wait_for_focus(WINDOW, "Search", Role.TEXT)
    assert screen.go("Servers shown").value == "All servers"
    screen.press("Down")
    wait_until(lambda: rows(screen) == ["Your Acme code", "Monthly report"], "the messages of one server")
    screen.go("Mark all as read")
    screen.press("Return")
    asked = screen.wait_for_focus(WINDOW, "Mark as read", Role.PUSH_BUTTON)
    assert asked.description == "Mark 2 messages in shop as read?"
    screen.press("Return")
    wait_until(lambda: all(read(shop).values()), "all read")
    assert blog.get("messages?limit=1")["unread"] == 203

    screen.wait_for_focus(WINDOW, "Your Acme code", Role.LIST_ITEM)
    screen.press("Delete")
    wait_until(lambda: rows(screen) == ["Monthly report"], "the list without the deleted row")
    assert screen.go("Undo").description == "Deleted: Your Acme code"
    screen.press("space")
    wait_until(lambda: rows(screen) == ["Your Acme code", "Monthly report"], "both rows again")
    screen.wait_for_focus(WINDOW, "", Role.LIST_ITEM)

    screen.press("ctrl+f")
    screen.wait_for_focus(WINDOW, "Search", Role.TEXT)
    assert screen.go("Servers shown").value == "shop"
    screen.press("Up")
    screen.wait_for(WINDOW, "2 of 2 connected · 203 unread of 205")
    screen.press("Shift+Tab", "Down")
    screen.wait_for_focus(WINDOW, "", Role.LIST_ITEM)
    more = screen.go("Load more (3 older messages)")
    assert more.name in screen.texts(WINDOW)
    screen.press("space")
    assert [one.name for one in wait_until(screen.reached, "the list again")] == [WINDOW]
    screen.press("Home", "End")
    screen.wait_for_focus(WINDOW, "Monthly report", Role.LIST_ITEM)


OTHER = "from PySide6.QtWidgets import *; a = QApplication([]); w = QLabel('other'); w.show(); print('shown'); a.exec()"
"""Another program's window, which takes the focus."""


def test_it_stays_on_top_and_hides_on_focus_loss_while_the_settings_ask_for_it(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with StandIn() as server, accessible.desktop(tmp_path_factory.mktemp("a")) as (screen, program):
        path = program.folder / "config.toml"
        plain = f'[[server]]\nurl = "{server.url}"\n'
        path.write_text(f"[window]\nhide_on_focus_loss = true\nstay_on_top = true\n{plain}")
        program.start("--config", str(path), "--hidden")
        program.command("show")
        (window,) = wait_until(program.windows, "the window")
        wait_until(lambda: "ABOVE" in screen.run("xprop", "-id", window, "_NET_WM_STATE"), "a window above others")
        other = {**screen.environment, "QT_QPA_PLATFORM": "xcb"}
        with accessible.running(other, sys.executable, "-uc", OTHER, ready="shown"):
            wait_until(lambda: not program.windows(), "a window gone with the focus")
            program.command("show")
            (window,) = wait_until(program.windows, "the window again")
            wait_until(lambda: "ABOVE" in screen.run("xprop", "-id", window, "_NET_WM_STATE"), "above others again")
            path.write_text(plain)
            wait_until(
                lambda: "ABOVE" not in screen.run("xprop", "-id", window, "_NET_WM_STATE"),
                "a window that is not above others",
            )
            assert program.windows() == [window]


LONG = "Hello Ann,\n\nyour order is on its way.\n"
HTML = '<p>Hello</p><a href="https://shop.acme.test/o/1?token=abcdef">View order</a> <a href="https://acme.test/help">Help</a>'


def quick_look_text(screen: Screen) -> str:
    """Return the accessible text of the message in the quick look, which has the focus; "" without one."""
    one = screen.focused(WINDOW)
    return one.name if one and one.role == Role.LABEL else ""


def test_a_quick_look_shows_a_message_that_stays_unread_and_follows_the_rows(place: Place) -> None:
    screen, program, server = place
    order = EmailMessage()
    order["From"], order["To"], order["Cc"] = "Acme Shop <shop@acme.test>", "ann@example.test", "bob@example.test"
    order["Subject"] = "Your order"
    order.set_content(LONG)
    order.add_alternative(HTML, subtype="html")
    order.add_attachment(b"x" * 12_345, maintype="application", subtype="pdf", filename="Invoice.pdf")
    server.send_source(order.as_bytes())
    wait_until(lambda: rows(screen)[:1] == ["Your order"], "the message with an attachment")
    screen.press("Home", "space")
    text = wait_until(
        lambda: quick_look_text(screen) if "on its way" in quick_look_text(screen) else "", "the whole message"
    )
    assert text.splitlines()[0] == "Your order"
    for part in ("From Acme Shop <shop@acme.test>", "To ann@example.test", "Cc bob@example.test", "Size 18 kB"):
        assert part in text.splitlines()
    assert ("Link shop.acme.test" in text, "Invoice.pdf" in text, "12 kB" in text) == (True, True, True)
    names = ["Open link shop.acme.test · View order", "Open link acme.test · Help", "Close quick look (Esc)"]
    assert set(names) <= set(screen.texts(WINDOW))
    assert rows(screen) == []  # behind it
    screen.press("Down")
    wait_until(lambda: quick_look_text(screen).startswith("Your Acme code\n"), "the next message")
    wait_until(lambda: "Code 4 8 2 9 1 3" in quick_look_text(screen), "the code in single digits")
    screen.press("c")
    screen.wait_for(WINDOW, f"Copied {SPELLED}")
    screen.press("Up", "Tab", "Tab")
    assert not any(read(server).values())
    screen.press("space")
    wait_until(lambda: "https://acme.test/help" in pages(program), "the second link in the browser")
    screen.press("Escape")
    screen.wait_for_focus(WINDOW, "Your order", Role.LIST_ITEM)
    screen.press("Right")
    wait_until(lambda: "on its way" in quick_look_text(screen), "the message again")
    screen.press("Return")
    newest = server.rows()[0]["ID"]
    wait_until(lambda: f"{server.url}view/{newest}" in pages(program), "the message in Mailpit")
    screen.press("space")
    screen.wait_for_focus(WINDOW, "Your order", Role.LIST_ITEM)
    screen.press("Menu", "Down", "Down", "Return")
    wait_until(lambda: f"{server.url}view/{newest}.html" in pages(program), "the HTML view")


def test_the_quick_look_copies_the_selected_text_and_hides_content_that_the_settings_hide(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with StandIn() as server, accessible.desktop(tmp_path_factory.mktemp("a")) as (screen, program):
        path = program.folder / "config.toml"
        plain = f'[[server]]\nurl = "{server.url}"\n'
        path.write_text(f"[notifications]\nhide_content = true\n{plain}")
        program.start("--config", str(path), "--hidden")
        program.command("show")
        screen.wait_for_focus(WINDOW, "Send a test message", Role.PUSH_BUTTON)
        server.send("Your Acme code", text=f"Use {CODE} to sign in.\nThank you.")
        screen.wait_for_focus(WINDOW, "Your Acme code", Role.LIST_ITEM)  # and not "Mark all as read"
        screen.press("space")
        wait_until(lambda: "hidden in the settings" in quick_look_text(screen), "the quick look without content")
        assert CODE not in "".join(screen.texts(WINDOW)).replace(" ", "")
        screen.go("Show content")
        screen.press("space")
        wait_until(lambda: "Thank you." in quick_look_text(screen), "the content")
        screen.go("Text of the message")
        screen.press("ctrl+a", "ctrl+c")
        wait_until(lambda: f"Use {CODE} to sign in.\nThank you." in screen.clipboard(), "the selected text")
        assert not any(read(server).values())
        screen.press("Escape")
        screen.wait_for_focus(WINDOW, "Your Acme code", Role.LIST_ITEM)
