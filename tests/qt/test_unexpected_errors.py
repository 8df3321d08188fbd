"""An unexpected error in a task, a callback, a slot or a thread is logged, shown once, and stops nothing else."""

import asyncio
import logging
import sys
import threading

import pytest
from PySide6.QtCore import QEventLoop, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from conditions import until
from mailpit_notifier.runtime.bridge import Channel, ThreadError, Worker
from mailpit_notifier.runtime.loop import UnexpectedErrors
from mailpit_notifier.runtime.tasks import Tasks
from mailpit_notifier.runtime.threads import start_thread

SECRET = "what a message says"


class Sender(QObject):
    """A QObject with a signal."""

    signal = Signal()


def fail() -> None:
    raise ValueError(SECRET)


async def until_seen(caplog: pytest.LogCaptureFixture, what: str) -> None:
    await until(lambda: what in caplog.text, turn_of_qt)


def turn_of_qt() -> None:
    """Run Qt's loop as the program does. Older PySide6 raises what a slot raised out of processEvents()."""
    loop = QEventLoop()
    QTimer.singleShot(0, loop.quit)
    loop.exec()


async def test_unexpected_errors_are_logged_and_the_first_is_shown(
    qapp: QApplication, caplog: pytest.LogCaptureFixture
) -> None:
    shown, went_on, tasks, sender = list[str](), list[str](), Tasks(), Sender()

    async def failing() -> None:
        fail()

    loop, hooks = asyncio.get_running_loop(), (sys.excepthook, threading.excepthook)
    with UnexpectedErrors(lambda: shown.append("shown")).watching(loop), caplog.at_level(logging.INFO):
        tasks.run(failing())
        await until_seen(caplog, "A task failed: ValueError")
        assert shown == ["shown"]
        start_thread(fail, "reader")
        await until_seen(caplog, "The thread reader failed: ValueError")
        loop.call_soon(fail)
        await until_seen(caplog, "Exception in callback")
        QTimer.singleShot(0, fail)
        await until_seen(caplog, "A slot failed: ValueError")
        sender.signal.connect(fail)
        sender.signal.connect(lambda: went_on.append("slot"))
        sender.signal.emit()
    assert (shown, went_on) == (["shown"], ["slot"])
    assert "in fail" in caplog.text
    assert SECRET not in caplog.text
    assert (sys.excepthook, threading.excepthook) == hooks
    sender.signal.disconnect()


async def test_repeated_errors_are_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.get_running_loop()
    with UnexpectedErrors(lambda: None).watching(loop), caplog.at_level(logging.DEBUG):
        for _ in range(3):
            loop.call_soon(fail)
        await asyncio.sleep(0)
    levels = [record.levelname for record in caplog.records if "failed: ValueError" in record.message]
    assert levels == ["ERROR", "DEBUG", "DEBUG"]


async def test_a_failed_item_does_not_block_the_next_ones() -> None:
    loop, delivered, all_there = asyncio.get_running_loop(), list[int](), asyncio.Event()
    reported: list[BaseException] = []
    loop.set_exception_handler(lambda _, context: reported.append(context["exception"]))

    def deliver(item: int) -> None:
        if item % 2:
            fail()
        delivered.append(item)
        if item == 6:
            all_there.set()

    channel = Channel(loop, deliver)
    for item in range(7):
        channel.put(item)
    await all_there.wait()
    assert delivered == [0, 2, 4, 6]
    assert [type(error) for error in reported] == [ValueError] * 3


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, StopIteration, BaseException])
async def test_a_call_in_a_thread_may_raise_any_exception(kind: type[BaseException]) -> None:
    worker = Worker("test")

    def end() -> None:
        raise kind  # such as SystemExit, or a panic of a library in Rust, which is no Exception

    with pytest.raises(ThreadError, match=kind.__name__):
        await worker.call(end)
    assert await worker.call(lambda: 7) == 7
    worker.stop()
