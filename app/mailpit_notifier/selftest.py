"""`--selftest`: whether this copy of the program is whole. For whoever builds packages, on every one that was built.

A package that starts can still lack a library, a drawing or a module that is loaded late. This loads everything, shows
nothing and connects to nothing.
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
from mailpit_notifier.runtime.resources import resource

from . import APP_ID, __version__

FAULT = 1


def run() -> int:
    """Print what was found as JSON; 1 when there is a fault."""
    faults: dict[str, str] = {}
    found = {
        "version": __version__,
        "platform": platform.platform(),
        "python": platform.python_version(),
        "frozen": bool(getattr(sys, "frozen", False)),
        **{name: _tried(name, look, faults) for name, look in LOOKS.items()},
        "faults": faults,
    }
    print(json.dumps(found, indent=2))  # noqa: T201 - what it is for
    return FAULT if faults else 0


def _tried(name: str, look: Callable[[], Any], faults: dict[str, str]) -> Any:
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a package is to be named, and the next looked at
        faults[name] = f"{type(error).__name__}: {error}"
        return None


def modules() -> int:
    """Load every module of ours; the number of them."""
    loaded = 0
    for module in pkgutil.walk_packages(mailpit_notifier.__path__, "mailpit_notifier."):
        if not _is_of_this_platform(module.name):
            continue
        importlib.import_module(module.name)
        loaded += 1
    return loaded


def _is_of_this_platform(name: str) -> bool:
    if name.endswith("__main__"):  # would start something
        return False
    if name == "mailpit_notifier.control.server":  # takes the place of the command socket
        return sys.platform == "win32"
    return ".demo." not in name or bool(importlib.util.find_spec("aiohttp"))


def icons() -> int:
    """Draw every drawing of ours; the number of them."""
    if sys.platform.startswith("linux") and not display_answers():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication([APP_ID])
    drawings = sorted(resource("icons").glob("*.svg"))
    assert resource(f"icons/{APP_ID}.svg") in drawings, "the program's own icon is not there"
    for path in drawings:
        pixmap = QIcon(str(path)).pixmap(64)
        assert not pixmap.isNull(), f"{path.name} cannot be drawn"
        assert pixmap.toImage().pixelColor(32, 32) is not None
    del application
    return len(drawings)


def qt() -> dict[str, str]:
    """Qt's version, and how it draws."""
    from PySide6.QtCore import qVersion
    from PySide6.QtGui import QGuiApplication

    return {"version": qVersion(), "platform": QGuiApplication.platformName()}


def tls() -> dict[str, Any]:
    """What encrypts, and where it looks for whom to believe."""
    from mailpit_notifier.client.certificates import system_context

    context = system_context()
    return {
        "library": ssl.OPENSSL_VERSION,
        "context": type(context).__module__,
        "paths": ssl.get_default_verify_paths(),
    }


def back_ends() -> dict[str, str]:
    """What notifies and what keeps passwords."""
    import keyring

    linux = sys.platform.startswith("linux")
    notifier = "dbus_fast.aio" if linux else "desktop_notifier"
    for name in (notifier, *(["secretstorage"] if linux else [])):
        importlib.import_module(name)
    return {"notifications": notifier, "passwords": type(keyring.get_keyring()).__module__}


def regular_expressions() -> str:
    """Search for one; what did it."""
    from mailpit_notifier.runtime.expressions import parse_expression
    from mailpit_notifier.runtime.pattern_search import best_engine

    engine = best_engine()
    assert engine.prepare(parse_expression(r"\w²"), shared=False)("9 m²", 1.0).found
    return type(engine).__name__


LOOKS: dict[str, Callable[[], Any]] = {
    "modules": modules,
    "icons": icons,
    "qt": qt,
    "tls": tls,
    "back_ends": back_ends,
    "regular_expressions": regular_expressions,
}
