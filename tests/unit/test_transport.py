"""Connecting over both address families, TLS with the system's certificates, and cancelling a connection attempt."""

import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from certificates import der, self_signed, serving
from hostile import Visit, black_hole, hostile, listening, wait_for
from mailpit_notifier.client.transport import DEFAULT_ACCESS, Transport, dial, fault_from_os_error, resolve
from mailpit_notifier.client.transport import certificate as certificate_of
from mailpit_notifier.core.settings import Access
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.urls import ServerUrl

LONG = 60.0
"""Seconds. A connection attempt that waits for its timeout makes the test exceed its own, and fail."""


def greet(visit: Visit) -> None:
    visit.send(b"hello")
    visit.hold()


def hello_from(url: str, timeout: float = LONG, access: Access = DEFAULT_ACCESS) -> bytes:
    line = Transport()
    try:
        return dial(ServerUrl.parse(url), timeout, line, environ={}, access=access).recv(5)
    finally:
        line.close()


def fault_from(url: str, timeout: float = LONG) -> Fault:
    with pytest.raises(FaultError) as caught:
        hello_from(url, timeout)
    return caught.value.fault


def free_port(*hosts: str) -> int:
    """Return a port that is free in all of these families."""
    while True:
        with listening("127.0.0.1") as probe:
            port: int = probe.getsockname()[1]
        try:
            for host in hosts:
                listening(host, port).close()
        except OSError:
            continue
        return port


@pytest.fixture
def port() -> int:
    try:
        return free_port("127.0.0.1", "::1")
    except OSError:
        pytest.skip("this system has no IPv6 loopback")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_localhost_is_found_in_either_family(port: int, host: str) -> None:
    with hostile(greet, listening(host, port)):
        assert hello_from(f"http://localhost:{port}/") == b"hello"
        assert hello_from(f"http://shop.localhost:{port}/") == b"hello"


@pytest.mark.parametrize(("dead", "alive"), [("127.0.0.1", "::1"), ("::1", "127.0.0.1")])
def test_an_address_family_without_answers_delays_nothing(port: int, dead: str, alive: str) -> None:
    with black_hole(dead, port), hostile(greet, listening(alive, port)):
        assert hello_from(f"http://localhost:{port}/") == b"hello"


def test_one_of_two_connections_is_kept_and_the_other_closed(port: int) -> None:
    with hostile(greet, listening("127.0.0.1", port), listening("::1", port)) as server:
        assert hello_from(f"http://localhost:{port}/") == b"hello"
        wait_for(lambda: all(visit.sock.fileno() < 0 for visit in server.visits))


@pytest.mark.parametrize("missing", [socket.AF_INET, socket.AF_INET6])
@pytest.mark.parametrize("is_known", [False, True])
def test_refused_is_refused_where_the_other_family_does_not_exist(
    monkeypatch: pytest.MonkeyPatch, missing: socket.AddressFamily, is_known: bool
) -> None:
    class Half(socket.socket):
        def __init__(self, family: int, *args: Any) -> None:
            if family is missing and not is_known:
                raise OSError(97, "Address family not supported by protocol")
            super().__init__(family, *args)

        def connect(self, address: Any) -> None:
            if self.family is missing:
                raise OSError(99, "Cannot assign requested address")
            super().connect(address)

    port = free_port("127.0.0.1")
    monkeypatch.setattr(socket, "socket", Half)
    assert fault_from(f"http://localhost:{port}/") is Fault.REFUSED


@pytest.mark.parametrize("error", [OSError("no such name"), UnicodeError("label too long")])
def test_an_unknown_name_is_a_dns_fault(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def look_up(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert fault_from("http://mail.test:8025/") is Fault.DNS


def test_a_port_without_answers_is_a_timeout() -> None:
    with black_hole() as port:
        assert fault_from(f"http://127.0.0.1:{port}/", timeout=0.05) is Fault.TIMEOUT


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (ConnectionResetError(), Fault.CUT_OFF),
        (BrokenPipeError(), Fault.CUT_OFF),
        (TimeoutError(), Fault.TIMEOUT),
        (OSError(113, "No route to host"), Fault.TIMEOUT),
        (ssl.SSLError(), Fault.TLS),
        (ssl.SSLEOFError(), Fault.CUT_OFF),
    ],
)
def test_errors_of_sockets_are_faults(error: OSError, fault: Fault) -> None:
    assert fault_from_os_error(error).fault is fault


def test_a_fault_has_the_text_of_the_system() -> None:
    assert fault_from_os_error(OSError(113, "No route to host")).detail == "No route to host"
    assert fault_from_os_error(TimeoutError()).detail == "TimeoutError"


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    return serving(certificate)


def test_a_self_signed_certificate_is_rejected(tls: ssl.SSLContext) -> None:
    with hostile(greet, tls=tls) as server:
        assert fault_from(server.url()) is Fault.TLS


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system's store is no file")
def test_a_certificate_that_the_system_trusts(
    monkeypatch: pytest.MonkeyPatch, certificate: Path, tls: ssl.SSLContext
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with hostile(greet, tls=tls) as server:
        assert hello_from(server.url()) == b"hello"
        assert fault_from(f"https://localhost:{server.port}/") is Fault.TLS  # it is another's name


@pytest.mark.process
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system's store is no folder")
def test_a_certificate_in_the_systems_folder_of_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, certificate: Path, tls: ssl.SSLContext
) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    paths = ssl.get_default_verify_paths()._replace(capath=str(tmp_path))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)
    (tmp_path / "00000000.0").write_bytes(b"")
    with hostile(greet, tls=tls) as server:
        assert fault_from(server.url()) is Fault.TLS
        command = ["openssl", "x509", "-hash", "-noout", "-in", certificate]
        name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        (tmp_path / f"{name}.0").write_bytes(certificate.read_bytes())
        assert hello_from(server.url()) == b"hello"


