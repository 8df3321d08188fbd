"""The delay before the next attempt, and what ends it."""

import asyncio

import pytest

from mailpit_notifier.client.retry_policy import RetryPolicy
from mailpit_notifier.client.timing import TIMING
from mailpit_notifier.protocol.faults import Fault

MANY = 20
"""Failures after which the delay has reached its maximum."""


def after_many(patience: RetryPolicy) -> float:
    return [patience.delay(Fault.REFUSED) for _ in range(MANY)][-1]


@pytest.mark.parametrize(("local", "longest"), [(False, TIMING.longest_retry), (True, TIMING.longest_local_retry)])
def test_delays_grow_from_a_second_and_less_for_local_servers(local: bool, longest: float) -> None:
    patience = RetryPolicy(local=local)
    assert 0.75 <= patience.delay(Fault.REFUSED) <= 1.25
    assert 0.75 * longest <= after_many(patience) <= 1.25 * longest


def test_a_fault_that_only_the_user_can_fix_has_the_longest_delay_and_no_back_off() -> None:
    patience = RetryPolicy(local=True)
    assert [patience.delay(Fault.AUTH) for _ in range(MANY)] == [TIMING.late_retry] * MANY
    assert patience.delay(Fault.REFUSED) <= 1.25


def test_only_a_steady_connection_resets_the_delays() -> None:
    patience = RetryPolicy(local=False)
    after_many(patience)
    assert not patience.reset_if_steady(TIMING.steady)
    assert patience.delay(Fault.REFUSED) > 2
    assert patience.reset_if_steady(TIMING.steady + 1)
    assert patience.delay(Fault.REFUSED) <= 1.25


def test_a_name_that_resolves_to_this_machine_resets_the_delays_once() -> None:
    patience = RetryPolicy(local=False)
    after_many(patience)
    patience.set_local()
    assert patience.local
    assert patience.delay(Fault.REFUSED) <= 1.25
    patience.set_local()
    assert patience.delay(Fault.REFUSED) >= 1.5


async def test_a_retry_ends_the_current_or_the_next_wait_only() -> None:
    patience = RetryPolicy(local=False)
    waiting = asyncio.create_task(patience.wait(3600))
    await asyncio.sleep(0)
    patience.retry()
    await waiting
    patience.retry()  # during an attempt, perhaps with a wrong password
    await patience.wait(3600)
    later = asyncio.create_task(patience.wait(3600))
    await asyncio.sleep(0)
    assert not later.done()
    later.cancel()
    await asyncio.wait([later])
    await patience.wait(0)  # the time is over, which is no error
