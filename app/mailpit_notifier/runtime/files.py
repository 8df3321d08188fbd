"""Write files atomically (blocking), and find the files of `resources/`.

Resources are in the package if it is installed or frozen, and at the top level of a checkout.
"""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep


def write_atomically(
    path: Path, content: bytes, *, durable: bool = True, proceed: Callable[[], bool] = lambda: True
) -> bool:
    """Replace a file's content in one step, so that readers see the old content or the new. Raises OSError.

    A missing folder is created. New folders and files are readable by their owner only; an existing file keeps its
    mode. `durable`: fsync (some 10 ms), so that after a power cut, too, one of the contents is there. `proceed` is
    called just before the file is replaced; if it returns False, nothing changes and False is returned.
    """
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
        if proceed():
            _replace(fresh, path)
            return True
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    fresh.unlink()
    return False


IN_USE = {5, 32}
"""Errors of Windows while another program, such as a virus scanner, has the file open: access denied, in use."""

IN_USE_PATIENCE = 1.0
"""Seconds until such an error is reported. These programs read a small file in milliseconds."""


def _replace(fresh: Path, path: Path) -> None:
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
