"""Which messages of a server were announced: append-only, an ID a line, kept over restarts and kill -9.

A line is written when the notification that shows or counts the message has been answered. A kill in between repeats at
most the calls in flight; writing before would lose them. There is no fsync: a power cut may repeat the last second.
In memory IDs are prints of 8 bytes (known_ids); when many lines were appended, the file is written anew with those.

What the disk refuses is kept and written later, on a line of its own; a file or folder that vanished is made again.
Runs on the loop: a write costs microseconds.
"""

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from errno import EINVAL
from hashlib import blake2b
from pathlib import Path
from time import time
from urllib.parse import quote, unquote

from .known_ids import KnownIds, fingerprint

log = logging.getLogger(__name__)

CONTACT = "@"
"""Begins the line that holds the server's time of our last contact, and ours; IDs are quoted and never begin so."""

PRINTS = "#"
"""Begins a line of prints in hexadecimal."""

WALKING, WALKED, MESSAGE_DATES = "@walking", "@walked", "@message-dates"
"""Lines of their own; earlier versions pass over them."""

SPARE = 20_000
"""Lines that are appended before the file is written anew, beside an eighth of the known: 200,000 take 15 ms."""

UNWRITTEN = 10_000
"""Lines that are kept for a disk that is full; with more the file is written anew when there is room."""

MOST_BYTES = 128 * 2**20
"""Of a file; a million IDs have 23 MB. What is larger is none of ours."""

UNUSED = 180 * 86_400.0
"""Seconds; each connection writes to its journal."""

YEARS = range(1970, 3000)
"""What a contact may say: no server was older, and a time that cannot be reckoned with is none."""


def journal_path(folder: Path, server_url: str) -> Path:
    """The file of the server with this base URL. The name is a hash: a URL may say more than a file name should."""
    return folder / f"{blake2b(server_url.encode(), digest_size=8).hexdigest()}.journal"


def forget_unused(folder: Path) -> None:
    """Delete the journals that no run has written to for so long: their servers are gone."""
    for path in folder.glob("*.journal"):
        with suppress(OSError):
            if time() - path.stat().st_mtime > UNUSED:
                path.unlink()


