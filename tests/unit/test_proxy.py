"""The host that is connected, for each way to configure a proxy."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

import pytest

from hostile import Hostile, Script, Visit, hostile
from mailpit_notifier.client.transport import DEFAULT_ACCESS, Transport, choose_proxy, dial, proxy_for
from mailpit_notifier.core.settings import Access
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.urls import ServerUrl

LOOPBACK = {"localhost": None, "shop.localhost": None, "127.0.0.1": None, "127.9.9.9": None, "[::1]": None}
NAMES = {"shop.ddev.site": "127.0.0.1", "mailpit.test": "::1", "dual.test": "127.0.0.1"}
"""Names that resolve to loopback; the last of them to another address, too."""
OTHERS = {"mail.example.com": "192.0.2.1", "192.0.2.7": None, "[2001:db8::7]": None, "unknown.example.org": ""}
"""None of these is really connected (RFC 5737, RFC 3849); the last has no address."""

EXCEPTED = {
    "": set(),
    "*": set(OTHERS),
    "mail.example.com": {"mail.example.com"},
    "elsewhere.net, .Example.com": {"mail.example.com"},
    "*.example.com example.org": {"mail.example.com", "unknown.example.org"},
    "ample.com": set(),
    "mail.example.com:1": set(),
    "mail.example.com:8025": {"mail.example.com"},
    "mail.example.com.": {"mail.example.com"},
    "*.EXAMPLE.com.:8025": {"mail.example.com"},
    ".,*:1,;": set(),
    "192.0.2.0/24": {"mail.example.com", "192.0.2.7"},
    "2001:db8::/32": {"[2001:db8::7]"},
    "[2001:db8::7]:8025": {"[2001:db8::7]"},
}
"""NO_PROXY, and which of the other hosts it excludes."""


def look_up(name: bytes, *_: object, **__: object) -> list[tuple[object, ...]]:
    host = name.decode()
    found = {**NAMES, **OTHERS}.get(host)
    if found == "":
        raise socket.gaierror("unknown")
    addresses = [found or host, *(["192.0.2.9"] if host == "dual.test" else [])]
    return [(0, 0, 0, "", (address, 0)) for address in addresses]


class Recorder(socket.socket):
    """Records the addresses to connect to, and connects only to the proxy on loopback."""

    dialled: list[str]
    proxy_port: int

    def connect(self, address: Any) -> None:
        host, port = address[:2]
        if port == self.proxy_port:
            self.dialled.append("proxy")
            super().connect(address)
        else:
            self.dialled.append(host)
            raise OSError(101, "Network is unreachable")


def refuse(visit: Visit) -> None:
    visit.request()
    visit.answer(503)


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hostile]:
    with hostile(refuse) as server:
        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        monkeypatch.setattr(socket, "socket", Recorder)
        Recorder.proxy_port = server.port
        yield server


def whom(url: str, environ: dict[str, str], access: Access = DEFAULT_ACCESS) -> tuple[set[str], Fault]:
    Recorder.dialled = []
    line = Transport()
    with pytest.raises(FaultError) as caught:
        dial(ServerUrl.parse(url), 5.0, line, environ, access)
    line.close()
    return set(Recorder.dialled), caught.value.fault


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
def test_only_local_and_excepted_hosts_are_connected_without_the_proxy(proxy: Hostile, scheme: str, name: str) -> None:
    applies = name.lower() in {f"{scheme}_proxy", "all_proxy"}
    for (exceptions, excepted), spelling in product(EXCEPTED.items(), ["no_proxy", "NO_PROXY"]):
        environ = {name: f"http://127.0.0.1:{proxy.port}", spelling: exceptions}
        for host in [*LOOPBACK, *NAMES]:
            dialled, fault = whom(f"{scheme}://{host}:8025/", environ)
            assert "proxy" not in dialled, (host, environ)
            assert dialled
            assert fault is Fault.TIMEOUT
        for host in OTHERS:
            dialled, fault = whom(f"{scheme}://{host}:8025/", environ)
            if applies and host not in excepted:
                assert (dialled, fault) == ({"proxy"}, Fault.PROXY_FAILED), (host, environ)
            else:
                assert "proxy" not in dialled, (host, environ)
                assert fault is (Fault.DNS if host == "unknown.example.org" else Fault.TIMEOUT)


def test_a_name_of_this_machine_is_connected_on_this_machine_only(proxy: Hostile) -> None:
    assert whom("http://ann:s3cret@dual.test:8025/", {})[0] == {"127.0.0.1"}


def test_the_proxy_of_a_scheme_has_priority_over_the_one_for_all() -> None:
    url = ServerUrl.parse("http://mail.example.com/")
    environ = {"ALL_PROXY": "http://all:1", "HTTP_PROXY": "http://upper:2"}
    assert host_of(proxy_for(url, (), environ)) == "upper:2"
    assert host_of(proxy_for(url, (), {**environ, "http_proxy": "lower:3"})) == "lower:3"
    assert host_of(proxy_for(url, (), {"ALL_PROXY": "http://all"})) == "all"  # port 80


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("socks5://127.0.0.1:1080", Fault.PROXY_SOCKS),
        ("SOCKS5h://127.0.0.1:1080", Fault.PROXY_SOCKS),
        ("https://proxy.example.com:3128", Fault.PROXY_INVALID),
        ("http://", Fault.PROXY_INVALID),
    ],
)
def test_an_unusable_proxy_is_a_fault_and_never_bypassed(proxy: Hostile, value: str, fault: Fault) -> None:
    assert whom("http://mail.example.com:8025/", {"ALL_PROXY": value}) == (set(), fault)


def test_the_setting_that_names_an_unsupported_proxy_is_named() -> None:
    url = ServerUrl.parse("http://mail.example.com/")
    for environ, chosen, name in (
        ({"ALL_PROXY": "socks5://joe:s3cret@x:1"}, "", "ALL_PROXY"),
        ({"http_proxy": "socks4://x:1"}, "", "http_proxy"),
        ({}, "socks5://x:1", "the proxy in config.toml"),
    ):
        with pytest.raises(FaultError) as caught:
            proxy_for(url, (), environ, chosen)
        assert caught.value.explain() == (
            f"{name} names a SOCKS proxy, which is not supported. Use an HTTP proxy, or list this host in NO_PROXY."
        )


def test_a_local_server_is_reached_despite_an_unusable_proxy() -> None:
    assert proxy_for(ServerUrl.parse("http://localhost:8025/"), (), {"ALL_PROXY": "socks5://x:1"}) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "[::ffff:127.0.0.1]"])
def test_other_spellings_of_loopback_addresses(host: str) -> None:
    url = ServerUrl.parse(f"http://{host}:8025/")
    assert proxy_for(url, (url.host,), {"ALL_PROXY": "http://proxy:1"}) is None


def test_the_setting_of_a_server_overrides_the_environment_but_not_the_loopback_rule() -> None:
    environ = {"HTTP_PROXY": "http://all:1", "NO_PROXY": "mail.example.com"}
    url = ServerUrl.parse("http://mail.example.com/")
    here = ServerUrl.parse("http://localhost:8025/")
    assert choose_proxy(url, (), {}) == (None, "no proxy is set")
    assert choose_proxy(url, (), environ) == (None, "excluded by NO_PROXY")
    assert choose_proxy(url, (), {"HTTP_PROXY": "http://all:1"})[1] == "set by HTTP_PROXY"
    assert choose_proxy(url, (), {"HTTP_PROXY": "http://all:1"}, "none") == (None, "set in the configuration")
    proxy, why = choose_proxy(url, (), environ, "http://own:3128")
    assert (host_of(proxy), why) == ("own:3128", "set in the configuration")
    assert choose_proxy(here, (), environ, "http://own:3128") == (None, "local address")


def test_a_password_is_sent_unencrypted_to_this_machine_only_unless_allowed(proxy: Hostile) -> None:
    assert whom("http://ann:s3cret@mail.example.com/", {}) == (set(), Fault.UNENCRYPTED)
    assert whom("http://ann:s3cret@mail.example.com/", {}, Access(plain_password=True))[0] == {"192.0.2.1"}
    assert whom("https://ann:s3cret@mail.example.com/", {})[0] == {"192.0.2.1"}
    assert whom("http://mail.example.com/", {})[0] == {"192.0.2.1"}
    assert whom("http://ann:s3cret@shop.ddev.site/", {})[0] == {"127.0.0.1"}


# The tunnel


@contextmanager
def tunnel(monkeypatch: pytest.MonkeyPatch, script: Script) -> Iterator[tuple[Hostile, dict[str, str]]]:
    with hostile(script) as server:
        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        yield server, {"HTTP_PROXY": f"http://joe:pr%C3%B6xy@127.0.0.1:{server.port}"}


@pytest.mark.parametrize(
    ("host", "target"),
    [
        ("mail.example.com:8025", "mail.example.com:8025"),
        ("unknown.example.org", "unknown.example.org:8025"),
        ("[2001:db8::7]:80", "[2001:db8::7]:80"),
    ],
)
def test_data_behind_the_answer_to_connect_belongs_to_the_server(
    monkeypatch: pytest.MonkeyPatch, host: str, target: str
) -> None:
    def connect(visit: Visit) -> None:
        request = visit.request()
        assert (request.method, request.path) == ("CONNECT", target)
        assert request.headers["proxy-authorization"] == "Basic am9lOnByw7Z4eQ=="
        visit.send(b"HTTP/1.1 200 Connection established\r\nVia: proxy\r\n\r\nhello")
        visit.hold()

    line = Transport()
    with tunnel(monkeypatch, connect) as (_, environ):
        assert dial(ServerUrl.parse(f"http://{host}"), 5.0, line, environ).recv(9) == b"hello"
        line.close()


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", Fault.PROXY_AUTH),
        (b"HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=squid\r\n\r\n", Fault.PROXY_AUTH),
        (
            b"HTTP/1.1 407 Who\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n\r\n",
            Fault.PROXY_OTHER_AUTH,
        ),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", Fault.PROXY),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", Fault.PROXY_FAILED),
        (b"HTTP/1.1 200", Fault.PROXY_UNREACHABLE),
        (b"", Fault.PROXY_UNREACHABLE),
        (b"\r\n\r\n", Fault.PROXY),
        (b"\0" * 40_000, Fault.PROXY_UNREACHABLE),
        (b"HTTP/1.1 2\xb20 OK\r\n\r\n", Fault.PROXY),
    ],
    ids=["407", "Basic", "NTLM", "403", "503", "half", "nothing", "empty", "endless", "no number"],
)
def test_a_proxy_that_refuses_the_connection(monkeypatch: pytest.MonkeyPatch, answer: bytes, fault: Fault) -> None:
    line = Transport()
    with tunnel(monkeypatch, lambda visit: (visit.request(), visit.send(answer))) as (_, environ):
        with pytest.raises(FaultError) as caught:
            dial(ServerUrl.parse("http://mail.example.com/"), 5.0, line, environ)
        line.close()
    assert caught.value.fault is fault
    assert "joe" not in str(caught.value)


def test_a_proxy_that_cannot_be_resolved_is_named(proxy: Hostile) -> None:
    line = Transport()
    with pytest.raises(FaultError, match="cannot be resolved") as caught:
        dial(ServerUrl.parse("http://mail.example.com/"), 5.0, line, {"ALL_PROXY": "http://unknown.example.org:3128"})
    assert caught.value.explain().startswith("the proxy unknown.example.org:3128 cannot be reached.")


def test_a_silent_proxy_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Transport()
    with tunnel(monkeypatch, Visit.hold) as (_, environ):
        with pytest.raises(FaultError) as caught:
            dial(ServerUrl.parse("http://mail.example.com/"), 0.1, line, environ)
        line.close()
    assert caught.value.fault is Fault.PROXY_UNREACHABLE


def host_of(url: ServerUrl | None) -> str | None:
    return url.netloc if url else None


@pytest.mark.parametrize("value", ["http://", "http://127.0.0.1:99999", "https://x:1"])
def test_an_address_that_is_no_proxy_is_explained_by_an_example(value: str) -> None:
    with pytest.raises(FaultError) as caught:
        proxy_for(ServerUrl.parse("http://mail.example.com/"), (), {"ALL_PROXY": value})
    expected = "ALL_PROXY is not the address of an HTTP proxy, such as http://proxy.example:3128/."
    assert caught.value.explain() == expected
