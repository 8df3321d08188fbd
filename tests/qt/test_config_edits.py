"""Edits of config.toml by the program: new values are read back, and all else that the user wrote is unchanged."""

import asyncio
import os
import stat
import threading
import tomllib
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from campaign.inside import NO_CALLBACKS
from conditions import until
from mailpit_notifier.config.edits import revise_file, set_servers, set_value
from mailpit_notifier.config.file import ConfigError, change, load
from mailpit_notifier.config.store import Start, Store
from mailpit_notifier.controllers.window_controller import WindowController
from mailpit_notifier.core import settings_file as edits
from mailpit_notifier.core.rules import Outcome, Rule
from mailpit_notifier.core.settings import Click, Server, Settings, default_servers, servers_from
from mailpit_notifier.main import main
from mailpit_notifier.notify.backends import PrintedNotifier
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.runtime.files import write_atomically
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.ui.tray.icon import Tray
from mailpit_notifier.ui.window.window import RecentWindow
from platforms import IS_WINDOWS, needs_links, needs_permissions

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


def test_a_file_that_another_program_has_open_for_a_moment_is_replaced_after_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses to replace an open file. A virus scanner opens each new one."""
    refused: list[int] = []
    replace_file = Path.replace

    def open_elsewhere(fresh: Path, target: Path) -> Path:
        if len(refused) < 2:
            refused.append(len(refused))
            error = PermissionError(13, "Access denied")
            error.winerror = 5  # type: ignore[attr-defined, unused-ignore]
            raise error
        return replace_file(fresh, target)

    monkeypatch.setattr(Path, "replace", open_elsewhere)
    assert write_atomically(path, b"new")
    assert (path.read_bytes(), refused) == (b"new", [0, 1])


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
    change(path, lambda document: set_value(document, "notifications", "catch_up", False))
    assert path.read_text("utf-8") == "\ufeff" + WRITTEN.replace("catch_up = true", "catch_up = false")


def test_a_value_is_changed_in_its_place(path: Path) -> None:
    change(path, lambda document: set_value(document, "notifications", "catch_up", False))
    assert path.read_text() == WRITTEN.replace("catch_up = true", "catch_up = false")


def test_a_server_gets_a_value_beside_its_others(path: Path) -> None:
    shop, blog = servers(path)
    change(path, lambda document: set_servers(document, [shop, replace(blog, fingerprint=PIN)]))
    assert path.read_text() == WRITTEN.replace("version\n", f'version\nfingerprint = "{PIN}"\n')


def test_a_server_with_another_address_keeps_its_table(path: Path) -> None:
    shop, blog = servers(path)
    moved = replace(shop, url=ServerUrl.parse("http://moved.test/"))
    change(path, lambda document: set_servers(document, [moved, blog]))
    assert path.read_text() == WRITTEN.replace("http://shop.test", "http://moved.test/")


def test_servers_in_one_line_are_changed(path: Path) -> None:
    path.write_text('server = [{ url = "http://a.test/", name = "a" }]\n')
    wanted = (*servers(path), *servers_from(["http://b.test/"]))
    change(path, lambda document: set_servers(document, wanted))
    assert servers(path) == wanted
    assert "server = [{" in path.read_text()


def test_unchanged_values_are_not_written(path: Path) -> None:
    before = path.stat()
    change(path, lambda document: set_servers(document, servers(path)))
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)  # reading may set the other time


def test_servers_are_moved_added_and_removed(path: Path) -> None:
    shop, blog = servers(path)
    new = servers_from(["http://localhost:8025/"])[0]
    wanted = (replace(blog, color="#112233"), new, replace(shop, name=""))
    change(path, lambda document: set_servers(document, wanted))
    assert servers(path) == wanted
    assert comments(path.read_text()) == comments(WRITTEN)
    change(path, lambda document: set_servers(document, ()))
    assert "server" not in tomllib.loads(path.read_text())


@needs_permissions
def test_file_and_folder_are_created_for_the_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    change(path, lambda document: set_value(document, "notifications", "catch_up", False))
    assert path.read_text() == "[notifications]\ncatch_up = false\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@needs_links
def test_mode_link_and_line_ends_stay(path: Path, tmp_path: Path) -> None:
    path.write_bytes(WRITTEN.replace("\n", "\r\n").encode())
    path.chmod(0o644)
    link = tmp_path / "link.toml"
    link.symlink_to(path.name)
    change(link, lambda document: set_value(document, "notifications", "catch_up", False))
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert path.read_bytes() == WRITTEN.replace("= true", "= false").replace("\n", "\r\n").encode()
    assert {file.name for file in tmp_path.iterdir()} == {"config.toml", "link.toml"}  # nothing is left over


def test_new_lines_end_as_the_others_do(path: Path) -> None:
    path.write_bytes(WRITTEN.replace("\n", "\r\n").encode())
    revise_file(path, edits.choice("notifications", "smtp_errors", False))
    revise_file(path, edits.add_rule(Rule(outcome=Outcome.SILENT, name="one", subject="two words")))
    change(path, lambda document: set_servers(document, [*servers(path), *servers_from(["http://new.test/"])]))
    lines = path.read_bytes().split(b"\n")
    assert lines[-1] == b""
    assert [line for line in lines[:-1] if not line.endswith(b"\r") or b"\r" in line[:-1]] == []
    path.write_bytes(b"x = 1\r\ny = 2\n")  # of both kinds
    revise_file(path, edits.choice("notifications", "smtp_errors", False))
    assert path.read_bytes().startswith(b"x = 1\r\ny = 2\n")


@pytest.mark.parametrize("broken", ["[[server]]\nurl = 1\n", "not TOML", "\xff"])
def test_an_unreadable_file_is_not_changed(path: Path, broken: str) -> None:
    path.write_bytes(broken.encode("latin-1"))
    with pytest.raises(ConfigError):
        change(path, lambda document: set_servers(document, ()))
    assert path.read_bytes() == broken.encode("latin-1")


def test_an_invalid_value_is_not_written(path: Path) -> None:
    with pytest.raises(ConfigError, match="catch_up must be true or false"):
        change(path, lambda document: set_value(document, "notifications", "catch_up", "yes"))
    assert path.read_text() == WRITTEN


def left_in(folder: Path) -> list[Path]:
    """Return the files, but for the one that is locked where a folder cannot be: on Windows."""
    return [path for path in folder.iterdir() if path.name != ".config.lock"]


def test_an_unwritable_folder_is_reported(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="cannot be written: No space left on device"):
        change(path, lambda document: set_value(document, "notifications", "catch_up", False))
    assert path.read_text() == WRITTEN
    assert left_in(path.parent) == [path]


@pytest.fixture
async def stored(qapp: QApplication, path: Path) -> AsyncIterator[Store]:
    """The store of a running program that has read the file."""
    owner = QObject()
    store = Store(Start(config=path), owner)
    store.read()
    yield store
    await store.stop()


async def test_a_changed_file_is_applied(stored: Store, path: Path) -> None:
    change(path, lambda document: set_value(document, "notifications", "catch_up", False))
    await until(lambda: not stored.settings.notifications.catch_up, QApplication.processEvents)
    change(path, lambda document: set_value(document, "notifications", "catch_up", True))  # the file is another one now
    await until(lambda: stored.settings.notifications.catch_up, QApplication.processEvents)
    path.write_text("[[[")
    await until(lambda: "not TOML" in stored.problem, QApplication.processEvents)
    path.write_text("# All is well.")
    await until(lambda: not stored.problem, QApplication.processEvents)


def rules_named(count: int) -> list[Rule]:
    return [Rule(outcome=Outcome.SILENT, name=f"rule of {number}", subject="x") for number in range(count)]


async def test_of_forty_changes_at_once_none_is_lost(stored: Store, path: Path) -> None:
    wanted = rules_named(40)
    inside = [stored.edit(edits.add_rule(rule)) for rule in wanted[::2]]
    outside = [
        asyncio.to_thread(revise_file, path, edits.add_rule(rule)) for rule in wanted[1::2]
    ]  # each locks for itself
    stored.hide_smtp_errors()
    await asyncio.gather(*inside, *outside)
    written = load(path)[0]
    assert sorted(rule.name for rule in written.rules) == sorted(rule.name for rule in wanted)
    assert not written.notifications.smtp_errors
    assert comments(path.read_text()) == comments(WRITTEN)
    await until(lambda: stored.file_settings == written, QApplication.processEvents)


def test_changes_that_an_editor_saves_during_a_write_are_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saves = 2
    sync = os.fsync

    def saved_meanwhile(handle: int) -> None:
        nonlocal saves
        if saves:
            saves -= 1
            path.write_text(path.read_text() + f"# save {saves}\n")
        sync(handle)

    monkeypatch.setattr(os, "fsync", saved_meanwhile)  # the last moment at which an editor can save
    revise_file(path, edits.choice("notifications", "catch_up", False))
    assert path.read_text() == WRITTEN.replace("catch_up = true", "catch_up = false") + "# save 1\n# save 0\n"
    assert left_in(path.parent) == [path]


def test_a_file_that_changes_all_the_time_is_reported(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: path.write_text(path.read_text() + "# again\n"))
    with pytest.raises(ConfigError, match="is being changed by another program"):
        revise_file(path, edits.choice("notifications", "catch_up", False))
    assert load(path)[0].notifications.catch_up


async def test_the_disk_is_waited_for_in_a_thread(stored: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = list[str]()
    monkeypatch.setattr(os, "fsync", lambda _: threads.append(threading.current_thread().name))
    await stored.edit(edits.choice("notifications", "catch_up", False))
    stored.hide_smtp_errors()
    assert not stored.settings.notifications.smtp_errors  # at once
    await until(lambda: not load(path)[0].notifications.smtp_errors, QApplication.processEvents)
    assert threads == ["config", "config"]


async def test_a_setting_that_cannot_be_written_applies_to_this_run_and_is_reported(stored: Store, path: Path) -> None:
    path.write_text("[[[")
    stored.hide_smtp_errors()
    await until(lambda: "not TOML" in stored.problem, QApplication.processEvents)
    assert not stored.settings.notifications.smtp_errors
    assert path.read_text() == "[[["


def make_fifo(path: Path) -> None:
    if IS_WINDOWS:
        pytest.skip("Windows has no FIFOs")
    os.mkfifo(path)


def make_device(path: Path) -> None:
    if IS_WINDOWS:
        pytest.skip("Windows has no device files")
    path.symlink_to("/dev/zero")


def make_circle(path: Path) -> None:
    if IS_WINDOWS:
        pytest.skip("on Windows, links need a right that few users have")
    path.symlink_to(path)


def make_unreadable(path: Path) -> None:
    path.touch(0)
    if os.access(path, os.R_OK):
        pytest.skip("the superuser reads everything")


UNUSABLE = {
    "nested lists": (lambda path: path.write_text("x = " + "[" * 5_000 + "]" * 5_000), "nested too deeply"),
    "nested tables": (lambda path: path.write_text("x = " + "{a = " * 5_000), "nested too deeply"),
    "a long key": (lambda path: path.write_text("a." * 100_000 + "b = 1"), "nested too deeply"),
    "a long number": (lambda path: path.write_text("x = " + "9" * 5_000), "more than 4,300 digits"),
    "a pipe": (make_fifo, "is not a file"),
    "an endless device": (make_device, "is larger than 500 kB"),
    "a folder": (lambda path: path.mkdir(), "is not a file"),
    "a huge file": (lambda path: path.write_text("# much\n" * 100_000), "is larger than 500 kB"),
    "bytes": (lambda path: path.write_bytes(b"\xff\x00"), "is not UTF-8 text"),
    "a circle of links": (make_circle, "cannot be read: "),
    "not to be read": (make_unreadable, "cannot be read: "),
}


@pytest.mark.parametrize("kind", UNUSABLE)
def test_an_invalid_configuration_is_reported(kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    make, why = UNUSABLE[kind]
    path = tmp_path / "config.toml"
    make(path)
    with pytest.raises(ConfigError) as refused:
        load(path)
    assert why in str(refused.value)
    with pytest.raises(ConfigError):
        revise_file(path, edits.choice("notifications", "catch_up", False))
    if path.exists():  # else its absence is a slip of the command line
        for command in ("doctor", "wait"):
            assert main(["--config", str(path), command]) == 2
            assert capfd.readouterr().err == f"{refused.value}\n"


@pytest.mark.parametrize("kind", ["nested lists", "a pipe", "an endless device"])
async def test_a_configuration_that_becomes_invalid_is_reported_and_the_last_one_applies(
    kind: str, stored: Store, path: Path
) -> None:
    make, why = UNUSABLE[kind]
    make(path.with_name("odd"))
    before = stored.file_settings
    path.with_name("odd").replace(path)
    await until(lambda: why in stored.problem, QApplication.processEvents)
    assert stored.file_settings == before


def test_an_empty_device_is_an_empty_configuration() -> None:
    assert load(Path(os.devnull)) == (Settings(servers=default_servers()), ())


async def test_a_problem_of_the_configuration_is_shown_in_a_later_window_until_it_is_fixed(
    qtbot: QtBot, tmp_path: Path
) -> None:
    servers = Servers(PrintedNotifier(None), tmp_path, NO_CALLBACKS)
    windows: list[RecentWindow] = []
    recent = WindowController(servers, Tray(), tmp_path / "window.ini", windows.append)
    recent.set_config_problem("config.toml is not TOML.")
    recent.show()
    qtbot.addWidget(window := windows[0])

    def shown_texts() -> list[str]:
        return [label.text() for label in window.findChildren(QLabel) if label.isVisible()]

    assert "config.toml is not TOML." in shown_texts()
    recent.set_config_problem("")
    assert "config.toml is not TOML." not in shown_texts()
    recent.show_error("The mail was not sent.")
    recent.set_config_problem("")
    assert "The mail was not sent." in shown_texts()
    recent.hide()
    await recent.stop()
    later = WindowController(servers, Tray(), tmp_path / "window.ini", windows.append)
    later.show_error_later("There was an unexpected error.")
    later.show()
    qtbot.addWidget(window := windows[1])
    assert "There was an unexpected error." in shown_texts()
    later.hide()
    await later.stop()


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


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(lists=st.lists(SERVERS, min_size=1, max_size=4), catch_up=st.booleans(), text=st.sampled_from([WRITTEN, ""]))
def test_written_settings_are_read_back(path: Path, lists: list[tuple[Server, ...]], catch_up: bool, text: str) -> None:
    path.write_text(text, "utf-8")
    for wanted in lists:
        change(path, lambda document, wanted=wanted: set_servers(document, wanted))  # type: ignore[misc]
        change(path, lambda document: set_value(document, "notifications", "catch_up", catch_up))
        assert servers(path) == wanted
        assert load(path)[0].notifications.catch_up is catch_up
    if text:
        assert {"# Mine.", "# always"} <= set(comments(path.read_text("utf-8")))
        assert tomllib.loads(path.read_text("utf-8"))["future"] == {"x": 1}


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


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(steps=STEPS)
def test_edits_of_rules_apply_in_any_order(path: Path, steps: list[tuple[str, int, Rule, int]]) -> None:
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
        assert named(revise_file(path, edit).after.rules) == named(expected)
    if any(rule.sender == "nagios@*" for rule in expected):
        assert "# at night" in comments(path.read_text("utf-8"))
    assert tomllib.loads(path.read_text("utf-8"))["future"] == {"x": 1}


def test_an_edit_of_a_removed_entry_is_refused(path: Path) -> None:
    with pytest.raises(ConfigError, match="was changed by another program"):
        revise_file(path, edits.change_server("http://other.test/", name="other"))
    with pytest.raises(ConfigError, match="was changed by another program"):
        revise_file(path, edits.remove_rule(Rule(outcome=Outcome.HIDE)))
    with pytest.raises(ConfigError, match="server with this address exists already"):
        revise_file(path, edits.add_server(servers_from(["https://blog.test/mailpit/"])[0]))
    assert path.read_text() == WRITTEN


def test_a_first_choice_gets_a_table_of_its_own(path: Path) -> None:
    assert revise_file(path, edits.choice("tray", "left_click", Click.MENU)).after.tray.left_click is Click.MENU
    assert path.read_text() == WRITTEN + '\n[tray]\nleft_click = "menu"\n'


def test_a_server_beside_the_usual_one_writes_down_both(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    new = servers_from(["https://blog.test/"])[0]
    assert [one.key for one in revise_file(path, edits.add_server(new)).after.servers] == [
        "http://localhost:8025/",
        new.key,
    ]
