"""The program notices when its files are replaced, by each kind of installer, and restarts."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from mailpit_notifier import __version__
from notification_service import NotificationService
from program import PYTHON, Program, running, wait_until
from standin import StandIn

ROOT = Path(__file__).parents[2]
NEXT = f"{__version__}+next"

GATE = """\
import os, sys
if "--hidden" in sys.argv:
    open(os.environ["GATE"]).read()
"""
"""The first lines of the next version: it starts when the test has opened and closed the pipe that they read."""


def install(package: Path) -> None:
    """Put the package there, as an installer for Python packages does."""
    shutil.copytree(ROOT / "app/mailpit_notifier", package, ignore=shutil.ignore_patterns("*.pyc.*"))
    (package / "resources").symlink_to(ROOT / "resources")


def upgrade(package: Path) -> None:
    """Replace the old files with the files of the next version."""
    package.rename(package.with_name("old"))
    install(package)
    for name, edit in {
        "__init__.py": lambda text: text.replace(f'"{__version__}"', f'"{NEXT}"'),
        "__main__.py": lambda text: GATE + text,
    }.items():
        (package / name).write_text(edit((package / name).read_text()))
    shutil.rmtree(package.with_name("old"))


def version(program: Program) -> str:
    """Return the version that answers commands; "" without an answer."""
    return str((program.status() or {}).get("version", ""))


def processes(url: str) -> list[int]:
    """Return the processes that were started for this server."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if url.encode() in path.read_bytes():
                found.append(int(path.parent.name))
    return found


@pytest.mark.timeout(120)  # three starts
def test_a_restart_from_the_notification_runs_the_next_version_and_misses_no_message(
    program: Program, service: NotificationService
) -> None:
    program.by = PYTHON
    package, gate = program.folder / "lib/mailpit_notifier", program.folder / "gate"
    install(package)
    os.mkfifo(gate)
    program.environment |= {"PYTHONPATH": str(package.parent), "GATE": str(gate)}

    def shown() -> dict[str, int]:
        return {notice["summary"]: notice["id"] for notice in service.named("Notify")}

    with StandIn() as server, running(program, "--hidden", "--server", server.url):
        program.wait_for_server(state="connected")
        program.command("show")  # these two need modules that are loaded late: the files will be removed next
        server.send("Before", text="Hello. " * 60 + "Your code is 482913.\n")
        service.wait_for(lambda: any("Copy 482913" in notice["actions"] for notice in service.named("Notify")))
        upgrade(package)
        server.send("Meanwhile")
        service.wait_for(lambda: {"Meanwhile", "Mailpit Notifier was updated"} <= shown().keys())
        assert version(program) == __version__
        service.do("invoke", id=shown()["Mailpit Notifier was updated"], action="restart")
        with gate.open("w"):  # by now the old one is gone
            server.send("Nobody there")
        wait_until(lambda: version(program) == NEXT, "the next version")
        program.wait_for_server(state="connected")
        server.send("After")
        service.wait_for(lambda: {"Nobody there", "After"} <= shown().keys())
        subjects = {"Before", "Meanwhile", "Nobody there", "After"}
        news = [notice["summary"] for notice in service.named("Notify") if not notice["replaces_id"]]
        assert sorted(subjects.intersection(news)) == sorted(one for one in news if one in subjects)
        assert program.process
        assert processes(server.url) == [program.process.pid]


LATER = """\
[[server]]
url = "{url}"
name = "shop"
weight = 3 # what a later version knows

[notifications]
melody = "ding"

[window]
opacity = 0.5

[future]
x = [1, 2]
"""


def test_unknown_data_of_a_later_version_is_kept(program: Program, service: NotificationService) -> None:
    config = program.folder / ".config/mailpit-notifier/config.toml"
    state = program.folder / ".local/state/mailpit-notifier"
    config.parent.mkdir(parents=True)

    def shown(title: str) -> int:
        return [notice["summary"] for notice in service.notices].count(title)

    with StandIn() as server:
        config.write_text(LATER.format(url=server.url))
        with running(program, "--hidden"):
            program.wait_for_server(state="connected", name="shop")
            [journal] = wait_until(lambda: list((state / "announced").glob("*.journal")), "a journal with a contact")
            known = server.send("Known")
            wait_until(lambda: known in journal.read_text(), "its line in the journal")
        contact = next(line for line in journal.read_text().splitlines() if line.startswith("@"))
        later = ["!seen 3 times", '{"id": "x"}', f"{contact} 2030-01-01T00:00:00+00:00 and more"]
        with journal.open("a") as file:
            file.write("\n".join(later) + "\n")
        (state / "paused").write_text('{"until": "2030-01-01", "by": "ann"}')
        (state / "later.sqlite").write_bytes(b"later")
        server.send("Missed")
        with running(program, "--hidden"):
            program.wait_for_server(state="connected")
            service.wait_for(lambda: "Missed" in [notice["summary"] for notice in service.named("Notify")])
            server.send("Live")
            service.wait_for(lambda: "Live" in [notice["summary"] for notice in service.named("Notify")])
            for key in ("weight", "melody", "opacity", "future"):
                assert f'nknown setting "{key}" was ignored.' in program.log
        assert [shown(title) for title in ("Known", "Missed", "Live")] == [1, 1, 1]
        assert config.read_text() == LATER.format(url=server.url)
        assert (state / "later.sqlite").exists()
