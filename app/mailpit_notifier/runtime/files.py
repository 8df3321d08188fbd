"""Write files atomically (blocking), and find the files of `resources/`.

Resources are in the package if it is installed or frozen, and at the top level of a checkout.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
"""Constants of Linux."""


def write_atomically(
    path: Path, content: bytes, *, durable: bool = True, is_expected: Callable[[Path], bool] | None = None
) -> bool:
    """Replace a file's content in one step, so that readers see the old content or the new. Raises OSError.

    A missing folder is created. New folders and files are readable by their owner only; an existing file keeps its
    mode. `durable`: fsync (some 10 ms), so that after a power cut, too, one of the contents is there. `is_expected` is
    called with the file just before it is replaced and, on Linux, once more with what was replaced: another program may
    have saved it in between. If it returns False, nothing changes and False is returned.
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
        is_replaced = _replace(path, fresh, is_expected)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    fresh.unlink(missing_ok=True)
    return is_replaced


def _replace(path: Path, fresh: Path, is_expected: Callable[[Path], bool] | None) -> bool:
    """Put a file in the place of another; return False if that one is not as expected. `fresh` may be left over."""
    if is_expected is None:
        _rename(fresh, path)
        return True
    if not is_expected(path):
        return False
    ours = fresh.stat().st_ino
    if not _exchange(fresh, path):
        return _move(fresh, path)
    was_expected = False
    try:
        was_expected = is_expected(fresh)
    finally:
        if not was_expected:
            _exchange(fresh, path)
            if fresh.stat().st_ino != ours:  # saved once more in between, so this is the newest
                _exchange(fresh, path)
    return was_expected


def _move(fresh: Path, path: Path) -> bool:
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
    _rename(fresh, path)
    return True


def _exchange(first: Path, second: Path) -> bool:
    """Exchange two files in one step (renameat2(2)). Return False where the system or the file system cannot."""
    import ctypes  # only a change of config.toml needs it

    with contextlib.suppress(OSError, AttributeError, TypeError):  # CDLL(None) is a TypeError on Windows
        rename = ctypes.CDLL(None).renameat2
        return bool(rename(_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE) == 0)
    return False


IN_USE = {5, 32}
"""Errors of Windows while another program, such as a virus scanner, has the file open: access denied, in use."""

IN_USE_PATIENCE = 1.0
"""Seconds until such an error is reported. These programs read a small file in milliseconds."""


def _rename(fresh: Path, path: Path) -> None:
    """Replace a file by another one; wait a moment while a virus scanner has it open."""
    end = monotonic() + IN_USE_PATIENCE
    while True:
        try:
            fresh.replace(path)
        except PermissionError as error:
            if getattr(error, "winerror", None) not in IN_USE or monotonic() > end:
                raise
            sleep(0.01)
        else:
            return


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
