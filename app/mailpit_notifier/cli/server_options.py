"""Select the servers for a command that runs without the application, and connect to them.

An address on the command line is enough, even if the configuration cannot be read, or the libraries for configuration
and passwords are not installed (mailpit-wait.pyz). The settings that are configured for an address apply to it.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from mailpit_notifier.client.transport import Dial, dial
from mailpit_notifier.core.settings import Server, as_configured, default_servers, servers_from
from mailpit_notifier.protocol.urls import ServerUrl

STORE = 15.0
"""Seconds for the secret store, which may ask the user to unlock it. A command in a script must not wait for ever."""


def select_servers(names: Sequence[str], config: Path | None = None) -> tuple[Server, ...]:
    """Return the servers with these addresses or names; without any, MAILPIT_URL's, else all that are enabled.

    Raises ValueError with a sentence, also if there would be none.
    """
    servers, _ = servers_and_warnings(names, config)
    if not (enabled := tuple(server for server in servers if server.enabled)):
        raise ValueError("All configured servers are disabled (enabled = false). Choose one with --server.")
    return enabled


def servers_and_warnings(
    names: Sequence[str], config: Path | None = None
) -> tuple[tuple[Server, ...], tuple[str, ...]]:
    """Return the same servers and, without names, the disabled ones too; and warnings about the configuration.

    Raises ValueError with a sentence.
    """
    source = "" if names else "MAILPIT_URL: "
    names = names or [url for url in [os.environ.get("MAILPIT_URL", "").strip()] if url]
    try:
        configured, warnings = _configured(config)
    except ValueError as error:
        if config or not names or not all("://" in name for name in names):
            raise
        configured, warnings = (), (str(error),)
    try:
        return _named(names, configured) if names else configured, warnings
    except ValueError as error:
        raise ValueError(f"{source}{error}") from None


def with_credentials(server: Server, within: float | None = STORE) -> ServerUrl:
    """Return the server's address with its password. Raises FaultError. Blocking: it may ask the user.

    `within` limits the seconds for the secret store, None does not.
    """
    if server.asks_password and (not server.user or server.url.password):
        return server.url
    from mailpit_notifier.servers import passwords

    return passwords.with_credentials(server, within)


def dial_for(server: Server) -> Dial:
    """Return the function that connects to this server, with its proxy and certificate settings."""
    return partial(dial, access=server.access)


def _configured(path: Path | None) -> tuple[tuple[Server, ...], tuple[str, ...]]:
    try:
        from mailpit_notifier.config.file import ConfigError, default_path, load
    except ImportError:  # mailpit-wait.pyz does not contain the libraries for the configuration
        return default_servers(), ()
    try:
        settings, warnings = load(path or default_path())
    except ConfigError as error:
        raise ValueError(str(error)) from None
    return settings.servers, warnings


def _named(names: Sequence[str], configured: Sequence[Server]) -> tuple[Server, ...]:
    found = list[Server]()
    for name in names:
        named = [server for server in configured if server.label.casefold() == name.strip().casefold()]
        found += named or [_at(name, configured)]  # several may have one name
    return tuple({server.key: replace(server, enabled=True) for server in found}.values())


def _at(name: str, configured: Sequence[Server]) -> Server:
    """Return the server with this address. A single word is more likely a misspelt name: raise ValueError."""
    if name != "localhost" and not any(sign in name for sign in ".:/"):
        labels = ", ".join(server.label for server in configured)
        raise ValueError(f'No server named "{name}" is configured. Configured servers: {labels}.')
    return as_configured(servers_from([name]), configured)[0]
