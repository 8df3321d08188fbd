"""Sets up a campaign: a server, a proxy in front of it, and the application in this process or its own."""

import random
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from notification_service import NotificationService
from standin import Server

from .campaign import PATIENCE, Campaign
from .inside import InProcess
from .ledger import Ledger
from .outside import Launched, OutProcess
from .proxy import FaultProxy
from .schedule import Kind

ROOMY = 500_000
"""Messages that a server keeps, so that none is pruned before it is checked."""

LARGE = 150_000
"""Messages of a large mailbox: their whole listing has 80 MB."""

LONG_PATIENCE = 120.0
"""A half-open connection to a server that seems to answer no pings ends after 75 s (Timing.never_answered)."""


@contextmanager
def proxy_before(server: Server) -> Iterator[FaultProxy]:
    """Run a proxy for a campaign."""
    proxy = FaultProxy(server.http_port)
    try:
        yield proxy
    finally:
        proxy.close()


@asynccontextmanager
async def inside(server: Server, folder: Path, seed: int, mailbox: int = 0) -> AsyncIterator[Campaign]:
    """A campaign with the program in this process."""
    with proxy_before(server) as proxy:
        subject = InProcess(proxy.url, folder, Ledger(), random.Random(seed))
        try:
            patience = LONG_PATIENCE if mailbox else PATIENCE
            yield Campaign(server, proxy, subject, seed, mailbox=mailbox, patience=patience)
        finally:
            await subject.kill()


@asynccontextmanager
async def outside(
    server: Server,
    program: Launched,
    service: NotificationService,
    seed: int,
    without: Collection[Kind] = (),
    mailbox: int = 0,
) -> AsyncIterator[Campaign]:
    """Run a campaign with the application in its own process."""
    with proxy_before(server) as proxy:
        subject = OutProcess(program, service, proxy.url, Ledger())
        try:
            yield Campaign(server, proxy, subject, seed, without=without, mailbox=mailbox, patience=LONG_PATIENCE)
        finally:
            program.kill()
            program.forget()
