"""Open the connection to a server: address, proxy, socket, and TLS for https.

Websocket and REST both get their socket here: websocket-client on its own sends localhost through HTTP_PROXY. Blocking:
`dial` runs in the thread of the reader or of the worker; only `Transport.hang_up` is called from other threads.

The proxy is that of the configuration, or of HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY. There is no standard for
these: the rules are those on which curl and Go agree, with CIDR in NO_PROXY. Names of this machine need no proxy.
"""

import contextlib
import errno
import os
import selectors
import socket
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from http.client import HTTPException, HTTPMessage, parse_headers
from io import BytesIO
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from time import monotonic
from typing import TYPE_CHECKING, Any

from mailpit_notifier.core.settings import Access
from mailpit_notifier.protocol.faults import Fault, FaultError, fault_from_connect
from mailpit_notifier.protocol.urls import ServerUrl, ascii_host
from mailpit_notifier.runtime.openssl import is_tls_error

from .certificates import fingerprint, peer_certificate, system_context, unverified_context

if TYPE_CHECKING:  # loaded when a server needs TLS
    import ssl

Address = IPv4Address | IPv6Address


def is_local(url: ServerUrl, addresses: Sequence[str]) -> bool:
    """Whether the server is on this machine, by its name or its addresses."""
    return url.is_local_name or any(is_loopback(address) for address in addresses)


def proxy_for(
    url: ServerUrl, addresses: Sequence[str], environ: Mapping[str, str], chosen: str = ""
) -> ServerUrl | None:
    """Return the proxy to use, None for a direct connection.

    `addresses` are the host's, empty if it could not be resolved. `chosen` is the user's setting for this server,
    "none" for a direct connection. Raises FaultError for a proxy that is not supported: SOCKS, https (TLS in TLS is not
    possible with the standard library), or an invalid address.
    """
    return choose_proxy(url, addresses, environ, chosen)[0]


def choose_proxy(
    url: ServerUrl, addresses: Sequence[str], environ: Mapping[str, str], chosen: str = ""
) -> tuple[ServerUrl | None, str]:
    """Return the result of `proxy_for`, and the reason in words, in parentheses after "connecting directly"."""
    if is_local(url, addresses):
        return None, "local address"
    if chosen == "none":
        return None, "set in the configuration"
    names = (f"{url.scheme}_proxy", "all_proxy")
    name, value = next(((name, value) for name in names if (value := _variable(environ, name))), ("", ""))
    name = name if environ.get(name) else name.upper()
    if chosen:
        return _parsed(chosen, "the proxy in config.toml"), "set in the configuration"
    if not value:
        return None, "no proxy is set"
    if _is_excluded(url, addresses, _variable(environ, "no_proxy")):
        return None, "excluded by NO_PROXY"
    return _parsed(value, name), f"set by {name.upper()}"


def _parsed(value: str, name: str) -> ServerUrl:
    """Return the proxy's address. `name` is the setting that has this value. Raises FaultError."""
    if value.lower().startswith("socks"):
        raise FaultError(Fault.PROXY_SOCKS, about=name)
    try:
        # With the slash, the default port is that of http and not Mailpit's.
        proxy = ServerUrl.parse(value if value.endswith("/") else f"{value}/")
    except ValueError:
        raise FaultError(Fault.PROXY_INVALID, about=name) from None
    if proxy.secure:
        raise FaultError(Fault.PROXY_INVALID, about=name)
    return proxy


def _variable(environ: Mapping[str, str], name: str) -> str:
    return (environ.get(name) or environ.get(name.upper()) or "").strip()


def _is_excluded(url: ServerUrl, addresses: Sequence[str], no_proxy: str) -> bool:
    ips = [ip for text in (url.host, *addresses) if (ip := _ip(text))]
    return any(_matches(entry, url, ips) for entry in no_proxy.lower().replace(",", " ").split())


