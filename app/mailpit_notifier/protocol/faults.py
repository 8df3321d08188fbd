"""The faults of a connection between the program and a server, in one list.

Tooltip, window, connection test, `doctor`, `wait` and exit codes all use these sentences and retry classes.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import Enum
from urllib.parse import urljoin, urlsplit

from mailpit_notifier.runtime.text import plain
from mailpit_notifier.runtime.translation import translatable

from .json_reader import read
from .urls import ServerUrl


class Retry(Enum):
    """When to retry after a fault."""

    SOON = "soon"
    """With the back-off from its first delay: the server may be starting."""

    LATE = "late"
    """After the longest delay at once: only the user can fix this, and retries would only load the server."""


class Fault(Enum):
    """A kind of fault. The value is what happened and what to do, shown after the server's name and a colon.

    `{0}` is replaced by `FaultError.about`.
    """

    DNS = translatable("Fault", "its host name cannot be resolved. Check the spelling and the network.")
    REFUSED = translatable("Fault", "nothing is listening there. Start Mailpit or check the port.")
    TIMEOUT = translatable("Fault", "it does not answer.")
    TLS = translatable("Fault", "the secure connection failed. Check its certificate and the https address.")
    CA_FILE = translatable("Fault", "the certificates in {0} cannot be read. Check ca_file in config.toml.")
    TLS_MISSING = translatable("Fault", "this port does not use https. Change its address to {0}.")
    TLS_NEEDED = translatable("Fault", "it requires https. Change its address to {0}.")
    CERTIFICATE_CHANGED = translatable(
        "Fault", "its certificate is not the one that you trusted. The connection may be intercepted."
    )
    CLIENT_CERTIFICATE = translatable("Fault", "it requires a client certificate, which is not supported.")
    PROXY = translatable("Fault", "the proxy refuses the connection. Check HTTP_PROXY and NO_PROXY.")
    PROXY_AUTH = translatable(
        "Fault",
        "the proxy wants a user name and password. "
        "Put them into the proxy's address: http://user:password@proxy.example:3128/.",
    )
    PROXY_OTHER_AUTH = translatable(
        "Fault", "the proxy requires {0} authentication. This program can only use Basic authentication."
    )
    PROXY_UNREACHABLE = translatable("Fault", "the proxy {0} cannot be reached. Check HTTP_PROXY and NO_PROXY.")
    PROXY_FAILED = translatable(
        "Fault", "the proxy cannot connect to it. Start Mailpit, or list this host in NO_PROXY to connect directly."
    )
    PROXY_SOCKS = translatable(
        "Fault", "{0} names a SOCKS proxy, which is not supported. Use an HTTP proxy, or list this host in NO_PROXY."
    )
    PROXY_INVALID = translatable(
        "Fault", "{0} is not the address of an HTTP proxy, such as http://proxy.example:3128/."
    )
    AUTH = translatable("Fault", "authentication failed (401). Check user name and password.")
    OTHER_AUTH = translatable(
        "Fault", "it requires {0} authentication. This program can only use Basic authentication."
    )
    LOGIN_PAGE = translatable("Fault", "a log-in page answers. This program can only use Basic authentication.")
    SECRET_STORE = translatable(
        "Fault", "no answer from the secret store or the password command. It may be waiting for you to unlock it."
    )
    NO_PASSWORD = translatable("Fault", "{0} gives no password. Check it in config.toml.")
    UNENCRYPTED = translatable(
        "Fault", "its password would be sent unencrypted. Use https, or allow it with plain_password in config.toml."
    )
    ORIGIN = translatable("Fault", "it refuses this connection (403). Check its CORS and access settings.")
    NOT_FOUND = translatable("Fault", "no Mailpit at this address (404). Check the path (webroot).")
    REDIRECTED = translatable("Fault", "it redirects to {0}. If that is your Mailpit, enter that address.")
    RATE_LIMITED = translatable("Fault", "too many requests for it (429). New messages may be shown late.")
    SERVER_ERROR = translatable("Fault", "it reports an error of its own ({0}). This usually passes.")
    NO_UPGRADE = translatable("Fault", "live updates are blocked. A proxy in front of Mailpit may block WebSockets.")
    CUT_EARLY = translatable(
        "Fault",
        "live updates are cut off after {0}; checking every few seconds. "
        "A proxy in front of Mailpit may have a short timeout.",
    )
    SILENT = translatable(
        "Fault",
        "live updates do not get through in time; checking every few seconds. "
        "A proxy in front of Mailpit may hold them back.",
    )
    UNREADABLE = translatable(
        "Fault",
        "new messages are shown, but the list cannot be read and may be out of date. "
        "A proxy in front of Mailpit may change its answers.",
    )
    NOT_MAILPIT = translatable("Fault", "the program that answers there is not Mailpit. Check the address.")
    REJECTED = translatable("Fault", "it rejects this request: {0}.")
    TOO_OLD = translatable("Fault", "this version of Mailpit cannot receive messages in this way. Update Mailpit.")
    STOPPED = translatable("Fault", "it is stopped.")
    CUT_OFF = translatable("Fault", "the connection was lost.")

    def explain(self, about: str = "", translate: Callable[[str, str], str] = translatable) -> str:
        """Return what happened and what to do, to be shown after "NAME: ". `translate` as in Qt."""
        return translate("Fault", self.value).format(about or translate("Fault", _UNNAMED.get(self, "")))

    @property
    def sentence(self) -> str:
        """The English sentence where it is not known what it is about."""
        return self.explain()

    @property
    def retry(self) -> Retry:
        """When to retry after this fault."""
        return Retry.LATE if self in _LATE else Retry.SOON


_UNNAMED = {
    Fault.TLS_MISSING: translatable("Fault", "http://…"),
    Fault.TLS_NEEDED: translatable("Fault", "https://…"),
    Fault.REDIRECTED: translatable("Fault", "another address"),
    Fault.OTHER_AUTH: translatable("Fault", "another kind of"),
    Fault.PROXY_OTHER_AUTH: translatable("Fault", "another kind of"),
    Fault.PROXY_UNREACHABLE: translatable("Fault", "of the settings"),
    Fault.PROXY_SOCKS: translatable("Fault", "the proxy setting"),
    Fault.PROXY_INVALID: translatable("Fault", "the proxy setting"),
    Fault.NO_PASSWORD: translatable("Fault", "its setting"),
    Fault.CA_FILE: translatable("Fault", "its file"),
    Fault.SERVER_ERROR: translatable("Fault", "status 5xx"),
    Fault.REJECTED: translatable("Fault", "status 400"),
    Fault.CUT_EARLY: translatable("Fault", "a few seconds"),
}
"""Replaces `{0}` where `FaultError.about` is not known."""

_LATE = frozenset(
    {
        Fault.AUTH,
        Fault.CA_FILE,
        Fault.CERTIFICATE_CHANGED,
        Fault.CLIENT_CERTIFICATE,
        Fault.LOGIN_PAGE,
        Fault.NOT_FOUND,
        Fault.NOT_MAILPIT,
        Fault.NO_PASSWORD,
        Fault.ORIGIN,
        Fault.OTHER_AUTH,
        Fault.PROXY_AUTH,
        Fault.PROXY_INVALID,
        Fault.PROXY_OTHER_AUTH,
        Fault.PROXY_SOCKS,
        Fault.REDIRECTED,
        Fault.REJECTED,
        Fault.TLS,
        Fault.TLS_MISSING,
        Fault.TLS_NEEDED,
        Fault.TOO_OLD,
        Fault.UNENCRYPTED,
    }
)


REST_MAY_WORK = frozenset(
    {
        Fault.AUTH,
        Fault.CLIENT_CERTIFICATE,
        Fault.CUT_OFF,
        Fault.LOGIN_PAGE,
        Fault.NOT_FOUND,
        Fault.NOT_MAILPIT,
        Fault.ORIGIN,
        Fault.OTHER_AUTH,
        Fault.RATE_LIMITED,
        Fault.REDIRECTED,
        Fault.REJECTED,
        Fault.SERVER_ERROR,
        Fault.STOPPED,
        Fault.TIMEOUT,
        Fault.TLS_NEEDED,
    }
)
"""Faults of a websocket with which REST may work all the same. If it does, the fault is NO_UPGRADE: a proxy answers the
handshake itself, does not answer it, or closes the connection."""


def fault_beside_live_updates(fault: Fault) -> Fault:
    """Return what a fault of REST means while the websocket works, which shows that Mailpit is there and running."""
    return Fault.UNREADABLE if fault in REST_MAY_WORK - {Fault.AUTH, Fault.RATE_LIMITED} else fault


class FaultError(Exception):
    """A call failed with this fault.

    `detail` is for the log: no credential, header or message content. `about` completes the fault's sentence.
    `retry_after`: seconds that the server asked to wait.
    """

    def __init__(self, fault: Fault, detail: str = "", *, about: str = "", retry_after: float = 0.0) -> None:
        super().__init__(f"{fault.name.lower()}: {detail}" if detail else fault.name.lower())
        self.fault = fault
        self.detail = detail
        self.about = about
        self.retry_after = retry_after

    def explain(self, translate: Callable[[str, str], str] = translatable) -> str:
        """Return the fault's sentence; `translate` as in Qt."""
        return self.fault.explain(self.about, translate)


