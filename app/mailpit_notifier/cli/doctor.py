"""`doctor`: test the desktop and each server, and print a sentence for each result.

It runs the same code as the application, step by step. Needs neither Qt nor a running application.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Iterator
from itertools import chain

from mailpit_notifier.client.probe import check_live_updates, check_rest, explain_rest_fault
from mailpit_notifier.client.timing import TIMING, Timing
from mailpit_notifier.client.transport import choose_proxy, resolve
from mailpit_notifier.control.instance import ControlError, ask_instance
from mailpit_notifier.core.settings import Server
from mailpit_notifier.desktop.bus import NOTIFICATIONS, activatable_names
from mailpit_notifier.desktop.display import display_answers
from mailpit_notifier.protocol.faults import Fault, FaultError

from .common import DONE, FAILED, NO
from .server_options import STORE, dial_for, servers_and_warnings, with_credentials

TRAY = "org.kde.StatusNotifierWatcher"

Finding = tuple[bool, str]
"""Whether a step succeeded, and a sentence that says so or what to do."""


def run(options: argparse.Namespace, *, here: bool) -> int:
    """Print the findings; return the exit code. `here`: the application runs on this machine, so test the desktop."""
    try:
        servers, warnings = servers_and_warnings(options.server, options.config)
    except ValueError as error:
        print(error, file=sys.stderr)
        return FAILED
    for warning in warnings:
        print(warning, file=sys.stderr)
    ok = True
    for good, sentence in chain(*([instance(), desktop()] if here else []), *map(examine, servers)):
        print(line(good, sentence), flush=True)
        ok = ok and good
    return DONE if ok else NO


def line(good: bool, sentence: str) -> str:
    """Return a finding as it is printed."""
    return f"{'ok   ' if good else 'FAULT'}  {sentence}"


def instance() -> Iterator[Finding]:
    """Test whether the application is running."""
    try:
        answer = ask_instance("status")
    except ControlError as error:
        yield False, str(error)
    else:
        yield True, "Mailpit Notifier is running." if answer else "Mailpit Notifier is not running."


def desktop() -> Iterator[Finding]:
    """Test display, notification service and tray. Windows and macOS always have the display and the tray."""
    if not sys.platform.startswith("linux"):
        yield from back_end()
        return
    if display_answers():
        yield True, "A display is available."
    else:
        yield False, "There is no display. Start Mailpit Notifier in a graphical session."
    try:
        owned = asyncio.run(activatable_names())
    except TimeoutError:
        yield False, "The session bus does not answer."
        return
    if owned is None:
        yield (
            False,
            "There is no session bus, so notifications cannot be shown. Start Mailpit Notifier in a graphical session.",
        )
        return
    if NOTIFICATIONS in owned:
        yield True, "A notification service is available."
    else:
        yield False, "There is no notification service. Install your desktop's, or dunst or mako."
    if TRAY in owned:
        yield True, "A tray for StatusNotifier icons is available."
    elif "GNOME" in os.environ.get("XDG_CURRENT_DESKTOP", ""):
        yield False, 'GNOME shows no tray icons. Install the extension "AppIndicator and KStatusNotifierItem Support".'
    else:
        yield True, "There is no tray for StatusNotifier icons. An XEmbed tray works too; without one, use the window."


def back_end() -> Iterator[Finding]:
    """Test what shows notifications on Windows and macOS."""
    from mailpit_notifier.notify.desktop import problem

    reason = problem()
    yield not reason, f"Notifications cannot be shown. {reason}" if reason else "Notifications are available."


def examine(server: Server, store: float = STORE, timing: Timing = TIMING) -> Iterator[Finding]:
    """Test one server step by step, up to the first fault. `store` limits the seconds for the secret store."""
    name = server.label
    if not server.enabled:
        yield True, f"{name}: disabled (enabled = false), not tested."
        return
    addresses = resolve(server.url.host)
    try:
        proxy, why = choose_proxy(server.url, addresses, os.environ, server.proxy)
        url = with_credentials(server, store)
    except ValueError as error:
        yield False, f"{name}: the proxy setting is invalid. {error}"
        return
    except FaultError as error:
        yield fault(name, error)
        return
    if addresses:
        yield True, f"{name}: resolves to {', '.join(addresses[:4])}."
    elif proxy is None:
        yield fault(name, FaultError(Fault.DNS))
        return
    yield True, f"{name}: connecting {f'through the proxy {proxy.netloc}' if proxy else 'directly'} ({why})."
    try:
        snapshot = asyncio.run(check_rest(url, dial_for(server), timing))
    except FaultError as error:
        yield fault(name, asyncio.run(explain_rest_fault(url, dial_for(server), error, timing)))
        return
    yield True, f"{name}: Mailpit answers (messages: {snapshot.total}, unread: {snapshot.unread})."
    try:
        asyncio.run(check_live_updates(url, dial_for(server), timing))
    except FaultError as error:
        yield fault(name, error)
    else:
        yield True, f"{name}: live updates work."


def fault(name: str, error: FaultError) -> Finding:
    """Return a fault as a finding, with its detail."""
    return False, f"{name}: {error.fault.sentence}" + (f" ({error.detail})" if error.detail else "")
