"""Collaborators of an announcer for tests that check only announcements."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mailpit_notifier.announce.announcer import Announcer
from mailpit_notifier.core.rules import Rule
from mailpit_notifier.findings.result import NOTHING, Findings
from mailpit_notifier.notify.notice import Key
from mailpit_notifier.protocol.model import Message


class Blind:
    """A finder that finds nothing."""

    def quick(self, message: Message) -> Findings:
        return NOTHING

    async def full(self, server: str, message_id: str) -> Findings:
        return NOTHING


class Alone:
    """A single server without rules."""

    def name(self, key: str) -> str:
        return ""

    def color(self, key: str) -> str:
        return ""

    def names(self, key: str) -> tuple[str, ...]:
        return ()

    def open(self, key: Key) -> None:
        raise AssertionError

    def run(self, rule: Rule, server: str, message: Message) -> None:
        raise AssertionError


@asynccontextmanager
async def running(announcer: Announcer) -> AsyncIterator[None]:
    """Let an announcer show notifications."""
    task = asyncio.create_task(announcer.run())
    yield
    await announcer.stop()
    task.cancel()
    await asyncio.wait([task])
