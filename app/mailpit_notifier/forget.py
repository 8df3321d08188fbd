"""Everything that this program put on the machine, removed; what a package installed is the package's to remove.

Not the entries of the user's own: a configuration that is a link to a file elsewhere loses the link. Nothing here
imports Qt. Blocking, and the secret store may ask a person to unlock it.
"""

import contextlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from .config.file import ConfigError, default_path, load
from .control.instance import runtime_folder, state_folder
from .core.settings import Server
from .desktop import autostart
from .servers import passwords

Outcome = tuple[bool, str]
"""Whether it could be done, and what was done or why not, for people."""


def forget(store: float) -> Iterator[Outcome]:
    """Remove it all, the passwords first: only the configuration knows whose they are.

    `store` are the seconds for the secret store to answer; one that does not is asked only once.
    """
    yield from _passwords(store)
    yield from _tried("at login", autostart.disable)
    for folder in dict.fromkeys([default_path().parent, state_folder()]):
        yield from _tried(str(folder), partial(_removed, folder))
    with contextlib.suppress(OSError):  # socket and lock, which the system removes with the session
        _removed(runtime_folder())


def _tried(what: str, remove: Callable[[], Sequence[str]]) -> Iterator[Outcome]:
    try:
        for removed in remove():
            yield True, f"Removed {removed}"
    except OSError as error:
        yield False, f"Not removed: {error.filename or what}: {error.strerror}."


def _removed(folder: Path) -> tuple[str, ...]:
    if not folder.is_symlink() and not folder.exists():
        return ()
    if folder.is_symlink():
        folder.unlink()
    else:
        shutil.rmtree(folder)
    return (str(folder),)


def _passwords(within: float) -> Iterator[Outcome]:
    try:
        servers = load(default_path())[0].servers
    except ConfigError as error:
        yield False, f"{error} So passwords in the secret store stay there."
        return
    try:
        for server in servers:
            yield from _password(server, within)
    except TimeoutError:
        yield False, "Not removed: passwords. The secret store does not answer: unlock it, and remove them there."


def _password(server: Server, within: float) -> Iterator[Outcome]:
    """Raises TimeoutError."""
    name = passwords.store_name(server)
    try:
        if passwords.forget(server, within):
            yield True, f"Removed the password of {name} from the secret store"
    except passwords.StoreError as error:
        yield False, f"Not removed: the password of {name}: the secret store failed ({error})."
