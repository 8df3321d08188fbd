"""`doctor`: test the desktop and each server, and print a sentence for each result.

It runs the same code as the application, step by step. Needs neither Qt nor a running application.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from typing import Any

from mailpit_notifier.client.probe import Answers, LiveUpdatesWork, Resolved, Route, Step
from mailpit_notifier.client.probe import examine as examine_server
from mailpit_notifier.client.timing import TIMING, Timing
from mailpit_notifier.control.instance import Answer, ControlError, ask_instance
from mailpit_notifier.core.settings import Server
from mailpit_notifier.core.status import Link
from mailpit_notifier.desktop.bus import TIMEOUT, activatable_names
from mailpit_notifier.desktop.display import display_answers
from mailpit_notifier.desktop.obstacles import obstacle
from mailpit_notifier.protocol.faults import Fault, FaultError, stopped_or

from .common import DONE, FAILED, NO, counted, explained
from .server_options import STORE, servers_and_warnings, with_credentials

TRAY = "org.kde.StatusNotifierWatcher"

Finding = tuple[bool, str]
"""Whether a step succeeded, and a sentence with the result or the remedy."""


def run(options: argparse.Namespace, *, here: bool) -> int:
    """Print the findings; return the exit code. `here`: the application runs on this machine, so test the desktop."""
    running, findings = instance() if here else (None, [])
    watched = watched_servers(running)
    is_chosen = options.server or options.config or os.environ.get("MAILPIT_URL", "").strip()
    try:
        servers, warnings = servers_and_warnings(options.server if is_chosen else tuple(watched), options.config)
    except ValueError as error:
        print(error, file=sys.stderr)
        return FAILED
    for warning in warnings:
        print(warning, file=sys.stderr)
    if options.watch and sys.stderr.isatty():
        print(f"Live updates are watched for {options.watch:g} s.", file=sys.stderr)
    timing = Timing(steady=options.watch)
    ok = True
    with ThreadPoolExecutor(max(1, len(servers))) as pool:  # the servers in parallel: each is watched for a while
        tests = [pool.submit(list, examine(server, timing=timing, said=watched.get(server.key))) for server in servers]
        for good, sentence in chain(findings, desktop() if here else (), *(test.result() for test in tests)):
            print(line(good, sentence), flush=True)
            ok = ok and good
    return DONE if ok else NO


def line(good: bool, sentence: str) -> str:
    """Return a finding as it is printed."""
    return f"{'ok   ' if good else 'FAULT'}  {sentence}"


def instance() -> tuple[Answer | None, list[Finding]]:
    """Return the status of the running application, None if there is none, and the finding about it."""
    try:
        answer = ask_instance("status")
    except ControlError as error:
        return None, [(False, str(error))]
    return answer, [(True, "Mailpit Notifier is running." if answer else "Mailpit Notifier is not running.")]


def watched_servers(running: Answer | None) -> dict[str, Mapping[str, Any]]:
    """Return the report of the running application about each server that it is connected to, by base URL."""
    servers = running.data.get("servers", ()) if running else ()
    return {str(server["url"]): server for server in servers if isinstance(server, dict) and "url" in server}


def desktop(within: float = TIMEOUT) -> Iterator[Finding]:
    """Test display, notification service and tray, and whether the user has turned notifications off.

    Windows and macOS always have a display and a tray. `within`: seconds for the notification service to answer.
    """
    if not sys.platform.startswith("linux"):
        yield from back_end()
        if found := asyncio.run(obstacle(within)):
            yield False, found.value
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
    if found := asyncio.run(obstacle(within)):
        yield False, found.value
    else:
        yield True, "A notification service is available."
    if TRAY in owned:
        yield True, "A tray for StatusNotifier icons is available."
    elif "GNOME" in os.environ.get("XDG_CURRENT_DESKTOP", ""):
        yield False, 'GNOME shows no tray icons. Install the extension "AppIndicator and KStatusNotifierItem Support".'
    else:
        yield True, "There is no tray for StatusNotifier icons. An XEmbed tray works too; without one, use the window."


def back_end() -> Iterator[Finding]:
    """Test the notification back end of Windows and macOS."""
    from mailpit_notifier.notify.desktop import problem

    reason = problem()
    yield not reason, f"Notifications cannot be shown. {reason}" if reason else "Notifications are available."


def examine(
    server: Server, store: float = STORE, timing: Timing = TIMING, said: Mapping[str, Any] | None = None
) -> Iterator[Finding]:
    """Test one server step by step, up to the first fault. `store` limits the seconds for the secret store.

    `said` is the report of the running application about it, as in `status_report`.
    """
    name = server.label
    if not server.enabled:
        yield True, f"{name}: disabled (enabled = false), not tested."
        return
    if said:
        problem, state = said.get("problem"), said.get("state")
        yield problem is None, f"{name}: the running application says: {', '.join(filter(None, (state, problem)))}"
    unlock = partial(with_credentials, within=store)
    steps, error = asyncio.run(_steps(examine_server(server, unlock, timing)))
    yield from ((True, f"{name}: {_sentence(step)}") for step in steps)
    if error and said:
        error = _as_application(error, said)
    if error:
        yield fault(name, error)


async def _steps(found: AsyncGenerator[Step, None]) -> tuple[list[Step], FaultError | None]:
    steps: list[Step] = []
    try:
        async for step in found:
            steps.append(step)  # noqa: PERF401 - those before a fault are kept
    except FaultError as error:
        return steps, error
    return steps, None


def _sentence(step: Step) -> str:
    match step:
        case Resolved(addresses=addresses):
            return f"resolves to {', '.join(addresses[:4])}."
        case Route(proxy=proxy, reason=reason):
            return f"connecting {f'through the proxy {proxy}' if proxy else 'directly'} ({reason})."
        case Answers(snapshot=snapshot):
            return f"Mailpit answers ({counted(snapshot.total, 'message')}, {snapshot.unread} unread)."
        case LiveUpdatesWork(is_silent=True):
            return (
                "live updates can be opened, but nothing has come yet. Mailpit versions of 2023 send nothing "
                "before the first message. With a newer one, check the proxy in front of it."
            )
        case LiveUpdatesWork():
            return "live updates work."


def _as_application(error: FaultError, said: Mapping[str, Any]) -> FaultError | None:
    """Return the fault, unless the application knows more: its own password, or that there was a mailbox before."""
    if error.fault in {Fault.AUTH, Fault.NO_PASSWORD} and said.get("state") in {
        Link.CONNECTED.value,
        Link.POLLING.value,
    }:
        return None
    return stopped_or(error, is_routed=said.get("total") is not None)


def fault(name: str, error: FaultError) -> Finding:
    """Return a fault as a finding, with its detail."""
    return False, f"{name}: {explained(error)}"
