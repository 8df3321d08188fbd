"""Parsing a message source: decoded and skipped parts, and no input that makes it fail."""

import binascii
import email.policy
import json
import time
from base64 import b64encode, encodebytes
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailpit_notifier.client.source import Source, read_chunks, read_source
from mailpit_notifier.client.source_header import all_fields
from mailpit_notifier.client.source_stream import CutError, Limits
from mailpit_notifier.core.contents import Doubt
from mailpit_notifier.findings.extraction import Findings, full

DATA = Path(__file__).parents[1] / "data"
BOUND = 1.0
"""Seconds of CPU time for one source; it takes 0.1 on an idle machine. Quadratic code takes minutes."""

CODE = b"Your Acme code is 482913.\n"
PICTURE = bytes(range(256)) * 12_000


def make_message(subject: str, text: str, html: str = "") -> EmailMessage:
    message = EmailMessage(policy=email.policy.SMTP)
    message["Subject"] = subject
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


def test_both_parts_are_decoded_in_any_structure() -> None:
    for encoding in ("base64", "quoted-printable", "8bit"):
        message = EmailMessage(policy=email.policy.SMTP)
        message["Subject"] = "Ваш код 🚀"
        message.set_content("Код 482913\n", cte=encoding)
        message.add_alternative("<p>Код</p>\n", subtype="html", cte=encoding, charset="utf-8")
        assert read_source(message.as_bytes()) == Source(subject="Ваш код 🚀", text="Код 482913\n", html="<p>Код</p>\n")


def test_attachments_and_attached_messages_are_not_read() -> None:
    message = make_message("Hello", "Shown.\n")
    message.add_attachment("Not shown.", subtype="html", filename="a.html")
    message.add_attachment(make_message("Inner", "Not shown.", "<p>Not shown</p>"))
    assert read_source(message.as_bytes()) == Source(subject="Hello", text="Shown.\n")


def test_attachments_are_listed_with_name_type_and_decoded_size_on_request() -> None:
    message = make_message("Hello", "Shown.\n", "<p>Shown</p>")
    message.add_attachment(b"x" * 1000, maintype="application", subtype="pdf", filename="Rechnung März, €.pdf")
    message.add_attachment("grün\n", filename="a.txt", cte="quoted-printable")
    message.add_attachment(PICTURE, maintype="image", subtype="png", disposition="inline", cid="<a>")
    message.add_attachment(make_message("Inner", "Not shown."))
    source = read_source(message.as_bytes(), with_attachments=True)
    assert [(one.name, one.kind) for one in source.attachments] == [
        ("Rechnung März, €.pdf", "application/pdf"),
        ("a.txt", "text/plain"),
        ("", "image/png"),
        ("", "message/rfc822"),
    ]
    assert [one.size for one in source.attachments][:3] == [1000, len("grün\r\n".encode()), len(PICTURE)]
    assert (source.text, source.html, source.is_partial) == ("Shown.\n", "<p>Shown</p>\n", False)
    assert not read_source(message.as_bytes()).attachments


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        (b'Content-Disposition: attachment; filename="a b.pdf"', "a b.pdf"),
        (b"Content-Disposition: attachment; FileName=a.pdf; size=3", "a.pdf"),
        (b"Content-Disposition: attachment;\n\tfilename*=utf-8'de'M%C3%A4rz.pdf; filename=\"Maerz.pdf\"", "März.pdf"),
        (
            b"Content-Disposition: attachment; filename*0*=iso-8859-1''M%E4; filename*1=\"rz .\"; filename*2=pdf",
            "März .pdf",
        ),
        (b"Content-Disposition: attachment; filename==?utf-8?b?TcOkcnoucGRm?=", "März.pdf"),
        (b'Content-Type: application/pdf; x="; name=b.pdf"; name="a\\"b.pdf"', 'a"b.pdf'),
        (b"Content-Disposition: attachment; filename*=utf-8'%ff", "utf-8'ÿ"),
        (b"Content-Disposition: attachment; filename*1=b; filename", ""),
        (b"Content-Disposition: attachment; filename=" + b"a" * 100_000, "a" * 300),
    ],
)
def test_the_name_of_an_attachment_is_read_in_all_its_forms(fields: bytes, name: str) -> None:
    kind = b"" if b"Content-Type" in fields else b"Content-Type: application/pdf\n"
    (found,) = read_source(kind + fields + b"\n\nabc", with_attachments=True).attachments
    assert (found.name, found.size) == (name, 3)


