"""Whether the user's screen reader listens to announcements, as AT-SPI's registry reports it. Linux only.

Orca 43 (Debian 12) does not, Orca 48 does. What is sent depends on it (ui/speech.py).

Format: https://gitlab.gnome.org/GNOME/at-spi2-core/-/blob/main/xml/Registry.xml
"""

import asyncio
import logging
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from mailpit_notifier.runtime.tasks import guarded

from .bus import TIMEOUT, bus_errors, connected, disconnect

if TYPE_CHECKING:
    from dbus_fast import Message

log = logging.getLogger(__name__)

_LAUNCHER, _LAUNCHER_PATH = "org.a11y.Bus", "/org/a11y/bus"
_REGISTRY, _REGISTRY_PATH = "org.a11y.atspi.Registry", "/org/a11y/atspi/registry"
_RULE = f"type='signal',interface='{_REGISTRY}',path='{_REGISTRY_PATH}'"


class AnnouncementWatch:
    """Calls `changed` with whether announcements are heard, whenever screen readers start, end or change."""

    def __init__(self, changed: Callable[[bool], None]) -> None:
        self._changed = changed
        self._listeners_changed = asyncio.Event()

    async def follow(self) -> None:
        """Follow the registry until cancelled; return at once where there is no accessibility bus."""
        if not sys.platform.startswith("linux"):
            return
        from dbus_fast import Message
        from dbus_fast.aio import MessageBus

        bus: MessageBus | None = None
        try:
            async with connected() as session:
                reply = await session.call(Message(_LAUNCHER, _LAUNCHER_PATH, _LAUNCHER, "GetAddress"))
            if not reply or reply.signature != "s":
                return
            with bus_errors():
                async with asyncio.timeout(TIMEOUT):
                    bus = await MessageBus(reply.body[0]).connect()
                    bus.add_message_handler(guarded(self._on_message, "The watch of screen readers"))
                    name = "org.freedesktop.DBus"
                    rule = Message(name, "/org/freedesktop/DBus", name, "AddMatch", signature="s", body=[_RULE])
                    await bus.call(rule)
                while True:
                    self._listeners_changed.clear()
                    events = await bus.call(Message(_REGISTRY, _REGISTRY_PATH, _REGISTRY, "GetRegisteredEvents"))
                    if events and events.signature == "a(ss)":
                        self._changed(is_heard([event for _, event in events.body[0]]))
                    await self._listeners_changed.wait()
        except OSError as error:
            log.debug("no accessibility bus: %s", error or type(error).__name__)
        finally:
            await disconnect(bus)

    def _on_message(self, message: "Message") -> None:
        if message.interface == _REGISTRY:
            self._listeners_changed.set()


def is_heard(events: Sequence[str]) -> bool:
    """Return whether one of the listeners of these events gets announcements, or there is no listener at all."""
    parts = [event.lower().rstrip(":").split(":") for event in events]
    return not parts or any(one[0] == "object" and one[1:2] in ([], ["announcement"]) for one in parts)
