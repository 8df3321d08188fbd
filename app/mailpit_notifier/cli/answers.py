"""Whether a message matches the conditions of `wait`.

`Conditions` are patterns for sender, recipients, subject, text, links and codes, all of which must match; the last two
also choose the link and the code. A `Question` adds what to print (printing.py); it judges a message and returns a
`Verdict`. Blocking: where the summary is not enough the source is fetched, which leaves the message unread. Runs in the
thread of each listener.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import monotonic
from typing import Generic, TypeVar

from mailpit_notifier.client.rest import Rest
from mailpit_notifier.client.source import Source
from mailpit_notifier.core.rules import First, Matches, address, bare_address, first_value, words
from mailpit_notifier.core.settings import Server
from mailpit_notifier.findings.result import NOTHING, Findings
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.runtime.pattern_search import Allowance, SearchError

from .printing import Inside, limits_for, printed

log = logging.getLogger(__name__)

_Search = TypeVar("_Search", Matches, First)

Missed = tuple[str, ...]
"""Why a message does not match, a phrase for each condition; empty if it matches."""

LONGEST = 2.0
"""Seconds for one regular expression and one message; at most half of the timeout, so that the report can name it."""


class Undecided(str):
    """A phrase for a condition that could not be decided: its regular expression takes too long."""

    __slots__ = ()


class Conditions:
    """Patterns, each of which may be None. Raises ValueError with a sentence about an invalid pattern.

    Used by several threads at once. `timeout`: seconds that `wait` may take. `clock` returns seconds.
    """

    def __init__(
        self,
        *,
        to: str | None = None,
        sender: str | None = None,
        subject: str | None = None,
        text: str | None = None,
        link: str | None = None,
        code: str | None = None,
        timeout: float = 2 * LONGEST,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        longest = min(LONGEST, timeout / 2)
        self._allowance = Allowance(once=longest, each=longest, shared=True)
        self._to = self._parsed("--to", "different recipient (--to)", one_address, to)
        self._sender = self._parsed("--from", "different sender (--from)", one_address, sender)
        self._subject = self._parsed("--subject", "different subject (--subject)", words, subject)
        self._text = self._parsed("--text", "different text (--text)", words, text)
        self._link = self._parsed("--link", "contains no such link (--link)", one_link, link)
        self._code = self._parsed("--code", "contains no such code (--code)", first_value, code)
        self._slow = longest / 4
        self._clock = clock
        self._running: list[tuple[str, float]] = []  # options, and since when their pattern is matched

    @property
    def about_text(self) -> bool:
        """Whether there is a condition on the text, for which the summary is not enough."""
        return self._text is not None

    @property
    def chooses_link(self) -> bool:
        """Whether there is a pattern for the link."""
        return self._link is not None

    @property
    def chooses_code(self) -> bool:
        """Whether there is a pattern for the code."""
        return self._code is not None

    @property
    def running(self) -> Sequence[str]:
        """The options whose pattern has been matched for so long that it may never end."""
        now = self._clock()
        return tuple(option for option, began in self._running if now - began > self._slow)

    def missed(self, message: Message) -> Missed:
        """Return why a message's summary does not match. Ignores the condition on the text."""
        sender = message.sender.address if message.sender else ""
        recipients = [person.address for person in message.recipients]
        return self._missed((self._to, recipients), (self._sender, [sender]), (self._subject, [message.subject]))

    def missed_in(self, text: str) -> Missed:
        """Return why a message's text does not match."""
        return self._missed((self._text, [text]))

    def choices(self, inside: Inside) -> "Choices":
        """Return the first link and the first code that match."""
        link, no_link = self._chosen(self._link, lambda first: _first_link(first, inside))
        code, no_code = self._chosen(self._code, lambda first: _first_code(first, inside))
        return Choices(link=link, code=code, missed=_certain(no_link, no_code))

    def _chosen(self, pattern: "_Pattern[First] | None", find: Callable[[First], str]) -> tuple[str | None, str]:
        """Return what a pattern chooses, and, if it chooses nothing, why."""
        if pattern is None:
            return None, ""
        try:
            with self._matching(pattern.option):
                chosen = find(pattern.search)
        except SearchError as error:
            return None, Undecided(f"{pattern.option} {error}")
        return (chosen, "") if chosen else (None, pattern.missed)

    def _missed(self, *checks: tuple["_Pattern[Matches] | None", Sequence[str]]) -> Missed:
        return _certain(*(self._tried(pattern, texts) for pattern, texts in checks if pattern))

    def _tried(self, pattern: "_Pattern[Matches]", texts: Sequence[str]) -> str:
        """Return what is missed, "" if one of the texts matches."""
        try:
            with self._matching(pattern.option):
                return "" if any(map(pattern.search, texts)) else pattern.missed
        except SearchError as error:
            return Undecided(f"{pattern.option} {error}")

    @contextmanager
    def _matching(self, option: str) -> Iterator[None]:
        entry = option, self._clock()
        self._running.append(entry)
        try:
            yield
        finally:
            self._running.remove(entry)

    def _parsed(
        self, option: str, missed: str, kind: Callable[[str, Allowance], _Search], pattern: str | None
    ) -> "_Pattern[_Search] | None":
        try:
            return pattern if pattern is None else _Pattern(option, missed, kind(pattern, self._allowance))
        except ValueError as error:
            raise ValueError(f"{option} {error}") from None


