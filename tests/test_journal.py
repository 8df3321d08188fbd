"""What was announced, and what a gap holds."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailpit_notifier.announce.journal import SPARE, Journal, journal_path
from mailpit_notifier.core.gap import Gap, gap_in
from mailpit_notifier.mailpit.model import Message

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def mails(**ages: float) -> dict[str, Message]:
    """Messages by name, so many seconds old."""
    return {name: Message(id=name, created=NOW - timedelta(seconds=age)) for name, age in ages.items()}


def known(journal: Journal, *ids: str) -> set[str]:
    """Which of these the journal knows."""
    return {message_id for message_id in ids if message_id in journal}


def test_the_first_start_announces_nothing_old() -> None:
    there = mails(a=1, b=2)
    assert gap_in(there.values(), set(), None) == Gap(old=tuple(there.values()))


def test_where_one_known_id_is_left_every_other_is_news_however_old() -> None:
    there = mails(a=1, b=99_999, c=5)
    assert gap_in(there.values(), {"c", "gone"}, NOW) == Gap(missed=(there["a"], there["b"]))


def test_where_none_is_left_only_what_is_younger_than_the_last_contact_is_news() -> None:
    there = mails(a=1, b=4, c=6, d=99_999)
    gap = gap_in(there.values(), {"gone"}, NOW)
    assert [m.id for m in gap.missed] == ["a", "b"]
    assert [m.id for m in gap.old] == ["c", "d"]


def test_an_empty_server_has_no_gap() -> None:
    assert gap_in([], {"gone"}, NOW) == Gap()
    assert gap_in([], set(), None) == Gap()


@given(st.sets(st.sampled_from("abcdefgh")), st.sets(st.sampled_from("abcdefgh")), st.booleans())
def test_a_gap_is_what_is_there_and_not_known(present: set[str], known: set[str], contacted: bool) -> None:
    there = mails(**{name: ord(name) - 100 for name in present})
    gap = gap_in(there.values(), known, NOW if contacted else None)
    assert {m.id for m in (*gap.missed, *gap.old)} == present - known
    assert not {m.id for m in gap.missed} & {m.id for m in gap.old}


def test_what_is_noted_is_known_after_a_restart_and_what_is_expected_is_not(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "x.journal"
    journal = Journal(path)
    assert journal.last_contact is None
    journal.contact(NOW)
    journal.note(["a", "@b", "c d\n\x85é%"])
    journal.expect(["e"])
    everything = ["a", "@b", "c d\n\x85é%", "e"]
    assert known(journal, *everything) == set(everything)
    journal.compact({"a", "@b", "c d\n\x85é%"})
    again = Journal(path)
    assert known(again, *everything) == {"a", "@b", "c d\n\x85é%"}
    assert again.last_contact == NOW


def test_compacting_keeps_what_the_server_has(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "x")
    journal.contact(NOW)
    journal.note(["a", "b", "c"])
    journal.compact({"b", "z"})
    assert known(Journal(tmp_path / "x"), *"abc") == {"b"} == known(journal, *"abc")
    assert Journal(tmp_path / "x").last_contact == NOW
    journal.note(["d"])
    assert known(Journal(tmp_path / "x"), *"abcd") == {"b", "d"}


def test_repeated_contacts_do_not_grow_the_file_for_ever(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "x")
    journal.note(["a"])
    for _ in range(SPARE):
        journal.contact(NOW)
    journal.compact({"a"})
    assert len((tmp_path / "x").read_text().splitlines()) == 2


@pytest.mark.parametrize("rest", ["half-an-i", "@2026-11-2", "\udcff"])
def test_a_line_cut_short_does_not_swallow_the_next(tmp_path: Path, rest: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"a\n" + rest.encode("utf-8", "surrogateescape"))
    Journal(path).note(["b"])
    assert known(Journal(path), "a", "b") == {"a", "b"}


def test_a_disk_that_refuses_is_logged_once_and_costs_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "x").mkdir()
    journal = Journal(tmp_path / "x")
    journal.note(["a"])
    journal.note(["b"])
    journal.compact(set())
    assert not known(journal, "a", "b")
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1


def test_servers_have_files_of_their_own_that_do_not_say_which(tmp_path: Path) -> None:
    one, other = (journal_path(tmp_path, f"http://{name}.example.test/") for name in ("shop", "blog"))
    assert one != other
    assert "shop" not in one.name