def stopped_or(error: FaultError, *, is_routed: bool) -> FaultError:
    """Return STOPPED for a local router's 404: DDEV answers so for a project that is stopped.

    `is_routed`: the address is a name that resolves to this machine, or there was a mailbox before.
    """
    return FaultError(Fault.STOPPED, error.detail) if error.fault is Fault.NOT_FOUND and is_routed else error


MAX_RETRY_AFTER = 300.0
"""Seconds of a Retry-After that are accepted. A proxy may ask for a day; messages must not arrive that late."""

MAX_ABOUT = 120
"""Characters of what a sentence quotes of a server."""

FAULTS = {
    403: Fault.ORIGIN,
    404: Fault.NOT_FOUND,
    429: Fault.RATE_LIMITED,
    495: Fault.CLIENT_CERTIFICATE,
    496: Fault.CLIENT_CERTIFICATE,
    502: Fault.STOPPED,
    503: Fault.STOPPED,
    504: Fault.STOPPED,
    511: Fault.LOGIN_PAGE,
}
"""Faults of statuses that need no more than their number."""

PASSING = frozenset({408, 425, 500, 501, 505, *range(507, 600)})
"""Statuses of a server or proxy that are likely to change soon: with those of Cloudflare (520 to 530) and others."""

_LOGIN = re.compile(
    r"\b(log[-_]?[io]n|sign[-_]?[io]n|auth|authn|authorize|oauth2?|openid(-connect)?|oidc|saml2?|sso|cas|adfs|idp|accounts?|"
    r"captive|portal|hotspot|wayf|realms|cdn-cgi/access)\b",
    re.IGNORECASE,
)
"""Words in the address of a log-in page: of identity providers, reverse proxies with a log-in, and captive portals."""