def _matches(entry: str, url: ServerUrl, ips: Sequence[Address]) -> bool:
    if entry == "*":
        return True
    try:
        network = ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        host, _, port = entry.rpartition(":") if entry.rpartition(":")[2].isdigit() else (entry, "", "")
        name = ascii_host(host.strip("[]").removeprefix("*").removeprefix(".").removesuffix("."))
        own = url.host.removesuffix(".")
        return port in {"", str(url.port)} and bool(name) and (own == name or own.endswith(f".{name}"))
    return any(ip.version == network.version and ip in network for ip in ips)


def is_loopback(text: str) -> bool:
    """Return whether an IP address leads to this machine: a loopback address, or 0.0.0.0."""
    ip = _ip(text)
    # 0.0.0.0 and :: connect to this machine, too, and Mailpit prints them when it starts.
    return ip is not None and (ip.is_loopback or ip.is_unspecified)


def _ip(text: str) -> Address | None:
    try:
        ip = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip


MAX_ANSWER = 16_384
"""Bytes of a proxy's answer to CONNECT."""

LOOPBACK = ("127.0.0.1", "::1")
"""Addresses of `localhost`, without DNS: a hosts file often has only one of them (RFC 6761, 6.3)."""


class Transport:
    """The sockets of one connection, so that another thread can hang up at any time, also while it is being opened.

    No lock is needed: `add` stores the socket before it checks the flag, `hang_up` sets the flag before it shuts down
    the stored sockets.
    """

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self._hung_up = False
        self.local = False
        """Whether the server is on this machine; set as soon as its name is resolved."""

    def add(self, sock: socket.socket) -> None:
        """Store a socket that has begun to connect. Raises FaultError after `hang_up`."""
        self._sockets.append(sock)
        if self._hung_up:
            raise FaultError(Fault.CUT_OFF, "hung up by us")

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """The sockets stored now."""
        return tuple(self._sockets)

    def hang_up(self) -> None:
        """Wake the thread that is blocked in a socket, for good. `close` would not wake it, or would hang itself."""
        self._hung_up = True
        shut_down(self.sockets)

    def close(self) -> None:
        """Close the sockets; in the thread that uses them."""
        while self._sockets:
            self._sockets.pop().close()


def shut_down(sockets: Iterable[socket.socket]) -> None:
    """Wake the thread that is blocked in one of these sockets; it closes them itself.

    On Windows, only closing wakes it. The methods are those of the base classes: SSLSocket's would drop the TLS state
    while the reader uses it.
    """
    for sock in sockets:
        with contextlib.suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)
        if sys.platform == "win32":
            with contextlib.suppress(OSError):
                socket.SocketType.close(sock)


Dial = Callable[[ServerUrl, float, Transport], socket.socket]
DEFAULT_ACCESS = Access()


def dial(
    url: ServerUrl,
    timeout: float,
    transport: Transport,
    environ: Mapping[str, str] = os.environ,
    access: Access = DEFAULT_ACCESS,
) -> socket.socket:
    """Connect within `timeout` seconds and return the socket, with the rest of them as its timeout.

    Raises FaultError. The caller closes `transport` in any case. A DNS lookup cannot be interrupted and is not counted.
    """
    deadline = monotonic() + timeout
    sock = _connect(url, deadline, transport, environ, access)
    if url.secure:
        try:
            context = unverified_context() if access.fingerprint else system_context(access.ca_file)
        except OSError as error:
            raise FaultError(Fault.CA_FILE, str(error.strerror or error), about=access.ca_file) from error
        try:
            sock = wrap_tls(sock, url.host, deadline, transport, context)
        except FaultError as error:
            error.about = url.with_tls(secure=False) if error.fault is Fault.TLS_MISSING else error.about
            raise
        if access.fingerprint and fingerprint(peer_certificate(sock)) != access.fingerprint.replace(":", "").lower():
            sock.close()
            raise FaultError(Fault.CERTIFICATE_CHANGED)
    transport.add(sock)
    return sock


