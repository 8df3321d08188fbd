"""Finds Mailpit servers on this machine: asks DDEV, Docker and Podman, and checks whether one answers at a URL.

The programs may be missing, slow or print anything: each question ends after `timeout` seconds, and output that is not
understood counts as nothing found. All functions block: call them in a thread.
"""

import contextlib
import json
import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from socket import SOCK_DGRAM, getaddrinfo, socket
from subprocess import DEVNULL, PIPE
from typing import Any, TypeVar

from mailpit_notifier.client.rest import Rest
from mailpit_notifier.core.settings import Server
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.runtime.processes import Program
from mailpit_notifier.runtime.text import plain
from mailpit_notifier.runtime.threads import start_thread

Result = TypeVar("Result")

TIMEOUT = 2.0
"""Seconds for a program or server to answer: the user waits for the result."""

PORT = 8025
"""The port of Mailpit's web UI in its container."""

MAX_OUTPUT = 4 * 2**20
"""Bytes that are read of a program's output; a container has some 1,000."""

MAX_NAME = 60
"""Characters of a name."""

_PUBLISHED = re.compile(r"(\S+):(\d{1,5})(?:-\d+)?->(\d{1,5})(?:-(\d{1,5}))?/tcp")
"""A port in Docker's format, e.g. `0.0.0.0:8025->8025/tcp`, `[::]:1025-1026->1025-1026/tcp`."""

_ANYWHERE = {"0.0.0.0", "::", "[::]", "", "127.0.0.1", "[::1]", "::1"}  # noqa: S104 - compared, not bound
"""Host addresses that can be reached as localhost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A Mailpit server. `name`: the name of its project. `url` may be None for one that is not running.

    `folder`: the folder of its project, "" if it is not known.
    """

    name: str
    url: ServerUrl | None
    running: bool
    folder: str = ""

    @property
    def server(self) -> Server | None:
        """The server as it is added to the settings; None without an address."""
        return Server(url=self.url, name="" if self.name == self.url.label else self.name) if self.url else None


def _all_containers(timeout: float) -> tuple[Found, ...]:
    docker, podman = (containers(program, timeout=timeout) for program in ("docker", "podman"))
    return (*docker, *podman, *wsl_containers(timeout))


def ddev(timeout: float = TIMEOUT) -> tuple[Found, ...]:
    """Return DDEV's projects, the stopped ones included."""
    lists = (line["raw"] for line in _lines(timeout, "ddev", "list", "-j") if isinstance(line.get("raw"), list))
    entries = (entry for entries in lists for entry in entries if isinstance(entry, dict))
    return tuple(
        Found(
            name=name,
            url=_address(entry.get("mailpit_url")),
            running=entry.get("status") == "running",
            folder=_text(entry.get("approot")),
        )
        for entry in entries
        if (name := _name(entry.get("name")))
    )


def containers(*program: str, timeout: float = TIMEOUT) -> tuple[Found, ...]:
    """Return the running containers that publish Mailpit's port. `program` is the command for Docker or Podman."""
    return tuple(
        Found(name=container_name(container), url=url, running=True, folder=_text(_labels(container).get(_FOLDER)))
        for container in _lines(timeout, *program, "ps", "--no-trunc", "--format", "{{json .}}")
        for url in dict.fromkeys(published_urls(container.get("Ports")))
    )


def wsl_containers(timeout: float = TIMEOUT) -> tuple[Found, ...]:
    """Return Docker's containers in the WSL systems that are running. Asking another system would start it.

    Their ports can be reached from Windows as localhost. Within such a system, Docker is asked as on any Linux.
    """
    if "WSL_DISTRO_NAME" in os.environ:
        return ()
    output = _output(("wsl.exe", "--list", "--running", "--quiet"), timeout)
    listed = output.decode("utf-16-le" if b"\0" in output else "utf-8", "ignore")  # UTF-8 where the user sets WSL_UTF8
    # Where none runs, a sentence with spaces may be printed. Docker Desktop's own systems have no programs for users.
    names = [name for name in listed.splitlines() if re.fullmatch(r"(?!docker-desktop)[\w.-]+", name)]
    return tuple(
        found
        for name in names
        for found in containers("wsl.exe", "--distribution", name, "--exec", "docker", timeout=timeout)
    )


def project_of(url: ServerUrl) -> str:
    """Return the name of the compose project, or of the container, that publishes a local port; "" without one."""
    return next((one.name for one in _all_containers(TIMEOUT) if one.url and one.url.port == url.port), "")


def is_mailpit(url: ServerUrl, timeout: float = TIMEOUT) -> bool:
    """Return whether Mailpit answers at this URL."""
    return _fault(url, timeout) is None


