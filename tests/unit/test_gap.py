"""Finding messages that arrived while the program was disconnected."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailpit_notifier.core.gap import MARGIN, Before, Gap, GapSearch
from mailpit_notifier.protocol.events import Snapshot
from mailpit_notifier.protocol.model import Message

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def make_message(name: str, age: timedelta) -> Message:
    return Message(id=name, created=NOW - age)


def make_messages(**ages: float) -> dict[str, Message]:
    """Return messages by name; the values are their age in seconds."""
    return {name: Message(id=name, created=NOW - timedelta(seconds=age)) for name, age in ages.items()}


def page(messages: Iterable[Message], *, more: bool = False, total: int = 0) -> Snapshot:
    listed = tuple(messages)
    return Snapshot(messages=listed, total=total or len(listed), unread=0, more=more)


def gap_in(messages: Iterable[Message], before: Before) -> Gap:
    """Return the gap of a server whose messages fit on one page."""
    search = GapSearch(before)
    gap = search.add_page(page(messages))
    assert search.over
    return gap


def knowing(*ids: str, early: Iterable[str] = ()) -> Before:
    return Before(ids=set(ids), contact=NOW, early=set(early))


def test_the_first_start_announces_nothing_old() -> None:
    there = make_messages(a=1, b=2)
    assert gap_in(there.values(), Before(ids=set(), contact=None)) == Gap(old=tuple(there.values()))


def test_with_one_known_id_left_every_other_message_is_new() -> None:
    there = make_messages(a=1, c=5, b=99_999)
    assert gap_in(there.values(), knowing("c", "gone")) == Gap(missed=(there["a"], there["b"]))


def test_with_no_known_id_left_only_messages_after_the_last_contact_are_new() -> None:
    there = make_messages(a=1, b=4, c=6, d=99_999)
    gap = gap_in(there.values(), knowing("gone"))
    assert [m.id for m in gap.missed] == ["a", "b"]
    assert [m.id for m in gap.old] == ["c", "d"]


def test_an_empty_server_has_no_gap() -> None:
    assert gap_in([], knowing("gone")) == Gap()
    assert gap_in([], Before(ids=set(), contact=None)) == Gap()


@given(st.sets(st.sampled_from("abcdefgh")), st.sets(st.sampled_from("abcdefgh")), st.booleans(), st.integers(1, 8))
def test_a_gap_has_the_unknown_messages_for_any_pages(
    present: set[str], known: set[str], contacted: bool, size: int
) -> None:
    there = list(make_messages(**{name: ord(name) - 100 for name in sorted(present)}).values())
    before = Before(ids=known, contact=NOW if contacted else None, message_dates=True)
    whole = gap_in(there, before)
    assert {m.id for m in (*whole.missed, *whole.old)} == present - known
    assert not {m.id for m in whole.missed} & {m.id for m in whole.old}
    search = GapSearch(before)
    parts = [there[at : at + size] for at in range(0, len(there), size)] or [[]]
    gaps = [search.add_page(page(part, more=part is not parts[-1])) for part in parts]
    assert {m.id for gap in gaps for m in gap.missed} == {m.id for m in whole.missed}
    assert {m.id for gap in gaps for m in gap.old} == {m.id for m in whole.old}
    assert search.over


def test_a_message_as_old_as_the_margin_is_still_news() -> None:
    last, older = make_message("a", MARGIN), make_message("b", MARGIN + timedelta(microseconds=1))
    assert gap_in([last, older], knowing()) == Gap(missed=(last,), old=(older,))


def test_messages_of_this_connection_do_not_prove_that_the_database_is_the_old_one() -> None:
    live, old, ancient = (
        make_message("live", timedelta()),
        make_message("old", timedelta(1)),
        make_message("ancient", timedelta(2)),
    )
    assert gap_in([live, old], knowing("live", early=["live"])) == Gap(old=(old,))
    assert gap_in([live, old, ancient], knowing("live", "old", early=["live"])) == Gap(missed=(ancient,))


# How far is searched


def test_the_search_ends_at_a_known_message_before_the_last_contact() -> None:
    there = make_messages(a=1, b=2, c=60, d=61)
    search = GapSearch(knowing("c", "d"))
    assert search.add_page(page([there["a"]], more=True)) == Gap(missed=(there["a"],))
    assert not search.over
    assert search.add_page(page([there["b"], there["c"]], more=True)) == Gap(missed=(there["b"],))
    assert search.over


def test_the_search_continues_behind_known_messages_after_the_last_contact() -> None:
    """During a pause, a message that a rule silences is recorded, and those before it are not."""
    there = make_messages(silent=-30, held=-29, known=60)
    search = GapSearch(knowing("silent", "known"))
    assert search.add_page(page([there["silent"]], more=True)) == Gap()
    assert not search.over
    assert search.add_page(page([there["held"]], more=True)) == Gap(missed=(there["held"],))
    assert not search.over
    assert not search.message_dates
    search.add_page(page([there["known"]], more=True))
    assert search.over


def test_older_messages_are_undecided_until_a_known_one_is_found() -> None:
    there = make_messages(a=60, b=61, known=62, c=63)
    search = GapSearch(knowing("known"))
    assert search.add_page(page([there["a"]], more=True)) == Gap()
    assert search.add_page(page([there["b"], there["known"]], more=True)) == Gap(missed=(there["a"], there["b"]))
    assert search.message_dates  # its times mean nothing, as these messages are known
    assert not search.over
    assert search.add_page(page([there["c"]])) == Gap(missed=(there["c"],))
    assert search.over


def test_with_message_dates_the_whole_mailbox_is_searched() -> None:
    there = make_messages(a=60, b=61)
    search = GapSearch(replace(knowing("a", "b"), message_dates=True))
    search.add_page(page([there["a"]], more=True))
    assert not search.over
    search.add_page(page([there["b"]]))
    assert search.over


@pytest.mark.parametrize(("count", "over"), [(2, False), (3, True), (None, True)])
def test_the_search_continues_beyond_the_maximum_of_known_ids(count: int | None, over: bool) -> None:
    there = make_messages(new=1, known=60)
    search = GapSearch(replace(knowing("known"), count=count))
    search.add_page(page(there.values(), more=True, total=4))
    assert search.over is over


def test_detecting_a_replaced_database_takes_bounded_memory() -> None:
    search = GapSearch(knowing("gone"), undecided=3)
    assert search.add_page(page([make_message("a", timedelta(1)), make_message("b", timedelta(2))], more=True)) == Gap()
    assert [m.id for m in search.add_page(page([make_message("c", timedelta(3))], more=True)).old] == ["a", "b", "c"]
    assert search.notes_all
    assert [m.id for m in search.add_page(page([make_message("d", timedelta(4))], more=True)).old] == ["d"]
    assert not search.over


def test_after_a_walk_that_did_not_end_only_what_is_younger_is_news() -> None:
    there = make_messages(new=1, noted=60, not_yet=61)
    search = GapSearch(replace(knowing("noted"), walked=False))
    gap = search.add_page(page(there.values(), more=True))
    assert gap == Gap(missed=(there["new"],), old=(there["not_yet"],))
    assert not search.over