def certificate(
    url: ServerUrl,
    timeout: float,
    transport: Transport,
    environ: Mapping[str, str] = os.environ,
    access: Access = DEFAULT_ACCESS,
) -> bytes:
    """Return the server's certificate (DER) without verifying it; no request is sent. Otherwise as `dial`."""
    deadline = monotonic() + timeout
    sock = _connect(url, deadline, transport, environ, access)
    with wrap_tls(sock, url.host, deadline, transport, unverified_context()) as wrapped:
        return peer_certificate(wrapped)


def _connect(
    url: ServerUrl, deadline: float, transport: Transport, environ: Mapping[str, str], access: Access
) -> socket.socket:
    """Connect directly or through a proxy, without TLS."""
    addresses = resolve(url.host)
    transport.local = is_local(url, addresses)
    if transport.local:  # a local server is trusted more: use only its loopback addresses
        addresses = tuple(filter(is_loopback, addresses)) or addresses
    if url.authorization and not (url.secure or transport.local or access.plain_password):
        raise FaultError(Fault.UNENCRYPTED)
    if proxy := proxy_for(url, addresses, environ, access.proxy):
        return open_tunnel(proxy, url, deadline, transport)
    if addresses:
        return connect_first(addresses, url.port, deadline, transport)
    raise FaultError(Fault.DNS)


def resolve(host: str) -> tuple[str, ...]:
    """Return the addresses of a host in the system's order, none if it cannot be resolved."""
    if host == "localhost" or host.endswith(".localhost"):
        return LOOPBACK
    try:
        # As bytes: for a text, Python imports its codec for names in other scripts, 0.4 MiB. A host is in ASCII.
        found = socket.getaddrinfo(host.encode("ascii"), None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # UnicodeError: not in ASCII, so no name
        return ()
    return tuple(dict.fromkeys(_with_zone(entry[4]) for entry in found))


def _with_zone(address: tuple[Any, ...]) -> str:
    """Return the text of an address, with the number of the interface for a link-local one, which needs it."""
    return f"{address[0]}%{address[3]}" if len(address) > 3 and address[3] else str(address[0])


def connect_first(addresses: Sequence[str], port: int, deadline: float, transport: Transport) -> socket.socket:
    """Connect to all addresses in parallel and return the first socket that is connected."""
    errors: list[int] = []
    waiting = [sock for address in addresses if (sock := _begin(address, port, errors, transport))]
    try:
        with selectors.DefaultSelector() as selector:
            for sock in waiting:
                selector.register(sock, selectors.EVENT_WRITE)
            while waiting:
                ready = {key.fd for key, _ in selector.select(max(0.0, deadline - monotonic()))}
                if not ready:
                    raise FaultError(Fault.TIMEOUT, "no address answered")
                for sock in [sock for sock in waiting if sock.fileno() in ready]:
                    selector.unregister(sock)
                    waiting.remove(sock)
                    if not (error := sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)):
                        return _connected(sock, deadline)
                    errors.append(error)
    finally:
        for sock in waiting:
            sock.close()
    # Prefer "refused": the other error may only mean that this machine has no IPv6.
    number = errno.ECONNREFUSED if errno.ECONNREFUSED in errors else errors[0]
    raise fault_from_os_error(OSError(number, os.strerror(number)))


def open_tunnel(proxy: ServerUrl, url: ServerUrl, deadline: float, transport: Transport) -> socket.socket:
    """Open a tunnel to the server through a proxy (CONNECT, RFC 9110, 9.3.6)."""
    if not (addresses := resolve(proxy.host)):
        raise FaultError(Fault.PROXY_UNREACHABLE, "its name cannot be resolved", about=proxy.netloc)
    target = f"[{url.host}]:{url.port}" if ":" in url.host else f"{url.host}:{url.port}"
    ask = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n"
    if proxy.authorization:
        ask += f"Proxy-Authorization: {proxy.authorization}\r\n"
    try:
        sock = connect_first(addresses, proxy.port, deadline, transport)
        sock.sendall(ask.encode() + b"\r\n")
        status, headers = _connect_answer(sock, deadline)
    except FaultError as error:
        raise FaultError(Fault.PROXY_UNREACHABLE, str(error), about=proxy.netloc) from error
    except (OSError, HTTPException) as error:
        raise FaultError(Fault.PROXY_UNREACHABLE, type(error).__name__, about=proxy.netloc) from error
    if status != 200:
        raise fault_from_connect(status, lambda name: headers.get_all(name, []), proxy.netloc)
    return sock


