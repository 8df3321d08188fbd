"""The first start: find servers on this machine and offer them, or a demo.

It is the first start if there is no configuration and no message was ever announced. Runs on the loop. Asking DDEV,
Docker, Podman and localhost takes place in threads, when the window is first shown and on "Search again" only.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.config.file import ConfigError
from mailpit_notifier.config.store import Start, Store
from mailpit_notifier.core.settings import Server, colors_of, default_servers
from mailpit_notifier.core.status import ServerStatus
from mailpit_notifier.demo.process import Demo, DemoError, has_packages
from mailpit_notifier.notify.problem_notices import welcome_notice
from mailpit_notifier.runtime.bridge import in_thread
from mailpit_notifier.runtime.tasks import Tasks, report
from mailpit_notifier.servers.discovery import (
    TIMEOUT,
    Found,
    containers,
    ddev,
    is_mailpit,
    is_something_else,
    wsl_containers,
)
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.ui import words

if TYPE_CHECKING:  # loaded when the window is opened
    from mailpit_notifier.ui.window.placeholder import FoundServer, Welcome
    from mailpit_notifier.ui.window.window import RecentWindow

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")


def is_first_start(start: Start, config: Path) -> bool:
    """Return whether no server is configured, and none was ever reached."""
    return not start.servers and not config.exists() and not any(start.journal_folder().glob("*.journal"))


class FirstStart:
    """Does nothing unless `is_first`. Accepted servers are written to `store`.

    `show_demo` is called with the URL of a demo and a folder for its journal, `show_error` with what failed and why.
    """

    def __init__(
        self,
        store: Store,
        servers: Servers,
        show_demo: Callable[[str, Path], None],
        show_error: Callable[[str, str], None],
        *,
        is_first: bool,
        default: Server | None = None,
    ) -> None:
        self.is_first = is_first
        self.default = default or default_servers()[0]
        """The server that is used if none is configured."""
        self._store = store
        self._servers = servers
        self._show_demo = show_demo
        self._show_error = show_error
        self._tasks = Tasks()
        self._found: tuple[Found, ...] = ()
        self.was_reached = not is_first
        """Whether a server was reached, now or in an earlier run."""
        self._searching = False
        self._window: RecentWindow | None = None
        self._page: Welcome | None = None
        self._demo: Demo | None = None
        self._folder: TemporaryDirectory[str] | None = None

    def attach(self, window: "RecentWindow") -> None:
        """Show the welcome page in this window and start the search."""
        if self.was_reached:
            return
        from mailpit_notifier.ui.window.placeholder import Welcome

        self._window = window
        self._page = page = Welcome(self.default.label, has_demo=has_packages())
        page.accepted.connect(self._on_accepted)
        page.declined.connect(self._end_page)
        page.search_again_requested.connect(self._search)
        page.demo_requested.connect(self._on_demo_requested)
        window.set_welcome(page)
        self._search()

    def set_statuses(self, statuses: Sequence[ServerStatus]) -> None:
        """Follow the states of the servers: show a notification for the first one that is reached."""
        for status in statuses:
            if not self.was_reached and not self._demo and words.is_reached(status) and status.total is not None:
                self.was_reached = True
                address = self._servers.sessions[status.url].server.url.label
                self._servers.show_notice(welcome_notice(status.url, address, status.total))
        if self._page and not self._searching and not self._found and self._is_there(statuses):
            self._end_page()

    async def stop(self) -> None:
        """Cancel running searches."""
        await self._tasks.stop()

    def close(self) -> None:
        """Stop the demo and delete its journal."""
        if self._demo:
            self._demo.stop()
        if self._folder:
            self._folder.cleanup()

    def _end_page(self) -> None:
        self._page = None
        if self._window:
            self._window.set_welcome(None)

    # The search

    def _search(self) -> None:
        if self._page:
            self._searching = True
            self._page.set_searching()
            self._tasks.run(self._find())

    async def _find(self) -> None:
        found = await discover(self.default)
        log.debug("Found %d servers on this machine", len(found))
        self._searching = False
        if not (page := self._page):
            return
        urls = {one.url for one in found}
        if urls - {self.default.url}:
            self._found = found
            page.set_found(self._as_shown(found), with_usual=self.default.url in urls)
        elif self._is_there(self._servers.statuses()):
            self._end_page()
        elif found:
            page.set_searching()  # the session is about to connect to it
        else:
            page.set_not_found()

    def _is_there(self, statuses: Sequence[ServerStatus]) -> bool:
        """Return whether a server was reached, or needs only a password or a decision about its certificate."""
        return self.was_reached or any(map(words.prompt_label, statuses))

    def _as_shown(self, found: tuple[Found, ...]) -> list["FoundServer"]:
        """Return the servers as the page lists them, with the colors that they will have."""
        from mailpit_notifier.ui.window.placeholder import FoundServer

        servers = [server for one in found if (server := one.server)]
        colors = colors_of(servers)
        return [
            FoundServer(
                name=server.label,
                address=server.url.label if server.name else "",
                color=colors[server.key],
                running=one.running,
            )
            for one, server in zip(found, servers, strict=True)
        ]

    def _on_accepted(self, places: tuple[int, ...]) -> None:
        self._tasks.run(self._write([server for place in places if (server := self._found[place].server)]))

    async def _write(self, servers: Sequence[Server]) -> None:
        try:
            await self._store.edit(lambda settings: replace(settings, servers=tuple(servers)))
        except ConfigError as error:
            self._show_error(QCoreApplication.translate("FirstStart", "The servers were not saved"), str(error))
        finally:
            self._end_page()  # not before: the window would show for a moment that the default server is not connected

    # The demo

    def _on_demo_requested(self) -> None:
        if self._page:
            self._page.set_demo_starting(True)
            self._tasks.run(self._start_demo())

    async def _start_demo(self) -> None:
        try:
            self._demo = await in_thread("demo", Demo)
        except DemoError as error:
            if self._page:
                self._page.set_demo_starting(False)
            self._show_error(QCoreApplication.translate("FirstStart", "The demo did not start"), str(error))
            return
        self._folder = TemporaryDirectory()
        self._end_page()
        if self._window:
            self._window.show_status(QCoreApplication.translate("FirstStart", "This is a demo. It ends when you quit."))
        self._show_demo(self._demo.url, Path(self._folder.name))


async def discover(default: Server, within: float = TIMEOUT) -> tuple[Found, ...]:
    """Return all Mailpit servers on this machine, each URL once. All searches run at once, for `within` seconds."""
    searches = (
        partial(ddev, within),
        partial(containers, "docker", timeout=within),
        partial(containers, "podman", timeout=within),
        partial(wsl_containers, within),
        partial(find_at_default_url, default, within),
    )
    nothing: tuple[Found, ...] = ()
    answers = await asyncio.gather(*(_ask(search, nothing) for search in searches))
    by_ddev, *by_others = answers
    names = {one.name for one in by_ddev}  # its containers may publish Mailpit at a port of their own
    everything = [*by_ddev, *(one for found in by_others for one in found if one.name not in names)]
    are_others = await asyncio.gather(*(_ask(partial(is_other_program, one, within), True) for one in everything))
    found: dict[object, Found] = {}
    for one, is_other in zip(everything, are_others, strict=True):
        if one.url and not is_other:
            found.setdefault(one.url, one)
    return tuple(found.values())


async def _ask(search: Callable[[], Answer], otherwise: Answer) -> Answer:
    """Return the result of a search, or `otherwise` after an exception: one odd program must not hide the others."""
    try:
        return await in_thread("discovery", search)
    except Exception as error:  # noqa: BLE001 - see above
        report(error, "The discovery of servers")
        return otherwise


def find_at_default_url(default: Server, timeout: float) -> tuple[Found, ...]:
    """Return the Mailpit at the default URL, if there is one. Blocking."""
    return (Found(name=default.label, url=default.url, running=True),) if is_mailpit(default.url, timeout) else ()


def is_other_program(found: Found, timeout: float) -> bool:
    """Return whether another program answers at this URL, such as MailHog or DDEV's router. Blocking."""
    return found.running and found.url is not None and is_something_else(found.url, timeout)
