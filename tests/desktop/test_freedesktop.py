"""Notifications with a real service on a private bus, and the back ends that are used without one."""

import asyncio
import io
import logging
import random
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from mailpit_notifier.notify.backends import FallbackNotifier, PrintedNotifier, TrayMessageNotifier, desktop_notifier
from mailpit_notifier.notify.freedesktop import FreedesktopNotifier
from mailpit_notifier.notify.notice import DEFAULT, Action, Emblem, Key, Notice, Result, Urgency
from mailpit_notifier.notify.service import SERVICE_TIMING, ServiceTiming
from mailpit_notifier.runtime.loop import Loop
from notification_service import NotificationService, PrivateBus, private_bus

Click = tuple[Key, str, str]

COPY = Action(key="copy", label="Copy 482913")


class Clicks(asyncio.Queue[Click]):
    """The activated actions, in order."""

    def add(self, key: Key, action: str, token: str) -> None:
        self.put_nowait((key, action, token))

    async def next(self) -> Click:
        async with asyncio.timeout(10):
            return await self.get()


def notice(message_id: str = "A1", **fields: Any) -> Notice:
    return Notice(
        key=("http://localhost:8025/", message_id), **{"title": "Hello", "body": "To ann@example.com"} | fields
    )


async def all_heard(notifier: FreedesktopNotifier) -> None:
    """Return when the notifier has read every signal sent before: the bus keeps the order.

    Only tests need this, so the notifier has no method for it.
    """
    await notifier._service.call("GetServerInformation")


@pytest.fixture
def bus() -> Iterator[PrivateBus]:
    with tempfile.TemporaryDirectory() as folder, private_bus(Path(folder)) as private:
        yield private


@pytest.fixture
def service(bus: PrivateBus) -> Iterator[NotificationService]:
    with NotificationService(bus.address) as recording:
        yield recording


@pytest.fixture
def clicks() -> Clicks:
    return Clicks()


@pytest.fixture
def timing() -> ServiceTiming:
    return SERVICE_TIMING


@pytest.fixture
async def notifier(bus: PrivateBus, clicks: Clicks, timing: ServiceTiming) -> AsyncIterator[FreedesktopNotifier]:
    freedesktop = FreedesktopNotifier(
        clicks.add, icon="file:///icon.svg", default_label="Open", address=bus.address, timing=timing
    )
    yield freedesktop
    await freedesktop.stop()


async def test_a_notice_is_sent_with_all_that_desktops_use(
    service: NotificationService, notifier: FreedesktopNotifier
) -> None:
    assert await notifier.show(notice(title="<b>Code</b>", body='a < b & "c"\nnext', actions=(COPY,)))
    call = service.notices[0]
    assert call["app_name"] == "Mailpit Notifier"
    assert call["app_icon"] == "file:///icon.svg"
    assert call["summary"] == "<b>Code</b>"
    assert call["body"] == 'a &lt; b &amp; "c"\nnext'
    assert call["actions"] == ["default", "Open", "copy", "Copy 482913"]
    assert call["hints"] == {"desktop-entry": "mailpit-notifier", "category": "email.arrived", "urgency": 1}
    assert (call["replaces_id"], call["expire_timeout"]) == (0, -1)
    assert await notifier.show(notice("A2", urgency=Urgency.LOW))
    assert service.notices[1]["hints"]["urgency"] == 0


async def test_a_new_service_is_asked_for_its_capabilities(
    service: NotificationService, notifier: FreedesktopNotifier, clicks: Clicks
) -> None:
    assert await notifier.show(notice("before"))
    service.do("restart", capabilities=["body"])
    await all_heard(notifier)
    assert await notifier.show(notice("after", body="<i> & co"))
    call = service.notices[-1]
    assert (call["body"], call["actions"]) == ("<i> & co", [])
    service.do("restart", capabilities=["actions"])
    service.do("invoke", id=1)  # of a notification of the service that ran before
    await all_heard(notifier)
    assert await notifier.show(notice("before", actions=(COPY,)))
    assert service.notices[-1]["replaces_id"] == 0
    assert service.notices[-1]["actions"]
    service.do("invoke", id=1, action="copy")
    assert await clicks.next() == (notice("before").key, "copy", "")


