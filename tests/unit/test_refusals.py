"""What Mailpit refused: told once, and counted quietly."""

import asyncio

import pytest

from mailpit_notifier.announce import smtp_errors as module
from mailpit_notifier.announce.smtp_errors import SmtpErrorNotices
from mailpit_notifier.protocol.events import Refused


def refused(number: int) -> Refused:
    return Refused(ip="127.0.0.1", text=f"553 {number}")


async def test_the_first_is_told_at_once_and_the_others_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BETWEEN", 0.02)
    told: list[tuple[str, int, bool]] = []
    refusals = SmtpErrorNotices(lambda last, count, update: told.append((last.text, count, update)))
    for number in range(5):
        refusals.came(refused(number))
    assert told == [("553 0", 1, False)]
    while len(told) < 2:
        await asyncio.sleep(0.001)
    assert told[1:] == [("553 4", 5, True)]

    monkeypatch.setattr(module, "OVER", 0.0)
    refusals.stop()
    refusals.came(refused(9))
    assert told[2:] == [("553 9", 1, False)]
    refusals.stop()
