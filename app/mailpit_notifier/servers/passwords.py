"""A server's password, from where the user keeps it: a command, an environment variable, the system's secret store.

And what was typed in while the program runs, which comes before the store. Blocking, and the store may ask a person to
unlock it: runs in a thread of its own. Nothing here is ever logged.

A store fails with errors of its own backend's libraries, not only with keyring's: any that it raises says that it did.
"""

import os
import subprocess
from dataclasses import replace
from functools import partial

from mailpit_notifier import APP_ID
from mailpit_notifier.core.settings import Server
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.runtime import processes
from mailpit_notifier.runtime.threads import run_with_timeout
from mailpit_notifier.runtime.translation import translatable

COMMAND_TIMEOUT = 60.0
"""Seconds for the command: it may ask for a passphrase."""

MOST_PRINTED = 65_536
"""Bytes that are kept of what the command prints; the password is its first line."""

NOT_KEPT = translatable(
    "Questions", "The system's secret store did not take the password ({0}). It is kept until the program ends."
)


class StoreError(Exception):
    """The secret store did not do what it should. The text says what happened and holds nothing secret."""


class Passwords:
    """What was typed in since the program was started, by the servers' base URLs."""

    def __init__(self) -> None:
        self._typed: dict[str, tuple[str, str]] = {}

    def enter(self, server: Server, user: str, password: str) -> None:
        """Take these from now on, until the program ends."""
        self._typed[server.key] = user, password

    def move(self, before: Server, after: Server) -> None:
        """A server has another address: what was typed and what is kept goes along. Raises StoreError, as `move`."""
        if typed := self._typed.pop(before.key, None):
            self._typed[after.key] = typed
        move(before, after)

    def unlocked(self, server: Server) -> ServerUrl:
        """The server's address with user and password. Raises FaultError (AUTH) when there is none to be had."""
        user, password = self._typed.get(server.key, ("", ""))
        elsewhere = not server.asks_password or server.user not in {"", user}
        return replace(server.url, user=user, password=password) if user and not elsewhere else unlocked(server)


def keep(server: Server, user: str, password: str) -> None:
    """Put a password into the system's secret store, where `unlocked` looks for it. Raises StoreError."""
    import keyring

    try:
        keyring.set_password(APP_ID, store_name(replace(server, user=user)), password)
    except Exception as error:  # noqa: BLE001 - see the top
        raise StoreError(type(error).__name__) from None


def move(before: Server, after: Server) -> None:
    """Take a user's password along to another address of the server. Raises StoreError: then it is where it was."""
    if not (before.user and before.asks_password) or before.user != after.user:
        return
    import keyring
    from keyring.errors import NoKeyringError

    try:
        if (password := keyring.get_password(APP_ID, store_name(before))) is not None:
            keyring.set_password(APP_ID, store_name(after), password)
            keyring.delete_password(APP_ID, store_name(before))
    except NoKeyringError:
        return
    except Exception as error:  # noqa: BLE001 - see the top
        raise StoreError(type(error).__name__) from None


def forget(server: Server, within: float | None = None) -> bool:
    """Remove the password of a server from the secret store; whether it had one there. Raises StoreError.

    And TimeoutError for a store that does not answer `within` so many seconds, None to wait for it.
    """
    if not (server.user and server.asks_password):
        return False
    if within is not None:
        return run_with_timeout(partial(forget, server), "secret store", within)
    import keyring
    from keyring.errors import NoKeyringError

    try:
        if known := keyring.get_password(APP_ID, store_name(server)) is not None:
            keyring.delete_password(APP_ID, store_name(server))
    except NoKeyringError:
        return False
    except Exception as error:  # noqa: BLE001 - see the top
        raise StoreError(type(error).__name__) from None
    return known


def unlocked(server: Server, within: float | None = None) -> ServerUrl:
    """The server's address with user and password. Raises FaultError (AUTH) when there is none to be had.

    And FaultError (SECRET_STORE) for a store that does not answer `within` so many seconds, None to wait for it.
    """
    if server.password_command:
        password = _from_command(server.password_command)
    elif server.password_env:
        password = os.environ.get(server.password_env, "")
        if not password:
            raise FaultError(Fault.AUTH, f"the environment variable {server.password_env} is not set")
    elif server.user and not server.url.password:
        password = _from_store(server, within)
    else:
        return server.url
    return replace(server.url, user=server.user, password=password)


def store_name(server: Server) -> str:
    """The name of a password in the secret store; its service is the program's."""
    return f"{server.user}@{server.key}"


def _from_command(command: tuple[str, ...]) -> str:
    try:
        ended = processes.capture_output(command, COMMAND_TIMEOUT, most=MOST_PRINTED)
        # Like pass(1): the first line is the password, what follows are notes.
        password = ended.printed.partition(b"\n")[0].decode().rstrip("\r")
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError) as error:
        raise FaultError(Fault.AUTH, f"password_command failed: {type(error).__name__}") from None
    if ended.status:
        raise FaultError(Fault.AUTH, f"password_command ended with status {ended.status}")
    if not password:
        raise FaultError(Fault.AUTH, "password_command printed nothing")
    return password


def _from_store(server: Server, within: float | None) -> str:
    if within is not None:
        try:
            return run_with_timeout(partial(_from_store, server, None), "secret store", within)
        except TimeoutError:
            raise FaultError(Fault.SECRET_STORE, f"no answer within {within:g} s") from None
    import keyring  # 15 MiB: only where a server has a password in it

    try:
        password = keyring.get_password(APP_ID, store_name(server))
    except Exception as error:  # noqa: BLE001 - see the top
        raise FaultError(Fault.AUTH, f"the secret store failed: {type(error).__name__}") from None
    if password is None:
        raise FaultError(Fault.AUTH, "the secret store has no password for it")
    return password
