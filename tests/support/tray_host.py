"""A panel with StatusNotifier and no window: shows icons and menus as text, and clicks them as a user does.

`main` owns `org.kde.StatusNotifierWatcher` on the bus of DBUS_SESSION_BUS_ADDRESS and is its host, too.
It learns of changes as real panels do, by the item's and the menu's signals, and asks for nothing on its own: it does
not notice a change without a signal. Each JSON line on stdin, {"do": NAME, ...}, is executed and answered on stdout.
`TrayHost` runs it for tests: another process, as on a desktop.

Formats: https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/ and com.canonical.dbusmenu
"""

# ruff: noqa: N802, F722, F821 (D-Bus names and signatures)

import asyncio
import json
import os
import re
import sys
from collections.abc import Coroutine
from contextlib import AbstractContextManager, suppress
from typing import Any

from dbus_fast import Message, MessageType, PropertyAccess, RequestNameReply, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal
from dbus_fast.unpack import unpack_variants

from forked import PIPE, start

WATCHER, WATCHER_PATH = "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher"
ITEM, ITEM_PATH = "org.kde.StatusNotifierItem", "/StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
BUS, BUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"
PROPERTIES = "org.freedesktop.DBus.Properties"
SEPARATOR = "---"
GONE = {f"{BUS}.Error.{name}" for name in ("NameHasNoOwner", "NoReply", "ServiceUnknown")}
PATIENCE = 10.0


class Watcher(ServiceInterface):
    """The watcher where icons register."""

    def __init__(self, host: "Host") -> None:
        super().__init__(WATCHER)
        self.host = host

    @dbus_method()
    def RegisterStatusNotifierItem(self, service: "s") -> None:
        self.host.start(self.host.add(service))
        self.StatusNotifierItemRegistered(service)

    @dbus_method()
    def RegisterStatusNotifierHost(self, _service: "s") -> None:
        pass

    @dbus_property(PropertyAccess.READ)
    def RegisteredStatusNotifierItems(self) -> "as":
        return list(self.host.items)

    @dbus_property(PropertyAccess.READ)
    def IsStatusNotifierHostRegistered(self) -> "b":
        return True

    @dbus_property(PropertyAccess.READ)
    def ProtocolVersion(self) -> "i":
        return 0

    @dbus_signal()
    def StatusNotifierItemRegistered(self, service: str) -> "s":
        return service

    @dbus_signal()
    def StatusNotifierHostRegistered(self) -> None:
        pass


class Item:
    """An icon with its menu, as far as the host knows them."""

    def __init__(self, service: str, owner: str) -> None:
        self.service, self.owner = service, owner
        self.properties: dict[str, Any] = {}
        self.layout: list[Any] = [0, {}, []]

    @property
    def menu(self) -> str:
        return str(self.properties["Menu"])

    def entries(self) -> list[list[Any]]:
        """Yield all entries, [ID, properties, children], from top to bottom."""
        found, rest = [], list(self.layout[2])
        while rest:
            entry = rest.pop(0)
            found.append(entry)
            rest = entry[2] + rest
        return found

    def patch(self, updated: list[Any], removed: list[Any]) -> None:
        changes, losses = dict(updated), dict(removed)
        for number, properties, _ in self.entries():
            properties.update(changes.get(number, {}))
            for name in losses.get(number, ()):
                properties.pop(name, None)


class GoneError(Exception):
    """The program ended during the call."""


