"""How long, as people write it on a command line: 10s, 2m, 1h, 1d, or seconds."""

import argparse
import re

UNITS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
LONGEST = 365 * 86_400.0


def duration(text: str) -> float:
    """Seconds. Raises argparse.ArgumentTypeError."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)([smhd]?)", text.strip().lower(), re.ASCII)
    if not found or (seconds := float(found[1]) * UNITS[found[2]]) > LONGEST:
        raise argparse.ArgumentTypeError("must be a time like 10s, 2m, 1h or a number of seconds, at most a year")
    return seconds
