"""config.toml: where it is, reading it, and changing it without losing what its owner wrote into it.

What the file may hold is core.settings' business. A file that cannot be used is a sentence that names it, the line or
the key; the last good settings stay in force. Everything here blocks, for some hundred bytes; see watch.py for how
a change is noticed, ours included.
"""

import contextlib
import os
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from mailpit_notifier import APP_ID
from mailpit_notifier.core.settings import Settings
from mailpit_notifier.core.settings_file import SettingsError, settings_from

if TYPE_CHECKING:  # loaded where something is written, which is rare
    from tomlkit import TOMLDocument


BOM = "\ufeff"
"""Windows PowerShell 5 and old editors put it before the text; TOML allows none."""


class ConfigError(Exception):
    """The file cannot be used. The text is a sentence for the user."""


def default_path() -> Path:
    """config.toml in the platform's folder for configuration."""
    return platformdirs.user_config_path(APP_ID, appauthor=False) / "config.toml"


def load(path: Path) -> tuple[Settings, tuple[str, ...]]:
    """Read the file; returns the settings and warnings. No file is an empty one. Raises ConfigError."""
    settings, warnings = _settings(path, _data(path, _text(path).removeprefix(BOM)))
    return settings, tuple(f"{path}: {warning}" for warning in warnings)


def change(path: Path, edit: "Callable[[TOMLDocument], None]") -> None:
    """Let `edit` change the file's content and write it, in one step for whoever reads it. See edits.py.

    Comments, order and unknown keys stay. What does not end as valid settings is not written, and a file that cannot
    be used is its owner's to mend. No file is an empty one. Raises ConfigError.
    """
    import tomlkit

    text = _text(path)
    before = text.removeprefix(BOM)
    _settings(path, _data(path, before))
    document = tomlkit.parse(before)
    edit(document)
    after = tomlkit.dumps(document)
    data = _data(path, after)
    _settings(path, data)
    if data != document.unwrap():
        raise ConfigError(f"{path} is written in a way that cannot be changed safely. Change it in an editor.")
    if after != before:
        _write(path, text[: len(text) - len(before)] + after)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")  # as it is: line ends are its owner's, too
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text.") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error


def _data(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}.") from error


def _settings(path: Path, data: dict[str, Any]) -> tuple[Settings, tuple[str, ...]]:
    try:
        return settings_from(data)
    except SettingsError as error:
        raise ConfigError(f"{path}: {error}") from error


def _write(path: Path, text: str) -> None:
    """Replace the file at once, or leave it; where it is a link, what that leads to."""
    try:
        target = path.resolve()
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # only its owner may read it
        fresh = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode("utf-8"))
                file.flush()
                os.fsync(handle)
            with contextlib.suppress(FileNotFoundError):
                fresh.chmod(target.stat().st_mode & 0o777)
            fresh.replace(target)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise
    except (OSError, RuntimeError) as error:  # the latter for links that lead in a circle
        raise ConfigError(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}.") from error
