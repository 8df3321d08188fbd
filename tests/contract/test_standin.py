"""The test servers keep working when other processes take ports."""

import socket
import sys

import pytest

import standin
from platforms import needs_shell
from standin import RealMailpit, held_port, real


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a port that is bound and not listened on")
def test_a_reserved_port_stays_free_for_its_server() -> None:
    with held_port() as port:
        for _ in range(2):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port))
            with socket.socket() as another, pytest.raises(OSError, match="in use"):
                another.bind(("127.0.0.1", port))
            with socket.create_server(("127.0.0.1", port)) as meant, socket.create_connection(("127.0.0.1", port)):
                meant.accept()[0].close()


@pytest.mark.parametrize("server", [pytest.param(RealMailpit, marks=real)])
def test_mailpit_has_its_ports_again_after_a_crash(server: type[RealMailpit]) -> None:
    with server() as mailpit:
        mailpit.kill()
        with socket.socket() as another, pytest.raises(OSError, match="in use"):
            another.bind(("127.0.0.1", mailpit.http_port))
        mailpit.start()
        assert mailpit.get("info")["Database"] == str(mailpit.database)


@needs_shell
def test_a_server_that_ends_at_once_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standin, "MAILPIT_BIN", "false")  # a program that fails
    with pytest.raises(AssertionError, match="Mailpit ended with status 1"), RealMailpit():
        pass
