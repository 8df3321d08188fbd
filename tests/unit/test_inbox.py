"""The inbox has the same rows for any order and repetition of events."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailpit_notifier.core.inbox import REMEMBERED, Change, Inbox, order
from mailpit_notifier.protocol.events import (
    Arrived,
    Deleted,
    Event,
    Pruned,
    Refused,
    Snapshot,
    Stats,
    Truncated,
    Updated,
    parse,
)
from mailpit_notifier.protocol.model import Message

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FRAMES = (Path(__file__).parents[1] / "data/recordings/mailpit-1.30.5/frames.jsonl").read_text("utf-8").splitlines()
RECORDED = [parse(line, NOW) for line in FRAMES]


def message(name: str, seconds: float = 0, **fields: object) -> Message:
    return replace(Message(id=name, created=NOW + timedelta(seconds=seconds)), **fields)  # type: ignore[arg-type]


def ids(inbox: Inbox) -> list[str]:
    return [row.id for row in inbox.rows]


def fed(*events: Event, limit: int = 200) -> Inbox:
    inbox = Inbox(limit)
    for event in events:
        inbox.apply(event)
    return inbox


def snapshot(*messages: Message, total: int | None = None, unread: int | None = None) -> Snapshot:
    return Snapshot(
        messages=messages,
        total=len(messages) if total is None else total,
        unread=sum(not m.read for m in messages) if unread is None else unread,
    )


def test_the_newest_by_created_is_first_not_the_last_to_arrive() -> None:
    inbox = fed(*(Arrived(message=message(name, age)) for name, age in [("b", 2), ("c", 3), ("a", 1)]))
    assert ids(inbox) == ["c", "b", "a"]


def test_a_message_arrives_once() -> None:
    inbox = Inbox()
    assert inbox.apply(Arrived(message=message("a"))).arrived == message("a")
    assert not inbox.apply(Arrived(message=message("a")))
    assert ids(inbox) == ["a"]


def test_a_message_that_a_snapshot_had_first_still_arrives_once() -> None:
    inbox = fed(snapshot(message("a", read=True)))
    assert inbox.apply(Arrived(message=message("a"))) == Change(arrived=message("a", read=True))
    assert not inbox.apply(Arrived(message=message("a")))


def test_an_update_waits_for_its_message() -> None:
    inbox = fed(Updated(id="a", tags=("x",)), Updated(id="a", read=True), Arrived(message=message("a")))
    assert inbox.rows == (message("a", tags=("x",), read=True),)


def test_updates_apply_in_order_of_arrival() -> None:
    inbox = fed(Arrived(message=message("a")), Updated(id="a", read=True), Updated(id="a", read=False))
    assert inbox.rows == (message("a"),)
    assert not inbox.apply(Updated(id="a", read=False))


def test_a_late_frame_does_not_restore_a_deleted_message() -> None:
    inbox = fed(Deleted(id="a"), Arrived(message=message("a")), Updated(id="a", read=True))
    assert inbox.rows == ()


def test_the_rows_are_bounded_and_keep_the_newest() -> None:
    inbox = fed(*(Arrived(message=message(f"{n:03}", n)) for n in range(10)), limit=3)
    assert ids(inbox) == ["009", "008", "007"]
    old = inbox.apply(Arrived(message=message("old", -5)))
    assert old.arrived
    assert not old.added
    assert not old.removed


def test_a_row_pushed_out_is_reported_as_removed() -> None:
    inbox = fed(Arrived(message=message("a", 1)), Arrived(message=message("b", 2)), limit=2)
    change = inbox.apply(Arrived(message=message("c", 3)))
    assert (change.added, change.removed) == ((message("c", 3),), ("a",))


def test_deleting_where_the_server_has_more_than_the_rows_asks_for_a_snapshot() -> None:
    inbox = fed(snapshot(message("b", 2), message("a", 1), total=3), limit=2)
    assert not inbox.stale
    inbox.apply(Deleted(id="b"))
    assert inbox.stale


def test_more_rows_are_kept_on_demand_and_a_snapshot_adds_them() -> None:
    messages = [message(f"{n}", n) for n in range(9, 0, -1)]
    inbox = fed(snapshot(*messages[:2], total=9), limit=2)
    assert (ids(inbox), inbox.beyond, inbox.stale) == (["9", "8"], 7, False)
    inbox.set_limit(5)
    assert inbox.stale
    inbox.apply(snapshot(*messages[:5], total=9))
    assert (len(inbox.rows), inbox.beyond, inbox.stale) == (5, 4, False)


def test_tombstones_and_early_updates_are_bounded() -> None:
    inbox = fed(*(Deleted(id=f"d{n}") for n in range(REMEMBERED + 50)))
    inbox = fed(*(Updated(id=f"u{n}", read=True) for n in range(REMEMBERED + 50)))
    inbox.apply(Arrived(message=message("u0")))
    inbox.apply(Arrived(message=message(f"u{REMEMBERED + 49}")))
    assert [row.read for row in sorted(inbox.rows, key=lambda row: row.id)] == [False, True]


def test_truncate_empties_the_rows_and_a_snapshot_decides() -> None:
    inbox = fed(snapshot(message("a"), message("b"), total=5, unread=4))
    change = inbox.apply(Truncated())
    assert (set(change.removed), change.gone) == ({"a", "b"}, ())  # its frame may be late
    assert (inbox.total, inbox.unread, inbox.beyond, inbox.stale) == (0, 0, 0, True)
    assert inbox.apply(snapshot(message("b"))).gone == ("a",)
    assert ids(inbox) == ["b"]
    assert not inbox.stale
    assert inbox.apply(snapshot()).emptied


def test_truncated_messages_count_as_deleted_only_after_a_full_snapshot() -> None:
    inbox = fed(snapshot(message("a"), message("b", 1)), Truncated(), Deleted(id="b"))
    assert inbox.has_doubts
    assert not inbox.apply(snapshot(message("c", 2), total=9)).gone  # it could be beyond its end
    assert inbox.has_doubts
    assert inbox.apply(snapshot(message("c", 2))).gone == ("a",)
    assert not inbox.has_doubts
    assert not fed(snapshot(message("a")), Truncated(), Deleted(id="a")).has_doubts
    assert not fed(snapshot(message("a")), Truncated(), snapshot(message("a"), total=9)).has_doubts


def test_a_message_whose_frame_is_overtaken_by_a_snapshot_and_a_late_truncate_is_still_news() -> None:
    inbox = fed(snapshot(message("a")), Truncated())
    assert inbox.apply(Arrived(message=message("a"))).arrived


def test_a_late_frame_of_a_deleted_message_is_ignored() -> None:
    inbox = fed(snapshot(message("a")), snapshot(message("b")))
    before = inbox.rows
    assert not inbox.apply(Arrived(message=message("a")))
    assert inbox.rows == before


def test_prune_only_asks_for_a_snapshot() -> None:
    inbox = fed(snapshot(message("a")))
    assert not inbox.apply(Pruned())
    assert inbox.stale
    assert ids(inbox) == ["a"]


def test_a_snapshot_reports_exactly_what_changed() -> None:
    inbox = fed(snapshot(message("a", 1), message("b", 2), message("c", 3)))
    change = inbox.apply(snapshot(message("d", 4), message("c", 3, read=True), message("a", 1)))
    assert change == Change(
        added=(message("d", 4),), updated=(message("c", 3, read=True),), removed=("b",), gone=("b",), counts=True
    )
    assert not inbox.apply(snapshot(message("d", 4), message("c", 3, read=True), message("a", 1)))


def test_the_finer_time_of_the_frame_is_kept() -> None:
    fine = replace(message("a"), created=NOW + timedelta(microseconds=1_814_090))
    rough = replace(message("a"), created=NOW + timedelta(microseconds=1_814_000))
    inbox = fed(Arrived(message=fine))
    assert not inbox.apply(snapshot(rough)).updated
    assert inbox.rows == (fine,)
    assert inbox.rows[0] is fine  # REST cannot distinguish them: thousands of them are not created again
    assert inbox.apply(snapshot(replace(rough, read=True))).updated == (replace(fine, read=True),)


def test_counts_are_those_of_stats_and_change_with_the_messages_between_them() -> None:
    inbox = fed(Stats(total=5, unread=3))
    assert (inbox.total, inbox.unread) == (5, 3)
    assert inbox.apply(Arrived(message=message("a"))).counts
    assert (inbox.total, inbox.unread) == (6, 4)
    assert not inbox.apply(Updated(id="a", tags=("x",))).counts
    assert inbox.apply(Updated(id="a", read=True)).counts
    assert (inbox.total, inbox.unread) == (6, 3)
    assert inbox.apply(Deleted(id="a")).counts
    assert (inbox.total, inbox.unread) == (5, 3)


@pytest.mark.parametrize(
    ("stats", "stale"),
    [
        (Stats(total=4, unread=3), False),
        (Stats(total=4, unread=0), True),  # the only event of "mark all read"
        (Stats(total=5, unread=3), True),
    ],
)
def test_stats_that_disagree_ask_for_a_snapshot_once(stats: Stats, stale: bool) -> None:
    inbox = fed(snapshot(message("b", 2), message("a", 1, read=True), total=4, unread=3), stats, limit=2)
    inbox.check_counts()
    assert inbox.stale is stale
    inbox.stale = False
    inbox.check_counts()
    assert not inbox.stale


def test_frames_received_after_the_counts_of_their_messages_are_not_counted_twice() -> None:
    inbox = fed(snapshot(), Stats(total=2, unread=2), Arrived(message=message("a")), Arrived(message=message("b")))
    assert inbox.check_counts().counts
    assert (inbox.total, inbox.unread) == (2, 2)
    assert not inbox.stale


def test_late_frames_behind_a_snapshot_are_not_counted_twice_beyond_the_rows() -> None:
    old, new = message("a", 1), message("b", 2)
    inbox = fed(Stats(total=2, unread=2), snapshot(new, total=2, unread=2), Arrived(message=old), limit=1)
    inbox.check_counts()
    assert inbox.stale


def test_rows_that_were_pushed_out_are_still_counted() -> None:
    inbox = fed(snapshot(message("a", 1), message("b", 2), message("c", 3, read=True)), limit=3)
    for name, seconds in [("d", 4), ("e", 5), ("f", 6)]:
        inbox.apply(Arrived(message=message(name, seconds)))
    assert (ids(inbox), inbox.beyond) == (["f", "e", "d"], 3)
    inbox.apply(Stats(total=6, unread=5))
    inbox.check_counts()
    assert not inbox.stale


def test_a_message_that_a_snapshot_restores_can_be_deleted_again() -> None:
    inbox = fed(snapshot(message("a")), Deleted(id="a"), snapshot(message("a")))
    assert ids(inbox) == ["a"]
    assert inbox.apply(Deleted(id="a")).removed == ("a",)
    assert not inbox.rows


def test_events_about_other_things_change_nothing() -> None:
    assert not fed(snapshot()).apply(Refused(ip="::1", text="553"))


@given(st.randoms(use_true_random=False), st.integers(0, 40))
def test_any_order_and_repetition_of_recorded_new_and_delete_gives_the_same_rows(
    dice: random.Random, repeated: int
) -> None:
    events = [event for event in RECORDED if isinstance(event, Arrived | Deleted)]
    shuffled = events + dice.choices(events, k=repeated)
    dice.shuffle(shuffled)
    assert fed(*shuffled).rows == fed(*events).rows


@given(st.randoms(use_true_random=False), st.integers(0, 40))
def test_any_order_of_the_whole_recording_ends_with_the_rows_of_the_server(dice: random.Random, repeated: int) -> None:
    shuffled = RECORDED + dice.choices(RECORDED, k=repeated)
    dice.shuffle(shuffled)
    inbox, server = fed(*shuffled), fed(*(event for event in RECORDED if isinstance(event, Arrived))).rows[:60]
    inbox.stale = True
    inbox.apply(snapshot(*server))
    assert inbox.rows == server
    assert (inbox.total, inbox.stale) == (60, False)


names = st.sampled_from("abcdefgh")
events = st.one_of(
    names.map(lambda name: Arrived(message=message(name, ord(name)))),
    names.map(lambda name: Deleted(id=name)),
    st.builds(Updated, id=names, read=st.none() | st.booleans(), tags=st.none() | st.just(("x",))),
    st.just(Truncated()),
    st.just(Pruned()),
    st.builds(Stats, total=st.integers(0, 9), unread=st.integers(0, 9)),
    st.lists(names, unique=True).map(lambda found: snapshot(*(message(name, ord(name)) for name in found))),
)


@given(st.lists(events, max_size=40), st.integers(1, 5))
def test_changes_add_up_to_the_rows(sequence: list[Event], limit: int) -> None:
    """Applying the changes, as the list model does, gives the rows; and no event reports a message twice."""
    inbox, seen, arrived = Inbox(limit), {}, []
    for event in sequence:
        change = inbox.apply(event)
        for name in change.removed:
            del seen[name]
        for row in change.added:
            assert row.id not in seen
            seen[row.id] = row
        for row in change.updated:
            assert row.id in seen
            seen[row.id] = row
        if change.arrived:
            arrived.append(change.arrived.id)
        assert sorted(seen.values(), key=order) == list(inbox.rows)
        assert len(inbox.rows) <= limit
        assert {row.id: row for row in inbox.rows} == inbox.by_id
    assert len(arrived) == len(set(arrived))


@given(st.lists(events, max_size=30))
def test_every_event_is_idempotent(sequence: list[Event]) -> None:
    inbox = Inbox(4)
    for event in sequence:
        inbox.apply(event)
        if isinstance(event, Truncated | Pruned):
            continue
        assert not inbox.apply(event)


def test_messages_beyond_the_end_of_a_list_are_not_removed() -> None:
    before = snapshot(message("a", 1), message("b", 2), message("c", 3))
    change = fed(before).apply(snapshot(message("d", 4), message("c", 3), total=9))
    assert (set(change.removed), change.gone) == ({"a", "b"}, ())
    change = fed(before).apply(snapshot(message("d", 4), message("a", 1), total=9))
    assert set(change.gone) == {"b", "c"}


def test_a_delete_of_a_message_without_a_row_is_reported() -> None:
    assert fed(snapshot()).apply(Deleted(id="x")) == Change(gone=("x",))
