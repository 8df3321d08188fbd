"""The system's secret store: passwords by service and user name.

Windows and macOS: keyring. Linux: the Secret Service (GNOME Keyring, KWallet, KeePassXC) over dbus-fast, which the
program uses anyway. keyring would need the package cryptography, 12 MB, to encrypt passwords on a private socket.
Entries have the attributes that keyring gives them, so passwords that it saved are found.

Specification: https://specifications.freedesktop.org/secret-service/0.2/. All calls block: the user may be asked to
unlock the store, which has no time limit. No text of an error contains a password.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from .bus import BUS, BUS_PATH, TIMEOUT, bus_errors, disconnect, session_bus

if TYPE_CHECKING:
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

NAME, PATH = "org.freedesktop.secrets", "/org/freedesktop/secrets"
SERVICE = "org.freedesktop.Secret.Service"
COLLECTION = "org.freedesktop.Secret.Collection"
ITEM = "org.freedesktop.Secret.Item"
PROMPT = "org.freedesktop.Secret.Prompt"
NOTHING = "/"
"""The object path that means "none": no prompt, no collection."""

APPLICATION = "Python keyring library"
"""What keyring writes into the attribute `application`."""

_T = TypeVar("_T")


class NoSecretStoreError(Exception):
    """This system has no secret store."""


class SecretStoreError(Exception):
    """The secret store refused, or the user did not unlock it."""


class SecretStore(Protocol):
    """Interface of the back ends of keyring and of `SecretService`. All methods block."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return the password; None if there is none."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Save a password. It replaces an earlier one."""

    def delete_password(self, service: str, username: str) -> None:
        """Delete the password."""


def system_store() -> SecretStore:
    """Return the secret store of this system. Raises NoSecretStoreError."""
    try:  # mailpit-wait.pyz does not contain these libraries
        return _secret_service() if sys.platform.startswith("linux") else _keyring()
    except ImportError:
        raise NoSecretStoreError from None


def _secret_service() -> SecretStore:
    import dbus_fast.aio  # noqa: F401 - `SecretService` needs it

    return SecretService()


def _keyring() -> SecretStore:
    import keyring
    from keyring.backends.fail import Keyring as NoKeyring

    store: SecretStore = keyring.get_keyring()
    if isinstance(store, NoKeyring):
        raise NoSecretStoreError
    return store


class SecretService:
    """The Secret Service on the session bus. One connection per call: calls are rare.

    All methods raise NoSecretStoreError without such a service or a session bus, SecretStoreError, and OSError when the
    bus is lost.
    """

    def __init__(self, address: str | None = None) -> None:
        self._address = address

    def get_password(self, service: str, username: str) -> str | None:
        """Return the password; None if there is none."""

        async def get(store: _Connection) -> str | None:
            item = await store.find(service, username)
            return await store.secret(item) if item else None

        return self._run(get)

    def set_password(self, service: str, username: str, password: str) -> None:
        """Save a password. It replaces an earlier one; a new one goes into the default collection."""

        async def save(store: _Connection) -> None:
            if item := await store.find(service, username):
                await store.replace_secret(item, password)
            else:
                await store.create(service, username, password)

        self._run(save)

    def delete_password(self, service: str, username: str) -> None:
        """Delete the password, if there is one."""

        async def delete(store: _Connection) -> None:
            while item := await store.find(service, username):
                await store.delete(item)

        self._run(delete)

    def _run(self, work: "Callable[[_Connection], Awaitable[_T]]") -> _T:
        async def connected() -> _T:
            async with _connected(self._address) as store:
                return await work(store)

        return asyncio.run(connected())


@asynccontextmanager
async def _connected(address: str | None) -> "AsyncIterator[_Connection]":
    from dbus_fast.aio import MessageBus

    with bus_errors():
        try:
            async with asyncio.timeout(TIMEOUT):
                bus = await MessageBus(address or session_bus()).connect()
        except FileNotFoundError:
            raise NoSecretStoreError from None
        try:
            store = _Connection(bus)
            await store.open()
            yield store
        finally:
            await disconnect(bus)


class _Connection:
    def __init__(self, bus: "MessageBus") -> None:
        self._bus = bus
        self._session = NOTHING
        self._owner = ""
        self._prompts: dict[str, asyncio.Future[bool]] = {}

    async def open(self) -> None:
        """Open a session that sends secrets as they are: the bus is a private socket of this user."""
        from dbus_fast import Variant

        _, session = await self._call(PATH, SERVICE, "OpenSession", "sv", ["plain", Variant("s", "")])
        self._session = session
        (self._owner,) = await self._call(BUS_PATH, BUS, "GetNameOwner", "s", [NAME], destination=BUS)
        self._bus.add_message_handler(self._on_message)
        for rule in (
            f"type='signal',sender='{NAME}',interface='{PROMPT}',member='Completed'",
            f"type='signal',sender='{BUS}',member='NameOwnerChanged',arg0='{NAME}'",
        ):
            await self._call(BUS_PATH, BUS, "AddMatch", "s", [rule], destination=BUS)

    async def find(self, service: str, username: str) -> str | None:
        """Return the object path of an entry, unlocked; None if there is none."""
        wanted = {"service": service, "username": username}
        unlocked, locked = await self._call(PATH, SERVICE, "SearchItems", "a{ss}", [wanted])
        if not unlocked and locked:
            await self._unlock(locked[:1])
            return str(locked[0])
        return str(unlocked[0]) if unlocked else None

    async def secret(self, item: str) -> str:
        ((_, _, secret, _),) = await self._call(item, ITEM, "GetSecret", "o", [self._session])
        return bytes(secret).decode()

    async def replace_secret(self, item: str, password: str) -> None:
        await self._call(item, ITEM, "SetSecret", "(oayays)", [self._secret(password)])

    async def create(self, service: str, username: str, password: str) -> None:
        from dbus_fast import Variant

        attributes = {"service": service, "username": username, "application": APPLICATION}
        properties = {
            f"{ITEM}.Label": Variant("s", f"Password for '{username}' on '{service}'"),
            f"{ITEM}.Attributes": Variant("a{ss}", attributes),
        }
        body = [properties, self._secret(password), True]
        collection = await self._default_collection()
        _, prompt = await self._call(collection, COLLECTION, "CreateItem", "a{sv}(oayays)b", body)
        await self._finish(prompt)

    async def delete(self, item: str) -> None:
        (prompt,) = await self._call(item, ITEM, "Delete", "", [])
        await self._finish(prompt)

    async def _default_collection(self) -> str:
        from dbus_fast import Variant

        (collection,) = await self._call(PATH, SERVICE, "ReadAlias", "s", ["default"])
        if collection == NOTHING:  # a new user of GNOME Keyring without a login keyring: the user chooses a password
            label = {f"{COLLECTION}.Label": Variant("s", "Default keyring")}
            _, prompt = await self._call(PATH, SERVICE, "CreateCollection", "a{sv}s", [label, "default"])
            await self._finish(prompt)
            (collection,) = await self._call(PATH, SERVICE, "ReadAlias", "s", ["default"])
        if collection == NOTHING:
            raise SecretStoreError("no collection")
        await self._unlock([collection])
        return str(collection)

    async def _unlock(self, objects: Sequence[str]) -> None:
        _, prompt = await self._call(PATH, SERVICE, "Unlock", "ao", [list(objects)])
        await self._finish(prompt)

    async def _finish(self, prompt: str) -> None:
        """Wait until the user has answered a prompt, if there is one. Raises SecretStoreError if it was dismissed."""
        if prompt == NOTHING:
            return
        done = self._prompts[prompt] = asyncio.get_running_loop().create_future()
        await self._call(prompt, PROMPT, "Prompt", "s", [""])
        lost = asyncio.ensure_future(self._bus.wait_for_disconnect())  # type: ignore[no-untyped-call]
        await asyncio.wait({done, lost}, return_when=asyncio.FIRST_COMPLETED)
        if not done.done() or done.result():
            raise SecretStoreError("not unlocked")

    def _on_message(self, message: "Message") -> None:
        from dbus_fast import MessageType

        if message.message_type is not MessageType.SIGNAL:
            return
        if message.member == "NameOwnerChanged" and message.sender == BUS and message.body[:2] == [NAME, self._owner]:
            dismissed = True  # the service ended: no prompt of it is answered any more
            prompts = list(self._prompts)
        elif message.member == "Completed" and message.interface == PROMPT and message.sender == self._owner:
            dismissed = not (message.signature == "bv" and message.body[0] is False)
            prompts = [str(message.path)]
        else:
            return
        for prompt in prompts:
            if (future := self._prompts.get(prompt)) and not future.done():
                future.set_result(dismissed)

    def _secret(self, password: str) -> list[Any]:
        return [self._session, b"", password.encode(), "text/plain; charset=utf8"]

    async def _call(
        self, path: str, interface: str, member: str, signature: str, body: Sequence[Any], *, destination: str = NAME
    ) -> list[Any]:
        from dbus_fast import ErrorType, Message, MessageType

        reply = await self._bus.call(
            Message(destination, path, interface, member, signature=signature, body=list(body))
        )
        if reply is None or reply.message_type is not MessageType.METHOD_RETURN:
            name = reply.error_name if reply else ""
            if name in {ErrorType.SERVICE_UNKNOWN.value, ErrorType.NAME_HAS_NO_OWNER.value}:
                raise NoSecretStoreError
            raise SecretStoreError(f"{member}: {name}")
        if reply.signature not in _ANSWERS[member]:
            raise SecretStoreError(f"{member}: answered {reply.signature!r}")
        return list(reply.body)


_ANSWERS: Mapping[str, Sequence[str]] = {
    "OpenSession": ("vo",),
    "GetNameOwner": ("s",),
    "AddMatch": ("",),
    "SearchItems": ("aoao",),
    "GetSecret": ("(oayays)",),
    "SetSecret": ("",),
    "CreateItem": ("oo",),
    "CreateCollection": ("oo",),
    "ReadAlias": ("o",),
    "Unlock": ("aoo",),
    "Delete": ("o",),
    "Prompt": ("",),
}
"""The signatures of the answers, by method: another one is an error; any program may own the name."""
