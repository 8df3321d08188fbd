"""Write the attachments of a message into a folder: `wait --print attachments --save DIR`.

Their names are the sender's, and may be hostile: paths, device names of Windows, control and bidi characters, hundreds
of characters. `safe_name` makes a name that is harmless on every system. A file that exists is never overwritten: the
new one gets a number. Files are created exclusively, so that parallel runs may share a folder.
"""

import os
import re
from pathlib import Path
from typing import Any, BinaryIO
from unicodedata import normalize

from mailpit_notifier.client.source_header import MAX_NAME
from mailpit_notifier.core.contents import Attachment
from mailpit_notifier.runtime.text import line

MAX_LENGTH, MAX_BYTES, MAX_SUFFIX = 120, 200, 20
"""Characters and bytes (in UTF-8) of a name, and characters of the suffix that is kept when it is cut. File systems
allow 255 bytes; the rest is for a number, and for the program that copies the file."""

MAX_SAVED = 512 * 2**20
"""Bytes that one run writes at most."""

MAX_NUMBER = 100_000
"""Files of one name."""

SEPARATORS = re.compile(r"[/\\]")
REFUSED = re.compile(r'[<>:"|?*]')
"""Characters that Windows refuses, or reads as the name of a stream."""

DEVICES = re.compile(r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|CLOCK\$|(?:COM|LPT)[0-9¹²³])\s*(?:\.|\Z)", re.IGNORECASE)
"""Names that are devices on Windows, with any suffix."""


class SaveError(Exception):
    """A file cannot be written. The text is a sentence for the user."""


class SavedAttachments:
    """Writes attachments into a folder: a sink for `source.read_chunks`. Any thread, one message at a time.

    `most`: bytes of all together.
    """

    def __init__(self, folder: Path, most: int = MAX_SAVED) -> None:
        self._folder = folder
        self._most = self._left = most
        self._numbers: dict[str, int] = {}  # by name: the next number, so that a thousand equal names are quick
        self._attachment = "", ""
        self._file: BinaryIO | None = None
        self._path = Path()
        self._size = 0
        self._saved: list[dict[str, Any]] = []
        self.failure: SaveError | None = None

    def prepare(self) -> None:
        """Make the folder. Raises SaveError."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as error:
            raise SaveError(f"Cannot make the folder {self._folder}: {_reason(error)}.") from error

    def taken(self) -> list[dict[str, Any]]:
        """Return the attachments that were written since the last call, for JSON. Deletes one that is incomplete."""
        self._discard()
        saved, self._saved = self._saved, []
        return saved

    def begin(self, name: str, kind: str) -> None:
        """Create a file."""
        self._attachment, self._size = (name, kind), 0
        try:
            self._file, self._path = self._created(safe_name(name, kind))
        except (OSError, ValueError) as error:
            raise self._failed(error) from error

    def write(self, content: bytes) -> None:
        """Write a piece of it."""
        assert self._file
        self._left -= len(content)
        self._size += len(content)
        if self._left < 0:
            self.failure = SaveError(f"The attachments have more than {self._most // 2**20} MB together.")
            raise self.failure
        try:
            self._file.write(content)
        except OSError as error:
            raise self._failed(error) from error

    def end(self, *, is_whole: bool) -> None:
        """Close the file; delete it if the rest of the attachment was not received."""
        assert self._file
        try:
            self._file.flush()
        except OSError as error:
            raise self._failed(error) from error
        if not is_whole:
            self._discard()
            return
        self._file.close()
        self._file = None
        name, kind = self._attachment
        listed = as_json(Attachment(name=name, kind=kind, size=self._size))
        self._saved.append({**listed, "path": str(self._path)})

    def _created(self, name: str) -> tuple[BinaryIO, Path]:
        stem, suffix = Path(name).stem, Path(name).suffix
        for number in range(self._numbers.get(name, 1), MAX_NUMBER):
            path = self._folder / (name if number == 1 else f"{stem}-{number}{suffix}")
            try:
                file = path.open("xb")
            except OSError:
                if not os.path.lexists(path):
                    raise
                continue
            self._numbers[name] = number + 1
            return file, path
        raise FileExistsError(0, f"there are {MAX_NUMBER:,} files of this name")

    def _failed(self, error: Exception) -> SaveError:
        self.failure = SaveError(f"Cannot write to {self._folder}: {_reason(error)}.")
        return self.failure

    def _discard(self) -> None:
        if self._file:
            file, self._file = self._file, None
            try:
                file.close()
            except OSError:
                pass
            finally:
                self._path.unlink(missing_ok=True)


def safe_name(name: str, kind: str) -> str:
    """Return the name of a file for an attachment: one that is harmless on every system and with every name."""
    parts = (_harmless(part) for part in SEPARATORS.split(name))
    whole = "_".join(filter(None, parts))
    stem, suffix = Path(whole).stem, Path(whole).suffix
    if not whole or len(name) >= MAX_NAME:  # its end is not known
        from mimetypes import guess_extension

        suffix = suffix or guess_extension(kind) or ""
    if len(suffix) > MAX_SUFFIX:
        stem, suffix = stem + suffix, ""
    most = MAX_BYTES - len(suffix.encode())
    stem = stem[: MAX_LENGTH - len(suffix)].encode()[:most].decode(errors="ignore").rstrip(" .") or "attachment"
    return f"_{stem}{suffix}" if DEVICES.match(stem + suffix) or stem[0] in "-~" else f"{stem}{suffix}"


def _harmless(part: str) -> str:
    """Return a part of a name without invisible characters, and without dots and spaces at its ends."""
    return REFUSED.sub("_", normalize("NFC", line(part))).strip(" .")


def as_json(attachment: Attachment) -> dict[str, Any]:
    """Return name (as the sender wrote it), media type and size (bytes, decoded) for JSON."""
    return {"name": attachment.name, "type": attachment.kind, "size": attachment.size}


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else "") or str(error) or type(error).__name__
