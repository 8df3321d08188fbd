"""The host that is shown for a link is the one that is opened."""

from datetime import UTC, datetime
from ipaddress import ip_address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PySide6.QtCore import QUrl

from mailpit_notifier.core.settings import Notifications
from mailpit_notifier.findings.result import Findings
from mailpit_notifier.findings.web_link import host_of, shown_host, shown_link, web_link
from mailpit_notifier.notify.texts import AnnouncedMessage, message_notice
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.ui.window import message_actions
from mailpit_notifier.ui.window.delegate import chips_of
from mailpit_notifier.ui.window.message_actions import MessageAction


@pytest.mark.parametrize(
    ("link", "opened", "host"),
    [
        ("https://acme.test/v?t=1#top", "https://acme.test/v?t=1#top", "acme.test"),
        ("HTTPS://Acme.TEST/V", "https://acme.test/V", "acme.test"),
        ("http://localhost:3000", "http://localhost:3000", "localhost"),
        ("http://my_app-1.localhost:05173/x", "http://my_app-1.localhost:5173/x", "my_app-1.localhost"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x", "127.0.0.1"),
        ("http://[0:0::1]:80/x", "http://[::1]:80/x", "[::1]"),
        ("https://acme.test./v", "https://acme.test./v", "acme.test."),
        ("https://acme.test:/v", "https://acme.test/v", "acme.test"),
        (" https://ac\r\n\tme.test/v\n?t=1 ", "https://acme.test/v?t=1", "acme.test"),
        # What strict parsers refuse behind the host is encoded, what they take stays as it is.
        ("https://acme.test/a b|%zz?{x}", "https://acme.test/a%20b%7C%25zz?%7Bx%7D", "acme.test"),
        ("https://acme.test/bestätigen?a[]=%C3%A4", "https://acme.test/bestätigen?a[]=%C3%A4", "acme.test"),
        # User information is no host.
        ("https://acme.test@evil.test/", "https://evil.test/", "evil.test"),
        ("https://acme.test:443@evil.test:8443/", "https://evil.test:8443/", "evil.test"),
        ("https://a@acme.test@evil.test", "https://evil.test", "evil.test"),
        ("https://acme.test%2F@evil.test/", "https://evil.test/", "evil.test"),
        # Names of one script are shown in it.
        ("https://bücher.test/", "https://xn--bcher-kva.test/", "bücher.test"),
        ("https://STRASSE.test/", "https://strasse.test/", "strasse.test"),
        ("https://straße.test/", "https://xn--strae-oqa.test/", "straße.test"),
        ("https://xn--bcher-kva.test/", "https://xn--bcher-kva.test/", "bücher.test"),
        ("https://łódź.test/", "https://xn--d-uga0v4h.test/", "łódź.test"),
        ("https://пример.рф/", "https://xn--e1afmkfd.xn--p1ai/", "пример.рф"),
        ("https://ελλάδα.test/", "https://xn--hxakic4aa.test/", "ελλάδα.test"),
        ("https://日本語テスト.test/", "https://xn--zckzah9945czlbtz6h.test/", "日本語テスト.test"),
        ("https://한국.test/", "https://xn--3e0b707e.test/", "한국.test"),
        # Mixed scripts, and names that are Latin ones in disguise, stay encoded; so does what we cannot judge.
        ("https://аcme.test/", "https://xn--cme-5cd.test/", "xn--cme-5cd.test"),
        ("https://асме.test/", "https://xn--80akut.test/", "xn--80akut.test"),
        ("https://аррӏе.test/", "https://xn--80ak6aa92e.test/", "xn--80ak6aa92e.test"),
        ("https://xn--80ak6aa92e.test/", "https://xn--80ak6aa92e.test/", "xn--80ak6aa92e.test"),
        ("https://ραγραl.test/", "https://xn--l-ylbah2ec.test/", "xn--l-ylbah2ec.test"),
        ("https://νορα.test/", "https://xn--mxaxgi.test/", "xn--mxaxgi.test"),
        ("https://acmeノa.test/", "https://xn--acmea-9t4d.test/", "xn--acmea-9t4d.test"),
        ("https://ıcloud.test/", "https://xn--cloud-m4a.test/", "xn--cloud-m4a.test"),
        ("https://acmẹ.test/", "https://xn--acm-ljz.test/", "xn--acm-ljz.test"),
        ("https://אבג.test/", "https://xn--4dbcd.test/", "xn--4dbcd.test"),
        ("https://bücher.аcme.test/", "https://xn--bcher-kva.xn--cme-5cd.test/", "xn--bcher-kva.xn--cme-5cd.test"),
    ],
)
def test_a_link_is_opened_at_the_host_that_is_shown(link: str, opened: str, host: str) -> None:
    assert web_link(link) == opened
    assert host_of(opened) == host


@pytest.mark.parametrize(
    "link",
    [
        *(
            "acme.test/v",
            "ftp://acme.test/",
            "javascript://acme.test/%0Aalert(1)",
            "https:acme.test",
            "https:/acme.test",
        ),
        *("https:///acme.test", "https://", "https://@/", "https://user@/", "https://:80/", "https://?x", ""),
        # Parsers disagree on where the host ends, or what it is.
        *("https://evil.test\\@acme.test/", "https://acme.test\\.evil.test/", "https:\\\\acme.test/"),
        *("https://acme.test⁄a.evil.test", "https://acme.test∕a.evil.test/", "https://acme.test／a.evil.test"),
        *("https://acme.test＠evil.test/", "https://acme．test/", "https://acme。test/", "https://ａcme.test/"),
        *("https://acme.test%2Fevil.test/", "https://%61cme.test/", "https://acme.test%00.evil.test/"),
        *("https://①.test/", "https://a²b.test/", "https://a\u0308b.test/", "https://☕.test/"),
        *("https://a\u200db.test/", "https://a\u00adb.test/", "https://a\u202eb.test/", "https://a\u3164b.test/"),
        *("https://a b.test/", "https://a+b.test/", "https://a,b.test/", "https://a..test/", "https://.a.test/"),
        *("https://-a.test/", "https://a-.test/", "https://xn--.test/", "https://xn--zzzz999999.test/"),
        *(f"https://{'a' * 64}.test/", f"https://{'a.' * 130}test/"),
        # Other spellings of 127.0.0.1, and texts with the form of an address that are none.
        *("http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/", "http://0x7f000001/"),
        *("http://127.0.0.1./", "http://1.2.3.4.5/", "http://1.2.3.256/", "http://acme.test.1/", "http://acme.0x1/"),
        *("http://[::1/", "http://[1.2.3.4]/", "http://[fe80::1%25eth0]/", "http://[v1.a]/", "http://[::1]x/"),
        *("https://acme.test:65536/", "https://acme.test:8a/", "https://acme.test:1:2/", "https://acme.test:-1/"),
        *(
            "https://acme.test/\u202everify",
            "https://acme.test/a\x00b",
            "https://acme.test/\ud800",
            "https://acme.test/\u2028v",
        ),
    ],
)
def test_an_ambiguous_address_is_no_link(link: str) -> None:
    assert web_link(link) == ""


text = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("acmeаᾳßς.-/\\@:?#[]%0127xn⁄．。\u200d"), max_size=12
)
hosts = (
    st.sampled_from(["acme.test", "2130706433", "xn--bcher-kva", "127.0.0.1", "[::1]", "пример", "a_b", "한"]) | text
)


