"""Deletes that can still be taken back: Mailpit cannot undelete, so it is asked only when the time for that is over.

Until then the mail is laid aside: nobody shows or counts it, and it stays in the inbox. Ending the program deletes
nothing. Runs on the loop.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mailpit_notifier.notify.notice import Key
from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.runtime.tasks import Tasks, report

UNDO = 10.0
"""Seconds to take a delete back."""

ECHO = 5.0
"""Seconds for the server to say that a mail is gone; one that keeps it has it shown again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionCallbacks:
    """Who is told.

    `laid`: a mail was laid aside or back. `changed`: others can be taken back. `failed`: one could not be deleted.
    """

    visibility_changed: Callable[[Key], None]
    changed: Callable[[], None]
    failed: Callable[[Key, FaultError], None]


class PendingDeletions:
    """The mails that are about to be deleted. `delete` asks the server, for one, and raises FaultError."""

    def __init__(self, delete: Callable[[Key], Awaitable[None]], observer: DeletionCallbacks) -> None:
        self._delete = delete
        self._observer = observer
        self._waiting: dict[Key, asyncio.TimerHandle | None] = {}  # None: kept, or on its way
        self._kept: set[Key] = set()
        self._tasks = Tasks()

    def __contains__(self, key: object) -> bool:
        """Whether a mail is laid aside."""
        return key in self._waiting

    @property
    def undoable(self) -> list[Key]:
        """The mails that can still be taken back, the last one last."""
        return [key for key, timer in self._waiting.items() if timer or key in self._kept]

    def add(self, key: Key) -> None:
        """Lay a mail aside, and delete it unless that is taken back in time. Asked twice is asked once."""
        if key not in self._waiting:
            self._waiting[key] = None
            self.start_countdown(key)
            self._observer.visibility_changed(key)
            self._observer.changed()

    def undo(self, key: Key) -> bool:
        """Take it back; False when it is too late."""
        if self._waiting.get(key) is None and key not in self._kept:
            return False
        self._show_again(key)
        return True

    def pause_countdown(self, key: Key) -> None:
        """Somebody has the undo under their fingers: time stands still."""
        if timer := self._waiting.get(key):
            timer.cancel()
            self._waiting[key] = None
            self._kept.add(key)

    def start_countdown(self, key: Key) -> None:
        """The time for taking it back begins."""
        if key in self._waiting:
            self._kept.discard(key)
            self._waiting[key] = asyncio.get_running_loop().call_later(UNDO, self._send, key)

    def remove(self, key: Key) -> None:
        """The server no longer has it."""
        self._forget(key)

    def cancel_for(self, server: str) -> list[Key]:
        """A server is not listened to any more: return those of its mails that were not deleted, and forget them."""
        left = [key for key in self.undoable if key[0] == server]
        for key in left:
            self._show_again(key)
        return left

    async def stop(self) -> None:
        """Delete nothing more."""
        for timer in self._waiting.values():
            if timer:
                timer.cancel()
        await self._tasks.stop()

    def _forget(self, key: Key) -> None:
        self._kept.discard(key)
        if key in self._waiting:
            if timer := self._waiting.pop(key):
                timer.cancel()
            self._observer.changed()

    def _send(self, key: Key) -> None:
        self._waiting[key] = None
        self._observer.changed()
        self._tasks.run(self._deleting(key))

    async def _deleting(self, key: Key) -> None:
        try:
            await self._delete(key)
        except FaultError as error:
            self._observer.failed(key, error)
        except Exception as error:  # noqa: BLE001 - it must not stay out of sight
            report(error, "A delete")
        else:
            await asyncio.sleep(ECHO)  # it is laid aside until the server says that it is gone
        self._show_again(key)

    def _show_again(self, key: Key) -> None:
        if key in self._waiting:
            self._forget(key)
            self._observer.visibility_changed(key)
