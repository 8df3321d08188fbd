import asyncio
import gc
import signal
import threading
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

import pytest
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mailpit_notifier.runtime.bridge import Channel, TooMuchWaitsError
from mailpit_notifier.runtime.loop import Collector, Loop


@pytest.fixture
def run(qapp: QApplication) -> Callable[[Awaitable[None]], None]:
    """Run a coroutine on the program's loop to its end."""

    async def bounded(what: Awaitable[None]) -> None:
        async with asyncio.timeout(20):
            await what

    def to_its_end(what: Awaitable[None]) -> None:
        with asyncio.Runner(loop_factory=lambda: Loop(qapp)) as runner:
            runner.run(bounded(what))

    return to_its_end


def in_a_thread(function: Callable[[], None]) -> None:
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


def test_calls_of_a_thread_run_on_the_loop_in_their_order(run: Any) -> None:
    async def main() -> None:
        loop, done = asyncio.get_running_loop(), asyncio.Event()
        ran: list[tuple[int, threading.Thread]] = []

        def call(number: int) -> None:
            ran.append((number, threading.current_thread()))

        def ask() -> None:
            for number in range(10_000):  # more than the buffers of the sockets have room for
                loop.call_soon_threadsafe(call, number)
            loop.call_soon_threadsafe(done.set)

        in_a_thread(ask)
        await done.wait()
        assert ran == [(number, threading.current_thread()) for number in range(10_000)]

    run(main())


