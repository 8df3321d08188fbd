"""KDE's clipboard, Klipper, asked over the session bus to take a text.

A connection for each copy: copies are rare, and it takes a few milliseconds. Runs on the loop.
"""

from dbus_fast import Message, MessageFlag, MessageType

from .bus import connected

NAME, PATH, INTERFACE = "org.kde.klipper", "/klipper", "org.kde.klipper.klipper"

TIMEOUT = 1.0
"""Seconds, connecting included: somebody waits to paste, and there are other ways."""


async def set_klipper(text: str, address: str = "") -> bool:
    """Have Klipper take this text; False where there is none or it did not say so. `address` is that of the bus."""
    try:
        async with connected(address, TIMEOUT) as bus:
            reply = await bus.call(_message(text))
    except OSError:
        return False
    return reply is not None and reply.message_type is MessageType.METHOD_RETURN


def _message(text: str) -> Message:
    return Message(
        NAME, PATH, INTERFACE, "setClipboardContents", flags=MessageFlag.NO_AUTOSTART, signature="s", body=[text]
    )