@given(st.lists(hosts | st.sampled_from([".", "@", ":", ":80", "\\", "/", "-"]), max_size=6).map("".join), text)
@example("acme.test@evil.test:80", "/")
def test_qt_opens_the_host_that_is_shown(authority: str, rest: str) -> None:
    opened = web_link(f"http://{authority}{rest}")
    if not opened:
        return
    assert web_link(opened) == opened
    page = QUrl(opened, QUrl.ParsingMode.StrictMode)
    assert page.isValid(), page.errorString()
    assert not page.userInfo()
    encoded = page.host(QUrl.ComponentFormattingOption.FullyEncoded)
    written = opened.removeprefix("http://")
    if written.startswith("["):
        assert ip_address(encoded) == ip_address(host_of(opened)[1:-1])
        return
    assert written[len(encoded) :][:1] in {"", "/", ":", "?", "#"}
    assert written.startswith(encoded)
    shown = QUrl(f"http://{host_of(opened)}/", QUrl.ParsingMode.StrictMode)
    assert shown.host(QUrl.ComponentFormattingOption.FullyEncoded) == encoded


@given(st.text(st.characters(categories=["L", "M", "N"]), min_size=1, max_size=20))
def test_a_name_means_the_same_to_qt_in_its_own_script(name: str) -> None:
    if opened := web_link(f"http://{name}.test/"):
        host = QUrl(f"http://{name}.test/", QUrl.ParsingMode.StrictMode).host(
            QUrl.ComponentFormattingOption.FullyEncoded
        )
        assert opened == f"http://{host}/"


def test_wherever_a_link_is_offered_the_end_of_its_host_is_shown() -> None:
    found = Findings(link="https://accounts.acme.test.mail.evil.test/verify?t=1")
    message = Message(id="A1", created=datetime(2026, 3, 1, tzinfo=UTC))
    (chip,) = chips_of(message, found)
    assert chip.text == "\u2068…test.mail.evil.test\u2069"
    assert message_actions.label(MessageAction.OPEN_LINK, message, found) == (
        "Open link accounts.acme.test.mail.evil.test/verify?t=1"
    )
    (button,) = message_notice(
        AnnouncedMessage(server_url="", message=message, found=found), Notifications(buttons=("link",))
    ).actions
    assert button.label == "Open …acme.test.mail.evil.test"


def test_a_long_host_keeps_its_end() -> None:
    url = "https://accounts.acme.test.mail.evil.test:8443/verify?t=1"
    assert shown_host(url, 100) == "accounts.acme.test.mail.evil.test"
    assert shown_host(url, 12) == "…l.evil.test"
    assert shown_link(url, 100) == "accounts.acme.test.mail.evil.test:8443/verify?t=1"
    assert shown_link(url, 40) == "accounts.acme.test.mail.evil.test:8443/…"
    assert shown_link(url, 20) == "…test.mail.evil.test"
