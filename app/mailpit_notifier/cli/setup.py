"""`autostart [on|off]`: set or show whether the application starts at login. `forget`: delete settings and data.

`forget` deletes everything that the application has written to this machine, without asking. It first ends a running
application, which would write its state again, and keeps another from starting meanwhile. What a package installed is
left to the package manager. If the configuration is a symbolic link, only the link is deleted.

Neither command imports Qt. Blocking: the secret store may ask the user to unlock it.
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
    """Turn starting at login on or off, or only print whether it is on; return the exit code."""
    try:
        if wanted == ON:
            autostart.enable()
        elif wanted == OFF:
            autostart.disable()
        on = autostart.enabled()
    except OSError as error:
        print(f"Cannot change starting at login: {error.filename}: {error.strerror}.", file=sys.stderr)
        return FAILED
    print(f"{APP_NAME} starts at login, hidden." if on else f"{APP_NAME} does not start at login.")
    return DONE


Outcome = tuple[bool, str]
"""Whether it was done, and a sentence with what was done or why not."""


def forget(store: float) -> Iterator[Outcome]:
    """Delete everything. Passwords go first: only the configuration has the names that they are stored under.

    `store` limits the seconds for the secret store. If it does not answer, it is not asked for the other passwords.
    """
    yield from _passwords(store)
    yield from _tried("at login", autostart.disable)
    for folder in dict.fromkeys([default_path().parent, state_folder()]):
        yield from _tried(str(folder), partial(_removed, folder))
    with contextlib.suppress(OSError):  # socket and lock: the system deletes them at the end of the session
        _removed(runtime_folder())


def _tried(name: str, remove: Callable[[], Sequence[str]]) -> Iterator[Outcome]:
    try:
        for removed in remove():
            yield True, f"Removed {removed}"
    except OSError as error:
        yield False, f"Not removed: {error.filename or name}: {error.strerror}."


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
        yield False, f"{error} Passwords were not removed from the secret store."
        return
    try:
        for server in servers:
            yield from _password(server, within)
    except TimeoutError:
        yield (
            False,
            "Not removed: passwords. The secret store does not answer. Unlock it and remove them there.",
        )


def _password(server: Server, within: float) -> Iterator[Outcome]:
    """Raises TimeoutError."""
    name = passwords.store_name(server)
    try:
        if passwords.delete_password(server, within):
            yield True, f"Removed the password of {name} from the secret store"
    except passwords.StoreError as error:
        yield False, f"Not removed: the password of {name}. The secret store failed ({error})."


PATIENCE = 5.0
"""Seconds for the running application to end. It takes less than one."""


def run_forget(store: float = STORE) -> int:
    """Delete everything, print what was deleted, and return the exit code."""
    try:
        place = runtime_folder()
        instance = InstanceLock(place / "lock")
        if not instance.acquire() and not _ended(instance):
            print(f"{APP_NAME} is running and does not quit. End its process and try again.", file=sys.stderr)
            return FAILED
    except OSError as error:
        print(f"{error.filename}: {error.strerror}.", file=sys.stderr)
        return FAILED
    if sys.platform == "win32":
        instance.release()  # Windows cannot delete a file that is open
    outcomes = list(forget(store))
    instance.release()
    for done, sentence in outcomes:
        print(sentence, file=sys.stdout if done else sys.stderr)
    if not outcomes:
        print("Nothing to remove.")
    return DONE if all(done for done, _ in outcomes) else NO


def _ended(instance: InstanceLock) -> bool:
    """Ask the running application to quit, and take over its lock; return whether that succeeded."""
    try:
        ask_instance("quit")
    except ControlError:
        return False
    end = monotonic() + PATIENCE
    while not (taken := instance.acquire()) and monotonic() < end:
        sleep(0.02)
    if taken:
        print(f"Quit the running {APP_NAME}")
    return taken
