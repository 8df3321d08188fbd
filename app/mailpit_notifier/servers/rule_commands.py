"""Runs the commands of rules: programs of the user, without a shell, with the message as JSON on standard input.

A command that fails or takes too long is shown as a notification. Some run at the same time, each in a thread, but
never all of them for one rule: a slow command delays only its own rule. Runs on the loop.
"""

import asyncio
import json
import subprocess
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.core.contents import message_as_json
from mailpit_notifier.core.rules import Rule
from mailpit_notifier.findings.result import NOTHING, Findings
from mailpit_notifier.notify.notice import Notice
from mailpit_notifier.notify.problem_notices import failure_notice
from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.runtime import processes
from mailpit_notifier.runtime.bridge import in_thread
from mailpit_notifier.runtime.tasks import report
from mailpit_notifier.runtime.text import plain

from .source_finder import SourceFinder, Urgency

MAX_ERROR = 200
"""Characters of a command's standard error that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`timeout` of a command in seconds; how many run at the same time in total (`parallel`) and of one rule
    (`parallel_per_rule`); how many messages may wait for a command (`queued`).

    More messages than that wait only if a command hangs. Their commands are not run, which is shown as a failure.
    """

    timeout: float = 30.0
    parallel: int = 4
    parallel_per_rule: int = 3
    queued: int = 500


class RuleCommands:
    """`show` shows a notice about a failure. `hides` returns whether to leave out the command's output, which may quote
    the message.
    """

    def __init__(
        self,
        finder: SourceFinder,
        show: Callable[[Notice], None],
        hides: Callable[[], bool],
        limits: Limits | None = None,
    ) -> None:
        self._finder = finder
        self._show = show
        self._hides = hides
        self._limits = limits = limits or Limits()
        self._slots = asyncio.Semaphore(limits.parallel)
        self._slots_per_rule: defaultdict[Rule, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(limits.parallel_per_rule)
        )
        self._waiting = 0
        self._is_full = False

    async def run(self, rule: Rule, server: str, name: str, url: str, message: Message) -> None:
        """Run the rule's command for a message. `name`: the server's; `url`: the page of the message."""
        if self._waiting >= self._limits.queued:
            self._reject(rule)
            return
        self._waiting += 1
        try:
            found = await self._findings(server, message)
            data = json.dumps(message_as_json(name, url, message, found)).encode()
            async with self._slots_per_rule[rule], self._slots:
                run = partial(run_command, rule.command, data, self._limits.timeout, hides=self._hides())
                problem = await in_thread("rule command", run)
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._is_full = False
                self._slots_per_rule.clear()
        if problem:
            self._fail(rule, problem)

    def _reject(self, rule: Rule) -> None:
        """Show once that the queue is full; again only after it was empty."""
        if not self._is_full:
            self._is_full = True
            self._fail(rule, QCoreApplication.translate("notify", "Too many messages are waiting for it."))

    async def _findings(self, server: str, message: Message) -> Findings:
        """Return code and link. Without the source, from the summary only: the command is run in any case."""
        try:
            return await self._finder.all_findings(server, message, Urgency.RULE)
        except FaultError:
            return self._finder.quick(message)
        except Exception as error:  # noqa: BLE001 - the command is more important than a code
            report(error, "Reading the source of a message")
            return NOTHING

    def _fail(self, rule: Rule, problem: str) -> None:
        title = QCoreApplication.translate("notify", 'The command of rule "{rule}" failed').format(rule=rule.name)
        self._show(failure_notice(title, problem))


def run_command(command: tuple[str, ...], data: bytes, timeout: float, *, hides: bool = False) -> str:
    """Run a command; return what went wrong, or "". Blocking. `hides`: leave out the command's output."""
    try:
        ended = processes.run_with_input(command, data, timeout, most=MAX_ERROR * 4)
    except subprocess.TimeoutExpired:
        text = QCoreApplication.translate("notify", "{command} was stopped after {count} seconds.")
        return text.format(command=command[0], count=int(timeout))
    except OSError as error:
        text = QCoreApplication.translate("notify", "Cannot run {command}: {reason}.")
        return text.format(command=command[0], reason=error.strerror)
    if not ended.status:
        return ""
    output = plain(processes.decode(ended.printed, "replace"), MAX_ERROR)
    text = QCoreApplication.translate("notify", "{command} exited with status {status}.")
    return " ".join(filter(None, (text.format(command=command[0], status=ended.status), "" if hides else output)))
