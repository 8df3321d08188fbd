"""D-Bus: single queries, and watches that report changes. Linux only; needs no Qt.

Each query opens its own connection, because queries are rare. Each watch keeps one: `OwnerWatch` for the owner of a
name, `WakeUp` for the end of sleep, `AnnouncementWatch` for screen readers. `OwnerWatch` connects before the tray icon
is made, because Qt does not report a tray that appears or disappears. So it cannot share the connection of the
notification service, which is opened when first needed and again after it was lost.

All errors of a bus are raised as OSError. Runs on the loop.
"""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from mailpit_notifier.runtime.tasks import guarded

if TYPE_CHECKING:
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

log = logging.getLogger(__name__)

NOTIFICATIONS, NOTIFICATIONS_PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"

TIMEOUT = 2.0
"""Seconds for the bus and a service on it to answer: both are on this machine."""

BUS, BUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"


async def activatable_names(within: float = TIMEOUT) -> AbstractSet[str] | None:
    """Return the names on the session bus that have an owner, or get one when called; None without a bus.

    Raises TimeoutError if the bus does not answer `within` seconds.
    """
    from dbus_fast import Message

    names = set[str]()
    try:
        async with connected(within=within) as bus:
            for member in ("ListNames", "ListActivatableNames"):
                reply = await bus.call(Message(BUS, BUS_PATH, BUS, member))
                names |= set(reply.body[0]) if reply else set()
    except TimeoutError:
        raise
    except OSError:
        return None
    return names


async def ask_notifications(
    interface: str,
    member: str,
    *arguments: str,
    path: str = NOTIFICATIONS_PATH,
    within: float = TIMEOUT,
) -> Sequence[Any] | None:
    """Call a method of the notification service, with texts as arguments; return the answer.

    Return None if the answer is an error, or if there is no service or bus: this does not start the service. Raises
    TimeoutError.
    """
    from dbus_fast import Message, MessageFlag, MessageType

    signature, flags = "s" * len(arguments), MessageFlag.NO_AUTOSTART
    question = Message(NOTIFICATIONS, path, interface, member, flags=flags, signature=signature, body=list(arguments))
    try:
        async with connected(within=within) as bus:
            reply = await bus.call(question)
    except TimeoutError:
        raise
    except OSError:
        return None
    return reply.body if reply and reply.message_type is MessageType.METHOD_RETURN else None


async def notification_server() -> str:
    """Return name, vendor and version of the notification service; "" if none runs or answers, as not on Linux."""
    if not sys.platform.startswith("linux"):
        return ""
    try:
        answer = await ask_notifications(NOTIFICATIONS, "GetServerInformation")
    except TimeoutError:
        return ""
    return " ".join(map(str, answer[:3])) if answer else ""


@asynccontextmanager
async def connected(address: str = "", within: float = TIMEOUT) -> "AsyncIterator[MessageBus]":
    """Connect for the length of a `with` block, which may take at most `within` seconds. Raises OSError."""
    from dbus_fast.aio import MessageBus

    with bus_errors():
        async with asyncio.timeout(within):
            bus = await MessageBus(address or session_bus()).connect()
            try:
                yield bus
            finally:
                await disconnect(bus)


async def disconnect(bus: "MessageBus | None") -> None:
    """Close a connection, if it is open."""
    if bus and bus.connected:
        bus.disconnect()
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]


@contextmanager
def bus_errors() -> Iterator[None]:
    """Convert what dbus-fast raises without a bus, or when it is lost, to OSError."""
    from dbus_fast.errors import DBusFastError

    try:
        yield
    except (EOFError, DBusFastError) as error:
        raise ConnectionError(f"no bus: {type(error).__name__}") from error


async def listen(
    on_message: "Callable[[Message], None]", name: str, *rules: str, address: str = "", is_system: bool = False
) -> "MessageBus":
    """Connect, and pass what matches these rules to `on_message` until the bus is disconnected. Raises OSError.

    `address`: "" for the session bus. `name`: of the watch, for reports of errors.
    """
    from dbus_fast import BusType
    from dbus_fast.aio import MessageBus

    with bus_errors():
        bus = MessageBus(bus_type=BusType.SYSTEM) if is_system else MessageBus(address or session_bus())
        try:
            async with asyncio.timeout(TIMEOUT):
                await bus.connect()
                bus.add_message_handler(guarded(on_message, name))
                for rule in rules:
                    await ask_bus(bus, "AddMatch", rule)
        except BaseException:
            await disconnect(bus)
            raise
    return bus


async def ask_bus(bus: "MessageBus", member: str, argument: str) -> list[Any]:
    """Call a method of the bus itself; return the answer, [] for an error."""
    from dbus_fast import Message, MessageType

    reply = await bus.call(Message(BUS, BUS_PATH, BUS, member, signature="s", body=[argument]))
    return list(reply.body) if reply and reply.message_type is MessageType.METHOD_RETURN else []


