"""High contrast is taken from the desktop while the program runs: here from a portal of the test's own."""

# ruff: noqa: N802, F722, F821 (D-Bus names and signatures)

import asyncio
import shutil
import sys
from pathlib import Path

import pytest
from dbus_fast import PropertyAccess, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal
from PySide6.QtGui import QStyleHints

from mailpit_notifier.ui import theme
from notification_service import private_bus
from program import PATIENCE, Program, virtual_display

APPEARANCE, CONTRAST, SCHEME = "org.freedesktop.appearance", "contrast", "color-scheme"
LIGHT = 2
"""The portal's number for a light scheme."""

LOOKER = """
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from mailpit_notifier.ui import theme
class Looker(QObject):
    def look(self):
        print(theme.current_style().line, flush=True)
app, looker = QApplication([]), Looker()
theme.on_change(looker.look)
looker.look()
app.exec()
"""
"""Tells the colour of the look's lines, again whenever it may be another."""


class Portal(ServiceInterface):
    """The settings of a desktop with light windows. Format: org.freedesktop.portal.Settings."""

    def __init__(self) -> None:
        super().__init__("org.freedesktop.portal.Settings")
        self.asked = asyncio.Event()

    @dbus_method()
    def ReadAll(self, _namespaces: "as") -> "a{sa{sv}}":
        self.asked.set()
        return {APPEARANCE: {CONTRAST: Variant("u", 0), SCHEME: Variant("u", LIGHT)}}

    @dbus_method()
    def Read(self, _namespace: "s", key: "s") -> "v":
        return Variant("v", Variant("u", LIGHT if key == SCHEME else 0))

    @dbus_signal()
    def SettingChanged(self, namespace: "s", key: "s", value: "v") -> "ssv":
        return [namespace, key, value]

    async def tell(self) -> None:
        """Tell of high contrast until it was heard: Qt asks what there is before it listens to what changes."""
        while True:
            self.SettingChanged(APPEARANCE, CONTRAST, Variant("u", 1))
            await asyncio.sleep(0.1)

    @dbus_property(PropertyAccess.READ)
    def version(self) -> "u":
        return 1


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("Xvfb"), reason="portals are Linux'")
@pytest.mark.skipif(not hasattr(QStyleHints, "accessibility"), reason="this Qt does not tell")
async def test_high_contrast_is_followed_while_it_runs(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder: Path = tmp_path_factory.mktemp("p")
    with private_bus(folder) as bus, virtual_display() as display:
        connected = await MessageBus(bus.address).connect()
        connected.export("/org/freedesktop/portal/desktop", portal := Portal())
        await connected.request_name("org.freedesktop.portal.Desktop")
        environment = Program(folder, display=display, bus=bus.address).environment
        environment |= {"XDG_CURRENT_DESKTOP": "GNOME", "QT_QPA_PLATFORM": "xcb"}
        looker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", LOOKER), env=environment, stdout=asyncio.subprocess.PIPE
        )
        assert looker.stdout
        async with asyncio.timeout(PATIENCE):
            assert await looker.stdout.readline() == f"{theme.LIGHT.line}\n".encode()
            await portal.asked.wait()
            telling = asyncio.create_task(portal.tell())
            while await looker.stdout.readline() != f"{theme.WHITE.line}\n".encode():
                pass
            telling.cancel()
        looker.kill()
        await looker.wait()
        connected.disconnect()
