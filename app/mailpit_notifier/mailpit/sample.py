"""A sample mail with a code and a link, to see what becomes of mail without a program that sends some."""

from dataclasses import dataclass, field
from typing import Any

RECIPIENT = "ann@example.test"


def _code() -> str:
    import secrets  # the recipient alone is read at every start

    return f"{secrets.randbelow(1_000_000):06}"


def _link() -> str:
    import secrets

    return f"https://acme.test/confirm?token={secrets.token_hex(8)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleMail:
    """One of its own each time. Its `code` stands at the beginning of its text, and so in Mailpit's snippet."""

    to: str = RECIPIENT
    subject: str = "Your Acme code"
    code: str = field(default_factory=_code)
    link: str = field(default_factory=_link)

    def body(self) -> dict[str, Any]:
        """The mail in the form that `POST api/v1/send` takes."""
        html = f'<p>Your code is <b>{self.code}</b>.</p><p>Or <a href="{self.link}">confirm your address</a>.</p>'
        return {
            "From": {"Name": "Acme", "Email": "no-reply@acme.test"},
            "To": [{"Email": self.to}],
            "Subject": self.subject,
            "Text": f"Your code is {self.code}.\n\nOr confirm your address here: {self.link}\n",
            "HTML": html,
        }
