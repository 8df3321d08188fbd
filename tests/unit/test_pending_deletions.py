"""Deletions that can still be undone."""

import asyncio

from conditions import until
from mailpit_notifier.notify.notice import Key
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.servers.messages import DeletionCallbacks, PendingDeletions
from mailpit_notifier.servers.timing import Timing

A, B = ("http://shop/", "a"), ("http://shop/", "b")


class Desk:
    """A server that deletes, or fails to delete, and the callbacks that were called."""

    def __init__(self) -> None:
        self.deleted: list[Key] = []
        self.hidden: list[tuple[Key, bool]] = []
        self.failed: list[Key] = []
        self.undoable: list[list[Key]] = []
        self.error: Exception | None = None
        self.deletions = PendingDeletions(
            self.delete,
            DeletionCallbacks(
                visibility_changed=self.on_visibility_changed,
                changed=self.on_changed,
                failed=lambda key, _: self.failed.append(key),
            ),
            Timing(undo=0.02, delete_event=0.02),
        )

    async def delete(self, key: Key) -> None:
        self.deleted.append(key)
        if self.error:
            raise self.error

    def on_changed(self) -> None:
        self.undoable.append(self.deletions.undoable)

    def on_visibility_changed(self, key: Key) -> None:
        self.hidden.append((key, key in self.deletions))


async def test_a_message_is_deleted_once_after_the_undo_time() -> None:
    desk = Desk()
    desk.deletions.add(A)
    desk.deletions.add(A)
    assert desk.hidden == [(A, True)]
    await until(lambda: desk.deleted)
    assert not desk.deletions.undo(A)
    desk.deletions.remove(A)
    assert A not in desk.deletions
    await desk.deletions.stop()
    assert desk.deleted == [A]


async def test_an_undone_deletion_is_not_sent() -> None:
    desk = Desk()
    desk.deletions.add(A)
    desk.deletions.add(B)
    assert desk.deletions.undo(A)
    assert not desk.deletions.undo(A)
    await until(lambda: desk.deleted)
    assert desk.deleted == [B]
    assert (A, False) in desk.hidden
    assert desk.undoable == [[A], [A, B], [B], []]


async def test_a_paused_countdown_deletes_nothing() -> None:
    desk = Desk()
    desk.deletions.add(A)
    desk.deletions.pause_countdown(A)
    desk.deletions.add(B)
    await until(lambda: desk.deleted)
    assert desk.deleted == [B]
    assert desk.deletions.undo(A)
    desk.deletions.add(A)
    desk.deletions.pause_countdown(A)
    desk.deletions.start_countdown(A)
    await until(lambda: A in desk.deleted)
    assert not desk.deletions.undo(A)  # the server has been asked


async def test_a_failed_deletion_is_reported_and_the_message_shown_again() -> None:
    desk = Desk()
    desk.error = FaultError(Fault.REFUSED, "")
    desk.deletions.add(A)
    await until(lambda: desk.failed)
    await until(lambda: A not in desk.deletions)
    assert desk.hidden == [(A, True), (A, False)]


async def test_deletions_on_a_removed_server_are_undone_and_returned() -> None:
    desk = Desk()
    other = ("http://blog/", "a")
    for key in (A, B, other):
        desk.deletions.add(key)
    desk.deletions.pause_countdown(B)
    assert desk.deletions.cancel_for(A[0]) == [A, B]
    assert desk.deletions.undoable == [other]
    assert desk.hidden[3:] == [(A, False), (B, False)]
    await until(lambda: desk.deleted == [other])
    assert desk.deletions.cancel_for(other[0]) == []  # it is on its way


async def test_a_message_that_the_server_keeps_is_shown_again() -> None:
    desk = Desk()
    desk.deletions.add(A)
    await until(lambda: desk.hidden[-1] == (A, False))
    assert desk.deleted == [A]


async def test_stopping_deletes_nothing() -> None:
    desk = Desk()
    desk.deletions.add(A)
    await desk.deletions.stop()
    later = Desk()
    later.deletions.add(B)
    await until(lambda: later.deleted)  # by now the first would have been
    assert desk.deleted == []


async def test_an_unexpected_error_is_reported_and_the_message_shown_again() -> None:
    reported: list[BaseException] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context["exception"]))
    desk = Desk()
    desk.error = ValueError("odd")
    desk.deletions.add(A)
    await until(lambda: A not in desk.deletions)
    assert desk.hidden == [(A, True), (A, False)]
    assert reported == [desk.error]
    desk.error = None
    desk.deletions.add(B)
    await until(lambda: desk.deleted == [A, B])
    await desk.deletions.stop()
