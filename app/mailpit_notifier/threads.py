"""Threads. All are daemons: one that hangs in DNS cannot be stopped, only abandoned, and an executor's would be joined
at exit. Apart from bridge.py because commands have threads and no loop, and asyncio takes 15 ms to load.
"""

import threading
from collections.abc import Callable


def start_thread(run: Callable[[], None], name: str) -> None:
    """Start a daemon thread."""
    threading.Thread(target=run, name=name, daemon=True).start()
