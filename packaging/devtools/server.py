"""Finds out whether there is a Mailpit for `run`: one that is configured, or one on the default port.

Without one, `run` shows the demo instead of a disconnected tray icon.
"""

import http.client
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

_PORT = 8025
_TIMEOUT = 1.0
"""Seconds. An answer on loopback takes milliseconds."""


def is_named(args: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Return whether arguments, environment or configuration name a server or the demo."""
    given = {arg.partition("=")[0] for arg in args if arg.startswith("--") and arg != "--"}
    # The program accepts the beginning of an option, too.
    in_arguments = any(option.startswith(name) for name in given for option in ("--server", "--config", "--demo"))
    return in_arguments or bool(environ.get("MAILPIT_URL")) or _in_config(environ)


def answers(port: int = _PORT) -> bool:
    """Return whether a Mailpit answers on this port of either loopback address."""
    return any(_is_mailpit(host, port) for host in ("127.0.0.1", "::1"))


def _is_mailpit(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT)
    try:
        connection.request("GET", "/api/v1/info")
        response = connection.getresponse()
        # 401: a Mailpit with a password, which the application asks for.
        return response.status == 401 or "Version" in json.loads(response.read(65536))
    except (OSError, http.client.HTTPException, ValueError, TypeError):
        return False
    finally:
        connection.close()


def _in_config(environ: Mapping[str, str]) -> bool:
    try:
        return bool(tomllib.loads(_config_file(environ).read_text("utf-8")).get("server"))
    except (OSError, RuntimeError):  # RuntimeError: the user has no home folder
        return False
    except ValueError:
        return True  # The application reports the problem.


def _config_file(environ: Mapping[str, str]) -> Path:
    """Return the path that platformdirs uses, which is not installed yet."""
    if sys.platform == "win32":
        folder = Path(environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local")
    elif sys.platform == "darwin":
        folder = Path.home() / "Library/Application Support"
    else:
        folder = Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return folder / "mailpit-notifier" / "config.toml"
