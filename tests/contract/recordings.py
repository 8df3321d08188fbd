"""Recordings of Mailpit v1.30.5, and the shape of JSON values for comparison."""

import json
from pathlib import Path
from typing import Any

RECORDINGS = Path(__file__).parents[1] / "data" / "recordings" / "mailpit-1.30.5"
FRAMES = [json.loads(line) for line in (RECORDINGS / "frames.jsonl").read_text("utf-8").splitlines()]
EXCHANGES = sorted((RECORDINGS / "http").glob("*.http"))
HANDSHAKES = [path for path in EXCHANGES if path.name.startswith("handshake_")]
CALLS = [path for path in EXCHANGES if path not in HANDSHAKES]
UNKNOWN = "A" * 22
"""An ID without a message, as in the recordings."""


def shape(value: Any, place: str = "") -> set[tuple[str, object]]:
    """Return the type of each value in a JSON value, and the keys of each object."""
    if isinstance(value, dict):
        inside = (shape(item, f"{place}.{key}") for key, item in value.items())
        return {(place, frozenset(value))}.union(*inside)
    if isinstance(value, list):
        return {(place, "list")}.union(*(shape(item, f"{place}[]") for item in value))
    return {(place, type(value).__name__)}


def recorded(kind: str) -> list[Any]:
    return [frame["Data"] for frame in FRAMES if frame["Type"] == kind]


def recorded_shape(kind: str) -> set[tuple[str, object]]:
    return set().union(*(shape(data) for data in recorded(kind)))


def setting(path: Path) -> dict[str, str]:
    """Return how the server of a recorded exchange was set up."""
    auth = "ann:secret" if "401" in path.stem or path.stem.endswith("_auth") else ""
    return {"auth": auth, "webroot": "mail" if "webroot" in path.stem else ""}
