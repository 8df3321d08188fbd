"""The journal of announced messages: restarts, disk faults, old and damaged files."""

import asyncio
import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailpit_notifier.announce.journal import UNUSED, Journal, Journals, forget_unused, journal_path, remove_journal
from mailpit_notifier.announce.known_ids import KnownIds, fingerprint
from mailpit_notifier.announce.timing import Timing

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def known(journal: Journal, *ids: str) -> set[str]:
    """Return which of these IDs the journal knows."""
    return {message_id for message_id in ids if message_id in journal}


def test_recorded_ids_are_known_after_a_restart_and_expected_ones_are_not(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "x.journal"
    journal = Journal(path)
    assert journal.last_contact is None
    journal.record_contact(NOW)
    journal.record(["a", "@b", "#c", "c d\n\x85é%"])
    journal.expect(["e"])
    everything = ["a", "@b", "#c", "c d\n\x85é%", "e"]
    assert known(journal, *everything) == set(everything)
    assert journal.count == 5
    again = Journal(path)
    assert known(again, *everything) == set(everything) - {"e"}
    assert again.last_contact == NOW
    assert again.count == 4


def test_each_id_is_a_line_and_is_written_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "x")
    journal.record(["a", "b"])
    journal.record(["b", "c d"])
    assert (tmp_path / "x").read_text() == "a\nb\nc%20d\n"


def test_a_contact_is_recorded_once_no_message_waits_to_be_announced(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "x")
    journal.record_contact(NOW)
    journal.expect(["a", "b"])
    later = NOW + timedelta(hours=1)
    for announced in ("a", "b"):
        journal.record_contact(later)
        assert journal.last_contact == NOW
        assert journal.has_expected
        journal.record([announced])
    journal.record_contact(later)
    assert (journal.last_contact, journal.count) == (later, 2)


def test_a_file_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("@2026-11-22T12:00:00+00:00 2026-11-22T12:00:01+00:00\na\n\n%40b\n")
    journal = Journal(tmp_path / "x")
    assert known(journal, "a", "@b", "c") == {"a", "@b"}
    assert journal.last_contact == NOW
    assert journal.walked
    assert not journal.message_dates


def test_a_large_file_is_compacted_without_loss(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "x", spare=100)
    journal.begin_walk()
    journal.record_message_dates()
    for number in range(500):
        journal.record([f"id{number}"])
        journal.record_contact(NOW)
    lines = (tmp_path / "x").read_text().splitlines()
    assert len(lines) < 500
    again = Journal(tmp_path / "x")
    everything = [f"id{number}" for number in range(500)]
    assert known(again, *everything, "id500") == set(everything)
    assert (again.last_contact, again.walked, again.message_dates) == (NOW, False, True)
    again.end_walk()
    assert Journal(tmp_path / "x").walked


def test_the_oldest_ids_are_forgotten_and_a_million_ids_take_8_megabytes(tmp_path: Path) -> None:
    ids = KnownIds(most=2_000)
    for number in range(1_999):
        ids.add(fingerprint(f"id{number}"))
    assert (len(ids), ids.forgot) == (1_999, False)
    for number in range(1_999, 5_000):
        ids.add(fingerprint(f"id{number}"))
    assert 1_000 <= len(ids) <= 2_000
    assert ids.forgot
    assert all(fingerprint(f"id{number}") in ids for number in range(4_000, 5_000))
    assert fingerprint("id0") not in ids
    again = KnownIds(most=2_000)
    for part in ids.packed():
        again.add_packed(part)
    assert all(fingerprint(f"id{number}") in again for number in range(4_000, 5_000))
    assert sum(map(len, ids.packed())) == 8 * len(ids)


