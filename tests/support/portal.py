"""A settings portal on a private bus: answers, hangs, and reports changes. Format: org.freedesktop.portal.Settings."""

# ruff: noqa: N802, F722, F821 (D-Bus names and signatures)

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dbus_fast import Message, PropertyAccess, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal

from notification_service import passed_on

NAME, PATH, INTERFACE = (
    "org.freedesktop.portal.Desktop",
    "/org/freedesktop/portal/desktop",
    "org.freedesktop.portal.Settings",
)
APPEARANCE, GNOME, KDE = "org.freedesktop.appearance", "org.gnome.desktop.interface", "org.kde.kdeglobals.General"
DARK, LIGHT = Variant("u", 1), Variant("u", 2)


class Portal(ServiceInterface):
    """The settings of a desktop. `asked` is set by the first question for all settings."""

    def __init__(self) -> None:
        super().__init__(INTERFACE)
        self.values: dict[str, dict[str, Variant]] = {}
        self.asked = asyncio.Event()
        self.answers = asyncio.Event()
        self.answers.set()

    @dbus_method()
    async def ReadAll(self, _namespaces: "as") -> "a{sa{sv}}":
        self.asked.set()
        await self.answers.wait()
        return self.values

    @dbus_method()
    def Read(self, namespace: "s", key: "s") -> "v":
        return Variant("v", self.values.get(namespace, {}).get(key, Variant("u", 0)))

    @dbus_signal()
    def SettingChanged(self, namespace: "s", key: "s", value: "v") -> "ssv":
        return [namespace, key, value]

    @dbus_property(PropertyAccess.READ)
    def version(self) -> "u":
        return 1

    def change(self, namespace: str, key: str, value: Variant) -> None:
        """Change a setting and report it."""
        self.values.setdefault(namespace, {})[key] = value
        self.SettingChanged(namespace, key, value)


@asynccontextmanager
async def on_bus(address: str, portal: Portal) -> AsyncIterator[MessageBus]:
    """Provide the portal for the length of a `with` block."""
    bus = await MessageBus(address).connect()
    try:
        bus.export(PATH, portal)
        await bus.request_name(NAME)
        yield bus
    finally:
        portal.answers.set()
        await passed_on(bus)  # a question without an answer would outlive the bus
        bus.disconnect()
        await bus.wait_for_disconnect()


async def forge(address: str, to: str, namespace: str, key: str, value: Variant) -> None:
    """Send a change of a setting from another program directly to the connection `to`."""
    stranger = await MessageBus(address).connect()
    signal = Message.new_signal(PATH, INTERFACE, "SettingChanged", "ssv", [namespace, key, value])
    signal.destination = to
    await stranger.send(signal)
    await passed_on(stranger)
    stranger.disconnect()
    await stranger.wait_for_disconnect()