@pytest.mark.parametrize("content", [b";" * 250_000, b'"' * 250_000, b"; filename*0=" * 20_000, b"; a\n " * 100_000])
def test_names_of_attachments_are_read_in_linear_time(content: bytes) -> None:
    began = time.process_time()
    read_source(b"Content-Disposition: attachment; filename" + content + b"\n\nabc", with_attachments=True)
    assert time.process_time() - began < BOUND


def test_the_header_is_read_field_by_field() -> None:
    source = read_source(
        b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nX-Long: one\r\n two\r\nx-long:three\r\nX-Raw: caf\xc3\xa9\r\n"
        b"X-Empty:\r\n\r\nX-Body: no\r\n"
    )
    fields = [("Subject", "Grüße"), ("X-Long", "one two"), ("x-long", "three"), ("X-Raw", "café"), ("X-Empty", "")]
    assert list(all_fields(source.header)) == fields


@pytest.mark.parametrize("value", [b"=?utf-8?q?a?= " * 90_000, b"=?" * 600_000, b"\n a" * 400_000, b"\n:" * 600_000])
def test_the_header_is_read_in_linear_time(value: bytes) -> None:
    source = read_source(b"X: " + value + b"\n\nabc")
    began = time.process_time()
    list(all_fields(source.header))
    assert time.process_time() - began < BOUND


def test_embedded_pictures_are_kept_on_request() -> None:
    html = f'<img src="data:image/png;base64,{"A" * 5_000}">\n'
    source = f"Content-Type: text/html\n\n{html}".encode()
    assert len(read_source(source).html) < 50
    assert read_source(source, Limits(with_data=True)).html == html


@pytest.mark.parametrize(
    ("source", "doubts"),
    [
        (b"Content-Type: text/plain; charset=no-such\n\nGr\xc3\xbc\xc3\x9fe", {Doubt.CHARSET}),
        (b"Content-Type: text/plain; charset=US-ASCII\n\nHello", set()),
        (b"Content-Transfer-Encoding: x-yencode\n\n=ybegin line=128", {Doubt.ENCODING}),
        (b"\n-----BEGIN PGP MESSAGE-----\n\nhQEMA7\n-----END PGP MESSAGE-----\n", {Doubt.ENCRYPTED}),
        (b"Content-Type: application/pkcs7-mime; name=smime.p7m\n\nabc", {Doubt.ENCRYPTED}),
        (b"Content-Type: multipart/encrypted; boundary=b\n\n--b\n\nVersion: 1\n--b--", {Doubt.ENCRYPTED}),
    ],
)
def test_a_part_that_cannot_be_decoded_is_reported(source: bytes, doubts: set[Doubt]) -> None:
    assert read_source(source).doubts == doubts


def test_the_list_of_attachments_may_end_before_the_message_does() -> None:
    message = make_message("Hello", "Shown.\n")
    message.add_attachment(PICTURE, maintype="image", subtype="png", filename="a.png")
    message.add_attachment(b"abc", maintype="image", subtype="png", filename="b.png")
    source = read_source(message.as_bytes(), Limits(source=100_000), with_attachments=True)
    assert [one.name for one in source.attachments] == ["a.png"]
    assert source.is_partial
    assert source.text == "Shown.\n"


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


def test_the_charset_in_html_is_used() -> None:
    source = b'Content-Type: text/html\n\n<meta charset="windows-1251"><p>\xea\xee\xe4</p>'
    assert "код" in read_source(source).html


def test_a_raw_utf8_subject_is_read() -> None:
    assert read_source("Subject: Код\n\nx".encode()).subject == "Код"
    assert read_source(b"Subject: =?no-such?q?a=C3=BC?= =?utf-8?b?!!!?=\n\nx").subject == "aü"
    assert read_source(b"Subject: =?utf-8?b?a?= code\n\nx").subject == "=?utf-8?b?a?= code"


def found_in(source: bytes) -> tuple[Source, Findings]:
    """Read a source and find its code and link within the time limit."""
    began = time.thread_time()
    read = read_source(source)
    found = full(read.subject, read.text, read.html, is_cut=read.is_cut)
    assert time.thread_time() - began < BOUND
    return read, found


