"""`autostart [on|off]`: whether the program starts at login. Needs neither Qt nor a running instance.

`forget`: removes what the program has put on this machine. It asks nothing: it is a command that was typed.

A running program would write its state again, so it is ended first, and none can start meanwhile.

Everything that this program put on the machine, removed; what a package installed is the package's to remove.

Not the entries of the user's own: a configuration that is a link to a file elsewhere loses the link. Nothing here
imports Qt. Blocking, and the secret store may ask a person to unlock it.
"""

import contextlib
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from time import monotonic, sleep

from mailpit_notifier import APP_NAME
from mailpit_notifier.config.file import ConfigError, default_path, load
from mailpit_notifier.control.instance import ControlError, InstanceLock, ask_instance, runtime_folder, state_folder
from mailpit_notifier.core.settings import Server
from mailpit_notifier.desktop import autostart
from mailpit_notifier.servers import passwords

from .common import DONE, FAILED, NO
from .server_options import STORE

ON, OFF = "on", "off"


def run_autostart(wanted: str | None) -> int:
    """Switch it on or off, or only say which it is; returns the exit code."""
    try:
        if wanted == ON:
            autostart.enable()
        elif wanted == OFF:
            autostart.disable()
        on = autostart.enabled()
    except OSError as error:
        print(f"Starting at login cannot be changed: {error.filename}: {error.strerror}.", file=sys.stderr)
        return FAILED
    print(f"{APP_NAME} starts at login, hidden." if on else f"{APP_NAME} does not start at login.")
    return DONE


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
        if passwords.delete_password(server, within):
            yield True, f"Removed the password of {name} from the secret store"
    except passwords.StoreError as error:
        yield False, f"Not removed: the password of {name}: the secret store failed ({error})."


PATIENCE = 5.0
"""Seconds for a running program to end; it takes a fraction of one."""


def run_forget(store: float = STORE) -> int:
    """Remove it, say what was removed, and return the exit code."""
    try:
        place = runtime_folder()
        instance = InstanceLock(place / "lock")
        if not instance.acquire() and not _ended(instance):
            print(f"{APP_NAME} is running and does not end. End it, then try again.", file=sys.stderr)
            return FAILED
    except OSError as error:
        print(f"{error.filename}: {error.strerror}.", file=sys.stderr)
        return FAILED
    if sys.platform == "win32":
        instance.release()  # an open file cannot be removed there
    outcomes = list(forget(store))
    instance.release()
    for done, sentence in outcomes:
        print(sentence, file=sys.stdout if done else sys.stderr)
    if not outcomes:
        print("There was nothing to remove.")
    return DONE if all(done for done, _ in outcomes) else NO


def _ended(instance: InstanceLock) -> bool:
    """Ask the running program to quit, and take its place."""
    try:
        ask_instance("quit")
    except ControlError:
        return False
    end = monotonic() + PATIENCE
    while not (taken := instance.acquire()) and monotonic() < end:
        sleep(0.02)
    if taken:
        print(f"Ended the running {APP_NAME}")
    return taken
