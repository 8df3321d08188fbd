"""config.toml changed by the program: what is written is read back, and what its owner wrote stays."""

import os
import stat
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from campaign.inside import NOBODY
from mailpit_notifier.config.edits import put, put_servers, revise
from mailpit_notifier.config.file import ConfigError, change, load
from mailpit_notifier.config.watch import ConfigWatch
from mailpit_notifier.core import edits
from mailpit_notifier.core.rules import Outcome, Rule
from mailpit_notifier.core.settings import Click, Server, servers_from
from mailpit_notifier.notify.printed import PrintedNotifier
from mailpit_notifier.presenters.recent import RecentMail
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.ui.tray import Tray
from mailpit_notifier.ui.window import RecentWindow

PIN = "ab" * 32
WRITTEN = """\
# Mine.
[[server]] # the first
url = "http://shop.test"  # with a webroot?
name = 'shop'
# color = "#ff0000"

# The blog comes after.
[[server]]
url = "https://ann@blog.test/mailpit"
unheard_of = [1, 2] # of a later version

[notifications]
catch_up = true  # always
[future]
x = 1
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(WRITTEN)
    return path


def servers(path: Path) -> tuple[Server, ...]:
    return load(path)[0].servers


def comments(text: str) -> list[str]:
    return sorted(line[line.index("# ") :] for line in text.splitlines() if "# " in line)


def test_a_byte_order_mark_is_read_over_and_stays(path: Path) -> None:
    path.write_text(f"\ufeff{WRITTEN}", "utf-8")
    assert [server.name for server in servers(path)] == ["shop", ""]
    change(path, lambda document: put(document, "notifications", "catch_up", False))
    assert path.read_text("utf-8") == "\ufeff" + WRITTEN.replace("catch_up = true", "catch_up = false")


def test_a_value_is_changed_in_its_place(path: Path) -> None:
    change(path, lambda document: put(document, "notifications", "catch_up", False))
    assert path.read_text() == WRITTEN.replace("catch_up = true", "catch_up = false")


def test_a_server_gets_a_value_beside_its_others(path: Path) -> None:
    shop, blog = servers(path)
    change(path, lambda document: put_servers(document, [shop, replace(blog, fingerprint=PIN)]))
    assert path.read_text() == WRITTEN.replace("version\n", f'version\nfingerprint = "{PIN}"\n')


def test_what_is_as_it_was_is_not_touched(path: Path) -> None:
    before = path.stat()
    change(path, lambda document: put_servers(document, servers(path)))
    assert path.stat() == before


def test_servers_are_moved_added_and_removed(path: Path) -> None:
    shop, blog = servers(path)
    new = servers_from(["http://localhost:8025/"])[0]
    wanted = (replace(blog, color="#112233"), new, replace(shop, name=""))
    change(path, lambda document: put_servers(document, wanted))
    assert servers(path) == wanted
    assert comments(path.read_text()) == comments(WRITTEN)
    change(path, lambda document: put_servers(document, ()))
    assert "server" not in tomllib.loads(path.read_text())


def test_file_and_folder_are_made_for_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    change(path, lambda document: put(document, "notifications", "catch_up", False))
    assert path.read_text() == "[notifications]\ncatch_up = false\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_mode_link_and_line_ends_stay(path: Path, tmp_path: Path) -> None:
    path.write_bytes(WRITTEN.replace("\n", "\r\n").encode())
    path.chmod(0o644)
    link = tmp_path / "link.toml"
    link.symlink_to(path.name)
    change(link, lambda document: put(document, "notifications", "catch_up", False))
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert path.read_bytes() == WRITTEN.replace("= true", "= false").replace("\n", "\r\n").encode()
    assert {file.name for file in tmp_path.iterdir()} == {"config.toml", "link.toml"}  # nothing is left over


@pytest.mark.parametrize("broken", ["[[server]]\nurl = 1\n", "not TOML", "\xff"])
def test_a_file_that_cannot_be_used_is_left_to_its_owner(path: Path, broken: str) -> None:
    path.write_bytes(broken.encode("latin-1"))
    with pytest.raises(ConfigError):
        change(path, lambda document: put_servers(document, ()))
    assert path.read_bytes() == broken.encode("latin-1")


def test_what_is_not_allowed_is_not_written(path: Path) -> None:
    with pytest.raises(ConfigError, match="catch_up must be true or false"):
        change(path, lambda document: put(document, "notifications", "catch_up", "yes"))
    assert path.read_text() == WRITTEN


def test_a_folder_that_cannot_be_written_is_a_sentence(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="cannot be written: No space left on device"):
        change(path, lambda document: put(document, "notifications", "catch_up", False))
    assert path.read_text() == WRITTEN
    assert list(path.parent.iterdir()) == [path]


def test_the_running_program_notices(qtbot: QtBot, path: Path) -> None:
    watch = ConfigWatch(path)
    with qtbot.waitSignal(watch.changed) as changed:
        change(path, lambda document: put(document, "notifications", "catch_up", False))
    assert not changed.args[0].notifications.catch_up
    with qtbot.waitSignal(watch.changed) as changed:  # the file is another one now
        change(path, lambda document: put(document, "notifications", "catch_up", True))
    assert changed.args[0].notifications.catch_up
    with qtbot.waitSignal(watch.refused, check_params_cb=bool):
        path.write_text("[[[")
    with qtbot.waitSignal(watch.refused, check_params_cb=lambda sentence: not sentence):
        path.write_text("# All is well.")


async def test_what_is_wrong_is_said_in_a_window_that_is_made_later_and_until_it_is_right(
    qtbot: QtBot, tmp_path: Path
) -> None:
    servers = Servers(PrintedNotifier(None), tmp_path, NOBODY)
    windows: list[RecentWindow] = []
    recent = RecentMail(servers, Tray(), tmp_path / "window.ini", windows.append)
    recent.set_trouble("config.toml is not TOML.")
    recent.show()
    qtbot.addWidget(window := windows[0])

    def said() -> list[str]:
        return [label.text() for label in window.findChildren(QLabel) if label.isVisible()]

    assert "config.toml is not TOML." in said()
    recent.set_trouble("")
    assert "config.toml is not TOML." not in said()
    recent.tell("The mail was not sent.")
    recent.set_trouble("")
    assert "The mail was not sent." in said()
    recent.hide()
    await recent.stop()


LINES = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp", "Cf", "Cn", "Co", "Zs")), max_size=20)
SERVERS = st.lists(
    st.builds(
        Server,
        url=st.sampled_from(servers_from([f"https://{name}.test/{path}" for name in "abc" for path in ("", "w")])).map(
            lambda server: server.url
        ),
        name=LINES,
        color=st.sampled_from(["", "#0b8a6a"]),
        enabled=st.booleans(),
        user=LINES,
        password_command=st.lists(
            st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=9), max_size=3
        ).map(tuple),
        plain_password=st.booleans(),
        ca_file=LINES,
        fingerprint=st.sampled_from(["", PIN]),
        proxy=st.sampled_from(["", "none", "http://proxy.test:3128"]),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda server: server.key,
).map(tuple)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(lists=st.lists(SERVERS, min_size=1, max_size=4), catch_up=st.booleans(), text=st.sampled_from([WRITTEN, ""]))
def test_whatever_is_written_is_read_back(
    path: Path, lists: list[tuple[Server, ...]], catch_up: bool, text: str
) -> None:
    path.write_text(text)
    for wanted in lists:
        change(path, lambda document, wanted=wanted: put_servers(document, wanted))  # type: ignore[misc]
        change(path, lambda document: put(document, "notifications", "catch_up", catch_up))
        assert servers(path) == wanted
        assert load(path)[0].notifications.catch_up is catch_up
    if text:
        assert {"# Mine.", "# always"} <= set(comments(path.read_text()))
        assert tomllib.loads(path.read_text())["future"] == {"x": 1}


PATTERNS = st.none() | st.text(st.characters(whitelist_categories=("L", "N")), min_size=1, max_size=9)
RULES = st.builds(
    Rule,
    outcome=st.sampled_from([outcome for outcome in Outcome if outcome is not Outcome.RUN]),
    name=LINES,
    to=PATTERNS,
    sender=PATTERNS,
    subject=PATTERNS,
    tag=PATTERNS,
    attachment=st.none() | st.booleans(),
    larger_than=st.none() | st.integers(0, 10**9),
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "change", "remove", "move"]), st.integers(0, 5), RULES, st.sampled_from([-1, 1])),
    max_size=6,
)


def named(rules: Iterable[Rule]) -> list[Rule]:
    """Without the names that are only places."""
    return [replace(rule, name=rule.given_name) for rule in rules]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(steps=STEPS)
def test_rules_are_what_was_done_to_them_in_any_order(path: Path, steps: list[tuple[str, int, Rule, int]]) -> None:
    path.write_text(WRITTEN + '# Noise.\n[[rule]]\nfrom = "nagios@*" # at night\noutcome = "silent"\n')
    expected = list(load(path)[0].rules)
    for kind, place, rule, step in steps:
        if kind == "add":
            edit = edits.add_rule(rule)
        elif not expected:
            continue
        else:
            there = expected[place % len(expected)]
            edit = {
                "change": edits.change_rule(there, rule),
                "remove": edits.remove_rule(there),
                "move": edits.move_rule(there, step),
            }[kind]
        expected = list(edit(replace(load(path)[0], rules=tuple(expected))).rules)
        assert named(revise(path, edit).rules) == named(expected)
    if any(rule.sender == "nagios@*" for rule in expected):
        assert "# at night" in comments(path.read_text())
    assert tomllib.loads(path.read_text())["future"] == {"x": 1}


def test_an_edit_of_what_is_gone_meanwhile_is_refused(path: Path) -> None:
    with pytest.raises(ConfigError, match="changed in the file meanwhile"):
        revise(path, edits.change_server("http://other.test/", name="other"))
    with pytest.raises(ConfigError, match="changed in the file meanwhile"):
        revise(path, edits.remove_rule(Rule(outcome=Outcome.HIDE)))
    with pytest.raises(ConfigError, match="a server with this address already"):
        revise(path, edits.add_server(servers_from(["https://blog.test/mailpit/"])[0]))
    assert path.read_text() == WRITTEN


def test_a_first_choice_gets_a_table_of_its_own(path: Path) -> None:
    assert revise(path, edits.choice("tray", "left_click", Click.MENU)).tray.left_click is Click.MENU
    assert path.read_text() == WRITTEN + '\n[tray]\nleft_click = "menu"\n'


def test_a_server_beside_the_usual_one_writes_down_both(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    new = servers_from(["https://blog.test/"])[0]
    assert [one.key for one in revise(path, edits.add_server(new)).servers] == ["http://localhost:8025/", new.key]