def multipart(*parts: bytes, boundary: bytes = b"b1", kind: bytes = b"mixed") -> bytes:
    lines = [b"Content-Type: multipart/%s; boundary=%s\n" % (kind, boundary)]
    return b"\n".join([*lines, *(b"--%s\n%s" % (boundary, part) for part in parts), b"--%s--\n" % boundary])


ATTACHED = b"Content-Type: image/png\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment\n\n"
ATTACHMENT = ATTACHED + encodebytes(PICTURE)
TEXT = b"Content-Type: text/plain\n\n" + CODE
HTML = b"Content-Type: text/html\n\n<p>" + CODE + b"</p>"
EMBEDDED = b'<img src="data:image/png;base64,' + b64encode(PICTURE) + b'"><p>' + CODE + b"</p>"
HTML_IN = b"Content-Type: text/html\nContent-Transfer-Encoding: "


@pytest.mark.parametrize(
    "source",
    [
        multipart(ATTACHMENT, TEXT),
        multipart(ATTACHMENT, HTML).replace(b"\n", b"\r\n"),
        multipart(b"Content-Type: message/rfc822\n\n" + multipart(b"\n222222", boundary=b"b2") + ATTACHMENT, TEXT),
        multipart(multipart(ATTACHMENT, b"\n", boundary=b"b"), multipart(HTML, boundary=b"b11"), boundary=b"b1"),
        HTML_IN + b"8bit\n\n" + EMBEDDED,
        HTML_IN + b"base64\n\n" + encodebytes(EMBEDDED),
        HTML_IN + b"quoted-printable\n\n" + binascii.b2a_qp(EMBEDDED),
        HTML_IN + b"8bit\n\n" + EMBEDDED.replace(b64encode(PICTURE), encodebytes(PICTURE)),
    ],
)
def test_a_code_behind_megabytes_of_attachments_or_pictures_is_found(source: bytes) -> None:
    assert len(source) > 4_000_000
    read, found = found_in(b"Subject: Your code\n" + source)
    assert (found.code, read.is_cut) == ("482913", False)
    assert len(read.html) < 1_000


def nested(depth: int) -> bytes:
    """Return a multipart in a multipart and so on, with the text in the innermost one."""
    opened = b"".join(b"Content-Type: multipart/mixed; boundary=n%d\n\n--n%d\n" % (n, n) for n in range(depth))
    return opened + TEXT + b"".join(b"\n--n%d--\n" % n for n in reversed(range(depth)))


SIGNED = b"""-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

Your Acme code is 482913.
-----BEGIN PGP SIGNATURE-----

iQIzBAEBCAAdFiEE
-----END PGP SIGNATURE-----
"""


