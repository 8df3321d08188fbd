"""Ends a program that was started with all that it started itself: a wrapper's children would hold its pipes open."""

import contextlib
import os
import signal
import subprocess


def end(process: subprocess.Popen[bytes]) -> None:
    """End it and, where it leads a session of its own, all in it; nothing happens to what has ended. Blocking."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:  # Windows
            process.kill()
    process.wait()
