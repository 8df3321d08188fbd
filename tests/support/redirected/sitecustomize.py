"""Python imports this at its start, before any program. See scratch_registry.py."""

import os
import sys

if sys.platform == "win32":
    import winreg

    winreg.HKEY_CURRENT_USER = winreg.CreateKey(  # type: ignore[misc, assignment]
        winreg.HKEY_CURRENT_USER, os.environ.get("MAILPIT_NOTIFIER_TEST_KEY", r"Software\mailpit-notifier-tests\other")
    )
