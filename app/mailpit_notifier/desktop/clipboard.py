"""Putting text on the clipboard for somebody who clicked a notification, not a window of ours.

X11, Windows and macOS take it from any program. A Wayland compositor takes it only from a client that has just had
input: there KDE's Klipper does it, else `wl-copy` (wl-clipboard), else a window of ours asks for a key. Apart from ui/
because it waits for others. Runs on the loop; wl-copy in a thread.

KDE's clipboard, Klipper, asked over the session bus to take a text.

A connection for each copy: copies are rare, and it takes a few milliseconds. Runs on the loop.
"""

import asyncio
import logging
import shutil
import subprocess
from typing import TYPE_CHECKING

from dbus_fast import Message, MessageFlag, MessageType

from mailpit_notifier.runtime.bridge import Worker
from mailpit_notifier.runtime.text import pasted
from mailpit_notifier.ui.clipboard import needs_input, put

from .bus import connected

if TYPE_CHECKING:  # loaded when it is first wanted
    from mailpit_notifier.ui.clipboard import CopyWindow

log = logging.getLogger(__name__)

TIMEOUT = 1.0
"""Seconds for wl-copy, which goes on by itself in the background. Without data-control it waits for a focus that it
may never get.
"""


class Clipboard:
    """`bus` is the address of the session bus ("" for the session's)."""

    def __init__(self, bus: str = "") -> None:
        self._bus = bus
        self._worker = Worker("clipboard")
        self._turn = asyncio.Lock()
        self._window: CopyWindow | None = None

    async def copy(self, text: str, activation_token: str = "") -> bool:
        """Put a text on the clipboard, as one line: True when it is there, False when a window now asks for a key."""
        text = pasted(text)
        if not needs_input():
            put(text)
            return True
        async with self._turn:  # the last one asked for is the one that stays
            if self._window:
                self._window.hide()
            if await self._copy_with_program(text):
                return True
            self._show_window(text, activation_token)
            return False

    async def _copy_with_program(self, text: str) -> bool:

        return await copy_with_klipper(text, self._bus) or await self._worker.call(_wl_copy, text)

    def _show_window(self, text: str, activation_token: str) -> None:
        if self._window is None:
            from mailpit_notifier.ui.clipboard import CopyWindow

            self._window = CopyWindow()
        self._window.ask(text, activation_token)


def _wl_copy(text: str) -> bool:
    program = shutil.which("wl-copy")
    if program is None:
        return False
    # The type is given because wl-copy would guess it; the text is not an argument, which others can read.
    command = [program, "--type", "text/plain"]
    try:
        subprocess.run(  # noqa: S603 - found on the PATH
            command,
            input=text.encode(),
            timeout=TIMEOUT,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as error:
        log.info("wl-copy failed: %s", type(error).__name__)
        return False
    return True


KLIPPER, KLIPPER_PATH, KLIPPER_INTERFACE = "org.kde.klipper", "/klipper", "org.kde.klipper.klipper"

"""Seconds, connecting included: somebody waits to paste, and there are other ways."""


async def copy_with_klipper(text: str, address: str = "") -> bool:
    """Have Klipper take this text; False where there is none or it did not say so. `address` is that of the bus."""
    try:
        async with connected(address, TIMEOUT) as bus:
            reply = await bus.call(_message(text))
    except OSError:
        return False
    return reply is not None and reply.message_type is MessageType.METHOD_RETURN


def _message(text: str) -> Message:
    return Message(
        KLIPPER,
        KLIPPER_PATH,
        KLIPPER_INTERFACE,
        "setClipboardContents",
        flags=MessageFlag.NO_AUTOSTART,
        signature="s",
        body=[text],
    )
