"""The settings portal on a private bus: it answers, hangs, restarts, or is not there. Also the signal after sleep."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from dbus_fast import Message, Variant
from dbus_fast.aio import MessageBus
from PySide6.QtCore import Qt

from conditions import until
from mailpit_notifier.desktop.appearance import Appearance, AppearanceWatch, gnome_font
from mailpit_notifier.desktop.bus import LOGIND, WakeUp
from notification_service import PrivateBus
from portal import APPEARANCE, DARK, GNOME, LIGHT, NAME, Portal, forge, on_bus
from program import PATIENCE, Program
from standin import StandIn

pytestmark = pytest.mark.usefixtures("qapp")


DAEMON = "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus"


class Watch:
    """A running watch, and what it reports."""

    def __init__(self) -> None:
        self.reports: asyncio.Queue[Appearance] = asyncio.Queue()
        self.watch = AppearanceWatch(self.reports.put_nowait, first_pause=0.0)

    async def next(self) -> Appearance:
        async with asyncio.timeout(PATIENCE):
            return await self.reports.get()


@asynccontextmanager
async def watching() -> AsyncIterator[Watch]:
    one = Watch()
    task = asyncio.create_task(one.watch.follow())
    yield one
    task.cancel()
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture(autouse=True)
def gnome(monkeypatch: pytest.MonkeyPatch, bus: PrivateBus) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "GNOME")
    monkeypatch.setattr("PySide6.QtGui.QGuiApplication.platformName", lambda: "wayland")


async def connection_of(address: str, portal: MessageBus) -> str:
    """Return the name of the connection to the bus that is not the portal's and not the one that asks."""
    asking = await MessageBus(address).connect()
    reply = await asking.call(Message(*DAEMON, "ListNames"))
    own = {asking.unique_name, portal.unique_name}
    asking.disconnect()
    [name] = [name for name in reply.body[0] if name.startswith(":") and name not in own]
    return name


async def test_the_settings_are_read_and_each_change_is_followed(bus: PrivateBus) -> None:
    portal = Portal()
    portal.values = {APPEARANCE: {"color-scheme": LIGHT}, GNOME: {"font-name": Variant("s", "Cantarell 11")}}
    async with on_bus(bus.address, portal), watching() as watch:
        light = Appearance(scheme=Qt.ColorScheme.Light, font=gnome_font("Cantarell 11"))
        assert await watch.next() == light
        portal.change(APPEARANCE, "contrast", Variant("u", 1))
        portal.change(APPEARANCE, "color-scheme", DARK)
        dark = Appearance(scheme=Qt.ColorScheme.Dark, font=light.font)
        assert await watch.next() == dark
        portal.change(GNOME, "text-scaling-factor", Variant("d", 1.25))
        assert await watch.next() == Appearance(scheme=dark.scheme, font=dark.font, text_scale=1.25)
        portal.change(GNOME, "text-scaling-factor", Variant("d", float("nan")))
        assert await watch.next() == dark
        portal.change(GNOME, "font-name", Variant("as", ["Cantarell", "11"]))
        assert await watch.next() == Appearance(scheme=dark.scheme)
        assert watch.reports.empty()


async def test_dark_that_is_switched_off_is_light(bus: PrivateBus) -> None:
    """Without a preference, Qt would stay dark on GNOME and Xfce."""
    portal = Portal()
    portal.values = {APPEARANCE: {"color-scheme": DARK}}
    async with on_bus(bus.address, portal), watching() as watch:
        assert (await watch.next()).scheme is Qt.ColorScheme.Dark
        portal.change(APPEARANCE, "color-scheme", Variant("u", 0))
        assert (await watch.next()).scheme is Qt.ColorScheme.Light


async def test_a_change_while_the_answer_is_on_its_way_counts(bus: PrivateBus) -> None:
    portal = Portal()
    portal.values = {APPEARANCE: {"color-scheme": LIGHT}}
    portal.answers.clear()
    async with on_bus(bus.address, portal), watching() as watch:
        await portal.asked.wait()
        portal.SettingChanged(APPEARANCE, "color-scheme", DARK)
        assert (await watch.next()).scheme is Qt.ColorScheme.Dark  # a portal that hangs can still report changes
        portal.answers.set()
        portal.change(GNOME, "text-scaling-factor", Variant("d", 2.0))
        assert await watch.next() == Appearance(scheme=Qt.ColorScheme.Dark, text_scale=2.0)


async def test_a_portal_that_starts_late_or_again_is_asked(bus: PrivateBus) -> None:
    async with watching() as watch:
        for scheme, value in ((Qt.ColorScheme.Dark, DARK), (Qt.ColorScheme.Light, LIGHT)):
            portal = Portal()
            portal.values = {APPEARANCE: {"color-scheme": value}}
            async with on_bus(bus.address, portal):
                assert (await watch.next()).scheme is scheme


async def test_a_portal_that_ends_is_started_again(bus: PrivateBus, tmp_path: Path) -> None:
    """Else it would report no change before another program needs it."""
    started = tmp_path / "started"
    service = f"[D-BUS Service]\nName={NAME}\nExec=/bin/sh -c 'echo >> {started}'\n"
    portal = Portal()
    portal.values = {APPEARANCE: {"color-scheme": DARK}}
    async with on_bus(bus.address, portal) as connection, watching() as watch:
        assert (await watch.next()).scheme is Qt.ColorScheme.Dark
        bus.add_service("portal", service)
        await connection.call(Message(*DAEMON, "ReloadConfig"))
        await connection.release_name(NAME)
        await until(started.exists)