@pytest.mark.parametrize(
    "source",
    [
        b"Content-Type: text/html\n\n<p>&#" + b"9" * 5_000 + b";</p><p>" + CODE,
        b"Content-Type: text/html\n\n<a href='https://a.test/?&#" + b"9" * 5_000 + b";'>x</a><p>" + CODE,
        b'Content-Type: text/plain; a="' + b";" * 250_000 + b"\n\n" + CODE,
        b'Content-Type: text/plain; a="' + b";\n " * 250_000 + b"\n\n" + CODE,
        b'Content-Type: text/html; a="' + b'\\";' * 90_000 + b"\n\n" + CODE,
        b'Content-Type: multipart/mixed; a="' + b";" * 250_000 + b'"; boundary=b1\n\n--b1\n' + HTML + b"\n--b1--",
        b'Content-Type: multipart/mixed; a=";; boundary=b1\n\n--b1\n' + HTML + b"\n--b1--",
        b"To: " + b"ann@example.test,\n " * 60_000 + b"\n\n" + CODE,
        b"X-A: b\n" * 100_000 + b"\n" + CODE,
        b"X: " + b"=?utf-8?q?a?= " * 50_000 + b"\n\n" + CODE,
        b"Content-Type: text/plain; charset=utf-7\n\n" + CODE + b"+\xff" * 200_000,
        b"Content-Type: text/plain; charset=windows-1255\n\n" + CODE + b"\xff" * 900_000,
        b"Content-Type: text/plain; charset=punycode\n\n" + CODE + b"a" * 100_000,
        b"Content-Type: text/plain; charset=unicode_escape\n\n" + CODE + b"\\u12" * 100_000,
        b"\x00\x00: \x00\nContent-Type: text/plain\n\n" + CODE + b"\x00" * 100_000,
        nested(1_000),
        b"Content-Type: multipart/mixed\n\n--x\n" + HTML + b"\n--x--\n",
        b'Content-Type: multipart/mixed; boundary=""\n\nThis is MIME.\n--\n' + HTML + b"\n----\n",
        b"Content-Type: multipart/mixed; boundary*=us-ascii'en'a%20b\n\n--a b\n" + HTML + b"\n--a b--\n",
        b'Content-Type: multipart/mixed;\n boundary*0="ab"; boundary*1="cd"\n\n--abcd\n' + HTML + b"\n--abcd--\n",
        multipart(b"\nA picture follows.\n", b"Content-Type: image/png\n\nx", TEXT),
        b"Content-Transfer-Encoding: quoted-printable\n\nYour Acme co=  \nde is 4829= \t\n13.\n",
        b"Content-Type: text/plain; charset=utf-16\n\n" + CODE.decode().encode("utf-16-be"),
        b"Content-Type: text/plain; charset=ucs-2\n\n" + CODE.decode().encode("utf-16-le"),
        b"Content-Type: text/plain; charset=utf-32\n\n" + CODE.decode().encode("utf-32"),
        b"Content-Type: text/plain; charset=utf-32\n\n" + CODE.decode().encode("utf-32") + b"\xff" * 400_000,
        b"Content-Type: text/plain; charset=iso-2022-jp-2004\n\n"
        + "認証コードは 482913 です".encode("iso2022_jp_2004"),
        b"Content-Type: text/plain; format=flowed; delsp=yes\n\nYour Acme code is 48 \n2913.\n",
        b"Content-Type: text/markdown\n\n" + CODE,
        b"Content-Type: application/xhtml+xml\n\n<p>" + CODE + b"</p>",
        b"\n" + SIGNED,
        b"\n" + b"\0\0\0\n" * 10_000 + CODE,
        b"\n" + b"\n" * 500_000 + CODE,
        HTML_IN + b"8bit\n\n" + b" \n" * 300_000 + b"<p>" + CODE,
        HTML_IN + b"8bit\n\n" + (b"<tr>" + b" " * 500) * 400 + CODE,
        HTML_IN + b"8bit\n\n" + EMBEDDED.replace(b"data:", b"DATA:").replace(b"base64", b"BASE64"),
        CODE + b"<" * 1_000_000,
        multipart(*[b"Content-Type: image/png\n\n\n"] * 900, TEXT),
        multipart(b"Content-Type: image/png\n\n" + b"--b1x\n" * 40_000, TEXT),
        b"".join(b"Content-Type: multipart/mixed; boundary=n%d\n\n--n%d\n" % (n, n) for n in range(10_000))
        + b"--n0\n"
        + TEXT,
        b"Content-Transfer-Encoding: base64\n\n" + encodebytes(CODE) + b"\n".join(map(encodebytes, [CODE] * 3)),
    ],
)
def test_a_valid_part_is_read_beside_invalid_ones(source: bytes) -> None:
    assert found_in(b"Subject: Your code\n" + source)[1].code == "482913"


@pytest.mark.parametrize(
    ("limits", "source"),
    [
        (Limits(source=200_000), multipart(ATTACHMENT, TEXT)),
        (Limits(header=1_000), b"X: " + b"y" * 200_000 + b"\n\n" + CODE),
        (Limits(parts=3), multipart(*[ATTACHED] * 3, TEXT)),
        (Limits(depth=1), multipart(multipart(TEXT, boundary=b"b2"))),
        (Limits(dashes=3), multipart(b"Content-Type: image/png\n\n" + b"--b1x\n" * 4, TEXT)),
        (Limits(text=10), b"\nIt is late. " + CODE),
    ],
)
def test_a_part_that_a_limit_cuts_is_marked(limits: Limits, source: bytes) -> None:
    read = read_source(b"Subject: Your code\n" + source, limits)
    assert (read.subject, read.is_text_cut, read.is_html_cut) == ("Your code", True, limits.text > 10)
    assert read.text == ("It is late" if limits.text == 10 else "")
    assert not read_source(b"Subject: Your code\n" + source).is_cut


