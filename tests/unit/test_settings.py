"""Valid values of config.toml, and the errors of invalid ones."""

import tomllib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailpit_notifier.client.transport import DEFAULT_ACCESS
from mailpit_notifier.config.file import ConfigError, load
from mailpit_notifier.core.settings import COLORS, Access, Settings, colors_of, default_servers, servers_from
from mailpit_notifier.core.settings_file import SettingsError, checked, settings_from

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["url", "name", "x"]), inner),
    max_leaves=8,
)


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    return path


def test_without_a_file_the_server_is_the_local_mailpit(tmp_path: Path) -> None:
    settings, warnings = load(tmp_path / "config.toml")
    assert settings == Settings(servers=default_servers())
    assert not warnings


def test_a_full_file_is_read(tmp_path: Path) -> None:
    settings, warnings = load(
        write(
            tmp_path,
            """
            [[server]]
            url = "https://ann@mail.example.test/mailpit"
            name = "shop"
            color = "#4a7bd0"
            password_command = ["pass", "show", "mailpit"]
            ca_file = "/etc/ssl/company.pem"
            proxy = "none"
            [[server]]
            url = "http://blog.ddev.site:8025"
            enabled = false
            [notifications]
            catch_up = false
            """,
        )
    )
    shop, blog = settings.servers
    assert (shop.key, shop.label, shop.user) == ("https://mail.example.test/mailpit/", "shop", "ann")
    assert shop.password_command == ("pass", "show", "mailpit")
    assert (blog.label, blog.enabled) == ("blog", False)
    assert not settings.notifications.catch_up
    assert not warnings


