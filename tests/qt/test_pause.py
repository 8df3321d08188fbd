"""Pauses of the user, which are kept over restarts; leases, which expire; and "until tomorrow"."""

import argparse
import asyncio
import shutil
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale

from bystanders import Alone, Blind
from mailpit_notifier.announce.announcer import Announcer
from mailpit_notifier.cli.remote import pause_time
from mailpit_notifier.commands import parse_pause
from mailpit_notifier.core.pauses import FOREVER, format_end, tomorrow
from mailpit_notifier.notify.notice import Notice, Notifier, Result
from mailpit_notifier.pause import Clocks, Mutes, Pause
from mailpit_notifier.protocol.events import Snapshot
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.ui.pause_menu import pause_text

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Machine:
    """A machine's clocks. `boot_id` names its last start."""

    def __init__(self) -> None:
        self.wall, self.boot, self.awake = NOON, 1_000.0, 500.0
        self.boot_id = "first"
        self.clocks = Clocks(
            wall=lambda: self.wall, boot=lambda: self.boot, awake=lambda: self.awake, boot_id=lambda: self.boot_id
        )

    def run(self, **time: float) -> None:
        """Let this time pass."""
        self.sleep(**time)
        self.awake += timedelta(**time).total_seconds()

    def sleep(self, **time: float) -> None:
        """Let this time pass while the machine sleeps."""
        self.wall += timedelta(**time)
        self.boot += timedelta(**time).total_seconds()

    def set_clock(self, **time: float) -> None:
        """Set the system clock forward, or back."""
        self.wall += timedelta(**time)

    def start_again(self, **time: float) -> None:
        """Turn the machine off for a time, and on again."""
        self.wall += timedelta(**time)
        self.boot, self.awake, self.boot_id = 20.0, 20.0, "second"


@pytest.fixture
def machine() -> Machine:
    return Machine()


def made(tmp_path: Path, machine: Machine, **times: float) -> tuple[Pause, list[datetime | None]]:
    changes: list[datetime | None] = []
    pause = Pause(tmp_path / "state/paused", lambda: changes.append(pause.until), machine.clocks, **times)
    return pause, changes


def again(tmp_path: Path, machine: Machine, pause: Pause) -> Pause:
    """End the program and start it again."""
    pause.stop()
    later, _ = made(tmp_path, machine)
    later.start()
    return later


HOUR = timedelta(hours=1)


async def test_a_pause_is_kept_over_a_restart_and_a_lease_is_not(tmp_path: Path, machine: Machine) -> None:
    pause, changes = made(tmp_path, machine)
    pause.start()
    pause.pause(HOUR)
    pause.pause(2 * HOUR, "command-1")
    assert changes == [None, NOON + HOUR, NOON + 2 * HOUR]
    later = again(tmp_path, machine, pause)
    assert later.until == NOON + HOUR
    later.stop()
    machine.run(hours=1)
    late, changes = made(tmp_path, machine)
    late.start()
    assert changes == [None]
    assert not (tmp_path / "state/paused").exists()


async def test_the_end_of_a_lease_keeps_the_user_s_pause(tmp_path: Path, machine: Machine) -> None:
    pause, _ = made(tmp_path, machine)
    pause.pause(FOREVER)
    pause.pause(timedelta(minutes=2), "command-1")
    assert pause.has_lease("command-1")
    pause.resume("command-1")
    assert pause.until == FOREVER
    pause.pause(timedelta(minutes=2), "command-2")
    pause.resume()
    assert pause.until is None
    assert not pause.has_lease("command-2")


async def test_a_pause_ends_by_itself_also_after_a_sleep(tmp_path: Path, machine: Machine) -> None:
    pause, changes = made(tmp_path, machine)
    pause.pause(timedelta(seconds=0.05))
    machine.run(seconds=1)
    while changes[-1]:
        await asyncio.sleep(0)
    pause.pause(5 * HOUR)
    machine.sleep(hours=6)  # the loop's timer has not fired
    pause.check()
    assert changes[-1] is None


@pytest.mark.parametrize("hours", [2, -2, 24 * 365, -24 * 365])
async def test_a_pause_of_an_hour_does_not_depend_on_the_clock(tmp_path: Path, machine: Machine, hours: float) -> None:
    pause, changes = made(tmp_path, machine)
    pause.pause(HOUR)
    machine.run(minutes=10)
    machine.set_clock(hours=hours)
    pause.check()
    assert changes[-1] == pause.until == machine.wall + timedelta(minutes=50)
    pause.check()
    assert len(changes) == 2  # nothing has changed since
    machine.run(minutes=49)
    pause = again(tmp_path, machine, pause)
    assert pause.until == machine.wall + timedelta(minutes=1)
    machine.run(minutes=1)
    assert pause.until is None
    pause.stop()


