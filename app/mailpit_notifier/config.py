"""config.toml: where it is, reading it, noticing that it changed, and writing to it without losing its comments.

What the file may hold is core.settings' business. A file that cannot be used is a sentence that names it, the line or
the key; the last good settings stay in force. Reading blocks, for some hundred bytes.
"""

import tomllib
from pathlib import Path

import platformdirs

from . import APP_ID
from .core.settings import Settings, SettingsError, settings_from


class ConfigError(Exception):
    """The file cannot be used. The text is a sentence for the user."""


def default_path() -> Path:
    """config.toml in the platform's folder for configuration."""
    return platformdirs.user_config_path(APP_ID, appauthor=False) / "config.toml"


def load(path: Path) -> tuple[Settings, tuple[str, ...]]:
    """Read the file; returns the settings and warnings. No file is an empty one. Raises ConfigError."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        data = {}
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}.") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        settings, warnings = settings_from(data)
    except SettingsError as error:
        raise ConfigError(f"{path}: {error}") from error
    return settings, tuple(f"{path}: {warning}" for warning in warnings)
