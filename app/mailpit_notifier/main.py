"""From the command line to a running program: arguments, logging, single instance, QApplication, event loop.

Commands are dispatched before Qt is imported, and every reason not to start is a sentence and an exit code.
"""

import argparse
import contextlib
import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from mailpit_notifier.cli.arguments import parse
from mailpit_notifier.cli.common import FAILED
from mailpit_notifier.cli.terminal import clean_terminal
from mailpit_notifier.control.instance import (
    SOCKET,
    ControlError,
    InstanceLock,
    request_when_ready,
    runtime_folder,
    state_folder,
    writable_folder,
)
from mailpit_notifier.core.settings import Server, servers_from
from mailpit_notifier.desktop.display import display_answers, watch_end

from . import APP_ID, APP_NAME, __version__
from .cli import standalone
from .start import Start

LOG_BYTES, LOG_FILES = 1_000_000, 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program or a command; returns the exit code."""
    clean_terminal()
    options = parse(sys.argv[1:] if argv is None else argv)
    if options.selftest:
        from . import selftest

        return selftest.run()
    try:
        return command(options) if options.command else start_program(options)
    except StartError as error:
        print(error, file=sys.stderr)
        return FAILED


def command(options: argparse.Namespace) -> int:
    """Run a command; returns the exit code."""
    if options.command in standalone.COMMANDS:
        return standalone.run(options, here=True)
    if options.command == "autostart":
        from .cli import setup

        return setup.run_autostart(options.wanted)
    if options.command == "forget":
        from .cli import setup

        return setup.run_forget()
    if options.command in {"pause", "resume"}:
        from .cli import remote

        return remote.pause(options.time, options.words) if options.command == "pause" else remote.resume()
    from .cli import remote

    return remote.run(options.command, as_json=getattr(options, "json", False))


class StartError(Exception):
    """Why the program does not start, as a sentence for the user."""


def start_program(options: argparse.Namespace) -> int:
    """Start the tray application, or hand over to the instance that runs. Raises StartError."""
    servers = named_servers(options)
    try:
        place = runtime_folder()
        writable_folder(state_folder())
        instance = InstanceLock(place / "lock")
        is_first = instance.acquire()
    except OSError as error:
        raise StartError(f"No folder for the state of this program: {error.filename}: {error.strerror}.") from error
    if not is_first:
        return show_running_instance(place / SOCKET, options)
    try:
        require_display()
        if options.demo:
            run_demo(options, place)
        run(Start(config=options.config, servers=servers), options, place)
    finally:
        instance.release()


def named_servers(options: argparse.Namespace) -> tuple[Server, ...]:
    """The servers named for this run, instead of the configured ones. Raises StartError."""
    try:
        return servers_from(options.server or [url for url in [os.environ.get("MAILPIT_URL", "")] if url])
    except ValueError as error:
        raise StartError(str(error)) from error


def run_demo(options: argparse.Namespace, place: Path) -> NoReturn:
    """Run against a stand-in for Mailpit, which lives as long as we do. Raises StartError."""
    from tempfile import TemporaryDirectory

    from mailpit_notifier.demo.process import DemoError, start_demo

    try:
        demo = start_demo()
    except DemoError as error:
        raise StartError(str(error)) from error
    with contextlib.ExitStack() as stack:
        stack.callback(demo.stop)
        folder = Path(stack.enter_context(TemporaryDirectory()))  # its mails are new each time, and so is its address
        start = Start(config=folder / "config.toml", servers=servers_from([demo.url]), journals=folder)
        run(start, options, place, stack.close)


def show_running_instance(path: Path, options: argparse.Namespace) -> int:
    """A second start shows the first one's window; it cannot change what the first one listens to."""
    if options.server or options.demo or options.config:
        raise StartError(f"{APP_NAME} is already running. Quit it first to start it with other servers.")
    try:
        answer = request_when_ready(path, "show")
    except ControlError as error:
        raise StartError(str(error)) from error
    if answer is None:
        raise StartError(f"{APP_NAME} is already running but does not answer. End it and start it again.")
    return 0


