"""The Secret Service over D-Bus, against a stand-in that follows the specification, and one that does not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from dbus_fast import ErrorType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from conditions import until
from mailpit_notifier.desktop.secret_store import (
    ITEM,
    NAME,
    PATH,
    PROMPT,
    NoSecretStoreError,
    SecretService,
    SecretStoreError,
)
from notification_service import PATIENCE, PrivateBus

PROMPT_PATH = "/org/freedesktop/secrets/prompt/p1"
COLLECTION_PATH = "/org/freedesktop/secrets/collection/login"


class SecretProvider:
    """Keeps items by their number. While `locked`, each answer about a secret needs a prompt first."""

    def __init__(self, bus: MessageBus) -> None:
        self.bus = bus
        self.items: dict[int, tuple[dict[str, str], str]] = {}
        self.locked = False
        self.dismisses = False
        self.answers_prompts = True
        self.alias = COLLECTION_PATH
        self.prompted = 0
        self.overrides: dict[str, tuple[str, list[Any]]] = {}
        bus.add_message_handler(self.handle)

    def handle(self, message: Message) -> Message | bool:
        if message.message_type is not MessageType.METHOD_CALL:
            return False
        if message.member in self.overrides:
            return Message.new_method_return(message, *self.overrides[message.member])
        answer = getattr(self, f"on_{message.member}")(message)
        return Message.new_method_return(message, *answer)

    def on_OpenSession(self, message: Message) -> tuple[str, list[Any]]:  # noqa: N802
        assert message.body[0] == "plain"
        return "vo", [Variant("s", ""), PATH + "/session/s1"]

    def on_SearchItems(self, message: Message) -> tuple[str, list[Any]]:  # noqa: N802
        wanted = message.body[0].items()
        found = [f"{COLLECTION_PATH}/{key}" for key, (kept, _) in self.items.items() if wanted <= kept.items()]
        return "aoao", [[], found] if self.locked else [found, []]

    def on_Unlock(self, _: Message) -> tuple[str, list[Any]]:  # noqa: N802
        return "aoo", [[], PROMPT_PATH if self.locked else "/"]

    def on_Prompt(self, _: Message) -> tuple[str, list[Any]]:  # noqa: N802
        self.prompted += 1
        if self.answers_prompts:
            self.complete()
        return "", []

    def on_ReadAlias(self, _: Message) -> tuple[str, list[Any]]:  # noqa: N802
        return "o", [self.alias]

    def on_CreateCollection(self, _: Message) -> tuple[str, list[Any]]:  # noqa: N802
        self.alias = COLLECTION_PATH
        return "oo", ["/", PROMPT_PATH]

    def on_CreateItem(self, message: Message) -> tuple[str, list[Any]]:  # noqa: N802
        properties, secret, _ = message.body
        assert not self.locked
        number = len(self.items)
        self.items[number] = properties[f"{ITEM}.Attributes"].value, bytes(secret[2]).decode()
        return "oo", [f"{COLLECTION_PATH}/{number}", "/"]

    def on_GetSecret(self, message: Message) -> tuple[str, list[Any]]:  # noqa: N802
        assert not self.locked
        return "(oayays)", [[message.body[0], b"", self.items[self.number(message)][1].encode(), "text/plain"]]

    def on_SetSecret(self, message: Message) -> tuple[str, list[Any]]:  # noqa: N802
        number = self.number(message)
        self.items[number] = self.items[number][0], bytes(message.body[0][2]).decode()
        return "", []

    def on_Delete(self, message: Message) -> tuple[str, list[Any]]:  # noqa: N802
        del self.items[self.number(message)]
        return "o", ["/"]

    def complete(self) -> None:
        """Report that the user has answered the prompt."""
        self.locked = self.locked and self.dismisses
        self.bus.send(completed(dismissed=self.dismisses))

    @staticmethod
    def number(message: Message) -> int:
        return int(str(message.path).rpartition("/")[2])


def completed(*, dismissed: bool) -> Message:
    return Message.new_signal(PROMPT_PATH, PROMPT, "Completed", "bv", [dismissed, Variant("s", "")])


@asynccontextmanager
async def provided(bus: PrivateBus) -> AsyncIterator[SecretProvider]:
    connection = await MessageBus(bus.address).connect()
    provider = SecretProvider(connection)
    await connection.request_name(NAME)
    try:
        yield provider
    finally:
        connection.disconnect()
        await connection.wait_for_disconnect()  # type: ignore[no-untyped-call]


async def get(bus: PrivateBus) -> str | None:
    return await asyncio.to_thread(SecretService(bus.address).get_password, "notifier", "ann@shop")


async def save(bus: PrivateBus, password: str) -> None:
    await asyncio.to_thread(SecretService(bus.address).set_password, "notifier", "ann@shop", password)


async def test_a_password_is_saved_replaced_and_deleted(bus: PrivateBus) -> None:
    async with provided(bus) as provider:
        assert await get(bus) is None
        await save(bus, "s3crét")
        assert await get(bus) == "s3crét"
        await save(bus, "another")
        assert await get(bus) == "another"
        attributes = {"service": "notifier", "username": "ann@shop", "application": "Python keyring library"}
        assert provider.items == {0: (attributes, "another")}  # keyring's attributes: it finds the same entry
        await asyncio.to_thread(SecretService(bus.address).delete_password, "notifier", "ann@shop")
        assert provider.items == {}
        assert provider.prompted == 0


async def test_a_locked_store_asks_the_user(bus: PrivateBus) -> None:
    async with provided(bus) as provider:
        await save(bus, "s3cret")
        provider.locked = True
        assert await get(bus) == "s3cret"
        assert provider.prompted == 1
        provider.locked = provider.dismisses = True
        with pytest.raises(SecretStoreError, match="not unlocked"):
            await get(bus)


async def test_a_new_user_gets_a_collection(bus: PrivateBus) -> None:
    async with provided(bus) as provider:
        provider.alias = "/"
        await save(bus, "s3cret")
        assert (provider.prompted, await get(bus)) == (1, "s3cret")


async def test_another_program_cannot_answer_a_prompt(bus: PrivateBus) -> None:
    async with provided(bus) as provider:
        await save(bus, "s3cret")
        provider.locked, provider.answers_prompts = True, False
        waiting = asyncio.create_task(get(bus))
        await until(lambda: provider.prompted)
        other = await MessageBus(bus.address).connect()
        await other.call(Message("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "GetId"))
        other.send(completed(dismissed=True))
        await other.call(Message("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "GetId"))
        other.disconnect()
        provider.complete()
        assert await waiting == "s3cret"


async def test_a_service_that_ends_does_not_leave_a_thread_behind(bus: PrivateBus) -> None:
    async with provided(bus) as provider:
        await save(bus, "s3cret")
        provider.locked, provider.answers_prompts = True, False
        waiting = asyncio.create_task(get(bus))
        await until(lambda: provider.prompted)
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(SecretStoreError):
            await waiting


async def test_without_a_service_or_a_bus_there_is_no_secret_store(bus: PrivateBus) -> None:
    for address in (bus.address, bus.address + "-elsewhere"):
        with pytest.raises(NoSecretStoreError):
            await asyncio.to_thread(SecretService(address).get_password, "notifier", "ann@shop")


@pytest.mark.parametrize(
    ("member", "answer"),
    [
        ("OpenSession", ("s", ["odd"])),
        ("SearchItems", ("as", [["/x"]])),
        ("GetSecret", ("(oayays)", [[PATH, b"", b"\xff\xfe", "text/plain"]])),
        ("GetSecret", ("s", ["s3cret"])),
    ],
)
async def test_an_odd_answer_is_an_error(bus: PrivateBus, member: str, answer: tuple[str, list[Any]]) -> None:
    async with provided(bus) as provider:
        await save(bus, "s3cret")
        provider.overrides[member] = answer
        with pytest.raises((SecretStoreError, UnicodeDecodeError)) as caught:
            await get(bus)
        assert "s3cret" not in str(caught.value)


async def test_a_refusal_is_an_error(bus: PrivateBus) -> None:
    connection = await MessageBus(bus.address).connect()
    connection.add_message_handler(
        lambda message: (
            Message.new_error(message, ErrorType.FAILED, "s3cret")
            if message.message_type is MessageType.METHOD_CALL
            else None
        )
    )
    await connection.request_name(NAME)
    with pytest.raises(SecretStoreError, match=r"OpenSession: org.freedesktop.DBus.Error.Failed\Z"):
        await get(bus)
    connection.disconnect()
