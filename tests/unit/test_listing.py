"""A listing misses no message, with any version of the server and any change meanwhile."""

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailpit_notifier.client.listing import MOST, Listing, Query
from mailpit_notifier.protocol.events import Snapshot
from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.protocol.model import Message

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
REQUESTS = 500


def make_message(name: str, milliseconds: int = 0) -> Message:
    return Message(id=name, created=NOW + milliseconds * MILLISECOND)


class Mailbox:
    """A server's messages, newest first, and the requests for them.

    `ignores_before` as servers of 2023 do; `room` is how many messages an answer has, a large one four times as many,
    and `huge` are those that fit into none.
    """

    def __init__(self, messages: Iterable[Message], *, ignores_before: bool = False) -> None:
        self.messages = sorted(messages, key=lambda message: message.created, reverse=True)
        self.ignores_before = ignores_before
        self.room = 10**6
        self.huge: set[str] = set()
        self.asked: list[Query] = []

    def answer(self, query: Query) -> Snapshot:
        self.asked.append(query)
        assert len(self.asked) < REQUESTS, "it does not come to an end"
        before = None if self.ignores_before else query.before
        listed = [one for one in self.messages if before is None or one.created < before]
        rows = listed[query.start : query.start + query.limit]
        fitting = rows[: 4 * self.room if query.large else self.room]
        whole = next((number for number, one in enumerate(fitting) if one.id in self.huge), len(fitting))
        kept = tuple(fitting[:whole])
        more = len(kept) < len(rows) or len(rows) == query.limit
        return Snapshot(messages=kept, total=len(self.messages), unread=0, more=more)

    def walk(self, at_most: int, meanwhile: Callable[[], object] = lambda: None, most: int = MOST) -> list[str]:
        """Return the IDs of all pages; `meanwhile` is called after each."""
        listing, found = Listing(at_most, most=most), []
        more = True
        while more:
            while not (page := listing.add_page(self.answer(listing.query))):
                pass
            found += [message.id for message in page.messages]
            more = page.more
            meanwhile()
        return found


def names(messages: Iterable[Message]) -> list[str]:
    return [message.id for message in messages]


@pytest.mark.parametrize("ignores_before", [False, True])
@pytest.mark.parametrize("number", [0, 1, 49, 50, 51, 100, 1_234])
def test_each_message_is_listed_once_newest_first(number: int, ignores_before: bool) -> None:
    mailbox = Mailbox([make_message(f"id{n}", n) for n in range(number)], ignores_before=ignores_before)
    assert mailbox.walk(50) == names(mailbox.messages)
    assert len(mailbox.asked) <= number / 40 + 3
    assert mailbox.asked[0] == Query(limit=50)


@pytest.mark.parametrize("room", [2, 3])
def test_few_messages_with_very_long_summaries_are_asked_for_few_times(room: int) -> None:
    mailbox = Mailbox(make_message(f"id{n}", n) for n in range(64))
    mailbox.room = room
    assert mailbox.walk(500) == names(mailbox.messages)
    assert sum(query.limit for query in mailbox.asked[1:]) <= 4 * 64


@pytest.mark.parametrize("ignores_before", [False, True])
def test_3000_messages_in_one_millisecond_are_listed_with_those_around_them(ignores_before: bool) -> None:
    crowd = [make_message(f"same{n}") for n in range(3_000)]
    around = [make_message(f"id{n}", n) for n in range(-700, 700) if n]
    mailbox = Mailbox([*crowd, *around], ignores_before=ignores_before)
    assert sorted(mailbox.walk(500)) == sorted(names([*crowd, *around]))
    assert len(mailbox.asked) < 20


def test_a_millisecond_with_too_many_messages_is_listed_by_start() -> None:
    """Mailpit ignores a `before` up to 1970, and there is no time after the last microsecond of the year 9999."""
    times = [datetime(9999, 12, 31, 23, 59, 59, 999_999), *(datetime(1969, 1, day) for day in range(9, 0, -1))]
    messages = [Message(id=str(time), created=time.replace(tzinfo=UTC)) for time in times]

    class Go(Mailbox):
        def answer(self, query: Query) -> Snapshot:
            epoch = datetime(1970, 1, 1, tzinfo=UTC)
            return super().answer(replace(query, before=None) if query.before and query.before <= epoch else query)

    assert Go(messages).walk(4) == names(messages)
    assert Go(messages[1:]).walk(4) == names(messages[1:])


