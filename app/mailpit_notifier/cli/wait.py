"""`wait`: wait until a matching message arrives and print a part of it, for end-to-end tests.

Needs no Qt, no display and no running application. Each server has a listener (listener.py), and a thread waits for the
end of the command that is run meanwhile. All of them report through one queue to one coroutine, which decides. Nothing
takes longer than the timeout, and no thread is waited for at the end.
"""

import argparse
import asyncio
import contextlib
import logging
import math
import signal
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeAlias

from mailpit_notifier.client.source import Source
from mailpit_notifier.core.settings import Server
from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.runtime.bridge import Channel
from mailpit_notifier.runtime.pattern_search import TOO_SLOW
from mailpit_notifier.runtime.text import json_line, plain

from .answers import Conditions, Question, Undecided, Verdict, findings
from .common import BY_SIGNAL, COMMAND_FAILED, DONE, FAILED, NO, NOT_REACHED, counted, end_signals, write_answer
from .listener import WAIT_TIMING, Listener, WaitTiming
from .printing import SavedAttachments, SaveError
from .progress import CaughtUp, Connected, Disconnected, Progress
from .server_options import select_servers

if TYPE_CHECKING:  # it loads modules that take 3 ms, and only a command needs it
    from mailpit_notifier.runtime.processes import Child, CommandEnded

log = logging.getLogger(__name__)

MOST_LISTED, MAX_SUBJECT, MAX_ADDRESS = 50, 100, 60
"""Limits of the report after a timeout: number of messages, characters of a subject and of an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to wait for. Times are in seconds; `since` is None for messages of any age."""

    question: Question
    timeout: float
    since: float | None
    count: int = 1
    exactly: bool = False
    none: bool = False
    save: SavedAttachments | None = None
    command: tuple[str, ...] = ()


def run(options: argparse.Namespace, timing: WaitTiming = WAIT_TIMING) -> int:
    """Run the command; return the exit code."""
    try:
        servers = select_servers(options.server, options.config)
        conditions = Conditions(
            to=options.to,
            sender=options.sender,
            subject=options.subject,
            text=options.text,
            link=options.link,
            code=options.code,
            timeout=options.timeout,
        )
        kind = chosen_kind(options)
        save = SavedAttachments(options.save) if options.save else None
        if save:
            save.prepare()
    except (ValueError, SaveError) as error:
        print(error, file=sys.stderr)
        return FAILED
    order = Order(
        question=Question(conditions=conditions, kind=kind),
        timeout=options.timeout,
        since=0.0 if options.words else options.since,
        count=options.exactly or options.count,
        exactly=options.exactly is not None,
        none=options.none,
        save=save,
        command=tuple(options.words),
    )
    # Without a handler, Python would print the session's warnings to standard error, where the report goes.
    logging.getLogger("mailpit_notifier").addHandler(logging.NullHandler())
    return asyncio.run(wait_for(order, servers, timing))


def chosen_kind(options: argparse.Namespace) -> str:
    """Return what is printed: as chosen by --print, else by other options. Raises ValueError with a sentence."""
    if options.save:
        if options.kind not in {None, "attachments"} or options.none:
            raise ValueError("--save is for --print attachments, and not for --none.")
        return "attachments"
    if options.link and options.code and not options.kind:
        raise ValueError("With both --link and --code, --print must say what to print.")
    default = "link" if options.link else "code" if options.code else "id"
    return options.kind or default


async def wait_for(order: Order, servers: Sequence[Server], timing: WaitTiming) -> int:
    """Wait; return the exit code."""
    asyncio.get_running_loop().set_exception_handler(log_exception)
    wait = Wait(order, servers, timing)
    for number in end_signals():
        # Not asyncio's KeyboardInterrupt: raised while the command is started or ended, it would leave that running.
        # Not the loop's add_signal_handler either: it does not exist on Windows.
        signal.signal(number, lambda number, _frame: wait.stop(number))
    try:
        return await wait.run()
    finally:
        wait.end()


