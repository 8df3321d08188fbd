"""A recording desktop: notification service and StatusNotifierWatcher on a private bus.

`python desktop.py` provides both, and prints a line per call: its name, the monotonic clock in seconds, and a text. It
is a separate process, as on a real desktop, and answers before it prints. `Desktop` runs it for a benchmark.
"""

import asyncio
import os
import subprocess
import sys
import threading
from contextlib import AbstractContextManager, suppress
from time import monotonic
from typing import Any

from dbus_fast import Message, MessageFlag, MessageType, PropertyAccess
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusBool, DBusStr
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

NOTIFICATIONS = "org.freedesktop.Notifications"
WATCHER = "org.kde.StatusNotifierWatcher"


class Watcher(ServiceInterface):
    """A tray. Like a panel it asks for the image, which needs a running loop to answer."""

    def __init__(self, bus: MessageBus) -> None:
        super().__init__(WATCHER)
        self._bus = bus
        self._asking: set[asyncio.Task[None]] = set()

    @dbus_method()
    def RegisterStatusNotifierItem(self, service: DBusStr) -> None:  # noqa: N802 D-Bus's name
        """Record a new icon."""
        note("tray", monotonic(), service)
        self._asking.add(asyncio.create_task(self._ask(service)))

    async def _ask(self, service: str) -> None:
        of_what = ["org.kde.StatusNotifierItem"]
        properties = "org.freedesktop.DBus.Properties"
        await self._bus.call(Message(service, "/StatusNotifierItem", properties, "GetAll", signature="s", body=of_what))
        note("picture", monotonic(), service)

    @dbus_property(access=PropertyAccess.READ)
    def IsStatusNotifierHostRegistered(self) -> DBusBool:  # noqa: N802 D-Bus's name
        """Without a host Qt would not register."""
        return True


class Notifications:
    """Answers Notify with the next ID."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus
        self._newest = 0

    def answer(self, call: Message) -> bool:
        """Handle a message of the bus; return False for other messages."""
        came = monotonic()
        if call.message_type is not MessageType.METHOD_CALL or call.interface != NOTIFICATIONS:
            return False
        if call.member == "Notify":
            self._newest += 1
            self._reply(call, "u", call.body[1] or self._newest)
            note("notify", came, call.body[3])
        elif call.member == "GetCapabilities":
            self._reply(call, "as", ["actions", "body", "body-markup"])
        elif call.member == "GetServerInformation":
            self._reply(call, "ssss", "bench", "tests", "1", "1.2")
        else:
            self._reply(call, "")
        return True

    def _reply(self, call: Message, signature: str, *body: Any) -> None:
        if not call.flags & MessageFlag.NO_REPLY_EXPECTED:
            self._bus.send(Message.new_method_return(call, signature, list(body)))


def note(what: str, came: float, text: str) -> None:
    """Print one line at once."""
    os.write(1, f"{what}\t{came}\t{text}\n".encode())


async def provide() -> None:
    """Serve until the bus ends."""
    bus = await MessageBus().connect()
    bus.add_message_handler(Notifications(bus).answer)
    bus.export("/StatusNotifierWatcher", Watcher(bus))
    for name in (NOTIFICATIONS, WATCHER):
        await bus.request_name(name)
    note("ready", monotonic(), "")
    with suppress(EOFError):
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]


class Desktop(AbstractContextManager["Desktop"]):
    """Runs the desktop. `notified`, `trays` and `pictures` contain (time, text) of all calls so far."""

    def __init__(self, bus: str) -> None:
        self.notified: list[tuple[float, str]] = []
        self.trays: list[tuple[float, str]] = []
        self.pictures: list[tuple[float, str]] = []
        self._kinds = {"notify": self.notified, "tray": self.trays, "picture": self.pictures}
        env = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": bus}
        self._process = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, env=env, text=True)
        assert self._process.stdout
        assert self._process.stdout.readline().startswith("ready")
        threading.Thread(target=self._read, daemon=True).start()

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout
        with self._process.stdout as lines:
            for line in lines:
                what, when, text = line.rstrip("\n").split("\t", 2)
                self._kinds[what].append((float(when), text))


if __name__ == "__main__":
    asyncio.run(provide())
