"""Entry point: arguments, logging, single instance, QApplication, event loop.

Commands are dispatched before Qt is imported: that saves them 70 ms. Each reason not to start ends in one sentence on
stderr and exit code 2.
"""

import contextlib
import gc
import io
import linecache
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NoReturn, cast

from mailpit_notifier.cli.common import FAILED, clean_terminal, with_output
from mailpit_notifier.control.instance import (
    SOCKET,
    ControlError,
    InstanceLock,
    request_when_ready,
    runtime_folder,
    state_folder,
    writable_folder,
)
from mailpit_notifier.desktop.display import display_answers, watch_end

from . import APP_ID, APP_NAME, __version__

if TYPE_CHECKING:  # what takes time is imported when it is needed, most of it after the tray icon is shown
    import argparse

    from PySide6.QtWidgets import QApplication

    from mailpit_notifier.config.store import Start
    from mailpit_notifier.ui.tray.icon import Tray

AFTER_THE_ICON = (
    *("mailpit_notifier.protocol.faults", "mailpit_notifier.protocol.model", "mailpit_notifier.runtime.text"),
    *("mailpit_notifier.core.rules", "mailpit_notifier.core.settings", "mailpit_notifier.core.limits"),
    *("logging", "asyncio", "email.parser", "http.client", "websocket", "mailpit_notifier.protocol.events"),
)
"""Modules imported first once the icon is shown: in small parts, so that requests of the panel are answered soon."""


