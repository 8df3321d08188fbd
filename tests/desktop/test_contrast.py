"""High contrast follows the desktop while the program runs: here a portal of the test."""

import asyncio
import shutil
import sys
from pathlib import Path

import pytest
from dbus_fast import Variant
from PySide6.QtGui import QStyleHints

from mailpit_notifier.ui import theme
from notification_service import private_bus
from portal import APPEARANCE, LIGHT, Portal, on_bus
from program import PATIENCE, Program, virtual_display

PROBE = """
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from mailpit_notifier.ui import theme
class Probe(QObject):
    def print_line(self):
        print(theme.current_style().line, flush=True)
app, probe = QApplication([]), Probe()
theme.on_change(probe.print_line)
probe.print_line()
app.exec()
"""
"""Prints the color of the lines of the theme, again after each change of the desktop."""


async def send_contrast(portal: Portal) -> None:
    """Send high contrast until Qt has received it: Qt asks for the value before it listens to changes."""
    while True:
        portal.change(APPEARANCE, "contrast", Variant("u", 1))
        await asyncio.sleep(0.1)


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("Xvfb"), reason="portals are Linux'")
@pytest.mark.skipif(not hasattr(QStyleHints, "accessibility"), reason="this Qt does not report the contrast")
async def test_high_contrast_is_followed_while_it_runs(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder: Path = tmp_path_factory.mktemp("p")
    portal = Portal()
    portal.values[APPEARANCE] = {"contrast": Variant("u", 0), "color-scheme": LIGHT}
    with private_bus(folder) as bus, virtual_display() as display:
        async with on_bus(bus.address, portal):
            environment = Program(folder, display=display, bus=bus.address).environment
            environment |= {"XDG_CURRENT_DESKTOP": "GNOME", "QT_QPA_PLATFORM": "xcb"}
            probe = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", PROBE), env=environment, stdout=asyncio.subprocess.PIPE
            )
            assert probe.stdout
            async with asyncio.timeout(PATIENCE):
                assert await probe.stdout.readline() == f"{theme.LIGHT.line}\n".encode()
                await portal.asked.wait()
                sending = asyncio.create_task(send_contrast(portal))
                while await probe.stdout.readline() != f"{theme.WHITE.line}\n".encode():
                    pass
                sending.cancel()
            probe.kill()
            await probe.wait()
