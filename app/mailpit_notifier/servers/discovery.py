"""Which Mailpits are on this machine: what DDEV, Docker and Podman say, and whether one answers at an address.

Apart because it asks programs that may be absent, slow or odd: each question ends within PATIENCE, and whatever is not
understood is nothing. Blocking, for a thread of its own (bridge.Worker); knows nothing of Qt.
"""

import contextlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from mailpit_notifier.client.rest import Rest
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.runtime.processes import terminate
from mailpit_notifier.runtime.text import plain
from mailpit_notifier.runtime.threads import start_thread

Result = TypeVar("Result")

PATIENCE = 2.0
"""Seconds for one program or one server to answer; somebody waits for it."""

PORT = 8025
"""Where Mailpit listens in its container."""

MAX_OUTPUT = 4 * 2**20
"""Bytes that are read of what a program says; a container has some 1,000."""

MAX_NAME = 60

_PUBLISHED = re.compile(r"(\S+):(\d{1,5})(?:-\d+)?->(\d{1,5})(?:-(\d{1,5}))?/tcp")
"""One of Docker's ports, e.g. `0.0.0.0:8025->8025/tcp`, `[::]:1025-1026->1025-1026/tcp`."""

_ANYWHERE = {"0.0.0.0", "::", "[::]", "", "127.0.0.1", "[::1]", "::1"}  # noqa: S104 - compared, not bound
"""Host addresses that are reached as localhost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A Mailpit that somebody set up. `name` is its project's; one that is not running may have no address (None)."""

    name: str
    url: ServerUrl | None
    running: bool


def projects() -> tuple[Found, ...]:
    """Everything that is found, each address once."""
    found: dict[object, Found] = {}
    for one in (*ddev(), *containers()):
        found.setdefault(one.url or one.name, one)
    return tuple(found.values())


def ddev() -> tuple[Found, ...]:
    """DDEV's projects, also those that are stopped."""
    lists = (line["raw"] for line in _lines("ddev", "list", "-j") if isinstance(line.get("raw"), list))
    entries = (entry for entries in lists for entry in entries if isinstance(entry, dict))
    return tuple(
        Found(name=name, url=_address(entry.get("mailpit_url")), running=entry.get("status") == "running")
        for entry in entries
        if (name := _name(entry.get("name")))
    )


def containers(*programs: str) -> tuple[Found, ...]:
    """Docker's and Podman's running containers that publish Mailpit's port, or only those of one of the two."""
    return tuple(
        Found(name=_container_name(container), url=url, running=True)
        for program in programs or ("docker", "podman")
        for container in _lines(program, "ps", "--no-trunc", "--format", "{{json .}}")
        for url in dict.fromkeys(_published(container.get("Ports")))
    )


def project_of(url: ServerUrl) -> str:
    """The name of the compose project, or of the container, behind an address of this machine; "" without one."""
    return next((one.name for one in containers() if one.url and one.url.port == url.port), "")


def is_mailpit(url: ServerUrl) -> bool:
    """Whether a Mailpit answers there."""
    return _fault(url) is None


def is_something_else(url: ServerUrl) -> bool:
    """Whether a web server answers there that is no Mailpit. One that asks for a password may be one."""
    return _fault(url) in {Fault.NOT_FOUND, Fault.NOT_MAILPIT}


def _fault(url: ServerUrl) -> Fault | None:
    rest = Rest(url)
    otherwise: Fault | None = Fault.TIMEOUT
    return _in_time(partial(_asked, rest), rest.abort, otherwise=otherwise)


def _asked(rest: Rest) -> Fault | None:
    try:
        rest.snapshot(1)
    except FaultError as error:
        return error.fault
    finally:
        rest.close()
    return None


def _lines(*command: str) -> Iterator[dict[str, Any]]:
    """The JSON objects that a program prints, one a line; none if there is no such program."""
    for line in _output(command).splitlines():
        with contextlib.suppress(ValueError, RecursionError):
            if isinstance(value := json.loads(line), dict):
                yield value


def _output(command: tuple[str, ...]) -> bytes:
    program = shutil.which(command[0])
    if program is None:
        return b""
    try:
        process = subprocess.Popen(  # noqa: S603 - the names are ours, and there is no shell
            [program, *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows would show a console
        )
    except OSError:
        return b""
    return _in_time(partial(_read, process), partial(terminate, process, grace=0.0), otherwise=b"")


def _read(process: subprocess.Popen[bytes]) -> bytes:
    assert process.stdout
    with process.stdout as pipe:
        return pipe.read(MAX_OUTPUT)


def _in_time(work: Callable[[], Result], finish: Callable[[], object], *, otherwise: Result) -> Result:
    """What the work comes to within PATIENCE. `finish` is called in any case, and wakes work that still waits."""
    done = SimpleQueue[Result]()
    start_thread(lambda: done.put(work()), "discovery")
    try:
        return done.get(timeout=PATIENCE)
    except Empty:
        return otherwise
    finally:
        finish()


def _container_name(container: dict[str, Any]) -> str:
    labels = container.get("Labels")
    if isinstance(labels, str):  # Docker's are one text, Podman's a table
        labels = dict(label.partition("=")[::2] for label in labels.split(","))
    project = labels.get("com.docker.compose.project") if isinstance(labels, dict) else None
    names = container.get("Names")
    return _name(project) or _name(names[0] if isinstance(names, list) and names else names)


def _published(ports: Any) -> Iterator[ServerUrl]:
    """The addresses that lead to Mailpit's port, of Docker's text or Podman's list."""
    if isinstance(ports, str):
        for host, first, inside, last in _PUBLISHED.findall(ports[: MAX_NAME * 100]):
            if int(inside) <= PORT <= int(last or inside):
                yield from _at(host, int(first) + PORT - int(inside))
    elif isinstance(ports, list):
        for port in ports:
            match port:
                case {"container_port": int(inside), "host_port": int(first), **rest} if rest.get("protocol") == "tcp":
                    length = rest.get("range")
                    if inside <= PORT < inside + (length if isinstance(length, int) else 1):
                        yield from _at(str(rest.get("host_ip") or ""), first + PORT - inside)


def _at(host: str, port: int) -> Iterator[ServerUrl]:
    if url := _address(f"http://{'localhost' if host in _ANYWHERE else host}:{port}/"):
        yield url


def _address(text: Any) -> ServerUrl | None:
    try:
        return ServerUrl.parse(text) if isinstance(text, str) and text else None
    except ValueError:
        return None


def _name(value: Any) -> str:
    return plain(value, MAX_NAME) if isinstance(value, str) else ""
