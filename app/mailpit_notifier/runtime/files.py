"""Write files atomically (blocking), and find the files of `resources/`.

Resources are in the package if it is installed or frozen, and at the top level of a checkout.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Literal, TypeVar

from mailpit_notifier import APP_ID

Done = TypeVar("Done")

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
"""Constants of Linux: renameat2(2)."""

_RENAME_SWAP = 2
"""A constant of macOS: renamex_np(2)."""

_IGNORE_MERGE_ERRORS = 2
"""REPLACEFILE_IGNORE_MERGE_ERRORS of Windows: replace the file also if its attributes cannot be kept."""

IN_USE = {5, 32, 1175}
"""Errors of Windows while another program, such as a virus scanner or an editor, has the file open."""

IN_USE_PATIENCE = 1.0
"""Seconds until such an error is reported. These programs read a small file in milliseconds."""


def write_atomically(
    path: Path,
    content: bytes,
    *,
    durable: bool = True,
    is_expected: Callable[[Path], bool] | None = None,
    patience: float = IN_USE_PATIENCE,
) -> bool:
    """Replace a file's content in one step, so that readers see the old content or the new. Raises OSError.

    A missing folder is created. New folders and files are readable by their owner only; an existing file keeps its
    mode. `durable`: fsync (some 10 ms), so that after a power cut, too, one of the contents is there. `is_expected` is
    called with the file just before it is replaced, and once more with what was replaced: another program may have
    saved it in between. If it returns False, nothing changes and False is returned. `patience`: seconds to retry while
    another program has the file open.
    """
    import tempfile  # takes 4 ms, and the tray icon does not need it

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(handle)
        with contextlib.suppress(FileNotFoundError):
            fresh.chmod(path.stat().st_mode & 0o777)
        is_replaced = _replace(path, fresh, content, is_expected, patience)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    fresh.unlink(missing_ok=True)
    return is_replaced


def _replace(
    path: Path, fresh: Path, content: bytes, is_expected: Callable[[Path], bool] | None, patience: float
) -> bool:
    """Put a file in the place of another; return False if that one is not as expected. `fresh` may be left over."""
    if is_expected is None:
        retry_while_in_use(partial(fresh.replace, path), patience)
        return True
    if not is_expected(path):
        return False
    if not _exchange(fresh, path, patience):
        return _move(fresh, path, patience)
    was_expected = False
    try:
        was_expected = is_expected(fresh)
    finally:
        if not was_expected:
            _exchange(fresh, path, patience)
            if fresh.read_bytes() != content:  # saved once more in between, so this is the newest
                _exchange(fresh, path, patience)
    return was_expected


def _move(fresh: Path, path: Path, patience: float) -> bool:
    """Rename a file, but do not replace one that another program has just created: return False then."""
    if not path.exists():
        try:
            os.link(fresh, path)
        except FileExistsError:
            return False
        except OSError:  # no hard links here
            pass
        else:
            return True
    retry_while_in_use(partial(fresh.replace, path), patience)
    return True


def _exchange(first: Path, second: Path, patience: float) -> bool:
    """Exchange two files. Return False where the system or the file system cannot, or there is no second file.

    Raises OSError if the second file is in use (Windows).
    """
    if sys.platform == "win32":
        return _exchange_on_windows(first, second, patience)
    import ctypes  # only a change of config.toml needs it

    paths = os.fsencode(first), os.fsencode(second)
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        if sys.platform == "darwin":
            return bool(library.renamex_np(*paths, _RENAME_SWAP) == 0)
        return bool(library.renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0)
    return False


def _exchange_on_windows(first: Path, second: Path, patience: float) -> bool:
    """Exchange two files by ReplaceFileW, which keeps what it replaces under a third name."""
    kept = first.with_name(f"{first.name}.old")
    try:
        retry_while_in_use(partial(_replace_file, second, first, kept), patience)
    except OSError as error:
        if kept.exists():  # moved there, but the other could not take its place: put it back
            retry_while_in_use(partial(kept.rename, second), patience)
        if is_in_use(error):
            raise
        return False
    retry_while_in_use(partial(kept.replace, first), patience)
    return True


def _replace_file(path: Path, fresh: Path, kept: Path) -> None:
    """Put a file in the place of another, which gets a new name. Raises OSError."""
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        if not kernel.ReplaceFileW(str(path), str(fresh), str(kept), _IGNORE_MERGE_ERRORS, None, None):
            raise ctypes.WinError(ctypes.get_last_error())


def retry_while_in_use(action: Callable[[], Done], patience: float = IN_USE_PATIENCE) -> Done:
    """Return the result of an action on a file. Retries for `patience` seconds while another program has it open.

    Only Windows refuses an action for this reason. Raises OSError.
    """
    end = monotonic() + patience
    while True:
        try:
            return action()
        except OSError as error:
            if not is_in_use(error) or monotonic() > end:
                raise
        sleep(0.01)


def is_in_use(error: OSError) -> bool:
    """Return whether another program may have the file open. Where Windows gives no number, rights may be missing."""
    number = getattr(error, "winerror", None)
    return number in IN_USE or (os.name == "nt" and number is None and isinstance(error, PermissionError))


def expand_path(path: str) -> str:
    """Return a path of config.toml with `~`, and on Windows `%NAME%`, replaced."""
    if sys.platform == "win32":
        path = os.path.expandvars(path)
    return os.path.expanduser(path)  # noqa: PTH111 - pathlib raises RuntimeError for an unknown user


def user_folder(kind: Literal["config", "state"]) -> Path:
    """Return the user's folder for the program's configuration or state. It may not exist yet.

    On Linux as in the XDG Base Directory Specification: platformdirs takes 0.3 MiB, so only other systems import it.
    """
    if not sys.platform.startswith("linux"):
        import platformdirs

        path = platformdirs.user_config_path if kind == "config" else platformdirs.user_state_path
        return path(APP_ID, appauthor=False)
    chosen = Path(os.environ.get(f"XDG_{kind.upper()}_HOME", ""))
    if chosen.is_absolute():
        return chosen / APP_ID
    return _home() / (".config" if kind == "config" else ".local/state") / APP_ID


def _home() -> Path:
    if (home := Path(os.environ.get("HOME", ""))).is_absolute():
        return home
    import pwd

    return Path(pwd.getpwuid(os.getuid()).pw_dir)


_PACKAGE = Path(__file__).parents[1]


def resource(name: str) -> Path:
    """Return the path of a file in `resources/`, e.g. `resource("icons/mailpit-notifier.svg")`."""
    packaged = _PACKAGE / "resources" / name
    return packaged if packaged.exists() else _PACKAGE.parents[1] / "resources" / name


def files_in(folder: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each file of a folder in `resources/`, also from the zip archive `mailpit-wait.pyz`."""
    path = resource(folder)
    if path.is_dir():
        for file in sorted(path.iterdir()):
            yield file.name, file.read_bytes()
        return
    from importlib.resources import files  # takes 8 ms, and only a zip archive needs it

    for entry in sorted(
        files("mailpit_notifier").joinpath("resources", folder).iterdir(), key=lambda entry: entry.name
    ):
        yield entry.name, entry.read_bytes()


def write_lines(path: Path, lines: Iterable[str], how: int) -> None:
    """Write lines to a file opened with these flags of open(2). Raises OSError; some lines may be written then."""
    how |= os.O_WRONLY | getattr(os, "O_NONBLOCK", 0)  # opening a FIFO without a reader fails at once
    with os.fdopen(os.open(path, how, 0o600), "w", encoding="ascii") as file:
        file.writelines(f"{line}\n" for line in lines)
