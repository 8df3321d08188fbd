"""SMTP errors: shown once, and then counted quietly."""

import asyncio

from conditions import until
from mailpit_notifier.announce.summaries import SmtpErrorNotices
from mailpit_notifier.announce.timing import Timing
from mailpit_notifier.protocol.events import Refused


def refused(number: int) -> Refused:
    return Refused(ip="127.0.0.1", text=f"553 {number}")


async def test_the_first_error_is_shown_at_once_and_later_ones_update_it() -> None:
    notices: list[tuple[str, int, bool]] = []
    timing = Timing(on_screen=0.02)
    refusals = SmtpErrorNotices(lambda last, count, update: notices.append((last.text, count, update)), timing)
    for number in range(5):
        refusals.add(refused(number))
    assert notices == [("553 0", 1, False)]
    await until(lambda: len(notices) >= 2)
    assert notices[1:] == [("553 4", 5, True)]
    refusals.stop()


async def test_after_a_quiet_time_the_next_error_is_shown_as_new() -> None:
    notices: list[tuple[str, int, bool]] = []
    timing = Timing(errors_forgotten=0.0, on_screen=1e6)
    refusals = SmtpErrorNotices(lambda last, count, update: notices.append((last.text, count, update)), timing)
    refusals.add(refused(4))
    await asyncio.sleep(0.001)  # the clock goes on
    refusals.add(refused(9))
    assert notices[1:] == [("553 9", 1, False)]
    refusals.stop()


def test_log_ins_are_counted_apart_from_messages() -> None:
    notices: list[tuple[bool, int]] = []

    async def count() -> None:
        timing = Timing(on_screen=0.0, between_updates=0.0)
        refusals = SmtpErrorNotices(lambda last, count, _update: notices.append((last.is_login, count)), timing)
        for is_login in (False, False, True, True, False):
            refusals.add(Refused(ip="", text="", is_login=is_login))
            await asyncio.sleep(0.001)  # the timer fires
        refusals.stop()

    asyncio.run(count())
    assert notices == [(False, 1), (False, 2), (True, 1), (True, 2), (False, 1)]