class NoLines(dict[str, Any]):
    """A cache of source lines that stays empty. Tracebacks read the lines that they need again.

    PySide6 reads the source of each module that is imported after it, to find the users of its optional features
    (shibokensupport/feature.py). The usual cache would keep the lines of 260 files until the end: 9 MiB.
    """

    def __setitem__(self, name: str, lines: Any) -> None:
        """Keep nothing."""

    def __missing__(self, name: str) -> tuple[Any, ...]:
        """Return an entry without lines: for a module without a file, as in a package, linecache reads back its own."""
        return (lambda: None, None, [], name)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program or a command; return the exit code."""
    clean_terminal()
    return with_output(partial(run_with, sys.argv[1:] if argv is None else argv))


def run_with(argv: Sequence[str]) -> int:
    """Parse the arguments; run the command, the self-test or the program; return the exit code."""
    options = usual_options(argv) or parsed(argv)
    if options.after_upgrade:
        options = options_after_upgrade()
    if options.selftest:
        from . import selftest

        return selftest.run()
    try:
        return command(options) if options.command else start_program(options)
    except StartError as error:
        show_failure(str(error))
        return FAILED


def usual_options(argv: Sequence[str]) -> "argparse.Namespace | None":
    """Return the options of a start with no others than --hidden and --server URL, as `parsed` would; else None.

    That spares the start the parser of all commands: 20 ms.
    """
    servers, is_hidden, rest = list[str](), False, list(argv)
    while rest:
        option = rest.pop(0)
        if option == "--hidden":
            is_hidden = True
        elif option == "--server" and rest and not rest[0].startswith("-"):
            servers.append(rest.pop(0))
        else:
            return None
    off = dict.fromkeys(("demo", "print_notifications", "selftest", "after_upgrade"), False)
    names = {"server": servers, "config": None, "log_level": "warning", "command": None, "words": []}
    options = SimpleNamespace(hidden=is_hidden, **off, **names)
    return cast("argparse.Namespace", options)


def parsed(argv: Sequence[str]) -> "argparse.Namespace":
    """Parse the arguments. Wrong usage ends the process with a sentence."""
    from .cli.arguments import parse

    with failures_as_dialogs():
        return parse(argv)


@contextlib.contextmanager
def failures_as_dialogs() -> Iterator[None]:
    """Show what argparse prints before it ends the process, also in a program without a console (Windows)."""
    if sys.stderr is not None:
        yield
        return
    printed = io.StringIO()
    try:
        with contextlib.redirect_stderr(printed):
            yield
    except SystemExit as end:
        if end.code:
            show_failure(printed.getvalue())
        raise


def show_failure(sentence: str) -> None:
    """Print why the program does not start, or show it where there is no console (Windows)."""
    if sys.stderr is None and sys.platform == "win32":
        import ctypes

        icon_and_foreground = 0x10 | 0x10000  # MB_ICONERROR, MB_SETFOREGROUND
        ctypes.windll.user32.MessageBoxW(None, sentence, APP_NAME, icon_and_foreground)
    else:
        print(sentence, file=sys.stderr)


def options_after_upgrade() -> "argparse.Namespace":
    """Return the options of the program that the installer has ended, together with the options of this start."""
    from .upgrade import restore_options

    sys.argv[1:] = [*restore_options(), *(option for option in sys.argv[1:] if option != "--after-upgrade")]
    return parsed(sys.argv[1:])


def command(options: "argparse.Namespace") -> int:
    """Run a command; return the exit code."""
    from .cli import standalone

    if options.command in standalone.COMMANDS:
        return standalone.run(options, here=True)
    if options.command == "autostart":
        from .cli import setup

        return setup.run_autostart(options.wanted)
    if options.command == "forget":
        from .cli import setup

        return setup.run_forget()
    from .cli import remote

    if options.command == "resume":
        return remote.resume()
    if options.command == "pause":
        return remote.pause_until_eof() if options.until_eof else remote.pause(options.time, options.words)
    arguments = ["for-upgrade"] if getattr(options, "for_upgrade", False) else []
    return remote.run(options.command, arguments, as_json=getattr(options, "json", False))


class StartError(Exception):
    """The program cannot start. The text is a sentence for the user."""


def start_program(options: "argparse.Namespace") -> int:
    """Start the tray application, or show the window of the running instance. Raises StartError."""
    named = named_servers(options)
    try:
        place = runtime_folder()
        writable_folder(state_folder())
        instance = InstanceLock(place / "lock")
        is_first = instance.acquire()
    except OSError as error:
        raise StartError(
            f"Cannot create the folder for the program's state: {error.filename}: {error.strerror}."
        ) from error
    if not is_first:
        return show_running_instance(place / SOCKET, options)
    try:
        require_display()
        if options.demo:
            run_demo(options, instance, place)
        run(lambda: start_with(named, config=options.config), options, instance, place)
    finally:
        instance.release()


def named_servers(options: "argparse.Namespace") -> list[str]:
    """Return the addresses of --server or MAILPIT_URL, which replace the configured ones. Raises StartError."""
    named: list[str] = options.server or [url for url in [os.environ.get("MAILPIT_URL", "").strip()] if url]
    if named:
        from mailpit_notifier.protocol.urls import ServerUrl

        try:
            for text in named:
                ServerUrl.parse(text)
        except ValueError as error:
            raise StartError(str(error) if options.server else f"MAILPIT_URL: {error}") from error
    return named


def start_with(named: Sequence[str], *, config: Path | None = None, journals: Path | None = None) -> "Start":
    """Return what the command line decided, from valid addresses."""
    from mailpit_notifier.config.store import Start
    from mailpit_notifier.core.settings import servers_from

    return Start(config=config, servers=servers_from(named), journals=journals)


def run_demo(options: "argparse.Namespace", instance: InstanceLock, place: Path) -> NoReturn:
    """Run with a demo server, a stand-in for Mailpit that ends with the program. Raises StartError."""
    from tempfile import TemporaryDirectory

    from mailpit_notifier.demo.process import Demo, DemoError

    try:
        demo = Demo()
    except DemoError as error:
        raise StartError(str(error)) from error
    with contextlib.ExitStack() as stack:
        stack.callback(demo.stop)
        folder = Path(
            stack.enter_context(TemporaryDirectory())
        )  # not the user's: its messages and its URL are new each time
        start = partial(start_with, [demo.url], config=folder / "config.toml", journals=folder)
        run(start, options, instance, place, stack.close)


def show_running_instance(path: Path, options: "argparse.Namespace") -> int:
    """Show the window of the running instance, which asks about servers that are named. Raises StartError if it hangs.

    Also raises it if options ask for another configuration.
    """
    if options.demo or options.config:
        raise StartError(f"{APP_NAME} is already running. Quit it first to start it with other servers.")
    try:
        answer = request_when_ready(path, "add" if options.server else "show", options.server or ())
    except ControlError as error:
        raise StartError(str(error)) from error
    if answer is None:
        raise StartError(f"{APP_NAME} is already running but does not respond. End its process and start it again.")
    if not answer.ok:
        raise StartError(answer.text)
    if answer.text:
        print(answer.text)
    return 0


def run(
    start: "Callable[[], Start]",
    options: "argparse.Namespace",
    instance: InstanceLock,
    place: Path,
    clean_up: Callable[[], None] = lambda: None,
) -> NoReturn:
    """Build the application, tray icon first, run it on Qt's event loop until it quits, and end the process."""
    gc.disable()  # imports create no garbage, but many collections; see collect_on_loop
    linecache.cache = NoLines()
    qt = make_application(clean_up)
    tray = show_icon(qt)
    import asyncio

    from mailpit_notifier.runtime.loop import Loop, collect_on_loop

    qt.processEvents()
    from mailpit_notifier.ui.opening import keep_sizes

    from .app import App
    from .logs import set_up_logging

    qt.processEvents()
    if qt.platformName() == "xcb":
        keep_sizes(qt)
    set_up_logging(options.log_level)
    app = App(start(), tray, place / SOCKET, hidden=options.hidden, printing=options.print_notifications)
    collect_on_loop()
    gc.freeze()  # the objects of the imports live until the end: keep the collector from scanning them
    runner = asyncio.Runner(loop_factory=lambda: Loop(qt))
    try:
        code = runner.run(app.run())
    except OSError as error:
        show_failure(f"Cannot create the control socket in {place}: {error.strerror or error}.")
        code = FAILED
    clean_up()
    if app.restarts:
        from .upgrade import restart

        restart(instance.release)
    leave(code)