def wrap_tls(
    sock: socket.socket, host: str, deadline: float, transport: Transport, context: "ssl.SSLContext"
) -> "ssl.SSLSocket":
    """Wrap a socket in TLS."""
    import ssl

    sock.settimeout(max(0.001, deadline - monotonic()))
    transport.add(sock.dup())  # wrap_socket detaches the original, and returns only after the handshake
    try:
        return context.wrap_socket(sock, server_hostname=host)
    except TimeoutError as error:
        raise FaultError(Fault.TIMEOUT, "TLS handshake") from error
    except (ConnectionError, ssl.SSLEOFError) as error:  # it may be starting or stopping
        raise fault_from_os_error(error) from error
    except (OSError, ValueError) as error:
        raise fault_from_tls(error) from error


CLOSED = {errno.EBADF, 10038}
"""Errors after `shut_down` on Windows; the second one is WSAENOTSOCK."""


def fault_from_os_error(error: OSError) -> FaultError:
    """Return the error of a socket as a fault."""
    if isinstance(error, ConnectionRefusedError):
        return FaultError(Fault.REFUSED)
    if isinstance(error, ConnectionError) or error.errno in CLOSED:
        return FaultError(Fault.CUT_OFF, type(error).__name__)
    if is_tls_error(error):
        import ssl

        is_end = isinstance(error, ssl.SSLEOFError)
        return FaultError(Fault.CUT_OFF, type(error).__name__) if is_end else fault_from_tls(error)
    return FaultError(Fault.TIMEOUT, error.strerror or type(error).__name__)


ALERT = b"\x15\x03"
"""Begins the answer of a TLS port to a request without TLS (RFC 8446, 5.1), unless it answers in HTTP."""

NOT_TLS = frozenset(
    {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"}
)
"""OpenSSL's reasons, of several versions, when the answer to a TLS handshake is plain text."""


def fault_from_tls(error: Exception) -> FaultError:
    """Return the error of a TLS connection as a fault. A server with TLS 1.3 asks for a certificate after it."""
    reason = getattr(error, "reason", None) or ""
    if reason in NOT_TLS:
        return FaultError(Fault.TLS_MISSING, reason.lower())
    if "CERTIFICATE_REQUIRED" in reason:
        return FaultError(Fault.CLIENT_CERTIFICATE, reason.lower())
    return FaultError(Fault.TLS, getattr(error, "verify_message", "") or reason.lower() or type(error).__name__)


def _begin(address: str, port: int, errors: list[int], transport: Transport) -> socket.socket | None:
    try:
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    except OSError as error:  # e.g. no IPv6
        errors.append(error.errno or 0)
        return None
    sock.setblocking(False)
    ip, _, zone = address.partition("%")
    try:
        with contextlib.suppress(BlockingIOError):
            sock.connect((ip, port, 0, int(zone)) if zone else (ip, port))
    except OSError as error:
        errors.append(error.errno or 0)
        sock.close()
        return None
    transport.add(sock)
    return sock


def _connected(sock: socket.socket, deadline: float) -> socket.socket:
    sock.settimeout(max(0.001, deadline - monotonic()))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _connect_answer(sock: socket.socket, deadline: float) -> tuple[int, HTTPMessage]:
    """Return the status of the answer to CONNECT, 0 for one that is not HTTP, and its header fields."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        sock.settimeout(max(0.001, deadline - monotonic()))
        # One byte at a time: the bytes after the header are the server's.
        if not (byte := sock.recv(1)) or len(answer) > MAX_ANSWER:
            raise ConnectionError("no answer to CONNECT")
        answer += byte
    first, _, fields = answer.partition(b"\r\n")
    parts = first.split(b" ", 2)
    status = int(parts[1]) if len(parts) > 1 and len(parts[1]) == 3 and parts[1].isdigit() else 0
    return status, parse_headers(BytesIO(fields))
