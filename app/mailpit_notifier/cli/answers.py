"""What `wait` says of a mail: whether it is the one, and what is printed of it.

Blocking: the source of a mail is fetched, which leaves it unread, where the summary does not tell. Runs in the threads
that listen, one per server.

Which mails `wait` is for: conditions on sender, recipients, subject and text, all of which must hold.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mailpit_notifier.client.rest import Rest
from mailpit_notifier.client.source import Source
from mailpit_notifier.core.message_json import message_as_json
from mailpit_notifier.core.rules import Matches, address, words
from mailpit_notifier.core.settings import Server
from mailpit_notifier.findings.result import NOTHING, Findings
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.runtime.pattern_search import Allowance, SearchError
from mailpit_notifier.runtime.text import json_line, line, lines

Missed = tuple[str, ...]
"""The conditions that a message did not meet, in words; empty where it met all."""

LONGEST = 2.0
"""Seconds for one regular expression and one message; at most half of the timeout, so that the report tells of it."""


class Undecided(str):
    """Words for a condition that could not be decided: its regular expression takes too long."""

    __slots__ = ()


class Conditions:
    """The conditions, each a pattern or None. Raises ValueError with a sentence about a pattern that is wrong.

    They are tried in the threads that listen. `timeout` is that of `wait`, in seconds.
    """

    def __init__(
        self,
        *,
        to: str | None = None,
        sender: str | None = None,
        subject: str | None = None,
        text: str | None = None,
        timeout: float = 2 * LONGEST,
    ) -> None:
        longest = min(LONGEST, timeout / 2)
        self._allowance = Allowance(once=longest, each=longest, shared=True)
        self._to = self._condition("--to", "another recipient (--to)", address, to)
        self._sender = self._condition("--from", "another sender (--from)", address, sender)
        self._subject = self._condition("--subject", "another subject (--subject)", words, subject)
        self._text = self._condition("--text", "another text (--text)", words, text)
        self._running: list[str] = []

    @property
    def about_text(self) -> bool:
        """Whether the message's text matters: its summary is not enough then."""
        return self._text is not None

    @property
    def running(self) -> Sequence[str]:
        """The options that are being tried now."""
        return tuple(self._running)

    def missed(self, message: Message) -> Missed:
        """Return what a summary misses; the text is not looked at."""
        sender = message.sender.address if message.sender else ""
        recipients = [person.address for person in message.recipients]
        return self._missed((self._to, recipients), (self._sender, [sender]), (self._subject, [message.subject]))

    def missed_in(self, text: str) -> Missed:
        """Return what the message's text misses."""
        return self._missed((self._text, [text]))

    def _missed(self, *checks: tuple["_Condition | None", Sequence[str]]) -> Missed:
        """What is undecided matters only where nothing is missed for certain."""
        found = [words for condition, texts in checks if condition and (words := self._tried(condition, texts))]
        return tuple(one for one in found if not isinstance(one, Undecided)) or tuple(found)

    def _tried(self, condition: "_Condition", texts: Sequence[str]) -> str:
        """What is missed, "" where one of the texts meets the condition."""
        self._running.append(condition.option)
        try:
            return "" if any(map(condition.matches, texts)) else condition.missed
        except SearchError as error:
            return Undecided(f"{condition.option} {error}")
        finally:
            self._running.remove(condition.option)

    def _condition(
        self, option: str, missed: str, kind: Callable[[str, Allowance], Matches], pattern: str | None
    ) -> "_Condition | None":
        try:
            return pattern if pattern is None else _Condition(option, missed, kind(pattern, self._allowance))
        except ValueError as error:
            raise ValueError(f"{option} {error}") from None


@dataclass(frozen=True, slots=True)
class _Condition:
    option: str
    missed: str
    matches: Matches


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A mail that came. It is a match if it `missed` nothing, and `answer` is then what is to be printed.

    Where `is_cut`, a limit kept the message from being read whole, and that matters: in the rest of it may be what it
    missed, or more of the answer.
    """

    server: Server
    message: Message
    missed: Missed = ()
    answer: bytes = b""
    is_cut: bool = False


Judge = Callable[[Server, Message, Rest], Verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of each mail: the conditions, and what is to be printed (KINDS of wait_options)."""

    conditions: Conditions
    kind: str

    @property
    def needs_findings(self) -> bool:
        """Whether codes and links are looked for."""
        return self.kind in {"code", "link", "json"}

    def judge(self, server: Server, message: Message, mailbox: Rest) -> Verdict:
        """Answer it for one mail. Raises FaultError."""
        if missed := self.conditions.missed(message):
            return Verdict(server=server, message=message, missed=missed)
        try:
            return self._judge_inside(server, message, mailbox)
        except FaultError as error:
            if error.fault is not Fault.NOT_FOUND:
                raise
            return Verdict(server=server, message=message, missed=("deleted meanwhile",))
        except Exception as error:
            log.debug("a message could not be read", exc_info=error)
            return Verdict(server=server, message=message, missed=("it could not be read",), is_cut=True)

    def _judge_inside(self, server: Server, message: Message, mailbox: Rest) -> Verdict:
        source, text, is_text_cut = Source(), "", False
        if self.conditions.about_text or self.needs_findings or self.kind == "text":
            source = mailbox.source(message.id)
        if self.conditions.about_text or self.kind == "text":
            text, is_text_cut = visible(source)
        if missed := self.conditions.missed_in(f"{source.text}\n{text}"):
            return _missed(server, message, missed, is_cut=source.is_text_cut or is_text_cut)
        found = findings(source) if self.needs_findings else NOTHING
        if self.kind == "raw":
            answer = mailbox.raw_source(message.id)
        else:
            answer = self._line(server, message, found, source.text or text).encode("utf-8", "replace")
        is_cut = found.is_cut
        if self.kind == "text":
            is_cut = source.is_text_cut or (not source.text and is_text_cut)
        if not answer:
            return _missed(server, message, (f"no {self.kind} in it",), is_cut=is_cut)
        is_all = self.kind in {"code", "link"} or bool(found.code and found.link)
        return Verdict(server=server, message=message, answer=answer, is_cut=is_cut and not is_all)

    def _line(self, server: Server, message: Message, found: Findings, text: str) -> str:
        """Return what is printed, "" where the message has none of it."""
        match self.kind:
            case "id":
                answer = line(message.id)
            case "url":
                answer = server.url.view(message.id)
            case "code":
                answer = line(found.code or "")
            case "link":
                answer = line(found.link or "")
            case "json":
                answer = json_line(message_as_json(server.label, server.url.view(message.id), message, found))
            case _:
                answer = lines(text).removesuffix("\n")
        return f"{answer}\n" if answer or self.kind == "text" else ""


def findings(source: Source) -> Findings:
    """The code and the link of a mail."""
    from mailpit_notifier.findings.extraction import full  # its words are many: loaded while nothing is to be done

    return full(source.subject, source.text, source.html, is_cut=source.is_cut)


def visible(source: Source) -> tuple[str, bool]:
    """The words that a reader of the HTML part sees, and whether there may be more."""
    from mailpit_notifier.findings import extraction

    text, is_cut = extraction.visible(source.html) if source.html else ("", False)
    return text, is_cut or source.is_html_cut


def _missed(server: Server, message: Message, missed: Missed, *, is_cut: bool) -> Verdict:
    if is_cut:
        missed = (f"{', '.join(missed)}, in the part that could be read",)
    return Verdict(server=server, message=message, missed=missed, is_cut=is_cut)
