"""What was announced, over restarts, faults of the disk and years."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailpit_notifier.announce import journal as journal_module
from mailpit_notifier.announce.journal import SPARE, Journal, journal_path

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def known(journal: Journal, *ids: str) -> set[str]:
    """Which of these the journal knows."""
    return {message_id for message_id in ids if message_id in journal}


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


def test_a_connection_that_lasts_for_years_does_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "SPARE", 2)
    journal = Journal(tmp_path / "x")
    journal.contact(NOW)
    journal.note("abcdefg")
    journal.bound(3)
    assert known(journal, *"abcdefg") == set("abcdefg")
    journal.note("h")
    journal.bound(3)
    assert known(Journal(tmp_path / "x"), *"abcdefgh") == set("defgh") == known(journal, *"abcdefgh")
    assert Journal(tmp_path / "x").last_contact == NOW


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
