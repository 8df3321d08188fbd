"""What a URL shows: whether it is opened, its purpose, and whether it contains a token or a code."""

import pytest

from mailpit_notifier.findings.addresses import code_in_query, leads_to_a_shop, looks_like_token, path_kind, usable
from mailpit_notifier.findings.vocabulary import Kind, link_vocabulary


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        ("https://acme.test/v?t=1", "https://acme.test/v?t=1"),
        ("http://localhost:3000", "http://localhost:3000"),
        (" https://acme.test/v ", "https://acme.test/v"),
        ("https://acme.test/v\r\n\t?t=1", "https://acme.test/v?t=1"),
        ("https://acme.test/v?name=Kim Lee", "https://acme.test/v?name=Kim%20Lee"),
        ("https://acme.test/" + "a" * 4_078, "https://acme.test/" + "a" * 4_078),
        ("https://acme.test/" + "a" * 4_079, ""),
        ("https://acme.test/\u202everify", ""),
        ("https:///verify", ""),
        ("https://[acme.test/verify", ""),
        ("https://acme.test@evil.test/verify", "https://evil.test/verify"),
        ("https://аcme.test/verify", "https://xn--cme-5cd.test/verify"),
        ("https://evil.test\\@acme.test/verify", ""),
        ("https://acme.test⁄a.evil.test/verify", ""),
        ("http://2130706433/verify", ""),
        ("ftp://acme.test/verify", ""),
        ("javascript://acme.test/verify", ""),
        ("https://acme.test/logo.png", ""),
        ("https://acme.test/photo.JPEG", ""),
        ("https://acme.test/photo.jpg?t=1", ""),
        *(
            (f"https://acme.test/file.{end}", "")
            for end in ("gif", "svg", "webp", "ico", "css", "js", "pdf", "ics", "zip")
        ),
        ("https://acme.test/logo.png/verify", "https://acme.test/logo.png/verify"),
        ("https://acme.test/verify?next=a.png", "https://acme.test/verify?next=a.png"),
    ],
)
def test_a_link_is_parsed_like_in_a_browser(url: str, opened: str) -> None:
    assert usable(url) == opened


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://acme.test/verify-email", Kind.ACTION),
        ("https://acme.test/Users/ResetPassword?x=1", Kind.ACTION),
        ("https://acme.test/teams/joinTeam/7", Kind.ACTION),
        ("https://acme.test/?confirm=1", Kind.ACTION),
        ("https://acme.test/orders/confirm", Kind.ACTION),
        ("https://acme.test/login/confirm", Kind.ACTION),
        ("https://acme.test/login?t=k3Jd9", Kind.LOGIN),
        ("https://acme.test/Login/8fK2d9", Kind.LOGIN),
        ("https://acme.test/signin#token=1", Kind.ACTION),
        ("https://acme.test/konto-bestätigen", Kind.ACTION),
        ("https://acme.test/konto_best%C3%A4tigen", Kind.ACTION),
        ("https://acme.test/potwierdz.php", Kind.ACTION),
        *((f"https://acme.test/nowe{mark}haslo", Kind.ACTION) for mark in "-_./"),
        ("https://acme.test/a?do=potwierdz", Kind.ACTION),
        ("https://acme.test/a?b=1&potwierdz=1", Kind.ACTION),
        ("https://acme.test/login", Kind.DENY),
        ("https://acme.test/account", Kind.DENY),
        ("https://acme.test/", Kind.DENY),
        ("https://acme.test", Kind.DENY),
        ("https://acme.test//", Kind.DENY),
        ("https://acme.test/confirm/cancel", Kind.DENY),
        ("https://acme.test/unsubscribe?confirm=1", Kind.DENY),
        ("https://help.acme.test/confirm", Kind.DENY),
        ("https://Docs.acme.test/confirm", Kind.DENY),
        ("https://acme.test/orders/17", Kind.DENY),
        ("https://acme.test/Privacy", Kind.DENY),
        ("https://acme.test/welcome", None),
        ("https://acme.test/?a=1", None),
        ("https://acme.test/#a", None),
        ("https://acme.test/in?next=https://b.test/confirm", None),
        ("https://acme.test/login?lang=de", None),
        ("https://acme.test/docs-login/8fK2d9", Kind.DENY),
        ("https://acme.test/my-login/8fK2d9", None),
        ("https://help-me.acme.test/welcome", None),
        ("https://acme.test/q/48213/how-do-i-verify-my-account", None),
        ("https://acme.test/verify-your-email-address", Kind.ACTION),
    ],
)
def test_the_words_in_an_address_decide_its_purpose(url: str, kind: Kind | None) -> None:
    assert path_kind(url, link_vocabulary()) is kind


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.test/v?token=a",
        "https://acme.test/v?a=1&T=a",
        "https://acme.test/v?userToken=a",
        "https://acme.test/v?api_key=a",
        "https://acme.test/v?uuid=a",
        "https://acme.test/v?activation_code=a",
        "https://acme.test/v?x_hash=a",
        "https://acme.test/v#token=a",
        "https://acme.test/v/8fk2d",
        "https://acme.test/v/8fK2",
        "https://acme.test/v/1-2ab",
        "https://acme.test/v/a7K",
        "https://acme.test/v/ab12",
        "https://acme.test/v/eyJhbGciOiJIUzI",
        "https://acme.test/v?8fk2d9",
        "https://acme.test/v#8fk2d9",
        "https://acme.test/v/kXbTqWzP",
    ],
)
def test_something_random_or_signed_is_a_token(url: str) -> None:
    assert looks_like_token(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.test/",
        "https://acme.test/verify",
        "https://acme.test/verify?lang=de",
        "https://acme.test/verify?token",
        "https://acme.test/verify?tokens=a",
        "https://acme.test/2025/04/17",
        "https://acme.test/482913",
        "https://acme.test/v2",
        "https://acme.test/v2/team",
        "https://acme.test/abc1",
        "https://acme.test/a123",
        "https://acme.test/forgotPassword",
        "https://acme.test/getStartedNow",
        "https://acme.test/kXbTqWz",
        "https://8fk2d9.acme.test/verify",
        "https://[acme.test/8fk2d9",
    ],
)
def test_ordinary_words_and_numbers_are_no_token(url: str) -> None:
    assert not looks_like_token(url)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://acme.test/verify?code=482913", "482913"),
        ("https://acme.test/verify?a=1&OTP=K7QX9P", "K7QX9P"),
        ("https://acme.test/verify?user_code=ABCD-EFGH", "ABCD-EFGH"),
        ("https://acme.test/verify?code=4829%2013", "4829 13"),
        ("https://acme.test/verify?id=482913", ""),
        ("https://acme.test/verify?code=", ""),
        ("https://acme.test/verify", ""),
        ("https://acme.test/checkout?code=SPRING25", ""),
        ("https://acme.test/joinTeam?code=482913", ""),
        ("https://acme.test/invite?code=482913", ""),
        ("https://[acme.test/verify?code=482913", ""),
    ],
)
def test_a_code_in_an_address_is_known_by_its_key_unless_it_buys_or_invites(url: str, code: str) -> None:
    assert code_in_query(url) == code


@pytest.mark.parametrize(
    ("url", "shop"),
    [
        ("https://acme.test/orders/8fK2d9", True),
        ("https://acme.test/MyOrders", True),
        ("https://acme.test/Cart", True),
        ("https://acme.test/posts/8fK2d9", True),
        ("https://acme.test/threads/8fK2d9", True),
        ("https://shop.acme.test/z/8fK2d9", True),
        ("https://my.Shop.acme.test/z/8fK2d9", True),
        ("https://acme.test/z/8fK2d9", False),
        ("https://shop.test/z/8fK2d9", False),
        ("https://acme.test/?order=17", False),
        ("https://acme.test/workshops", False),
    ],
)
def test_an_address_of_a_shop_is_known_by_its_path_and_what_stands_before_its_domain(url: str, shop: bool) -> None:
    assert leads_to_a_shop(url) is shop
