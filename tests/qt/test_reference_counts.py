"""PySide6 6.12.0 on Python 3.11 loses a reference to True and None per wake-up and aborts after some hundred."""

import subprocess
import sys

WAKE_UPS = 10_000

SCRIPT = f"""
import asyncio, sys
from PySide6.QtWidgets import QApplication
from mailpit_notifier.runtime.loop import Loop

async def main():
    loop = asyncio.get_running_loop()
    for _ in range(100):
        await asyncio.sleep(0)
    before = sys.getrefcount(None), sys.getrefcount(True)
    for _ in range({WAKE_UPS // 2}):
        woken = asyncio.Event()
        loop.call_soon_threadsafe(woken.set)
        await woken.wait()
        await asyncio.sleep(0)
    after = sys.getrefcount(None), sys.getrefcount(True)
    print(*(new - old for new, old in zip(after, before)))

app = QApplication([])
with asyncio.Runner(loop_factory=lambda: Loop(app)) as runner:
    runner.run(main())
"""


def test_none_and_true_stay_level_over_many_wake_ups_of_the_loop() -> None:
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    drift = [int(number) for number in run.stdout.split()]
    assert len(drift) == 2
    assert all(abs(number) < WAKE_UPS / 100 for number in drift)
