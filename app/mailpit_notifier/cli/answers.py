"""What `wait` says of a mail: whether it is the one, and what is printed of it.

Blocking: the source of a mail is fetched, which leaves it unread, where the summary does not tell. Runs in the threads
that listen, one per server.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from mailpit_notifier.core.found import NOTHING, Findings
from mailpit_notifier.core.json_mail import json_mail
from mailpit_notifier.core.settings import Server
from mailpit_notifier.core.text import json_line, line, lines
from mailpit_notifier.mailpit.fault import Fault, FaultError
from mailpit_notifier.mailpit.model import Message
from mailpit_notifier.mailpit.rest import Rest
from mailpit_notifier.mailpit.source import Source

from .conditions import Conditions, Missed

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A mail that came. It is a match if it `missed` nothing, and `answer` is then what is to be printed.

    Where `is_cut`, a limit kept the message from being read whole, and that matters: in the rest of it may be what it
    missed, or more of the answer.
    """

    server: Server
    message: Message
    missed: Missed = ()
    answer: bytes = b""
    is_cut: bool = False


Judge = Callable[[Server, Message, Rest], Judged]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of each mail: the conditions, and what is to be printed (KINDS of wait_options)."""

    conditions: Conditions
    kind: str

    @property
    def needs_findings(self) -> bool:
        """Whether codes and links are looked for."""
        return self.kind in {"code", "link", "json"}

    def judge(self, server: Server, message: Message, mailbox: Rest) -> Judged:
        """Answer it for one mail. Raises FaultError."""
        if missed := self.conditions.missed(message):
            return Judged(server=server, message=message, missed=missed)
        try:
            return self._judge_inside(server, message, mailbox)
        except FaultError as error:
            if error.fault is not Fault.NOT_FOUND:
                raise
            return Judged(server=server, message=message, missed=("deleted meanwhile",))
        except Exception as error:
            log.debug("a message could not be read", exc_info=error)
            return Judged(server=server, message=message, missed=("it could not be read",), is_cut=True)

    def _judge_inside(self, server: Server, message: Message, mailbox: Rest) -> Judged:
        source, text, is_text_cut = Source(), "", False
        if self.conditions.about_text or self.needs_findings or self.kind == "text":
            source = mailbox.source(message.id)
        if self.conditions.about_text or self.kind == "text":
            text, is_text_cut = visible(source)
        if missed := self.conditions.missed_in(f"{source.text}\n{text}"):
            return _missed(server, message, missed, is_cut=source.is_text_cut or is_text_cut)
        found = findings(source) if self.needs_findings else NOTHING
        if self.kind == "raw":
            answer = mailbox.whole_source(message.id)
        else:
            answer = self._line(server, message, found, source.text or text).encode("utf-8", "replace")
        is_cut = found.is_cut
        if self.kind == "text":
            is_cut = source.is_text_cut or (not source.text and is_text_cut)
        if not answer:
            return _missed(server, message, (f"no {self.kind} in it",), is_cut=is_cut)
        is_all = self.kind in {"code", "link"} or bool(found.code and found.link)
        return Judged(server=server, message=message, answer=answer, is_cut=is_cut and not is_all)

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
                answer = json_line(json_mail(server.label, server.url.view(message.id), message, found))
            case _:
                answer = lines(text).removesuffix("\n")
        return f"{answer}\n" if answer or self.kind == "text" else ""


def findings(source: Source) -> Findings:
    """The code and the link of a mail."""
    from mailpit_notifier.core.findings.extraction import full  # its words are many: loaded while nothing is to be done

    return full(source.subject, source.text, source.html, is_cut=source.is_cut)


def visible(source: Source) -> tuple[str, bool]:
    """The words that a reader of the HTML part sees, and whether there may be more."""
    from mailpit_notifier.core.findings import extraction

    text, is_cut = extraction.visible(source.html) if source.html else ("", False)
    return text, is_cut or source.is_html_cut


def _missed(server: Server, message: Message, missed: Missed, *, is_cut: bool) -> Judged:
    if is_cut:
        missed = (f"{', '.join(missed)}, in the part that could be read",)
    return Judged(server=server, message=message, missed=missed, is_cut=is_cut)
