"""Tasks with an owner: they end, and no cancellation is lost."""

import asyncio
import contextlib

import pytest

from mailpit_notifier.runtime.tasks import Tasks, cancel_and_wait, guarded, keep_running


@pytest.fixture
def reported() -> list[str]:
    """Collect what is reported to the test's loop."""
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


async def test_cancelling_the_caller_of_cancel_and_wait_is_not_lost() -> None:
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


async def test_cancel_and_wait_raises_the_exception_of_the_task() -> None:
    async def work() -> None:
        raise ValueError("no")

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    with pytest.raises(ValueError, match="no"):
        await cancel_and_wait(task)


async def test_failed_work_is_reported_and_restarted_until_cancelled(reported: list[str]) -> None:
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


async def test_an_exception_instead_of_a_cancellation_ends_the_work(reported: list[str]) -> None:
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


async def test_a_failed_task_or_callback_is_reported_and_affects_no_other(reported: list[str]) -> None:
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