_LOGIN_FORM = re.compile(r"""type\s*=\s*["']?password|\b(log|sign)[ -]?(in|on)\b|\blogin\b""", re.IGNORECASE)

_PLAIN_ON_TLS = ("plain http request", "speaking plain http", "http request to an https", "requires tls")
"""Texts of nginx, Apache and Go's server in answer to a request without TLS on their TLS port, with status 400."""

_NO_CLIENT_CERTIFICATE = ("ssl certificate was sent", "client certificate", "403.7", "ssl certificate error")
"""Texts of nginx, IIS and others in answer to a request without a client certificate, with status 400 or 403."""


def fault_from_answer(
    status: int, url: ServerUrl, fields: Callable[[str], Sequence[str]] = lambda _name: (), text: str = ""
) -> FaultError:
    """Return the fault for an HTTP answer of REST or of the handshake that is not the expected one.

    `fields` returns all values of a header field; `text` is the beginning of the body, if it is known. Redirects are
    not followed.
    """
    detail = f"status {status}"
    if status in {301, 302, 303, 307, 308}:
        return _redirected(url, next(iter(fields("Location")), ""), detail)
    if status == 401:
        return _unauthorized(fields("WWW-Authenticate"), (Fault.AUTH, Fault.OTHER_AUTH), detail)
    if status == 407:
        return _unauthorized(fields("Proxy-Authenticate"), (Fault.PROXY_AUTH, Fault.PROXY_OTHER_AUTH), detail)
    if text and (found := _said(text.lower(), url, detail)):
        return found
    if status == 400 and (reason := _rejection(text)):
        return FaultError(Fault.REJECTED, detail, about=reason)
    fault = FAULTS.get(status, Fault.SERVER_ERROR if status in PASSING else Fault.NOT_MAILPIT)
    return FaultError(fault, detail, about=detail, retry_after=retry_after(fields("Retry-After")))