def make_application(clean_up: Callable[[], None]) -> "QApplication":
    """Return the Qt application. `clean_up` is called if the display server ends."""
    if sys.platform == "win32":
        import ctypes

        # The shortcut has the same ID; with another one, Windows would drop the program's notifications.
        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID(APP_NAME)
    from PySide6.QtWidgets import QApplication

    watch_end(lambda: leave_display(clean_up))
    qt = QApplication([APP_ID])
    qt.setApplicationName(APP_ID)
    qt.setApplicationDisplayName(APP_NAME)
    qt.setApplicationVersion(__version__)
    qt.setDesktopFileName(APP_ID)
    qt.setQuitOnLastWindowClosed(False)
    return qt


def show_icon(qt: "QApplication") -> "Tray":
    """Show the tray icon, import what it can do without, and complete its menu.

    The imports take longer than showing the icon. Events in between let the panel fetch its picture.
    """
    from mailpit_notifier.ui.tray.icon import Tray

    from .runtime import translation

    translation.install(qt)
    tray = Tray(is_early=True)
    tray.show()
    from .runtime.openssl import import_without_openssl

    for name in AFTER_THE_ICON:
        qt.processEvents()
        import_without_openssl(name)
    qt.processEvents()
    tray.complete()
    qt.processEvents()
    return tray


def leave_display(clean_up: Callable[[], None]) -> NoReturn:
    """End the process because the display server ended. The journal is on disk already: each notice writes it."""
    import logging

    logging.getLogger(__name__).error("The display server closed the connection. %s exits.", APP_NAME)
    clean_up()
    leave(FAILED)


def leave(code: int) -> NoReturn:
    """End the process at once, without waiting for threads.

    A thread may hang in a DNS look-up for minutes, and Qt crashes when a thread calls an event loop that is being
    destroyed. Everything is saved by now.
    """
    import logging

    logging.shutdown()
    for stream in filter(None, (sys.stdout, sys.stderr)):  # on Windows there are none without a console
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def require_display() -> None:
    """Raise StartError without a display: Qt would abort. Windows and macOS always have one."""
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0]
    if not sys.platform.startswith("linux") or platform not in {"", "xcb", "wayland"}:
        return
    if not display_answers():
        raise StartError(
            "There is no display. Start the program in a graphical session. "
            "From a checkout, `packaging/dev run` provides a virtual display."
        )
