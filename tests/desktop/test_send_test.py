"""`send-test`: sends a message with a code and a link, and prints what it did."""

import json
import os
import subprocess

import pytest

from forked import run
from program import MAIN
from standin import RealMailpit, Server, StandIn, real
from waiting import wait


def send_test(url: str, *options: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "MAILPIT_URL": url}
    return run(MAIN, "send-test", *options, environment=environment)


@pytest.mark.parametrize("kind", [StandIn, pytest.param(RealMailpit, marks=real)])
def test_a_sample_is_sent(kind: type[Server]) -> None:
    with kind(auth="ann:s3cret", webroot="mail") as server:
        sent = send_test(server.url_with_password, "--to", "bob@example.test")
        found = json.loads(
            wait(server.url_with_password, "--to", "bob@example.test", "--since", "all", "--print", "json").answer
        )
    assert (sent.returncode, sent.stderr) == (0, "")
    assert sent.stdout == f'Sent "Your Acme code" to bob@example.test: {found["url"]}\n'
    assert len(found["code"]) == 6
    assert found["link"].startswith("https://acme.test/confirm?token=")


def test_an_unreachable_server_is_reported() -> None:
    sent = send_test("", "--server", "http://127.0.0.1:1/")
    assert (sent.returncode, sent.stdout) == (3, "")
    assert sent.stderr == "127.0.0.1:1: nothing is listening there. Start Mailpit or check the port.\n"
    assert send_test("ftp://x").returncode == 2


def test_the_fault_names_its_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "socks5://127.0.0.1:9")
    sent = send_test("", "--server", "http://a.test/")
    assert sent.stderr.startswith("a.test: http_proxy names a SOCKS proxy, ")


@pytest.mark.parametrize("kind", [pytest.param(RealMailpit, marks=real)])
def test_a_recipient_that_the_server_rejects_is_named(kind: type[Server]) -> None:
    with kind() as server:
        sent = send_test(server.url, "--to", "nonsense")
    assert (sent.returncode, sent.stdout) == (1, "")
    assert "it rejects this request: invalid To address: nonsense." in sent.stderr