def _rejection(text: str) -> str:
    """Return why Mailpit rejects the body of `POST api/v1/send`, "" if this is not such an answer."""
    try:
        body = read(text)
    except ValueError:
        return ""
    reason = body.get("Error") if isinstance(body, dict) else None
    return plain(reason, MAX_ABOUT).rstrip(".") if isinstance(reason, str) else ""


def _said(text: str, url: ServerUrl, detail: str) -> FaultError | None:
    """Return the fault that an error page names in words; None if it names none that is known."""
    if not url.secure and any(words in text for words in _PLAIN_ON_TLS):
        return FaultError(Fault.TLS_NEEDED, detail, about=url.with_tls(secure=True))
    if any(words in text for words in _NO_CLIENT_CERTIFICATE):
        return FaultError(Fault.CLIENT_CERTIFICATE, detail)
    return None


def fault_from_page(text: str, detail: str) -> FaultError:
    """Return the fault for an answer that is not JSON: a page to log in, or another program."""
    is_page = text.lstrip("\ufeff \t\r\n")[:1] == "<"
    return FaultError(Fault.LOGIN_PAGE if is_page and _LOGIN_FORM.search(text) else Fault.NOT_MAILPIT, detail)


def fault_from_connect(status: int, fields: Callable[[str], Sequence[str]], proxy: str) -> FaultError:
    """Return the fault for a proxy's answer to CONNECT other than 200."""
    detail = f"{proxy} answers {status}"
    if status == 407:
        return _unauthorized(fields("Proxy-Authenticate"), (Fault.PROXY_AUTH, Fault.PROXY_OTHER_AUTH), detail)
    return FaultError(Fault.PROXY_FAILED if status >= 500 else Fault.PROXY, detail)


def retry_after(values: Sequence[str]) -> float:
    """Return the seconds of a Retry-After field (RFC 9110, 10.2.3), at most MAX_RETRY_AFTER; 0 without a usable one."""
    value = next(iter(values), "").strip()
    try:
        seconds = float(value) if value.isascii() and value.isdigit() else _seconds_until(value)
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return max(0.0, min(seconds, MAX_RETRY_AFTER))


def _seconds_until(date: str) -> float:
    from email.utils import parsedate_to_datetime  # takes 3 ms, and the tray icon does not need it

    time = parsedate_to_datetime(date)
    return ((time if time.tzinfo else time.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()


def _unauthorized(challenges: Sequence[str], faults: tuple[Fault, Fault], detail: str) -> FaultError:
    """Return the first fault if Basic or no scheme is offered, else the second, about the scheme offered."""
    basic, other = faults
    schemes = re.findall(r"(?:\A|,)\s*([A-Za-z-]+)(?=\s|,|\Z)", ", ".join(challenges))
    if not schemes or any(scheme.lower() == "basic" for scheme in schemes):
        return FaultError(basic, detail)
    return FaultError(other, detail, about=schemes[0][:MAX_ABOUT])


def _redirected(url: ServerUrl, location: str, detail: str) -> FaultError:
    """Return the fault for a redirect; its target is quoted without the query, which may contain secrets."""
    try:
        target = urlsplit(urljoin(url.base, location.strip()))
        found = ServerUrl.parse(f"{target.scheme}://{target.netloc.rpartition('@')[2]}{target.path or '/'}")
    except ValueError:
        return FaultError(Fault.REDIRECTED, detail)
    shown = plain(found.base, MAX_ABOUT)  # with an ellipsis: the beginning alone may be that of another host
    detail = f"{detail} to {shown}"
    if found.base == url.base:  # such as a web application that answers every unknown path so
        return FaultError(Fault.NOT_MAILPIT, detail)
    if found.host == url.host and found.secure and not url.secure and found.webroot == url.webroot:
        return FaultError(Fault.TLS_NEEDED, detail, about=found.base)
    if _LOGIN.search(f"{target.hostname or ''}{target.path}"):
        return FaultError(Fault.LOGIN_PAGE, detail)
    return FaultError(Fault.REDIRECTED, detail, about=shown)
