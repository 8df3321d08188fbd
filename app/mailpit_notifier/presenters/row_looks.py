"""Looks into the sources of the mails that are in sight, for codes and links that their summaries do not tell.

One at a time: what somebody asks a server for waits for one source at most. What was found is remembered. Runs on the
loop.
"""

from collections import OrderedDict
from collections.abc import Callable

from mailpit_notifier.core.found import NOTHING, Findings
from mailpit_notifier.mailpit.fault import FaultError
from mailpit_notifier.mailpit.sync import MOST
from mailpit_notifier.notify.notice import Key
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.tasks import Tasks, report
from mailpit_notifier.ui import words
from mailpit_notifier.ui.list_model import Row

Learned = Callable[[Row, Findings], None]


class RowLooks:
    """`learned` is told what a mail has."""

    def __init__(self, servers: Servers, learned: Learned) -> None:
        self._servers = servers
        self._learned = learned
        self._known: OrderedDict[Key, Findings] = OrderedDict()
        self._wanted: list[Row] = []
        self._tasks = Tasks()
        self._busy = False

    def look(self, rows: tuple[Row, ...]) -> None:
        """Look into these, and no more into those that were wanted before."""
        self._wanted = list(rows)
        if not self._busy:
            self._busy = True
            self._tasks.run(self._looking())

    async def stop(self) -> None:
        """Look no more."""
        await self._tasks.stop()

    async def _looking(self) -> None:
        try:
            while self._wanted:
                row = self._wanted.pop(0)
                key = row.server, row.message.id
                if key not in self._known and self._is_reached(row.server):
                    await self._look_into(row, key)
                if found := self._known.get(key):
                    self._learned(row, found)
        finally:
            self._busy = False

    async def _look_into(self, row: Row, key: Key) -> None:
        try:
            self._remember(key, await self._servers.all_found(row.server, row.message))
        except FaultError:
            pass  # nothing is known then, and it is asked for again
        except Exception as error:  # noqa: BLE001 - the rows below have their turn
            report(error, "A look into a message")
            self._remember(key, NOTHING)

    def _is_reached(self, server: str) -> bool:
        session = self._servers.sessions.get(server)
        return session is not None and words.is_reached(session.status)

    def _remember(self, key: Key, found: Findings) -> None:
        self._known[key] = found
        if len(self._known) > MOST:
            self._known.popitem(last=False)
