"""A real notification service on a private bus, which records calls and acts as a user does.

`python notification_service.py` provides `org.freedesktop.Notifications` on the bus of DBUS_SESSION_BUS_ADDRESS, prints
each call as a JSON line {"event": MEMBER, ...}, and executes JSON lines {"do": NAME, ...} from stdin, with the
arguments of the method `do_NAME`. `NotificationService` runs it for tests in a separate process, as on a real desktop,
so that signals can be on their way while the program under test is busy. `PrivateBus` is a dbus-daemon without other
services.
"""

# ruff: noqa: A002 (arguments are named as in the orders)

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

from dbus_fast import Message, MessageFlag, MessageType, NameFlag, RequestNameReply
from dbus_fast.aio import MessageBus
from dbus_fast.unpack import unpack_variants

from forked import PIPE, start

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
BUS = "org.freedesktop.DBus"
CAPABILITIES = ("actions", "body", "body-markup", "persistence")
ARGUMENTS = ("app_name", "replaces_id", "app_icon", "summary", "body", "actions", "hints", "expire_timeout")
PATIENCE = 10.0
"""Seconds that a test waits before it fails."""

Event = dict[str, Any]


class Provider:
    """The service, in the process of the script."""

    def __init__(self, capabilities: Sequence[str]) -> None:
        self.capabilities = list(capabilities)
        self.newest = 0
        self.hanging = False
        self.replaces = True
        self.refusal = ""
        self.click: tuple[str, str] | None = None
        self.waiting: list[Message] = []
        self.clients: dict[int, str] = {}
        self.bus: MessageBus

    async def do_start(self) -> None:
        """Take the bus name, with IDs from 1."""
        self.newest = 0
        self.bus = await MessageBus().connect()
        self.bus.add_message_handler(self.answer)
        reply = await self.bus.request_name(NAME, NameFlag.REPLACE_EXISTING | NameFlag.DO_NOT_QUEUE)
        assert reply is RequestNameReply.PRIMARY_OWNER, reply

    async def do_stop(self) -> None:
        """Release the name, as when the process ends."""
        self.bus.disconnect()
        await self.bus.wait_for_disconnect()  # type: ignore[no-untyped-call]

    async def do_restart(self, capabilities: Sequence[str] | None = None) -> None:
        """Let another process take over the name."""
        await self.do_stop()
        self.capabilities = list(self.capabilities if capabilities is None else capabilities)
        await self.do_start()

    async def do_nothing(self) -> None:
        """Answer when everything before is printed."""

    async def do_invoke(self, id: int, action: str = "default", token: str = "") -> None:
        """Click the notification or one of its buttons."""
        self.act(id, action, token)

    async def do_close(self, id: int, reason: int = 2) -> None:
        """Close the notification: 1 expired, 2 dismissed, 3 closed by a call."""
        self.signal("NotificationClosed", "uu", [id, reason])

    async def do_click_at_once(self, action: str = "default", token: str = "") -> None:
        """Act immediately after the answer to each Notify."""
        self.click = (action, token)

    async def do_hang(self, hanging: bool = True) -> None:
        """Stop answering; afterwards, send the missing answers."""
        self.hanging = hanging
        while self.waiting and not hanging:
            self.notify(self.waiting.pop(0))

    async def do_refuse(self, error: str = "org.example.Refused") -> None:
        """Answer each Notify with this error; "" to stop that."""
        self.refusal = error

    async def do_renumber(self) -> None:
        """Forget all notifications: replacing one gives it the next ID, as with services that keep no history."""
        self.replaces = False

    async def do_number(self, newest: int) -> None:
        """Continue the IDs after this one."""
        self.newest = newest

    async def do_forge(self, id: int, action: str = "default") -> None:
        """Send the signal of a click from another program to the client."""
        stranger = await MessageBus().connect()
        signal = Message.new_signal(PATH, NAME, "ActionInvoked", "us", [id, action])
        signal.destination = self.clients[id]
        await stranger.send(signal)
        await passed_on(stranger)
        stranger.disconnect()
        await stranger.wait_for_disconnect()  # type: ignore[no-untyped-call]

    def answer(self, call: Message) -> bool:
        """Record and answer a method call."""
        if call.message_type is not MessageType.METHOD_CALL or call.interface != NAME:
            return False
        event: Event = {"event": call.member, "sender": call.sender}
        if call.member == "Notify":
            event |= dict(zip(ARGUMENTS, unpack_variants(call.body), strict=True))
            event["id"] = self.id_for(call)
        elif call.member == "CloseNotification":
            event["id"] = call.body[0]
        tell(event)
        if self.hanging:
            self.waiting.append(call)
        elif call.member == "Notify":
            self.notify(call)
        elif call.member == "GetCapabilities":
            self.reply(call, "as", [self.capabilities])
        elif call.member == "CloseNotification":
            self.reply(call, "", [])
            self.signal("NotificationClosed", "uu", [call.body[0], 3])
        else:
            self.reply(call, "ssss", ["recorder", "tests", "1", "1.2"])
        return True

    def notify(self, call: Message) -> None:
        if call.member != "Notify":
            return
        if self.refusal:
            self.bus.send(Message.new_error(call, self.refusal, "no"))
            return
        shown = self.id_for(call)
        self.newest = max(self.newest, shown)
        self.clients[shown] = call.sender
        self.reply(call, "u", [shown])
        if self.click:
            self.act(shown, *self.click)

    def id_for(self, call: Message) -> int:
        return int(call.body[1]) if call.body[1] and self.replaces else self.newest + 1

    def act(self, shown: int, action: str, token: str) -> None:
        if token:
            self.signal("ActivationToken", "us", [shown, token])
        self.signal("ActionInvoked", "us", [shown, action])

    def reply(self, call: Message, signature: str, body: list[Any]) -> None:
        if not call.flags & MessageFlag.NO_REPLY_EXPECTED:
            self.bus.send(Message.new_method_return(call, signature, body))

    def signal(self, member: str, signature: str, body: list[Any]) -> None:
        self.bus.send(Message.new_signal(PATH, NAME, member, signature, body))

    async def obey(self, line: str) -> None:
        order = json.loads(line)
        name = order.pop("do")
        await getattr(self, f"do_{name}")(**order)
        if self.bus.connected:
            await passed_on(self.bus)
        tell({"event": "done", "what": name})


