"""Notifications with code, link and buttons; and few of them in a burst."""

import subprocess
import sys

import pytest

from notification_service import Event, NotificationService
from program import Program, running, wait_until
from standin import StandIn

PASTE = """
from PySide6.QtWidgets import QApplication
app = QApplication([])
print(app.clipboard().text(), end="")
"""


def clipboard(program: Program) -> str:
    """Return the text that another program would paste."""
    paste = subprocess.run(
        [sys.executable, "-c", PASTE], env=program.environment, capture_output=True, text=True, check=True
    )
    return paste.stdout


def buttons(notice: Event) -> dict[str, str]:
    return dict(zip(notice["actions"][::2], notice["actions"][1::2], strict=True))


def notice_of(service: NotificationService, subject: str, *buttons_wanted: str) -> Event:
    """Return the last notification with this title and these buttons."""

    def found() -> list[Event]:
        return [
            notice
            for notice in service.named("Notify")
            if notice["summary"] == subject and set(buttons_wanted) <= set(buttons(notice))
        ]

    service.wait_for(found)
    return found()[-1]


def test_the_code_and_the_link_are_one_click_away(program: Program, service: NotificationService) -> None:
    with StandIn() as server, running(program, "--hidden", "--server", server.url):
        program.wait_for_server(state="connected", total=0)
        link = "http://localhost:3000/confirm?token=a1B2c3D4e5F6g7H8"
        coded = server.send("Your Acme code", text="Your sign-in code is 482913. It expires in 10 minutes.\n")
        server.send(
            "Confirm your e-mail address",
            to="bob@example.test",
            html=f'<p>Welcome to Acme!</p><p><a href="{link}">Confirm my address</a></p>',
        )
        code = notice_of(service, "Your Acme code", "copy")
        assert code["body"] == "ann@example.test.\nIt expires in 10 minutes."
        assert buttons(code) == {"default": "Open", "copy": "Copy 482913", "read": "Mark as read"}
        service.do("invoke", id=code["id"], action="copy")
        wait_until(lambda: clipboard(program) == "482913", "the code on the clipboard")

        linked = notice_of(service, "Confirm your e-mail address", "link")
        assert list(buttons(linked)) == ["default", "link", "read"]
        assert buttons(linked)["link"] == "Open localhost"
        service.do("invoke", id=linked["id"], action="link", token="tok")
        wait_until(program.opened, "opening the link")
        assert program.opened() == [(link, "tok")]

        assert program.server()["unread"] == 2  # searching for code and link reads nothing
        service.do("invoke", id=code["id"], action="read")
        program.wait_for_server(unread=1)
        assert [row["ID"] for row in server.rows() if row["Read"]] == [coded]


def test_a_link_in_the_source_is_there_with_the_urgency_of_every_message(
    program: Program, service: NotificationService
) -> None:
    link = "https://acme.test/activate/" + "f3" * 16
    with StandIn() as server, running(program, "--hidden", "--server", server.url):
        program.wait_for_server(state="connected", total=0)
        server.send("Activate your account", text="Hello!\n\n" + "Some words. " * 40 + f"\n\nActivate: {link}\n")
        linked = notice_of(service, "Activate your account", "link")
        assert {notice["hints"]["urgency"] for notice in service.notices} == {1}
        assert {notice["id"] for notice in service.notices} == {linked["id"]}


@pytest.mark.parametrize("count", [30, 2_000])
def test_a_burst_is_a_few_notifications_and_one_that_counts(
    program: Program, service: NotificationService, count: int
) -> None:
    with StandIn(limit=5_000) as server, running(program, "--hidden", "--server", server.url):
        program.wait_for_server(state="connected", total=0)
        server.burst(count)
        alone = 3
        last = f"{count - alone} new messages"
        service.wait_for(lambda: [notice for notice in service.named("Notify") if notice["summary"] == last], 30)
        notices = service.notices
        summaries = [notice for notice in notices if notice["summary"].endswith("new messages")]
        assert len(notices) - len(summaries) == alone
        assert len({notice["id"] for notice in summaries}) == 1
        assert {notice["hints"]["urgency"] for notice in notices} == {1}
        assert summaries[-1]["body"].startswith("Newest: ")
        service.do("invoke", id=summaries[-1]["id"])
        wait_until(program.windows, "showing the window")
        assert program.opened() == []