async def test_a_pause_until_a_time_of_day_follows_the_clock(tmp_path: Path, machine: Machine) -> None:
    pause, changes = made(tmp_path, machine)
    pause.pause(NOON + 6 * HOUR)
    machine.run(hours=1)
    machine.set_clock(hours=-3)
    pause = again(tmp_path, machine, pause)
    machine.run(hours=7)
    assert pause.until == NOON + 6 * HOUR
    machine.set_clock(hours=1)
    pause.check()
    assert pause.until is None
    assert changes == [NOON + 6 * HOUR]


async def test_a_set_clock_is_noticed_without_an_event(tmp_path: Path, machine: Machine) -> None:
    pause, changes = made(tmp_path, machine, check_interval=0.0)
    pause.pause(NOON + HOUR)
    machine.set_clock(hours=2)
    while changes[-1]:
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("off", "left"),
    [
        ({"minutes": 20}, 30),  # this time passes while the machine is off, too
        ({"hours": 2}, None),
        ({"hours": -2}, 60),  # a clock that was set back, or has no battery, makes it no longer than it was
        ({"days": -20_000}, 60),
    ],
)
async def test_a_pause_is_kept_over_a_restart_of_the_machine(
    tmp_path: Path, machine: Machine, off: dict[str, float], left: float | None
) -> None:
    pause, _ = made(tmp_path, machine)
    pause.pause(HOUR)
    machine.run(minutes=10)
    pause.stop()
    machine.start_again(**off)
    pause = again(tmp_path, machine, pause)
    assert pause.until == (None if left is None else machine.wall + timedelta(minutes=left))
    pause.stop()


async def test_the_time_of_a_lease_stops_while_the_machine_sleeps(tmp_path: Path, machine: Machine) -> None:
    pause, _ = made(tmp_path, machine)
    pause.pause(timedelta(minutes=2), "command-1")
    machine.sleep(hours=8)
    machine.set_clock(hours=1)
    pause.check()
    assert pause.has_lease("command-1")
    assert pause.until == machine.wall + timedelta(minutes=2)
    machine.run(minutes=2)
    assert not pause.has_lease("command-1")
    pause.stop()


