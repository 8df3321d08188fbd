"""The commands of the command line, executed in the running program. Their client side is cli/remote.py."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mailpit_notifier.control.instance import Answer, status_report
from mailpit_notifier.core.pauses import FOREVER, format_end
from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.runtime.text import line, plain
from mailpit_notifier.servers.servers import Servers

from . import __version__
from .actions import Actions
from .pause import USER, Pause
from .upgrade import keep_options

MAX_SUBJECT = 80
"""Characters of a subject in an answer: one line of a terminal."""

SEARCHED = 10
"""Messages in which `copy` searches for a code."""

STILL_VALID = timedelta(minutes=10)
"""Age up to which `copy` takes the code of an older message: most codes expire after 10 minutes."""

SOURCE_TIMEOUT = 2.0
"""Seconds to read the sources of messages; the client waits for `control.instance.REPLY_TIMEOUT`, which is longer."""

_Coded = tuple[Message, str]
"""A message and its code."""


class Commands:
    """Answers commands. `show_window` takes an activation token; `quit_program` ends the program.

    `offer_servers` asks in the window whether to watch servers, given their addresses and an activation token, and
    returns a sentence for the terminal. It raises ValueError.
    """

    def __init__(
        self,
        servers: Servers,
        actions: Actions,
        pause: Pause,
        show_window: Callable[[str], None],
        offer_servers: Callable[[Sequence[str], str], str],
        quit_program: Callable[[], None],
    ) -> None:
        self._servers = servers
        self._actions = actions
        self._pause = pause
        self._show_window = show_window
        self._offer_servers = offer_servers
        self._quit_program = quit_program

    async def run(self, command: str, args: Sequence[str], activation_token: str) -> Answer:
        """Run a command. An unknown one, e.g. of a newer client, is answered with an error."""
        match command, list(args):
            case "show", _:
                self._show_window(activation_token)
            case "add", [_, *_] as addresses:
                return self._offer(addresses, activation_token)
            case "quit", args:
                if "for-upgrade" in args:
                    keep_options()
                self._quit_program()
            case "status", _:
                return Answer(data=status_report(self._servers.statuses(), self._pause.until))
            case "pause", [time, *holder]:
                return self._pause_for(time, *holder[:1])
            case "renew", [time, str(holder)]:
                return self._pause_for(time, holder) if self._pause.has_lease(holder) else Answer(ok=False)
            case "resume", holder:
                return self._resume(*holder[:1])
            case "open" | "copy" | "link", _:
                return await self._with_newest(command, activation_token)
            case _:
                return Answer(ok=False, text=f"Unknown command. The running program is version {__version__}.")
        return Answer()

    def _offer(self, addresses: Sequence[str], activation_token: str) -> Answer:
        try:
            return Answer(text=self._offer_servers(addresses, activation_token))
        except ValueError as error:
            return Answer(ok=False, text=str(error))

    def _pause_for(self, time: str, holder: str = USER) -> Answer:
        """Pause; `time` as in `parse_pause`."""
        try:
            self._pause.pause(parse_pause(time), holder)
        except (ValueError, OverflowError):
            return Answer(ok=False, text="Invalid duration. Use 15m, 1h, tomorrow or forever.")
        now = datetime.now(UTC)
        return Answer(text=f"Notifications are paused until {format_end(self._pause.until or now, now)}.")

    def _resume(self, holder: str = USER) -> Answer:
        if self._pause.until is None:
            return Answer(text="Notifications were not paused.")
        self._pause.resume(holder)
        return Answer(text="Notifications are on again.")

    async def _with_newest(self, command: str, activation_token: str) -> Answer:
        newest = self._servers.messages.newest(SEARCHED)
        if not newest:
            return Answer(ok=False, text="There are no messages.")
        server, message = newest[0]
        subject = _subject(message)
        if command == "open":
            self._actions.open((server, message.id), activation_token)
            return Answer(text=f'Opened "{subject}"')
        find = self._actions.find_link if command == "link" else self._actions.find_code
        older: _Coded | None = None
        try:
            async with asyncio.timeout(SOURCE_TIMEOUT):
                found = await find(server, message)
                if command == "copy" and found.code is None:
                    older = await self._newest_code(newest[1:])
        except FaultError as error:
            return Answer(ok=False, text=f"{self._servers.names(server)[0]}: {error.explain()}")
        except TimeoutError:
            return Answer(ok=False, text=f'Could not read "{subject}" within {SOURCE_TIMEOUT:g} seconds.')
        wanted = found.link if command == "link" else found.code
        if wanted is not None:
            return await self._use(command, wanted, subject, activation_token)
        part = " in the part that could be read" if found.is_cut else ""
        lack = f'"{subject}" has no {"link" if command == "link" else "code"}{part}.'
        return await self._use_older(lack, older, activation_token) if older else Answer(ok=False, text=lack)

    async def _newest_code(self, rows: Sequence[tuple[str, Message]]) -> _Coded | None:
        """Return the first of these messages that has a code. A source that cannot be read ends the search."""
        for server, message in rows:
            try:
                found = await self._actions.find_code(server, message)
            except FaultError:
                return None
            if found.code:
                return message, found.code
        return None

    async def _use_older(self, lack: str, older: _Coded, activation_token: str) -> Answer:
        """Copy the code of an older message if it may still be valid; report its age."""
        message, code = older
        age, subject = max(datetime.now(UTC) - message.created, timedelta()), _subject(message)
        if age >= STILL_VALID:
            text = f'{lack} The newest message with a code is "{subject}", {format_age(age)} old.'
            return Answer(ok=False, text=text)
        answer = await self._use("copy", code, subject, activation_token)
        return replace(answer, text=f"{lack} {answer.text}, {format_age(age)} old")

    async def _use(self, command: str, found: str, subject: str, activation_token: str) -> Answer:
        """Open a link, or copy a code."""
        shown = line(found)
        if command == "link":
            opened = self._actions.open_page(found, activation_token)
            return Answer(
                ok=opened, text=f'Opened {shown} from "{subject}"' if opened else "Could not open it in a browser."
            )
        if await self._actions.copy(found, activation_token):
            return Answer(text=f'Copied {shown} from "{subject}"')
        return Answer(text=f'Press Enter in the window to copy {shown} from "{subject}"')


def _subject(message: Message) -> str:
    return plain(message.subject, MAX_SUBJECT) or "(no subject)"


def format_age(age: timedelta) -> str:
    """Format an age in its largest unit: "less than a minute", "1 minute", "3 hours". In English, see `format_end`."""
    units = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))
    for name, unit in units:
        if number := age // unit:
            return f"{number} {name}" if number == 1 else f"{number} {name}s"
    return "less than a minute"


def parse_pause(text: str) -> timedelta | datetime:
    """Parse how long to pause: seconds, a future time (ISO 8601), or "" until the user resumes. Raises ValueError."""
    if not text:
        return FOREVER
    try:
        pause: timedelta | datetime = timedelta(seconds=float(text))
    except ValueError:
        pause = datetime.fromisoformat(text).astimezone()
    if (pause - datetime.now(UTC) if isinstance(pause, datetime) else pause) <= timedelta():
        raise ValueError("it is in the past")
    return pause
