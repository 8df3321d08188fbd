"""Whether a message matches the conditions of `wait`, and what is printed of it.

`Conditions` are patterns for sender, recipients, subject and text, all of which must match. A `Question` adds what to
print; it judges a message and returns a `Verdict`. Blocking: where the summary is not enough the source is fetched,
which leaves the message unread. Runs in the thread of each listener.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mailpit_notifier.client.rest import Rest
from mailpit_notifier.client.source import Source
from mailpit_notifier.core.message_json import message_as_json
from mailpit_notifier.core.rules import Matches, address, bare_address, words
from mailpit_notifier.core.settings import Server
from mailpit_notifier.findings.result import NOTHING, Findings
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.runtime.pattern_search import Allowance, SearchError
from mailpit_notifier.runtime.text import json_line, line, lines

Missed = tuple[str, ...]
"""Why a message does not match, a phrase for each condition; empty if it matches."""

LONGEST = 2.0
"""Seconds for one regular expression and one message; at most half of the timeout, so that the report can name it."""


class Undecided(str):
    """A phrase for a condition that could not be decided: its regular expression takes too long."""

    __slots__ = ()


class Conditions:
    """Patterns, each of which may be None. Raises ValueError with a sentence about an invalid pattern.

    Used by several threads at once. `timeout` is that of `wait`, in seconds.
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
        self._to = self._condition("--to", "different recipient (--to)", one_address, to)
        self._sender = self._condition("--from", "different sender (--from)", one_address, sender)
        self._subject = self._condition("--subject", "different subject (--subject)", words, subject)
        self._text = self._condition("--text", "different text (--text)", words, text)
        self._running: list[str] = []

    @property
    def about_text(self) -> bool:
        """Whether there is a condition on the text, for which the summary is not enough."""
        return self._text is not None

    @property
    def running(self) -> Sequence[str]:
        """The options whose patterns are being matched now."""
        return tuple(self._running)

    def missed(self, message: Message) -> Missed:
        """Return why a message's summary does not match. Ignores the condition on the text."""
        sender = message.sender.address if message.sender else ""
        recipients = [person.address for person in message.recipients]
        return self._missed((self._to, recipients), (self._sender, [sender]), (self._subject, [message.subject]))

    def missed_in(self, text: str) -> Missed:
        """Return why a message's text does not match."""
        return self._missed((self._text, [text]))

    def _missed(self, *checks: tuple["_Condition | None", Sequence[str]]) -> Missed:
        """Return what is undecided only if nothing is missed for certain."""
        found = [words for condition, texts in checks if condition and (words := self._tried(condition, texts))]
        return tuple(one for one in found if not isinstance(one, Undecided)) or tuple(found)

    def _tried(self, condition: "_Condition", texts: Sequence[str]) -> str:
        """Return what is missed, "" if one of the texts matches."""
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


def one_address(pattern: str, allowance: Allowance) -> Matches:
    """As `rules.address`, for what can be an address. Raises ValueError for a list or a name, which match nothing."""
    bare = bare_address(pattern)
    if not bare.startswith(('"', "/")) and any(sign in bare for sign in " \t,;<>"):
        raise ValueError("must be one address, such as ann@example.test or *@example.test.")
    return address(pattern, allowance)


@dataclass(frozen=True, slots=True)
class _Condition:
    option: str
    missed: str
    matches: Matches


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A message that was judged. It matches if `missed` is empty, and `answer` is then what to print.

    `is_cut`: the message is too large to be read whole, and the rest may hold what it missed, or more of the answer.
    """

    server: Server
    message: Message
    missed: Missed = ()
    answer: bytes = b""
    is_cut: bool = False
    age: float | None = None
    """Seconds for which the message was too old to count when listening began; None for one that counts."""


Judge = Callable[[Server, Message, Rest], Verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The conditions, and what to print of a message that meets them: one of KINDS in standalone.py."""

    conditions: Conditions
    kind: str

    @property
    def needs_findings(self) -> bool:
        """Whether the code and the link are needed."""
        return self.kind in {"code", "link", "json"}

    def judge(self, server: Server, message: Message, mailbox: Rest) -> Verdict:
        """Judge one message. Raises FaultError."""
        if missed := self.conditions.missed(message):
            return Verdict(server=server, message=message, missed=missed)
        try:
            return self._judge_inside(server, message, mailbox)
        except FaultError as error:
            if error.fault is not Fault.NOT_FOUND:
                raise
            return Verdict(server=server, message=message, missed=("deleted already",))
        except Exception as error:
            log.debug("cannot read a message", exc_info=error)
            return Verdict(server=server, message=message, missed=("cannot be read",), is_cut=True)

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
            return _missed(server, message, (f"contains no {self.kind}",), is_cut=is_cut)
        is_all = self.kind in {"code", "link"} or bool(found.code and found.link)
        return Verdict(server=server, message=message, answer=answer, is_cut=is_cut and not is_all)

    def _line(self, server: Server, message: Message, found: Findings, text: str) -> str:
        """Return what to print, "" if the message has none of it."""
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
    """Return the code and the link of a message."""
    from mailpit_notifier.findings.extraction import full  # slow to load: done while nothing has arrived yet

    return full(source.subject, source.text, source.html, is_cut=source.is_cut)


def visible(source: Source) -> tuple[str, bool]:
    """Return the visible text of the HTML part, and whether it may be incomplete."""
    from mailpit_notifier.findings import extraction

    text, is_cut = extraction.visible(source.html) if source.html else ("", False)
    return text, is_cut or source.is_html_cut


def _missed(server: Server, message: Message, missed: Missed, *, is_cut: bool) -> Verdict:
    if is_cut:
        missed = (f"{', '.join(missed)}, in the part that was read",)
    return Verdict(server=server, message=message, missed=missed, is_cut=is_cut)