async def test_a_pause_that_cannot_be_saved_applies_and_leaves_the_file_intact(
    tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    pause, changes = made(tmp_path, machine)
    pause.pause(HOUR)

    def full(self: Path, *_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)  # all that is written so far is not the file
        pause.pause(24 * HOUR)
    assert pause.until == changes[-1] == machine.wall + 24 * HOUR
    other, _ = made(tmp_path, machine)
    other.start()
    assert other.until == machine.wall + HOUR
    other.stop()
    assert [file.name for file in (tmp_path / "state").iterdir()] == ["paused"]

    shutil.rmtree(tmp_path / "state")
    pause.pause(48 * HOUR)
    other, _ = made(tmp_path, machine)
    other.start()
    assert other.until == machine.wall + 48 * HOUR
    other.stop()
    shutil.rmtree(tmp_path / "state")
    pause.resume()
    assert pause.until is None
    pause.stop()


async def test_the_file_is_replaced_as_a_whole(tmp_path: Path, machine: Machine) -> None:
    pause, _ = made(tmp_path, machine)
    pause.pause(HOUR)
    file = tmp_path / "state/paused"
    before, number = file.read_text("utf-8"), file.stat().st_ino
    for _ in range(3):
        pause.check()
    assert (file.read_text("utf-8"), file.stat().st_ino) == (before, number)  # not written again for nothing
    pause.pause(2 * HOUR)
    assert file.stat().st_ino != number
    assert [path.name for path in file.parent.iterdir()] == ["paused"]
    pause.stop()


SHOP, BLOG = "http://shop.test/", "http://blog.test/"


def mutes_of(tmp_path: Path, machine: Machine) -> tuple[Mutes, list[dict[str, datetime]]]:
    reported: list[dict[str, datetime]] = []
    mutes = Mutes(tmp_path / "muted", lambda: reported.append(dict(mutes.until)), machine.clocks)
    return mutes, reported


async def test_a_mute_is_kept_over_restarts_and_ends_by_itself(tmp_path: Path, machine: Machine) -> None:
    mutes, reported = mutes_of(tmp_path, machine)
    mutes.start()
    mutes.mute(SHOP, HOUR)
    mutes.mute(BLOG, FOREVER)
    assert reported == [{}, {SHOP: NOON + HOUR}, {SHOP: NOON + HOUR, BLOG: FOREVER}]
    mutes.stop()
    machine.start_again(minutes=30)
    mutes, reported = mutes_of(tmp_path, machine)
    mutes.start()
    assert reported == [{SHOP: NOON + HOUR, BLOG: FOREVER}]
    machine.sleep(minutes=30)
    mutes.check()
    assert reported[-1] == {BLOG: FOREVER}
    mutes.unmute([SHOP])
    assert len(reported) == 2  # it was not muted
    mutes.unmute([SHOP, BLOG])
    assert reported[-1] == {}
    assert not (tmp_path / "muted").exists()
    mutes.stop()


@pytest.mark.parametrize("hours", [2, -2, 24 * 365, -24 * 365])
async def test_a_mute_of_an_hour_does_not_depend_on_the_clock(tmp_path: Path, machine: Machine, hours: float) -> None:
    mutes, reported = mutes_of(tmp_path, machine)
    mutes.mute(SHOP, HOUR)
    machine.run(minutes=10)
    machine.set_clock(hours=hours)
    mutes.check()
    assert reported[-1] == {SHOP: machine.wall + timedelta(minutes=50)}
    mutes.stop()
    mutes, reported = mutes_of(tmp_path, machine)
    mutes.start()
    machine.set_clock(hours=-hours)
    machine.run(minutes=49)
    mutes.check()
    assert reported[-1] == {SHOP: machine.wall + timedelta(minutes=1)}
    machine.sleep(minutes=1)
    mutes.check()
    assert reported[-1] == {}
    mutes.stop()


@pytest.mark.skipif(sys.platform == "win32", reason="no tzset")
@pytest.mark.parametrize(
    ("evening", "hours"),
    [
        ("2026-11-22T22:30+01:00", 9.5),
        ("2026-11-23T02:00+01:00", 6),  # before the end of the night, tomorrow is the coming morning
        ("2026-10-24T22:30+02:00", 10.5),  # one hour is repeated
        ("2026-10-25T02:30+02:00", 6.5),
        ("2026-10-25T02:30+01:00", 5.5),
        ("2026-03-28T22:30+01:00", 8.5),  # one hour is left out
        ("2026-03-29T03:00+02:00", 5),
        ("2026-12-31T23:59+01:00", 8 + 1 / 60),
    ],
)
async def test_a_mute_until_tomorrow_ends_in_the_morning(
    tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch, evening: str, hours: float
) -> None:
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        time.tzset()
        machine.wall = datetime.fromisoformat(evening)
        mutes, _ = mutes_of(tmp_path, machine)
        mutes.mute(SHOP, tomorrow(machine.wall.astimezone()))
        mutes.mute(BLOG, HOUR)
        night = timedelta(hours=hours)
        machine.run(hours=1)
        mutes.check()
        assert mutes.until.keys() == {SHOP}
        assert mutes.until[SHOP] - machine.wall == night - HOUR
        assert mutes.until[SHOP].astimezone().hour == 8
        mutes.stop()
        machine.start_again(hours=hours - 1.01)
        mutes, reported = mutes_of(tmp_path, machine)
        mutes.start()
        assert reported[-1].keys() == {SHOP}
        machine.run(hours=0.01)
        mutes.check()
        assert reported[-1] == {}
        mutes.stop()
    time.tzset()


class Desk(Notifier):
    """A desktop that records the titles of its notifications."""

    def __init__(self) -> None:
        self.titles: list[str] = []

    async def show(self, notice: Notice) -> Result:
        self.titles.append(notice.title)
        return Result.SHOWN


@pytest.mark.parametrize("pause_first", [True, False])
@pytest.mark.parametrize(
    ("pause", "mute", "while_both", "titles"),
    [
        (HOUR, 2 * HOUR, "ab", ["2 messages while muted"]),
        (2 * HOUR, HOUR, "ab", ["2 messages while paused"]),
        (HOUR, HOUR, "ab", ["2 messages while muted"]),
        (HOUR, 2 * HOUR, "a", ["a"]),  # a single message is shown itself
    ],
)
async def test_messages_of_a_muted_server_are_counted_once_when_pause_and_mute_are_over(
    tmp_path: Path,
    machine: Machine,
    *,
    pause_first: bool,
    pause: timedelta,
    mute: timedelta,
    while_both: str,
    titles: list[str],
) -> None:
    desk = Desk()
    announcer = Announcer(desk, Alone(), Blind())
    announcer.add_server(SHOP, tmp_path / "journal")
    announcer.catch_ups.begin(SHOP, Snapshot(messages=(), total=0, unread=0))

    def on_paused() -> None:
        (announcer.pause if pauses.until else announcer.resume)()

    pauses = Pause(tmp_path / "paused", on_paused, machine.clocks)
    mutes = Mutes(tmp_path / "muted", lambda: announcer.mute(mutes.until.keys()), machine.clocks)
    showing = asyncio.create_task(announcer.run())
    for is_pause in (pause_first, not pause_first):
        if is_pause:
            pauses.pause(pause)
        else:
            mutes.mute(SHOP, mute)
    for name in while_both:
        announcer.arrived(SHOP, Message(id=name, subject=name, created=NOON))
    for _ in range(2):
        machine.run(hours=1)
        pauses.check()
        mutes.check()
    while len(desk.titles) < len(titles):
        await asyncio.sleep(0)
    announcer.arrived(SHOP, Message(id="z", subject="z", created=NOON))
    while "z" not in desk.titles:
        await asyncio.sleep(0)
    assert desk.titles == [*titles, "z"]
    pauses.stop()
    mutes.stop()
    await announcer.stop()
    showing.cancel()


@pytest.mark.parametrize("kept", ["", "7", "[[]]", "[7]", '{"http://shop.test/": 7}', '{"http://shop.test/": {}}'])
async def test_an_unreadable_file_mutes_no_server(tmp_path: Path, machine: Machine, kept: str) -> None:
    (tmp_path / "muted").write_text(kept, "utf-8")
    mutes, reported = mutes_of(tmp_path, machine)
    mutes.start()
    assert reported == [{}]
    mutes.stop()


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "no json",
        "7",
        "[" * 99_999,
        "{}",
        '{"until": 7}',
        '{"until": "2026-11-22T18:00:00", "at": "soon", "lasts": 1, "boot": "first"}',
        '{"until": "2026-11-22T18:00:00", "at": NaN, "lasts": 1, "boot": "first"}',
        '{"until": "2026-11-22T18:00:00", "at": -Infinity, "lasts": 1, "boot": "first"}',
        '"yesterday"',
        '"2026-11-22T18:00:00"',
    ],
)
async def test_an_unreadable_file_is_no_pause(tmp_path: Path, machine: Machine, kept: str) -> None:
    pause, _ = made(tmp_path, machine)
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