@pytest.mark.parametrize(
    "source",
    [
        b"Content-Type: multipart/mixed; boundary=a\n\n--b\n" + TEXT + b"\n--b--",
        b"Content-Type: multipart/mixed; boundary=" + b"a" * 5_000 + b"\n\n--" + b"a" * 5_000 + b"\n" + TEXT,
        b"\n" + b"A line.\n" * 600 + CODE,
        b"\n" + b"word " * 500 + CODE,
        HTML_IN + b"8bit\n\n" + b"<div>" * 20_000 + CODE,
        HTML_IN + b"8bit\n\n" + b"<!-- -->" * 20_000 + CODE,
        HTML_IN + b"8bit\n\n<p>" + b"&" * 100_000 + b"</p>" + CODE,
    ],
)
def test_a_part_that_was_not_read_or_searched_makes_the_answer_uncertain(source: bytes) -> None:
    found = found_in(b"Subject: Your code\n" + source)[1]
    assert (found.code, found.is_cut) == (None, True)


def test_lines_may_end_as_on_old_macs() -> None:
    assert found_in((b"Subject: Your code\n" + multipart(ATTACHMENT, TEXT)).replace(b"\n", b"\r"))[1].code == "482913"


def test_base64_that_is_cut_is_decoded_up_to_the_cut() -> None:
    source = b"Subject: Long\nContent-Transfer-Encoding: base64\n\n" + encodebytes(CODE * 10_000)
    read = read_source(source, Limits(source=100_001))
    assert (CODE * 10_000).decode().startswith(read.text)
    assert 70_000 < len(read.text) < 80_000
    assert read.is_text_cut


def test_only_the_needed_chunks_are_requested() -> None:
    source = multipart(multipart(TEXT, HTML, boundary=b"b2", kind=b"alternative"), ATTACHMENT)
    given = 0

    def chunks() -> Iterator[bytes]:
        nonlocal given
        for start in range(0, len(source), 1_000):
            given += 1
            yield source[start : start + 1_000]

    assert read_chunks(chunks()) == Source(text=CODE.decode(), html=f"<p>{CODE.decode()}</p>")
    assert given == 1


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_where_the_chunks_are_cut_does_not_matter(size: int) -> None:
    picture = b64encode(b"\x00" * 3_000)
    parts = (
        b'Content-Type: text/html\n\n<p>data:</p><img src="data:image/png;base64,' + picture + b'">' + CODE,
        b"Content-Transfer-Encoding: quoted-printable\n\nGr=C3=BC=\nsse =\n",
        b"Content-Transfer-Encoding: base64\n\n" + encodebytes(CODE),
    )
    for source in (multipart(parts[0], parts[1], boundary=b"=b"), multipart(parts[2], parts[0]), parts[1], parts[2]):
        for lines in (source, source.replace(b"\n", b"\r\n")):
            chunks = (lines[start : start + size] for start in range(0, len(lines), size))
            assert read_chunks(chunks) == read_source(lines)


def test_exceptions_of_the_chunks_are_raised_except_cut_error() -> None:
    def chunks(error: Exception) -> Iterator[bytes]:
        yield b"Subject: Late\n\n" + CODE
        raise error

    with pytest.raises(ConnectionError):
        read_chunks(chunks(ConnectionError()))
    read = read_chunks(chunks(CutError()))
    assert read == Source(subject="Late", text=CODE.decode(), is_text_cut=True, is_html_cut=True, is_partial=True)


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        ("iso-2022-jp", "認証コード".encode("iso-2022-jp"), "認証コード"),
        ("ISO_8859-15", "100 €".encode("iso-8859-15"), "100 €"),
        ("x-sjis", "認証".encode("cp932"), "認証"),
        ("GB2312", "验证码".encode("gb18030"), "验证码"),
        ("ks_c_5601-1987", "인증".encode("cp949"), "인증"),
        ("KOI8-R", "код".encode("koi8-r"), "код"),
        ("utf-16", "код".encode("utf-16"), "код"),
        ("latin1", b"\x93code\x94", "“code”"),
        ("windows-1253", b"\xff", "\ufffd"),
        ("utf-7", b"+AGE-", "+AGE-"),
    ],
)
def test_charsets_of_email_are_decoded(charset: str, content: bytes, text: str) -> None:
    source = b"Content-Type: text/plain; charset=%s\nContent-Transfer-Encoding: base64\n\n" % charset.encode()
    assert read_source(source + encodebytes(content)).text == text


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
@settings(max_examples=3 * settings().max_examples, deadline=None)
def test_any_bytes_give_a_source(source: bytes) -> None:
    for with_attachments in (False, True):
        assert isinstance(read_source(source, with_attachments=with_attachments), Source)


