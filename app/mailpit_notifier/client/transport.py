"""The one way to a server: a connected socket, TLS-wrapped where the address says https.

Websocket and REST both take their socket from here, so that addresses, proxies and certificates are decided once; it
is also the only way around websocket-client's own proxy handling, which sends localhost through HTTP_PROXY. Blocking:
runs in the reader's and the worker's thread; only `Line.hang_up` is called from others.

Which proxy a connection goes through: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY of the environment.

Loopback, and names that resolve to it, never go through one, whatever the environment says: a proxy's own loopback is
another machine's. Pure; there is no standard, so the rules follow what curl and Go agree on, with CIDR in NO_PROXY.
"""

import contextlib
import errno
import os
import selectors
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from time import monotonic

from mailpit_notifier.core.settings import Access
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.urls import ServerUrl

from .certificates import fingerprint, peer_certificate, system_context, unverified_context

Address = IPv4Address | IPv6Address


def is_local(url: ServerUrl, addresses: Sequence[str]) -> bool:
    """Whether the server is on this machine, by its name or by what that resolves to."""
    return url.is_local_name or any(is_loopback(address) for address in addresses)


def proxy_for(
    url: ServerUrl, addresses: Sequence[str], environ: Mapping[str, str], chosen: str = ""
) -> ServerUrl | None:
    """The proxy to go through, or None for a direct connection.

    `addresses` are what the host resolves to, empty when it does not. `chosen` is the user's for this server, "none"
    for a direct connection. Raises ValueError for a proxy that cannot be used: socks, https (TLS within TLS is beyond
    the standard library), or no address at all.
    """
    return choose_proxy(url, addresses, environ, chosen)[0]


def choose_proxy(
    url: ServerUrl, addresses: Sequence[str], environ: Mapping[str, str], chosen: str = ""
) -> tuple[ServerUrl | None, str]:
    """What `proxy_for` says, and why, in words."""
    if is_local(url, addresses):
        return None, "it is on this machine"
    if chosen == "none":
        return None, "the configuration says so"
    names = (f"{url.scheme}_proxy", "all_proxy")
    name, value = next(((name, value) for name in names if (value := _variable(environ, name))), ("", ""))
    if chosen:
        return _parsed(chosen), "the configuration says so"
    if not value:
        return None, "no proxy is set"
    if _is_excluded(url, addresses, _variable(environ, "no_proxy")):
        return None, "NO_PROXY excepts it"
    return _parsed(value), f"{name.upper()} says so"


def _parsed(value: str) -> ServerUrl:
    # The slash makes the port that is not given http's own, not Mailpit's.
    proxy = ServerUrl.parse(value if value.endswith("/") else f"{value}/")
    if proxy.secure:
        raise ValueError("A proxy's own address starts with http://.")
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
        name = host.strip("[]").removeprefix("*").removeprefix(".")
        return port in {"", str(url.port)} and (url.host == name or url.host.endswith(f".{name}"))
    return any(ip.version == network.version and ip in network for ip in ips)


def is_loopback(text: str) -> bool:
    """Whether an address is of this machine only."""
    ip = _ip(text)
    # 0.0.0.0 and :: lead here, too, and are what Mailpit's own start message says.
    return ip is not None and (ip.is_loopback or ip.is_unspecified)


def _ip(text: str) -> Address | None:
    try:
        ip = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip


MAX_ANSWER = 16_384
"""Bytes a proxy may answer to CONNECT."""

LOOPBACK = ("127.0.0.1", "::1")
"""What `localhost` is, without asking: a hosts file often names only one of them (RFC 6761, 6.3)."""


class Transport:
    """The sockets of one connection, so that another thread can hang up in every state of it, dialling included.

    No lock is needed: `add` adds before it looks whether we hung up, `hang_up` says so before it shuts what there is.
    """

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self._hung_up = False
        self.local = False
        """Whether the server is on this machine, as soon as that is known."""

    def add(self, sock: socket.socket) -> None:
        """Take over a socket that has begun to connect. Raises FaultError after `hang_up`."""
        self._sockets.append(sock)
        if self._hung_up:
            raise FaultError(Fault.CUT_OFF, "hung up by us")

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """Return the sockets that are held now."""
        return tuple(self._sockets)

    def hang_up(self) -> None:
        """Wake whoever is blocked, at once and for good. `close` would not, and a websocket's own can hang for ever."""
        self._hung_up = True
        shut_down(self.sockets)

    def close(self) -> None:
        """Give the sockets back; for the thread that uses them."""
        while self._sockets:
            self._sockets.pop().close()


def shut_down(sockets: Iterable[socket.socket]) -> None:
    """Wake the thread that is blocked in one of these. The thread that uses them closes them."""
    for sock in sockets:
        with contextlib.suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)  # an SSLSocket's own loses its state under the reader


Dial = Callable[[ServerUrl, float, Transport], socket.socket]
DEFAULT_ACCESS = Access()


