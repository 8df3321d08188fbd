"""Commands to the running instance: `show`, `quit`, `status`, `open`, `copy`, `link`.

`pause` and `resume`: silence for a time, or for as long as a command runs.

While a command runs, the pause is a lease that is renewed: where we are killed, notifications come back by themselves.
Without a running instance there is nothing to silence, which is said and is no failure: the command runs all the same.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mailpit_notifier.control.instance import Answer, ControlError, ask_instance
from mailpit_notifier.core.pauses import duration, tomorrow
from mailpit_notifier.protocol.faults import Fault
from mailpit_notifier.runtime.processes import resolve_command

from .common import DONE, FAILED, NO

NOT_RUNNING = "Mailpit Notifier is not running."


def run(command: str, *, as_json: bool = False) -> int:
    """Send the command, print what came of it, and return the exit code: 0 done, 1 refused, 2 nobody to ask."""
    try:
        answer = ask_instance(command)
    except ControlError as error:
        print(error, file=sys.stderr)
        return FAILED
    if answer is None:
        print(NOT_RUNNING, file=sys.stderr)
        return FAILED
    if command == "status":
        print(json.dumps(answer.data) if as_json else status_text(answer.data))
    elif answer.text:
        print(answer.text, file=sys.stdout if answer.ok else sys.stderr)
    return DONE if answer.ok else NO


def status_text(data: Mapping[str, Any]) -> str:
    """The status for people, a line per server."""
    pause = [f"paused until {data['paused_until']}"] if data["paused_until"] else []
    return "\n".join([*pause, *(f"{server['name']}: {_state(server)}" for server in data["servers"])])


def _state(server: Mapping[str, Any]) -> str:
    if server["fault"]:
        return f"{server['state']}, {Fault[server['fault'].upper()].sentence}"
    if server["total"] is None:
        return str(server["state"])
    return f"{server['state']}, {server['unread']} unread of {server['total']}"


LEASE, RENEWAL = 120.0, 40.0
"""Seconds that a lease lasts, and after which it is renewed."""

NOT_FOUND, NOT_EXECUTABLE, BY_SIGNAL = 127, 126, 128
"""Exit codes of a shell: for a command that is not there, cannot be run, or was ended by a signal (and its number)."""


def pause_time(text: str) -> str:
    """Return how long, as the running instance reads it: seconds, the time at which a pause ends that ends by the clock
    on the wall, "" until somebody resumes. Raises ArgumentTypeError.
    """
    match text:
        case "forever":
            return ""
        case "tomorrow":
            return tomorrow(datetime.now().astimezone()).isoformat()
    try:
        return str(duration(text))
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError("must be a time like 15m or 1h, tomorrow, or forever") from None


def pause(seconds: str, command: Sequence[str]) -> int:
    """Pause for a time, or while a command runs; returns the exit code, that of the command if there is one."""
    return pause_while(command) if command else _tell(_ask("pause", seconds))


def resume() -> int:
    """End the pause."""
    return _tell(_ask("resume"))


def pause_while(command: Sequence[str]) -> int:
    """Pause, run the command, resume whatever becomes of it; returns its status as a shell would."""
    holder = f"command-{os.getpid()}"
    answer = _ask("pause", str(LEASE), holder)
    if answer is None:
        print(NOT_RUNNING, file=sys.stderr)
    try:
        return _run(command, ["renew", str(LEASE), holder] if answer and answer.ok else [])
    finally:
        if answer:
            _ask("resume", holder)


def _run(command: Sequence[str], renewal: Sequence[str]) -> int:
    try:
        process = subprocess.Popen(resolve_command(command))  # noqa: S603 - the user's own
    except OSError as error:
        print(f"{command[0]} cannot be run: {error.strerror}.", file=sys.stderr)
        return NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE
    # Ctrl-C reaches the command by itself, and we stay until it has ended.
    handlers = {signal.SIGINT: lambda *_: None, signal.SIGTERM: lambda *_: process.terminate()}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        while True:
            try:
                status = process.wait(RENEWAL)
            except subprocess.TimeoutExpired:
                if renewal:
                    _ask(*renewal)
            else:
                return status if status >= 0 else BY_SIGNAL - status
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ask(command: str, *args: str) -> Answer | None:
    """The running instance's answer; None where there is none, or where it does not answer, which is said."""
    try:
        return ask_instance(command, args)
    except ControlError as error:
        print(error, file=sys.stderr)
        return None


def _tell(answer: Answer | None) -> int:
    if answer is None:
        print(NOT_RUNNING, file=sys.stderr)
        return DONE
    print(answer.text, file=sys.stdout if answer.ok else sys.stderr)
    return DONE if answer.ok else NO
