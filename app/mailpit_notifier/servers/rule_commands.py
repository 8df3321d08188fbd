"""Runs the commands of rules: the user's own programs, without a shell, each with the mail as JSON on its standard
input. One that fails or takes too long is shown.

A few run at once, each in a thread of its own, and never all of them for one rule: a slow command delays its own rule
only. Apart from the announcer because it waits for others.
"""

import asyncio
import json
import subprocess
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.core.message_json import json_mail
from mailpit_notifier.core.rules import Rule
from mailpit_notifier.findings.result import NOTHING, Findings
from mailpit_notifier.notify.notice import Notice
from mailpit_notifier.notify.problem_notices import not_done_notice
from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.runtime import processes
from mailpit_notifier.runtime.bridge import in_thread
from mailpit_notifier.runtime.tasks import report
from mailpit_notifier.runtime.text import plain

from .source_finder import SourceFinder, Urgency

MAX_ERROR = 200
"""Characters of what a command said on its standard error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`seconds` for a command, those that run `at_once` and `of_one` rule, and the mails `waiting` for theirs.

    More mails wait only when a command hangs, and are shown as failures.
    """

    seconds: float = 30.0
    at_once: int = 4
    of_one: int = 3
    waiting: int = 500


class RuleCommands:
    """`tell` shows a notice about a failure. `hides`: whether the command's own words, which may quote the message, are
    left out of it.
    """

    def __init__(
        self,
        finder: SourceFinder,
        tell: Callable[[Notice], None],
        hides: Callable[[], bool],
        limits: Limits | None = None,
    ) -> None:
        self._finder = finder
        self._tell = tell
        self._hides = hides
        self._limits = limits = limits or Limits()
        self._all = asyncio.Semaphore(limits.at_once)
        self._of_rule: defaultdict[Rule, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(limits.of_one))
        self._waiting = 0
        self._is_full = False

    async def run(self, rule: Rule, server: str, name: str, url: str, message: Message) -> None:
        """Run the rule's command for a mail of a server; `name` is the server's, `url` the mail's page."""
        if self._waiting >= self._limits.waiting:
            self._refuse(rule)
            return
        self._waiting += 1
        try:
            found = await self._found(server, message)
            mail = json.dumps(json_mail(name, url, message, found)).encode()
            async with self._of_rule[rule], self._all:
                run = partial(outcome_of, rule.command, mail, self._limits.seconds, hides=self._hides())
                problem = await in_thread("rule command", run)
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._is_full = False
                self._of_rule.clear()
        if problem:
            self._fail(rule, problem)

    def _refuse(self, rule: Rule) -> None:
        """Said once until all that wait have had their turn: it is as true of every mail that comes meanwhile."""
        if not self._is_full:
            self._is_full = True
            self._fail(rule, QCoreApplication.translate("notify", "Too many mails wait for it."))

    async def _found(self, server: str, message: Message) -> Findings:
        """A command runs in any case: without the source with what the summary says."""
        try:
            return await self._finder.everything(server, message, Urgency.RULE)
        except FaultError:
            return self._finder.quick(message)
        except Exception as error:  # noqa: BLE001 - the command is worth more than a code
            report(error, "A look into a message")
            return NOTHING

    def _fail(self, rule: Rule, problem: str) -> None:
        title = QCoreApplication.translate("notify", "The command of «{rule}» failed").format(rule=rule.name)
        self._tell(not_done_notice(title, problem))


def outcome_of(command: tuple[str, ...], mail: bytes, seconds: float, *, hides: bool = False) -> str:
    """Run a command; returns what went wrong, "" if nothing did. Blocking. `hides`: without the command's own words."""
    try:
        ended = processes.run_with_input(command, mail, seconds, most=MAX_ERROR * 4)
    except subprocess.TimeoutExpired:
        text = QCoreApplication.translate("notify", "{command} was ended after {count} seconds.")
        return text.format(command=command[0], count=int(seconds))
    except OSError as error:
        text = QCoreApplication.translate("notify", "{command} cannot be run: {reason}.")
        return text.format(command=command[0], reason=error.strerror)
    if not ended.status:
        return ""
    words = plain(ended.printed.decode("utf-8", "replace"), MAX_ERROR)
    text = QCoreApplication.translate("notify", "{command} ended with status {status}.")
    return " ".join(filter(None, (text.format(command=command[0], status=ended.status), "" if hides else words)))
