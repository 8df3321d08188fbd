"""The service `org.freedesktop.Notifications` on the session bus: connection, owner, capabilities, calls.

Apart from the notifier because the faults are handled here: no bus, no service, a hung or restarted service, a lost
bus. Replies and signals are handled while they are read: a click may arrive in the same read as the reply with the ID
of its notification, and a task that awaits the reply would run only after both. Everything runs on the loop.

Specification: https://specifications.freedesktop.org/notification/1.3/
"""

import asyncio
import select
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from dbus_fast import Message, MessageFlag, MessageType
from dbus_fast.aio import MessageBus

from mailpit_notifier.desktop.bus import BUS, BUS_PATH, bus_errors, disconnect, session_bus
from mailpit_notifier.desktop.bus import NOTIFICATIONS as NAME
from mailpit_notifier.desktop.bus import NOTIFICATIONS_PATH as PATH
from mailpit_notifier.runtime.bridge import settle
from mailpit_notifier.runtime.tasks import guarded


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTiming:
    """Times in seconds."""

    call: float = 5.0
    """For one call. The bus may have to start the service first; a later notification would be of no use."""

    reconnect: float = 5.0
    """Between two attempts to connect. A lost bus mostly means that the session is ending."""


SERVICE_TIMING = ServiceTiming()

NO_START = MessageFlag.NO_AUTOSTART
NO_REPLY = MessageFlag.NO_REPLY_EXPECTED | NO_START

_RULES = (
    f"type='signal',sender='{BUS}',member='NameOwnerChanged',arg0='{NAME}'",
    f"type='signal',sender='{NAME}',interface='{NAME}',path='{PATH}'",
)


class ServiceError(Exception):
    """The service cannot be reached, or answered with an error. The text is for the log: it has no message content."""


class Capability(Enum):
    """Capabilities of a service that change what is sent to it."""

    ACTIONS = "actions"
    BODY_MARKUP = "body-markup"
    NO_BUTTONS = "x-dunst-stack-tag"
    """dunst and mako: they have actions, but draw no buttons for them."""

    __hash__ = object.__hash__  # Enum's own is slow Python code


SignalHandler = Callable[[str, Sequence[Any]], None]
"""Called with the name and the arguments of a signal of the service."""

ReplyHandler = Callable[[Sequence[Any]], None]
"""Called with the reply of a call, also after the call has timed out."""


class _Bus(MessageBus):
    @property
    def alive(self) -> bool:
        """Whether the bus is still there.

        dbus-fast updates `connected` only when it reads the end of the stream. A write before that leaves a writer on a
        closed descriptor and an exception that is never retrieved; a call after it waits for ever.
        """
        if not self.connected or self._fd is None:
            return False
        hang_up = select.poll()
        hang_up.register(self._fd, 0)
        return not hang_up.poll(0)

    def ask(self, message: Message) -> "asyncio.Future[Message]":
        """Call like `call`, but send the message before this returns: setting up a timeout takes as long as sending."""
        reply: asyncio.Future[Message] = asyncio.get_running_loop().create_future()

        def answer(message: Message | None, error: Exception | None) -> None:
            if error:
                settle(reply.set_exception, reply, error)
            else:
                settle(reply.set_result, reply, message)

        self._call(message, answer)
        return reply


