"""Which messages of a server were announced: an append-only file with one ID per line, kept over restarts and kill -9.

A line is written when the desktop has answered the notification that shows or counts the message. So a kill repeats at
most the notifications in flight; writing before would lose them. There is no fsync: a power cut may repeat some.
In memory, IDs are fingerprints of 8 bytes (known_ids). When many lines were appended, the file is rewritten with those.
Lines that a full disk refuses are kept and written later; a file or folder that vanished is created again. `Journals`
opens, closes and deletes the journals of all servers. Runs on the loop: a write costs microseconds.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from errno import EINVAL
from pathlib import Path
from time import time
from urllib.parse import quote, unquote

from mailpit_notifier.runtime.files import is_in_use, retry_while_in_use, write_lines
from mailpit_notifier.runtime.openssl import blake2b

from .known_ids import KnownIds, fingerprint
from .timing import Timing

log = logging.getLogger(__name__)

CONTACT = "@"
"""Prefix of a line with the time of the last contact, by the server's clock and ours. IDs are quoted: none has it."""

FINGERPRINTS = "#"
"""Prefix of a line of fingerprints in hexadecimal."""

WALKING, WALKED, MESSAGE_DATES = "@walking", "@walked", "@message-dates"
"""Lines that earlier versions ignore."""

SPARE = 20_000
"""Lines, besides an eighth of the known IDs, that are appended before the file is rewritten: 200,000 take 15 ms."""

UNWRITTEN = 10_000
"""Lines that are kept while the disk is full. With more, the whole file is rewritten when there is room."""

MAX_BYTES = 128 * 2**20
"""Of a journal; a million IDs have 23 MB. A larger file is not a journal of this program."""

UNUSED = 180 * 86_400.0
"""Seconds after which a journal is deleted. A server that is in use writes to its journal at each connection."""

YEARS = range(1970, 3000)
"""Valid years of a contact. Other years are a sign of a damaged file, and date arithmetic with them may overflow."""


def journal_path(folder: Path, server_url: str) -> Path:
    """Return the journal of the server with this base URL. The name is a hash, because a URL may be confidential."""
    return folder / f"{blake2b(server_url.encode(), digest_size=8).hexdigest()}.journal"


def forget_unused(folder: Path) -> None:
    """Delete the journals that were not written to for `UNUSED` seconds."""
    for path in folder.glob("*.journal"):
        with suppress(OSError):
            if time() - path.stat().st_mtime > UNUSED:
                path.unlink()


