"""How long to wait before the next try: doubling, jittered, endless. Pure; the caller gives the dice."""

from collections.abc import Callable, Iterator

FIRST, LONGEST, LONGEST_LOCAL = 1.0, 60.0, 5.0
"""Seconds. Local servers are stopped and started all day, and asking them costs nothing."""


def delays(longest: float, dice: Callable[[], float]) -> Iterator[float]:
    """Seconds to wait: 1, 2, 4 … `longest`, each times 0.75 to 1.25. `dice` gives numbers from 0 to 1."""
    delay = FIRST
    while True:
        yield min(delay, longest) * (0.75 + dice() / 2)
        delay = min(delay * 2, longest)
