"""What was announced, as the journal recorded it and the desktop showed it, and whether that was right.

`Recorder` is a desktop that takes some time to answer; `RecordingJournal` is the program's own journal that reports
what it was asked to record. A summary gives only numbers. The messages that it counts are in the journal, and both must
agree.
"""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from errno import ENOSPC
from pathlib import Path
from unittest.mock import patch

from mailpit_notifier.announce import journal
from mailpit_notifier.announce.journal import Journal
from mailpit_notifier.notify.notice import Key, Notice, Notifier, Result

OnRecorded = Callable[[tuple[str, ...], bool], None]
"""Called with recorded IDs, and whether they were announced; otherwise they are old messages."""


class RecordingJournal(Journal):
    """A journal of a program that can be killed: after that, nothing is written to the disk."""

    def __init__(
        self, path: Path, failed: Callable[[OSError], None], on_recorded: OnRecorded, disk: "Disk | None" = None
    ) -> None:
        self._on_recorded = on_recorded
        self._due: set[str] = set()
        self._disk = disk or Disk()
        self.killed = False
        self.unwritten: list[tuple[str, ...]] = []
        """IDs recorded as announced while the disk was full: lost at the end of this run, if it still is."""
        super().__init__(path, failed)

    @property
    def pending(self) -> int:
        """Number of messages about to be announced."""
        return len(self._expected)

    def expect(self, ids: Iterable[str]) -> None:
        """As the journal's own."""
        expected = tuple(ids)
        self._due.update(expected)
        super().expect(expected)

    def record(self, ids: Iterable[str]) -> None:
        """As the journal's own, and report it."""
        recorded = tuple(ids)
        if self.killed or not recorded:
            return
        announced = self._due.issuperset(recorded)
        self._on_recorded(recorded, announced)
        super().record(recorded)
        if announced and self.failing:
            self.unwritten.append(recorded)

    def drop(self, ids: Iterable[str]) -> None:
        """As the journal's own; these are not announced."""
        dropped = tuple(ids)
        self._due.difference_update(dropped)
        super().drop(dropped)

    def _write_out(self) -> None:
        if not self.killed:
            with self._disk.as_it_is():
                super()._write_out()
        if not self.failing:
            self.unwritten.clear()

    def _shorten(self) -> None:
        if not self.killed:
            with self._disk.as_it_is():
                super()._shorten()


class Disk:
    """The files of journals."""

    def __init__(self) -> None:
        self.is_full = False

    @contextmanager
    def as_it_is(self) -> Iterator[None]:
        """Fail writes in the middle of their first line while the disk is full."""
        if not self.is_full:
            yield
            return

        def refuse(path: Path, lines: Iterable[str], how: int) -> None:
            write(path, [], how)
            with path.open("a") as file:
                file.write(next(iter(lines), "")[:5])
            raise OSError(ENOSPC, "No space left on device", str(path))

        write = journal.write_lines
        with patch.object(journal, "write_lines", refuse):
            yield


OTHERS = ("Mailpit rejected", "Cannot save which")
"""Titles of notifications that are not about a message: SMTP errors, and a full disk."""


class Ledger:
    """The account of all runs of the application, including killed ones."""

    def __init__(self) -> None:
        self.announced: Counter[str] = Counter()
        self.before: frozenset[str] = frozenset()
        """IDs from before the first start of the application: never to be announced."""
        self.calls = 0
        """Number of notifications about messages."""
        self.notes = 0
        """Number of those that were recorded in the journal."""
        self.allowed = 0
        """How many of the others may have been in flight at a kill."""
        self.kept = 0
        """Announced messages that a full disk kept from the journal until the program ended: announced again."""
        self.wrong: list[str] = []

    def note(self, ids: tuple[str, ...], announced: bool) -> None:
        """Add IDs from the journal."""
        if announced:
            self.notes += 1
            self.announced.update(ids)

    def retract(self, ids: tuple[str, ...]) -> None:
        """Withdraw the report that these were recorded: the disk was full."""
        self.kept += len(ids)
        self.notes -= 1
        self.announced.subtract(ids)

    @property
    def doubled(self) -> list[str]:
        """IDs that were announced and recorded more than once."""
        return [name for name, times in self.announced.items() if times > 1]

    @property
    def repeated(self) -> int:
        """Number of notifications repeated because they could not be recorded."""
        return self.calls - self.notes

    def lost(self, present: Iterable[str]) -> list[str]:
        """Return IDs that exist and were neither announced nor there before."""
        return [name for name in present if not self.announced[name] and name not in self.before]

    def complaints(self) -> list[str]:
        """Return what is wrong, if anything, in any quiet moment."""
        found = list(self.wrong)
        if self.doubled:
            found.append(f"announced twice: {self.doubled[:5]}")
        if self.announced.keys() & self.before:
            found.append(f"old ones announced: {list(self.announced.keys() & self.before)[:5]}")
        if self.repeated > self.allowed:
            found.append(f"{self.repeated} calls were not written down, {self.allowed} may have been")
        if self.repeated < 0:
            found.append(f"{-self.repeated} were written down and not shown")
        return found


class Screen:
    """The notifications of one run of the application."""

    def __init__(self) -> None:
        self._newest: dict[str, tuple[str, str]] = {}  # summaries by kind
        self._last_numbers: dict[str, int] = {}

    def shows(self, title: str, body: str, *, fresh: bool) -> bool:
        """Add a notification; return whether it is about new messages. `fresh`: it replaces no other."""
        if title.startswith(OTHERS):
            return False
        if (kind := kind_of(title)) is None:
            return fresh
        before = self._newest.get(kind)
        self._newest[kind] = title, body
        return (title, body) != before

    def is_wrong(self, title: str, count: int) -> bool:
        """Return whether a notification had another number than its recorded messages."""
        if (kind := kind_of(title)) is None:
            return count != 1
        number = int(title.split(maxsplit=1)[0])
        before, self._last_numbers[kind] = self._last_numbers.get(kind, 0), number
        return number not in {count, before + count}  # the first of a burst, or one of the next


def kind_of(title: str) -> str | None:
    """The kind of a summary, None for the notification of one message."""
    found = re.fullmatch(r"\d+ (new message|messages while you were away)s?( in .+)?", title)
    return found[1] if found else None


class Recorder(Notifier):
    """The desktop of one run of the application."""

    def __init__(self, ledger: Ledger, dice: random.Random) -> None:
        self._ledger = ledger
        self._dice = dice
        self._screen = Screen()
        self._keys: set[Key] = set()
        self.titles: list[str] = []
        self.slow = False
        self.killed = False

    async def show(self, notice: Notice) -> Result:
        """Show it at once, and confirm it after a moment."""
        if self.killed:
            return Result.FAILED
        if not notice.title.startswith(OTHERS):
            self.titles.append(notice.title)
        self._ledger.calls += self._screen.shows(notice.title, notice.body, fresh=notice.key not in self._keys)
        self._keys.add(notice.key)
        await asyncio.sleep(self._dice.uniform(0.02, 0.1) if self.slow else 0)
        return Result.SHOWN

    @property
    def can_update(self) -> bool:
        """No user closes notifications here."""
        return True

    def note(self, ids: tuple[str, ...], announced: bool) -> None:
        """Add what the journal recorded for the last notification."""
        self._ledger.note(ids, announced)
        if announced and self._screen.is_wrong(self.titles[-1], len(ids)):
            self._ledger.wrong.append(f"«{self.titles[-1]}» was shown for {len(ids)} more")