async def test_the_same_key_replaces_what_is_shown_until_it_is_closed(
    service: NotificationService, notifier: FreedesktopNotifier
) -> None:
    for message_id in ("A1", "A2", "A1"):
        await notifier.show(notice(message_id))
    assert [notice["replaces_id"] for notice in service.notices] == [0, 0, 1]
    service.do("close", id=1)
    await all_heard(notifier)
    await notifier.show(notice("A1"))
    assert service.notices[-1]["replaces_id"] == 0


async def test_an_update_keeps_the_urgency_and_is_shown_only_while_its_notice_is_visible(
    service: NotificationService, notifier: FreedesktopNotifier
) -> None:
    update = notice("A1", update=True)
    assert notifier.can_update
    assert await notifier.show(update) is Result.SKIPPED
    for end in (1, 2):  # expired, dismissed
        assert await notifier.show(notice("A1")) is Result.SHOWN
        assert await notifier.show(update) is Result.SHOWN
        service.do("close", id=service.notices[-1]["id"], reason=end)
        await all_heard(notifier)
        assert await notifier.show(update) is Result.SKIPPED
    assert [notice["replaces_id"] for notice in service.notices] == [0, 1, 1, 1]
    assert {notice["hints"]["urgency"] for notice in service.notices} == {Urgency.NORMAL.value}


async def test_an_expired_notice_is_still_withdrawn_clicked_and_replaced(
    bus: PrivateBus, service: NotificationService, clicks: Clicks
) -> None:
    notifier = FreedesktopNotifier(clicks.add, address=bus.address, max_expired=3)
    names = ("forgotten", "read", "clicked", "replaced")
    for message_id in names:
        await notifier.show(notice(message_id))
    for number in range(1, 5):
        service.do("close", id=number, reason=1)  # Plasma keeps each in its history
    service.do("invoke", id=3)
    assert await clicks.next() == (notice("clicked").key, DEFAULT, "")
    for message_id in names[:2]:
        await notifier.withdraw(notice(message_id).key)
    await notifier.show(notice("replaced"))
    assert service.notices[-1]["replaces_id"] == 4
    await notifier.stop()
    await service.until(lambda: len(service.named("CloseNotification")) == 3)
    assert {call["id"] for call in service.named("CloseNotification")} == {2, 3, 4}


async def test_a_service_may_give_an_expired_notice_another_id(
    service: NotificationService, notifier: FreedesktopNotifier, clicks: Clicks
) -> None:
    await notifier.show(notice("A1"))
    service.do("close", id=1, reason=1)
    await all_heard(notifier)
    service.do("renumber")
    await notifier.show(notice("A1"))
    service.do("invoke", id=1)
    service.do("invoke", id=2, token="new")
    assert await clicks.next() == (notice("A1").key, DEFAULT, "new")
    await notifier.withdraw(notice("A1").key)
    await service.until(lambda: service.named("CloseNotification"))
    assert [call["id"] for call in service.named("CloseNotification")] == [2]


async def test_the_code_is_in_the_body_where_there_are_no_buttons(
    service: NotificationService, notifier: FreedesktopNotifier
) -> None:
    coded = notice(body="ann@example.com.", body_without_buttons="Code <482913>.", actions=(COPY,))
    await notifier.show(coded)
    for capabilities in (["body", "body-markup"], ["actions", "body", "body-markup", "x-dunst-stack-tag"]):
        service.do("restart", capabilities=capabilities)
        await all_heard(notifier)
        await notifier.show(coded)
    assert [notice["body"] for notice in service.notices] == ["ann@example.com.", *["Code &lt;482913&gt;."] * 2]