def remove_journal(path: Path) -> None:
    """Delete the journal of a server that has left the settings; a failure is logged."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("The journal of a removed server cannot be deleted: %s", error)


class Journal:
    """The IDs that were announced, or seen at the first start.

    `last_contact` is the server's own time when we last heard of it, None before the first time ever: all that came
    before it is noted. `last_heard` is the same moment by our clock, None where that is not known. `walked`: whether
    also that is noted which was there before the first contact. `message_dates`: whether the server's times are those
    that senders wrote, and say nothing about when a message came.

    `failed(error)` is called when the disk begins to refuse what is to be written.
    """

    def __init__(self, path: Path, failed: Callable[[OSError], None] = lambda _: None) -> None:
        self._path = path
        self._on_failed = failed
        self._known = KnownIds()
        self._expected: set[str] = set()
        self._appended = 0  # lines since the file was written anew
        self._unwritten: list[str] = []
        self._must_rewrite = False
        self._is_new = True  # there is no file that could vanish
        self._is_torn = False  # the file may end within a line
        self.failing = False
        """Whether something could not be written yet."""
        self.last_contact: datetime | None = None
        self.last_heard: datetime | None = None
        self.walked = True
        self.message_dates = False
        self._load()

    def __contains__(self, message_id: object) -> bool:
        """Whether an ID needs no announcing; true of those, too, whose notification is on its way."""
        return isinstance(message_id, str) and (message_id in self._expected or fingerprint(message_id) in self._known)

    @property
    def count(self) -> int | None:
        """How many IDs need no announcing; None where some had to be forgotten."""
        return None if self._known.forgot else len(self._known) + len(self._expected)

    @property
    def waits(self) -> bool:
        """Whether something is about to be announced."""
        return bool(self._expected)

    def expect(self, ids: Iterable[str]) -> None:
        """These are about to be announced; that is written only when they were."""
        self._expected.update(ids)

    def note(self, ids: Iterable[str]) -> None:
        """These have been announced, or are not to be."""
        noted = tuple(ids)
        self._expected.difference_update(noted)
        new = [message_id for message_id in noted if self._known.add(fingerprint(message_id))]
        if new:
            self._append([quote(message_id, safe="") for message_id in new])

    def drop(self, ids: Iterable[str]) -> None:
        """These were to be announced, and are not any more: the server has them no longer."""
        self.note(ids)

    def contact(self, date: datetime, heard: datetime | None = None) -> None:
        """The server was heard of, at this time of its own and of ours.

        Not while something waits to be announced: it came before, and is not noted.
        """
        if self._expected and self.last_contact:
            return
        self.last_contact, self.last_heard = date, heard
        self._append([self._contact_line()])

    def contact_by(self, date: datetime, now: datetime) -> datetime | None:
        """The last contact in the server's time, whose clock says `date` when ours says `now`.

        A clock that was set back would make new messages look old: where the two disagree, the earlier time counts.
        """
        if self.last_contact is None or self.last_heard is None:
            return self.last_contact
        return min(self.last_contact, date - (now - self.last_heard))

    def begin_walk(self) -> None:
        """From now on all that the server has is noted as old, which takes a while."""
        if self.walked:
            self.walked = False
            self._append([WALKING])

    def end_walk(self) -> None:
        """All of it is noted."""
        if not self.walked:
            self.walked = True
            self._append([WALKED])

    def note_message_dates(self) -> None:
        """The server's times do not say when a message came."""
        if not self.message_dates:
            self.message_dates = True
            self._append([MESSAGE_DATES])

    def write(self) -> bool:
        """Write what could not be written; return whether nothing is left of it."""
        if self.failing:
            self._write_out()
        return not self.failing

    def _append(self, lines: list[str]) -> None:
        self._appended += len(lines)
        if len(self._unwritten) + len(lines) > UNWRITTEN:
            self._must_rewrite = True
        if self._must_rewrite:
            self._unwritten.clear()  # all that was noted is in memory
        else:
            self._unwritten += lines
        if not (self.failing and self._must_rewrite):  # that would fill what room there is, for each line
            self._write_out()
        if not self.failing and self._appended > SPARE + len(self._known) // 8:
            self._shorten()

    def _write_out(self) -> None:
        """Write what is still to be written, and first the end of a line that was cut short."""
        try:
            if not self._must_rewrite:
                self._must_rewrite = not self._add(self._unwritten)
            if self._must_rewrite:
                self._rewrite()
        except OSError as error:
            self._is_torn = True
            self._fail(error)
        else:
            self._unwritten.clear()
            self._must_rewrite = self.failing = self._is_torn = False

    def _add(self, lines: list[str]) -> bool:
        """Append these lines; False where the file is gone: it would lack all others then."""
        how = os.O_APPEND | (os.O_CREAT if self._is_new else 0)
        try:
            write_lines(self._path, [""] * self._is_torn + lines, how)
        except FileNotFoundError:
            return False
        self._is_new = False
        return True

    def _rewrite(self) -> None:
        fresh = self._path.with_suffix(".new")
        fresh.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            write_lines(fresh, self._all_lines(), os.O_CREAT | os.O_TRUNC)
            fresh.replace(self._path)
        except OSError:
            with suppress(OSError):
                fresh.unlink()  # it takes room on a full disk
            raise
        self._is_new = False
        self._appended = 0

    def _shorten(self) -> None:
        """Write the file anew, where there is room for it beside the old one."""
        try:
            self._rewrite()
        except OSError as error:
            log.debug("A journal cannot be shortened: %s", error)
            self._appended = 0  # again after as many lines

    def _fail(self, error: OSError) -> None:
        first, self.failing = not self.failing, True
        log.log(logging.WARNING if first else logging.DEBUG, "What was announced cannot be remembered: %s", error)
        if first:
            self._on_failed(error)

    def _all_lines(self) -> Iterator[str]:
        if self.last_contact:
            yield self._contact_line()
        if not self.walked:
            yield WALKING
        if self.message_dates:
            yield MESSAGE_DATES
        for part in self._known.packed():
            yield PRINTS + part.hex()

    def _contact_line(self) -> str:
        dates = (self.last_contact, self.last_heard)
        return CONTACT + " ".join(date.astimezone(UTC).isoformat() for date in dates if date)

    def _load(self) -> None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            data = self._content()
        except FileNotFoundError:
            return
        except OSError as error:
            self._fail(error)
            return
        self._is_new = False
        self._is_torn = bool(data) and not data.endswith(b"\n")
        for line in data.decode("ascii", "replace").splitlines():
            self._read(line)
        if self._appended > SPARE:
            self._shorten()

    def _content(self) -> bytes:
        if self._path.exists() and not self._path.is_file():  # reading a FIFO would never end
            raise OSError(EINVAL, "No regular file", str(self._path))
        with self._path.open("rb") as file:
            return file.read(MOST_BYTES)

    def _read(self, line: str) -> None:
        if line.startswith(PRINTS):
            with suppress(ValueError):
                self._known.add_packed(bytes.fromhex(line.removeprefix(PRINTS)))
        elif line in {WALKING, WALKED}:
            self.walked = line == WALKED
        elif line == MESSAGE_DATES:
            self.message_dates = True
        elif line.startswith(CONTACT):
            self._appended += 1
            self._read_contact(line)
        elif line:
            self._appended += 1
            self._known.add(fingerprint(unquote(line)))

    def _read_contact(self, line: str) -> None:
        try:
            dates = [datetime.fromisoformat(text) for text in line.removeprefix(CONTACT).split()]
        except ValueError:
            return  # half a line
        if any(date.year not in YEARS for date in dates):
            log.warning("The journal %s is damaged: it names a time that cannot be.", self._path.name)
            return
        contact, heard = (*(date if date.tzinfo else date.replace(tzinfo=UTC) for date in dates), None, None)[:2]
        if contact:
            self.last_contact, self.last_heard = contact, heard


def write_lines(path: Path, lines: Iterable[str], how: int) -> None:
    """Write lines to a file that is opened like this (open(2)). Raise OSError; some of them may be written then."""
    how |= os.O_WRONLY | getattr(os, "O_NONBLOCK", 0)  # a FIFO that nobody reads refuses at once
    with os.fdopen(os.open(path, how, 0o600), "w", encoding="ascii") as file:
        file.writelines(f"{line}\n" for line in lines)