@pytest.mark.skipif(sys.platform == "win32", reason="no tzset")
@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-10-24T12:00+02:00", "2026-10-25T08:00+01:00"),
        ("2026-03-28T12:00+01:00", "2026-03-29T08:00+02:00"),
    ],
)
def test_tomorrow_is_eight_o_clock_also_after_a_night_that_changes_the_clocks(
    monkeypatch: pytest.MonkeyPatch, now: str, end: str
) -> None:
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        time.tzset()
        assert tomorrow(datetime.fromisoformat(now)) == datetime.fromisoformat(end)
    time.tzset()


def test_a_pause_is_parsed_as_duration_or_end() -> None:
    assert parse_pause(pause_time("90m")) == timedelta(minutes=90)
    assert parse_pause(pause_time("forever")) == FOREVER
    for text, hint in {"5": "Use 5m or 5s.", " 0.5 ": "Use 0.5m or 0.5s."}.items():
        with pytest.raises(argparse.ArgumentTypeError, match=hint):
            pause_time(text)
    assert parse_pause(pause_time("tomorrow")) == tomorrow(datetime.now().astimezone())
    for wrong in ("soon", "nan", "0", "-5", "2026-01-01T00:00:00+00:00"):
        with pytest.raises(ValueError):  # noqa: PT011 - Python's own words
            parse_pause(wrong)


def test_the_end_is_shown_in_english_by_the_command_line_and_translated_in_the_menu() -> None:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German))
    try:
        now = datetime.now().astimezone()
        later = (now + timedelta(days=2)).replace(hour=14, minute=2)
        day = QLocale().dayName(later.isoweekday())
        assert pause_text(later) == f"Notifications are paused until {day}, 14:02."
        assert day.endswith(("tag", "woch"))
        far = later + timedelta(days=7)
        assert pause_text(far) == f"Notifications are paused until {far:%d.%m.%y}, 14:02."
        assert pause_text(now + timedelta(microseconds=1)) == f"Notifications are paused until {now:%H:%M}."
    finally:
        QLocale.setDefault(before)
    assert format_end(later, now) == f"{later:%Y-%m-%d} 14:02"
    assert format_end(now, now) == f"{now:%H:%M}"
    assert format_end(FOREVER, now) == "you resume"
