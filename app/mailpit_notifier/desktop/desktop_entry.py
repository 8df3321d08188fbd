"""Desktop entries: ours with the place of this program in it, and what an entry that stands somewhere says.

Format: https://specifications.freedesktop.org/desktop-entry-spec/1.5/ . Not configparser: it knows neither the order
nor the escapes of this format. Blocking.
"""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from mailpit_notifier import APP_ID
from mailpit_notifier.assets import resource

from .launching import Command

NAME = f"{APP_ID}.desktop"

OURS = "X-Mailpit-Notifier-Written"
"""Marks what this program wrote by itself; what a package or a person put there is not ours to change."""


def entry(command: Command, *arguments: str, **more: str) -> str:
    """Our entry, which runs this command; `more` are further keys. Raises OSError."""
    lines = resource(NAME).read_text("utf-8").splitlines()
    values = {"Exec": " ".join(map(_quoted, (*command, *arguments))), "TryExec": _escaped(command[0])}
    kept = [line for line in lines if line.partition("=")[0] not in values]
    added = [f"{key}={value}" for key, value in {**values, **more, OURS: "true"}.items()]
    return "\n".join([*kept, *added, ""])


def values(path: Path) -> Mapping[str, str]:
    """The keys of an entry's main group, {} where there is none. Raises OSError."""
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return {}
    main = re.split(r"^\[", text.partition("[Desktop Entry]")[2], maxsplit=1, flags=re.MULTILINE)[0]
    pairs = (line.partition("=") for line in main.splitlines() if not line.startswith("#"))
    return {key.strip(): _read(value.strip()) for key, sign, value in pairs if sign}


def write(path: Path, text: str) -> None:
    """Put it there in one step: a desktop that looks meanwhile sees all or nothing. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", dir=path.parent)
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        fresh.chmod(0o644)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def _quoted(argument: str) -> str:
    """An argument of Exec: quoted by its own rules, and then escaped as every value."""
    argument = argument.replace("%", "%%")
    if re.search(r"""[\s"'\\><~|&;$*?#()`]""", argument):
        argument = '"' + re.sub(r'(["`$\\])', r"\\\1", argument) + '"'
    return _escaped(argument)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def _read(text: str) -> str:
    signs = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
    return re.sub(r"\\([sntr\\])", lambda found: signs[found[1]], text)
