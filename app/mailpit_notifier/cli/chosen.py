"""The servers that a command without a running instance is about, and how it reaches them.

The configuration is read only where it is needed: an address on the command line is enough, also where the libraries
that find the configuration and the passwords are not installed.
"""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from mailpit_notifier.core.settings import Server, default_servers, servers_from
from mailpit_notifier.mailpit.dial import Dial, dial
from mailpit_notifier.mailpit.fault import Fault, FaultError
from mailpit_notifier.mailpit.urls import ServerUrl


def chosen(names: Sequence[str], config: Path | None = None) -> tuple[Server, ...]:
    """The servers of these addresses or configured names, else MAILPIT_URL's, else all that are configured and enabled.

    Raises ValueError with a sentence.
    """
    names = names or [url for url in [os.environ.get("MAILPIT_URL", "")] if url]
    if names and all("://" in name for name in names):
        return servers_from(names)
    configured = _configured(config)
    if not names:
        return tuple(server for server in configured if server.enabled)
    by_name = {server.label.casefold(): server for server in configured}
    found = [by_name.get(name.casefold()) or _unnamed(name, by_name) for name in names]
    return tuple({server.key: server for server in found}.values())


def unlocked(server: Server) -> ServerUrl:
    """The server's address with its password. Raises FaultError. Blocking, and a person may be asked."""
    if not (server.password_command or server.password_env or (server.user and not server.url.password)):
        return server.url
    from mailpit_notifier.servers import passwords

    try:
        return passwords.unlocked(server)
    except ImportError:
        raise FaultError(Fault.AUTH, "no secret store can be reached; use password_env or password_command") from None


def dialled(server: Server) -> Dial:
    """How to connect to it."""
    return partial(dial, access=server.access)


def _configured(path: Path | None) -> tuple[Server, ...]:
    try:
        from mailpit_notifier.config.file import ConfigError, default_path, load
    except ImportError:  # a bundle without what knows where the configuration is
        return default_servers()
    try:
        return load(path or default_path())[0].servers
    except ConfigError as error:
        raise ValueError(str(error)) from None


def _unnamed(name: str, known: Sequence[str] | dict[str, Server]) -> Server:
    """The server of an address without a scheme; a single word is more likely a name that is wrong."""
    if name != "localhost" and not any(sign in name for sign in ".:/"):
        raise ValueError(f"There is no server called {name} in the configuration. There are: {', '.join(known)}.")
    return servers_from([name])[0]
