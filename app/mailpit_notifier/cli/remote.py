"""Commands for the running application: `show`, `quit`, `status`, `open`, `copy`, `link`, `pause`, `resume`.

`pause -- COMMAND` pauses while a command runs. That pause is a lease which is renewed again and again, so that
notifications resume by themselves if this process is killed (see decision 0017). If the application is not running,
there is nothing to pause, and `pause` and `resume` succeed.

Linux programs in WSL cannot reach the socket of an application on Windows. There, commands are passed on to
mailpit-notifier.exe, which Windows puts on the PATH (see decision 0036).
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Any

from mailpit_notifier.control.instance import Answer, ControlError, ask_instance
from mailpit_notifier.core.pauses import duration, format_end, is_number, tomorrow
from mailpit_notifier.protocol.faults import Fault

from .common import BY_SIGNAL, DONE, FAILED, NO, end_signals

NOT_RUNNING = "Mailpit Notifier is not running."

WINDOWS_PROGRAM = "mailpit-notifier.exe"
"""The program for the terminal on Windows, as WSL finds it."""

NOT_ON_WINDOWS = f"Mailpit Notifier is not running in WSL, and {WINDOWS_PROGRAM} is not on the PATH."


def run(
    command: str,
    arguments: Sequence[str] = (),
    *,
    as_json: bool = False,
    not_running: int = FAILED,
    for_windows: Sequence[str] = (),
) -> int:
    """Send the command and print the answer; return 0 if done, 1 if refused, 2 if that is not possible.

    `not_running` is returned where there is no application. `for_windows`: arguments for the application on Windows,
    when run in WSL.
    """
    try:
        answer = ask_instance(command, arguments)
    except ControlError as error:
        print(error, file=sys.stderr)
        return FAILED
    if answer is None:
        return _hand_over(command, *for_windows, *(["--json"] if as_json else []), otherwise=not_running)
    if command == "status":
        print(json.dumps(answer.data) if as_json else status_text(answer.data))
    elif answer.text:
        print(answer.text, file=sys.stdout if answer.ok else sys.stderr)
    return DONE if answer.ok else NO


def status_text(data: Mapping[str, Any]) -> str:
    """Return the status as text, a line for each server."""
    pause = [f"paused until {_end(data['paused_until'], 'you resume')}"] if data["paused_until"] else []
    servers = [f"{server['name']}: {_state(server)}{_mute(server)}" for server in data["servers"]]
    return "\n".join([*pause, *(servers or ["No server is enabled."])])


def _mute(server: Mapping[str, Any]) -> str:
    end = server.get("muted_until")  # not in the answer of a program before an upgrade
    return f" (muted until {_end(end, 'you unmute it')})" if end else ""


def _end(time: str, without_end: str) -> str:
    return format_end(datetime.fromisoformat(time), datetime.now(UTC), without_end=without_end)


def _state(server: Mapping[str, Any]) -> str:
    if fault := server["fault"]:  # the running program may be older or newer than this one
        known = Fault.__members__.get(fault.upper())
        return f"{server['state']}, {server.get('problem') or (known.sentence if known else fault)}"
    if server["total"] is None:
        return str(server["state"])
    return f"{server['state']}, {server['unread']} unread of {server['total']}"


LEASE, RENEWAL = 120.0, 40.0
"""Seconds that a lease lasts, and between renewals."""

NOT_FOUND, NOT_EXECUTABLE = 127, 126
"""Exit codes of a shell for a command that is not found, or cannot be run."""


def pause_time(text: str) -> str:
    """Return a duration as the running application reads it: seconds, the end as ISO time, or "" for no end.

    Raises ArgumentTypeError.
    """
    match text:
        case "forever":
            return ""
        case "tomorrow":
            return tomorrow(datetime.now().astimezone()).isoformat()
    if is_number(text):
        raise argparse.ArgumentTypeError(f"Use {text.strip()}m or {text.strip()}s.")
    try:
        return str(duration(text))
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError("Invalid duration. Use 15m, 1h, tomorrow or forever.") from None


def pause(time: str, command: Sequence[str]) -> int:
    """Pause for a time, or while a command runs; return the exit code, with a command that of the command."""
    if command:
        return pause_while(command)
    for_windows = "forever" if not time else "tomorrow" if "T" in time else time  # as `pause_time` reads it
    return run("pause", [time], not_running=DONE, for_windows=[for_windows])


def resume() -> int:
    """End the pause."""
    return run("resume", not_running=DONE)


def pause_while(command: Sequence[str]) -> int:
    """Pause, run the command, and resume, also if it fails; return its exit code as a shell would."""
    with _lease() as renewal:
        return _run(command, renewal)


def pause_until_eof() -> int:
    """Pause until standard input ends: for a command in WSL. Print a line once it is paused."""
    at_end = SimpleQueue[bytes]()
    with _lease() as renewal:
        if not renewal:
            return FAILED
        print("paused", flush=True)
        from mailpit_notifier.runtime.threads import start_thread

        start_thread(lambda: at_end.put(sys.stdin.buffer.read()), "standard input")
        while True:
            with contextlib.suppress(Empty):
                at_end.get(timeout=RENEWAL)
                return DONE
            _ask(*renewal)


@contextlib.contextmanager
def _lease() -> Iterator[Sequence[str]]:
    """Pause, and resume at the end. Yield the command that renews the lease; () if that is not needed."""
    holder = f"command-{os.getpid()}"
    answer = _ask("pause", str(LEASE), holder)
    if answer is None and in_wsl():
        with _lease_on_windows():
            yield ()
        return
    if answer is None:
        print(NOT_RUNNING, file=sys.stderr)
    try:
        yield ["renew", str(LEASE), holder] if answer and answer.ok else ()
    finally:
        if answer:
            _ask("resume", holder)


@contextlib.contextmanager
def _lease_on_windows() -> Iterator[None]:
    """Let the program on Windows pause until its standard input is closed, at the latest when this process ends."""
    program = shutil.which(WINDOWS_PROGRAM)
    if not program:
        print(f"Nothing was paused. {NOT_ON_WINDOWS}", file=sys.stderr)
        yield
        return
    command = [program, "pause", "--until-eof"]
    import subprocess

    # In a session of its own it does not get the terminal's Ctrl-C, after which it could not resume.
    with subprocess.Popen(  # noqa: S603 - this program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as holder:
        assert holder.stdout
        if not holder.stdout.readline():
            print("Nothing was paused.", file=sys.stderr)  # it has printed why
        yield


def in_wsl() -> bool:
    """Return whether this is a Linux of the Windows Subsystem for Linux, or a container in one."""
    return sys.platform == "linux" and ("WSL_DISTRO_NAME" in os.environ or "microsoft" in os.uname().release.lower())


def _hand_over(*arguments: str, otherwise: int) -> int:
    """Let the program on Windows run a command, from within WSL, and return its exit code.

    Where that is not possible, print that the application is not running, and return `otherwise`.
    """
    program = shutil.which(WINDOWS_PROGRAM) if in_wsl() else None
    if program:
        import subprocess

        return subprocess.call([program, *arguments])  # noqa: S603 - this program
    print(NOT_ON_WINDOWS if in_wsl() else NOT_RUNNING, file=sys.stderr)
    return otherwise


def _run(command: Sequence[str], renewal: Sequence[str]) -> int:
    import subprocess  # takes 4 ms of each start, and only this command needs it

    from mailpit_notifier.runtime.processes import resolve_command

    try:
        process = subprocess.Popen(resolve_command(command))  # noqa: S603 - the user's own command
    except OSError as error:
        print(f"Cannot run {command[0]}: {error.strerror}.", file=sys.stderr)
        return NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE

    def on_signal(number: int, _frame: object) -> None:
        if number == signal.SIGTERM:
            process.terminate()

    # A terminal sends the others to the command as well. This process must stay until it has ended, to resume then.
    before = {number: signal.signal(number, on_signal) for number in end_signals()}
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
