"""Passwords of servers. The secret store is a fake one."""

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from conditions import until
from hostile import Mailpit, hostile, summary
from mailpit_notifier.cli import doctor
from mailpit_notifier.cli import setup as forget_all
from mailpit_notifier.client.session import Session, SessionCallbacks
from mailpit_notifier.client.timing import Timing
from mailpit_notifier.config.file import default_path
from mailpit_notifier.core.settings import Server, servers_from
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.runtime.processes import capture_output
from mailpit_notifier.servers.passwords import Passwords, StoreError, delete_password, save_password, with_credentials
from secret_store import Store

SERVER = servers_from(["https://mail.test/"])[0]
NAMED = replace(SERVER, user="ann")


def test_a_saved_password_can_be_deleted(store: Store) -> None:
    save_password(SERVER, "ann", "s3cret")
    save_password(replace(SERVER, user="bob"), "bob", "0ther")
    assert not delete_password(replace(NAMED, password_env="SHOP"))
    assert delete_password(NAMED)
    assert not delete_password(NAMED)
    assert [user for _, user in store.kept] == ["bob@https://mail.test/"]
    store.broken = True
    with pytest.raises(StoreError):
        delete_password(replace(SERVER, user="bob"))


def test_a_saved_password_is_found(store: Store) -> None:
    save_password(SERVER, "ann", "s3cret")
    assert store.kept == {("mailpit-notifier", "ann@https://mail.test/"): "s3cret"}
    url = with_credentials(NAMED)
    assert (url.user, url.password) == ("ann", "s3cret")


def test_a_store_that_fails_is_reported_without_the_password(store: Store) -> None:
    store.broken = True
    with pytest.raises(StoreError, match=r"\AStoreRefusedError\Z"):
        save_password(SERVER, "ann", "s3cret")


def test_an_error_of_a_library_below_the_store_is_one_of_the_store(store: Store) -> None:
    store.odd = UnicodeDecodeError("utf-8", b"s3cret", 0, 1, "odd")
    with pytest.raises(FaultError) as caught:
        with_credentials(NAMED)
    assert (caught.value.fault, caught.value.detail) == (Fault.AUTH, "the secret store failed: UnicodeDecodeError")
    store.odd = KeyError("s3cret")  # an error of a library
    for ask in (lambda: save_password(SERVER, "ann", "s3cret"), lambda: delete_password(NAMED)):
        with pytest.raises(StoreError, match=r"\AKeyError\Z"):
            ask()


@pytest.mark.process
async def test_a_store_that_blocks_is_named_and_waited_for(store: Store) -> None:
    mailpit = Mailpit(summary(1))
    save_password(SERVER, "ann", "s3cret")
    store.gate.clear()
    with hostile(mailpit) as found:
        server = replace(NAMED, url=ServerUrl.parse(found.url()))
        save_password(server, "ann", "s3cret")
        statuses = list[ServerStatus]()
        observer = SessionCallbacks(
            changed=lambda *_: None, caught_up=lambda *_: None, news=lambda *_: None, status=statuses.append
        )
        task = asyncio.create_task(Session(server, observer, unlock=with_credentials, timing=Timing(unlock=0.02)).run())
        await until(lambda: statuses)
        assert [(status.link, status.fault) for status in statuses] == [(Link.DISCONNECTED, Fault.SECRET_STORE)]
        store.gate.set()
        await until(lambda: statuses[-1].total is not None)
        assert (statuses[-1].link, statuses[-1].fault) == (Link.CONNECTED, None)
        assert [read.headers["authorization"] for read in mailpit.reads[:1]] == ["Basic YW5uOnMzY3JldA=="]
        task.cancel()
        await asyncio.wait([task])


