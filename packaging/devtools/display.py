"""Runs a program on a virtual display with a private session bus, on machines without a display.

Each process runs in its own session, so that Ctrl+C in the terminal reaches only `packaging/dev`. It ends the program
first, then the display and the bus.
"""

import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import IO, NoReturn

from .output import SetupError

_XVFB = ("Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp")
_BUS = ("dbus-daemon", "--nofork", "--nopidfile", "--print-address=1")

_BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow receive_sender="*"/><allow own="*"/>
</policy></busconfig>
"""
"""A bus that starts no services: those installed here need a desktop, and the program would warn that they fail."""

_START = 20.0
"""Seconds for a helper to become ready: far more than it takes on a busy machine."""

_END = 5.0
"""Seconds for a process to end after SIGTERM, before it is killed."""


def is_there(environ: Mapping[str, str]) -> bool:
    """Return whether this session has a display; always true on Windows and macOS."""
    return not sys.platform.startswith("linux") or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def run_without(command: list[str], env: Mapping[str, str]) -> int:
    """Run the program on a virtual display until it ends or is interrupted; return its exit code."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as config:
        config.write(_BUS_CONFIG)
        config.flush()
        with _helper(_XVFB) as display, _helper([*_BUS, f"--config-file={config.name}"]) as address:
            return _run(command, {**env, "DISPLAY": f":{display}", "DBUS_SESSION_BUS_ADDRESS": address})


def _run(command: list[str], env: dict[str, str]) -> int:
    program = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        code = program.wait()
    except KeyboardInterrupt:
        code = _end(program)
    finally:
        # Do not interrupt the clean-up. The program may have left child processes.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        with suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
        program.wait()
    return code if code >= 0 else 128 - code


@contextmanager
def _helper(command: Sequence[str]) -> Iterator[str]:
    """Run a program that prints its address as the first line of standard output; yield that line."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, start_new_session=True
        )
        try:
            yield _first_line(process) or _failed(command[0], errors)
        finally:
            _end(process)


def _first_line(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    ready = select.select([process.stdout], [], [], _START)[0]
    return process.stdout.readline().decode().strip() if ready else ""


def _failed(name: str, errors: IO[bytes]) -> NoReturn:
    errors.seek(0)
    raise SetupError(f"{errors.read().decode(errors='replace')}{name} did not start.")


def _end(process: subprocess.Popen[bytes]) -> int:
    process.terminate()
    try:
        return process.wait(_END)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
