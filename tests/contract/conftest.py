"""Tests that the stand-in, and a real Mailpit if MAILPIT_BIN names one, behave as recorded from Mailpit v1.30.5.

Other tests use the stand-in. These tests are the reason to trust it.
"""

import contextlib
from collections.abc import Iterator

import pytest
from servers import Running

import standin
from standin import RealMailpit, Server, StandIn, Stream

BOTH = [pytest.param(StandIn, id="standin"), pytest.param(RealMailpit, id="mailpit", marks=standin.real)]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with contextlib.ExitStack() as stack:
        yield Running(stack)


@pytest.fixture(params=BOTH)
def kind(request: pytest.FixtureRequest) -> type[Server]:
    found: type[Server] = request.param
    return found


@pytest.fixture
def server(running: Running, kind: type[Server]) -> Server:
    """Run a server without messages."""
    found = running.get(kind)
    found.clear()
    return found


@pytest.fixture
def stream(running: Running, kind: type[Server]) -> Iterator[Stream]:
    """A client of `server`, which has sent all events of earlier actions."""
    found = running.get(kind)
    with found.stream() as client:
        found.clear()
        client.until("truncate")
        client.until("stats", Total=0)
        yield client
