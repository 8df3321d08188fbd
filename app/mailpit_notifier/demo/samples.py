"""Sample mails like those that a product in development sends: one after the other, with fresh codes and numbers."""

import secrets
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import SMTP
from itertools import cycle

_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cf500f0003830181a6f7e2b50000000049454e44ae426082"
)


def samples() -> Iterator[tuple[str, list[str], bytes]]:
    """Sender, envelope recipients and source of one sample after the other, for ever."""
    makers: tuple[Callable[[], EmailMessage], ...] = (
        _code, _confirm, _receipt, _attachment, _unicode, _team, _untitled, _reset
    )  # fmt: skip
    for make in cycle(makers):
        mail = make()
        headers = [mail[name] for name in ("To", "Cc", "Bcc") if mail[name]]
        recipients = [address.addr_spec for header in headers for address in header.addresses]
        del mail["Bcc"]
        yield "bounces@acme.test", recipients, mail.as_bytes()


def _mail(subject: str, sender: str, to: str, text: str, html: str = "") -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = sender, to
    if subject:
        mail["Subject"] = subject
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


def _number(digits: int) -> str:
    return str(secrets.randbelow(9 * 10 ** (digits - 1)) + 10 ** (digits - 1))


def _code() -> EmailMessage:
    code = _number(6)
    return _mail(
        "Your Acme code",
        "Acme <no-reply@acme.test>",
        "ann@example.com",
        f"Your sign-in code is {code}. It expires in 10 minutes.\n\nYou did not ask for it? Then ignore this mail.\n",
    )


def _confirm() -> EmailMessage:
    link = f"https://acme.test/confirm?token={secrets.token_urlsafe(12)}"
    return _mail(
        "Confirm your email address",
        "Acme <no-reply@acme.test>",
        "Bob Miller <bob@example.com>",
        f"Welcome, Bob! Confirm your address: {link}\n",
        f'<html><body><h1>Welcome, Bob!</h1><p><a href="{link}">Confirm your email address</a></p></body></html>',
    )


def _receipt() -> EmailMessage:
    order = _number(5)
    mail = _mail(
        f"Your order {order} is on its way",
        "Acme Shop <shop@acme.test>",
        "Carla Rossi <carla+shop@example.com>",
        f"Thank you for your order {order}.\n\n2 mugs, 24.00 EUR\n1 teapot, 39.50 EUR\nTotal: 63.50 EUR\n",
    )
    mail["X-Tags"] = "orders"
    return mail


def _attachment() -> EmailMessage:
    number = _number(4)
    mail = _mail(
        f"Invoice {number}",
        "Acme Billing <billing@acme.test>",
        "accounts@example.com",
        "Please find your invoice attached. It is due within 14 days.\n",
    )
    mail.add_attachment(f"Invoice {number}\n".encode(), maintype="text", subtype="plain", filename=f"{number}.txt")
    mail.add_attachment(_PIXEL, maintype="image", subtype="png", filename="logo.png")
    mail["X-Tags"] = "billing"
    return mail


def _unicode() -> EmailMessage:
    return _mail(
        "Grüße aus Köln 🎉 ようこそ",
        "Zoë Łukasz <zoe@acme.test>",
        "Jürgen Müller <juergen@example.com>",
        "Schön, dass du da bist! 日本語のメールも届きます。 مرحبا\n",
    )


def _team() -> EmailMessage:
    mail = _mail(
        "Deploy of shop finished",
        "CI <ci@acme.test>",
        "ann@example.com, bob@example.com, carla@example.com",
        f"Build {_number(4)} is live. All 312 tests passed.\n",
    )
    mail["Cc"] = "Team Lead <lead@example.com>"
    mail["Bcc"] = "audit@example.com"
    return mail


def _untitled() -> EmailMessage:
    return _mail("", "cron@acme.test", "root@example.com", "nightly backup: done in 41 s\n")


def _reset() -> EmailMessage:
    link = f"http://localhost:3000/reset/{secrets.token_hex(8)}"
    return _mail(
        "Reset your password",
        "Acme <no-reply@acme.test>",
        "dave@example.com",
        f"Somebody asked to reset your password. If it was you:\n\n{link}\n",
    )
