"""Pauses: a person's, kept over restarts; leases, which end by themselves; and «until tomorrow»."""

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale

from mailpit_notifier.commands import when
from mailpit_notifier.core.pauses import FOR_EVER, tomorrow
from mailpit_notifier.pause import Pause
from mailpit_notifier.ui.pausing import paused

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def made(tmp_path: Path, clock: Clock) -> tuple[Pause, list[datetime | None]]:
    told: list[datetime | None] = []
    pause = Pause(tmp_path / "state/paused", lambda: told.append(pause.until), clock)
    return pause, told


async def test_a_pause_is_kept_over_a_restart_and_a_lease_is_not(tmp_path: Path, clock: Clock) -> None:
    pause, told = made(tmp_path, clock)
    pause.start()
    hour = NOON + timedelta(hours=1)
    pause.pause(hour)
    pause.pause(NOON + timedelta(hours=2), "command-1")
    assert told == [None, hour, NOON + timedelta(hours=2)]
    pause.stop()

    again, _ = made(tmp_path, clock)
    again.start()
    assert again.until == hour
    again.stop()
    clock.now = hour
    late, told = made(tmp_path, clock)
    late.start()
    assert told == [None]


async def test_the_end_of_a_lease_leaves_a_person_s_pause(tmp_path: Path, clock: Clock) -> None:
    pause, _ = made(tmp_path, clock)
    pause.pause(FOR_EVER)
    pause.pause(NOON + timedelta(minutes=2), "command-1")
    assert pause.holds("command-1")
    pause.resume("command-1")
    assert pause.until == FOR_EVER
    pause.pause(NOON + timedelta(minutes=2), "command-2")
    pause.resume()
    assert pause.until is None
    assert not pause.holds("command-2")


async def test_a_pause_ends_by_itself_also_after_a_sleep(tmp_path: Path, clock: Clock) -> None:
    pause, told = made(tmp_path, clock)
    pause.pause(NOON + timedelta(seconds=0.05))
    clock.now += timedelta(seconds=1)
    while told[-1]:
        await asyncio.sleep(0)
    pause.pause(clock.now + timedelta(hours=5))
    clock.now += timedelta(hours=6)  # asleep: the loop's timer has not fired
    pause.look()
    assert told[-1] is None


async def test_a_pause_that_cannot_be_kept_holds_and_leaves_the_file_whole(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pause, told = made(tmp_path, clock)
    hour, day = NOON + timedelta(hours=1), NOON + timedelta(days=1)
    pause.pause(hour)

    def full(self: Path, *_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)  # all that is written so far is not the file
        pause.pause(day)
    assert (pause.until, told[-1]) == (day, day)
    again, _ = made(tmp_path, clock)
    again.start()
    assert again.until == hour
    again.stop()
    assert [file.name for file in (tmp_path / "state").iterdir()] == ["paused"]

    shutil.rmtree(tmp_path / "state")
    pause.pause(day)
    again, _ = made(tmp_path, clock)
    again.start()
    assert again.until == day
    again.stop()
    shutil.rmtree(tmp_path / "state")
    pause.resume()
    assert pause.until is None
    pause.stop()


@pytest.mark.parametrize("kept", ["", "no json", "7", '"yesterday"', '"2026-11-22T18:00:00"'])
async def test_what_cannot_be_read_is_no_pause(tmp_path: Path, clock: Clock, kept: str) -> None:
    pause, _ = made(tmp_path, clock)
    (tmp_path / "state").mkdir()
    (tmp_path / "state/paused").write_text(kept, "utf-8")
    pause.start()
    assert (pause.until is None) is (not kept.endswith('18:00:00"'))
    pause.stop()


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-11-22T12:00", "2026-11-23T08:00"),
        ("2026-11-23T01:30", "2026-11-23T08:00"),
        ("2026-11-23T07:00", "2026-11-24T08:00"),
    ],
)
def test_tomorrow_is_the_next_morning_after_a_night(now: str, end: str) -> None:
    assert tomorrow(datetime.fromisoformat(now)) == datetime.fromisoformat(end)


def test_the_command_line_tells_a_time_in_english_and_the_menu_in_the_language_of_the_user() -> None:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German))
    try:
        now = datetime.now().astimezone()
        later = (now + timedelta(days=2)).replace(hour=14, minute=2)
        day = QLocale().dayName(later.isoweekday())
        assert paused(later) == f"Notifications are paused until {day}, 14:02."
        assert day.endswith(("tag", "woch"))
        assert paused(now + timedelta(microseconds=1)) == f"Notifications are paused until {now:%H:%M}."
    finally:
        QLocale.setDefault(before)
    assert when(later, now) == f"{later:%Y-%m-%d} 14:02"
    assert when(now, now) == f"{now:%H:%M}"
    assert when(FOR_EVER, now) == "you resume"
