"""config.toml in the running program: several servers, changes that take effect at once, and invalid values."""

import json
from pathlib import Path

from mailpit_notifier.core.pauses import FOREVER
from notification_service import NotificationService
from program import Program, running, wait_until
from standin import StandIn


def names(program: Program) -> list[tuple[str, str]]:
    status = program.status()
    assert status
    return [(server["name"], server["state"]) for server in status["servers"]]


def config_of(program: Program) -> Path:
    path = program.folder / ".config/mailpit-notifier/config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def test_several_servers_and_changes_to_them_at_once(program: Program, service: NotificationService) -> None:
    path = config_of(program)
    with StandIn() as shop, StandIn(label="The blog") as blog:
        path.write_text(f'[[server]]\nurl = "{shop.url}"\nname = "shop"\n[[server]]\nurl = "{blog.url}"\n')
        with running(program, "--hidden"):
            wait_until(lambda: names(program) == [("shop", "connected"), ("The blog", "connected")], "both servers")
            wait_until(lambda: all(server["total"] == 0 for server in (program.status() or {})["servers"]), "counts")
            shop.send("From the shop")
            service.wait_for(lambda: len(service.named("Notify")) == 1)
            assert service.notices[0]["body"].startswith("shop: To ann@example.test.\n")

            fresh = path.with_suffix(".new")  # as an editor saves
            fresh.write_text(f'[[server]]\nurl = "{blog.url}"\nname = "blog"\n')
            fresh.replace(path)
            wait_until(lambda: names(program) == [("blog", "connected")], "one server")
            shop.send("Nobody listens")
            blog.send("From the blog")
            service.wait_for(lambda: len(service.named("Notify")) == 2)
            assert service.notices[1]["summary"] == "From the blog"
            assert service.notices[1]["body"].startswith("To ann@example.test.\n")

            path.write_text('[[server]]\nurl = "ftp://x"\n')
            service.wait_for(lambda: len(service.named("Notify")) == 3)
            problem = service.notices[2]
            assert problem["summary"] == "Problem in config.toml"
            assert "server 1: url is not valid" in problem["body"]
            assert names(program) == [("blog", "connected")]

            path.write_text(f'[[server]]\nurl = "{blog.url}"\nname = "our blog"\n')
            wait_until(
                lambda: names(program) == [("our blog", "connected")], "the configuration that can be read again"
            )
            service.wait_for(lambda: service.named("CloseNotification"))


def test_a_server_that_is_removed_and_added_again_is_not_muted(program: Program, service: NotificationService) -> None:
    path = config_of(program)
    with StandIn() as shop, StandIn() as blog, StandIn() as docs:
        entries = [
            f'[[server]]\nurl = "{one.url}"\nname = "{name}"\n'
            for name, one in {"shop": shop, "blog": blog, "docs": docs}.items()
        ]
        state = program.folder / ".local/state/mailpit-notifier/announced"
        state.mkdir(parents=True)
        forever = {"until": FOREVER.isoformat()}
        (state / "muted").write_text(json.dumps(dict.fromkeys((shop.url, blog.url, docs.url), forever)))

        def muted(*expected: str) -> bool:
            servers = (program.status() or {})["servers"]
            return [server["name"] + "*" * bool(server["muted_until"]) for server in servers] == list(expected)

        path.write_text("nonsense")
        with running(program, "--hidden"):  # the file cannot be used yet: no server was added or removed
            path.write_text("".join(entries[:2]))
            wait_until(lambda: muted("shop*", "blog*"), "the mutes of the last run")
            wait_until(lambda: program.server(1).get("total") == 0, "the second server")
            blog.send("Not announced")
            wait_until(lambda: program.server(1)["total"] == 1, "its message")
            path.write_text("".join(entries[1:]).replace('"blog"', '"our blog"'))
            wait_until(lambda: muted("our blog*", "docs"), "a new name, and a server that was added")
            path.write_text("".join((entries[0], entries[2])))
            wait_until(lambda: muted("shop", "docs"), "a server that was removed and added again")
            program.wait_for_server(state="connected", total=0)
            shop.send("Announced")
            service.wait_for(lambda: "Announced" in [notice["summary"] for notice in service.notices])
            titles = [notice["summary"] for notice in service.notices]
            assert titles == ["Problem in config.toml", "Announced"]


def test_a_rule_that_takes_too_long_stops_nothing_and_is_reported(
    program: Program, service: NotificationService
) -> None:
    with StandIn() as server:
        server.send("a" * 900 + "!")
        rule = '[[rule]]\nname = "Slow"\noutcome = "hide"\nsubject = "/(a|a)+$/"\n'
        config_of(program).write_text(f'[[server]]\nurl = "{server.url}"\n{rule}')
        with running(program, "--hidden"):
            program.wait_for_server(state="connected", total=1)
            server.send("b" * 900 + "!")
            service.wait_for(lambda: len(service.named("Notify")) == 2)
            problem, shown = sorted(service.notices, key=lambda notice: notice["summary"])
            assert problem["summary"] == 'Rule "Slow" is off'
            assert (
                problem["body"]
                == "Its regular expression takes too long. The rule matches no message until you change it."
            )
            assert shown["summary"].startswith("bbb")


def test_a_server_of_the_command_line_replaces_the_configured_ones(program: Program) -> None:
    config_of(program).write_text('[[server]]\nurl = "http://127.0.0.1:9/"\n')
    with StandIn() as server, running(program, "--hidden", "--server", server.url):
        program.wait_for_server(state="connected", url=server.url)


def test_another_file_can_be_named(program: Program) -> None:
    with StandIn() as server:
        path = program.folder / "other.toml"
        path.write_text(f'[[server]]\nurl = "{server.url}"\nname = "other"\n')
        with running(program, "--hidden", "--config", str(path)):
            program.wait_for_server(state="connected", name="other")


def test_passwords_are_read_from_their_sources_and_not_written(program: Program) -> None:
    with StandIn(auth="ann:s3cret-one") as one, StandIn(auth="bob:s3cret-two") as two:
        program.environment["TWO"] = "s3cret-two"
        config_of(program).write_text(
            f"""
            [[server]]
            url = "{one.url}"
            user = "ann"
            password_command = ["printf", "s3cret-one\\nnotes"]
            [[server]]
            url = "{two.url}"
            user = "bob"
            password_env = "TWO"
            """
        )
        with running(program, "--hidden"):
            wait_until(lambda: [state for _, state in names(program)] == ["connected"] * 2, "both servers")
        written = [path for path in program.folder.rglob("*") if path.is_file()]
        assert not [
            path for path in written if "s3cret" in path.read_text("utf-8", "replace") and path.suffix != ".toml"
        ]