@pytest.mark.parametrize("backend", ["gtk", "gnome", "kde"])
async def test_settings_are_read_when_a_backend_of_the_portal_starts_or_ends(bus: PrivateBus, backend: str) -> None:
    portal, name = Portal(), f"org.freedesktop.impl.portal.desktop.{backend}"
    portal.values = {APPEARANCE: {"color-scheme": DARK}, GNOME: {"text-scaling-factor": Variant("d", 2.0)}}
    async with on_bus(bus.address, portal), watching() as watch:
        assert await watch.next() == Appearance(scheme=Qt.ColorScheme.Dark, text_scale=2.0)
        other = await MessageBus(bus.address).connect()
        portal.values[APPEARANCE] = {"color-scheme": LIGHT}  # the portal has no backend that would report it
        await other.request_name(name)
        assert await watch.next() == Appearance(scheme=Qt.ColorScheme.Light, text_scale=2.0)
        portal.values = {APPEARANCE: {"color-scheme": DARK}}  # nothing of GNOME: its backend does not answer
        await other.release_name(name)
        assert await watch.next() == Appearance(scheme=Qt.ColorScheme.Dark, text_scale=2.0)
        other.disconnect()
        await other.wait_for_disconnect()


async def test_a_portal_that_answers_nothing_changes_nothing(bus: PrivateBus) -> None:
    portal = Portal()
    portal.values = {APPEARANCE: {"color-scheme": DARK}}
    async with watching() as watch:
        async with on_bus(bus.address, portal):
            assert (await watch.next()).scheme is Qt.ColorScheme.Dark
        portal = Portal()  # started again, its backend not yet
        async with on_bus(bus.address, portal):
            await portal.asked.wait()
            portal.change(GNOME, "text-scaling-factor", Variant("d", 2.0))
            assert await watch.next() == Appearance(scheme=Qt.ColorScheme.Dark, text_scale=2.0)


async def test_changes_that_other_programs_report_are_ignored(bus: PrivateBus) -> None:
    portal = Portal()
    portal.values = {APPEARANCE: {"color-scheme": LIGHT}}
    async with on_bus(bus.address, portal) as connection, watching() as watch:
        assert (await watch.next()).scheme is Qt.ColorScheme.Light
        await forge(bus.address, await connection_of(bus.address, connection), APPEARANCE, "color-scheme", DARK)
        portal.change(GNOME, "text-scaling-factor", Variant("d", 2.0))
        assert await watch.next() == Appearance(scheme=Qt.ColorScheme.Light, text_scale=2.0)


@pytest.mark.parametrize(
    "values",
    [
        {APPEARANCE: {"color-scheme": Variant("s", "dark")}},
        {GNOME: {"text-scaling-factor": Variant("s", "2"), "font-name": Variant("u", 11)}},
        {GNOME: {"text-scaling-factor": Variant("d", 50.0), "font-name": Variant("s", "x" * 10_000)}},
        {GNOME: {"text-scaling-factor": Variant("v", Variant("d", 2.0))}},
        {},
    ],
)
async def test_values_of_another_type_or_size_are_ignored(
    bus: PrivateBus, values: dict[str, dict[str, Variant]]
) -> None:
    portal = Portal()
    portal.values = values
    async with on_bus(bus.address, portal), watching() as watch:
        await portal.asked.wait()
        portal.change(APPEARANCE, "color-scheme", DARK)
        assert await watch.next() == Appearance(scheme=Qt.ColorScheme.Dark)


async def test_without_a_bus_the_watch_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    async with asyncio.timeout(PATIENCE):
        await AppearanceWatch(pytest.fail).follow()


async def test_the_program_starts_and_ends_beside_a_portal_that_hangs(program: Program, bus: PrivateBus) -> None:
    portal = Portal()
    portal.answers.clear()
    with StandIn() as server:
        async with on_bus(bus.address, portal):
            program.environment["XDG_CURRENT_DESKTOP"] = "sway"  # of the GNOME and KDE themes, Qt's own wait for it
            await asyncio.to_thread(program.start, "--hidden", "--server", server.url)
            async with asyncio.timeout(PATIENCE):
                await portal.asked.wait()
            assert await asyncio.to_thread(program.end) == 0


def test_warnings_of_qt_about_what_works_are_not_printed() -> None:
    warnings = [
        'Failed to register with host portal QDBusError("org.freedesktop.portal.Error.Failed", "…")',
        "virtual void QtWaylandClient::QWaylandTextInputv3::disableSurface(wl_surface*) Trying to disable 0x1 but …",
        'QDBusTrayIcon encountered a D-Bus error: QDBusError("org.freedesktop.DBus.Error.ServiceUnknown", "…")',
        "Another warning",
    ]
    code = (
        "import sys; from PySide6.QtCore import qWarning; from mailpit_notifier.desktop.display import watch_end; "
        "watch_end(sys.exit); [qWarning(text) for text in sys.argv[1:]]"
    )
    done = subprocess.run([sys.executable, "-c", code, *warnings], capture_output=True, text=True, check=True)
    assert done.stderr == "Another warning\n"


async def test_waking_up_is_reported_after_sleep_only(monkeypatch: pytest.MonkeyPatch, bus: PrivateBus) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
    woken = asyncio.Queue[None]()
    wake_up = WakeUp(lambda: woken.put_nowait(None))
    await wake_up.start()
    logind = await MessageBus(bus.address).connect()
    await logind.request_name(LOGIND)
    for sleeps in (True, False, False):
        path, interface = "/org/freedesktop/login1", f"{LOGIND}.Manager"
        await logind.send(Message.new_signal(path, interface, "PrepareForSleep", "b", [sleeps]))
    async with asyncio.timeout(PATIENCE):
        await woken.get()
        await woken.get()
    assert woken.empty()
    await wake_up.stop()
    logind.disconnect()
    await logind.wait_for_disconnect()
