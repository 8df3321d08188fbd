"""What `wait` says of a mail: whether it is the one, and what is printed of it.

Blocking: the source of a mail is fetched, which leaves it unread, where the summary does not tell. Runs in the threads
that listen, one per server.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from mailpit_notifier.core.found import NOTHING, Findings
from mailpit_notifier.core.json_mail import json_mail
from mailpit_notifier.core.settings import Server
from mailpit_notifier.mailpit.fault import Fault, FaultError
from mailpit_notifier.mailpit.model import Message
from mailpit_notifier.mailpit.rest import Rest
from mailpit_notifier.mailpit.source import Source, read_source

from .conditions import Conditions, Missed


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A mail that came. It is a match if it `missed` nothing, and `answer` is then what is to be printed."""

    server: Server
    message: Message
    missed: Missed = ()
    answer: bytes = b""


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

    def _judge_inside(self, server: Server, message: Message, mailbox: Rest) -> Judged:
        source, text = Source(), ""
        if self.conditions.about_text or self.needs_findings or self.kind == "text":
            source = read_source(mailbox.source(message.id))
            text = visible(source) if self.conditions.about_text or self.kind == "text" else ""
        if missed := self.conditions.missed_in(f"{source.text}\n{text}"):
            return Judged(server=server, message=message, missed=missed)
        found = findings(source) if self.needs_findings else NOTHING
        if self.kind == "raw":
            answer = mailbox.whole_source(message.id)
        else:
            answer = self._line(server, message, found, source.text or text).encode("utf-8", "replace")
        if not answer:
            return Judged(server=server, message=message, missed=(f"no {self.kind} in it",))
        return Judged(server=server, message=message, answer=answer)

    def _line(self, server: Server, message: Message, found: Findings, text: str) -> str:
        """What is printed, "" where the mail has none of it."""
        match self.kind:
            case "id":
                line = message.id
            case "url":
                line = server.url.view(message.id)
            case "code":
                line = found.code or ""
            case "link":
                line = found.link or ""
            case "json":
                line = json.dumps(
                    json_mail(server.label, server.url.view(message.id), message, found), ensure_ascii=False
                )
            case _:
                return text if text.endswith("\n") else f"{text}\n"
        return f"{line}\n" if line else ""


def findings(source: Source) -> Findings:
    """The code and the link of a mail."""
    from mailpit_notifier.core.findings.extraction import full  # its words are many: loaded while nothing is to be done

    return full(source.subject, source.text, source.html)


def visible(source: Source) -> str:
    """The words that a reader of the HTML part sees."""
    from mailpit_notifier.core.findings.markup import page_of_html

    return "\n".join(line.text for line in page_of_html(source.html).lines) if source.html else ""