def session_bus() -> str:
    """Return the address of the session bus: systemd's default if it is not in the environment (ssh, cron, tmux)."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "/run/user/" + str(os.getuid()))
    return os.environ.get("DBUS_SESSION_BUS_ADDRESS") or f"unix:path={runtime}/bus"


TRAY_HOST = "org.kde.StatusNotifierWatcher"
"""Where StatusNotifier icons register. Qt checks for it when an icon is made, and never again."""

_OWNER_RULE = f"type='signal',sender='{BUS}',member='NameOwnerChanged',arg0='{{}}'"

START_TIMEOUT = 2.0
"""Seconds for the bus to answer. The tray icon waits for it; Qt itself would wait longer."""


class OwnerWatch:
    """Watches a name on the session bus. Calls `changed` when it gets or loses its owner, with whether it has one.

    On other platforms than Linux, there is no such bus, and a name has no owner.
    """

    def __init__(self, name: str, changed: Callable[[bool], None]) -> None:
        self._name = name
        self._changed = changed
        self._has_owner: bool | None = None
        self._started = False
        self._bus: MessageBus | None = None

    async def start(self) -> bool:
        """Start watching; return whether the name has an owner now. False without a bus."""
        if not sys.platform.startswith("linux"):
            return False
        name, rule = f"The watch of {self._name}", _OWNER_RULE.format(self._name)
        try:
            async with asyncio.timeout(START_TIMEOUT):
                self._bus = await listen(self._on_message, name, rule)
                with bus_errors():
                    answer = await ask_bus(self._bus, "NameHasOwner", self._name)
        except OSError:
            return False
        self._started = True
        # A change that was reported meanwhile is as new as the answer, or newer.
        return answer == [True] if self._has_owner is None else self._has_owner

    async def stop(self) -> None:
        """Disconnect from the bus."""
        await disconnect(self._bus)

    def _on_message(self, message: "Message") -> None:
        if (message.sender, message.member) != (BUS, "NameOwnerChanged"):
            return
        self._has_owner = bool(message.body[2])
        if self._started:
            self._changed(self._has_owner)


LOGIND = "org.freedesktop.login1"
_SLEEP_RULE = f"type='signal',sender='{LOGIND}',interface='{LOGIND}.Manager',member='PrepareForSleep'"


class WakeUp:
    """Calls `woken` each time the machine has woken up: connections are dead then without an error.

    It follows a signal of logind (org.freedesktop.login1, PrepareForSleep). On other systems, and without logind, the
    keep-alive of each connection notices it (client/feed.py).
    """

    def __init__(self, woken: Callable[[], None]) -> None:
        self._woken = woken
        self._bus: MessageBus | None = None

    async def start(self) -> None:
        """Listen for the signal, if there is a logind."""
        if not sys.platform.startswith("linux"):
            return
        try:
            self._bus = await listen(self._on_message, "The wake-up", _SLEEP_RULE, is_system=True)
        except OSError as error:
            log.debug("No signal after sleep: %s", error or type(error).__name__)

    async def stop(self) -> None:
        """Disconnect from the bus."""
        await disconnect(self._bus)

    def _on_message(self, message: "Message") -> None:
        # True is sent before the machine sleeps, False after it woke up.
        if message.member == "PrepareForSleep" and message.body == [False]:
            self._woken()


_LAUNCHER, _LAUNCHER_PATH = "org.a11y.Bus", "/org/a11y/bus"
_REGISTRY, _REGISTRY_PATH = "org.a11y.atspi.Registry", "/org/a11y/atspi/registry"
_REGISTRY_RULE = f"type='signal',interface='{_REGISTRY}',path='{_REGISTRY_PATH}'"


class AnnouncementWatch:
    """Calls `changed` with whether announcements are heard, whenever screen readers start, end or change.

    AT-SPI's registry reports it. Orca 43 (Debian 12) does not listen to them, Orca 48 does. What is sent depends on it
    (ui/speech.py). Format: https://gitlab.gnome.org/GNOME/at-spi2-core/-/blob/main/xml/Registry.xml
    """

    def __init__(self, changed: Callable[[bool], None]) -> None:
        self._changed = changed
        self._listeners_changed = asyncio.Event()

    async def follow(self) -> None:
        """Follow the registry until cancelled; return at once where there is no accessibility bus."""
        if not sys.platform.startswith("linux"):
            return
        from dbus_fast import Message

        bus: MessageBus | None = None
        try:
            async with connected() as session:
                reply = await session.call(Message(_LAUNCHER, _LAUNCHER_PATH, _LAUNCHER, "GetAddress"))
            if not reply or reply.signature != "s":
                return
            name = "The watch of screen readers"
            bus = await listen(self._on_message, name, _REGISTRY_RULE, address=reply.body[0])
            with bus_errors():
                while True:
                    self._listeners_changed.clear()
                    events = await bus.call(Message(_REGISTRY, _REGISTRY_PATH, _REGISTRY, "GetRegisteredEvents"))
                    if events and events.signature == "a(ss)":
                        self._changed(is_heard([event for _, event in events.body[0]]))
                    await self._listeners_changed.wait()
        except OSError as error:
            log.debug("No accessibility bus: %s", error or type(error).__name__)
        finally:
            await disconnect(bus)

    def _on_message(self, message: "Message") -> None:
        if message.interface == _REGISTRY:
            self._listeners_changed.set()


def is_heard(events: Sequence[str]) -> bool:
    """Return whether one of the listeners of these events gets announcements, or there is no listener at all."""
    parts = [event.lower().rstrip(":").split(":") for event in events]
    return not parts or any(one[0] == "object" and one[1:2] in ([], ["announcement"]) for one in parts)
