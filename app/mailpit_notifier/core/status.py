"""How a server is doing, as one value for tray, window and `status`."""

from dataclasses import dataclass
from enum import Enum

from mailpit_notifier.protocol.faults import Fault
from mailpit_notifier.runtime.text import line


class Link(Enum):
    """The state of the connection to one server."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    POLLING = "polling"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatus:
    """One server now. `fault` is why it is not connected (None while it first connects); counts are None until known.

    `url` is the base URL without credentials and serves as the server's key everywhere. `color` is what tells its rows
    from others', as #rrggbb. `asks_password`: whether somebody can be asked for its password; else it comes from where
    the configuration says.
    """

    url: str
    name: str
    color: str = ""
    asks_password: bool = False
    link: Link = Link.CONNECTING
    fault: Fault | None = None
    total: int | None = None
    unread: int | None = None

    def __post_init__(self) -> None:
        """Clean the name, which the server may have given itself."""
        object.__setattr__(self, "name", line(self.name))
