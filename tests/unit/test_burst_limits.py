"""When messages are announced one by one, and when they are counted."""

from hypothesis import given
from hypothesis import strategies as st

from mailpit_notifier.core.limits import BurstLimit, BurstTiming

TIMING = BurstTiming()


def individually(*times: float) -> list[bool]:
    """Return for messages at these times whether each is announced; a burst is closed as soon as it is over."""
    burst, decided = BurstLimit(), []
    for now in times:
        if burst.open and now >= burst.ends_at:
            burst.close()
        decided.append(burst.arrived(now))
    return decided


def test_a_few_at_once_are_announced_and_the_rest_counted() -> None:
    assert individually(*([0.0] * 2_000)) == [True] * TIMING.few + [False] * (2_000 - TIMING.few)


def test_messages_older_than_the_window_do_not_count() -> None:
    assert individually(*([0.0] * TIMING.few), TIMING.short) == [True] * (TIMING.few + 1)
    assert individually(*([0.0] * TIMING.few), TIMING.short - 0.1) == [True] * TIMING.few + [False]


def test_infrequent_messages_are_always_announced() -> None:
    assert all(individually(*(n * 20.0 for n in range(100))))


def test_a_slow_test_suite_trips_the_second_limit() -> None:
    decided = individually(*(n * 6.0 for n in range(20)))
    assert decided == [True] * TIMING.some + [False] * (20 - TIMING.some)


def test_after_some_quiet_messages_are_announced_again() -> None:
    burst = [0.0] * 50
    assert individually(*burst, TIMING.quiet - 0.1)[-1] is False
    assert individually(*burst, TIMING.quiet)[-1] is True


def test_after_a_slow_suite_the_quiet_must_be_longer() -> None:
    slow = [n * 6.0 for n in range(10)]
    assert individually(*slow, slow[-1] + TIMING.long_quiet - 0.1)[-1] is False
    assert individually(*slow, slow[-1] + TIMING.long_quiet)[-1] is True


@given(st.lists(st.floats(0, 30), max_size=200))
def test_the_limits_apply_to_any_messages(gaps: list[float]) -> None:
    times = [sum(gaps[: n + 1]) for n in range(len(gaps))]
    alone = [time for time, announced in zip(times, individually(*times), strict=True) if announced]
    for place, time in enumerate(alone):
        assert sum(0 <= other - time < 120 for other in alone[place:]) <= 2 * TIMING.some
        assert sum(0 <= other - time < 10 for other in alone[place:]) <= 2 * TIMING.few
