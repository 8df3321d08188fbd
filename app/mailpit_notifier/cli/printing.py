"""The parts of a message that `wait` reads and prints: text, links, words, header, attachments, or all as JSON.

Unlike findings/, it guesses nothing: it returns all links and all words, in their order.

`wait --print attachments --save DIR` writes the attachments into a folder. The sender chooses their names, which may
be hostile: paths, device names of Windows, control and bidi characters, hundreds of characters. `safe_name` makes a
name that is harmless on every system. A file that exists is never overwritten: the new one gets a number. Files are
created exclusively, so that parallel runs may share a folder.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO
from unicodedata import normalize

from mailpit_notifier.client.source import Source
from mailpit_notifier.client.source_header import MAX_NAME, all_fields
from mailpit_notifier.client.source_stream import LIMITS, Limits
from mailpit_notifier.core.contents import Attachment, message_as_json
from mailpit_notifier.core.rules import MAX_TEXT
from mailpit_notifier.core.settings import Server
from mailpit_notifier.findings.result import Findings
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.runtime.text import json_line, line, lines

WITH_HTML = Limits(html=8 * 2**20, with_data=True)
"""HTML is printed with its embedded pictures."""

WITH_ATTACHMENTS = Limits(source=100 * 2**20, local_seconds=20.0, remote_seconds=20.0)
"""All of the message is read. Mailpit accepts 50 MB by default."""

READ_WITH = {"html": WITH_HTML, "json": WITH_HTML, "attachments": WITH_ATTACHMENTS}
"""How much of a source is read for each kind of output."""

WORD = re.compile(r"[a-z][a-z0-9+.-]{0,40}://\S+|[^\s:=,;()<>\[\]{}|\"“”„«»…]+", re.IGNORECASE)
"""A word of a text. A URL is one word, so that a number in its path is not a code."""


def limits_for(kind: str) -> Limits:
    """Return how much of a source to read for this value of --print."""
    return READ_WITH.get(kind, LIMITS)


class Inside:
    """The content of a message, from its source. Each part is computed once, when it is needed."""

    def __init__(self, source: Source, subject: str) -> None:
        self.source = source
        self._subject = subject

    @property
    def text(self) -> str:
        """The text part, or what is visible of the HTML part."""
        return self.source.text or self._visible[0]

    @property
    def is_text_cut(self) -> bool:
        """Whether `text` is only a beginning."""
        return self.source.is_text_cut or (not self.source.text and self.is_visible_cut)

    @property
    def both_texts(self) -> str:
        """The text part, and what is visible of the HTML part."""
        return f"{self.source.text}\n{self._visible[0]}"

    @property
    def is_visible_cut(self) -> bool:
        """Whether there is more of the visible text of the HTML part."""
        return self._visible[1] or self.source.is_html_cut

    @property
    def is_cut(self) -> bool:
        """Whether anything of text and HTML was not read."""
        return self.source.is_text_cut or self.is_visible_cut

    @cached_property
    def _visible(self) -> tuple[str, bool]:
        return visible(self.source)

    @cached_property
    def links(self) -> Sequence[str]:
        """All links; those of the HTML part first."""
        from mailpit_notifier.findings.extraction import every_link

        return every_link(self.source.text, self.source.html)

    @cached_property
    def lines(self) -> Sequence[str]:
        """The subject, and the lines of both texts."""
        from mailpit_notifier.findings.page import clean

        texts = (self._subject, self.source.text[:MAX_TEXT], self._visible[0][:MAX_TEXT])
        found = (" ".join(clean(one).split()) for text in texts for one in text.splitlines())
        return tuple(filter(None, found))

    @cached_property
    def words(self) -> Sequence[str]:
        """The words of the lines, without punctuation at their ends."""
        return tuple(filter(None, (_bare(word) for one in self.lines for word in WORD.findall(one))))

    @property
    def header(self) -> Iterator[tuple[str, str]]:
        """Name and decoded value of each field of the message's header."""
        return all_fields(self.source.header)


def visible(source: Source) -> tuple[str, bool]:
    """Return the visible text of the HTML part, and whether there is more than was read of it."""
    from mailpit_notifier.findings import extraction  # slow to load

    return extraction.visible(source.html) if source.html else ("", False)


def _bare(word: str) -> str:
    """Return a word without punctuation at its ends."""
    begin, end = 0, len(word)
    while begin < end and not word[begin].isalnum():
        begin += 1
    while end > begin and not word[end - 1].isalnum():
        end -= 1
    return word[begin:end]


def printed(kind: str, server: Server, message: Message, inside: Inside, found: Findings) -> str:
    """Return what to print of a message, "" if it has none of it. For every kind but `raw`."""
    match kind:
        case "id":
            answer = line(message.id)
        case "url":
            answer = server.url.view(message.id)
        case "code":
            answer = line(found.code or "")
        case "link":
            answer = line(found.link or "")
        case "json":
            answer = json_line(_whole(server, message, inside, found))
        case "attachments":
            listed = [as_json(attachment) for attachment in inside.source.attachments]
            answer = json_line(listed) if listed else ""
        case "headers":
            answer = "\n".join(f"{name}: {line(value)}" for name, value in inside.header)
        case "html":
            answer = lines(inside.source.html).removesuffix("\n")
        case _:
            answer = lines(inside.text).removesuffix("\n")
    return f"{answer}\n" if answer or kind == "text" else ""


def _whole(server: Server, message: Message, inside: Inside, found: Findings) -> Mapping[str, Any]:
    header: dict[str, list[str]] = {}
    names: dict[str, str] = {}  # in lower case to the first spelling
    for name, value in inside.header:
        header.setdefault(names.setdefault(name.lower(), name), []).append(value)
    return {
        **message_as_json(server.label, server.url.view(message.id), message, found),
        "text": inside.text,
        "html": inside.source.html,
        "links": inside.links,
        "headers": header,
    }


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
        """Create the file for an attachment."""
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