def test_parts_of_fingerprints_may_be_mixed_repeated_and_cut() -> None:
    one, same_begin, other_begin = 5 << 56 | 1, 5 << 56 | 2, 6 << 56 | 3
    ids = KnownIds()
    ids.add_packed(one.to_bytes(8, "little"))
    ids.add_packed(same_begin.to_bytes(8, "little") + other_begin.to_bytes(8, "little") + b"cut")
    assert {one, same_begin, other_begin} == {number for number in (one, same_begin, other_begin) if number in ids}
    ids = KnownIds()
    ids.add_packed(one.to_bytes(8, "little") + other_begin.to_bytes(8, "little"))
    assert one in ids
    assert other_begin in ids


def test_damaged_fingerprints_are_skipped(tmp_path: Path) -> None:
    ids = KnownIds()
    ids.add(fingerprint("a"))
    (part,) = ids.packed()
    (tmp_path / "x").write_text(f"#{part.hex()}\n#{part.hex()[:7]}\n#no hex\n#\n#{bytes(range(64)).hex()}\nb\n")
    assert known(Journal(tmp_path / "x"), "a", "b", "c") == {"a", "b"}


@pytest.mark.parametrize(
    "line",
    [
        *("@0001-01-01T00:00:00+00:00", "@9999-12-31T23:59:59+00:00", "@0001-01-01T00:00:00+23:59"),
        *(
            "@9999-12-31T23:59:59-23:59 2026-11-22T12:00:00+00:00",
            "@2026-11-22T12:00:00+00:00 9999-12-31",
            "@",
            "@x y z",
        ),
    ],
)
def test_an_impossible_time_is_ignored(tmp_path: Path, line: str) -> None:
    (tmp_path / "x").write_text(f"{line}\n")
    journal = Journal(tmp_path / "x")
    assert journal.last_contact_by(NOW, NOW) is None
    journal.record_contact(NOW, NOW)
    assert Journal(tmp_path / "x").last_contact_by(NOW, NOW) == NOW


@pytest.mark.parametrize("rest", ["half-an-i", "@2026-11-2", "\udcff"])
def test_a_line_cut_short_does_not_swallow_the_next(tmp_path: Path, rest: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"a\n" + rest.encode("utf-8", "surrogateescape"))
    Journal(path).record(["b"])
    assert known(Journal(path), "a", "b") == {"a", "b"}