class NotificationService:
    """The notification service, whichever process provides it.

    `renewed` is called when another process provides it, or after a reconnect: all notification IDs are invalid then.
    `address` is the bus, "" for the session bus.
    """

    def __init__(
        self,
        on_signal: SignalHandler,
        renewed: Callable[[], None],
        address: str = "",
        timing: ServiceTiming = SERVICE_TIMING,
    ) -> None:
        self._on_service_signal = on_signal
        self._renewed = renewed
        self._address = address or session_bus()
        self._timing = timing
        self._bus: _Bus | None = None
        self._owner: str | None = None
        self._capabilities: frozenset[Capability] | None = None
        self._answered: dict[int, ReplyHandler] = {}
        self._connecting = asyncio.Lock()
        self._tried = float("-inf")

    async def capabilities(self) -> frozenset[Capability]:
        """Return what the service can do; asked once per service. Connects, and lets the bus start it, if needed."""
        if self._capabilities is None or not self._connected:
            async with self._connecting:
                if not self._connected:
                    await self._connect()
            await self.call("GetCapabilities", answered=self._on_capabilities)
        return self._capabilities or frozenset()

    async def call(
        self,
        member: str,
        signature: str = "",
        body: Sequence[Any] = (),
        *,
        answered: ReplyHandler | None = None,
        flags: MessageFlag = MessageFlag.NONE,
    ) -> None:
        """Call the service and wait for its reply. Raises ServiceError where there is none, or it is an error.

        Call `capabilities` just before, which checks the connection.
        """
        bus = self._bus
        if bus is None:
            raise ServiceError("no connection to the bus")
        message = _message(member, signature, body, flags)
        message.serial = bus.next_serial()
        if answered:
            self._answered[message.serial] = answered
        reply = await self._reply(bus, message)
        if reply.message_type is MessageType.ERROR:
            raise ServiceError(f"{member}: {reply.error_name}")

    async def _reply(self, bus: _Bus, message: Message) -> Message:
        answer = bus.ask(message)
        try:
            async with asyncio.timeout(self._timing.call):
                return await answer
        except TimeoutError:
            raise ServiceError(f"{message.member}: no answer in {self._timing.call:g} s") from None
        except (OSError, EOFError) as error:
            raise ServiceError(f"{message.member}: connection to the bus lost") from error

    async def answers(self) -> None:
        """Wait until the service has answered all earlier calls: replies arrive in order. Raises ServiceError."""
        if not self._connected:
            raise ServiceError("no connection to the bus")
        await self.call("GetServerInformation", flags=NO_START)

    async def flush(self) -> None:
        """Wait until the bus has read all earlier calls, which it passes on in order. Raises ServiceError."""
        bus = self._bus
        if bus is None or not bus.alive:
            raise ServiceError("no connection to the bus")
        await self._reply(bus, Message(BUS, BUS_PATH, BUS, "GetId", serial=bus.next_serial()))

    def post(self, member: str, signature: str, body: Sequence[Any]) -> None:
        """Call the service without waiting for a reply; do nothing while there is no connection."""
        if self._bus and self._bus.alive:
            self._bus.send(_message(member, signature, body, NO_REPLY))

    async def close(self) -> None:
        """Disconnect from the bus. It is not connected again."""
        self._tried = float("inf")
        bus, self._bus = self._bus, None
        await disconnect(bus)

    @property
    def _connected(self) -> bool:
        return self._bus is not None and self._bus.alive

    async def _connect(self) -> None:
        clock = asyncio.get_running_loop().time
        if clock() - self._tried < self._timing.reconnect:
            raise ServiceError("no connection to the bus")
        self._answered.clear()
        self._renew(None)
        try:
            with bus_errors():
                bus = _Bus(self._address)
                async with asyncio.timeout(self._timing.call):
                    await bus.connect()
        except OSError as error:
            raise ServiceError(f"no connection to the bus: {type(error).__name__}") from error
        finally:
            self._tried = clock()
        bus.add_message_handler(guarded(self._on_message, "A signal of the notification service"))
        for rule in _RULES:
            bus.send(_to_bus("AddMatch", rule))
        self._bus = bus

    def _renew(self, owner: str | None) -> None:
        self._owner, self._capabilities = owner, None
        self._renewed()

    def _on_message(self, message: Message) -> None:
        if message.message_type is MessageType.SIGNAL:
            self._on_signal(message)
            return
        answered = self._answered.pop(message.reply_serial, None)
        if answered and message.message_type is MessageType.METHOD_RETURN:
            self._owner = message.sender
            answered(message.body)

    def _on_signal(self, message: Message) -> None:
        if (message.sender, message.member) == (BUS, "NameOwnerChanged"):
            self._renew(message.body[2])
        elif message.sender == self._owner and message.interface == NAME:
            # Any process on the bus can send a signal of this name: only the owner's counts.
            self._on_service_signal(str(message.member), message.body)

    def _on_capabilities(self, body: Sequence[Any]) -> None:
        names = body[0] if body and isinstance(body[0], list) else ()
        self._capabilities = frozenset(capability for capability in Capability if capability.value in names)


def _message(member: str, signature: str, body: Sequence[Any], flags: MessageFlag) -> Message:
    return Message(NAME, PATH, NAME, member, flags=flags, signature=signature, body=list(body))


def _to_bus(member: str, rule: str) -> Message:
    return Message(BUS, BUS_PATH, BUS, member, flags=NO_REPLY, signature="s", body=[rule])
