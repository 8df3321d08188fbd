"""The life of the stand-in's process: it listens, says where on standard output, and serves until told to end.

It ends on SIGTERM and, where standard input is a pipe, when that is closed: it must not outlive who started it.
"""

import argparse
import asyncio
import contextlib
import faulthandler
import json
import os
import signal
import stat
import sys
import threading

from . import saved, server, smtp
from .envelope import stamped
from .hub import Hub
from .mailbox import Mailbox, new_id
from .samples import samples
from .version import OLD


async def run(options: argparse.Namespace) -> None:
    """Serve until told to end. The options are those of the command line."""
    stopped = _stop_event()
    hub = Hub(options.ping_seconds, is_old=options.like == OLD)
    mailbox = Mailbox(hub, message_dates=options.use_message_dates)
    if options.database:
        mailbox.restore(saved.load(options.database))
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
        saved.save(options.database, reversed(mailbox.newest_first()))


async def _listen(options: argparse.Namespace, mailbox: Mailbox, hub: Hub) -> None:
    path = options.webroot.strip("/")
    webroot = f"/{path}/" if path else "/"
    is_old = options.like == OLD
    app = server.application(mailbox, hub, webroot=webroot, auth=options.auth, label=options.label, is_old=is_old)
    host, port = _address(options.http)
    http_port = await server.listen(app, host, port)
    smtp_port = await smtp.listen(mailbox, hub, *_address(options.smtp))
    print(json.dumps({"http": f"http://{host}:{http_port}{webroot}", "smtp": smtp_port}), flush=True)  # noqa: T201


FIRST_SAMPLE = 2.0
"""Seconds before the first sample mail: what comes before somebody listens is no news."""


async def _send_samples(mailbox: Mailbox, interval: float) -> None:
    if interval <= 0:
        return
    await asyncio.sleep(min(interval, FIRST_SAMPLE))
    for sender, recipients, raw in samples():
        mailbox.add(stamped(raw, sender=sender, recipients=recipients, message_id=f"{new_id()}@mailpit"))
        await asyncio.sleep(interval)


def _stop_event() -> asyncio.Event:
    """An event that is set when this process is to end."""
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
            loop.add_signal_handler(number, stop)  # wakes the loop, which a handler of Python's own may miss
        except NotImplementedError:  # Windows
            signal.signal(number, stop)
    if sys.stdin and stat.S_ISFIFO(os.fstat(0).st_mode):
        # A thread, because Windows cannot wait for a pipe in the loop; a daemon, because nothing can stop its read.
        threading.Thread(target=watch, name="stdin", daemon=True).start()
    return stopped


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host or "127.0.0.1", int(port)
