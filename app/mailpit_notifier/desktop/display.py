"""Whether there is a display to draw on, found out without Qt, which would abort where there is none."""

import os
import socket
from pathlib import Path


def display_answers() -> bool:
    """Whether a Wayland compositor or an X server listens where the environment says."""
    return any(_answers(address) for address in (_wayland_socket(), _x_socket()) if address)


def _wayland_socket() -> str:
    name = os.environ.get("WAYLAND_DISPLAY", "")
    return str(Path(os.environ.get("XDG_RUNTIME_DIR", ""), name)) if name else ""


def _x_socket() -> str | tuple[str, int]:
    """Where the X server listens, by DISPLAY (X(7)): a socket's path, or host and port; "" without one."""
    host, _, screen = os.environ.get("DISPLAY", "").rpartition(":")
    number = screen.partition(".")[0]
    if not number.isdigit():
        return ""
    return (host, 6000 + int(number)) if host and host != "unix" else f"/tmp/.X11-unix/X{number}"  # noqa: S108


def _answers(address: str | tuple[str, int]) -> bool:
    if isinstance(address, tuple):
        return _connects(socket.AF_INET, address)
    return _connects(socket.AF_UNIX, address) or _connects(socket.AF_UNIX, f"\0{address}")


def _connects(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    with socket.socket(family) as sock:
        sock.settimeout(2)
        try:
            sock.connect(address)
        except OSError:
            return False
        return True
