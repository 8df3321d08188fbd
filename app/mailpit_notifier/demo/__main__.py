"""The command line of the stand-in, and its sample messages.

It prints one JSON line with its addresses when it listens, and serves until SIGTERM. If standard input is a pipe, it
also ends when that is closed, so that it does not outlive the process that started it.
"""

import argparse
import asyncio
import contextlib
import faulthandler
import json
import os
import secrets
import signal
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import SMTP
from itertools import cycle
from pathlib import Path

from . import server
from .mailbox import Mailbox, new_id
from .message import OLD, VERSION, load, save
from .message_source import stamped
from .process import DemoError, check_packages
from .server import Hub

START_SECONDS = 15.0
"""If it does not listen by then, it prints its stack and ends. `process.Demo` therefore needs no timeout of its own."""


def main() -> int:
    """Run until SIGTERM or the end of standard input; return the exit code."""
    options = _options()
    if sys.stderr:
        faulthandler.dump_traceback_later(START_SECONDS, exit=True)
    try:
        check_packages()
    except DemoError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the only channel to the user
        return 2

    asyncio.run(run(options))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mailpit_notifier.demo", description="A stand-in for Mailpit.")
    parser.add_argument("--http", default="127.0.0.1:0", metavar="HOST:PORT", help="default: a free port of 127.0.0.1")
    parser.add_argument("--smtp", default="127.0.0.1:0", metavar="HOST:PORT", help="default: a free port of 127.0.0.1")
    parser.add_argument(
        "--interval", type=float, default=0.0, metavar="SECONDS", help="between sample messages; 0: none"
    )
    parser.add_argument("--webroot", default="", metavar="PATH")
    parser.add_argument("--auth", default="", metavar="USER:PASSWORD")
    parser.add_argument("--label", default="", metavar="TEXT", help="the name of this server")
    parser.add_argument("--max", type=int, default=500, metavar="N", help="messages to keep; 0: all")
    parser.add_argument("--like", default=VERSION, choices=[VERSION, OLD], help=f"behave like this; default: {VERSION}")
    parser.add_argument("--use-message-dates", action="store_true", help="use the Date header as the time of a message")
    parser.add_argument("--database", type=Path, metavar="FILE", help="keep the messages over a restart")
    parser.add_argument("--prune-seconds", type=float, default=60.0, help="for tests: time between prunings")
    parser.add_argument("--ping-seconds", type=float, default=54.0, help="for tests: time between pings")
    return parser.parse_args()


_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cf500f0003830181a6f7e2b50000000049454e44ae426082"
)


def samples() -> Iterator[tuple[str, list[str], bytes]]:
    """Yield sender, envelope recipients and source of sample messages without end, each with a new code or link."""
    makers: tuple[Callable[[], EmailMessage], ...] = (
        _code, _confirm, _receipt, _attachment, _unicode, _team, _untitled, _reset
    )  # fmt: skip
    for make in cycle(makers):
        message = make()
        headers = [message[name] for name in ("To", "Cc", "Bcc") if message[name]]
        recipients = [address.addr_spec for header in headers for address in header.addresses]
        del message["Bcc"]
        yield "bounces@acme.test", recipients, message.as_bytes()


def _message(subject: str, sender: str, to: str, text: str, html: str = "") -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = sender, to
    if subject:
        message["Subject"] = subject
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


def _number(digits: int) -> str:
    return str(secrets.randbelow(9 * 10 ** (digits - 1)) + 10 ** (digits - 1))


def _code() -> EmailMessage:
    code = _number(6)
    return _message(
        "Your Acme code",
        "Acme <no-reply@acme.test>",
        "ann@example.com",
        f"Your sign-in code is {code}. It expires in 10 minutes.\n\nIf you did not ask for it, ignore this message.\n",
    )


def _confirm() -> EmailMessage:
    link = f"https://acme.test/confirm?token={secrets.token_urlsafe(12)}"
    return _message(
        "Confirm your email address",
        "Acme <no-reply@acme.test>",
        "Bob Miller <bob@example.com>",
        f"Welcome, Bob! Confirm your address: {link}\n",
        f'<html><body><h1>Welcome, Bob!</h1><p><a href="{link}">Confirm your email address</a></p></body></html>',
    )


def _receipt() -> EmailMessage:
    order = _number(5)
    message = _message(
        f"Your order {order} is on its way",
        "Acme Shop <shop@acme.test>",
        "Carla Rossi <carla+shop@example.com>",
        f"Thank you for your order {order}.\n\n2 mugs, 24.00 EUR\n1 teapot, 39.50 EUR\nTotal: 63.50 EUR\n",
    )
    message["X-Tags"] = "orders"
    return message


