"""The state of a server, as one value for the tray icon, the window and `status`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from mailpit_notifier.protocol.faults import Fault
from mailpit_notifier.runtime.text import line
from mailpit_notifier.runtime.translation import translatable


class Link(Enum):
    """The state of the connection to one server."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    POLLING = "polling"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatus:
    """The current state of one server.

    `url` is the base URL without credentials; it identifies the server everywhere. `color` (#rrggbb) marks its rows.
    `fault` is why it is not connected, None while it connects for the first time; `about` completes its sentence.
    Counts are None until known.
    `muted_until` is the end of its mute (core.pauses.FOREVER: when the user unmutes it), None while it is not muted.
    `asks_password`: the user can be asked for the password; otherwise config.toml sets its source.
    """

    url: str
    name: str
    color: str = ""
    asks_password: bool = False
    link: Link = Link.CONNECTING
    fault: Fault | None = None
    about: str = ""
    total: int | None = None
    unread: int | None = None
    muted_until: datetime | None = None

    def explain(self, translate: Callable[[str, str], str] = translatable) -> str:
        """Return the fault's sentence, "" without one; `translate` as in Qt."""
        return self.fault.explain(self.about, translate) if self.fault else ""

    def __post_init__(self) -> None:
        """Clean the name, which may be the server's own label."""
        object.__setattr__(self, "name", line(self.name))
