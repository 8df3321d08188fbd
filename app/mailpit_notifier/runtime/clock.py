"""The clocks that differ while the machine sleeps.

`time.monotonic` stands still while Linux and macOS sleep and runs on while Windows does. Nothing here can be set by a
user or by NTP; for the time of day use `datetime`.
"""

import sys
import time
from pathlib import Path

if sys.platform == "linux":
    _RUNS_ON: int | None = time.CLOCK_BOOTTIME
elif sys.platform == "darwin":
    _RUNS_ON = time.CLOCK_MONOTONIC_RAW  # Apple's counts sleep, and Python's own clock does not use it
else:
    _RUNS_ON = None

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def boot_time() -> float:
    """Return the seconds since some moment at or before the start of the machine, sleep included."""
    return time.monotonic() if _RUNS_ON is None else time.clock_gettime(_RUNS_ON)


def time_asleep() -> float:
    """Return the seconds that the machine has slept, from some moment on; 0.0 where that cannot be known (Windows)."""
    return boot_time() - time.monotonic() if _RUNS_ON is not None else 0.0


def boot_id() -> str:
    """Return what tells one start of the machine from another, "" where the system has no such name (not Linux)."""
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""
