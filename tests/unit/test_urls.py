"""Addresses as users type them, and the URLs built from them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailpit_notifier.protocol.model import NO_ID
from mailpit_notifier.protocol.urls import ServerUrl


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("http://localhost:8025", "http://localhost:8025/"),
        ("http://localhost:8025/", "http://localhost:8025/"),
        ("localhost", "http://localhost:8025/"),
        ("localhost:1080", "http://localhost:1080/"),
        ("http://localhost", "http://localhost:8025/"),
        ("http://localhost/", "http://localhost/"),
        ("  HTTP://Shop.DDEV.site:8025/mail ", "http://shop.ddev.site:8025/mail/"),
        ("https://mail.example.test", "https://mail.example.test/"),
        ("https://mail.example.test:8443/a/b", "https://mail.example.test:8443/a/b/"),
        ("http://[::1]:8025/", "http://[::1]:8025/"),
        ("http://[fe80::1%25eth0]:8025/", "http://[fe80::1%25eth0]:8025/"),
        ("http://[fe80::1%eth0]:8025/", "http://[fe80::1%25eth0]:8025/"),
        ("http://user:secret@host:8025/mail/", "http://host:8025/mail/"),
        ("http://host:8025/view/4xWKrnfzLTNSZyHwpybNna", "http://host:8025/"),
        ("http://host:8025/mail/api/v1/messages", "http://host:8025/mail/"),
        ("http://müller.test:8025/", "http://xn--mller-kva.test:8025/"),
        ("http://host:8025/ünï code/", "http://host:8025/%C3%BCn%C3%AF%20code/"),
    ],
)
def test_an_address_is_normalized(text: str, base: str) -> None:
    url = ServerUrl.parse(text)
    assert url.base == base
    assert ServerUrl.parse(url.base) == ServerUrl.parse(url.base)


@pytest.mark.parametrize(
    "text",
    [
        *[
            "",
            "   ",
            "http://",
            "ftp://host/",
            "http://host:port/",
            "http://host:99999/",
            "http://a b/",
            "http://[::1/",
        ],
        *["http:/host:8025", "https:/host", "http//host/", "http://http://host/"],
        *["http://host/?x=1", "http://host/#x", "javascript:alert(1)", "http://user:secret@/", "http://ho\0st/"],
    ],
)
def test_an_invalid_address_is_refused_without_naming_the_password(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$") as refusal:
        ServerUrl.parse(text)
    assert "secret" not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_the_zone_of_an_address_is_decoded_for_the_resolver() -> None:
    assert ServerUrl.parse("http://[fe80::1%25eth0]/").host == "fe80::1%eth0"


def test_the_websocket_and_rest_are_below_the_webroot() -> None:
    url = ServerUrl.parse("https://host/mail")
    assert url.events == "wss://host/mail/api/events"
    assert url.api("messages") == "/mail/api/v1/messages"
    assert url.raw("a/b") == "/mail/api/v1/message/a%2Fb/raw"
    assert url.search("tag:a b") == "https://host/mail/search?q=tag%3Aa%20b"


def test_credentials_are_in_the_header_and_nowhere_else() -> None:
    url = ServerUrl.parse("http://ann:s%40cret@host/")
    assert (url.user, url.password) == ("ann", "s@cret")
    assert url.authorization == "Basic YW5uOnNAY3JldA=="
    for text in (repr(url), url.base, url.events, url.label, url.view("x"), url.search("x")):
        assert "cret" not in text
        assert "ann" not in text


@pytest.mark.parametrize(
    ("text", "header"), [("http://ann@h/", "Basic YW5uOg=="), ("http://:pw@h/", "Basic OnB3"), ("http://h/", "")]
)
def test_a_user_or_a_password_alone_is_a_credential(text: str, header: str) -> None:
    assert ServerUrl.parse(text).authorization == header


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("localhost", "localhost:8025"),
        ("http://h/", "h"),
        ("https://h/", "h"),
        ("https://h:80/", "h:80"),
        ("http://h:443/mail/", "h:443/mail"),
        ("http://[::1]:1/", "[::1]:1"),
        ("http://h:0/", "h:0"),
    ],
)
def test_a_server_without_a_name_is_called_by_its_address(text: str, label: str) -> None:
    assert ServerUrl.parse(text).label == label


@pytest.mark.parametrize("host", ["localhost", "shop.localhost", "127.0.0.1", "127.8.9.1", "[::1]"])
def test_loopback_is_known_by_its_name(host: str) -> None:
    assert ServerUrl.parse(f"http://{host}:1/").is_local_name


@pytest.mark.parametrize("host", ["localhost.example.test", "10.0.0.1", "example.test", "[::2]"])
def test_other_hosts_are_not_loopback_by_name(host: str) -> None:
    assert not ServerUrl.parse(f"http://{host}:1/").is_local_name


@given(st.text(min_size=1).filter(lambda text: not text.startswith(NO_ID)))
def test_an_id_stays_one_segment_of_the_path(message_id: str) -> None:
    page = ServerUrl.parse("http://host:1/mail/").view(message_id.encode("utf-8", "replace").decode())
    assert page.startswith("http://host:1/mail/view/")
    assert "/" not in page.removeprefix("http://host:1/mail/view/")
    assert page.isascii()
    assert page.isprintable()


def test_a_message_without_an_id_has_no_page_but_the_mailbox() -> None:
    assert ServerUrl.parse("http://host:1/").view(NO_ID + "abc") == "http://host:1/"


@given(st.text())
def test_parsing_an_address_gives_an_address_or_a_value_error(text: str) -> None:
    try:
        url = ServerUrl.parse(text)
    except ValueError:
        return
    assert url.base.startswith(("http://", "https://"))
    assert url.webroot.startswith("/")
    assert url.webroot.endswith("/")
