"""The sessions of the enabled servers: starts and ends them, and answers questions about their state.

A server that fails, hangs or is unreachable delays no other: each session has its own task. Runs on the loop.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

from mailpit_notifier.client.session import Session, SessionCallbacks
from mailpit_notifier.client.timing import Timing
from mailpit_notifier.core.settings import Server
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.notify.notice import Key
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.runtime.tasks import Tasks

from .discovery import project_of
from .passwords import Passwords


class SessionPool:
    """Sessions by the base URL of their server, in the order of the settings."""

    def __init__(self, callbacks: SessionCallbacks, passwords: Passwords, tasks: Tasks, timing: Timing) -> None:
        self._callbacks = callbacks
        self._passwords = passwords
        self._tasks = tasks
        self._timing = timing
        self._sessions: dict[str, Session] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._colors: Mapping[str, str] = {}
        self._window_shown = False

    @property
    def sessions(self) -> Mapping[str, Session]:
        """The current sessions. A new mapping after `start_missing`: do not keep it."""
        return self._sessions

    def outdated(self, servers: Mapping[str, Server]) -> set[str]:
        """Return the keys of the sessions whose server is not among these, or has other settings now."""
        return {key for key, session in self._sessions.items() if servers.get(key) != session.server}

    def end(self, key: str) -> Session:
        """Cancel a session and return it. It may still report a last event, which its callbacks must expect."""
        self._running.pop(key).cancel()
        return self._sessions.pop(key)

    def start_missing(self, servers: Mapping[str, Server], colors: Mapping[str, str]) -> None:
        """Start a session for each of these servers that has none. The sessions get the order of `servers`."""
        self._colors = colors
        before = self._sessions
        self._sessions = {key: before.get(key) or self._start(server) for key, server in servers.items()}

    def statuses(self) -> tuple[ServerStatus, ...]:
        """Return the status of each server, with its color."""
        return tuple(replace(session.status, color=self._colors[key]) for key, session in self._sessions.items())

    def color(self, key: str) -> str:
        """Return the color of a server, "" for an unknown one."""
        return self._colors.get(key, "")

    def message(self, key: Key) -> Message | None:
        """Return a message that is in the inbox of its server."""
        session = self._sessions.get(key[0])
        return session.inbox.by_id.get(key[1]) if session else None

    def is_local(self, key: str) -> bool:
        """Return whether a server is on this machine; also for one that has no session any more."""
        return key not in self._sessions or self._sessions[key].local

    def retry(self) -> None:
        """Connect at once to the servers that wait for their next attempt."""
        for session in self._sessions.values():
            session.retry()

    def wake(self) -> None:
        """Check all connections: the machine has slept, which leaves dead ones behind."""
        for session in self._sessions.values():
            session.wake()

    def set_window_shown(self, shown: bool) -> None:
        """Set whether the window is visible. Servers without counts are asked for them more often then."""
        self._window_shown = shown
        for session in self._sessions.values():
            session.watch(shown)

    def _start(self, server: Server) -> Session:
        session = Session(
            server,
            self._callbacks,
            unlock=self._passwords.with_credentials,
            project_of=project_of,
            timing=self._timing,
        )
        session.watch(self._window_shown)
        self._running[server.key] = self._tasks.run(session.run())
        return session


class Outages:
    """Calls `report` with the base URL of each server on another machine that was unreachable for `after` seconds."""

    def __init__(self, report: Callable[[str], None], after: float) -> None:
        self._report = report
        self._after = after
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def update(self, status: ServerStatus, *, local: bool) -> None:
        """Start or end the timer of a server by its new status."""
        if status.link is not Link.DISCONNECTED or local:
            self.forget(status.url)
        elif status.url not in self._timers:
            self._timers[status.url] = asyncio.get_running_loop().call_later(self._after, self._report, status.url)

    def forget(self, url: str) -> None:
        """End the timer of a server that is connected again, or was removed."""
        if timer := self._timers.pop(url, None):
            timer.cancel()

    def stop(self) -> None:
        """End all timers."""
        for timer in self._timers.values():
            timer.cancel()
