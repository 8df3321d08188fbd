"""Servers that fail, each in a different way, like in a configuration of many years."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle, islice

from hostile import Visit, black_hole, hostile
from mailpit_notifier.protocol.faults import Fault

DRIP = 0.5
"""Seconds between two bytes of a server that answers very slowly."""


def answering(status: int, body: bytes = b"", *headers: str) -> Callable[[Visit], None]:
    """Return a script that answers everything with the same bytes."""

    def script(visit: Visit) -> None:
        while True:
            visit.request()
            visit.answer(status, body, *headers)

    return script


def dripping(visit: Visit) -> None:
    """A server that begins to answer and never finishes."""
    visit.request()
    for byte in cycle(b"HTTP/1.1 101 Switching Protocols\r\nX-Endless: " + b"a" * 1_000):
        visit.send(bytes([byte]))
        time.sleep(DRIP)


def puzzled(visit: Visit) -> None:
    """A server without TLS at an https address."""
    visit.read(5)
    visit.answer(400, b"Client sent no HTTP.\n")


SCRIPTS = {
    Fault.ORIGIN: answering(403, b"Blocked due to CORS violation\n"),
    Fault.CUT_OFF: Visit.close,
    Fault.AUTH: answering(401, b"", 'WWW-Authenticate: Basic realm="Login"'),
    Fault.NOT_FOUND: answering(404, b"404 page not found\n"),
    Fault.NOT_MAILPIT: answering(200, b"<html>It works!</html>", "Content-Type: text/html"),
    Fault.STOPPED: answering(502, b"Bad Gateway"),
}
"""The expected faults of servers that answer."""


@contextmanager
def dead_servers(count: int) -> Iterator[dict[str, Fault]]:
    """Yield this many addresses with their expected faults. Servers of one kind share a port."""
    with ExitStack() as stack:
        kinds = {stack.enter_context(hostile(script)).url(): fault for fault, script in SCRIPTS.items()}
        moved = answering(302, b"", "Location: http://127.0.0.1:1/")
        kinds[stack.enter_context(hostile(moved)).url()] = Fault.REDIRECTED
        kinds[stack.enter_context(hostile(dripping)).url()] = Fault.TIMEOUT
        kinds[f"http://127.0.0.1:{stack.enter_context(black_hole())}/"] = Fault.TIMEOUT
        silent = stack.enter_context(hostile(Visit.hold))
        kinds[silent.url()] = kinds[f"https://127.0.0.1:{silent.port}/"] = Fault.TIMEOUT
        plain = stack.enter_context(hostile(puzzled))
        kinds[f"https://127.0.0.1:{plain.port}/"] = Fault.TLS_MISSING
        kinds[f"http://127.0.0.1:{refusing_port(stack)}/"] = Fault.REFUSED
        kinds["http://no..name:8025/"] = Fault.DNS
        yield {f"{url}{number}/": kinds[url] for number, url in enumerate(islice(cycle(kinds), count))}


def refusing_port(stack: ExitStack) -> int:
    """A reserved port on which nothing listens."""
    sock = stack.enter_context(socket.socket())
    sock.bind(("127.0.0.1", 0))
    port: int = sock.getsockname()[1]
    return port
