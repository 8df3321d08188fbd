"""The servers that a command without a running instance is about, and how it reaches them.

An address on the command line is enough, also where the configuration cannot be read, or the libraries that find it and
the passwords are not installed; what is configured for an address holds for it.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from mailpit_notifier.client.transport import Dial, dial
from mailpit_notifier.core.settings import Server, as_configured, default_servers, servers_from
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.urls import ServerUrl

STORE = 15.0
"""Seconds for the secret store, which may ask a person to unlock it; a command that runs in a script must end."""


def chosen(names: Sequence[str], config: Path | None = None) -> tuple[Server, ...]:
    """The servers of these addresses or configured names, else MAILPIT_URL's, else all that are configured and enabled.

    Raises ValueError with a sentence; also where all are off, so that there is at least one.
    """
    servers, _ = known(names, config)
    if not (enabled := tuple(server for server in servers if server.enabled)):
        raise ValueError("All configured servers are off (enabled = false). Name one with --server.")
    return enabled


def known(names: Sequence[str], config: Path | None = None) -> tuple[tuple[Server, ...], tuple[str, ...]]:
    """The same, with those that are off where none is named, and warnings about the configuration.

    Raises ValueError with a sentence.
    """
    names = names or [url for url in [os.environ.get("MAILPIT_URL", "")] if url]
    try:
        configured, warnings = _configured(config)
    except ValueError as error:
        if config or not names or not all("://" in name for name in names):
            raise
        configured, warnings = (), (str(error),)
    return _named(names, configured) if names else configured, warnings


def unlocked(server: Server, within: float | None = STORE) -> ServerUrl:
    """The server's address with its password, for which a person may be asked. Raises FaultError. Blocking.

    `within` are the seconds for the secret store to answer, None to wait for it.
    """
    if server.asks_password and (not server.user or server.url.password):
        return server.url
    from mailpit_notifier.servers import passwords

    try:
        return passwords.with_credentials(server, within)
    except ImportError:
        raise FaultError(Fault.AUTH, "no secret store can be reached; use password_env or password_command") from None


def dialled(server: Server) -> Dial:
    """How to connect to it."""
    return partial(dial, access=server.access)


def _configured(path: Path | None) -> tuple[tuple[Server, ...], tuple[str, ...]]:
    try:
        from mailpit_notifier.config.file import ConfigError, default_path, load
    except ImportError:  # a bundle without what knows where the configuration is
        return default_servers(), ()
    try:
        settings, warnings = load(path or default_path())
    except ConfigError as error:
        raise ValueError(str(error)) from None
    return settings.servers, warnings


def _named(names: Sequence[str], configured: Sequence[Server]) -> tuple[Server, ...]:
    by_name = {server.label.casefold(): server for server in configured}
    found = [by_name.get(name.casefold()) or _at(name, configured) for name in names]
    return tuple({server.key: replace(server, enabled=True) for server in found}.values())


def _at(name: str, configured: Sequence[Server]) -> Server:
    """The server of an address; a single word is more likely a name that is wrong."""
    if name != "localhost" and not any(sign in name for sign in ".:/"):
        labels = ", ".join(server.label for server in configured)
        raise ValueError(f"There is no server called {name} in the configuration. There are: {labels}.")
    return as_configured(servers_from([name]), configured)[0]
