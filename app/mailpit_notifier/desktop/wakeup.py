"""Reports when the machine wakes up, by a signal of logind on Linux: connections are dead then without an error.

On other systems, and without logind, the keep-alive of each connection notices it (client/feed.py).
Runs on the loop.
"""

import asyncio
import logging
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from mailpit_notifier.runtime.tasks import guarded

from .bus import BUS, BUS_PATH, TIMEOUT, bus_errors, disconnect

if TYPE_CHECKING:
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

log = logging.getLogger(__name__)

LOGIND = "org.freedesktop.login1"
RULE = f"type='signal',sender='{LOGIND}',interface='{LOGIND}.Manager',member='PrepareForSleep'"


class WakeUp:
    """Calls `woken` each time the machine has woken up (org.freedesktop.login1, PrepareForSleep)."""

    def __init__(self, woken: Callable[[], None]) -> None:
        self._woken = woken
        self._bus: MessageBus | None = None

    async def start(self) -> None:
        """Listen for the signal, if there is a logind."""
        if not sys.platform.startswith("linux"):
            return
        from dbus_fast import BusType, Message
        from dbus_fast.aio import MessageBus

        try:
            with bus_errors():
                async with asyncio.timeout(TIMEOUT):
                    self._bus = bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
                    bus.add_message_handler(guarded(self._on_message, "The wake-up"))
                    await bus.call(Message(BUS, BUS_PATH, BUS, "AddMatch", signature="s", body=[RULE]))
        except OSError as error:
            log.debug("no signal after sleep: %s", error or type(error).__name__)

    async def stop(self) -> None:
        """Disconnect from the bus."""
        await disconnect(self._bus)

    def _on_message(self, message: "Message") -> None:
        # True is sent before the machine sleeps, False after it woke up.
        if message.member == "PrepareForSleep" and message.body == [False]:
            self._woken()
