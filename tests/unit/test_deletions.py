"""Deletes that wait for their undo."""

import asyncio

from mailpit_notifier.notify.notice import Key
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.servers.pending_deletions import DeletionCallbacks, PendingDeletions
from mailpit_notifier.servers.timing import Timing

A, B = ("http://shop/", "a"), ("http://shop/", "b")


class Desk:
    """A server that deletes, or refuses to, and what was told of it."""

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


async def until(condition: object) -> None:
    while not condition():  # type: ignore[operator]
        await asyncio.sleep(0.001)


async def test_a_mail_is_deleted_once_when_the_time_is_over() -> None:
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


async def test_what_is_taken_back_in_time_is_not_deleted() -> None:
    desk = Desk()
    desk.deletions.add(A)
    desk.deletions.add(B)
    assert desk.deletions.undo(A)
    assert not desk.deletions.undo(A)
    await until(lambda: desk.deleted)
    assert desk.deleted == [B]
    assert (A, False) in desk.hidden
    assert desk.undoable == [[A], [A, B], [B], []]


async def test_time_stands_still_as_long_as_somebody_may_still_undo() -> None:
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


async def test_what_could_not_be_deleted_comes_back_and_is_told_of() -> None:
    desk = Desk()
    desk.error = FaultError(Fault.REFUSED, "")
    desk.deletions.add(A)
    await until(lambda: desk.failed)
    await until(lambda: A not in desk.deletions)
    assert desk.hidden == [(A, True), (A, False)]


async def test_what_was_to_be_deleted_on_a_server_that_leaves_is_told_and_forgotten() -> None:
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


async def test_what_a_server_keeps_all_the_same_comes_back() -> None:
    desk = Desk()
    desk.deletions.add(A)
    await until(lambda: desk.hidden[-1] == (A, False))
    assert desk.deleted == [A]


async def test_the_end_of_the_program_deletes_nothing() -> None:
    desk = Desk()
    desk.deletions.add(A)
    await desk.deletions.stop()
    later = Desk()
    later.deletions.add(B)
    await until(lambda: later.deleted)  # by now the first would have been
    assert desk.deleted == []


async def test_a_delete_that_fails_in_an_unexpected_way_shows_the_mail_again() -> None:
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
