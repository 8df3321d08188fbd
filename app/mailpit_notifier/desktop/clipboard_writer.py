"""Copies text to the clipboard when the user clicks a notification, so that no window of the program has focus.

X11, Windows and macOS accept it from any program. A Wayland compositor accepts it only from a window with the focus.
There, KDE's Klipper is asked over the session bus, else `wl-copy` (of wl-clipboard) is run, else a small window opens.
On GNOME it copies as soon as it has the focus, elsewhere at a key or click. Runs on the loop; wl-copy in a thread.
"""

import asyncio
import logging
import shutil
import subprocess
from typing import TYPE_CHECKING

from mailpit_notifier.runtime.bridge import Worker
from mailpit_notifier.runtime.text import pasted
from mailpit_notifier.ui.clipboard import focus_is_enough, needs_input, put

from .bus import connected

if TYPE_CHECKING:  # loaded when first used; dbus-fast is installed on Linux only
    from dbus_fast import Message

    from mailpit_notifier.ui.clipboard import CopyWindow

log = logging.getLogger(__name__)


TIMEOUT = 1.0
"""Seconds for Klipper, connecting included, and for wl-copy: the user waits to paste, and there is another way.

wl-copy forks into the background when it is done. On a compositor without data-control it waits for the focus, which it
may never get.
"""

FOCUS_TIMEOUT = 0.5
"""Seconds for the window to get the focus. Added to the other times, it is less than a command waits for its answer."""


class Clipboard:
    """`bus`: address of the session bus, "" for the default. `timeout`: see TIMEOUT."""

    def __init__(self, bus: str = "", timeout: float = TIMEOUT) -> None:
        self._bus = bus
        self._timeout = timeout
        self._worker = Worker("clipboard")
        self._turn = asyncio.Lock()
        self._window: CopyWindow | None = None
        self._copied = asyncio.Event()

    async def copy(self, text: str, activation_token: str = "") -> bool:
        """Copy a text, as one line. Returns False if it is not copied yet: a window waits for the focus or a key."""
        text = pasted(text)
        if not needs_input():
            put(text)
            return True
        async with self._turn:  # one after the other: the last text stays
            if self._window:
                self._window.hide()
            if await self._copy_with_program(text):
                return True
            return await self._copy_with_window(text, activation_token)

    async def _copy_with_program(self, text: str) -> bool:
        if await copy_with_klipper(text, self._bus, self._timeout):
            return True
        return await self._worker.call(_copy_with_wl_copy, text, self._timeout)

    async def _copy_with_window(self, text: str, activation_token: str) -> bool:
        """Open the window; return whether it got the focus at once and copied."""
        if self._window is None:
            from mailpit_notifier.ui.clipboard import CopyWindow

            self._window = CopyWindow()
            self._window.copied.connect(self._on_copied)
        self._copied.clear()
        self._window.ask(text, activation_token)
        if not focus_is_enough():
            return False
        try:
            async with asyncio.timeout(min(self._timeout, FOCUS_TIMEOUT)):
                await self._copied.wait()
        except TimeoutError:
            return False
        return True

    def _on_copied(self) -> None:
        self._copied.set()


def _copy_with_wl_copy(text: str, timeout: float) -> bool:
    program = shutil.which("wl-copy")
    if program is None:
        return False
    # Without --type, wl-copy guesses. The text is not an argument: other users can read those.
    command = [program, "--type", "text/plain"]
    try:
        subprocess.run(  # noqa: S603 - found on the PATH
            command,
            input=text.encode(),
            timeout=timeout,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as error:
        log.info("wl-copy failed: %s", type(error).__name__)
        return False
    return True


KLIPPER, KLIPPER_PATH, KLIPPER_INTERFACE = "org.kde.klipper", "/klipper", "org.kde.klipper.klipper"


async def copy_with_klipper(text: str, address: str = "", within: float = TIMEOUT) -> bool:
    """Copy a text with Klipper; False if it does not run or did not confirm. `address`: the address of the bus."""
    from dbus_fast import MessageType

    try:
        async with connected(address, within) as bus:
            reply = await bus.call(_message(text))
    except OSError:
        return False
    return reply is not None and reply.message_type is MessageType.METHOD_RETURN


def _message(text: str) -> "Message":
    from dbus_fast import Message, MessageFlag

    return Message(
        KLIPPER,
        KLIPPER_PATH,
        KLIPPER_INTERFACE,
        "setClipboardContents",
        flags=MessageFlag.NO_AUTOSTART,
        signature="s",
        body=[text],
    )
