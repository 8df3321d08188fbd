"""`send-test`: sends one sample mail, with a code and a link, into Mailpit through its HTTP API.

For trying out notifications, rules and `wait` without a program that sends mail.
"""

import argparse
import sys

from mailpit_notifier.client.rest import Rest
from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.protocol.model import SampleMessage

from .common import DONE, FAILED, NOT_REACHED
from .server_options import chosen, dialled, unlocked


def run(options: argparse.Namespace) -> int:
    """Send it to the servers named, else to the first one configured; returns the exit code."""
    try:
        servers = chosen(options.server, options.config)[: len(options.server) or 1]
    except ValueError as error:
        print(error, file=sys.stderr)
        return FAILED
    for server in servers:
        mail = SampleMessage(to=options.to)
        try:
            url = unlocked(server)
            message_id = Rest(url, dialled(server)).send(mail.body())
        except FaultError as error:
            detail = f" ({error.detail})" if error.detail else ""
            print(f"{server.label}: {error.fault.sentence}{detail}", file=sys.stderr)
            return NOT_REACHED
        print(f"Sent «{mail.subject}» to {options.to}: {url.view(message_id)}", flush=True)
    return DONE