def remove_journal(path: Path) -> None:
    """Delete the journal of a server that was removed. A failure is logged."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("Cannot delete the journal of a removed server: %s", error)


class Journal:
    """The IDs that were announced, or seen at the first start.

    `last_contact` is the time of the last contact by the server's clock, None before the first one: all messages before
    it are recorded. `last_heard` is the same moment by our clock, None where that is not known. `walked`: whether the
    messages from before the first contact are recorded, too. `message_dates`: whether `Created` of the server's
    messages is their Date header, and does not show when they arrived.

    `on_failed(error)` is called when the disk starts to refuse writes. `spare`, `unwritten`: see SPARE and UNWRITTEN.
    """

    def __init__(
        self,
        path: Path,
        on_failed: Callable[[OSError], None] = lambda _: None,
        *,
        spare: int = SPARE,
        unwritten: int = UNWRITTEN,
    ) -> None:
        self._path = path
        self._on_failed = on_failed
        self._spare = spare
        self._max_unwritten = unwritten
        self._known = KnownIds()
        self._expected: set[str] = set()
        self._appended = 0  # lines since the file was rewritten
        self._unwritten: list[str] = []
        self._must_rewrite = False
        self._is_new = True  # no file yet: appending may create it
        self._is_torn = False  # the file may end in the middle of a line
        self.failing = False
        """Whether lines wait for room on the disk."""
        self.last_contact: datetime | None = None
        self.last_heard: datetime | None = None
        self.walked = True
        self.message_dates = False
        self._load()

    def __contains__(self, message_id: object) -> bool:
        """Return whether an ID needs no announcement: it was announced, or its notification is on its way."""
        return isinstance(message_id, str) and (message_id in self._expected or fingerprint(message_id) in self._known)

    @property
    def count(self) -> int | None:
        """Number of IDs that need no announcement, None where some had to be forgotten."""
        return None if self._known.forgot else len(self._known) + len(self._expected)

    @property
    def has_expected(self) -> bool:
        """Whether a message is about to be announced."""
        return bool(self._expected)

    def expect(self, ids: Iterable[str]) -> None:
        """Treat these as known: they are about to be announced. They are written when they were."""
        self._expected.update(ids)

    def record(self, ids: Iterable[str]) -> None:
        """Write IDs that were announced, or that need no announcement."""
        recorded = tuple(ids)
        self._expected.difference_update(recorded)
        if not self._expected:
            self._expected = set()  # an emptied one keeps the memory of a burst
        new = [message_id for message_id in recorded if self._known.add(fingerprint(message_id))]
        if new:
            self._append([quote(message_id, safe="") for message_id in new])

    def drop(self, ids: Iterable[str]) -> None:
        """Record messages that were expected, but were deleted before they were announced."""
        self.record(ids)

    def record_contact(self, date: datetime, heard: datetime | None = None) -> None:
        """Record a contact, at this time by the server's clock and ours.

        Skipped while a message waits to be announced: it arrived before the contact, and is not recorded yet.
        """
        if self._expected and self.last_contact:
            return
        self.last_contact, self.last_heard = date, heard
        self._append([self._contact_line()])

    def last_contact_by(self, date: datetime, now: datetime) -> datetime | None:
        """Return the last contact by the server's clock, which shows `date` when ours shows `now`.

        A server clock that was set back would make new messages appear old. Where the clocks disagree, the earlier time
        counts.
        """
        if self.last_contact is None or self.last_heard is None:
            return self.last_contact
        return min(self.last_contact, date - (now - self.last_heard))

    def begin_walk(self) -> None:
        """Note that all messages of the server are being recorded as old, which may take a while."""
        if self.walked:
            self.walked = False
            self._append([WALKING])

    def end_walk(self) -> None:
        """Note that all of them are recorded."""
        if not self.walked:
            self.walked = True
            self._append([WALKED])

    def record_message_dates(self) -> None:
        """Note that `Created` does not show when a message arrived."""
        if not self.message_dates:
            self.message_dates = True
            self._append([MESSAGE_DATES])

    def write(self) -> bool:
        """Write what a full disk refused; return whether nothing is left of it."""
        if self.failing:
            self._write_out()
        return not self.failing

    def _append(self, lines: list[str]) -> None:
        self._appended += len(lines)
        if len(self._unwritten) + len(lines) > self._max_unwritten:
            self._must_rewrite = True
        if self._must_rewrite:
            self._unwritten.clear()  # the rewrite takes everything from memory
        else:
            self._unwritten += lines
        if not (self.failing and self._must_rewrite):  # each line would try a rewrite that fills the disk
            self._write_out()
        if not self.failing and self._appended > self._spare + len(self._known) // 8:
            self._shorten()

    def _write_out(self) -> None:
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
        """Append these lines; return False where the file has vanished, because a new one would lack all others."""
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
                fresh.unlink()  # half a new file would take the room of a full disk
            raise
        self._is_new = False
        self._appended = 0

    def _shorten(self) -> None:
        try:
            self._rewrite()
        except OSError as error:
            log.debug("Cannot shorten a journal: %s", error)
            self._appended = 0  # try again after as many lines

    def _fail(self, error: OSError) -> None:
        first, self.failing = not self.failing, True
        log.log(logging.WARNING if first else logging.DEBUG, "Cannot save which messages were announced: %s", error)
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
            yield FINGERPRINTS + part.hex()

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
        if self._appended > self._spare:
            self._shorten()

    def _content(self) -> bytes:
        if self._path.exists() and not self._path.is_file():  # reading a FIFO would never end
            raise OSError(EINVAL, "Not a regular file", str(self._path))
        with retry_while_in_use(lambda: self._path.open("rb")) as file:
            return file.read(MAX_BYTES)

    def _read(self, line: str) -> None:
        if line.startswith(FINGERPRINTS):
            with suppress(ValueError):
                self._known.add_packed(bytes.fromhex(line.removeprefix(FINGERPRINTS)))
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
            return  # the line was cut by a kill or a full disk
        if any(date.year not in YEARS for date in dates):
            log.warning("The journal %s is damaged: the time of a contact is out of range.", self._path.name)
            return
        contact, heard = (*(date if date.tzinfo else date.replace(tzinfo=UTC) for date in dates), None, None)[:2]
        if contact:
            self.last_contact, self.last_heard = contact, heard


class Journals:
    """Open, close and delete the journals of servers.

    `on_disk_error(error)` is called when the disk starts to refuse writes, or if another program still has the file
    open at the next attempt (Windows); `on_disk_recovered()` when everything is written again, and `on_deleted(server)`
    before the journal of a server is deleted.
    """

    def __init__(
        self,
        timing: Timing,
        *,
        on_disk_error: Callable[[OSError], None],
        on_disk_recovered: Callable[[], None],
        on_deleted: Callable[[str], None],
    ) -> None:
        self._timing = timing
        self._on_disk_error = on_disk_error
        self._on_disk_recovered = on_disk_recovered
        self._on_deleted = on_deleted
        self._open: dict[str, Journal] = {}
        self._paths: dict[str, Path] = {}  # also of closed ones
        self._deletions: dict[str, asyncio.TimerHandle] = {}
        self._retry: asyncio.TimerHandle | None = None  # while the disk refuses writes
        self._unreported: OSError | None = None

    def open(self, server: str, path: Path) -> Journal:
        """Open a server's journal, or return the open one, and cancel its deletion."""
        if timer := self._deletions.pop(server, None):
            timer.cancel()
        self._paths[server] = path
        if server not in self._open:
            self._open[server] = Journal(path, self._on_refused)
        return self._open[server]

    def close(self, server: str) -> None:
        """Write what is left and close a server's journal."""
        if journal := self._open.pop(server, None):
            journal.write()

    def delete_others(self, servers: Collection[str]) -> None:
        """Delete the journals of all servers but these, after `timing.delete_journal` seconds."""
        for server in self._paths.keys() - set(servers) - self._deletions.keys():
            loop = asyncio.get_running_loop()
            self._deletions[server] = loop.call_later(self._timing.delete_journal, self._delete, server)

    def stop(self) -> None:
        """Delete the journals with a pending deletion, write all others, and cancel all timers."""
        for server, timer in tuple(self._deletions.items()):
            timer.cancel()
            self._delete(server)
        if self._retry:
            self._retry.cancel()
        for journal in self._open.values():
            journal.write()

    def _delete(self, server: str) -> None:
        self._deletions.pop(server, None)
        self._on_deleted(server)  # a late answer of the desktop must not write the file again
        self._open.pop(server, None)
        remove_journal(self._paths.pop(server))

    def _on_refused(self, error: OSError) -> None:
        if self._retry is None:
            self._unreported = error
            if not is_in_use(error):  # else by a virus scanner, which takes milliseconds
                self._report()
            self._schedule_retry()

    def _report(self) -> None:
        if error := self._unreported:
            self._unreported = None
            self._on_disk_error(error)

    def _write_again(self) -> None:
        written = [journal.write() for journal in self._open.values()]
        if all(written):
            self._retry = None
            self._unreported = None
            self._on_disk_recovered()
        else:
            self._report()
            self._schedule_retry()

    def _schedule_retry(self) -> None:
        self._retry = asyncio.get_running_loop().call_later(self._timing.disk_retry, self._write_again)
