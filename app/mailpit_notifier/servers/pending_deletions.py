"""Deletions that can still be undone.

Mailpit cannot undelete, so it is asked to delete only when the time for the undo is over. Until then the message stays
in the inbox, but is neither shown nor counted. Ending the program deletes nothing. Runs on the loop.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mailpit_notifier.notify.notice import Key
from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.runtime.tasks import Tasks, report

from .timing import DEFAULT_TIMING, Timing


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionCallbacks:
    """`visibility_changed`: a message is pending now, or no longer: check with `in`. `changed`: other messages can be
    undone now. `failed`: the server did not delete a message.
    """

    visibility_changed: Callable[[Key], None]
    changed: Callable[[], None]
    failed: Callable[[Key, FaultError], None]


class PendingDeletions:
    """The messages that are about to be deleted. `delete` asks the server to delete one, and raises FaultError."""

    def __init__(
        self,
        delete: Callable[[Key], Awaitable[None]],
        callbacks: DeletionCallbacks,
        timing: Timing = DEFAULT_TIMING,
    ) -> None:
        self._delete = delete
        self._callbacks = callbacks
        self._timing = timing
        self._pending: dict[Key, asyncio.TimerHandle | None] = {}  # None: countdown paused, or the server is asked
        self._paused: set[Key] = set()
        self._tasks = Tasks()

    def __contains__(self, key: object) -> bool:
        """Return whether a message is pending."""
        return key in self._pending

    @property
    def undoable(self) -> list[Key]:
        """The messages whose deletion can still be undone, the most recent one last."""
        return [key for key, timer in self._pending.items() if timer or key in self._paused]

    def add(self, key: Key) -> None:
        """Delete a message when the undo countdown ends. Does nothing for one that is pending already."""
        if key not in self._pending:
            self._pending[key] = None
            self.start_countdown(key)
            self._callbacks.visibility_changed(key)
            self._callbacks.changed()

    def undo(self, key: Key) -> bool:
        """Keep the message after all; False when the server has been asked already."""
        if self._pending.get(key) is None and key not in self._paused:
            return False
        self._show_again(key)
        return True

    def pause_countdown(self, key: Key) -> None:
        """Pause the undo countdown, e.g. while the Undo button has focus."""
        if timer := self._pending.get(key):
            timer.cancel()
            self._pending[key] = None
            self._paused.add(key)

    def start_countdown(self, key: Key) -> None:
        """Start the undo countdown of a pending message, from the beginning."""
        if key in self._pending:
            self._paused.discard(key)
            self._pending[key] = asyncio.get_running_loop().call_later(self._timing.undo, self._send, key)

    def remove(self, key: Key) -> None:
        """Forget a message that the server no longer has."""
        if key in self._pending:
            self._paused.discard(key)
            if timer := self._pending.pop(key):
                timer.cancel()
            self._callbacks.changed()

    def cancel_for(self, server: str) -> list[Key]:
        """Undo all deletions on a server that is disconnected for good; return their messages."""
        cancelled = [key for key in self.undoable if key[0] == server]
        for key in cancelled:
            self._show_again(key)
        return cancelled

    async def stop(self) -> None:
        """Delete nothing more."""
        for timer in self._pending.values():
            if timer:
                timer.cancel()
        await self._tasks.stop()

    def _send(self, key: Key) -> None:
        self._pending[key] = None
        self._callbacks.changed()
        self._tasks.run(self._delete_now(key))

    async def _delete_now(self, key: Key) -> None:
        try:
            await self._delete(key)
        except FaultError as error:
            self._callbacks.failed(key, error)
        except Exception as error:  # noqa: BLE001 - the message must be shown again in any case
            report(error, "A delete")
        else:
            await asyncio.sleep(self._timing.delete_event)  # the server's event calls `remove` meanwhile
        self._show_again(key)

    def _show_again(self, key: Key) -> None:
        if key in self._pending:
            self.remove(key)
            self._callbacks.visibility_changed(key)
