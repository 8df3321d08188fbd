"""Writing a file whole or not at all. Blocking."""

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def write_atomically(
    path: Path, content: bytes, *, durable: bool = True, proceed: Callable[[], bool] = lambda: True
) -> bool:
    """Put a file with this content in the place of what is there, in one step for all who read it. Raises OSError.

    Its folder is made if need be, for its owner only, as is the file; the mode of one that is there stays. `durable`:
    wait for the disk (fsync, some 10 ms), so that a power cut leaves the old content or the new. `proceed` is called
    just before the step; when it says no, all stays as it is, and False is returned.
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
            fresh.replace(path)
            return True
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    fresh.unlink()
    return False