def test_a_certificate_in_the_ca_file_of_the_user_is_accepted(
    monkeypatch: pytest.MonkeyPatch, certificate: Path, tls: ssl.SSLContext
) -> None:
    monkeypatch.setenv("HOME", str(certificate.parent))
    with hostile(greet, tls=tls) as server:
        assert hello_from(server.url(), access=Access(ca_file=f"~/{certificate.name}")) == b"hello"
        for name in ("~/none.pem", "~", __file__):
            with pytest.raises(FaultError) as caught:
                hello_from(server.url(), access=Access(ca_file=name))
            sentence = f"the certificates in {name} cannot be read. Check ca_file in config.toml."
            assert caught.value.explain() == sentence


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system's store is no file")
def test_where_truststore_is_not_installed_the_standard_library_decides(
    monkeypatch: pytest.MonkeyPatch, certificate: Path, tls: ssl.SSLContext
) -> None:
    monkeypatch.setitem(sys.modules, "truststore", None)
    with hostile(greet, tls=tls) as server:
        monkeypatch.setenv("SSL_CERT_FILE", os.devnull)
        assert fault_from(server.url()) is Fault.TLS
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert hello_from(server.url()) == b"hello"


def test_one_certificate_can_be_accepted_and_then_no_other(certificate: Path, tls: ssl.SSLContext) -> None:
    pin = sha256(der(certificate)).hexdigest()
    with hostile(greet, tls=tls) as server:
        shown = ":".join(pin[place : place + 2] for place in range(0, len(pin), 2)).upper()
        assert hello_from(server.url(), access=Access(fingerprint=shown)) == b"hello"
        with pytest.raises(FaultError) as caught:
            hello_from(server.url(), access=Access(fingerprint="0" * 64))
        assert caught.value.fault is Fault.CERTIFICATE_CHANGED


def test_a_certificate_is_fetched_without_sending_a_request(certificate: Path, tls: ssl.SSLContext) -> None:
    with hostile(Visit.hold, tls=tls) as server:
        assert look_at(server.url(credentials="ann:secret@")) == der(certificate)
        assert not server.visits[0].received
    with hostile(lambda visit: visit.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        with pytest.raises(FaultError) as caught:
            look_at(f"https://127.0.0.1:{server.port}/")
        assert caught.value.fault is Fault.TLS_MISSING


def look_at(url: str) -> bytes:
    line = Transport()
    try:
        return certificate_of(ServerUrl.parse(url), LONG, line, environ={})
    finally:
        line.close()


def test_no_tls_behind_an_https_address() -> None:
    # It reads all: what is left unread makes Windows drop the answer.
    with hostile(lambda visit: (visit.sock.recv(4096), visit.send(b"HTTP/1.1 400 Bad Request\r\n\r\n"))) as server:
        assert fault_from(f"https://127.0.0.1:{server.port}/") is Fault.TLS_MISSING


@pytest.mark.parametrize("read", [5, 10_000], ids=["reset", "end"])
def test_a_tls_handshake_that_is_cut_off_is_no_fault_of_the_certificate(read: int) -> None:
    with hostile(lambda visit: visit.sock.recv(read)) as server:
        assert fault_from(f"https://127.0.0.1:{server.port}/") is Fault.CUT_OFF


def test_a_tls_handshake_that_never_ends_is_a_timeout() -> None:
    with hostile(Visit.hold) as server:
        assert fault_from(f"https://127.0.0.1:{server.port}/", timeout=0.1) is Fault.TIMEOUT


# Hanging up


@contextmanager
def without_answer() -> Iterator[str]:
    with black_hole() as port:
        yield f"http://127.0.0.1:{port}/"


@contextmanager
def without_handshake() -> Iterator[str]:
    with hostile(Visit.hold) as server:
        yield f"https://127.0.0.1:{server.port}/"


@pytest.mark.parametrize("place", [without_answer, without_handshake])
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a socket that still connects ends by its timeout")
def test_hanging_up_ends_a_connection_attempt_at_once(place: Callable[[], AbstractContextManager[str]]) -> None:
    line, faults = Transport(), list[Fault]()

    def dialling() -> None:
        try:
            dial(ServerUrl.parse(url), LONG, line, environ={})
        except FaultError as error:
            faults.append(error.fault)

    with place() as url:
        thread = threading.Thread(target=dialling)
        thread.start()
        # Only the transport knows that a socket is still connecting.
        wait_for(lambda: len(line._sockets) == (2 if url.startswith("https") else 1))
        line.hang_up()
        thread.join(LONG / 4)
        line.close()
    assert not thread.is_alive()
    assert len(faults) == 1


def test_a_transport_that_hung_up_cannot_connect() -> None:
    line = Transport()
    line.hang_up()
    with hostile(greet) as server, pytest.raises(FaultError):
        dial(ServerUrl.parse(server.url()), LONG, line, environ={})
    line.close()


def test_a_link_local_address_keeps_its_interface(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1", 0, 0, 1)),
        (socket.AF_INET6, 0, 0, "", ("::2", 0, 0, 0)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert resolve("host.test") == ("fe80::1%1", "::2")
