"""Commands for the running application: `show`, `quit`, `status`, `open`, `copy`, `link`, `pause`, `resume`.

`pause -- COMMAND` pauses while a command runs. That pause is a lease which is renewed again and again, so that
notifications resume by themselves if this process is killed (see decision 0017). `pause` and `resume` succeed also
while the application is not running, for there is nothing to pause then.
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mailpit_notifier.control.instance import Answer, ControlError, ask_instance
from mailpit_notifier.core.pauses import duration, tomorrow
from mailpit_notifier.protocol.faults import Fault

from .common import DONE, FAILED, NO

NOT_RUNNING = "Mailpit Notifier is not running."


def run(command: str, *, as_json: bool = False) -> int:
    """Send the command and print the answer; return 0 if done, 1 if refused, 2 if the application is not running."""
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
    """Return the status as text, a line for each server."""
    pause = [f"paused until {data['paused_until']}"] if data["paused_until"] else []
    return "\n".join([*pause, *(f"{server['name']}: {_state(server)}" for server in data["servers"])])


def _state(server: Mapping[str, Any]) -> str:
    if fault := server["fault"]:  # the running program may be older or newer than this one
        known = Fault.__members__.get(fault.upper())
        return f"{server['state']}, {server.get('problem') or (known.sentence if known else fault)}"
    if server["total"] is None:
        return str(server["state"])
    return f"{server['state']}, {server['unread']} unread of {server['total']}"


LEASE, RENEWAL = 120.0, 40.0
"""Seconds that a lease lasts, and between renewals."""

NOT_FOUND, NOT_EXECUTABLE, BY_SIGNAL = 127, 126, 128
"""Exit codes of a shell for a command that is not found, cannot be run, or was ended by a signal (plus its number)."""


def pause_time(text: str) -> str:
    """Return a duration as the running application reads it: seconds, the end as ISO time, or "" for no end.

    Raises ArgumentTypeError.
    """
    match text:
        case "forever":
            return ""
        case "tomorrow":
            return tomorrow(datetime.now().astimezone()).isoformat()
    try:
        return str(duration(text))
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError("Invalid duration. Use 15m, 1h, tomorrow or forever.") from None


def pause(seconds: str, command: Sequence[str]) -> int:
    """Pause for a time, or while a command runs; return the exit code, that of the command if there is one."""
    return pause_while(command) if command else _print_answer(_ask("pause", seconds))


def resume() -> int:
    """End the pause."""
    return _print_answer(_ask("resume"))


def pause_while(command: Sequence[str]) -> int:
    """Pause, run the command, and resume, also if it fails; return its exit code as a shell would."""
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
    import subprocess  # takes 4 ms of each start, and only this command needs it

    from mailpit_notifier.runtime.processes import resolve_command

    try:
        process = subprocess.Popen(resolve_command(command))  # noqa: S603 - the user's own command
    except OSError as error:
        print(f"Cannot run {command[0]}: {error.strerror}.", file=sys.stderr)
        return NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE
    # A terminal sends Ctrl-C to the command as well. This process must stay until it has ended, to resume then.
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
    """Return the application's answer; None if it is not running, or if it does not answer, which is printed."""
    try:
        return ask_instance(command, args)
    except ControlError as error:
        print(error, file=sys.stderr)
        return None


def _print_answer(answer: Answer | None) -> int:
    if answer is None:
        print(NOT_RUNNING, file=sys.stderr)
        return DONE
    print(answer.text, file=sys.stdout if answer.ok else sys.stderr)
    return DONE if answer.ok else NO