def _attachment() -> EmailMessage:
    number = _number(4)
    message = _message(
        f"Invoice {number}",
        "Acme Billing <billing@acme.test>",
        "accounts@example.com",
        "Please find your invoice attached. It is due within 14 days.\n",
    )
    message.add_attachment(f"Invoice {number}\n".encode(), maintype="text", subtype="plain", filename=f"{number}.txt")
    message.add_attachment(_PIXEL, maintype="image", subtype="png", filename="logo.png")
    message["X-Tags"] = "billing"
    return message


def _unicode() -> EmailMessage:
    return _message(
        "Grüße aus Köln 🎉 ようこそ",
        "Zoë Łukasz <zoe@acme.test>",
        "Jürgen Müller <juergen@example.com>",
        "Schön, dass du da bist! 日本語のメールも届きます。 مرحبا\n",
    )


def _team() -> EmailMessage:
    message = _message(
        "Deploy of shop finished",
        "CI <ci@acme.test>",
        "ann@example.com, bob@example.com, carla@example.com",
        f"Build {_number(4)} is live. All 312 tests passed.\n",
    )
    message["Cc"] = "Team Lead <lead@example.com>"
    message["Bcc"] = "audit@example.com"
    return message


def _untitled() -> EmailMessage:
    return _message("", "cron@acme.test", "root@example.com", "nightly backup: done in 41 s\n")


def _reset() -> EmailMessage:
    link = f"http://localhost:3000/reset/{secrets.token_hex(8)}"
    return _message(
        "Reset your password",
        "Acme <no-reply@acme.test>",
        "dave@example.com",
        f"We received a request to reset your password. If it was you:\n\n{link}\n",
    )


async def run(options: argparse.Namespace) -> None:
    """Serve until SIGTERM or the end of standard input."""
    stopped = _stop_event()
    hub = Hub(options.ping_seconds, is_old=options.like == OLD)
    mailbox = Mailbox(hub, message_dates=options.use_message_dates)
    if options.database:
        mailbox.restore(load(options.database))
    await _listen(options, mailbox, hub)
    faulthandler.cancel_dump_traceback_later()
    tasks = [
        asyncio.create_task(server.prune_regularly(mailbox, options.max, options.prune_seconds)),
        asyncio.create_task(_send_samples(mailbox, options.interval)),
    ]
    await stopped.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    if options.database:
        save(options.database, reversed(mailbox.newest_first()))
    # At once: while the loop ends, clients still connect, and Python prints a traceback for each that was accepted.
    os._exit(0)


async def _listen(options: argparse.Namespace, mailbox: Mailbox, hub: Hub) -> None:
    path = options.webroot.strip("/")
    webroot = f"/{path}/" if path else "/"
    is_old = options.like == OLD
    app = server.application(mailbox, hub, webroot=webroot, auth=options.auth, label=options.label, is_old=is_old)
    host, port = _address(options.http)
    http_port = await server.listen_http(app, host, port)
    smtp_port = await server.listen_smtp(mailbox, hub, *_address(options.smtp))
    print(json.dumps({"http": f"http://{host}:{http_port}{webroot}", "smtp": smtp_port}), flush=True)  # noqa: T201


FIRST_SAMPLE = 2.0
"""Seconds before the first sample message: earlier ones would be in the first snapshot and not be announced."""


async def _send_samples(mailbox: Mailbox, interval: float) -> None:
    if interval <= 0:
        return
    await asyncio.sleep(min(interval, FIRST_SAMPLE))
    for sender, recipients, raw in samples():
        mailbox.add(stamped(raw, sender=sender, recipients=recipients, message_id=f"{new_id()}@mailpit"))
        await asyncio.sleep(interval)


def _stop_event() -> asyncio.Event:
    """Return an event that is set when this process must end."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(*_: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended already
            loop.call_soon_threadsafe(stopped.set)

    def watch() -> None:
        while os.read(0, 4096):
            pass
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stop)  # unlike signal.signal, this wakes the loop
        except NotImplementedError:  # Windows
            signal.signal(number, stop)
    if sys.stdin and stat.S_ISFIFO(os.fstat(0).st_mode):
        # A thread, because Windows cannot wait for a pipe in the loop; a daemon, because nothing can stop its read.
        threading.Thread(target=watch, name="stdin", daemon=True).start()
    return stopped


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host or "127.0.0.1", int(port)


if __name__ == "__main__":
    sys.exit(main())
