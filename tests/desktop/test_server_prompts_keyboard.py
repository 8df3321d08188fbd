"""First start, questions and pauses by keyboard only, observed through the accessibility tree."""

import tomllib
from hashlib import sha256
from pathlib import Path

import pytest
import test_tray_host as tray_host
from test_discovery import SHOP, Programs
from test_first_start import config, start

import accessible
from accessible import Role, Screen
from certificates import der, self_signed, serving
from hostile import Mailpit, hostile
from program import wait_until
from standin import StandIn

pytestmark = [
    pytest.mark.skipif(bool(lacking := accessible.missing()), reason=lacking or "all is there"),
    pytest.mark.timeout(180),  # each read of the tree is a request to another process for each object
]

WINDOW, NOWHERE = "Recent messages", "http://127.0.0.1:10/"


def unnamed(screen: Screen, window: str) -> list[accessible.Seen]:
    parts = {Role.FILLER, Role.LAYERED_PANE, Role.PANEL}
    return [one for one in screen.tree(window) if not one.name and one.role not in parts]


def test_found_servers_are_added_and_ask_for_password_and_certificate(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    certificate = self_signed(tmp_path)
    with (
        StandIn(auth="ann:s3cret") as shop,
        hostile(Mailpit(), tls=serving(certificate)) as safe,
        accessible.desktop(tmp_path_factory.mktemp("q")) as (screen, program),
    ):
        machine = Programs(program.folder / "bin")
        for name in ("docker", "podman"):
            machine.script(name, "exit 1")
        found = [{**SHOP, "mailpit_url": shop.url}, {**SHOP, "name": "safe", "mailpit_url": safe.url()}]
        machine.add("ddev", {"raw": found})
        start(program, NOWHERE)
        program.command("show")
        use = screen.wait_for_focus(WINDOW, "Use these servers", Role.PUSH_BUTTON)
        assert use.description == "Found 2 Mailpit servers\nYou will be notified of new messages."
        assert unnamed(screen, WINDOW) == []
        screen.press("Return")

        screen.wait_for(WINDOW, "shop: Enter password…")
        screen.go("shop: Enter password…")
        screen.press("space")
        screen.wait_for_focus("Password", "User", Role.TEXT)
        assert unnamed(screen, "Password") == []
        screen.type("ann")
        screen.press("Tab")
        screen.wait_for_focus("Password", "Password", Role.PASSWORD_TEXT)
        screen.type("s3cret")
        screen.press("Return")
        program.wait_for_server(name="shop", state="connected")

        wait_until(lambda: screen.focused(WINDOW), "the window again")
        screen.wait_for(WINDOW, "Close")
        screen.go("Close")  # the message that there is no secret store
        screen.press("space")
        screen.wait_for(WINDOW, "View certificate…")
        screen.go("View certificate…")
        screen.press("space")
        screen.wait_for_focus("Certificate", "Cancel", Role.PUSH_BUTTON)
        assert unnamed(screen, "Certificate") == []
        pin = sha256(der(certificate)).hexdigest()
        assert pin in [text.replace(" ", "") for text in screen.texts("Certificate")]
        screen.go("Trust this certificate")
        screen.press("space")
        wait_until(lambda: program.server(1)["state"] == "connected", "the server trusted")
        assert tomllib.loads(config(program).read_text())["server"][1]["fingerprint"] == pin


def test_notifications_are_paused_and_resumed_in_the_tray_menu_and_in_the_window(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    with StandIn() as server, accessible.desktop(tmp_path_factory.mktemp("p")) as (screen, program):
        program.start("--server", server.url)
        icon = wait_until(tray_host.Screen(program.environment["DISPLAY"], tmp_path).docked, "the icon in the panel")
        screen.open_tray_menu(icon)
        screen.go("Pause notifications", "Down")
        screen.press("Right")
        times = ["For 15 minutes", "For 1 hour", "Until tomorrow", "Until I resume"]
        wait_until(lambda: [one.name for one in screen.menu()] == times, "the choices")
        screen.go("Until I resume", "Down")
        screen.press("Return")
        wait_until(lambda: (program.status() or {})["paused_until"], "a pause")
        program.command("show")
        sentence = "Notifications are paused until you resume."
        screen.wait_for(WINDOW, sentence)
        wait_until(lambda: screen.focused(WINDOW), "the keyboard in the window")
        assert screen.go("Resume").description == sentence
        screen.press("space")
        wait_until(lambda: sentence not in screen.texts(WINDOW), "the end of the pause")
        assert (program.status() or {})["paused_until"] is None

        screen.go("More")
        screen.press("space")
        wait_until(screen.menu, "the menu")
        screen.go("Pause notifications", "Down")
        screen.press("Right")
        wait_until(lambda: [one.name for one in screen.menu()] == times, "the choices")
        screen.go("For 1 hour", "Down")
        screen.press("Return")
        wait_until(lambda: (program.status() or {})["paused_until"], "the pause until another time")
        screen.wait_for(WINDOW, "Resume")
        screen.go("More")
        screen.press("space")
        wait_until(screen.menu, "the menu")
        screen.go("Resume notifications", "Down")
        screen.press("Return")
        wait_until(lambda: (program.status() or {})["paused_until"] is None, "the end of the other pause")
