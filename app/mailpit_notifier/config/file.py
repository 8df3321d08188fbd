"""config.toml: finds, reads and changes it without losing the user's comments.

The format is in core.settings_file. A file that cannot be used raises ConfigError, whose text names the file and the
line or key. All functions block, those that write also for the disk: the running program calls them in the thread of
its store (store.py).
"""

import contextlib
import os
import re
import stat
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from mailpit_notifier import APP_ID
from mailpit_notifier.control.instance import lock
from mailpit_notifier.core.settings import Settings
from mailpit_notifier.core.settings_file import SettingsError, settings_from
from mailpit_notifier.runtime.files import retry_while_in_use, user_folder, write_atomically

if TYPE_CHECKING:  # loaded only for writing, which is rare
    from tomlkit import TOMLDocument


BOM = "\ufeff"
"""Windows PowerShell 5 and old editors write it before the text; TOML does not allow it."""

MAX_SIZE = 500_000
"""Bytes of a file. Parsing that many takes up to 1 s; a file with 100 servers and 100 rules has 30,000."""

_LONG_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){100}""")
"""A key like a.b.c with 100 parts. tomllib's memory grows with the square of the parts: 40 GB for a key of 200 kB."""

_LONE_LF = re.compile(r"(?<!\r)\n")

MAX_TRIES = 10
"""How often a change is repeated because another program saved the file meanwhile."""

LOCK_TIMEOUT = 10.0
"""Seconds to wait for other processes of this program that change the file; each takes some 10 ms."""


class ConfigError(Exception):
    """The file cannot be used. The text is a sentence for the user."""


def default_path() -> Path:
    """Return the path of config.toml in the platform's configuration folder."""
    return user_folder("config") / "config.toml"


def load(path: Path) -> tuple[Settings, tuple[str, ...]]:
    """Read the file; return settings and warnings. A missing file counts as empty. Raises ConfigError."""
    return parse(path, read_text(path))


def parse(path: Path, text: str) -> tuple[Settings, tuple[str, ...]]:
    """Parse the text of the file; return settings and warnings. Raises ConfigError."""
    settings, warnings = to_settings(path, _data(path, text.removeprefix(BOM)))
    return settings, tuple(f"{path}: {warning}" for warning in warnings)


def change(path: Path, edit: "Callable[[TOMLDocument], None]") -> Settings:
    """Change the file's content by `edit`, replace the file atomically, and return its new settings. See edits.py.

    Comments, order and unknown keys are kept. Nothing is written if the file, or the result, is not valid. A missing
    file counts as empty. A lock serializes changes by this program; if another program saves the file meanwhile, its
    new content is edited instead, so `edit` may be called more than once. Raises ConfigError.
    """
    try:
        target = _target(path)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _turn(path, target.parent):
            for _ in range(MAX_TRIES):
                before = read_text(path)
                after, settings = _edited(path, before, edit)
                is_as_read = partial(_has, before)
                if after == before or write_atomically(target, after.encode(), is_expected=is_as_read):
                    return settings
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror or error}.") from error
    raise ConfigError(f"{path} is being changed by another program. Try again.")


def read_text(path: Path) -> str:
    """Return the text with its line ends and byte order mark; "" for a missing file. Raises ConfigError."""
    try:
        return _read(path).decode("utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text.") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error


def to_settings(path: Path, data: dict[str, Any]) -> tuple[Settings, tuple[str, ...]]:
    """Convert parsed TOML to settings and warnings. Raises ConfigError."""
    try:
        return settings_from(data)
    except SettingsError as error:
        raise ConfigError(f"{path}: {error}") from error


def _read(path: Path) -> bytes:
    """Return at most MAX_SIZE bytes of a regular file or character device."""
    # O_NONBLOCK: without it, opening a FIFO waits for a writer.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if path.is_dir():  # for Windows, it is a file in use
        raise ConfigError(f"{path} cannot be read: it is not a file.")
    handle = retry_while_in_use(partial(os.open, path, flags))
    try:
        mode = os.fstat(handle).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISCHR(mode)):  # a device: /dev/null is an empty file
            raise ConfigError(f"{path} cannot be read: it is not a file.")
        with open(handle, "rb", closefd=False) as file:
            content = file.read(MAX_SIZE + 1)
    finally:
        os.close(handle)
    if content is None:  # a terminal without input
        raise ConfigError(f"{path} cannot be read: it is not a file.")
    if len(content) > MAX_SIZE:
        raise ConfigError(f"{path} is larger than {MAX_SIZE // 1000} kB, the limit for a configuration file.")
    return content


def _data(path: Path, text: str) -> dict[str, Any]:
    too_deep = f"{path} cannot be used: it is nested too deeply."
    if _LONG_KEY.search(text):
        raise ConfigError(too_deep)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ConfigError(too_deep) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}.") from error
    except ValueError:  # of `int`
        raise ConfigError(f"{path} cannot be used: it has a number of more than 4,300 digits.") from None


def _edited(path: Path, text: str, edit: "Callable[[TOMLDocument], None]") -> tuple[str, Settings]:
    """Return the text after an edit, and its settings. Raises ConfigError."""
    import tomlkit

    unsafe = f"{path} cannot be changed without losing content. Change it in an editor."
    before = text.removeprefix(BOM)
    to_settings(path, _data(path, before))
    try:
        document = tomlkit.parse(before)
        edit(document)
        after = tomlkit.dumps(document)
        if "\n" in before and not _LONE_LF.search(before):  # new lines end as the others do
            after = _LONE_LF.sub("\r\n", after)
        data = _data(path, after)
        is_safe = data == document.unwrap()
    except RecursionError:
        raise ConfigError(unsafe) from None
    settings, _ = to_settings(path, data)
    if not is_safe:
        raise ConfigError(unsafe)
    return text[: len(text) - len(before)] + after, settings


def _has(text: str, path: Path) -> bool:
    return read_text(path) == text


def _target(path: Path) -> Path:
    """Return the file that a path leads to, through all links. Raises ConfigError and OSError."""
    try:
        return path.resolve()
    except RuntimeError as error:
        raise ConfigError(f"{path} cannot be written: {error}.") from error


@contextlib.contextmanager
def _turn(path: Path, folder: Path) -> Iterator[None]:
    """Lock the folder against other processes and threads of this program. Raises ConfigError after LOCK_TIMEOUT."""
    handle = _lock_of(folder)
    end = monotonic() + LOCK_TIMEOUT
    try:
        while handle is not None and not _locked(handle):
            if monotonic() > end:
                raise ConfigError(f"{path} is locked by another process of {APP_ID}. Try again.")
            sleep(0.005)
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _lock_of(folder: Path) -> int | None:
    """Open what is locked; None if that is not possible.

    The folder itself, so that no lock file is left over; a file on Windows, which cannot lock folders.
    """
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            return os.open(folder / ".config.lock", os.O_RDWR | os.O_CREAT)
        return os.open(folder, os.O_RDONLY)
    return None


def _locked(handle: int) -> bool:
    """Lock; True also on a file system without locks, where nothing better is possible."""
    try:
        lock(handle)
    except (BlockingIOError, PermissionError):  # the latter on Windows
        return False
    except OSError as error:
        return error.errno != 0  # wine has no number for a lock that another process has
    return True
