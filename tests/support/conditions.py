"""Wait in a test until something is true."""

import asyncio
import sys
from collections.abc import Callable

PATIENCE = 15.0 if sys.platform != "win32" else 60.0  # also under wine
"""Seconds until the test fails."""


async def until(condition: Callable[[], object], between: Callable[[], object] = lambda: None) -> None:
    """Wait until the condition is true, while the loop runs. `between` is called before each check but the first."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            between()
            await asyncio.sleep(0.002)
