"""KDE's clipboard, Klipper, asked over the session bus to take a text.

A connection for each copy: copies are rare, and it takes a few milliseconds. Runs on the loop.
"""

import asyncio

from dbus_fast import Message, MessageFlag, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.errors import AuthError, InvalidAddressError

from .bus import session_bus

NAME, PATH, INTERFACE = "org.kde.klipper", "/klipper", "org.kde.klipper.klipper"

TIMEOUT = 1.0
"""Seconds, connecting included: somebody waits to paste, and there are other ways."""


async def set_klipper(text: str, address: str = "") -> bool:
    """Have Klipper take this text; False where there is none or it did not say so. `address` is that of the bus."""
    bus = None
    try:
        async with asyncio.timeout(TIMEOUT):
            bus = await MessageBus(address or session_bus()).connect()
            reply = await bus.call(_message(text))
    except (OSError, EOFError, AuthError, InvalidAddressError):
        return False
    finally:
        if bus and bus.connected:
            bus.disconnect()
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
    return reply is not None and reply.message_type is MessageType.METHOD_RETURN


def _message(text: str) -> Message:
    return Message(
        NAME, PATH, INTERFACE, "setClipboardContents", flags=MessageFlag.NO_AUTOSTART, signature="s", body=[text]
    )
