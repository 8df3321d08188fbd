"""What can go wrong between the program and a server: the only list of faults.

Tooltip, window, connection test, `doctor` and exit codes all use these sentences and retry classes.
"""

from enum import Enum

from mailpit_notifier.runtime.translation import translatable


class Retry(Enum):
    """When to retry after a fault."""

    SOON = "soon"
    """With the back-off from its first delay: the server may be starting."""

    LATE = "late"
    """After the longest delay at once: only the user can fix this, and retries would only load the server."""


class Fault(Enum):
    """A kind of fault. The value says what happened and what to do, and follows the server's name and a colon."""

    DNS = translatable("Fault", "its host name cannot be resolved. Check the spelling and the network.")
    REFUSED = translatable("Fault", "nothing is listening there. Start Mailpit or check the port.")
    TIMEOUT = translatable("Fault", "it does not answer.")
    TLS = translatable("Fault", "the secure connection failed. Check its certificate and the https address.")
    CERTIFICATE_CHANGED = translatable(
        "Fault", "its certificate is not the one that you trusted. The connection may be intercepted."
    )
    PROXY = translatable("Fault", "the proxy refuses the connection. Check HTTP_PROXY and NO_PROXY.")
    AUTH = translatable("Fault", "authentication failed (401). Check user name and password.")
    SECRET_STORE = translatable(
        "Fault", "no answer from the secret store or the password command. It may be waiting for you to unlock it."
    )
    UNENCRYPTED = translatable(
        "Fault", "its password would be sent unencrypted. Use https, or allow it with plain_password in config.toml."
    )
    ORIGIN = translatable("Fault", "it refuses this connection (403). Check its CORS and access settings.")
    NOT_FOUND = translatable("Fault", "no Mailpit at this address (404). Check the path (webroot).")
    NO_UPGRADE = translatable("Fault", "live updates are blocked. A proxy in front of Mailpit may block websockets.")
    UNREADABLE = translatable(
        "Fault",
        "new messages are shown, but the list cannot be read and may be out of date. "
        "A proxy in front of Mailpit may change its answers.",
    )
    NOT_MAILPIT = translatable("Fault", "the program that answers there is not Mailpit. Check the address.")
    STOPPED = translatable("Fault", "it is stopped.")
    CUT_OFF = translatable("Fault", "the connection was lost.")

    @property
    def sentence(self) -> str:
        """What happened and what to do; to be shown after "NAME: "."""
        return self.value

    @property
    def retry(self) -> Retry:
        """When to retry after this fault."""
        return Retry.LATE if self in _LATE else Retry.SOON


_LATE = frozenset(
    {
        Fault.AUTH,
        Fault.CERTIFICATE_CHANGED,
        Fault.NOT_FOUND,
        Fault.NOT_MAILPIT,
        Fault.ORIGIN,
        Fault.TLS,
        Fault.UNENCRYPTED,
    }
)


REST_MAY_WORK = frozenset(
    {Fault.NOT_MAILPIT, Fault.NOT_FOUND, Fault.STOPPED, Fault.ORIGIN, Fault.TIMEOUT, Fault.CUT_OFF}
)
"""Faults of a websocket with which REST may work all the same. If it does, the fault is NO_UPGRADE: a proxy answers the
handshake itself, does not answer it, or closes the connection."""


def fault_beside_live_updates(fault: Fault) -> Fault:
    """Return what a fault of REST means while the websocket works, which shows that Mailpit is there and running."""
    return Fault.UNREADABLE if fault in REST_MAY_WORK else fault


def fault_from_status(status: int) -> Fault:
    """Return the fault for an HTTP status of REST or of the handshake. Redirects are not followed."""
    match status:
        case 401:
            return Fault.AUTH
        case 403:
            return Fault.ORIGIN
        case 404:
            return Fault.NOT_FOUND
        case 407:
            return Fault.PROXY
        case 502 | 503 | 504:
            return Fault.STOPPED
        case _:
            return Fault.NOT_MAILPIT


class FaultError(Exception):
    """A call failed with this fault. `detail` is for the log: no credential, header or message content."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(f"{fault.name.lower()}: {detail}" if detail else fault.name.lower())
        self.fault = fault
        self.detail = detail