def test_a_thousand_nested_parts_give_a_source() -> None:
    source = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(1_000))
    assert isinstance(read_source(source), Source)


def messages() -> list[bytes]:
    """Some of the labelled messages, each with another encoding."""
    lines = (DATA / "mails.jsonl").read_text("utf-8").splitlines()
    out = []
    for number, line in enumerate(lines[::9]):
        fields = json.loads(line)
        message = EmailMessage(policy=email.policy.SMTP)
        message["Subject"] = fields["subject"]
        encoding = ("base64", "quoted-printable", "8bit")[number % 3]
        message.set_content(fields["text"] or "", cte=encoding)
        message.add_alternative(fields["html"] or "", subtype="html", cte=encoding)
        if number % 2:
            message.add_attachment(b"\x00\xff" * 99, maintype="image", subtype="png", filename="a.png")
        out.append(message.as_bytes())
    return out


MESSAGES = messages()
REPEATED = st.sampled_from(
    [
        *(b"<", b"&", b"&#9", b"(", b"7", b"=", b"-", b";", b'"', b"\\", b"\r", b"\x00", b"\xff", b"\n ", b"=\n"),
        *(b"<a href=http://a.test>", b"<div hidden>", b"</p>", b"<!--", b"&zwnj;", b"data:", b"X: y\n", b"\n--", b"A="),
        *(b"\n\nContent-Type: text/html\n\n", b"boundary=", b"; charset=utf-7", b"code 1234 ", b"A1-", b"1 2 ", b"@a."),
    ]
)
Mutation = tuple[float, int, bytes, int]
MUTATIONS = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from([0, 0, 1, 40, 900]), REPEATED, st.sampled_from([0, 1, 50, 30_000])),
    min_size=1,
    max_size=6,
)
"""Position, number of bytes removed there, and the bytes inserted and how often."""


def mutated(source: bytes, mutations: list[Mutation]) -> bytes:
    for where, length, text, times in mutations:
        place = int(where * len(source))
        source = source[:place] + text * times + source[place + length :]
    return source


@given(st.sampled_from(range(len(MESSAGES))), MUTATIONS)
@settings(max_examples=40, deadline=None)
def test_mutated_messages_are_read_within_the_time_bound(number: int, mutations: list[Mutation]) -> None:
    source = mutated(MESSAGES[number], mutations)
    read, _ = found_in(source)
    chunks = (source[start : start + 999] for start in range(0, len(source), 999))
    assert read_chunks(chunks) == read


@pytest.mark.parametrize("encoding", ["x-uuencode", "uuencode", "x-uue", "UUE"])
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_uuencoded_text_is_decoded(encoding: str, size: int) -> None:
    text = b"Your Acme code is 482913.\n" * 40
    lines = b"".join(binascii.b2a_uu(text[place : place + 45]) for place in range(0, len(text), 45))
    raw = f"Subject: Code\nContent-Transfer-Encoding: {encoding}\n\n".encode()
    raw += b"begin 644 code.txt\n" + lines + b"`\nend\nThis is not a part of it.\n"
    source = read_chunks(raw[place : place + size] for place in range(0, len(raw), size))
    assert source.text == text.decode()


def test_text_that_only_claims_to_be_uuencoded_is_kept() -> None:
    raw = b"Content-Transfer-Encoding: x-uuencode\n\nYour Acme code is 482913.\n"
    assert read_source(raw).text == "Your Acme code is 482913.\n"


def test_invalid_uuencoded_lines_are_skipped_and_long_ones_are_bounded() -> None:
    field = b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n"
    good = binascii.b2a_uu(b"Your code is 482913.")
    assert read_source(field + b"M\xff\xff\xff\n" + good + b"end\n").text == "Your code is 482913."
    start = time.thread_time()
    read_source(field + b"M" * 2**20 + b"\n" + b"M\n" * 2**19)
    assert time.thread_time() - start < BOUND
