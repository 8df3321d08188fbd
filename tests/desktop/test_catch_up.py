"""Every message is announced once, even if the server, the program or both were stopped in between."""

import re

from notification_service import NotificationService
from program import Program, running, wait_until
from standin import StandIn


def written(program: Program) -> list[str]:
    """Return the lines of the journal."""
    files = (program.folder / ".local/state/mailpit-notifier/announced").glob("*.journal")
    return [line for path in files for line in path.read_text().splitlines()]


def journal(program: Program) -> list[str]:
    """Return the IDs that were recorded as announced."""
    return [line for line in written(program) if not line.startswith("@")]


def titles(service: NotificationService) -> list[str]:
    return [notice["summary"] for notice in service.named("Notify")]


def announced_by(titles: list[str]) -> int:
    """Return how many messages these notifications show or count; a burst summary includes earlier ones."""
    counted = [int(found[1]) for title in titles if (found := re.fullmatch(r"(\d+) new messages?", title))]
    return len(titles) - len(counted) + max(counted, default=0)


def test_the_first_start_announces_no_old_message_and_the_second_the_missed_ones(
    program: Program, service: NotificationService
) -> None:
    with StandIn() as server:
        for number in range(3):
            server.send(f"Old {number}")
        with running(program, "--hidden", "--server", server.url):
            program.wait_for_server(state="connected", total=3)
            wait_until(lambda: len(journal(program)) == 3)
            server.send("Live")
            service.wait_for(lambda: titles(service) == ["Live"])
            wait_until(lambda: len(journal(program)) == 4)
        for number in range(7):
            server.send(f"Missed {number}", to="bob@example.test")
        with running(program, "--hidden", "--server", server.url):
            service.wait_for(lambda: len(service.named("Notify")) == 2)
            summary = service.notices[-1]
            assert summary["summary"] == "7 messages while you were away"
            assert re.fullmatch(r"Newest: Missed \d, to bob@example.test", summary["body"])
            wait_until(lambda: len(journal(program)) == 11)
        with running(program, "--hidden", "--server", server.url):
            program.wait_for_server(state="connected", total=11)
            server.send("And on")
            service.wait_for(lambda: titles(service)[2:] == ["And on"])


def test_a_server_that_comes_back_with_its_messages_is_caught_up_with(
    program: Program, service: NotificationService
) -> None:
    with StandIn() as server, running(program, "--hidden", "--server", server.url):
        program.wait_for_server(state="connected", total=0)
        server.send("Before")
        service.wait_for(lambda: titles(service) == ["Before"])
        server.restart(keep=True)
        server.send("At once")
        program.wait_for_server(state="connected", total=2)
        service.wait_for(lambda: titles(service) == ["Before", "At once"])


def test_a_server_that_forgot_everything_causes_no_storm_and_hides_nothing_new(
    program: Program, service: NotificationService
) -> None:
    with StandIn() as server, running(program, "--hidden", "--server", server.url):
        program.wait_for_server(state="connected", total=0)
        server.send("Before")
        service.wait_for(lambda: titles(service) == ["Before"])
        server.restart()
        new = {server.send(f"New {number}") for number in range(2)}
        program.wait_for_server(state="connected", total=2)
        wait_until(lambda: new <= set(journal(program)))
        assert {notice["summary"] for notice in service.notices} in (
            {"Before", "2 messages while you were away"},
            {"Before", "New 0", "New 1"},  # it was back before the first of them
        )


def test_a_kill_loses_nothing_and_repeats_at_most_what_was_in_flight(
    program: Program, service: NotificationService
) -> None:
    with StandIn() as server:
        program.start("--hidden", "--server", server.url)
        wait_until(lambda: written(program), "the first contact in the journal")
        ids = [server.send(f"Mail {number}") for number in range(20)]
        program.kill()
        ids += [server.send(f"Later {number}") for number in range(5)]
        before = announced_by([notice["summary"] for notice in service.notices])
        with running(program, "--hidden", "--server", server.url):
            program.wait_for_server(state="connected", total=25)
            wait_until(lambda: set(ids) <= set(journal(program)))
            summary = next(notice for notice in service.notices if "while you were away" in notice["summary"])
            counted = int(summary["summary"].split()[0])
            assert 25 <= before + counted <= 26


def test_a_click_on_the_summary_shows_the_window(program: Program, service: NotificationService) -> None:
    with StandIn() as server:
        server.send("Old")
        with running(program, "--hidden", "--server", server.url):
            program.wait_for_server(state="connected", total=1)
            wait_until(lambda: journal(program))
        server.send("One")
        server.send("Two")
        with running(program, "--hidden", "--server", server.url):
            service.wait_for(lambda: service.named("Notify"))
            service.do("invoke", id=service.notices[0]["id"])
            wait_until(program.windows, "showing the window")
            assert program.opened() == []
