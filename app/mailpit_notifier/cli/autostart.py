"""`autostart [on|off]`: whether the program starts at login. Needs neither Qt nor a running instance."""

import sys

from mailpit_notifier import APP_NAME
from mailpit_notifier.desktop import autostart

from .exit_codes import DONE, FAILED

ON, OFF = "on", "off"


def run(wanted: str | None) -> int:
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
