"""Whether there is a display, and when it ends. Checked without Qt, which aborts the process without a display."""

import os
import re
import socket
import sys
from collections.abc import Callable
from pathlib import Path

CONNECTION_LOST = re.compile(r"The (X11|Wayland) connection (broke|experienced a fatal error)")

NOISE = re.compile(
    r"Failed to register with host portal|"  # another connection of this process, for example by GTK, was first
    r"virtual void \S*QWaylandTextInput|"  # each window that closes without a text field
    r"QDBusTrayIcon encountered a D-Bus error"  # a tray that starts later or again; it gets a new icon (OwnerWatch)
)
"""Harmless warnings of Qt. They are logged at DEBUG only."""


def display_answers() -> bool:
    """Return whether the Wayland compositor or X server of the environment accepts connections. Blocks up to 2 s."""
    return any(_answers(address) for address in (_wayland_socket(), _x_socket()) if address)


def watch_end(ended: Callable[[], object]) -> None:
    """Call `ended` when the X server or Wayland compositor ends.

    `ended` must not return: Qt would then end the event loop while it is in use (X) or the process (Wayland). Qt
    reports the end only as a log message, so its message handler is replaced. That message and NOISE are not printed.
    """
    import logging  # commands need this module without it

    from PySide6.QtCore import QMessageLogContext, QtMsgType, qFormatLogMessage, qInstallMessageHandler

    def on_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        if CONNECTION_LOST.match(text):
            ended()
        elif NOISE.match(text):
            logging.getLogger(__name__).debug("Qt: %s", text)
        elif sys.stderr:  # None on Windows without a console
            sys.stderr.write(f"{qFormatLogMessage(kind, context, text)}\n")

    qInstallMessageHandler(on_message)


def _wayland_socket() -> str:
    name = os.environ.get("WAYLAND_DISPLAY", "")
    return str(Path(os.environ.get("XDG_RUNTIME_DIR", ""), name)) if name else ""


def _x_socket() -> str | tuple[str, int]:
    """Return the address of the X server by DISPLAY (X(7)): path of a socket, or host and port; "" without one."""
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
