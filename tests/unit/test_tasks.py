"""Coroutines that somebody owns: their ends, and nobody's cancellation lost."""

import asyncio
import contextlib

import pytest

from mailpit_notifier.runtime.tasks import Tasks, cancel_and_wait, guarded, keep_running


@pytest.fixture
def reported() -> list[str]:
    """What is reported to the loop of the test."""
    return []


def collect(reported: list[str]) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: reported.append(f"{context['message']}: {context['exception']}"))


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
    await cancel_and_wait(task)
    assert ended == ["work"]
    await cancel_and_wait(task)


async def test_who_is_cancelled_while_stopping_a_task_is_cancelled() -> None:
    slow = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await slow.wait()
            raise

    async def owner(task: asyncio.Task[None]) -> None:
        await cancel_and_wait(task)
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
        await cancel_and_wait(task)


async def test_work_that_fails_is_reported_and_begins_anew_until_it_is_ended(reported: list[str]) -> None:
    collect(reported)
    begun, third = 0, asyncio.Event()

    async def work() -> None:
        nonlocal begun
        begun += 1
        if begun < 3:
            raise ValueError(f"no {begun}")
        third.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(keep_running(work, "Work", first_pause=0))
    await third.wait()
    assert reported == ["Work: no 1", "Work: no 2"]
    await cancel_and_wait(task)
    assert begun == 3


async def test_a_failure_in_the_place_of_the_end_is_an_end(reported: list[str]) -> None:
    collect(reported)
    began = asyncio.Event()

    async def work() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError("no")

    task = asyncio.create_task(keep_running(work, "Work", first_pause=0))
    await began.wait()
    with pytest.raises(ValueError, match="no"):
        await cancel_and_wait(task)
    assert reported == []


async def test_a_task_or_a_callback_that_fails_is_reported_and_takes_no_other_with_it(reported: list[str]) -> None:
    collect(reported)
    tasks, went_on = Tasks(), asyncio.Event()

    async def fail() -> None:
        raise ValueError("no")

    async def go_on() -> None:
        went_on.set()

    tasks.run(fail())
    tasks.run(go_on())
    await went_on.wait()
    guarded(int, "A signal")("x")  # type: ignore[arg-type]
    assert reported == ["A task: no", "A signal: invalid literal for int() with base 10: 'x'"]