def run(
    start: Start, options: argparse.Namespace, place: Path, clean_up: Callable[[], None] = lambda: None
) -> NoReturn:
    """Build the application, the icon first, run it on Qt's loop until it is asked to quit, and end the process."""
    gc.disable()  # nothing of what is loaded now is garbage
    if sys.platform == "win32":
        import ctypes

        # The shortcut's, too: Windows takes what differs for another program, and drops its notifications.
        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID(APP_NAME)
    from PySide6.QtWidgets import QApplication

    watch_end(lambda: leave_display(clean_up))
    qt = QApplication([APP_ID])
    qt.setApplicationName(APP_ID)
    qt.setApplicationDisplayName(APP_NAME)
    qt.setApplicationVersion(__version__)
    qt.setDesktopFileName(APP_ID)
    qt.setQuitOnLastWindowClosed(False)

    from mailpit_notifier.ui.tray.icon import Tray

    from .runtime import translation

    translation.install(qt)
    tray = Tray()
    tray.show()

    # What is imported from here on takes longer than the icon; the panel asks for its picture meanwhile.
    import asyncio

    qt.processEvents()
    from mailpit_notifier.runtime.loop import Loop

    qt.processEvents()
    from mailpit_notifier.runtime.loop import collect_on_loop

    from .app import App

    qt.processEvents()
    set_up_logging(options.log_level)
    app = App(start, tray, place / SOCKET, hidden=options.hidden, printing=options.print_notifications)
    collect_on_loop()
    gc.freeze()  # what is there now stays: collecting would look at all of it again and again
    runner = asyncio.Runner(loop_factory=lambda: Loop(qt))
    try:
        code = runner.run(app.run())
    except OSError as error:
        print(f"The control socket in {place} cannot be made: {error.strerror or error}.", file=sys.stderr)
        code = FAILED
    clean_up()
    if app.restarts:
        from .upgrade import restart

        restart()
    leave(code)


def leave_display(clean_up: Callable[[], None]) -> NoReturn:
    """End the process because the display has ended. Nothing is lost: what was announced is noted when it is shown."""
    import logging

    logging.getLogger(__name__).error("The display has ended, and %s ends with it.", APP_NAME)
    clean_up()
    leave(FAILED)


def leave(code: int) -> NoReturn:
    """End the process here and now.

    Threads may hang in a look-up, and Qt crashes when one of them calls a loop that is being taken down; nobody waits
    for them, and there is nothing left to be saved.
    """
    import logging

    logging.shutdown()
    for stream in filter(None, (sys.stdout, sys.stderr)):  # on Windows there are none without a console
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def require_display() -> None:
    """Raise StartError where there is nothing to draw on: Qt would abort. Windows and macOS always have a display."""
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0]
    if not sys.platform.startswith("linux") or platform not in {"", "xcb", "wayland"}:
        return
    if not display_answers():
        raise StartError(
            "There is no display to put an icon on. Start it in a graphical session; "
            "from a checkout, `packaging/dev run` makes a virtual one."
        )


def set_up_logging(level: str) -> None:
    """Log to the terminal, and to a file of bounded size in the state folder."""
    import logging
    import logging.handlers

    from .logs import LineFormatter

    logging.raiseExceptions = False  # a full disk would print a traceback for every line
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    try:
        folder = writable_folder(state_folder())
        handlers.append(
            logging.handlers.RotatingFileHandler(
                folder / "log.txt", maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8", delay=True
            )
        )
    except OSError as error:
        print(f"No log file: {error}", file=sys.stderr)
    for handler in handlers:
        handler.setFormatter(LineFormatter())
    logging.basicConfig(level=level.upper(), handlers=handlers)
    # They log at debug what they send, headers included.
    for chatty in ("qasync", "asyncio", "websocket"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