def test_an_unknown_key_is_a_warning(tmp_path: Path) -> None:
    text = '[[server]]\nurl="http://x/"\nretries = 3\n[sound]\n[notifications]\nbell = true\n'
    settings, warnings = load(write(tmp_path, text))
    assert len(settings.servers) == 1
    assert len(warnings) == 3
    assert all(str(tmp_path) in warning for warning in warnings)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[[server]\n", "line 1"),
        ("server = 3", "[[server]]"),
        ("[[server]]\nname = 'x'", "server 1: url is missing"),
        ("[[server]]\nurl = 'ftp://x'", "server 1: url is not valid. The address of a Mailpit starts with http"),
        ("[[server]]\nurl = 1", "server 1: url must be text in quotes, on one line."),
        ("[[server]]\nurl = 'x'\nproxy = 'socks5://x'", "server 1: proxy must be the address of an HTTP proxy such as"),
        ("[[server]]\nurl = 'http://ann:s3cret@x/'", "must not contain a password"),
        ("[[server]]\nurl = 'http://x/'\nenabled = 'yes'", "server 1: enabled must be true or false"),
        ("[[server]]\nurl = 'http://x/'\ncolor = 'red'", "server 1: color must be a color like"),
        ("[[server]]\nurl = 'http://x/'\npassword_command = 'pass'", "server 1: password_command must be a list"),
        ("[[server]]\nurl = 'http://x/'\npassword_env = 'a b'", "password_env must be the name"),
        ("[[server]]\nurl = 'http://x/'\nfingerprint = 'ab:cd'", "64 hexadecimal digits"),
        (
            "[[server]]\nurl='http://x/'\npassword_env='A'\npassword_command=['b']",
            "either password_command or password_env",
        ),
        ("[[server]]\nurl='http://x'\n[[server]]\nurl='http://X:8025/'", "server 2: url: another server has the same"),
        ("notifications = true", "[notifications]"),
        ("[notifications]\ncatch_up = 1", "notifications: catch_up must be true or false"),
    ],
)
def test_an_invalid_value_is_reported_with_file_and_key_and_without_the_secret(
    tmp_path: Path, text: str, error: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as refusal:
        load(path)
    assert error in str(refusal.value)
    assert str(path) in str(refusal.value)
    assert "s3cret" not in str(refusal.value)


def test_an_unreadable_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(tmp_path / "config.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


@given(st.dictionaries(st.sampled_from(["server", "notifications", "x"]), json_values | st.lists(json_values)))
def test_any_content_is_read_or_refused(data: dict[str, object]) -> None:
    with suppress(SettingsError):
        settings, _ = settings_from(data)
        assert settings.servers


def test_the_page_has_a_configuration_that_is_read_and_the_defaults() -> None:
    text = (Path(__file__).parents[2] / "packaging" / "docs" / "configuration.md").read_text("utf-8")
    table = text.split("```toml")[1].split("```")[0]
    settings, warnings = settings_from(tomllib.loads(table))
    assert not warnings
    here, staging = settings.servers
    assert (here,) == default_servers()
    assert (staging.name, staging.proxy, staging.plain_password) == ("staging", "none", False)
    assert [rule.outcome.value for rule in settings.rules] == ["silent", "run"]
    assert replace(settings, servers=(here,), rules=()) == Settings(servers=(here,))


def test_a_server_with_only_an_address_has_defaults() -> None:
    (server,) = settings_from({"server": [{"url": "https://mail.example.test/"}]})[0].servers
    assert server.enabled
    assert server.access == DEFAULT_ACCESS == Access(ca_file="", fingerprint="", proxy="", plain_password=False)
    assert (server.name, server.color, server.user) == ("", "", "")
    assert (server.password_command, server.password_env) == ((), "")


@pytest.mark.parametrize(
    ("table", "key", "allowed"),
    [
        ("tray", "bar", "automatic, light, dark"),
        ("tray", "count", "new, unread, off"),
        ("tray", "left_click", "window, menu, mailpit, newest, nothing"),
        ("rule", "outcome", "notify, silent, hide, open, run"),
    ],
)
def test_an_invalid_choice_is_reported_with_the_allowed_ones(table: str, key: str, allowed: str) -> None:
    with pytest.raises(ValueError, match=rf"^must be one of {allowed}\.$"):
        checked(table, key, "blue")
    assert [checked(table, key, value).value for value in allowed.split(", ")] == allowed.split(", ")


@pytest.mark.parametrize(
    ("table", "key", "value", "kept"),
    [
        ("notifications", "buttons", ["delete", "copy"], ("copy", "delete")),
        ("notifications", "buttons", [], ()),
        ("server", "name", "  shop ", "shop"),
        ("server", "color", "#0B8a6A", "#0B8a6A"),
        ("server", "fingerprint", ":".join(["aB"] * 32), ":".join(["aB"] * 32)),
        ("server", "fingerprint", "aB" * 32, "aB" * 32),
        ("server", "proxy", "none", "none"),
        ("server", "proxy", "proxy.example:3128", "proxy.example:3128"),
        ("rule", "larger_than", 0, 0),
    ],
)
def test_a_single_value_is_parsed(table: str, key: str, value: object, kept: object) -> None:
    assert checked(table, key, value) == kept


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("notifications", "buttons", ["copy", "link", "read", "delete"]),
        ("notifications", "buttons", ["undo"]),
        ("notifications", "buttons", "copy"),
        ("server", "name", "two\nlines"),
        ("server", "name", 7),
        ("server", "color", "#0b8a6"),
        ("server", "fingerprint", "ab" * 31),
        ("server", "proxy", "socks5://x"),
        ("server", "password_env", "1A"),
        ("server", "password_command", []),
        ("server", "password_command", ["pass", ""]),
        ("rule", "larger_than", True),
    ],
)
def test_a_single_value_that_is_not_allowed_is_refused(table: str, key: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        checked(table, key, value)


def test_a_server_is_called_by_its_name_else_its_project_s_else_its_address() -> None:
    (shop,) = servers_from(["https://ann@shop.ddev.site:8026/mail"])
    assert (shop.label, shop.user, shop.key) == ("shop", "ann", "https://shop.ddev.site:8026/mail/")
    assert replace(shop, name="The shop").label == "The shop"
    assert servers_from(["localhost"])[0].label == "localhost:8025"


def test_the_same_address_twice_on_the_command_line_is_one_server() -> None:
    assert len(servers_from(["http://x/", "http://ann@X"])) == 2
    assert len(servers_from(["http://x:8025/", "X", "http://ann@x:8025"])) == 1


def test_servers_differ_in_color_also_from_those_with_a_configured_one() -> None:
    first, second, third = servers_from([f"http://localhost:{port}/" for port in (1, 2, 3)])
    assert [*colors_of((first, second, third)).values()] == [*COLORS[:3]]
    taken = replace(third, color=COLORS[1].upper())
    assert colors_of((first, second, taken)) == {
        first.key: COLORS[0],
        second.key: COLORS[2],
        third.key: COLORS[1].upper(),
    }
    many = servers_from([f"http://localhost:{port}/" for port in range(1, len(COLORS) + 2)])
    colors = [*colors_of(many).values()]
    assert {*colors} == {*COLORS}