@settings(max_examples=40)
@given(st.integers().map(random.Random), st.booleans(), st.integers(20, 60), st.integers(1, 5))
def test_messages_that_stay_are_listed_while_others_are_added_and_deleted(
    dice: random.Random, ignores_before: bool, at_most: int, milliseconds: int
) -> None:
    mailbox = Mailbox([make_message(f"id{n}", n // milliseconds) for n in range(300)], ignores_before=ignores_before)
    numbers, before = count(300), set(names(mailbox.messages))

    def happens() -> None:
        if dice.random() < 0.3:
            mailbox.messages[:0] = [make_message(f"id{n}", n) for n in (next(numbers), next(numbers))][::-1]
        if dice.random() < 0.3:
            place = dice.randrange(len(mailbox.messages) or 1)
            del mailbox.messages[place : place + dice.choice((1, 2, 5))]

    found = mailbox.walk(at_most, happens)
    missing = (before & set(names(mailbox.messages))) - set(found)
    assert not missing


def test_many_deletions_cause_no_gap_on_a_server_that_knows_only_start() -> None:
    mailbox = Mailbox([make_message(f"id{n}", n) for n in range(2_000)], ignores_before=True)
    deletions = iter([0, 0, 600, 0, 900])

    def happens() -> None:
        del mailbox.messages[: next(deletions, 0)]

    found = mailbox.walk(100, happens)
    assert set(names(mailbox.messages)) <= set(found)
    assert len(mailbox.messages) == 500


def test_without_an_overlap_the_listing_continues_by_start() -> None:
    class Skewed(Mailbox):
        """A proxy that changes times in answers, but not in requests."""

        def answer(self, query: Query) -> Snapshot:
            answer = super().answer(query)
            earlier = (replace(one, created=one.created - timedelta(seconds=300)) for one in answer.messages)
            return replace(answer, messages=tuple(earlier))

    mailbox = Skewed([make_message(f"id{n}", 1_000 * n) for n in range(1_000)])
    assert mailbox.walk(100) == names(mailbox.messages)


@pytest.mark.parametrize("room", [1, 2, 3, 7])
def test_the_beginning_of_an_answer_that_is_too_long_is_used(room: int) -> None:
    mailbox = Mailbox([make_message(f"id{n}", n) for n in range(60)])
    mailbox.room = room
    assert mailbox.walk(500) == names(mailbox.messages)


def test_only_a_message_that_fits_into_no_answer_is_skipped() -> None:
    mailbox = Mailbox([make_message(f"id{n}", n) for n in range(100)])
    mailbox.huge = {"id99", "id98", "id50", "id0"}
    assert mailbox.walk(20) == [name for name in names(mailbox.messages) if name not in mailbox.huge]


def test_a_list_without_a_readable_message_is_a_fault() -> None:
    mailbox = Mailbox([make_message(f"id{n}", n) for n in range(100)])
    mailbox.huge = set(names(mailbox.messages))
    with pytest.raises(FaultError, match="no message of the list can be read"):
        mailbox.walk(20)
    assert len(mailbox.asked) < 10


def test_a_server_that_repeats_its_answer_ends_the_listing() -> None:
    class Stuck(Mailbox):
        def answer(self, query: Query) -> Snapshot:
            super().answer(query)
            return Snapshot(messages=tuple(self.messages), total=2**62, unread=0, more=True)

    for messages in ([make_message("a")] * 50, [make_message(f"id{n}", n) for n in range(50)]):
        stuck = Stuck(messages)
        assert set(stuck.walk(50)) == set(names(messages))
        assert len(stuck.asked) < 20


def test_an_endless_list_is_not_followed_for_ever() -> None:
    class Endless(Mailbox):
        def answer(self, query: Query) -> Snapshot:
            super().answer(query)
            begin = len(self.asked) * query.limit
            overlap = () if begin == query.limit else (make_message(f"id{begin - 1}", 1 - begin),)
            rows = (*overlap, *(make_message(f"id{n}", -n) for n in range(begin, begin + query.limit)))
            return Snapshot(messages=rows, total=2**62, unread=0, more=True)

    assert len(Endless([]).walk(20, most=200)) == 200
