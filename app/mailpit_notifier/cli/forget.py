"""`forget`: removes what the program has put on this machine. It asks nothing: it is a command that was typed.

A running program would write its state again, so it is ended first, and none can start meanwhile.
"""

import sys
from time import monotonic, sleep

from mailpit_notifier import APP_NAME
from mailpit_notifier.control.instance import ControlError, InstanceLock, ask_instance, runtime_folder
from mailpit_notifier.forget import forget

from .chosen import STORE
from .exit_codes import DONE, FAILED, NO

PATIENCE = 5.0
"""Seconds for a running program to end; it takes a fraction of one."""


def run(store: float = STORE) -> int:
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
