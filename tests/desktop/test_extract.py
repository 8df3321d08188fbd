"""`extract`: files, standard input and messages on a server give one answer each, in the order given."""

import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import smtp
from mailpit_notifier.cli import extract
from mailpit_notifier.cli.arguments import parse
from standin import StandIn

CODE = smtp.compose("Your Acme code", "ann@example.test", text="Your code is 482 913.\n")
LINK = smtp.compose("Welcome", "ann@example.test", text="Verify your address: http://localhost:3000/verify?t=k3Jd9\n")
NEITHER = smtp.compose("Order 482913", "ann@example.test", text="Order 482913 is on its way.\n")


def files(folder: Path, *sources: bytes) -> list[str]:
    paths = [folder / f"{number}.eml" for number in range(len(sources))]
    for path, source in zip(paths, sources, strict=True):
        path.write_bytes(source)
    return [str(path) for path in paths]


def run(names: Sequence[str], *servers: str, as_json: bool = False) -> int:
    before = [part for server in servers for part in ("--server", server)]
    return extract.run(parse([*before, "extract", *(["--json"] if as_json else []), *names]))


def test_one_json_line_for_each_file_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(files(tmp_path, LINK, NEITHER, CODE), as_json=True) == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {"code": None, "link": "http://localhost:3000/verify?t=k3Jd9"},
        {"code": None, "link": None},
        {"code": "482913", "link": None},
    ]


def test_the_result_is_printed_as_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(files(tmp_path, CODE, NEITHER)) == 0
    assert capsys.readouterr().out == "Your Acme code: code 482913\nOrder 482913: no code, no link\n"


def test_a_message_is_read_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(CODE)))
    assert run(["-"], as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["code"] == "482913"


def test_messages_on_a_server_are_read_and_stay_unread(capsys: pytest.CaptureFixture[str]) -> None:
    with StandIn(auth="ann:secret") as server:
        ids = [server.send_source(source) for source in (CODE, LINK)]
        assert run(ids, server.url_with_password, as_json=True) == 0
        assert not any(row["Read"] for row in server.rows())
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first["code"] == "482913"
    assert second["link"] == "http://localhost:3000/verify?t=k3Jd9"


def test_a_source_that_cannot_be_read_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([str(tmp_path / "none.eml")]) == 2
    assert "none.eml: No such file" in capsys.readouterr().err
    assert run(["id"], "ftp://x") == 2
    assert run(["id"], "http://localhost:1/", "http://localhost:2/") == 2
    assert capsys.readouterr().err
    with StandIn() as server:
        assert run(["no-such-id"], server.url) == 2
        assert 'there is no message "no-such-id"' in capsys.readouterr().err
    assert run(["id"], server.url) == 3
    assert "nothing is listening there" in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_a_file_saved_by_windows_programs_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], encoding: str
) -> None:
    html = (
        "\ufeff" * (encoding == "utf-16-be")
        + "Subject: Your code\r\nContent-Type: text/html\r\n\r\n<p>Your code is 482913"
    )
    assert run(files(tmp_path, html.encode(encoding))) == 0
    assert capsys.readouterr().out == "Your code: code 482913\n"


def test_closed_standard_input_is_reported(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", None)  # as Python does for `<&-`
    assert run(["-"]) == 2
    assert capsys.readouterr().err == "Cannot read standard input: it is closed.\n"


@pytest.mark.parametrize("message_id", ["", "a\0b", "x" * 201])
def test_what_cannot_be_an_id_is_not_requested(message_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([message_id], "http://127.0.0.1:1/") == 2
    assert "there is no message" in capsys.readouterr().err


@pytest.mark.parametrize("by_name", [True, False])
def test_a_configured_server_is_reached_by_name_and_by_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], by_name: bool
) -> None:
    monkeypatch.setenv("SHOP", "s3cret")
    config = tmp_path / "config.toml"
    with StandIn(auth="ann:s3cret") as server:
        config.write_text(f'[[server]]\nname = "Shop"\nurl = "{server.url}"\nuser = "ann"\npassword_env = "SHOP"\n')
        message_id = server.send_source(CODE)
        where = ("--server", "shop" if by_name else server.url)
        assert extract.run(parse(["--config", str(config), "extract", *where, message_id])) == 0
    assert capsys.readouterr().out == "Your Acme code: code 482913\n"


def test_the_fault_of_a_server_names_its_cause(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("http_proxy", "socks5://127.0.0.1:9")
    assert run(["id"], "http://a.test/") == 3
    assert capsys.readouterr().err.startswith("a.test: http_proxy names a SOCKS proxy, ")
