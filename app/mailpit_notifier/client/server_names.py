"""What a server is called where its owner gave it no name: as it calls itself, else as its project on this machine.

Apart from the session, which says when to ask. Runs on the loop; what blocks is done in threads.
"""

import contextlib
from collections.abc import Callable

from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.runtime.bridge import in_thread

from .calls import Calls
from .rest import Rest

ProjectOf = Callable[[ServerUrl], str]
"""Whose an address of this machine is, "" if it is nobody's. May block."""


class ServerNames:
    """The names of one server."""

    def __init__(self, url: ServerUrl, project_of: ProjectOf) -> None:
        self._url = url
        self._project_of = project_of
        self._project: str | None = None  # once it was looked up

    async def name(self, calls: Calls, *, may_be_project: bool) -> str:
        """The server's name, "" if it has none. It may be another each time; the project is looked up once."""
        with contextlib.suppress(FaultError):
            if label := await calls.call(Rest.label):
                return label
        if self._project is None and may_be_project:
            self._project = await in_thread(f"project {self._url.label}", self._project_of, self._url)
        return self._project or ""