def test_many_calls_need_one_byte(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte that is sent gives other threads the interpreter, and a message waits until it is back."""

    class Sender:
        sent = 0

        def send(self, data: bytes) -> int:
            self.sent += 1
            return sender.send(data)

    async def main() -> None:
        nonlocal sender
        loop, done, counting = asyncio.get_running_loop(), asyncio.Event(), Sender()
        sender = loop._wake_sender  # type: ignore[attr-defined]
        with monkeypatch.context() as patch:
            patch.setattr(loop, "_wake_sender", counting)
            for _ in range(10):
                loop.call_soon(int)
            loop.call_soon(done.set)
            assert not counting.sent, "they run in this round, or at its end"
            await done.wait()
        assert counting.sent <= 1

    sender: Any = None
    run(main())


def test_a_call_that_was_cancelled_is_not_made(run: Any) -> None:
    async def main() -> None:
        loop, done, ran = asyncio.get_running_loop(), asyncio.Event(), []

        def ask() -> None:
            handle = loop.call_soon_threadsafe(ran.append, "cancelled")
            loop.call_soon_threadsafe(ran.append, "kept")
            handle.cancel()
            loop.call_soon_threadsafe(done.set)

        in_a_thread(ask)
        await done.wait()
        assert ran == ["kept"]

    run(main())


def test_a_failed_call_is_reported_and_affects_no_other(run: Any) -> None:
    async def main() -> None:
        loop, done, errors = asyncio.get_running_loop(), asyncio.Event(), []
        loop.set_exception_handler(lambda _, context: errors.append(context["exception"]))

        def ask() -> None:
            loop.call_soon_threadsafe(int, "no number")
            loop.call_soon_threadsafe(done.set)

        in_a_thread(ask)
        await done.wait()
        assert [type(error) for error in errors] == [ValueError]

    run(main())


def test_the_task_that_a_call_wakes_continues_before_the_screen_is_drawn(run: Any) -> None:
    async def main() -> None:
        loop, frame = asyncio.get_running_loop(), asyncio.Event()
        drawn = asyncio.Event()

        def take() -> None:
            QTimer.singleShot(0, drawn.set)
            frame.set()

        loop.call_later(0, in_a_thread, lambda: loop.call_soon_threadsafe(take))
        await frame.wait()
        assert not drawn.is_set()
        await drawn.wait()

    run(main())


@pytest.mark.parametrize("asked", ["call_soon", "call_soon_threadsafe"])
def test_calls_that_ask_for_themselves_again_let_a_timer_in(run: Any, asked: str) -> None:
    async def main() -> None:
        loop, rung = asyncio.get_running_loop(), asyncio.Event()

        def again() -> None:
            if not rung.is_set():
                getattr(loop, asked)(again)

        again()
        loop.call_later(0.01, rung.set)
        await rung.wait()

    run(main())


def test_a_loop_of_qt_within_a_call_runs_each_call_once_and_in_order(run: Any) -> None:
    async def main() -> None:
        loop, done, ran = asyncio.get_running_loop(), asyncio.Event(), list[int]()
        drawn = asyncio.Event()

        def draw() -> None:
            ran.append(0)
            QApplication.processEvents()  # as a menu or a dialog does
            ran.append(3)
            drawn.set()

        loop.call_soon(draw)
        loop.call_soon(ran.append, 1)
        loop.call_soon(ran.append, 2)
        loop.call_soon(done.set)
        await done.wait()
        await drawn.wait()
        assert ran == [0, 1, 2, 3]

    run(main())


def test_a_qt_loop_within_a_task_delays_no_other_task(run: Any) -> None:
    async def main() -> None:
        ran, errors = list[str](), list[object]()
        asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))

        async def draw() -> None:
            await asyncio.sleep(0)
            inner = QEventLoop()
            asyncio.get_running_loop().call_soon(inner.quit)
            inner.exec()  # the others, which were to run before this call, do
            assert asyncio.current_task() is drawing
            ran.append("drawn")

        async def other() -> None:
            for _ in range(9):
                await asyncio.sleep(0)
            ran.append("other")

        drawing, others = asyncio.create_task(draw()), [asyncio.create_task(other()) for _ in range(2)]
        await asyncio.gather(drawing, *others)
        assert ran == ["drawn", "other", "other"]
        assert errors == []

    run(main())


def test_a_signal_is_handled_also_while_the_loop_waits_for_events(run: Any) -> None:
    """As on Windows, where Python itself gets the signal, and handles it when it runs the next time."""
    before = signal.getsignal(signal.SIGINT)

    async def main() -> None:
        loop, done = asyncio.get_running_loop(), asyncio.Event()
        assert isinstance(loop, Loop)
        loop.call_on_signal(signal.SIGINT, done.set)
        threading.Thread(target=lambda: signal.raise_signal(signal.SIGINT)).start()
        await done.wait()

    try:
        run(main())
    finally:
        signal.signal(signal.SIGINT, before)
    assert signal.set_wakeup_fd(-1) == -1


def test_no_call_is_made_while_the_loop_does_not_run(qapp: QApplication) -> None:
    """A task that is cancelled at the end of the program needs a running loop for its clean-up."""
    loop, steps, late = Loop(qapp), list[object](), list[object]()

    async def clean_up() -> None:
        for _ in range(50):
            steps.append(asyncio._get_running_loop())
            await asyncio.sleep(0)

    async def main() -> asyncio.Task[None]:
        asyncio.get_running_loop().call_later(0.001, late.append, 1)
        return asyncio.create_task(clean_up())

    try:
        task = loop.run_until_complete(main())
        for _ in range(50):
            qapp.processEvents()
        assert len(steps) < 50
        assert not late
        loop.run_until_complete(task)
        loop.run_until_complete(asyncio.sleep(0.002))
        assert steps == [loop] * 50
        assert late
    finally:
        loop.close()


def test_a_closed_loop_refuses_callbacks(qapp: QApplication) -> None:
    loop = Loop(qapp)
    loop.close()
    loop.close()
    with pytest.raises(RuntimeError, match="closed"):
        loop.call_soon_threadsafe(print)


def test_cancelled_times_are_dropped(run: Any) -> None:
    async def main() -> None:
        loop, ran = asyncio.get_running_loop(), list[int]()
        for _ in range(1_000):  # time-outs of calls that were answered in time
            async with asyncio.timeout(3600):
                await asyncio.sleep(0)
        alive = [one for one in gc.get_objects() if isinstance(one, asyncio.TimerHandle) and one.when() > loop.time()]
        assert len(alive) < 500
        soon = loop.time() + 0.01
        kept = [loop.call_at(soon - number / 1000, ran.append, number) for number in range(4)]
        kept[2].cancel()
        done = asyncio.Event()
        loop.call_at(soon + 0.001, done.set)
        await done.wait()
        assert ran == [3, 1, 0]

    run(main())


def test_a_timer_fires_while_another_callback_runs_a_qt_loop(run: Any) -> None:
    async def main() -> None:
        loop, inner = asyncio.get_running_loop(), QEventLoop()
        loop.call_later(0, inner.exec)
        loop.call_later(0, inner.quit)
        await asyncio.sleep(0.001)

    run(main())


def test_all_objects_are_checked_for_garbage_when_it_is_quiet(
    qtbot: QtBot, qapp: QApplication, monkeypatch: Any
) -> None:
    checked: list[int] = []
    monkeypatch.setattr(gc, "collect", lambda generation=2: checked.append(generation))
    monkeypatch.setattr(gc, "get_threshold", lambda: (700, 10, 10))
    collector = Collector(qapp, quiet=0)
    monkeypatch.setattr(gc, "get_count", lambda: (701, 0, 11))
    for _ in range(3):
        collector.collect()
    assert checked == [0, 0, 0]
    qtbot.waitUntil(lambda: checked == [0, 0, 0, 2])


def test_all_objects_are_checked_for_garbage_although_it_is_never_quiet(qapp: QApplication, monkeypatch: Any) -> None:
    checked: list[int] = []
    monkeypatch.setattr(gc, "collect", lambda generation=2: checked.append(generation))
    monkeypatch.setattr(gc, "get_threshold", lambda: (700, 10, 10))
    monkeypatch.setattr(gc, "get_count", lambda: (701, 11, 11))
    # Each read of the clock is 30 s later: a stand-in for time, like those for gc above.
    monkeypatch.setattr("mailpit_notifier.runtime.loop.monotonic", count(1, 30).__next__)
    collector = Collector(qapp)
    while 2 not in checked:
        collector.collect()
    assert checked == [1, 1, 2]


def test_a_late_callback_does_not_wait_for_the_timer_of_qt(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Loop, "_wait_for_next", lambda _: None)  # as if sockets always had something to read

    async def main() -> None:
        rung = asyncio.Event()
        asyncio.get_running_loop().call_later(0, rung.set)
        while not rung.is_set():
            await asyncio.sleep(0)

    run(main())


def test_an_item_is_replaced_until_it_is_delivered(run: Any) -> None:
    async def main() -> None:
        delivered, made = list[str](), list[str]()
        channel = Channel[str](asyncio.get_running_loop(), delivered.append)

        def make(text: str, deliver: bool = False) -> str:
            made.append(text)
            if deliver:  # as if the loop got its turn just then
                channel._drain()
            return f"{text} parsed"

        channel.put("one")
        channel.replace("one", lambda: make("one"))
        channel.put("two")
        channel.replace("two", lambda: make("two"))
        assert made == ["one"], "the loop is late: parsing would delay it"
        channel._drain()
        channel.replace("two", lambda: make("two"))
        channel.put("three")
        channel.replace("three", lambda: make("three", deliver=True))
        channel.close()
        channel.put("four")
        channel.replace("four", lambda: make("four"))
        assert delivered == ["one parsed", "two", "three"]
        assert made == ["one", "three"]

    run(main())


def test_texts_that_wait_are_bounded_and_the_end_is_delivered(run: Any) -> None:
    async def main() -> None:
        delivered = list[object]()
        channel = Channel[object](asyncio.get_running_loop(), delivered.append, most=1_000)
        channel.put("6" * 600)
        channel.replace("6" * 600, lambda: 6)
        with pytest.raises(TooMuchWaitsError):
            channel.put("2" * 201)
        for _ in range(3):
            channel.put("")
        with pytest.raises(TooMuchWaitsError):
            channel.put("")  # an empty text takes memory, too
        channel.put(None)
        channel._drain()
        assert delivered == [6, "", "", "", None]
        channel.put("9" * 900)
        channel._drain()
        assert delivered[-1] == "9" * 900

    run(main())
