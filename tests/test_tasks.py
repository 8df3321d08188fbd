"""Coroutines that somebody owns: their ends, and nobody's cancellation lost."""

import asyncio
import contextlib

import pytest

from mailpit_notifier.tasks import stopped


async def test_a_task_is_stopped_when_it_has_ended() -> None:
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("work")

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    await stopped(task)
    assert ended == ["work"]
    await stopped(task)


async def test_who_is_cancelled_while_stopping_a_task_is_cancelled() -> None:
    slow = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await slow.wait()
            raise

    async def owner(task: asyncio.Task[None]) -> None:
        await stopped(task)
        raise AssertionError("the cancellation was lost")

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    owning = asyncio.create_task(owner(task))
    await asyncio.sleep(0)
    owning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await owning
    slow.set()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_what_a_task_failed_with_is_raised() -> None:
    async def work() -> None:
        raise ValueError("no")

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    with pytest.raises(ValueError, match="no"):
        await stopped(task)
