"""Offers to watch servers that are not configured: those that run on this machine, and those a second start names.

The search for servers on this machine starts when the window or the tray's menu opens, at most once in INTERVAL
seconds, and never while the program is idle. There is none before the first start is over, or where the command line
or MAILPIT_URL names the servers. Runs on the loop; searches take place in threads.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.config.file import ConfigError
from mailpit_notifier.config.store import Store
from mailpit_notifier.core.settings import Server, Settings, servers_from
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.runtime.bridge import in_thread
from mailpit_notifier.runtime.files import write_atomically
from mailpit_notifier.runtime.tasks import Tasks
from mailpit_notifier.runtime.text import plain
from mailpit_notifier.servers.discovery import Found, is_same_server, is_this_machine, may_be_mailpit
from mailpit_notifier.ui import words

from .first_start import FirstStart, discover
from .window_controller import WindowController

if TYPE_CHECKING:  # loaded when the window is opened
    from mailpit_notifier.ui.window.window import RecentWindow

log = logging.getLogger(__name__)

INTERVAL = 60.0
"""Seconds between two searches: the user may open the window many times in a row."""

SEARCH_TIMEOUT = 10.0
"""Seconds for DDEV, Docker and Podman to answer. The user does not wait, and `ddev list` takes 2 s on slow machines."""


class ServerOffers:
    """`ignored_file` keeps the servers that the user has ignored.

    `show_error` is called with what failed and why. `clock` returns seconds that never go back.
    """

    def __init__(
        self,
        store: Store,
        first_start: FirstStart,
        window: WindowController,
        ignored_file: Path,
        show_error: Callable[[str, str], None],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._clock = clock
        self._store = store
        self._first_start = first_start
        self._controller = window
        self._ignored = _Ignored(ignored_file)
        self._show_error = show_error
        self._tasks = Tasks()
        self._searched_at = float("-inf")
        self._local_hosts: frozenset[str] = frozenset()
        self._found: tuple[Found, ...] = ()
        self._offered: Found | None = None
        self._named: tuple[Server, ...] = ()
        self._window: RecentWindow | None = None
        store.changed.connect(self._show)

    def attach(self, window: "RecentWindow") -> None:
        """Show offers in this window."""
        self._window = window
        self._show()

    async def stop(self) -> None:
        """Cancel a running search."""
        await self._tasks.stop()

    # Servers on this machine

    def search(self) -> None:
        """Search for servers in the background. If that was done a moment ago, only check those that are offered."""
        now = self._clock()
        if self._store.overridden or not self._first_start.was_reached:
            return
        if now - self._searched_at < INTERVAL:
            self._tasks.run(self._check_found())
            return
        self._searched_at = now
        self._tasks.run(self._search())

    async def _search(self) -> None:
        self._ignored.read()
        self._found = await discover(self._first_start.default, SEARCH_TIMEOUT)
        self._local_hosts = await self._find_local_hosts()
        await self._check_found()
        log.debug("Found %d servers that are not configured", len(self._found))

    async def _find_local_hosts(self) -> frozenset[str]:
        """Return the names of this machine among the hosts of servers that may be those that were found."""
        ports = {one.url.port for one in self._found if one.url}
        urls = [server.url for server in self._store.settings.servers]
        hosts = {url.host for url in urls if url.port in ports and not url.is_local_name}
        return frozenset(await _which(hosts, is_this_machine))

    async def _check_found(self) -> None:
        """Withdraw the offers of servers that do not answer any more."""
        offered = [one for one in self._found if self._is_new(one)]
        answering = await _which(offered, _answers)
        silent = {*offered}.difference(answering)
        self._found = tuple(one for one in self._found if one not in silent)
        self._show()

    def _is_new(self, found: Found) -> bool:
        if not found.running or found.url is None or found in self._ignored:
            return False
        return not self._is_configured(found.url)

    def _is_configured(self, url: ServerUrl, *, enabled: bool = False) -> bool:
        """Return whether a server is configured, maybe by another name of this machine, and enabled if required."""
        servers = (server for server in self._store.settings.servers if server.enabled or not enabled)
        return any(is_same_server(server.url, url, self._local_hosts) for server in servers)

    def _show(self) -> None:
        """Show the first offer that still applies."""
        offers = () if self._store.overridden else tuple(filter(self._is_new, self._found))
        self._offered = next(iter(offers), None)
        if self._window is None:
            return
        if self._offered is None:
            self._window.set_offer("", {})
            return
        translate = QCoreApplication.translate
        server = self._offered.server
        text = translate("ServerOffers", "{server} is running.")
        if len(offers) > 1:
            text = translate("ServerOffers", "{server} is running (1 of {count} new servers).")
        text = text.format(server=server.label if server else "", count=len(offers))
        choices = {
            translate("ServerOffers", "&Watch it"): self._on_watch,
            translate("ServerOffers", "I&gnore"): self._on_ignore,
        }
        self._window.set_offer(text, choices)

    def _on_watch(self) -> None:
        if self._offered and (server := self._offered.server):
            self._tasks.run(self._add((server,)))

    def _on_ignore(self) -> None:
        if self._offered and (server := self._offered.server):
            self._ignored.add(self._offered)
            text = QCoreApplication.translate("ServerOffers", "{server} will not be offered again")
            self._controller.show_status(text.format(server=plain(server.label, words.SHORT)))
            self._show()
            self._tasks.run(self._check_found())

    # Servers of a second start

    def ask(self, addresses: Sequence[str], activation_token: str) -> str:
        """Ask in the window whether to watch these servers too; return a sentence for the terminal. Raises ValueError.

        Its text contains no password.
        """
        named = servers_from(addresses)
        self._named = tuple(server for server in named if not self._is_configured(server.url, enabled=True))
        self._controller.show(activation_token)
        if not self._named:
            return f"Mailpit Notifier is already running and watches {_labels(named)}."
        translate = QCoreApplication.translate
        text = translate("ServerOffers", "Watch {servers} as well?").format(servers=_labels(self._named))
        if self._store.overridden:
            text = translate("ServerOffers", "Watch {servers} as well, until you quit?")
            text = text.format(servers=_labels(self._named))
        choices = {
            translate("ServerOffers", "&Watch"): self._on_named_accepted,
            translate("ServerOffers", "&Cancel"): self._on_named_declined,
        }
        if self._window:
            self._window.ask(text, choices)
        return f"Mailpit Notifier is already running. Its window asks whether to watch {_labels(self._named)} as well."

    def _on_named_accepted(self) -> None:
        if self._store.overridden:
            self._store.add_to_override(self._named)
            self._show_watched(self._named)
        else:
            self._tasks.run(self._add(self._named))

    def _on_named_declined(self) -> None:
        self._named = ()

    # Settings

    async def _add(self, servers: Sequence[Server]) -> None:
        try:
            await self._store.edit(partial(self._with, servers))
        except ConfigError as error:
            self._show_error(QCoreApplication.translate("ServerOffers", "The server was not added"), str(error))
        else:
            self._show_watched(servers)

    def _show_watched(self, servers: Sequence[Server]) -> None:
        text = QCoreApplication.translate("ServerOffers", "Now watching {servers}")
        self._controller.show_status(text.format(servers=plain(_labels(servers), words.SHORT)))

    def _with(self, added: Sequence[Server], settings: Settings) -> Settings:
        """Return settings with these servers. A server that is configured but switched off is switched on."""
        servers = settings.servers
        if servers == (self._first_start.default,) and not self._first_start.was_reached:
            servers = ()  # it is not configured, and was never there
        kept = [
            replace(server, enabled=server.enabled or any(self._is_same(server, one) for one in added))
            for server in servers
        ]
        new = (one for one in added if not any(self._is_same(server, one) for server in servers))
        return replace(settings, servers=(*kept, *new))

    def _is_same(self, server: Server, other: Server) -> bool:
        return is_same_server(server.url, other.url, self._local_hosts)


Candidate = TypeVar("Candidate")


async def _which(candidates: Iterable[Candidate], accepts: Callable[[Candidate, float], bool]) -> list[Candidate]:
    """Return the candidates that `accepts` is true for. It may block up to SEARCH_TIMEOUT: it runs in threads."""
    listed = list(candidates)
    answers = await asyncio.gather(*(in_thread("discovery", partial(accepts, one, SEARCH_TIMEOUT)) for one in listed))
    return [one for one, answer in zip(listed, answers, strict=True) if answer]


def _answers(found: Found, timeout: float) -> bool:
    return found.url is not None and may_be_mailpit(found.url, timeout)


def _labels(servers: Sequence[Server]) -> str:
    return ", ".join(server.label for server in servers)


class _Ignored:
    """The servers that the user has ignored, by name and folder, or base URL where the folder is not known.

    The port of a project may change. Neither name nor URL is enough: several projects use the same port one after the
    other, and many are named "docker" or "app".
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._pairs: set[tuple[str, str]] = set()

    def __contains__(self, found: Found) -> bool:
        return bool(self._pairs & set(_pairs(found)))

    def read(self) -> None:
        """Read the file. If it cannot be read, no server is ignored."""
        try:
            pairs = json.loads(self._file.read_text("utf-8"))
            self._pairs |= {(str(name), str(url)) for name, url in pairs}
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, RecursionError) as error:
            log.warning("Cannot read the ignored servers: %s", error)

    def add(self, found: Found) -> None:
        """Ignore a server from now on."""
        self._pairs.update(_pairs(found)[:1])
        try:
            write_atomically(self._file, json.dumps(sorted(self._pairs)).encode(), durable=False)
        except OSError as error:
            log.warning("Cannot save the ignored servers: %s", error)


def _pairs(found: Found) -> list[tuple[str, str]]:
    """Return the pairs that identify a server in the file: name and folder, then name and URL."""
    return [(found.name, text) for text in (found.folder, found.url.base if found.url else "") if text]