class Host:
    """Watcher and host; the panel in the process of the script."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.bus: MessageBus

    async def do_start(self) -> None:
        """Start the panel, without icons."""
        self.items.clear()
        self.bus = await MessageBus().connect()
        self.bus.add_message_handler(self.hear)
        await self.call(BUS, BUS_PATH, BUS, "AddMatch", "s", ["type='signal'"])
        watcher = Watcher(self)
        self.bus.export(WATCHER_PATH, watcher)
        assert await self.bus.request_name(WATCHER) is RequestNameReply.PRIMARY_OWNER
        watcher.StatusNotifierHostRegistered()

    async def do_stop(self) -> None:
        """Crash the panel."""
        self.bus.disconnect()
        await self.bus.wait_for_disconnect()  # type: ignore[no-untyped-call]

    async def do_icons(self) -> list[dict[str, Any]]:
        """Return the state of the icons."""
        return [look(item) for item in self.items.values() if item.properties]

    async def do_activate(self) -> None:
        """Left-click the icon."""
        await self.call_item("Activate", "ii", [0, 0])

    async def do_click(self, label: str) -> None:
        """Open the menu and choose the entry with this label."""
        (item,) = self.items.values()
        await self.call(item.owner, item.menu, MENU, "AboutToShow", "i", [0])
        await asyncio.gather(*self.tasks)
        await self.choose(item, label)

    async def do_open(self) -> None:
        """Open the menu."""
        (item,) = self.items.values()
        await self.call(item.owner, item.menu, MENU, "AboutToShow", "i", [0])
        await self.tell(item, 0, "opened")
        await asyncio.gather(*self.tasks)

    async def do_choose(self, label: str) -> None:
        """Choose an entry of the open menu. Like Plasma, first report that the menu was closed."""
        (item,) = self.items.values()
        await self.tell(item, 0, "closed")
        await self.choose(item, label)

    async def choose(self, item: Item, label: str) -> None:
        (number,) = [entry[0] for entry in item.entries() if text(entry) == label]
        await self.tell(item, number, "clicked")

    async def tell(self, item: Item, number: int, event: str) -> None:
        await self.call(item.owner, item.menu, MENU, "Event", "isvu", [number, event, Variant("i", 0), 0])

    async def call_item(self, member: str, signature: str, body: list[Any]) -> None:
        (item,) = self.items.values()
        await self.call(item.owner, ITEM_PATH, ITEM, member, signature, body)

    async def add(self, service: str) -> None:
        (owner,) = await self.call(BUS, BUS_PATH, BUS, "GetNameOwner", "s", [service])
        self.items[service] = item = Item(service, owner)  # first: it may change while it is read
        await self.read(item)

    async def read(self, item: Item) -> None:
        (item.properties,) = await self.call(item.owner, ITEM_PATH, PROPERTIES, "GetAll", "s", [ITEM])
        await self.read_menu(item)

    async def read_menu(self, item: Item) -> None:
        _, item.layout = await self.call(item.owner, item.menu, MENU, "GetLayout", "iias", [0, -1, []])

    def hear(self, signal: Message) -> None:
        if signal.message_type is not MessageType.SIGNAL:
            return
        if signal.member == "NameOwnerChanged":
            self.items.pop(signal.body[0], None)
        for item in [item for item in self.items.values() if item.owner == signal.sender]:
            if signal.interface == ITEM:
                self.start(self.read(item))
            elif (signal.interface, signal.member) == (MENU, "LayoutUpdated"):
                self.start(self.read_menu(item))
            elif (signal.interface, signal.member) == (MENU, "ItemsPropertiesUpdated"):
                item.patch(*unpack_variants(signal.body))

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(unless_gone(work))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def call(
        self, service: str, path: str, interface: str, member: str, signature: str = "", body: Any = ()
    ) -> list[Any]:
        reply = await self.bus.call(Message(service, path, interface, member, signature=signature, body=list(body)))
        assert reply, member
        if reply.error_name in GONE:
            raise GoneError(service)
        assert reply.message_type is MessageType.METHOD_RETURN, reply.body
        return unpack_variants(reply.body)

    async def obey(self, line: str) -> None:
        order = json.loads(line)
        answer = await getattr(self, f"do_{order.pop('do')}")(**order)
        print(json.dumps(answer), flush=True)


async def unless_gone(work: Coroutine[Any, Any, None]) -> None:
    with suppress(GoneError):
        await work


def look(item: Item) -> dict[str, Any]:
    properties = item.properties
    return {
        "title": properties.get("Title"),
        "status": properties.get("Status"),
        "tooltip": properties["ToolTip"][2],  # the title, plain text
        "markup": properties["ToolTip"][3],
        "sizes": sorted(pixmap[0] for pixmap in properties.get("IconPixmap", [])),
        "menu": [shown(entry) for entry in item.layout[2] if entry[1].get("visible", True)],
    }


def shown(entry: list[Any]) -> str:
    """Return an entry as shown to users; disabled ones are in parentheses."""
    return text(entry) if entry[1].get("enabled", True) else f"({text(entry)})"


def text(entry: list[Any]) -> str:
    """Return the label: `_` marks the access key, and `__` is a shown underscore."""
    if entry[1].get("type") == "separator":
        return SEPARATOR
    return re.sub("_(.)", r"\1", entry[1].get("label", ""))


def main() -> None:
    """Run the host."""
    asyncio.run(serve())


async def serve() -> None:
    host = Host()
    await host.obey('{"do": "start"}')
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while line := await orders.readline():
        await host.obey(line.decode())


class TrayHost(AbstractContextManager["TrayHost"]):
    """Runs the script for a test. Orders are the methods `do_NAME` of `Host`."""

    def __init__(self, address: str) -> None:
        environment = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": address}
        self._process = start("tray_host", environment=environment, stdin=PIPE, stdout=PIPE)
        self._answer()

    def do(self, name: str, **arguments: Any) -> Any:
        """Send an order and wait for the answer."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"do": name, **arguments}) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def icon(self) -> dict[str, Any]:
        """Return the only icon, {} if there is none."""
        icons = self.do("icons")
        assert len(icons) < 2, icons
        return icons[0] if icons else {}

    def menu(self) -> list[str]:
        """Return the shown entries of its menu, from top to bottom."""
        return list(self.icon().get("menu", []))

    def __exit__(self, *_: object) -> None:
        """End the process."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._process.stdout.close()

    def _answer(self) -> Any:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "the tray host has ended"
        return json.loads(line)
