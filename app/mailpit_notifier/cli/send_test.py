"""`send-test`: sends one sample mail, with a code and a link, into Mailpit through its HTTP API.

For trying out notifications, rules and `wait` without a program that sends mail.
"""

import argparse
import secrets
import sys
from typing import Any

from mailpit_notifier.mailpit.fault import FaultError

from .chosen import chosen, dialled, unlocked
from .mailbox import Mailbox

USAGE_ERROR, NOT_REACHED = 2, 3


def run(options: argparse.Namespace) -> int:
    """Send it to the servers named, else to the first one configured; returns the exit code."""
    try:
        named = options.servers or options.server
        servers = chosen(named, options.config)[: len(named) or 1]
    except ValueError as error:
        print(error, file=sys.stderr)
        return USAGE_ERROR
    for server in servers:
        mail = sample(options.to)
        try:
            url = unlocked(server)
            message_id = Mailbox(url, dialled(server)).send(mail)
        except FaultError as error:
            detail = f" ({error.detail})" if error.detail else ""
            print(f"{server.label}: {error.fault.sentence}{detail}", file=sys.stderr)
            return NOT_REACHED
        print(f"Sent «{mail['Subject']}» to {options.to}: {url.view(message_id)}", flush=True)
    return 0


def sample(to: str) -> dict[str, Any]:
    """A mail in the form that `POST api/v1/send` takes, with a code and a link of its own."""
    code, link = f"{secrets.randbelow(1_000_000):06}", f"https://acme.test/confirm?token={secrets.token_hex(8)}"
    return {
        "From": {"Name": "Acme", "Email": "no-reply@acme.test"},
        "To": [{"Email": to}],
        "Subject": "Your Acme code",
        "Text": f"Your code is {code}.\n\nOr confirm your address here: {link}\n",
        "HTML": f'<p>Your code is <b>{code}</b>.</p><p>Or <a href="{link}">confirm your address</a>.</p>',
    }
