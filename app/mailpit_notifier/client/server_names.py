"""Find a name for a server that the user gave none: its own label, or the project on this machine that it belongs to.

Runs on the loop; blocking work runs in threads.
"""

import contextlib
from collections.abc import Callable

from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.runtime.bridge import in_thread

from .calls import Calls
from .rest import Rest

ProjectOf = Callable[[ServerUrl], str]
"""Returns the name of the project (DDEV, Compose …) that an address of this machine belongs to, or "". May block."""


class ServerNames:
    """Finds the name of one server."""

    def __init__(self, url: ServerUrl, project_of: ProjectOf) -> None:
        self._url = url
        self._project_of = project_of
        self._project: str | None = None  # None: not looked up yet

    async def name(self, calls: Calls, *, may_be_project: bool) -> str:
        """Return the server's name, or "". The label may change between calls; the project is looked up once."""
        with contextlib.suppress(FaultError):
            if label := await calls.call(Rest.label):
                return label
        if self._project is None and may_be_project:
            self._project = await in_thread(f"project {self._url.label}", self._project_of, self._url)
        return self._project or ""
