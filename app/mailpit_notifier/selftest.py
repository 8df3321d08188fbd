"""`--selftest`: checks that an installed copy is complete. For packagers, who run it on each package they build.

A package that starts can still lack a library, an icon or a module that is imported late. The self-test loads all of
them, shows nothing and connects to nothing.
"""

import importlib
import importlib.util
import json
import os
import pkgutil
import platform
import ssl
import sys
from collections.abc import Callable
from typing import Any

import mailpit_notifier
from mailpit_notifier.desktop.display import display_answers
from mailpit_notifier.runtime.files import resource

from . import APP_ID, __version__

FAULT = 1


class CheckError(Exception):
    """A check failed. Not an assertion: packages contain no assertions."""


def run() -> int:
    """Print the results as JSON; return the exit code, 1 if a check failed."""
    faults: dict[str, str] = {}
    found = {
        "version": __version__,
        "platform": platform.platform(),
        "python": platform.python_version(),
        "frozen": bool(getattr(sys, "frozen", False)),
        **{name: _result(name, check, faults) for name, check in CHECKS.items()},
        "faults": faults,
    }
    print(json.dumps(found, indent=2))  # noqa: T201 - the purpose of the command
    return FAULT if faults else 0


def _result(name: str, check: Callable[[], Any], faults: dict[str, str]) -> Any:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - report any problem of a package, and go on with the next check
        faults[name] = f"{type(error).__name__}: {error}"
        return None


def modules() -> int:
    """Import each module of the package; return their number."""
    loaded = 0
    for module in pkgutil.walk_packages(mailpit_notifier.__path__, "mailpit_notifier."):
        if not _is_of_this_platform(module.name):
            continue
        importlib.import_module(module.name)
        loaded += 1
    return loaded


ONLY_ON = {
    "mailpit_notifier.control.pipe": "win32",  # needs QtNetwork, which only packages for Windows contain
    "mailpit_notifier.notify.macos": "darwin",
    "mailpit_notifier.notify.freedesktop": "linux",
    "mailpit_notifier.notify.service": "linux",
}
"""Modules that need a library of one platform."""


def _is_of_this_platform(name: str) -> bool:
    if name.endswith("__main__"):  # would start the program
        return False
    if name in ONLY_ON:
        return sys.platform == ONLY_ON[name]
    return ".demo." not in name or bool(importlib.util.find_spec("aiohttp"))


def icons() -> int:
    """Draw each icon; return their number."""
    if sys.platform.startswith("linux") and not display_answers():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication([APP_ID])
    drawings = sorted(resource("icons").glob("*.svg"))
    if resource(f"icons/{APP_ID}.svg") not in drawings:
        raise CheckError("the program's own icon is missing")
    for path in drawings:
        if QIcon(str(path)).pixmap(64).isNull():
            raise CheckError(f"{path.name} cannot be drawn")
    del application
    return len(drawings)


def qt() -> dict[str, str]:
    """Return Qt's version and platform plugin."""
    from PySide6.QtCore import qVersion
    from PySide6.QtGui import QGuiApplication

    return {"version": qVersion(), "platform": QGuiApplication.platformName()}


def tls() -> dict[str, Any]:
    """Return the TLS library, and where it finds the trusted certificates."""
    from mailpit_notifier.client.certificates import system_context

    context = system_context()
    return {
        "library": ssl.OPENSSL_VERSION,
        "context": type(context).__module__,
        "paths": ssl.get_default_verify_paths(),
    }


def back_ends() -> dict[str, str]:
    """Return the modules that show notifications and store passwords."""
    from mailpit_notifier.desktop.secret_store import system_store

    if sys.platform.startswith("linux"):
        notifier = "dbus_fast.aio"
    else:
        from mailpit_notifier.notify.desktop import library_module

        notifier = library_module()
    importlib.import_module(notifier)
    return {"notifications": notifier, "passwords": type(system_store()).__module__}


def regular_expressions() -> str:
    """Search with a regular expression; return the engine that was used."""
    from mailpit_notifier.runtime.expressions import parse_expression
    from mailpit_notifier.runtime.pattern_search import best_engine

    engine = best_engine()
    if not engine.prepare(parse_expression(r"\w²"), shared=False)(["9 m²"], 1.0).found:
        raise CheckError("a match was not found")
    return type(engine).__name__


CHECKS: dict[str, Callable[[], Any]] = {
    "modules": modules,
    "icons": icons,
    "qt": qt,
    "tls": tls,
    "back_ends": back_ends,
    "regular_expressions": regular_expressions,
}
