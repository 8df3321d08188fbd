"""Whether there is a Mailpit to watch: one that was named, or one that answers where Mailpit listens by default.

If there is none, `run` shows the built-in demo instead of a tray icon that says «disconnected».
"""

import http.client
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

_PORT = 8025
_TIMEOUT = 1.0
"""Seconds: an answer on loopback takes milliseconds, and the developer is waiting."""


def is_named(args: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Whether the arguments, the environment or the configuration say which server to watch, or to use the demo."""
    given = {arg.partition("=")[0] for arg in args}
    return bool(given & {"--server", "--config", "--demo"} or environ.get("MAILPIT_URL")) or _in_config(environ)


def answers(port: int = _PORT) -> bool:
    """Whether something on this port of either loopback address answers as Mailpit does."""
    return any(_is_mailpit(host, port) for host in ("127.0.0.1", "::1"))


def _is_mailpit(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT)
    try:
        connection.request("GET", "/api/v1/info")
        response = connection.getresponse()
        # One with a password is a Mailpit, too: the program will say that it wants one.
        return response.status == 401 or "Version" in json.loads(response.read(65536))
    except (OSError, http.client.HTTPException, ValueError, TypeError):
        return False
    finally:
        connection.close()


def _in_config(environ: Mapping[str, str]) -> bool:
    try:
        return bool(tomllib.loads(_config_file(environ).read_text("utf-8")).get("server"))
    except (OSError, RuntimeError):  # RuntimeError: a user without a home
        return False
    except ValueError:
        return True  # The program will say what is wrong with it.


def _config_file(environ: Mapping[str, str]) -> Path:
    """Where platformdirs, which is not installed yet, puts it."""
    if sys.platform == "win32":
        folder = Path(environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local")
    elif sys.platform == "darwin":
        folder = Path.home() / "Library/Application Support"
    else:
        folder = Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return folder / "mailpit-notifier" / "config.toml"
