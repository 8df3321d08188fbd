"""Who is there on the session bus: tells when a name gets an owner, and when it loses it.

Qt says nothing of a tray that comes or goes. Apart from the notification service's connection because that one is made
when it is first needed, and again when it was lost, while this one comes before the tray icon. Runs on the loop, and
costs nothing while nothing happens. Only Linux has such a bus; elsewhere nobody ever owns anything.
"""

import asyncio
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mailpit_notifier.tasks import guarded

from .bus import BUS, BUS_PATH, bus_errors, hang_up, session_bus

if TYPE_CHECKING:
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

TRAY_HOST = "org.kde.StatusNotifierWatcher"
"""Where StatusNotifier icons register. Qt looks for it when an icon is made, and then never again."""

_RULE = f"type='signal',sender='{BUS}',member='NameOwnerChanged',arg0='{{}}'"

START_TIMEOUT = 2.0
"""Seconds for a bus on this machine to answer. The icon waits for it, and Qt would wait longer."""


class OwnerWatch:
    """Watches one name on the session bus. `changed` is called with whether it has an owner, when that is another."""

    def __init__(self, name: str, changed: Callable[[bool], None]) -> None:
        self._name = name
        self._changed = changed
        self._told: bool | None = None
        self._started = False
        self._bus: MessageBus | None = None

    async def start(self) -> bool:
        """Whether the name has an owner now; False without a bus. Watches until it is stopped or the bus is gone."""
        if not sys.platform.startswith("linux"):
            return False
        from dbus_fast.aio import MessageBus

        try:
            with bus_errors():
                async with asyncio.timeout(START_TIMEOUT):
                    bus = self._bus = await MessageBus(session_bus()).connect()
                    bus.add_message_handler(guarded(self._on_message, f"The watch of {self._name}"))
                    await self._ask(bus, "AddMatch", _RULE.format(self._name))
                    answer = await self._ask(bus, "NameHasOwner", self._name)
        except OSError:
            return False
        self._started = True
        # A change that was told meanwhile is as new as the answer, or newer.
        return answer == [True] if self._told is None else self._told

    async def stop(self) -> None:
        """Let go of the bus."""
        await hang_up(self._bus)

    async def _ask(self, bus: "MessageBus", member: str, argument: str) -> list[Any]:
        from dbus_fast import Message

        reply = await bus.call(Message(BUS, BUS_PATH, BUS, member, signature="s", body=[argument]))
        return list(reply.body) if reply else []

    def _on_message(self, message: "Message") -> None:
        if (message.sender, message.member) != (BUS, "NameOwnerChanged"):
            return
        self._told = bool(message.body[2])
        if self._started:
            self._changed(self._told)
