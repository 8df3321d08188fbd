"""`doctor`: what is wrong between the desktop, the servers and us, a sentence each. Needs neither Qt nor an instance.

It takes the same steps as the program, with the program's own parts, one after the other.
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
from .server_options import STORE, dialled, known, unlocked

TRAY = "org.kde.StatusNotifierWatcher"

Finding = tuple[bool, str]
"""Whether something is well, and the sentence that says so or what to do."""


def run(options: argparse.Namespace, *, here: bool) -> int:
    """Print what was found; returns the exit code. `here`: this is where the program runs, with a desktop."""
    try:
        servers, warnings = known(options.server, options.config)
    except ValueError as error:
        print(error, file=sys.stderr)
        return FAILED
    for warning in warnings:
        print(warning, file=sys.stderr)
    well = True
    for good, sentence in chain(*([instance(), desktop()] if here else []), *map(examine, servers)):
        print(line(good, sentence), flush=True)
        well = well and good
    return DONE if well else NO


def line(good: bool, sentence: str) -> str:
    """A finding as it is printed."""
    return f"{'ok   ' if good else 'FAULT'}  {sentence}"


def instance() -> Iterator[Finding]:
    """Whether the program runs."""
    try:
        answer = ask_instance("status")
    except ControlError as error:
        yield False, str(error)
    else:
        yield True, "Mailpit Notifier is running." if answer else "Mailpit Notifier is not running."


def desktop() -> Iterator[Finding]:
    """Display, notification service and tray; Windows and macOS have all of them."""
    if not sys.platform.startswith("linux"):
        return
    if display_answers():
        yield True, "There is a display."
    else:
        yield False, "There is no display: start it in a graphical session."
    try:
        owned = asyncio.run(activatable_names())
    except TimeoutError:
        yield False, "The session bus does not answer."
        return
    if owned is None:
        yield False, "There is no session bus, and so no notification service: start it in a graphical session."
        return
    if NOTIFICATIONS in owned:
        yield True, "There is a notification service."
    else:
        yield False, "There is no notification service: install the desktop's own, or dunst or mako."
    if TRAY in owned:
        yield True, "There is a tray for StatusNotifier icons."
    elif "GNOME" in os.environ.get("XDG_CURRENT_DESKTOP", ""):
        yield False, "GNOME shows no tray: install the extension «AppIndicator and KStatusNotifierItem Support»."
    else:
        yield True, "There is no StatusNotifier tray. An older tray (XEmbed) may be there; without one, use the window."


def examine(server: Server, store: float = STORE, timing: Timing = TIMING) -> Iterator[Finding]:
    """One server, step by step; the first fault ends it. `store` are the seconds for the secret store to answer."""
    name = server.label
    if not server.enabled:
        yield True, f"{name}: it is off (enabled = false) and is not looked at."
        return
    addresses = resolve(server.url.host)
    try:
        proxy, why = choose_proxy(server.url, addresses, os.environ, server.proxy)
        url = unlocked(server, store)
    except ValueError as error:
        yield False, f"{name}: the proxy cannot be used. {error}"
        return
    except FaultError as error:
        yield fault(name, error)
        return
    if addresses:
        yield True, f"{name}: its name leads to {', '.join(addresses[:4])}."
    elif proxy is None:
        yield fault(name, FaultError(Fault.DNS))
        return
    yield True, f"{name}: connecting {f'through the proxy {proxy.netloc}' if proxy else 'directly'} ({why})."
    try:
        snapshot = asyncio.run(check_rest(url, dialled(server), timing))
    except FaultError as error:
        yield fault(name, asyncio.run(explain_rest_fault(url, dialled(server), error, timing)))
        return
    yield True, f"{name}: Mailpit answers, with {snapshot.total} mails, {snapshot.unread} unread."
    try:
        asyncio.run(check_live_updates(url, dialled(server), timing))
    except FaultError as error:
        yield fault(name, error)
    else:
        yield True, f"{name}: live updates get through."


def fault(name: str, error: FaultError) -> Finding:
    """A fault in words, with its detail."""
    return False, f"{name}: {error.fault.sentence}" + (f" ({error.detail})" if error.detail else "")
