"""`send-test`: send a sample message with a code and a link to Mailpit, through its HTTP API.

To try notifications, rules and `wait` without a program that sends email.
"""

import argparse
import sys

from mailpit_notifier.client.rest import Rest
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.model import SampleMessage

from .common import DONE, FAILED, NO, NOT_REACHED, explained
from .server_options import dial_for, select_servers, with_credentials


def run(options: argparse.Namespace) -> int:
    """Send it to the named servers, else to the first configured one; return the exit code."""
    try:
        servers = select_servers(options.server, options.config)
    except ValueError as error:
        print(error, file=sys.stderr)
        return FAILED
    for server in servers if options.server else servers[:1]:
        message = SampleMessage(to=options.to)
        try:
            url = with_credentials(server)
            message_id = Rest(url, dial_for(server)).send(message.body())
        except FaultError as error:
            print(f"{server.label}: {explained(error)}", file=sys.stderr)
            return NO if error.fault in {Fault.REJECTED, Fault.TOO_OLD} else NOT_REACHED
        print(f'Sent "{message.subject}" to {options.to}: {url.view(message_id)}', flush=True)
    return DONE