def dial(
    url: ServerUrl,
    timeout: float,
    transport: Transport,
    environ: Mapping[str, str] = os.environ,
    access: Access = DEFAULT_ACCESS,
) -> socket.socket:
    """Connect within `timeout` seconds; the socket that comes back has what is left of them as its timeout.

    Raises FaultError. The caller closes `transport` in any case. A DNS lookup cannot be interrupted and is
    not counted.
    """
    deadline = monotonic() + timeout
    sock = _connect(url, deadline, transport, environ, access)
    if url.secure:
        try:
            context = unverified_context() if access.fingerprint else system_context(access.ca_file)
        except OSError as error:
            raise FaultError(Fault.TLS, "the file of certificates cannot be read") from error
        sock = wrap_tls(sock, url.host, deadline, transport, context)
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
    """The certificate (DER) that the server shows, whoever vouches for it; nothing is sent to it. As `dial`."""
    deadline = monotonic() + timeout
    sock = _connect(url, deadline, transport, environ, access)
    with wrap_tls(sock, url.host, deadline, transport, unverified_context()) as wrapped:
        return peer_certificate(wrapped)


def _connect(
    url: ServerUrl, deadline: float, transport: Transport, environ: Mapping[str, str], access: Access
) -> socket.socket:
    """Connected, by the way that address, environment and user say; not yet by TLS."""
    addresses = resolve(url.host)
    transport.local = is_local(url, addresses)
    if transport.local:  # what is trusted as this machine is this machine, whatever else its name resolves to
        addresses = tuple(filter(is_loopback, addresses)) or addresses
    if url.authorization and not (url.secure or transport.local or access.plain_password):
        raise FaultError(Fault.UNENCRYPTED)
    try:
        proxy = proxy_for(url, addresses, environ, access.proxy)
    except ValueError as error:
        raise FaultError(Fault.PROXY, "a proxy is named that cannot be used") from error
    if proxy:
        return open_tunnel(proxy, url, deadline, transport)
    if addresses:
        return connect_first(addresses, url.port, deadline, transport)
    raise FaultError(Fault.DNS)


def resolve(host: str) -> tuple[str, ...]:
    """The addresses of a host, in the system's order; empty when nobody knows it."""
    if host == "localhost" or host.endswith(".localhost"):
        return LOOPBACK
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # the latter for what can be no name, such as «a..b»
        return ()
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def connect_first(addresses: Sequence[str], port: int, deadline: float, transport: Transport) -> socket.socket:
    """Connect to all addresses at once and keep the first that answers; of several, the one named first."""
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
    # The other family may not be there at all, which says nothing about the server.
    number = errno.ECONNREFUSED if errno.ECONNREFUSED in errors else errors[0]
    raise fault_from_os_error(OSError(number, os.strerror(number)))


def open_tunnel(proxy: ServerUrl, url: ServerUrl, deadline: float, transport: Transport) -> socket.socket:
    """A tunnel to the server through a proxy (CONNECT, RFC 9110 9.3.6)."""
    if not (addresses := resolve(proxy.host)):
        raise FaultError(Fault.PROXY, f"{proxy.netloc} is not to be found")
    target = f"[{url.host}]:{url.port}" if ":" in url.host else f"{url.host}:{url.port}"
    ask = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n"
    if proxy.authorization:
        ask += f"Proxy-Authorization: {proxy.authorization}\r\n"
    try:
        sock = connect_first(addresses, proxy.port, deadline, transport)
        sock.sendall(ask.encode() + b"\r\n")
        status = _connect_status(sock, deadline)
    except FaultError as error:
        raise FaultError(Fault.PROXY, f"{proxy.netloc}: {error}") from error
    except OSError as error:
        raise FaultError(Fault.PROXY, f"{proxy.netloc}: {type(error).__name__}") from error
    if status != 200:
        raise FaultError(Fault.PROXY, f"{proxy.netloc} answers {status}")
    return sock


def wrap_tls(
    sock: socket.socket, host: str, deadline: float, transport: Transport, context: ssl.SSLContext
) -> ssl.SSLSocket:
    """Wrap in TLS."""
    sock.settimeout(max(0.001, deadline - monotonic()))
    transport.add(sock.dup())  # wrapping takes the socket itself away, and returns only when all is done
    try:
        return context.wrap_socket(sock, server_hostname=host)
    except TimeoutError as error:
        raise FaultError(Fault.TIMEOUT, "TLS handshake") from error
    except (ConnectionError, ssl.SSLEOFError) as error:  # it may be starting, or going
        raise fault_from_os_error(error) from error
    except (OSError, ValueError) as error:
        raise FaultError(Fault.TLS, getattr(error, "verify_message", "") or type(error).__name__) from error


def fault_from_os_error(error: OSError) -> FaultError:
    """The fault that an error of a socket is."""
    if isinstance(error, ConnectionRefusedError):
        return FaultError(Fault.REFUSED)
    if isinstance(error, ConnectionError | ssl.SSLEOFError):
        return FaultError(Fault.CUT_OFF, type(error).__name__)
    if isinstance(error, ssl.SSLError):
        return FaultError(Fault.TLS, type(error).__name__)
    return FaultError(Fault.TIMEOUT, error.strerror or type(error).__name__)


def _begin(address: str, port: int, errors: list[int], transport: Transport) -> socket.socket | None:
    try:
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    except OSError as error:  # a system without IPv6
        errors.append(error.errno or 0)
        return None
    sock.setblocking(False)
    try:
        with contextlib.suppress(BlockingIOError):
            sock.connect((address, port))
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


def _connect_status(sock: socket.socket, deadline: float) -> int:
    answer = b""
    while b"\r\n\r\n" not in answer:
        sock.settimeout(max(0.001, deadline - monotonic()))
        # One byte at a time: what comes after the header belongs to the server.
        if not (byte := sock.recv(1)) or len(answer) > MAX_ANSWER:
            raise ConnectionError("no answer to CONNECT")
        answer += byte
    parts = answer.split(b" ", 2)
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
