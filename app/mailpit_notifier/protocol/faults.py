"""What can be wrong between us and a server: the only list of it.

Tooltip, window, `doctor` and exit codes all take their words and their patience from here.
"""

from enum import Enum

from mailpit_notifier.runtime.translation import translatable


class Retry(Enum):
    """How patiently to try again."""

    SOON = "soon"
    """Back-off from a second: the server may be starting."""

    LATE = "late"
    """Longest wait at once: only a person can change this, and a server should not be hammered."""


class Fault(Enum):
    """A kind of fault: what happened and what to do, as a sentence to follow the server's name."""

    DNS = translatable("Fault", "its name could not be looked up. Check the spelling and the network.")
    REFUSED = translatable("Fault", "nothing is listening there. Start Mailpit or check the port.")
    TIMEOUT = translatable("Fault", "it does not answer.")
    TLS = translatable("Fault", "the secure connection failed. Check its certificate and the https address.")
    CERTIFICATE_CHANGED = translatable(
        "Fault", "its certificate is not the one that was trusted. Somebody may be in between."
    )
    PROXY = translatable("Fault", "the proxy does not let us through. Check HTTP_PROXY and NO_PROXY.")
    AUTH = translatable("Fault", "it wants another user name or password.")
    SECRET_STORE = translatable(
        "Fault", "no answer from the secret store or command that has its password. It may be waiting to be unlocked."
    )
    UNENCRYPTED = translatable(
        "Fault", "its password would travel unencrypted. Use https, or allow it with plain_password in config.toml."
    )
    ORIGIN = translatable("Fault", "it blocks this connection (403). Check its CORS and access settings.")
    NOT_FOUND = translatable("Fault", "no Mailpit at this address (404). Check the path (webroot).")
    NO_UPGRADE = translatable(
        "Fault", "live updates do not get through. A proxy between here and Mailpit may block websockets."
    )
    UNREADABLE = translatable(
        "Fault",
        "new messages are shown, but the list cannot be read and may be out of date. "
        "A proxy between here and Mailpit may change its answers.",
    )
    NOT_MAILPIT = translatable("Fault", "something answers there, but it is not Mailpit. Check the address.")
    STOPPED = translatable("Fault", "it is stopped.")
    CUT_OFF = translatable("Fault", "the connection was lost.")

    @property
    def sentence(self) -> str:
        """What happened and what to do, to be put after «NAME: »."""
        return self.value

    @property
    def retry(self) -> Retry:
        """How patiently to try again after this fault."""
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
"""Faults of a websocket with which REST may work all the same: then it is NO_UPGRADE, a proxy in between that answers
for Mailpit, hangs or hangs up."""


def fault_beside_live_updates(fault: Fault) -> Fault:
    """Return the fault that one of REST is while the websocket works: then it is a Mailpit, and it is there."""
    return Fault.UNREADABLE if fault in REST_MAY_WORK else fault


def fault_from_status(status: int) -> Fault:
    """The fault that an HTTP status is, of REST or instead of a websocket. Redirects are not followed."""
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
    """A fault met on the way. `detail` is for the log: never a credential, a header or mail content."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(f"{fault.name.lower()}: {detail}" if detail else fault.name.lower())
        self.fault = fault
        self.detail = detail
