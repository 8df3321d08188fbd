"""config.toml: where it is, reading it, and changing it without losing what its owner wrote into it.

What the file may hold is core.settings' business. A file that cannot be used is a sentence that names it, the line or
the key; the last good settings stay in force. Everything here blocks, for some hundred bytes and, where it writes, for
the disk: the running program does it in the thread of its store (store.py).
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

import platformdirs

from mailpit_notifier import APP_ID
from mailpit_notifier.core.settings import Settings
from mailpit_notifier.core.settings_file import SettingsError, settings_from
from mailpit_notifier.runtime.files import write_atomically

if TYPE_CHECKING:  # loaded where something is written, which is rare
    from tomlkit import TOMLDocument


BOM = "\ufeff"
"""Windows PowerShell 5 and old editors put it before the text; TOML allows none."""

MOST = 500_000
"""Bytes of a configuration: parsing takes up to 1 s for so many. One with 100 servers and 100 rules has 30,000."""

_LONG_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){100}""")
"""A key like a.b.c with 100 parts: tomllib's memory grows with the square of that, for 200 kB it is 40 GB."""

TRIES = 10
"""How often a change is made anew because another program has saved the file meanwhile."""

LOCKED = 10.0
"""Seconds to wait for other processes of ours that change the file; each takes some 10 ms."""


class ConfigError(Exception):
    """The file cannot be used. The text is a sentence for the user."""


def default_path() -> Path:
    """config.toml in the platform's folder for configuration."""
    return platformdirs.user_config_path(APP_ID, appauthor=False) / "config.toml"


def load(path: Path) -> tuple[Settings, tuple[str, ...]]:
    """Read the file; returns the settings and warnings. No file is an empty one. Raises ConfigError."""
    return parsed(path, read_text(path))


def parsed(path: Path, text: str) -> tuple[Settings, tuple[str, ...]]:
    """The same of the file's text, which was read already."""
    settings, warnings = settings_in(path, _data(path, text.removeprefix(BOM)))
    return settings, tuple(f"{path}: {warning}" for warning in warnings)


def change(path: Path, edit: "Callable[[TOMLDocument], None]") -> Settings:
    """Let `edit` change the file's content and write it, in one step for whoever reads it. See edits.py.

    Returns the settings that the file has then. Comments, order and unknown keys stay. What does not end as valid
    settings is not written, and a file that cannot be used is its owner's to mend. No file is an empty one. Processes
    and threads of ours take turns; where an editor saves the file meanwhile, its content is edited anew, so `edit` may
    be called more than once. Raises ConfigError.
    """
    try:
        target = _target(path)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _turn(path, target.parent):
            for _ in range(TRIES):
                before = read_text(path)
                after, settings = _edited(path, before, edit)
                is_as_read = partial(_is, path, before)
                if after == before or write_atomically(target, after.encode(), proceed=is_as_read):
                    return settings
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror or error}.") from error
    raise ConfigError(f"{path} is being changed by another program. Try again.")


def read_text(path: Path) -> str:
    """The file's text with its line ends and byte order mark, "" for no file. Raises ConfigError."""
    try:
        return _read(path).decode("utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text.") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error


def settings_in(path: Path, data: dict[str, Any]) -> tuple[Settings, tuple[str, ...]]:
    """The settings and warnings of the file's parsed content. Raises ConfigError."""
    try:
        return settings_from(data)
    except SettingsError as error:
        raise ConfigError(f"{path}: {error}") from error


def _read(path: Path) -> bytes:
    """At most MOST bytes, of a file or a device that is not asked to wait (a pipe would be waited for in vain)."""
    # O_NONBLOCK: opening a FIFO waits for a writer otherwise.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        mode = os.fstat(handle).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISCHR(mode)):  # /dev/null is an empty file
            raise ConfigError(f"{path} cannot be read: it is not a file.")
        with open(handle, "rb", closefd=False) as file:
            content = file.read(MOST + 1)
    finally:
        os.close(handle)
    if content is None:  # a terminal
        raise ConfigError(f"{path} cannot be read: it is not a file.")
    if len(content) > MOST:
        raise ConfigError(f"{path} is larger than {MOST // 1000} kB. That is no configuration.")
    return content


def _data(path: Path, text: str) -> dict[str, Any]:
    too_deep = f"{path} is not usable: something in it is nested too deeply."
    if _LONG_KEY.search(text):
        raise ConfigError(too_deep)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ConfigError(too_deep) from None
    except ValueError as error:  # TOMLDecodeError, and int's own for a number of 5,000 digits
        raise ConfigError(f"{path} is not TOML: {error}.") from error


def _edited(path: Path, text: str, edit: "Callable[[TOMLDocument], None]") -> tuple[str, Settings]:
    """The text after an edit, and its settings. Raises ConfigError."""
    import tomlkit

    unsafe = f"{path} is written in a way that cannot be changed safely. Change it in an editor."
    before = text.removeprefix(BOM)
    settings_in(path, _data(path, before))
    try:
        document = tomlkit.parse(before)
        edit(document)
        after = tomlkit.dumps(document)
        data = _data(path, after)
        is_safe = data == document.unwrap()
    except RecursionError:
        raise ConfigError(unsafe) from None
    settings, _ = settings_in(path, data)
    if not is_safe:
        raise ConfigError(unsafe)
    return text[: len(text) - len(before)] + after, settings


def _is(path: Path, text: str) -> bool:
    return read_text(path) == text


def _target(path: Path) -> Path:
    """The file itself, where it is a link what that leads to. Raises ConfigError and OSError."""
    try:
        return path.resolve()
    except RuntimeError as error:
        raise ConfigError(f"{path} cannot be written: {error}.") from error


@contextlib.contextmanager
def _turn(path: Path, folder: Path) -> Iterator[None]:
    """Keep other processes and threads of ours from changing a file in this folder. Raises ConfigError after LOCKED."""
    lock = _lock_of(folder)
    end = monotonic() + LOCKED
    try:
        while lock is not None and not _locked(lock):
            if monotonic() > end:
                raise ConfigError(f"{path} is being changed by another {APP_ID}, which does not end. Try again.")
            sleep(0.005)
        yield
    finally:
        if lock is not None:
            os.close(lock)


def _lock_of(folder: Path) -> int | None:
    """What is locked, None where nothing can be: the folder itself, of which no file of ours is left over.

    Windows cannot lock a folder; there it is a file of the folder.
    """
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            return os.open(folder / ".config.lock", os.O_RDWR | os.O_CREAT)
        return os.open(folder, os.O_RDONLY)
    return None


def _locked(lock: int) -> bool:
    """Whether it is locked for us now; also where the file system has no locks."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # the latter on Windows
        return False
    except OSError:
        return True
    return True
