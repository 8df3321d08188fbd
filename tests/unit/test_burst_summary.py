"""The summary of a burst: few versions of one notification, which together count every message once."""

from datetime import UTC, datetime, timedelta
from itertools import islice

from conditions import until
from mailpit_notifier.announce.summaries import Bundle, BurstSummary, update_times
from mailpit_notifier.announce.timing import Timing
from mailpit_notifier.core.limits import BurstTiming
from mailpit_notifier.protocol.model import Message

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
BURST = BurstTiming(few=1, quiet=0.2)
"""Every message after the first belongs to a burst."""


def message(number: int) -> Message:
    return Message(id=str(number), subject=str(number), created=NOW + timedelta(seconds=number))


class Recorded:
    """The versions of a summary: count, newest, and the IDs that it counts first."""

    def __init__(self, timing: Timing, *, can_update: bool = True) -> None:
        self.versions: list[tuple[int, str, list[str]]] = []
        self.summary = BurstSummary(self._show, timing, lambda: can_update)

    def _show(self, count: int, newest: Message | None, unshown: Bundle) -> None:
        self.versions.append((count, newest.id if newest else "", list(unshown)))

    def arrive(self, *numbers: int) -> None:
        if not self.summary.open:
            assert self.summary.arrived(message(0))
        for number in numbers:
            assert not self.summary.arrived(message(number))


def test_the_first_update_is_early_and_later_ones_are_rare() -> None:
    timing = Timing()
    assert timing.first_summary + timing.on_screen < 4  # GNOME hides a banner after 4 s
    assert list(islice(update_times(timing, can_update=True), 4)) == [3, 30, 60, 120]
    assert list(islice(update_times(timing, can_update=False), 3)) == [30, 60, 120]


async def test_each_message_is_counted_in_one_version_and_the_last_one_has_the_number() -> None:
    burst = Recorded(Timing(burst=BURST, first_summary=0, on_screen=0, between_updates=1e6))
    burst.arrive(1, 3)
    await until(lambda: burst.versions)
    burst.arrive(2)
    await until(lambda: len(burst.versions) == 2)
    burst.arrive(4, 5)
    await until(lambda: not burst.summary.open)
    assert burst.versions == [(2, "3", ["1", "3"]), (3, "3", ["2"]), (5, "5", ["4", "5"])]


async def test_a_number_that_is_shown_already_is_not_shown_again() -> None:
    burst = Recorded(Timing(burst=BURST, first_summary=0))
    burst.arrive(1, 2)
    await until(lambda: not burst.summary.open)
    assert burst.versions == [(2, "2", ["1", "2"])]


async def test_the_first_update_is_late_where_each_update_pops_up_again() -> None:
    burst = Recorded(Timing(burst=BURST, first_summary=0, on_screen=0), can_update=False)
    burst.arrive(1)
    await until(lambda: burst.versions)
    burst.arrive(2)
    await until(lambda: not burst.summary.open)
    assert [count for count, *_ in burst.versions] == [1, 2]
    assert burst.versions[-1][0] == 2


async def test_uncounted_messages_can_be_taken_and_only_some_are_kept() -> None:
    burst = Recorded(Timing(burst=BURST, first_summary=1e6, kept_whole=10))
    burst.arrive(*range(1, 1_001))
    assert burst.summary.drop(["7", "none"]) == ("7",)
    bundle = burst.summary.end()
    assert (len(bundle), bundle.newest) == (999, message(1_000))
    assert len(bundle.whole) <= 20
    assert not burst.versions
