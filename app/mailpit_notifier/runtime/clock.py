"""Clocks that include the time asleep, and one that does not.

`time.monotonic` excludes it on Linux and macOS and includes it on Windows. Neither the user nor NTP can set any of
these clocks; for the time of day use `datetime`.
"""

import sys
import time
from pathlib import Path

if sys.platform == "linux":
    _RUNS_ON: int | None = time.CLOCK_BOOTTIME
elif sys.platform == "darwin":
    _RUNS_ON = time.CLOCK_MONOTONIC_RAW  # includes sleep, unlike the clock behind time.monotonic
else:
    _RUNS_ON = None

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def boot_time() -> float:
    """Return seconds since a fixed moment at or before boot, including time asleep."""
    return time.monotonic() if _RUNS_ON is None else time.clock_gettime(_RUNS_ON)


def awake_time() -> float:
    """Return seconds since a fixed moment at or before boot, without time asleep."""
    if sys.platform == "win32":
        import ctypes

        ticks = ctypes.c_ulonglong()  # of 100 ns
        ctypes.windll.kernel32.QueryUnbiasedInterruptTime(ctypes.byref(ticks))
        return ticks.value / 10_000_000
    return time.monotonic()


def time_asleep() -> float:
    """Return the seconds asleep since a fixed moment."""
    return boot_time() - awake_time()


def boot_id() -> str:
    """Return an ID that changes with each boot, "" where the system has none (all but Linux)."""
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""
