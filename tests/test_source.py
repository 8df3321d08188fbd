"""The source of a mail: what is decoded, what is left out, and that nothing makes it fail."""

import email.policy
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailpit_notifier.mailpit.source import MAX_SOURCE, Source, read_source


def mail(subject: str, text: str, html: str = "") -> EmailMessage:
    message = EmailMessage(policy=email.policy.SMTP)
    message["Subject"] = subject
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


def test_both_parts_are_decoded_whatever_carries_them() -> None:
    for encoding in ("base64", "quoted-printable", "8bit"):
        message = EmailMessage(policy=email.policy.SMTP)
        message["Subject"] = "Ваш код 🚀"
        message.set_content("Код 482913\n", cte=encoding)
        message.add_alternative("<p>Код</p>\n", subtype="html", cte=encoding, charset="utf-8")
        assert read_source(message.as_bytes()) == Source(subject="Ваш код 🚀", text="Код 482913\n", html="<p>Код</p>\n")


def test_attachments_and_mails_in_the_mail_are_not_read() -> None:
    message = mail("Hello", "Shown.\n")
    message.add_attachment("Not shown.", subtype="html", filename="a.html")
    message.add_attachment(mail("Inner", "Not shown.", "<p>Not shown</p>"))
    assert read_source(message.as_bytes()) == Source(subject="Hello", text="Shown.\n")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (b"Content-Type: text/plain; charset=iso-8859-1\n\nGr\xfc\xdfe", "Grüße"),
        (b"Content-Type: text/plain; charset=us-ascii\n\nGr\xc3\xbc\xc3\x9fe", "Grüße"),
        (b"Content-Type: text/plain; charset=no-such\n\nGr\xc3\xbc\xc3\x9fe", "Grüße"),
        (b"X: y\n\nGr\xfc\xdfe", "Grüße"),
        (b"Content-Transfer-Encoding: base64\n\nSGVsbG8gdGhlcm", "Hello ther"),
        (b"Content-Type: multipart/alternative\n\nno boundary at all", ""),
        (b"no header at all", "no header at all"),
    ],
)
def test_wrong_declarations_still_give_text(source: bytes, text: str) -> None:
    assert read_source(source).text.strip() == text


def test_html_says_its_own_charset() -> None:
    source = b'Content-Type: text/html\n\n<meta charset="windows-1251"><p>\xea\xee\xe4</p>'
    assert "код" in read_source(source).html


def test_a_raw_utf8_subject_is_read() -> None:
    assert read_source("Subject: Код\n\nx".encode()).subject == "Код"
    assert read_source(b"Subject: =?no-such?q?a=C3=BC?= =?utf-8?b?!!!?=\n\nx").subject == "aü"
    assert read_source(b"Subject: =?utf-8?b?a?= code\n\nx").subject == "=?utf-8?b?a?= code"


def test_only_the_first_256_kilobytes_count() -> None:
    source = b"Subject: Long\n\n" + "ü".encode() * MAX_SOURCE
    found = read_source(source)
    assert found.subject == "Long"
    assert set(found.text[:-1]) == {"ü"}
    assert len(found.text) < MAX_SOURCE


PIECES = st.sampled_from(
    [
        *(
            b"Subject: ",
            b"Content-Type: ",
            b"multipart/mixed; boundary=a",
            b"text/html",
            b"; charset=",
            b"utf-7",
            b"\n",
        ),
        *(b"\n\n", b"--a", b"--a--", b"=?utf-8?q?", b"=?", b"?=", b"\xff", b"\x00", b"<p>", b":", b";", b"=\n"),
        *(b"Content-Transfer-Encoding: ", b"base64", b"quoted-printable", b"x-uuencode", b"begin 644 a\n"),
        *(b"message/rfc822", b"Content-Disposition: "),
    ]
)


@given(st.one_of(st.binary(), st.lists(PIECES).map(b"".join)))
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_a_source(source: bytes) -> None:
    assert isinstance(read_source(source), Source)


def test_a_thousand_nested_parts_give_a_source() -> None:
    source = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(1_000))
    assert isinstance(read_source(source), Source)
