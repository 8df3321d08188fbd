"""Keeps the tests out of the developer's registry on Windows. Does nothing elsewhere.

What a test writes to HKEY_CURRENT_USER goes to a key below it that only the tests use. Programs that a test starts
import this module too, through `sitecustomize.py` in the folder `redirected`, which is on their PYTHONPATH.
"""

import atexit
import contextlib
import os
import sys
from pathlib import Path

KEY = r"Software\mailpit-notifier-tests"

_NAME = "MAILPIT_NOTIFIER_TEST_KEY"
"""The environment variable with the key of this run, for the programs that a test starts."""

_FOLDER = Path(__file__).with_name("redirected")


def redirect_registry() -> None:
    """Use a key of this run instead of HKEY_CURRENT_USER, here and in Python programs that are started from now on."""
    if sys.platform != "win32" or os.environ.get(_NAME):  # a worker of pytest-xdist is one of these programs
        return
    import winreg

    real = winreg.HKEY_CURRENT_USER
    os.environ[_NAME] = rf"{KEY}\{os.getpid()}"
    os.environ["PYTHONPATH"] = os.pathsep.join([str(_FOLDER), *filter(None, [os.environ.get("PYTHONPATH")])])
    winreg.HKEY_CURRENT_USER = winreg.CreateKey(real, os.environ[_NAME])  # type: ignore[misc, assignment]
    atexit.register(_delete, real, os.environ[_NAME])


def _delete(root: int, name: str) -> None:
    import winreg

    with contextlib.suppress(OSError):
        with winreg.OpenKey(root, name) as key:
            children = [winreg.EnumKey(key, number) for number in range(winreg.QueryInfoKey(key)[0])]
        for child in children:
            _delete(root, rf"{name}\{child}")
        winreg.DeleteKey(root, name)
