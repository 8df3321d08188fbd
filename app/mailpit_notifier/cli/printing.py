"""What `wait` reads in a message and prints of it: its text, links, words, header, attachments, or all as JSON.

Unlike findings/, it guesses nothing: it returns all links and all words, in their order.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from mailpit_notifier.client.source import Source
from mailpit_notifier.client.source_header import all_fields
from mailpit_notifier.client.source_stream import LIMITS, Limits
from mailpit_notifier.core.message_json import message_as_json
from mailpit_notifier.core.rules import MAX_TEXT
from mailpit_notifier.core.settings import Server
from mailpit_notifier.findings.result import Findings
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.runtime.text import json_line, line, lines

from .attachments import as_json

WITH_HTML = Limits(html=8 * 2**20, with_data=True)
"""HTML is printed with its embedded pictures."""

WITH_ATTACHMENTS = Limits(source=100 * 2**20, local_seconds=20.0, remote_seconds=20.0)
"""All of the message is read. Mailpit accepts 50 MB by default."""

READ_WITH = {"html": WITH_HTML, "json": WITH_HTML, "attachments": WITH_ATTACHMENTS}
"""How much of a source is read for each kind of output."""

WORD = re.compile(r"[a-z][a-z0-9+.-]{0,40}://\S+|[^\s:=,;()<>\[\]{}|\"“”„«»…]+", re.IGNORECASE)
"""A word of a text. A URL is one word, so that a number in its path is not a code."""


def limits_for(kind: str) -> Limits:
    """Return how much of a source is read to print this kind."""
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
