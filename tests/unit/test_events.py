"""The parser of events: total, tolerant, and correct for the frames of a real server."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailpit_notifier.protocol.events import (
    Arrived,
    Deleted,
    Pruned,
    Refused,
    Snapshot,
    Stats,
    Truncated,
    Unknown,
    Updated,
    parse,
    snapshot_from,
)
from mailpit_notifier.protocol.model import MAX_ID, MAX_ITEMS, MAX_TEXT, NO_ID, Message, Person

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RECORDINGS = Path(__file__).parents[1] / "data" / "recordings"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ["ID", "MessageID", "Read", "From", "To", "Cc", "Bcc", "ReplyTo", "Subject", "Created", "Username", "Tags"]
FIELDS += ["Size", "Attachments", "Snippet", "Total", "Unread", "Version", "Level", "Type", "IP", "Message"]
TYPES = ["new", "update", "delete", "truncate", "prune", "stats", "error", "other"]


def frame(kind: Any, data: Any) -> str:
    return json.dumps({"Type": kind, "Data": data})


def new(**fields: Any) -> Message:
    event = parse(frame("new", fields), NOW)
    assert isinstance(event, Arrived)
    return event.message


@given(st.text())
def test_no_text_makes_the_parser_raise(text: str) -> None:
    assert parse(text, NOW) is not None


@given(st.sampled_from(TYPES) | json_values, st.dictionaries(st.sampled_from(FIELDS), json_values) | json_values)
def test_no_field_makes_the_parser_raise_and_every_new_is_a_message(kind: Any, data: Any) -> None:
    event = parse(frame(kind, data), NOW)
    if kind == "new":
        assert isinstance(event, Arrived)
        assert event.message.id
        assert event.message.created.tzinfo is UTC
        repr(event).encode()


@pytest.mark.parametrize("text", ["", "null", "[]", '"x"', "[" * 100_000, '{"Type":' * 50_000, "9" * 5_000, "{"])
def test_junk_is_unknown(text: str) -> None:
    assert isinstance(parse(text, NOW), Unknown)


def test_a_new_without_any_field_is_a_message_that_is_recognized_again() -> None:
    one, same, other = new(), new(), new(Subject="Other")
    assert one == same
    assert one.id.startswith(NO_ID)
    assert one.id != other.id
    assert one.created == NOW


def test_every_field_of_a_summary_is_read() -> None:
    people = {
        key: [{"Name": key, "Address": f"{key}@x"}, {"Name": "", "Address": "two@x"}] for key in ("To", "Cc", "Bcc")
    }
    message = new(
        ID="a",
        Created="2026-11-22T10:00:00Z",
        Read=True,
        From={"Name": "Acme", "Address": "no-reply@x"},
        **people,
        Subject="Your code",
        Snippet="482913",
        Tags=["x", "", "y"],
        Username="cron",
        Size=5,
        Attachments=2,
    )
    two = Person(address="two@x")
    assert message == Message(
        id="a",
        created=datetime(2026, 11, 22, 10, tzinfo=UTC),
        read=True,
        sender=Person(name="Acme", address="no-reply@x"),
        to=(Person(name="To", address="To@x"), two),
        cc=(Person(name="Cc", address="Cc@x"), two),
        bcc=(Person(name="Bcc", address="Bcc@x"), two),
        subject="Your code",
        snippet="482913",
        tags=("x", "y"),
        username="cron",
        size=5,
        attachments=2,
    )
    assert [person.address for person in message.recipients] == ["To@x", "two@x", "Cc@x", "Bcc@x"]


def test_fields_that_are_too_long_to_show_are_cut() -> None:
    message = new(ID="x" * MAX_ID, Subject="s" * 1_200, Tags=["t"] * 1_200, To=[{"Name": "n" * 1_200}] * 1_200)
    assert message.id == "x" * MAX_ID
    assert len(message.subject) == len(message.to[0].name) == MAX_TEXT
    assert len(message.tags) == len(message.to) == MAX_ITEMS
    assert parse(frame("error", {"Message": "5" * 9_999, "IP": 7}), NOW) == Refused(ip="", text="5" * 300)


@pytest.mark.parametrize(("value", "count"), [(0, 0), (2**63 - 1, 2**63 - 1), (2**63, 0), (-1, 0), (1.5, 0), (True, 0)])
def test_a_count_is_a_whole_number_that_is_not_absurd(value: Any, count: int) -> None:
    assert new(ID="a", Size=value, Attachments=value) == Message(id="a", created=NOW, size=count, attachments=count)


def test_a_time_without_a_zone_is_taken_for_the_server_s() -> None:
    assert new(Created="2026-11-22T10:00:00").created == datetime(2026, 11, 22, 10, tzinfo=UTC)


def test_fields_with_wrong_types_count_as_missing() -> None:
    wrong = new(ID="a", From=[], To={}, Cc="x", Bcc=3, Tags="x", Subject=1, Snippet=[], Size="9", Read="yes", Created=7)
    assert wrong == Message(id="a", created=NOW)


def test_null_and_empty_people_are_ignored() -> None:
    message = new(ID="a", From={"Name": "", "Address": ""}, To=None, Cc=[None, {"Address": "c@x"}, {}])
    assert message.sender is None
    assert message.recipients == (Person(address="c@x"),)


def test_a_recipient_named_twice_counts_once() -> None:
    ann = {"Name": "Ann", "Address": "ann@x"}
    assert new(To=[ann], Bcc=[{"Address": "ann@x"}, {"Address": "bob@x"}]).recipients == (
        Person(address="ann@x"),
        Person(address="bob@x"),
    )


def test_half_a_surrogate_pair_can_be_encoded_afterwards() -> None:
    event = parse('{"Type":"new","Data":{"ID":"a","Subject":"x\\ud800y"}}', NOW)
    assert isinstance(event, Arrived)
    assert event.message.subject == "x?y"


@pytest.mark.parametrize("value", ["x" * (MAX_ID + 1), "a\nb", "", "a\0", 5, None])
def test_an_invalid_id_is_no_id(value: Any) -> None:
    assert new(ID=value).id.startswith(NO_ID)
    assert isinstance(parse(frame("delete", {"ID": value}), NOW), Unknown)


@pytest.mark.parametrize(
    ("value", "microseconds"),
    [
        ("2026-11-22T16:32:11.814090099Z", 814090),
        ("2026-11-23T05:32:11.814090099+13:00", 814090),
        ("2026-11-22T16:32:11.814Z", 814000),
    ],
)
def test_created_is_read_with_nanoseconds_and_offset(value: str, microseconds: int) -> None:
    assert new(Created=value).created == datetime(2026, 11, 22, 16, 32, 11, microseconds, tzinfo=UTC)


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "yesterday", "1" * 99])
def test_an_impossible_time_is_the_time_of_arrival(value: str) -> None:
    assert new(Created=value).created == NOW


def test_all_other_types_of_frames_are_parsed() -> None:
    assert parse(frame("update", {"ID": "a", "Read": True}), NOW) == Updated(id="a", read=True)
    assert parse(frame("update", {"ID": "a", "Tags": ["x", 3]}), NOW) == Updated(id="a", tags=("x",))
    assert parse(frame("delete", {"ID": "a"}), NOW) == Deleted(id="a")
    assert parse(frame("truncate", None), NOW) == Truncated()
    assert parse(frame("prune", None), NOW) == Pruned()
    assert parse(frame("stats", {"Total": 3, "Unread": 2, "Version": "v1"}), NOW) == Stats(total=3, unread=2)
    assert parse(frame("stats", {"Total": True, "Unread": 2}), NOW) == Unknown(reason="stats without counts")
    assert parse(frame("error", {"Type": "smtpd", "IP": "::1", "Message": "553 x"}), NOW) == Refused(
        ip="::1", text="553 x"
    )
    for kind, text in (("pop3", "invalid password"), ("smtpd", "invalid password"), ("smtpd", "535 5.7.8 Invalid")):
        assert parse(frame("error", {"Type": kind, "IP": "::1", "Message": text}), NOW) == Refused(
            ip="::1", text=text, is_login=True
        )


@pytest.mark.parametrize("recording", sorted(RECORDINGS.glob("*/frames.jsonl")), ids=lambda path: path.parent.name)
def test_every_recorded_frame_is_understood(recording: Path) -> None:
    events = [parse(line, NOW) for line in recording.read_text("utf-8").splitlines()]
    assert not [event for event in events if isinstance(event, Unknown)]
    assert [event for event in events if isinstance(event, Arrived) and event.message.created != NOW]


def test_a_list_that_is_as_long_as_was_asked_for_or_cut_off_may_go_on() -> None:
    body = {"messages": [{"ID": "a"}, {"ID": "b"}], "total": 2}
    assert [snapshot_from(body, NOW, limit).more for limit in (1, 2, 3)] == [True, True, False]
    assert [message.id for message in snapshot_from(body, NOW, 1).messages] == ["a"]
    assert snapshot_from(body, NOW, 3, cut=True).more


def test_a_snapshot_needs_a_list_and_counts_what_is_not_counted() -> None:
    body = {"messages": [{"ID": "a", "Read": True}, {"ID": "b"}]}
    assert snapshot_from(body, NOW, 3) == Snapshot(
        messages=(Message(id="a", created=NOW, read=True), Message(id="b", created=NOW)), total=2, unread=1
    )
    for wrong in (None, [], {}, {"messages": None}, "x"):
        with pytest.raises(ValueError, match="no list"):
            snapshot_from(wrong, NOW, 3)


def test_an_empty_list_may_be_null() -> None:
    assert snapshot_from({"total": 0, "unread": 0, "messages": None}, NOW, 3).messages == ()
    for wrong in ({"total": 1, "messages": None}, {"total": 0}):
        with pytest.raises(ValueError, match="no list"):
            snapshot_from(wrong, NOW, 3)