async def test_one_of_several_servers_has_its_own_icon(
    qapp: QApplication, service: NotificationService, notifier: FreedesktopNotifier
) -> None:
    for message_id, emblem in (
        ("A1", Emblem(color="#b8642a", initial="S")),
        ("A2", Emblem(color="#b8642a", initial="T")),
    ):
        await notifier.show(notice(message_id, emblem=emblem))
    (width, height, line, alpha, bits, channels, pixels), other = (
        notice["hints"]["image-data"] for notice in service.notices
    )
    assert (width, height, line, alpha, bits, channels) == (64, 64, 256, True, 8, 4)
    data = bytes.fromhex(pixels)
    assert len(data) == line * height
    assert data[:4] == bytes(4)  # a transparent corner
    assert data[line * 5 + 4 * 32 :][:4] == bytes.fromhex("b8642aff")
    assert pixels != other[-1]  # the letter


async def test_a_click_has_the_key_of_its_notice_and_its_own_token(
    service: NotificationService, notifier: FreedesktopNotifier, clicks: Clicks
) -> None:
    await notifier.show(notice("A1", actions=(COPY,)))
    await notifier.show(notice("A2"))
    service.do("invoke", id=2, token="token-2")
    service.do("invoke", id=1, action="copy")
    service.do("invoke", id=2)
    assert await clicks.next() == (notice("A2").key, DEFAULT, "token-2")
    assert await clicks.next() == (notice("A1").key, "copy", "")
    assert await clicks.next() == (notice("A2").key, DEFAULT, "")


async def test_a_click_read_together_with_the_answer_is_not_lost(
    service: NotificationService, notifier: FreedesktopNotifier, clicks: Clicks
) -> None:
    await notifier.start()
    service.do("click_at_once", token="quick")
    showing = asyncio.create_task(notifier.show(notice()))
    await asyncio.sleep(0)
    # The loop is blocked here until the bus has received answer, token and click for it.
    service.wait_for(lambda: service.named("Notify"))
    service.do("nothing")
    assert await clicks.next() == (notice().key, DEFAULT, "quick")
    assert await showing


async def test_clicks_on_notifications_of_other_programs_do_nothing(
    service: NotificationService, notifier: FreedesktopNotifier, clicks: Clicks
) -> None:
    for message_id in ("closed", "ours"):
        await notifier.show(notice(message_id, actions=(COPY,)))
    service.do("close", id=1)
    service.do("invoke", id=1)
    service.do("invoke", id=99)
    service.do("forge", id=2)
    service.do("invoke", id=2, action="delete")  # it does not offer this
    service.do("invoke", id=2, action="copy")
    assert await clicks.next() == (notice("ours").key, "copy", "")
    assert clicks.empty()


async def test_actions_of_a_replaced_notice_do_nothing(
    service: NotificationService, notifier: FreedesktopNotifier, clicks: Clicks
) -> None:
    await notifier.show(notice("A1", actions=(COPY,)))
    await notifier.show(notice("A1", actions=(Action(key="undo", label="Undo"),)))
    service.do("invoke", id=1, action="copy")
    service.do("invoke", id=1, action="undo")
    assert await clicks.next() == (notice("A1").key, "undo", "")
    assert clicks.empty()


async def test_a_reused_id_belongs_to_the_last_notice(
    service: NotificationService, notifier: FreedesktopNotifier, clicks: Clicks
) -> None:
    await notifier.show(notice("A1"))
    service.do("number", newest=0)
    await notifier.show(notice("A2"))
    service.do("invoke", id=1)
    assert await clicks.next() == (notice("A2").key, DEFAULT, "")
    await notifier.show(notice("A1"))
    assert service.notices[-1]["replaces_id"] == 0


async def test_fifty_notifications_clicked_in_any_order_open_the_right_messages(
    service: NotificationService, notifier: FreedesktopNotifier, clicks: Clicks
) -> None:
    ids = [f"A{number}" for number in range(50)]
    assert all(await asyncio.gather(*(notifier.show(notice(message_id, title=message_id)) for message_id in ids)))
    shown = random.sample(service.notices, 50)
    for call in shown:
        service.do("invoke", id=call["id"])
    assert [(await clicks.next())[0][1] for _ in shown] == [call["summary"] for call in shown]


