"""Passwords of servers: from a command, an environment variable or the system's secret store, or typed by the user.

A typed password takes precedence over the store. All functions block, and the store may ask the user to unlock it: call
them in a thread. Passwords are never logged.

The stores raise errors of the libraries they use, too. So each exception of a store counts as a failure of the store;
only its type is passed on, because its text may contain the password.
"""

import os
import subprocess
from dataclasses import replace
from functools import partial

from mailpit_notifier import APP_ID
from mailpit_notifier.core.settings import Server
from mailpit_notifier.desktop import secret_store
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.runtime import processes
from mailpit_notifier.runtime.threads import run_with_timeout
from mailpit_notifier.runtime.translation import translatable

COMMAND_TIMEOUT = 60.0
"""Seconds for `password_command`, which may ask the user for a passphrase."""

MAX_OUTPUT = 65_536
"""Bytes that are kept of the command's output; the password is the first line."""

NO_STORE = "no secret store is available; use password_env or password_command"

NOT_SAVED = translatable(
    "ServerPrompts",
    "Could not save the password in the system's secret store ({0}). It is used until the program ends.",
)


class StoreError(Exception):
    """The secret store failed. The text is the type of the error and contains nothing secret."""


class Passwords:
    """The passwords that the user typed since the start of the program, by the base URLs of the servers."""

    def __init__(self) -> None:
        self._typed: dict[str, tuple[str, str]] = {}

    def enter(self, server: Server, user: str, password: str) -> None:
        """Use this user name and password until the program ends."""
        self._typed[server.key] = user, password

    def move(self, before: Server, after: Server) -> None:
        """Move a server's typed and stored passwords to its new URL. Raises StoreError, as `move_password`."""
        if typed := self._typed.pop(before.key, None):
            self._typed[after.key] = typed
        move_password(before, after)

    def with_credentials(self, server: Server) -> ServerUrl:
        """Return the server's URL with user and password. Raises FaultError (AUTH, NO_PASSWORD) without a password."""
        user, password = self._typed.get(server.key, ("", ""))
        elsewhere = not server.asks_password or server.user not in {"", user}
        return replace(server.url, user=user, password=password) if user and not elsewhere else with_credentials(server)


def save_password(server: Server, user: str, password: str) -> None:
    """Save a password in the system's secret store, where `with_credentials` finds it. Raises StoreError."""
    try:
        secret_store.system_store().set_password(APP_ID, store_name(replace(server, user=user)), password)
    except Exception as error:  # noqa: BLE001 - see the module docstring
        raise StoreError(type(error).__name__) from None


def move_password(before: Server, after: Server) -> None:
    """Move the stored password to the server's new URL. Raises StoreError: then it is still at the old one."""
    if not (before.user and before.asks_password) or before.user != after.user:
        return
    try:
        store = secret_store.system_store()
        if (password := store.get_password(APP_ID, store_name(before))) is not None:
            store.set_password(APP_ID, store_name(after), password)
            store.delete_password(APP_ID, store_name(before))
    except secret_store.NoSecretStoreError:
        return
    except Exception as error:  # noqa: BLE001 - see the module docstring
        raise StoreError(type(error).__name__) from None


def delete_password(server: Server, within: float | None = None) -> bool:
    """Delete the stored password of a server; return whether there was one. Raises StoreError.

    Raises TimeoutError if the store does not answer `within` seconds; None waits for it.
    """
    if not (server.user and server.asks_password):
        return False
    if within is not None:
        return run_with_timeout(partial(delete_password, server), "secret store", within)
    try:
        store = secret_store.system_store()
        if known := store.get_password(APP_ID, store_name(server)) is not None:
            store.delete_password(APP_ID, store_name(server))
    except secret_store.NoSecretStoreError:
        return False
    except Exception as error:  # noqa: BLE001 - see the module docstring
        raise StoreError(type(error).__name__) from None
    return known


def with_credentials(server: Server, within: float | None = None) -> ServerUrl:
    """Return the server's URL with user and password. Raises FaultError (AUTH, NO_PASSWORD) without a password.

    Raises FaultError (SECRET_STORE) if the store does not answer `within` seconds; None waits for it.
    """
    if server.password_command:
        password = _from_command(server.password_command)
    elif server.password_env:
        password = os.environ.get(server.password_env, "")
        if not password:
            detail = f"the environment variable {server.password_env} is not set"
            raise FaultError(Fault.NO_PASSWORD, detail, about=f"password_env ({server.password_env})")
    elif server.user and not server.url.password:
        password = _from_store(server, within)
    else:
        return server.url
    return replace(server.url, user=server.user, password=password)


def store_name(server: Server) -> str:
    """Return the user name of an entry in the secret store; its service name is APP_ID."""
    return f"{server.user}@{server.key}"


def _from_command(command: tuple[str, ...]) -> str:
    try:
        ended = processes.capture_output(command, COMMAND_TIMEOUT, most=MAX_OUTPUT)
        # As with pass(1), the first line is the password; notes may follow.
        password = processes.decode(ended.printed.partition(b"\n")[0].rstrip(b"\r"))
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError) as error:
        raise _no_password(f"password_command failed: {type(error).__name__}") from None
    if ended.status:
        raise _no_password(f"password_command exited with status {ended.status}")
    if not password:
        raise _no_password("password_command printed nothing")
    return password


def _no_password(detail: str) -> FaultError:
    return FaultError(Fault.NO_PASSWORD, detail, about="password_command")


def _from_store(server: Server, within: float | None) -> str:
    if within is not None:
        try:
            return run_with_timeout(partial(_from_store, server, None), "secret store", within)
        except TimeoutError:
            raise FaultError(Fault.SECRET_STORE, f"no answer within {within:g} s") from None
    try:
        password = secret_store.system_store().get_password(APP_ID, store_name(server))
    except secret_store.NoSecretStoreError:
        raise FaultError(Fault.AUTH, NO_STORE) from None
    except Exception as error:  # noqa: BLE001 - see the module docstring
        raise FaultError(Fault.AUTH, f"the secret store failed: {type(error).__name__}") from None
    if password is None:
        raise FaultError(Fault.AUTH, "the secret store has no password for it")
    return password
