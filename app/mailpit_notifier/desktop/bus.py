"""The session bus: connections, and short questions about which services there are, or what one says of itself.

For who asks once: each question has a connection of its own. Whatever goes wrong with a bus is an OSError here. Linux
only; needs no Qt.

Who is there on the session bus: tells when a name gets an owner, and when it loses it.

Qt says nothing of a tray that comes or goes. Apart from the notification service's connection because that one is made
when it is first needed, and again when it was lost, while this one comes before the tray icon. Runs on the loop, and
costs nothing while nothing happens. Only Linux has such a bus; elsewhere nobody ever owns anything.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from mailpit_notifier.runtime.tasks import guarded

if TYPE_CHECKING:
    from dbus_fast.aio import MessageBus

NOTIFICATIONS, NOTIFICATIONS_PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"

TIMEOUT = 2.0
"""Seconds for a bus on this machine, and a service on it, to answer."""

BUS, BUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"


async def activatable_names(address: str | None = None) -> AbstractSet[str] | None:
    """The names that have an owner on the bus (the session's), or would get one when called; None without a bus.

    Raises TimeoutError for a bus that does not answer, of which nothing is known.
    """
    from dbus_fast import Message

    names = set[str]()
    try:
        async with connected(address) as bus:
            for member in ("ListNames", "ListActivatableNames"):
                reply = await bus.call(Message(BUS, BUS_PATH, BUS, member))
                names |= set(reply.body[0]) if reply else set()
    except TimeoutError:
        raise
    except OSError:
        return None
    return names


async def notifications_property(name: str, address: str | None = None) -> Any:
    """A property of the notification service; None where it has none of this name, or does not answer."""
    from dbus_fast import Message, MessageType

    question = Message(
        NOTIFICATIONS,
        NOTIFICATIONS_PATH,
        "org.freedesktop.DBus.Properties",
        "Get",
        signature="ss",
        body=[NOTIFICATIONS, name],
    )
    try:
        async with connected(address) as bus:
            reply = await bus.call(question)
    except OSError:
        return None
    return reply.body[0].value if reply and reply.message_type is MessageType.METHOD_RETURN else None


async def notification_server(address: str | None = None) -> str:
    """Name, vendor and version of who shows notifications; "" where nobody does, or nobody says. It is not started."""
    from dbus_fast import Message, MessageFlag

    flags = MessageFlag.NO_AUTOSTART
    question = Message(NOTIFICATIONS, NOTIFICATIONS_PATH, NOTIFICATIONS, "GetServerInformation", flags=flags)
    try:
        async with connected(address) as bus:
            reply = await bus.call(question)
    except OSError:
        return ""
    return " ".join(map(str, reply.body[:3])) if reply and reply.signature == "ssss" else ""


@asynccontextmanager
async def connected(address: str | None = None, within: float = TIMEOUT) -> "AsyncIterator[MessageBus]":
    """A connection, for so many seconds at most. Raises OSError."""
    from dbus_fast.aio import MessageBus

    with bus_errors():
        async with asyncio.timeout(within):
            bus = await MessageBus(address or session_bus()).connect()
            try:
                yield bus
            finally:
                await disconnect(bus)


async def disconnect(bus: "MessageBus | None") -> None:
    """Let go of a connection, if there still is one."""
    if bus and bus.connected:
        bus.disconnect()
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]


@contextmanager
def bus_errors() -> Iterator[None]:
    """What dbus-fast raises inside for a bus that is not there, or goes, is an OSError."""
    from dbus_fast.errors import DBusFastError

    try:
        yield
    except (EOFError, DBusFastError) as error:
        raise ConnectionError(f"no bus: {type(error).__name__}") from error


def session_bus() -> str:
    """The address of the session bus; where systemd put it when the environment does not say (ssh, cron, tmux)."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "/run/user/" + str(os.getuid()))
    return os.environ.get("DBUS_SESSION_BUS_ADDRESS") or f"unix:path={runtime}/bus"


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
        self._has_owner: bool | None = None
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
                    await self._call(bus, "AddMatch", _RULE.format(self._name))
                    answer = await self._call(bus, "NameHasOwner", self._name)
        except OSError:
            return False
        self._started = True
        # A change that was told meanwhile is as new as the answer, or newer.
        return answer == [True] if self._has_owner is None else self._has_owner

    async def stop(self) -> None:
        """Let go of the bus."""
        await disconnect(self._bus)

    async def _call(self, bus: "MessageBus", member: str, argument: str) -> list[Any]:
        from dbus_fast import Message

        reply = await bus.call(Message(BUS, BUS_PATH, BUS, member, signature="s", body=[argument]))
        return list(reply.body) if reply else []

    def _on_message(self, message: "Message") -> None:
        if (message.sender, message.member) != (BUS, "NameOwnerChanged"):
            return
        self._has_owner = bool(message.body[2])
        if self._started:
            self._changed(self._has_owner)