def is_something_else(url: ServerUrl, timeout: float = TIMEOUT) -> bool:
    """Return whether another web server answers at this URL. One that asks for a password may be Mailpit."""
    return _fault(url, timeout) in {Fault.NOT_FOUND, Fault.NOT_MAILPIT, Fault.LOGIN_PAGE, Fault.REDIRECTED}


def may_be_mailpit(url: ServerUrl, timeout: float = TIMEOUT) -> bool:
    """Return whether Mailpit answers at this URL, or a server that needs a password or trust in its certificate."""
    return _fault(url, timeout) in {None, Fault.AUTH, Fault.TLS}


def is_same_server(one: ServerUrl, other: ServerUrl, local_hosts: Collection[str] = ()) -> bool:
    """Return whether two URLs lead to the same Mailpit, as far as they show it.

    The names of this machine are all the same, and a host name of a DDEV project serves one Mailpit at two ports.
    `local_hosts`: other names of this machine, which `is_this_machine` has found.
    """
    if one.host == other.host and one.host.endswith(".ddev.site"):
        return True
    are_local = all(url.is_local_name or url.host in local_hosts for url in (one, other))
    return one.port == other.port and (one.host == other.host or are_local)


def is_this_machine(host: str, timeout: float = TIMEOUT) -> bool:
    """Return whether a host name or address is one of this machine, asking the hosts file and DNS."""
    return _in_time(partial(_leads_here, host), lambda: None, timeout, otherwise=False)


def _leads_here(host: str) -> bool:
    try:
        found = getaddrinfo(host, PORT, type=SOCK_DGRAM)
    except (OSError, UnicodeError):
        return False
    return any(_is_own(family, address[0]) for family, _, _, _, address in found)


def _is_own(family: int, address: Any) -> bool:
    """Return whether this machine has an address: it would send to it from the same one. Nothing is sent."""
    with contextlib.suppress(OSError, ValueError), socket(family, SOCK_DGRAM) as probe:
        probe.connect((address, PORT))
        return ip_address(address).is_loopback or probe.getsockname()[0] == address
    return False


def _fault(url: ServerUrl, timeout: float) -> Fault | None:
    rest = Rest(url)
    otherwise: Fault | None = Fault.TIMEOUT
    return _in_time(partial(_ask, rest), rest.abort, timeout, otherwise=otherwise)


def _ask(rest: Rest) -> Fault | None:
    try:
        rest.snapshot(1)
    except FaultError as error:
        return error.fault
    finally:
        rest.close()
    return None


def _lines(timeout: float, *command: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects that a program prints, one per line; none if it is not installed."""
    for line in _output(command, timeout).splitlines():
        with contextlib.suppress(ValueError, RecursionError):
            if isinstance(value := json.loads(line), dict):
                yield value


def _output(command: tuple[str, ...], timeout: float) -> bytes:
    if shutil.which(command[0]) is None:
        return b""
    try:
        program = Program(command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL)
    except OSError:
        return b""
    return _in_time(partial(_read, program), partial(program.end, grace=0.0), timeout, otherwise=b"")


def _read(program: Program) -> bytes:
    assert program.stdout
    with program.stdout as pipe:
        return pipe.read(MAX_OUTPUT)


def _in_time(work: Callable[[], Result], finish: Callable[[], object], timeout: float, *, otherwise: Result) -> Result:
    """Return the result of `work`, or `otherwise` after the timeout. `finish` is always called and must end `work`."""
    done = SimpleQueue[Result]()
    start_thread(lambda: done.put(work()), "discovery")
    try:
        return done.get(timeout=timeout)
    except Empty:
        return otherwise
    finally:
        finish()


_FOLDER = "com.docker.compose.project.working_dir"


def _labels(container: dict[str, Any]) -> dict[str, Any]:
    labels = container.get("Labels")
    if isinstance(labels, str):  # a string from Docker, a table from Podman
        labels = dict(label.partition("=")[::2] for label in labels.split(","))
    return labels if isinstance(labels, dict) else {}


def container_name(container: dict[str, Any]) -> str:
    """Return the name of a container's DDEV or Compose project, else its own name."""
    labels = _labels(container)
    project = labels.get("com.ddev.site-name") or labels.get("com.docker.compose.project")
    names = container.get("Names")
    return _name(project) or _name(names[0] if isinstance(names, list) and names else names)


def published_urls(ports: Any) -> Iterator[ServerUrl]:
    """Yield the URLs of Mailpit's port, from Docker's string or Podman's list."""
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
    return plain(_text(value), MAX_NAME)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