def test_the_commands_end_beside_a_store_that_blocks(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    store.gate.clear()
    *_, (good, sentence) = doctor.examine(NAMED, 0.02)
    assert not good
    assert Fault.SECRET_STORE.sentence in sentence
    default_path().parent.mkdir(parents=True)
    default_path().write_text("".join(f'[[server]]\nurl = "https://{name}.test/"\nuser = "ann"\n' for name in "ab"))
    assert forget_all.run_forget(0.02) == 1
    assert capsys.readouterr().err.count("The secret store does not answer") == 1  # it is asked only once
    assert not default_path().exists()
    store.gate.set()


@pytest.mark.process
@pytest.mark.skipif(os.name != "posix", reason="the commands are a shell's")
def test_background_processes_and_endless_output_of_a_password_command_do_not_block(tmp_path: Path) -> None:
    left = tmp_path / "left"
    script = f"sleep 1000 & echo $! > {left}; echo s3cret; head -c 5000000 /dev/zero"
    assert with_credentials(replace(NAMED, password_command=("sh", "-c", script))).password == "s3cret"
    os.kill(int(left.read_text()), 9)
    ended = capture_output(("head", "-c", "5000000", "/dev/zero"), 10, most=1_000)
    assert (ended.status, len(ended.printed)) == (0, 1_000)
    with pytest.raises(FaultError, match="exited with status 3"):
        with_credentials(replace(NAMED, password_command=("sh", "-c", "echo s3cret; exit 3")))


NOT_TEXT = "import os; os.write(1, bytes([255]))"
OF_NO_CODE_PAGE = pytest.mark.skipif(sys.platform == "win32", reason="the code page of a console has every byte")


@pytest.mark.process
@pytest.mark.parametrize("code", ["", "raise SystemExit(3)", pytest.param(NOT_TEXT, marks=OF_NO_CODE_PAGE)])
def test_a_command_without_a_password_is_not_taken_for_a_refusal_of_the_server(code: str) -> None:
    for command in ((sys.executable, "-c", code), ("/nowhere/pass",)):
        with pytest.raises(FaultError) as caught:
            with_credentials(replace(NAMED, password_command=command))
        assert caught.value.explain() == "password_command gives no password. Check it in config.toml."
        assert caught.value.detail.startswith("password_command ")


def test_a_typed_password_is_preferred_to_the_store(store: Store) -> None:
    passwords = Passwords()
    assert passwords.with_credentials(SERVER) == SERVER.url
    with pytest.raises(FaultError) as caught:
        passwords.with_credentials(NAMED)
    assert caught.value.fault is Fault.AUTH
    save_password(SERVER, "ann", "old")
    passwords.enter(SERVER, "ann", "new")
    assert passwords.with_credentials(SERVER).password == passwords.with_credentials(NAMED).password == "new"


@pytest.mark.process
@pytest.mark.parametrize(
    "server",
    [replace(NAMED, password_command=(sys.executable, "-c", "print('mine')")), replace(NAMED, password_env="MINE")],
    ids=["command", "variable"],
)
def test_a_configured_source_is_preferred_to_a_typed_password(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    monkeypatch.setenv("MINE", "mine")
    passwords = Passwords()
    passwords.enter(server, "ann", "typed")
    assert passwords.with_credentials(server).password == "mine"


def test_another_user_in_the_configuration_needs_another_password(store: Store) -> None:
    passwords = Passwords()
    passwords.enter(SERVER, "ann", "typed")
    save_password(SERVER, "bob", "bobs")
    assert passwords.with_credentials(replace(SERVER, user="bob")).password == "bobs"


def test_the_user_of_an_address_on_the_command_line_is_looked_up(store: Store) -> None:
    save_password(SERVER, "ann", "s3cret")
    assert with_credentials(servers_from(["https://ann@mail.test/"])[0]).password == "s3cret"
    assert with_credentials(servers_from(["https://ann:typed@mail.test/"])[0]).password == "typed"


def test_passwords_are_moved_to_the_new_address_of_a_server(store: Store) -> None:
    moved = replace(NAMED, url=ServerUrl.parse("http://mail.test:8025/"))
    save_password(NAMED, "ann", "kept")
    Passwords().move(NAMED, moved)
    assert store.kept == {("mailpit-notifier", "ann@http://mail.test:8025/"): "kept"}
    passwords = Passwords()
    passwords.enter(moved, "ann", "typed")
    passwords.move(moved, NAMED)
    assert passwords.with_credentials(NAMED).password == "typed"
    assert store.kept == {("mailpit-notifier", "ann@https://mail.test/"): "kept"}
    passwords.move(NAMED, replace(moved, user="bob"))
    assert store.kept == {("mailpit-notifier", "ann@https://mail.test/"): "kept"}