async def passed_on(bus: MessageBus) -> None:
    """Return when the bus has delivered everything sent: it works in order."""
    await bus.call(Message(BUS, "/org/freedesktop/DBus", BUS, "GetId"))


def tell(event: Event) -> None:
    print(json.dumps(event, default=bytes.hex), flush=True)


async def provide(capabilities: Sequence[str], *, obeying: bool) -> None:
    provider = Provider(capabilities)
    await provider.obey('{"do": "start"}')
    if not obeying:
        with suppress(EOFError):
            await provider.bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
        return
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while line := await orders.readline():
        await provider.obey(line.decode())


class NotificationService(AbstractContextManager["NotificationService"]):
    """Runs the script and lets a test wait for what it records. Methods may be called on any thread.

    `events`: all that were read so far. Waiting blocks the calling thread; on a loop use `until`.
    """

    def __init__(self, address: str, capabilities: Sequence[str] = CAPABILITIES) -> None:
        self.events: list[Event] = []
        self._changed = threading.Condition()
        environment = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": address}
        self._process = start("notification_service", *capabilities, environment=environment, stdin=PIPE, stdout=PIPE)
        threading.Thread(target=self._read, daemon=True).start()
        self.wait_for(self._done)

    @property
    def notices(self) -> list[Event]:
        """All answered Notify calls so far."""
        self.do("nothing")
        return self.named("Notify")

    def named(self, event: str) -> list[Event]:
        """Return the events of this name so far, for use in a condition."""
        return [one for one in self.events if one["event"] == event]

    def wait_for(self, condition: Callable[[], Any], timeout: float = PATIENCE) -> None:
        """Wait until the condition is true; checked after each event."""
        with self._changed:
            assert self._changed.wait_for(condition, timeout), f"not within {timeout} s; events: {self.events[-5:]}"

    async def until(self, condition: Callable[[], Any], timeout: float = PATIENCE) -> None:
        """The same without blocking the running loop."""
        await asyncio.get_running_loop().run_in_executor(None, self.wait_for, condition, timeout)

    def do(self, name: str, **arguments: Any) -> None:
        """Execute an order of `Provider`, and wait until the bus has delivered its signals."""
        before = self._done()
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"do": name, **arguments}) + "\n")
        self._process.stdin.flush()
        self.wait_for(lambda: self._done() > before)

    def __exit__(self, *_: object) -> None:
        """End the process."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(PATIENCE)

    def _done(self) -> int:
        return len(self.named("done"))

    def _read(self) -> None:
        assert self._process.stdout
        with self._process.stdout as lines:
            for line in lines:
                with self._changed:
                    self.events.append(json.loads(line))
                    self._changed.notify_all()


CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={folder}/bus</listen><auth>EXTERNAL</auth>
<servicedir>{folder}</servicedir><policy context="default"><allow send_destination="*" eavesdrop="true"/>
<allow receive_sender="*"/><allow own="*"/></policy></busconfig>
"""

ACTIVATION = f"[D-BUS Service]\nName={NAME}\nExec={sys.executable} {__file__} --activated\n"


class PrivateBus:
    """A private dbus-daemon with its socket in `folder`. Activates services only on request."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._config = folder / "bus.conf"
        self._config.write_text(CONFIG.format(folder=folder))
        self.address = f"unix:path={folder}/bus"
        self.start()

    def start(self) -> None:
        """Start the daemon and wait until it listens."""
        command = ["dbus-daemon", f"--config-file={self._config}", "--nofork", "--print-address", "--nopidfile"]
        with (self._folder / "bus.log").open("w+") as log:  # it warns about limits even without a problem
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
            assert self._process.stdout
            assert self._process.stdout.readline(), log.read()

    def kill(self) -> None:
        """Kill the daemon."""
        self._process.kill()
        self._process.communicate(timeout=PATIENCE)
        (self._folder / "bus").unlink(missing_ok=True)

    def start_service_on_demand(self) -> None:
        """After the next start, the bus activates the recording service when it is called."""
        self.add_service("notifications", ACTIVATION)

    def add_service(self, name: str, text: str) -> None:
        """Let the bus activate a service, after its next start or ReloadConfig."""
        (self._folder / f"{name}.service").write_text(text)


@contextmanager
def private_bus(folder: Path) -> Iterator[PrivateBus]:
    """Run a bus for a test. `folder` needs a short path: socket names have at most 107 bytes."""
    bus = PrivateBus(folder)
    try:
        yield bus
    finally:
        bus.kill()


def main() -> None:
    """Run the service. If the bus activated it, there are no orders."""
    activated = "--activated" in sys.argv
    asyncio.run(provide(CAPABILITIES if activated else sys.argv[1:], obeying=not activated))


if __name__ == "__main__":
    main()