def log_exception(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log an unexpected exception. Without this, asyncio would print it to standard error."""
    log.debug("%s", context["message"], exc_info=context.get("exception"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A signal to end was received."""

    number: int


Event: TypeAlias = "Connected | CaughtUp | Disconnected | Verdict | CommandEnded | Stopped"


class Wait:
    """One wait, on the loop. `run` once, then `end`."""

    def __init__(self, order: Order, servers: Sequence[Server], timing: WaitTiming) -> None:
        self._order = order
        self._timing = timing
        self._queue = asyncio.Queue[Event]()
        self._channel = Channel(asyncio.get_running_loop(), self._queue.put_nowait)
        self._began = monotonic()
        self._progress = Progress(servers)
        enough = order.count + order.exactly
        self._listeners = [
            Listener(
                server, order.question.judge, self._channel.put, since=order.since, enough=enough, timing=timing.client
            )
            for server in servers
        ]
        self._tasks: list[asyncio.Task[None]] = []
        self._received: deque[Verdict] = deque(maxlen=MOST_LISTED)
        self._old: list[Verdict] = []  # matching messages that arrived too early to count
        self._number = 0
        self._undecided: set[str] = set()
        self._matches: list[Verdict] = []
        self._settles_from = self._began  # when the last match was received, or the command ended
        self._doubtful: Verdict | None = None  # of those that do not match, one that could not be read whole
        self._is_listening = False
        self._child: Child | None = None
        self._ended: CommandEnded | None = None
        self._stopped: Stopped | None = None

    async def run(self) -> int:
        """Wait, print the answer or the report, and return the exit code."""
        self._tasks = [asyncio.create_task(listener.run()) for listener in self._listeners]
        deadline = self._began + self._order.timeout
        while (left := deadline - monotonic()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left, self._timing.tick)):
                    self._handle(await self._queue.get())
            if (code := await self._decided()) is not None:
                return code
        await asyncio.sleep(0)  # the channel delivers what threads have reported by now
        while not self._queue.empty():
            self._handle(self._queue.get_nowait())
        if self._is_listening and (code := await self._decided()) is not None:
            return code
        return await self._timed_out()

    def stop(self, number: int) -> None:
        """End with this signal's exit code. Called by the signal handler."""
        self._channel.put(Stopped(number=number))

    def end(self) -> None:
        """Stop listening and end the command. Blocks until the command has ended, at most a few seconds."""
        for task in self._tasks:
            task.cancel()
        if self._child:
            self._child.end()

    def _handle(self, event: Event) -> None:
        match event:
            case Stopped():
                self._stopped = event
            case Verdict(age=float()):
                self._old.append(event)
            case Verdict():
                self._received.append(event)
                self._number += 1
                self._undecided.update(words for words in event.missed if isinstance(words, Undecided))
                if not event.missed:
                    self._matches.append(event)
                    self._settles_from = monotonic()
                elif event.is_cut:
                    self._doubtful = event
            case Connected() | CaughtUp() | Disconnected():
                self._progress.apply(event)
            case _:
                self._ended = event
                self._settles_from = monotonic()
                for listener in self._listeners:
                    listener.check_again()  # frames of what it sent may still be on their way

    async def _decided(self) -> int | None:
        """Return the exit code, None to go on waiting."""
        if self._stopped:
            return BY_SIGNAL + self._stopped.number
        if not self._is_listening:
            if not self._progress.can_listen:
                return None
            if (code := self._listen()) is not None:
                return code
        if self._ended and self._ended.status:
            report(f"The command {self._ended.words}.")
            return COMMAND_FAILED
        if self._order.exactly and len(self._matches) > self._order.count:
            return self._too_many()
        if (self._order.command and not self._ended) or len(self._matches) < self._order.count:
            return None
        if self._order.exactly and not self._has_settled:
            return None
        return await self._answer() if self._progress.is_caught_up(1 if self._ended else 0) else None

    @property
    def _has_settled(self) -> bool:
        """Whether another matching message would have been received by now."""
        is_certain = self._progress.are_all_connected and not (self._doubtful or self._undecided)
        return is_certain and self._is_everything_judged and monotonic() >= self._settles_from + self._timing.settling

    def _listen(self) -> int | None:
        """Print `listening` and start the command; return an exit code if it cannot be started."""
        self._is_listening = True
        for listener in self._listeners:
            listener.count_from_now()
        report("listening")
        if self._order.command:
            from mailpit_notifier.runtime.processes import Child

            try:
                self._child = Child(self._order.command, self._channel.put)
            except OSError as error:
                report(f"Cannot start {self._order.command[0]}: {error.strerror}.")
                return FAILED
        if self._order.question.needs_findings:
            findings(Source())  # loads its modules while there is time
        return None

    async def _answer(self) -> int:
        """Print the newest matches, the oldest of them first."""
        matches = sorted(self._matches, key=lambda judged: judged.message.created)[-self._order.count :]
        if self._order.save:
            matches = [await self._saved(judged, self._order.save) for judged in matches]
        if not write_answer(b"".join(judged.answer for judged in matches)):
            return FAILED
        if not self._order.none:
            cut = [judged for judged in matches if judged.is_cut]
            for judged in cut:
                report(f"Only part of this message could be read and printed: {describe(judged)}")
            return FAILED if cut else DONE
        report(f"A message matched: {describe(matches[0])}")
        return NO

    async def _saved(self, judged: Verdict, save: SavedAttachments) -> Verdict:
        """Write the attachments of a message; return the verdict with the list of those that were written."""
        listener = next(one for one in self._listeners if one.key == judged.server.key)
        is_cut = True
        try:
            source = await listener.read_attachments(judged.message.id, save)
            is_cut = source.is_partial
        except FaultError as error:
            report(f"{judged.server.label}: {error.explain()}")
        if save.failure:
            report(str(save.failure))
        return replace(judged, answer=f"{json_line(save.taken())}\n".encode(), is_cut=is_cut)

    def _too_many(self) -> int:
        report(f"More than {counted(self._order.count, 'message')} matched:")
        for judged in sorted(self._matches, key=lambda judged: judged.message.created):
            report(f"  {describe(judged)}")
        return NO

    async def _timed_out(self) -> int:
        is_open = bool(self._order.command) and not self._ended
        if is_cut_off := self._child is not None and is_open:
            report(f"The command did not end within {self._order.timeout:g} s.")
        is_enough = len(self._matches) >= self._order.count and (self._order.none or not is_open)
        if is_enough and not self._order.exactly:
            return await self._answer()  # a server does not answer the last check
        for fault in self._progress.faults():
            report(fault)
        if not self._progress.was_any_connected:
            return NOT_REACHED
        is_limited = self._order.none or (self._order.exactly and is_enough)
        if is_limited and self._doubtful:
            report(f"Only part of this message could be read, so it may match: {describe(self._doubtful)}")
            return FAILED
        if is_limited and not is_cut_off and not self._progress.are_all_connected:
            return NOT_REACHED  # a server that is not connected may have received one
        is_certain = self._is_everything_judged
        if not is_certain:
            report(f"Not all messages could be checked within {self._order.timeout:g} s, so one may match.")
        if is_limited and not is_cut_off:
            code = max(self._none(), DONE if is_certain else FAILED)
            return code if self._order.none or code else await self._answer()
        for line in self._report(is_certain=is_certain):
            report(line)
        return NO if is_certain else FAILED

    @property
    def _is_everything_judged(self) -> bool:
        """Whether all messages are judged. One whose pattern takes too long counts as judged: the report names its
        option.
        """
        if self._order.question.conditions.running:
            return True
        is_idle = all(listener.is_idle for listener in self._listeners)
        return is_idle and self._progress.is_caught_up(1 if self._ended else 0)

    def _none(self) -> int:
        """Return the exit code of --none or --exactly if no other message matched for certain."""
        self._undecided.update(f"{option} {TOO_SLOW}" for option in self._order.question.conditions.running)
        for words in sorted(self._undecided):
            report(f"Whether a message matched is unknown: {words}.")
        return FAILED if self._undecided else DONE

    def _report(self, *, is_certain: bool) -> Iterator[str]:
        """Yield the lines that explain why there is no answer."""
        if self._order.none:
            return
        # A pattern's limit counts processor time, so it may still be running.
        running = self._order.question.conditions.running
        if len(self._matches) < self._order.count:
            found = f"Only {len(self._matches)} of {self._order.count} matching messages"
            received = "Received:" if self._received or running else "Nothing was received." if is_certain else ""
            lacking = (
                f"{found if self._matches else 'No matching message'} within {self._order.timeout:g} s. {received}"
            )
            yield lacking.rstrip()
        for judged in sorted(self._received, key=lambda judged: judged.message.created):
            yield f"  {describe(judged)}: {', '.join(judged.missed) or 'matched'}"
        for option in running:
            yield f"  a message still being matched: {option} {TOO_SLOW}"
        if more := self._number - len(self._received):
            yield f"  and {more} earlier"
        if self._old and len(self._matches) < self._order.count:
            yield "Matching messages that arrived too early to count:"
            yield from (f"  {describe(judged)}: {self._remedy(judged.age)}" for judged in reversed(self._old))

    def _remedy(self, age: float | None) -> str:
        """Return which option would have found a message of this age, in seconds."""
        option = "--since all" if age is None or math.isinf(age) else f"--since {rounded_up(age)}"
        if self._order.command:
            return f"it was there before the command started; without a command, {option} finds it"
        arrived = "" if option.endswith("all") else f" {age:.0f} s before this wait began;"
        return f"it arrived{arrived} {option} finds it" if arrived else f"{option} finds it"


def rounded_up(seconds: float) -> str:
    """Return a duration that is somewhat longer, as on the command line: the next wait begins later."""
    for unit, size in (("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)):
        if seconds < 100 * size:
            return f"{math.floor(seconds / size * 1.2) + 1}{unit}"
    return "all"


def report(line: str) -> None:
    """Print a line to standard error at once."""
    print(line, file=sys.stderr, flush=True)


def describe(judged: Verdict) -> str:
    """Return subject and recipients, safe for a terminal."""
    message = judged.message
    people = ", ".join(plain(person.address or person.name, MAX_ADDRESS) for person in message.recipients[:3])
    return f"{plain(message.subject, MAX_SUBJECT) or '(no subject)'}, to {people or 'no recipient'}"