@contextmanager
def full_disk(file: Path, room: int) -> Iterator[None]:
    """Limit the file, and any file of its size, to so many more bytes."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def warnings(caplog: pytest.LogCaptureFixture) -> int:
    return len([record for record in caplog.records if record.levelname == "WARNING"])


def test_lines_that_a_full_disk_refuses_are_written_later_and_reported_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    errors: list[OSError] = []
    journal = Journal(tmp_path / "x", errors.append)
    journal.record(["before"])
    with full_disk(tmp_path / "x", room=3):
        for name in ("torn-line", "second", "third"):
            journal.record([name])
        assert not journal.write()
        assert known(journal, "before", "torn-line", "second", "third") == {"before", "torn-line", "second", "third"}
        assert (tmp_path / "x").read_text() == "before\ntor"
    assert journal.failing
    assert journal.write()
    journal.record(["after"])
    assert known(Journal(tmp_path / "x"), "before", "torn-line", "second", "third", "after") == {
        *("before", "torn-line", "second", "third", "after")
    }
    assert (len(errors), warnings(caplog)) == (1, 1)
    with full_disk(tmp_path / "x", room=3):
        journal.record(["again"])
    assert len(errors) == 2


def test_the_file_is_rewritten_if_a_full_disk_refused_too_many_lines(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "x", unwritten=10)
    journal.record(["before"])
    everything = [f"id{number}" for number in range(100)]
    with full_disk(tmp_path / "x", room=3):
        for name in everything:
            journal.record([name])
        assert not journal.write()
        assert [path.name for path in tmp_path.iterdir()] == ["x"]  # half a new file would take the room
    journal.record(["after"])
    assert not journal.failing or journal.write()
    assert known(Journal(tmp_path / "x"), "before", *everything, "after") == {"before", *everything, "after"}


def test_a_compacted_file_is_not_compacted_again_by_the_next_line(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "x", spare=10)
    journal.record([f"id{number}" for number in range(20)])
    assert "id19" not in (tmp_path / "x").read_text()
    journal.record(["next"])
    assert (tmp_path / "x").read_text().endswith("\nnext\n")


def test_a_large_file_is_not_compacted_on_a_full_disk(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    journal = Journal(tmp_path / "x", spare=10)
    journal.record([f"id{number}" for number in range(9)])
    with full_disk(tmp_path / "x", room=12):  # less than the prints take
        journal.record(["a"])
        journal.record(["b", "c", "d"])
        journal.record(["e"])
        assert not journal.failing
    assert caplog.text.count("Cannot shorten a journal") == 1  # each line would try again
    assert known(Journal(tmp_path / "x"), *"abcde", "id0", "id8") == {*"abcde", "id0", "id8"}


def test_a_deleted_folder_is_created_again_with_all_ids(tmp_path: Path) -> None:
    path = tmp_path / "state" / "announced" / "x"
    journal = Journal(path)
    journal.record_contact(NOW)
    journal.record(["a", "b"])
    shutil.rmtree(tmp_path / "state")
    journal.record(["c"])
    again = Journal(path)
    assert known(again, *"abc") == set("abc")
    assert again.last_contact == NOW
    path.unlink()
    journal.record(["d"])
    assert known(Journal(path), *"abcd") == set("abcd")


def test_a_folder_in_place_of_the_file_only_loses_the_ids_at_a_restart(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "x").mkdir()
    journal = Journal(tmp_path / "x")
    journal.record(["a"])
    journal.record(["b"])
    assert known(journal, "a", "b") == {"a", "b"}
    assert warnings(caplog) == 1
    (tmp_path / "x").rmdir()
    assert journal.write()
    assert known(Journal(tmp_path / "x"), "a", "b") == {"a", "b"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs here")
def test_a_fifo_in_place_of_the_file_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x")
    journal = Journal(tmp_path / "x")
    journal.record(["a"])
    assert journal.failing
    assert journal.last_contact is None


def test_the_journal_of_a_removed_server_is_deleted(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "x.journal")
    journal.record(["a"])
    for _ in range(2):
        remove_journal(tmp_path / "x.journal")
    assert not list(tmp_path.iterdir())
    for name, age in {"old.journal": UNUSED + 60, "new.journal": UNUSED - 60, "old.txt": UNUSED + 60}.items():
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    forget_unused(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"new.journal", "old.txt"}


def test_each_server_has_a_file_whose_name_does_not_reveal_it(tmp_path: Path) -> None:
    one, other = (journal_path(tmp_path, f"http://{name}.example.test/") for name in ("shop", "blog"))
    assert one != other
    assert "shop" not in one.name


async def test_a_journal_that_another_program_has_open_is_written_after_it_and_reported_if_it_stays_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses to open a file that a virus scanner has open."""
    reported: list[OSError] = []
    recovered: list[int] = []
    refusals, opened = 0, os.open

    def open_file(path: Path, how: int, mode: int = 0o777) -> int:
        nonlocal refusals
        if refusals:
            refusals -= 1
            error = PermissionError(13, "in use")
            error.winerror = 32  # type: ignore[attr-defined, unused-ignore]
            raise error
        return opened(path, how, mode)

    journals = Journals(
        Timing(disk_retry=0.001),
        on_disk_error=reported.append,
        on_disk_recovered=lambda: recovered.append(refusals),
        on_deleted=lambda _: None,
    )
    journal = journals.open("shop", tmp_path / "x")
    journal.record(["a"])
    monkeypatch.setattr(os, "open", open_file)
    for times, reports in ((1, 0), (2, 1), (1, 1)):
        refusals = times
        journal.record([f"after {times}, {reports}"])
        assert journal.failing
        async with asyncio.timeout(10):
            while journal.failing:
                await asyncio.sleep(0)
        assert len(reported) == reports
    assert len(recovered) == 3
    names = {"a", "after 1, 0", "after 2, 1", "after 1, 1"}
    assert known(Journal(tmp_path / "x"), *names) == names
    journals.stop()
