"""Servers found on a machine, with programs of the test in place of DDEV, Docker and Podman."""

import json
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostile import Visit, black_hole, hostile
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.servers.discovery import (
    TIMEOUT,
    Found,
    container_name,
    containers,
    ddev,
    is_mailpit,
    is_same_server,
    project_of,
    published_urls,
)
from platforms import needs_shell
from program import Program, running, wait_until
from standin import StandIn

SHOP = {"name": "shop", "status": "running", "mailpit_url": "http://shop.ddev.site:8025", "mailpit_https_url": "x"}
API = {"name": "api", "status": "stopped", "mailpit_url": ""}
DOCKER = {
    "Names": "blog-mail-1",
    "State": "running",
    "Labels": "maintainer=a b,com.docker.compose.service=mail,com.docker.compose.project=blog",
    "Ports": "0.0.0.0:32771->1025/tcp, [::]:32771->1025/tcp, 0.0.0.0:8035->8025/tcp, [::]:8035->8025/tcp",
}
PODMAN = {
    "Names": ["mailbox"],
    "Labels": None,
    "Ports": [{"host_ip": "127.0.0.1", "container_port": 8024, "host_port": 9024, "range": 2, "protocol": "tcp"}],
}


class Programs:
    """The programs on the machine; each prints something, or is a script."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, *lines: object) -> None:
        text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
        (self.folder / f"{name}.txt").write_text(f"{text}\n")
        self.script(name, f'while read -r line; do printf "%s\\n" "$line"; done < "{self.folder}/{name}.txt"')

    def script(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    monkeypatch.setenv("PATH", str(tmp_path))
    return Programs(tmp_path)


def projects(timeout: float = TIMEOUT) -> tuple[Found, ...]:
    return (*ddev(timeout), *containers("docker", timeout=timeout), *containers("podman", timeout=timeout))


def found(name: str, url: str, *, running: bool = True) -> Found:
    return Found(name=name, url=ServerUrl.parse(url) if url else None, running=running)


@needs_shell
def test_servers_of_projects_on_this_machine_are_found(programs: Programs) -> None:
    programs.add("ddev", {"level": "info", "msg": "hello"}, {"msg": "table", "raw": [SHOP, API]})
    programs.add("docker", DOCKER, {**DOCKER, "Ports": "8025/tcp"}, {"Names": "db", "Ports": "0.0.0.0:8025->5432/tcp"})
    programs.add("podman", PODMAN)
    assert projects() == (
        found("shop", "http://shop.ddev.site:8025/"),
        found("api", "", running=False),
        found("blog", "http://localhost:8035/"),
        found("mailbox", "http://localhost:9025/"),
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://localhost:8025/", "http://127.0.0.1:8025/", True),
        ("http://localhost:8025/mail/", "http://[::1]:8025/", True),
        ("http://localhost:8025/", "http://localhost:8026/", False),
        ("http://shop.ddev.site:8025/", "https://shop.ddev.site:8026/", True),
        ("http://shop.ddev.site:8025/", "http://blog.ddev.site:8025/", False),
        ("http://mail.test:8025/", "http://mail.test:8026/", False),
        ("http://mail.test:8025/", "http://localhost:8025/", False),
    ],
)
def test_addresses_of_the_same_server_are_recognized(one: str, other: str, same: bool) -> None:
    assert is_same_server(ServerUrl.parse(one), ServerUrl.parse(other)) is same


@needs_shell
def test_a_container_of_ddev_has_the_name_of_its_project(programs: Programs) -> None:
    labels = "com.docker.compose.project=ddev-shop,com.ddev.site-name=shop"
    programs.add("docker", {**DOCKER, "Labels": labels})
    assert [one.name for one in projects()] == ["shop"]


@needs_shell
def test_the_project_behind_an_address_is_found(programs: Programs) -> None:
    programs.add("docker", DOCKER)
    assert project_of(ServerUrl.parse("http://127.0.0.1:8035/")) == "blog"
    assert project_of(ServerUrl.parse("http://127.0.0.1:8025/")) == ""


@pytest.mark.parametrize(
    ("ports", "url"),
    [
        ("127.0.0.1:8025->8025/tcp", "http://localhost:8025/"),
        ("192.0.2.1:8025->8025/tcp", "http://192.0.2.1:8025/"),
        ("0.0.0.0:1025-1026->8024-8025/tcp", "http://localhost:1026/"),
    ],
)
@needs_shell
def test_each_way_to_publish_a_port_is_understood(programs: Programs, ports: str, url: str) -> None:
    programs.add("docker", {"Names": "mail", "Ports": ports})
    assert projects() == (found("mail", url),)


def test_without_docker_podman_and_ddev_nothing_is_found(programs: Programs) -> None:
    assert projects() == ()


@pytest.mark.parametrize(
    "script",
    [
        "exit 1",
        'echo; echo null; echo []; echo \'{"raw": 1}\'; echo \'{"raw": [null, {"name": 1}]}\'; echo \'{"Ports": {}}\'',
        "while :; do printf '[[[[[[[['; done",
        'while :; do printf \'%s\\n\' \'{"Ports": "0.0.0.0:99999->8025/tcp", "Names": "n"}\' || exit; done',
        "printf '\\377\\376\\n\\000'",
    ],
)
@needs_shell
def test_invalid_or_endless_output_counts_as_nothing_found(programs: Programs, script: str) -> None:
    for name in ("ddev", "docker", "podman"):
        programs.script(name, script)
    assert projects(timeout=0.2) == ()


@needs_shell
def test_a_program_that_hangs_is_killed_with_its_children(programs: Programs) -> None:
    programs.script("docker", "/bin/sleep 1000 & /bin/sleep 1000")
    programs.add("podman", PODMAN)
    before = threading.active_count()
    assert [one.name for one in projects(timeout=0.2)] == ["mailbox"]
    for thread in threading.enumerate():
        if thread.name == "discovery":
            thread.join(10)
    assert threading.active_count() <= before


def test_a_server_without_a_name_gets_that_of_its_project(program: Program) -> None:
    docker = Programs(program.folder / "bin")
    with StandIn() as server, StandIn(label="The shop") as labelled:
        docker.add(
            "docker",
            {**DOCKER, "Ports": f"0.0.0.0:{server.http_port}->8025/tcp"},
            {"Names": "other", "Ports": f"0.0.0.0:{labelled.http_port}->8025/tcp"},
        )
        with running(program, "--hidden", "--server", server.url, "--server", labelled.url):
            wait_until(lambda: [program.server(number)["name"] for number in (0, 1)] == ["blog", "The shop"], "names")


def test_mailpit_is_distinguished_from_other_servers() -> None:
    with StandIn(webroot="mail") as server:
        assert is_mailpit(ServerUrl.parse(server.url), timeout=5.0)
        assert not is_mailpit(ServerUrl.parse(server.url.replace("mail/", "")), timeout=5.0)
    assert not is_mailpit(ServerUrl.parse(server.url), timeout=5.0)
    with hostile(Visit.hold) as silent, black_hole() as port:
        assert not is_mailpit(ServerUrl.parse(silent.url()), timeout=0.1)
        assert not is_mailpit(ServerUrl.parse(f"http://127.0.0.1:{port}/"), timeout=0.1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=4), values, max_size=3),
    max_leaves=6,
)


PORTS = r"(\S+):(\d{1,5})(?:-\d+)?->(\d{1,5})(?:-(\d{1,5}))?/tcp"
"""How Docker writes a published port."""


@given(ports=JSON | st.from_regex(PORTS), labels=JSON, names=JSON)
def test_any_container_is_parsed(ports: object, labels: object, names: object) -> None:
    container = {"Ports": ports, "Labels": labels, "Names": names}
    assert isinstance(container_name(container), str)
    assert all(url.scheme == "http" for url in published_urls(container["Ports"]))