def _certain(*phrases: str) -> Missed:
    """Return why a message does not match. What is undecided counts only if nothing else is missed."""
    missed = tuple(filter(None, phrases))
    return tuple(one for one in missed if not isinstance(one, Undecided)) or missed


def one_address(pattern: str, allowance: Allowance) -> Matches:
    """As `rules.address`, for what can be an address. Raises ValueError for a list or a name, which match nothing."""
    bare = bare_address(pattern)
    if not bare.startswith(('"', "/")) and any(sign in bare for sign in " \t,;<>"):
        raise ValueError("must be one address, such as ann@example.test or *@example.test.")
    return address(pattern, allowance)


def one_link(pattern: str, allowance: Allowance) -> First:
    """As `rules.first_value`, for what can be a link. Raises ValueError for a part of one, which matches nothing."""
    if not pattern.startswith("/") and not any(sign in pattern for sign in "*:"):
        raise ValueError("must match the whole link, such as https://*/confirm* or /confirm/.")
    return first_value(pattern, allowance)


def _first_link(first: First, inside: Inside) -> str:
    hit = first(inside.links)
    return inside.links[hit.place] if hit else ""


def _first_code(first: First, inside: Inside) -> str:
    """Return the first word that matches; or what matches in the first line that does, for codes of several words."""
    if hit := first(inside.words):
        return hit.group or inside.words[hit.place]
    hit = first(inside.lines)
    return (hit.group or hit.whole) if hit else ""


@dataclass(frozen=True, slots=True)
class _Pattern(Generic[_Search]):
    """The pattern of an option, and the phrase for a message that it does not match."""

    option: str
    missed: str
    search: _Search


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The link and the code that the patterns choose, None without a pattern or a match."""

    link: str | None
    code: str | None
    missed: Missed


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A message that was judged. It matches if `missed` is empty, and `answer` is then what to print.

    `is_cut`: the message is too large to be read whole; the rest may contain what was not found, or more of the answer.
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
        """Whether the code or the link must be found without a pattern."""
        match self.kind:
            case "code":
                return not self.conditions.chooses_code
            case "link":
                return not self.conditions.chooses_link
        return self.kind == "json"

    @property
    def _needs_source(self) -> bool:
        conditions = self.conditions
        is_inside = conditions.about_text or conditions.chooses_link or conditions.chooses_code
        return is_inside or self.kind not in {"id", "url", "raw"}

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
            log.debug("Cannot read a message", exc_info=error)
            return Verdict(server=server, message=message, missed=("cannot be read",), is_cut=True)

    def _judge_inside(self, server: Server, message: Message, mailbox: Rest) -> Verdict:
        source = Source()
        if self._needs_source:
            with_attachments = self.kind == "attachments"
            source = mailbox.source(message.id, limits_for(self.kind), with_attachments=with_attachments)
        inside = Inside(source, message.subject)
        if self.conditions.about_text and (missed := self.conditions.missed_in(inside.both_texts)):
            return _missed(server, message, missed, is_cut=inside.is_cut)
        chosen = self.conditions.choices(inside)
        if chosen.missed:
            return _missed(server, message, chosen.missed, is_cut=inside.is_cut)
        found = findings(source) if self.needs_findings else NOTHING
        is_cut = self._is_cut(inside, found)
        found = replace(found, code=chosen.code or found.code, link=chosen.link or found.link)
        if self.kind == "raw":
            answer = mailbox.raw_source(message.id)
        else:
            answer = printed(self.kind, server, message, inside, found).encode("utf-8", "replace")
        if not answer:
            return _missed(server, message, (self._lack,), is_cut=is_cut)
        is_cut = is_cut and not self._is_complete(inside, found)
        return Verdict(server=server, message=message, answer=answer, is_cut=is_cut)

    @property
    def _lack(self) -> str:
        if self.kind in {"code", "link"}:  # there may be one that only a pattern finds
            return f"contains no recognizable {self.kind} (choose one with --{self.kind})"
        return f"contains no {self.kind}"

    def _is_cut(self, inside: Inside, found: Findings) -> bool:
        """Return whether the part that was not read may contain more of the answer."""
        match self.kind:
            case "text":
                return inside.is_text_cut
            case "html":
                return inside.source.is_html_cut
            case "attachments":
                return inside.source.is_partial
            case "json":
                return found.is_cut or inside.is_text_cut
        return found.is_cut

    def _is_complete(self, inside: Inside, found: Findings) -> bool:
        """Return whether nothing of the answer is missing, although not all of the message was read."""
        source = inside.source
        is_whole = not (source.text and source.is_text_cut) and not (source.html and source.is_html_cut)
        return self.kind in {"code", "link"} or bool(self.kind == "json" and found.code and found.link and is_whole)


def findings(source: Source) -> Findings:
    """Return the code and the link of a message."""
    from mailpit_notifier.findings.extraction import full  # slow to load: done while nothing has arrived yet

    return full(source.subject, source.text, source.html, is_cut=source.is_cut)


def _missed(server: Server, message: Message, missed: Missed, *, is_cut: bool) -> Verdict:
    if is_cut:
        missed = (f"{', '.join(missed)}, in the part that was read",)
    return Verdict(server=server, message=message, missed=missed, is_cut=is_cut)
