"""The rows of all servers as one list: newest first, equal to the inboxes, never reset."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex
from PySide6.QtGui import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from mailpit_notifier.core.inbox import Change, Inbox
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.protocol.events import Arrived, Deleted, Event, Snapshot, Truncated, Updated
from mailpit_notifier.protocol.faults import Fault
from mailpit_notifier.protocol.model import Message, Person
from mailpit_notifier.ui.window.list_model import Filter, MessageListModel, Role, Row, row_ranges

pytestmark = pytest.mark.usefixtures("qapp")  # a timer limits how often the list is updated

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MAIN, SHOP = "http://localhost:8025/", "http://localhost:8026/"
BOTH = (
    ServerStatus(url=MAIN, name="localhost:8025", link=Link.CONNECTED),
    ServerStatus(url=SHOP, name="shop", link=Link.CONNECTED),
)
STOPPED = replace(BOTH[1], link=Link.DISCONNECTED, fault=Fault.STOPPED)


def make_message(number: int, **more: object) -> Message:
    values = {"id": f"id{number}", "created": NOW - timedelta(minutes=number), "subject": f"Mail {number}"}
    return Message(**(values | more))  # type: ignore[arg-type]


def model_of(**by_server: tuple[Message, ...]) -> MessageListModel:
    model = MessageListModel(now=lambda: NOW)
    model.set_servers(BOTH)
    for server, messages in by_server.items():
        model.apply({"main": MAIN, "shop": SHOP}[server], Change(added=messages))
    model.update_rows()
    return model


def apply(model: MessageListModel, server: str, change: Change) -> None:
    """Apply a change and show it now."""
    model.apply(server, change)
    model.update_rows()


def rows(model: MessageListModel) -> list[Row]:
    return [model.index(row).data(Role.ROW) for row in range(model.rowCount())]


def subjects(model: MessageListModel) -> list[str]:
    return [row.message.subject for row in rows(model)]


def test_an_empty_list_shows_the_newest_at_once_and_all_of_them_soon(qtbot: QtBot) -> None:
    model = model_of(main=tuple(map(make_message, range(700))), shop=tuple(map(make_message, range(700, 1_200))))
    assert subjects(model) == [f"Mail {number}" for number in range(500)]
    qtbot.waitUntil(lambda: model.rowCount() > 500)
    assert subjects(model) == [f"Mail {number}" for number in range(1_200)]
    apply(model, MAIN, Change(added=(make_message(-1),)))
    assert model.rowCount() == 1_201


# The speed of the machine is not under test.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
numbers = st.integers(0, 12)
messages = st.builds(
    lambda number, shift: make_message(number, created=NOW - timedelta(minutes=shift)), numbers, numbers
)
events: st.SearchStrategy[Event] = st.one_of(
    messages.map(lambda message: Arrived(message=message)),
    numbers.map(lambda number: Deleted(id=f"id{number}")),
    st.builds(lambda number, read: Updated(id=f"id{number}", read=read), numbers, st.booleans()),
    st.lists(messages, max_size=8).map(lambda found: Snapshot(messages=tuple(found), total=len(found), unread=0)),
    st.just(Truncated()),
)


filters = st.builds(
    Filter, server=st.sampled_from(["", MAIN, SHOP]), unread=st.booleans(), words=st.sampled_from([(), ("1",)])
)
shown_at_times = st.one_of(st.none(), filters)
"""The steps after which the list is updated, and the rows expected then."""


def passes(row: Row, only: Filter) -> bool:
    return (
        only.server in {"", row.server}
        and not (only.unread and row.message.read)
        and all(word in row.message.subject for word in only.words)
    )


@unhurried
@given(st.lists(st.tuples(st.sampled_from([MAIN, SHOP]), events, shown_at_times), max_size=40))
def test_the_list_is_the_inboxes_merged_newest_first(steps: list[tuple[str, Event, Filter | None]]) -> None:
    model = model_of()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    resets = []
    model.modelReset.connect(lambda: resets.append(model))
    inboxes = {MAIN: Inbox(limit=5), SHOP: Inbox(limit=5)}
    for server, event, only in steps:
        model.apply(server, inboxes[server].apply(event))
        if only is not None:
            model.set_filter(only)
            there = [Row(server=url, message=message) for url, inbox in inboxes.items() for message in inbox.rows]
            assert {(row.server, row.message.id) for row in rows(model)} == {
                (row.server, row.message.id) for row in there if passes(row, only)
            }
    model.set_filter(Filter())
    for server, inbox in inboxes.items():
        assert tuple(row.message for row in rows(model) if row.server == server) == inbox.rows
    times = [row.message.created for row in rows(model)]
    assert times == sorted(times, reverse=True)
    assert not resets
    tester.setParent(None)


@given(st.lists(st.booleans()))
def test_row_ranges_join_adjacent_rows(marks: list[bool]) -> None:
    found = row_ranges(marks)
    assert [n for first, last in found for n in range(first, last + 1)] == [n for n, mark in enumerate(marks) if mark]
    assert all(after[0] > before[1] + 1 for before, after in pairwise(found))


def test_a_burst_is_reported_in_a_few_ranges_of_rows(qtbot: QtBot) -> None:
    model, inbox = model_of(), Inbox(limit=200)
    counts = []
    for signal in (model.rowsInserted, model.rowsRemoved, model.dataChanged):
        signal.connect(lambda *_: counts.append(model.rowCount()))
    for number in range(2_000):
        model.apply(MAIN, inbox.apply(Arrived(message=make_message(-number))))
    qtbot.waitUntil(lambda: [row.message for row in rows(model)] == list(inbox.rows))
    assert len(counts) < 50


def test_a_search_of_many_rows_is_reported_in_few_ranges_and_persistent_rows_stay() -> None:
    model = model_of(main=tuple(make_message(number, tags=("odd",) * (number % 2)) for number in range(1_000)))
    model.update_rows()  # the rest of them
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    counts = []
    for signal in (model.rowsInserted, model.rowsRemoved):
        signal.connect(lambda *_: counts.append(model.rowCount()))
    kept, lost = QPersistentModelIndex(model.index(501)), QPersistentModelIndex(model.index(500))
    model.set_filter(Filter(words=("odd",)))
    assert (model.rowCount(), kept.data(), kept.row(), lost.isValid()) == (500, "Mail 501", 250, False)
    model.set_filter(Filter())
    assert (model.rowCount(), kept.data(), kept.row()) == (1_000, "Mail 501", 501)
    assert subjects(model) == [f"Mail {number}" for number in range(1_000)]
    assert len(counts) < 12
    tester.setParent(None)


def test_a_row_keeps_its_identity_while_others_are_added_and_removed() -> None:
    model = model_of(main=(make_message(1), make_message(3), make_message(5)))
    kept = QPersistentModelIndex(model.index(1))
    apply(model, MAIN, Change(added=(make_message(0), make_message(2), make_message(4)), removed=("id1",)))
    apply(model, SHOP, Change(added=(make_message(2),)))
    assert kept.data() == "Mail 3"
    assert subjects(model) == ["Mail 0", "Mail 2", "Mail 2", "Mail 3", "Mail 4", "Mail 5"]


def test_a_change_of_one_row_is_reported_for_that_row_only() -> None:
    model = model_of(main=(make_message(1), make_message(2), make_message(3)))
    changed = []
    model.dataChanged.connect(lambda first, last: changed.append((first.row(), last.row())))
    apply(model, MAIN, Change(updated=(make_message(2, read=True),)))
    assert changed == [(1, 1)]
    assert rows(model)[1].message.read


def test_a_message_whose_time_changed_moves() -> None:
    model = model_of(main=(make_message(1), make_message(2)))
    apply(model, MAIN, Change(updated=(make_message(2, created=NOW),)))
    assert subjects(model) == ["Mail 2", "Mail 1"]


def test_one_id_on_two_servers_is_two_messages() -> None:
    model = model_of(main=(make_message(1),), shop=(make_message(1),))
    apply(model, MAIN, Change(removed=("id1",)))
    assert [row.server for row in rows(model)] == [SHOP]


def test_the_rows_of_a_removed_server_are_removed() -> None:
    model = model_of(main=(make_message(1),), shop=(make_message(2),))
    model.set_servers(BOTH[:1])
    assert subjects(model) == ["Mail 1"]


def test_one_server_can_be_shown_alone_and_its_rows_stay_themselves() -> None:
    model = model_of(main=(make_message(1), make_message(3)), shop=(make_message(2), make_message(4)))
    kept = QPersistentModelIndex(model.index(3))
    model.set_filter(Filter(server=SHOP))
    assert (subjects(model), kept.row()) == (["Mail 2", "Mail 4"], 1)
    apply(model, MAIN, Change(added=(make_message(0),)))
    assert subjects(model) == ["Mail 2", "Mail 4"]
    model.set_filter(Filter())
    assert (subjects(model), kept.row()) == (["Mail 0", "Mail 1", "Mail 2", "Mail 3", "Mail 4"], 4)


def test_rows_change_when_their_server_fails_but_not_with_its_counts() -> None:
    model = model_of(shop=(make_message(1), make_message(2)))
    changed = []
    model.dataChanged.connect(lambda first, last: changed.append((first.row(), last.row())))
    model.set_servers((BOTH[0], replace(BOTH[1], total=7, unread=5)))
    assert changed == []
    model.set_servers((BOTH[0], STOPPED))
    assert changed == [(0, 1)]
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "Mail 1, shop, stopped, 1 minute ago, unread"
    assert "In shop, stopped" in model.index(0).data(Qt.ItemDataRole.ToolTipRole)


def test_a_screen_reader_hears_the_whole_row_in_words() -> None:
    people = (Person(address="ann@example.test"), Person(address="bob@example.test"))
    message = make_message(12, subject="Your\tcode\u202e", to=people, attachments=2)
    model = model_of(main=(message,))
    spoken = model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    expected = "Your code, to ann@example.test and 1 more, localhost:8025, 12 minutes ago, unread, 2 attachments"
    assert spoken == expected


def test_one_server_is_not_named_in_each_row() -> None:
    model = model_of(main=(make_message(1, read=True),))
    model.set_servers(BOTH[:1])
    assert model.index(0).data(Role.SERVER_NAME) == ""
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "Mail 1, 1 minute ago"


@unhurried
@given(st.text(max_size=60), st.text(max_size=60))
def test_no_tooltip_is_taken_for_markup(name: str, address: str) -> None:
    hostile = Person(name=f"<b>{name}", address=f"<img src=x>{address}")
    model = model_of(main=(make_message(1, sender=hostile, to=(hostile,)),))
    assert not Qt.mightBeRichText(model.index(0).data(Qt.ItemDataRole.ToolTipRole))


def test_the_role_of_a_row_returns_its_message() -> None:
    model = model_of(shop=(make_message(1),))
    assert model.index(0).data(Role.ROW) == Row(server=SHOP, message=make_message(1))
