"""The servers of a command, and the configured settings for an address on the command line."""

from dataclasses import replace
from pathlib import Path

import pytest

from mailpit_notifier.cli import standalone as alone
from mailpit_notifier.cli.server_options import select_servers
from mailpit_notifier.config.file import default_path
from mailpit_notifier.config.store import Start
from mailpit_notifier.core.settings import Server, Settings, as_configured, default_servers, servers_from

URL = "https://mail.test/"
PIN = ":".join(["AB"] * 32)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(
        f'[[server]]\nname = "Shop"\nurl = "{URL}"\nuser = "ann"\npassword_env = "SHOP"\nfingerprint = "{PIN}"\n'
        '[[server]]\nname = "Blog"\nurl = "http://blog.test/"\nenabled = false\n'
    )
    return path


@pytest.mark.parametrize("name", ["shop", URL, "https://ann@mail.test"])
def test_a_configured_server_is_the_same_by_name_and_by_address(config: Path, name: str) -> None:
    assert select_servers([name], config) == select_servers([], config)
    assert select_servers([name], config)[0].fingerprint


@pytest.mark.parametrize("credentials", ["bob", "bob:s3cret", "ann:s3cret", ":s3cret"])
def test_credentials_in_an_address_win(config: Path, credentials: str) -> None:
    (server,) = select_servers([f"https://{credentials}@mail.test/"], config)
    (bare,) = servers_from([f"https://{credentials}@mail.test/"])
    assert server == replace(bare, name="Shop", fingerprint=server.fingerprint)
    assert server.fingerprint


def test_a_named_server_is_used_although_it_is_disabled(config: Path) -> None:
    assert [server.label for server in select_servers([], config)] == ["Shop"]
    for name in ("blog", "http://blog.test/"):
        assert [(server.label, server.enabled) for server in select_servers([name], config)] == [("Blog", True)]


def test_a_name_means_all_servers_that_have_it(config: Path) -> None:
    with config.open("a") as file:
        file.write('[[server]]\nname = "SHOP"\nurl = "http://second.test/"\n')
    assert [server.key for server in select_servers(["shop"], config)] == [URL, "http://second.test/"]


@pytest.mark.parametrize("command", ["wait", "send-test"])
def test_a_command_reports_that_all_servers_are_disabled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[[server]]\nurl = "http://localhost:9/"\nenabled = false\n')
    assert alone.main(["--config", str(config), command]) == 2
    assert "All configured servers are disabled" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("address", "error"), [("ftp://x", "MAILPIT_URL: The address of"), ("shp", "MAILPIT_URL: No ")]
)
def test_an_error_in_the_environment_names_its_variable(
    config: Path, monkeypatch: pytest.MonkeyPatch, address: str, error: str
) -> None:
    monkeypatch.setenv("MAILPIT_URL", address)
    with pytest.raises(ValueError, match=error):
        select_servers([], config)
    monkeypatch.setenv("MAILPIT_URL", " ")
    assert [server.label for server in select_servers([], config)] == ["Shop"]


def test_an_address_is_enough_if_the_configuration_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = default_path()
    broken.parent.mkdir(parents=True)
    broken.write_text("[[server]]\n")
    assert select_servers([URL]) == servers_from([URL])
    for names, path in (([], None), (["shop"], None), ([URL], broken)):
        with pytest.raises(ValueError, match="url is missing"):
            select_servers(names, path)


def test_the_tray_application_reaches_a_named_server_as_it_is_configured() -> None:
    (named,) = servers_from([URL])
    known = Server(url=named.url, name="Shop", ca_file="/ca.pem", proxy="none", enabled=False)
    settings = Settings(servers=(*default_servers(), known))
    assert Start(servers=(named,)).override(settings).servers == (replace(known, enabled=True),)
    assert as_configured((named,), default_servers()) == (named,)
