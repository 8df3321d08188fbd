"""Which mails of a server were announced: append-only, an ID a line, kept over restarts and kill -9.

A line is written when the notification that shows or counts the mail has been answered. A kill in between repeats at
most the calls in flight; writing before would lose them. There is no fsync: a power cut may repeat the last second.
Runs on the loop: a write costs microseconds.
"""

import logging
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from urllib.parse import quote, unquote

log = logging.getLogger(__name__)

CONTACT = "@"
"""Begins the line that holds the server's time of our last contact, and ours; IDs are quoted and never begin so."""

SPARE = 20_000
"""Lines that may be of messages which the server no longer has, before the file is written anew."""


def journal_path(folder: Path, server_url: str) -> Path:
    """The file of the server with this base URL. The name is a hash: a URL may say more than a file name should."""
    return folder / f"{blake2b(server_url.encode(), digest_size=8).hexdigest()}.journal"


class Journal:
    """The IDs that were announced, or seen at the first start. Faults of the disk are logged once.

    `last_contact` is the server's own time when we last heard of it, None before the first time ever; `last_heard` is
    the same moment by our clock, None where that is not known.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._noted: dict[str, None] = {}
        self._expected: set[str] = set()
        self._lines = 0
        self._failed = False
        self.last_contact: datetime | None = None
        self.last_heard: datetime | None = None
        self._load()

    def __contains__(self, message_id: object) -> bool:
        """Whether an ID needs no announcing; true of those, too, whose notification is on its way."""
        return message_id in self._noted or message_id in self._expected

    def expect(self, ids: Iterable[str]) -> None:
        """These are about to be announced; that is written only when they were."""
        self._expected.update(ids)

    def note(self, ids: Iterable[str]) -> None:
        """These have been announced, or are not to be."""
        noted = tuple(ids)
        self._expected.difference_update(noted)
        self._noted.update(dict.fromkeys(noted))
        if noted:
            self._append([quote(message_id, safe="") for message_id in noted])

    def drop(self, ids: Iterable[str]) -> None:
        """These were to be announced, and are not any more: the server has them no longer."""
        self.note(ids)

    def contact(self, date: datetime, heard: datetime | None = None) -> None:
        """The server was heard of, at this time of its own and of ours.

        Not while something waits to be announced: on a server that had forgotten all else, a kill would make it old.
        """
        if self._expected and self.last_contact:
            return
        self.last_contact, self.last_heard = date, heard
        self._append(self._contact_lines())

    def contact_by(self, date: datetime, now: datetime) -> datetime | None:
        """The last contact in the server's time, whose clock says `date` when ours says `now`.

        A clock that was set back would make new mails look old: where the two disagree, the earlier time counts.
        """
        if self.last_contact is None or self.last_heard is None:
            return self.last_contact
        return min(self.last_contact, date - (now - self.last_heard))

    def compact(self, present: AbstractSet[str]) -> None:
        """Forget what the server no longer has; `present` are all IDs that it has."""
        if len(self._noted) <= len(present) and self._lines < len(present) + SPARE:
            return
        self._rewrite(message_id for message_id in self._noted if message_id in present)

    def bound(self, total: int) -> None:
        """Forget the oldest of far more than the `total` that the server has: it deletes the oldest first, too.

        A connection may last for weeks, and only when one is made is it known which messages there are.
        """
        if len(self._noted) > total + 2 * SPARE:
            self._rewrite(tuple(self._noted)[-total - SPARE :])

    def _rewrite(self, noted: Iterable[str]) -> None:
        self._noted = dict.fromkeys(noted)
        lines = [*self._contact_lines(), *(quote(message_id, safe="") for message_id in self._noted)]
        try:
            fresh = self._path.with_suffix(".new")
            fresh.write_text("".join(f"{line}\n" for line in lines), "ascii")
            fresh.replace(self._path)
            self._lines = len(lines)
        except OSError as error:
            self._fail(error)

    def _load(self) -> None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            text = self._path.read_text("ascii", "replace")
        except FileNotFoundError:
            return
        except OSError as error:
            self._fail(error)
            return
        for line in text.splitlines():
            self._lines += 1
            if line.startswith(CONTACT):
                self._read_contact(line)
            elif line:
                self._noted[unquote(line)] = None
        if text and not text.endswith("\n"):  # a write that was cut short must not swallow the next one
            self._append([""])

    def _contact_lines(self) -> list[str]:
        dates = (self.last_contact, self.last_heard)
        text = " ".join(date.astimezone(UTC).isoformat() for date in dates if date)
        return [CONTACT + text] if text else []

    def _read_contact(self, line: str) -> None:
        try:
            dates = [datetime.fromisoformat(text) for text in line.removeprefix(CONTACT).split()]
        except ValueError:
            return
        contact, heard = (*(date if date.tzinfo else date.replace(tzinfo=UTC) for date in dates), None, None)[:2]
        if contact:
            self.last_contact, self.last_heard = contact, heard

    def _append(self, lines: list[str]) -> None:
        try:
            with self._path.open("a", encoding="ascii") as file:
                file.write("".join(f"{line}\n" for line in lines))
            self._lines += len(lines)
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        log.log(
            logging.DEBUG if self._failed else logging.WARNING, "What was announced cannot be remembered: %s", error
        )
        self._failed = True
