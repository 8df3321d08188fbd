"""Runs the commands of rules: the user's own programs, without a shell, one after the other, each with the mail as JSON
on its standard input. One that fails or takes too long is told of.

Apart from the announcer because it waits for others: a thread runs them.
"""

import json
import subprocess
import tempfile
from collections.abc import Callable
from typing import IO

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.bridge import Worker
from mailpit_notifier.core.found import Findings
from mailpit_notifier.core.json_mail import json_mail
from mailpit_notifier.core.rules import Rule
from mailpit_notifier.core.text import plain
from mailpit_notifier.mailpit.fault import FaultError
from mailpit_notifier.mailpit.model import Message
from mailpit_notifier.notify.notice import Notice
from mailpit_notifier.notify.troubles import not_done_notice
from mailpit_notifier.programs import runnable

from .finder import SourceFinder, Urgency
from .processes import end

TIMEOUT = 30.0
"""Seconds for a command."""

MOST_WAITING = 500
"""Mails that wait for their command; more come only when a command hangs, and are told of as failures."""

MAX_ERROR = 200
"""Characters of what a command said on its standard error."""


class RuleCommands:
    """`tell` shows a notice about a failure."""

    def __init__(self, finder: SourceFinder, tell: Callable[[Notice], None]) -> None:
        self._finder = finder
        self._tell = tell
        self._worker = Worker("rule commands")
        self._waiting = 0
        self._is_full = False

    def stop(self) -> None:
        """Run no more."""
        self._worker.stop()

    async def run(self, rule: Rule, server: str, name: str, url: str, message: Message) -> None:
        """Run the rule's command for a mail of a server; `name` is the server's, `url` the mail's page."""
        if self._waiting >= MOST_WAITING:
            self._refuse(rule)
            return
        self._waiting += 1
        try:
            found = await self._found(server, message)
            mail = json.dumps(json_mail(name, url, message, found)).encode()
            problem = await self._worker.call(outcome_of, rule.command, mail)
        finally:
            self._waiting -= 1
            self._is_full = self._is_full and self._waiting > 0
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

    def _fail(self, rule: Rule, problem: str) -> None:
        title = QCoreApplication.translate("notify", "The command of «{rule}» failed").format(rule=rule.name)
        self._tell(not_done_notice(title, problem))


def outcome_of(command: tuple[str, ...], mail: bytes) -> str:
    """Run a command; returns what went wrong, "" if nothing did. Blocking.

    It ends when the program itself does. What that leaves behind may go on, and so gets no pipe of ours to hold open.
    """
    try:
        with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as said:
            told.write(mail)
            told.seek(0)
            status = _status(command, told, said)
            said.seek(0)
            words = plain(said.read(MAX_ERROR * 4).decode("utf-8", "replace"), MAX_ERROR)
    except subprocess.TimeoutExpired:
        text = QCoreApplication.translate("notify", "{command} was ended after {count} seconds.")
        return text.format(command=command[0], count=int(TIMEOUT))
    except OSError as error:
        text = QCoreApplication.translate("notify", "{command} cannot be run: {reason}.")
        return text.format(command=command[0], reason=error.strerror)
    if not status:
        return ""
    text = QCoreApplication.translate("notify", "{command} ended with status {status}.")
    return " ".join(filter(None, (text.format(command=command[0], status=status), words)))


def _status(command: tuple[str, ...], told: IO[bytes], said: IO[bytes]) -> int:
    """The exit status. Raises OSError, and TimeoutExpired when it was ended with all that it had started."""
    process = subprocess.Popen(  # noqa: S603 - the user's own command, without a shell
        runnable(command), stdin=told, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True
    )
    try:
        return process.wait(TIMEOUT)
    except subprocess.TimeoutExpired:
        end(process)
        raise
