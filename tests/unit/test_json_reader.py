"""Untrusted JSON is parsed as by `json.loads`, as far as needed, and never blocks other threads."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailpit_notifier.protocol import json_reader
from mailpit_notifier.protocol.json_reader import MAX_ITEMS, is_cheap, read, read_beginning, read_pieces

MANY = json_reader.CHEAP + 1

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e6, 1e6) | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(), inside, max_size=4),
    max_leaves=20,
)


@settings(max_examples=40)
@given(values, st.booleans())
def test_the_slow_parser_reads_the_same_as_json(value: Any, ascii_only: bool) -> None:
    text = json.dumps([value], ensure_ascii=ascii_only, indent=1)
    assert read_beginning(text, cut=True) == ([value], True)


@settings(max_examples=40)
@given(values, st.integers(1, 7), st.data())
def test_a_text_in_pieces_is_read_as_the_whole_is(value: Any, size: int, data: st.DataObject) -> None:
    text = json.dumps({"total": 7, "messages": [1, value, [2]], "unread": 3})
    cut = text[: data.draw(st.integers(1, len(text)))]
    pieces = (cut[at : at + size] for at in range(0, len(cut), size))
    converted: list[Any] = []

    def convert(item: Any) -> str:
        converted.append(item)
        return f"item {len(converted)}"

    found, complete = read_pieces(pieces, convert)
    whole, is_whole = read_beginning(cut, cut=True)
    assert complete is is_whole
    assert converted == whole.get("messages", [])
    assert found == {**whole, **({"messages": [f"item {n + 1}" for n in range(len(converted))]} if converted else {})}


def test_a_long_text_in_pieces_is_read_without_keeping_it() -> None:
    """What is skipped or too long is dropped on the way; a piece may end anywhere."""
    person = {"Name": 'Ann "]}\\\u20ac', "Address": "ann@example.test"}
    subject = '\\"\u20ac' * 50_000
    message = {"ID": "a", "To": [person] * 5_000, "Subject": subject, "Snippet": "Hello"}
    text = json.dumps({"messages": [message] * 3, "total": 3})
    for size in (1_001, 65_536):
        pieces = (text[at : at + size] for at in range(0, len(text), size))
        found, complete = read_pieces(pieces, lambda item: item)
        assert complete
        assert found["total"] == 3
        for one in found["messages"]:
            assert one["To"] == [person] * MAX_ITEMS
            assert one["Snippet"] == "Hello"
            assert subject.startswith(one["Subject"])
            assert len(one["Subject"]) > 1_000


@settings(max_examples=40)
@given(values, st.data())
def test_any_beginning_gives_a_beginning_or_is_refused(value: Any, data: st.DataObject) -> None:
    text = json.dumps({"total": 7, "messages": [1, value, [2]]}, ensure_ascii=False)
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    try:
        found, complete = read_beginning(cut, cut=True)
    except ValueError:
        assert not cut
        return
    assert not complete
    assert found.get("total", 7) == 7
    messages = found.get("messages", [])
    assert messages == [1, value, [2]][: len(messages)]


@settings(max_examples=40)
@given(st.text(alphabet='{}[]",:\\ntrue01-. '), st.booleans())
def test_junk_raises_only_value_errors(text: str, cut: bool) -> None:
    try:
        read_beginning(text, cut=cut)
    except ValueError:
        return


def test_all_complete_messages_of_a_cut_listing_are_kept() -> None:
    text = '{"total": 9, "unread": 3, "messages": [{"ID": "a", "To": [{"Address": "x"}]}, {"ID": "b", "To": [{"Ad'
    found = {"total": 9, "unread": 3, "messages": [{"ID": "a", "To": [{"Address": "x"}]}]}
    assert read_beginning(text, cut=True) == (found, False)
    assert read_beginning('{"total": 1', cut=True) == ({}, False)  # 12, perhaps


def test_only_the_first_of_very_many_recipients_are_kept() -> None:
    people = [{"Name": 'Ann "]}\\', "Address": f"ann{number}@example.test"} for number in range(17_000)]
    text = json.dumps({"Data": {"ID": "a", "To": people, "Subject": "Hello"}})
    assert not is_cheap(text)
    assert read(text) == {"Data": {"ID": "a", "To": people[:MAX_ITEMS], "Subject": "Hello"}}


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", '{"a"', '{"a":1', "[1 2]", '{"a" 1}', "{1:2}", "[" + "1," * MANY, "nul", '["\\x"]', '["\n"]'),
        *("[" * 100_000, '{"a":' * 100_000, "[" + "[" * 30 + "]" * 30 + ",[]" * MANY + "]"),
    ],
    ids=lambda text: text[:12],
)
def test_invalid_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read(text)


HOSTILE = {
    "objects": "[" + "{}," * MANY + "{}]",
    "lists": "[" + "[]," * MANY + "[]]",
    "lists of lists": '{"a":[[' + ("[" + "{}," * 999 + "{}],") * 60 + "[]]]}",
    "names": "{" + ",".join(f'"{number}":1' for number in range(MANY + 1)) + "}",
    "message": '{"messages":[{"ID":"a","To":[' + "{}," * MANY + "{}]}]}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_json_that_would_block_all_threads_is_parsed_in_small_steps_and_cut(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`json.loads` blocks all threads for 170 to 540 ms on such texts of 4 MiB, and takes up to 90 MB."""
    given_away: list[int] = []

    def record_size(text: str) -> Any:
        given_away.append(len(text))
        return loads(text)

    loads = json.loads
    monkeypatch.setattr(json, "loads", record_size)
    value, complete = read_beginning(HOSTILE[name], max_values=10_000)
    assert max(given_away, default=0) < 20
    assert values_in(value) <= 10_000
    assert complete is (name == "message")


def values_in(value: Any) -> int:
    """Return the number of values in a value, itself included."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(values_in, inside))


@pytest.mark.parametrize("text", ['[{"a": 1}]', "[" + "[]," * MANY + "[]]"], ids=["short", "long"])
def test_a_byte_order_mark_is_skipped(text: str) -> None:
    assert read_beginning(f"\ufeff{text}") == read_beginning(text)
    assert read_pieces(iter(f"\ufeff{text}"), lambda item: item) == read_pieces(iter(text), lambda item: item)
