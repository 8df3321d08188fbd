"""The one way to a server: a connected socket, TLS-wrapped where the address says https.

Websocket and REST both take their socket from here, so that addresses, proxies and certificates are decided once; it
is also the only way around websocket-client's own proxy handling, which sends localhost through HTTP_PROXY. Blocking:
runs in the reader's and the worker's thread.
"""

import os
import selectors
import socket
import ssl
from collections.abc import Mapping, Sequence
from time import monotonic

from .fault import Fault, FaultError
from .proxy import proxy_for
from .urls import ServerUrl

MAX_ANSWER = 16_384
"""Bytes a proxy may answer to CONNECT."""

LOOPBACK = ("127.0.0.1", "::1")
"""What `localhost` is, without asking: a hosts file often names only one of them (RFC 6761, 6.3)."""


def dial(url: ServerUrl, timeout: float, environ: Mapping[str, str] = os.environ) -> socket.socket:
    """Connect within `timeout` seconds; the socket that comes back has what is left of them as its timeout.

    Raises FaultError. The look-up of a name cannot be interrupted and is not counted.
    """
    try:
        addresses = resolve(url.host)
    except OSError as error:
        addresses, unknown = (), error
    try:
        proxy = proxy_for(url, addresses, environ)
    except ValueError as error:
        raise FaultError(Fault.PROXY, "the environment names a proxy that cannot be used") from error
    deadline = monotonic() + timeout
    if proxy is None and not addresses:
        raise FaultError(Fault.DNS, type(unknown).__name__)
    sock = race(addresses, url.port, deadline) if proxy is None else through(proxy, url, deadline)
    try:
        return secured(sock, url, deadline) if url.secure else sock
    except BaseException:
        sock.close()
        raise


def resolve(host: str) -> tuple[str, ...]:
    """The addresses of a host, in the system's order. Raises OSError when there are none."""
    if host == "localhost" or host.endswith(".localhost"):
        return LOOPBACK
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def race(addresses: Sequence[str], port: int, deadline: float) -> socket.socket:
    """Connect to all addresses at once and keep the first that answers; of several, the one named first."""
    errors: list[int] = []
    waiting = [sock for address in addresses if (sock := _begin(address, port, errors))]
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
                    sock.close()
    finally:
        for sock in waiting:
            sock.close()
    raise fault_of(OSError(errors[0], os.strerror(errors[0])))


def through(proxy: ServerUrl, url: ServerUrl, deadline: float) -> socket.socket:
    """A tunnel to the server through a proxy (CONNECT, RFC 9110 9.3.6)."""
    try:
        sock = race(resolve(proxy.host), proxy.port, deadline)
    except OSError as error:
        raise FaultError(Fault.PROXY, f"{proxy.netloc} is not to be found") from error
    except FaultError as error:
        raise FaultError(Fault.PROXY, f"{proxy.netloc}: {error}") from error
    try:
        if proxy.secure:
            sock = secured(sock, proxy, deadline)
        target = f"[{url.host}]:{url.port}" if ":" in url.host else f"{url.host}:{url.port}"
        ask = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n"
        if proxy.authorization:
            ask += f"Proxy-Authorization: {proxy.authorization}\r\n"
        sock.sendall(ask.encode() + b"\r\n")
        status = _connect_status(sock, deadline)
    except OSError as error:
        sock.close()
        raise FaultError(Fault.PROXY, type(error).__name__) from error
    if status != 200:
        sock.close()
        raise FaultError(Fault.PROXY, f"{proxy.netloc} answers {status}")
    return sock


def secured(sock: socket.socket, url: ServerUrl, deadline: float) -> ssl.SSLSocket:
    """Wrap in TLS, verified against the system's certificates (those that mkcert or a company installs, too)."""
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    sock.settimeout(max(0.001, deadline - monotonic()))
    try:
        return context.wrap_socket(sock, server_hostname=url.host)
    except TimeoutError as error:
        raise FaultError(Fault.TIMEOUT, "TLS handshake") from error
    except (OSError, ValueError) as error:
        raise FaultError(Fault.TLS, getattr(error, "verify_message", "") or type(error).__name__) from error


def fault_of(error: OSError) -> FaultError:
    """The fault that an error of a socket is."""
    if isinstance(error, ConnectionRefusedError):
        return FaultError(Fault.REFUSED)
    if isinstance(error, ssl.SSLError):
        return FaultError(Fault.TLS, type(error).__name__)
    if isinstance(error, ConnectionError):
        return FaultError(Fault.CUT_OFF, type(error).__name__)
    return FaultError(Fault.TIMEOUT, error.strerror or type(error).__name__)


def _begin(address: str, port: int, errors: list[int]) -> socket.socket | None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock: socket.socket | None = None
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.connect((address, port))
    except BlockingIOError:
        return sock
    except OSError as error:
        errors.append(error.errno or 0)
        if sock:
            sock.close()
        return None
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