async def test_without_a_service_showing_fails_and_warns_once_for_each_outage(
    bus: PrivateBus, notifier: FreedesktopNotifier, caplog: pytest.LogCaptureFixture
) -> None:
    def warnings() -> int:
        return sum(record.levelno >= logging.WARNING for record in caplog.records)

    assert not await notifier.start()
    assert not await notifier.show(notice(title="secret"))
    assert warnings() == 1
    with NotificationService(bus.address) as late:
        assert await notifier.show(notice())
        assert late.notices
    assert [await notifier.show(notice()) for _ in range(3)] == [Result.FAILED] * 3
    assert warnings() == 2
    assert "secret" not in caplog.text


@pytest.mark.parametrize(("printing", "warned"), [(False, 1), (True, 0)])
async def test_where_notifications_are_printed_by_design_a_missing_service_is_no_warning(
    bus: PrivateBus,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    printing: bool,
    warned: int,
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
    ways = desktop_notifier(lambda *_: None, lambda *_: False, printing=printing)
    await ways.start()
    assert await ways.show(notice())
    await ways.stop()
    assert capsys.readouterr().out == "Notification: Hello | To ann@example.com\n"
    assert sum("No desktop notifications" in record.message for record in caplog.records) == warned


async def test_the_bus_starts_a_service_that_can_be_started(bus: PrivateBus, notifier: FreedesktopNotifier) -> None:
    bus.kill()
    bus.start_service_on_demand()
    bus.start()
    assert await notifier.show(notice())


@pytest.mark.parametrize("timing", [ServiceTiming(call=0.5)])
async def test_showing_fails_if_the_service_refuses_or_hangs(
    service: NotificationService, notifier: FreedesktopNotifier, clicks: Clicks
) -> None:
    service.do("refuse")
    assert not await notifier.show(notice("refused"))
    service.do("refuse", error="")
    service.do("hang")
    assert not await notifier.show(notice("late"))
    service.do("hang", hanging=False)
    service.do("invoke", id=1)
    assert await clicks.next() == (notice("late").key, DEFAULT, "")
    assert await notifier.show(notice("late"))
    assert service.notices[-1]["replaces_id"] == 1


@pytest.mark.parametrize("timing", [ServiceTiming(reconnect=600.0)])
async def test_a_lost_bus_is_not_connected_again_before_its_time(
    bus: PrivateBus, notifier: FreedesktopNotifier
) -> None:
    with NotificationService(bus.address):
        assert await notifier.show(notice())
        bus.kill()
    assert not await notifier.show(notice())
    bus.start()
    with NotificationService(bus.address):
        assert not await notifier.show(notice())


@pytest.mark.parametrize("timing", [ServiceTiming(reconnect=0.0)])
async def test_a_lost_bus_is_noticed_at_once_and_connected_again_when_it_is_back(
    bus: PrivateBus, notifier: FreedesktopNotifier, clicks: Clicks
) -> None:
    with NotificationService(bus.address):
        assert await notifier.show(notice())
        bus.kill()
    assert not await notifier.show(notice())
    bus.start()
    with NotificationService(bus.address) as service:
        assert await notifier.show(notice())
        assert service.notices[0]["replaces_id"] == 0
        service.do("invoke", id=1)
        assert await clicks.next()
        await notifier.stop()


async def test_a_call_in_progress_fails_when_the_bus_is_lost(
    bus: PrivateBus, service: NotificationService, notifier: FreedesktopNotifier
) -> None:
    await notifier.start()
    service.do("hang")
    showing = asyncio.create_task(notifier.show(notice()))
    await service.until(lambda: service.named("Notify"))
    bus.kill()
    assert not await showing


async def test_without_a_bus_showing_fails(tmp_path: Path, clicks: Clicks, caplog: pytest.LogCaptureFixture) -> None:
    for address in (f"unix:path={tmp_path}/none", "nonsense", "tcp:host=nowhere.invalid,port=1"):
        nowhere = FreedesktopNotifier(clicks.add, address=address)
        assert not await nowhere.show(notice())
        await nowhere.stop()


async def test_a_notice_is_withdrawn_also_before_the_service_has_answered(
    service: NotificationService, notifier: FreedesktopNotifier
) -> None:
    await notifier.show(notice("A1"))
    await notifier.withdraw(notice("A1").key)
    await notifier.withdraw(notice("A1").key)
    service.do("hang")
    showing = asyncio.create_task(notifier.show(notice("A2")))
    await service.until(lambda: len(service.named("Notify")) == 2)
    await notifier.withdraw(notice("A2").key)
    service.do("hang", hanging=False)
    assert await showing
    await service.until(lambda: len(service.named("CloseNotification")) == 2)
    assert [call["id"] for call in service.named("CloseNotification")] == [1, 2]


async def test_stopping_withdraws_all_notices(service: NotificationService, notifier: FreedesktopNotifier) -> None:
    await asyncio.gather(*(notifier.show(notice(f"A{number}")) for number in range(20)))
    showing = asyncio.create_task(notifier.show(notice("last")))
    await asyncio.sleep(0)
    await notifier.stop()
    await showing
    await service.until(lambda: len(service.named("CloseNotification")) == 21)
    assert not await notifier.show(notice()), "not after it was stopped"


async def test_stopping_does_not_wait_for_a_service_that_hangs(
    service: NotificationService, notifier: FreedesktopNotifier
) -> None:
    for number in range(100):
        await notifier.show(notice(str(number)))
    service.do("hang")
    async with asyncio.timeout(3):
        await notifier.stop()
    await service.until(lambda: len(service.named("CloseNotification")) == 100)
    assert not service.named("GetServerInformation"), "the answer to which would be missing"


def test_it_works_on_the_loop_of_the_program(qapp: QApplication, bus: PrivateBus, service: NotificationService) -> None:
    async def show_and_click() -> Click:
        clicks = Clicks()
        notifier = FreedesktopNotifier(clicks.add, address=bus.address)
        assert all(await asyncio.gather(*(notifier.show(notice(str(number))) for number in range(20))))
        service.do("invoke", id=service.notices[6]["id"], token="token")
        click = await clicks.next()
        await notifier.stop()
        return click

    with asyncio.Runner(loop_factory=lambda: Loop(qapp)) as runner:
        assert runner.run(show_and_click()) == (notice("6").key, DEFAULT, "token")


async def test_each_notice_is_shown_by_the_first_back_end_that_works(
    bus: PrivateBus, notifier: FreedesktopNotifier
) -> None:
    printed, trayed, tray_there = io.StringIO(), list[tuple[str, str]](), True
    clicked: list[tuple[Key, str, str]] = []

    def show_message(title: str, body: str, on_click: Callable[[], None]) -> bool:
        trayed.append((title, body))
        on_click()
        return tray_there

    tray = TrayMessageNotifier(show_message, lambda *what: clicked.append(what))
    chain = FallbackNotifier([notifier, tray, PrintedNotifier(printed)])
    assert await chain.start()
    assert await chain.show(notice("in the tray"))
    assert trayed == [("Hello", "To ann@example.com")]
    assert clicked == [(notice("in the tray").key, DEFAULT, "")]
    assert not printed.getvalue()
    tray_there = False
    assert await chain.show(notice("printed", body="To ann@example.com\nHi"))
    assert printed.getvalue() == "Notification: Hello | To ann@example.com | Hi\n"
    with NotificationService(bus.address) as late:
        assert await chain.show(notice("by the service"))
        assert len(late.notices) == 1
        assert len(trayed) == 2
        await chain.withdraw(notice("by the service").key)
        await late.until(lambda: late.named("CloseNotification"))
        await chain.stop()


async def test_a_container_prints_every_notice_besides_showing_it(
    service: NotificationService, notifier: FreedesktopNotifier
) -> None:
    printed = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    chain = FallbackNotifier([notifier], also=[PrintedNotifier(printed)])
    assert await chain.show(notice(title="Grüße"))
    assert service.notices
    assert printed.buffer.getvalue() == b"Notification: Gr??e | To ann@example.com\n"
    service.do("stop")
    assert await chain.show(notice())
    printed.close()
    assert not await chain.show(notice())
