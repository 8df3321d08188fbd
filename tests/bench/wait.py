"""From exec of `wait` to its line `listening`, and from a server that starts later; from SMTP's 250 to its answer.

The baseline for the start is a Python that imports websocket-client, connects to the same server and prints a line.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from statistics import median
from time import monotonic, sleep

from stage import mailpit
from table import Row, report

from campaign.proxy import FaultProxy, Mode
from standin import Server

ROUNDS = 9
LATE_ROUNDS = 3

BARE = """
import os, sys, websocket
websocket.create_connection(os.environ["MAILPIT_URL"].replace("http", "ws", 1) + "api/events", suppress_origin=True)
print("listening", file=sys.stderr, flush=True)
sys.stdin.read()
"""
BASELINE = ("-c", BARE)
OURS = ("-m", "mailpit_notifier", "wait", "--since", "0", "--print", "code")


def start(server: Server, arguments: Sequence[str]) -> tuple[subprocess.Popen[bytes], float]:
    """Start it; return the process and the milliseconds until it printed `listening`."""
    environment = {**os.environ, "MAILPIT_URL": server.url}
    pipe = subprocess.PIPE
    began = monotonic()
    process = subprocess.Popen([sys.executable, *arguments], env=environment, stdin=pipe, stdout=pipe, stderr=pipe)
    assert process.stderr
    assert process.stderr.readline() == b"listening\n"
    return process, (monotonic() - began) * 1000


def late(server: Server) -> float:
    """Return the milliseconds from the start of a server until `wait` listens to it. The server starts 2 s after
    `wait`.
    """
    proxy = FaultProxy(server.http_port)
    proxy.set(Mode.REFUSED)
    environment = {**os.environ, "MAILPIT_URL": proxy.url}
    with subprocess.Popen([sys.executable, *OURS], env=environment, stderr=subprocess.PIPE) as process:
        sleep(2)
        proxy.set(Mode.PASS)
        began = monotonic()
        assert process.stderr
        assert process.stderr.readline() == b"listening\n"
        took = (monotonic() - began) * 1000
        process.terminate()
    proxy.close()
    return took


def rows() -> Iterator[Row]:
    """Print medians of rounds in which each has its turn."""
    bare, ours, answers = [], [], []
    with mailpit() as server:
        server.burst(500)
        for _ in range(ROUNDS):
            process, took = start(server, BASELINE)
            process.communicate()
            bare.append(took)
            process, took = start(server, OURS)
            ours.append(took)
            server.send("Your Acme code", text="Your code is 482913.\n")
            sent = monotonic()
            answer, _ = process.communicate()
            answers.append((monotonic() - sent) * 1000)
            assert answer == b"482913\n"
        found = [late(server) for _ in range(LATE_ROUNDS)]
    yield Row(what="wait: exec -> listening", figure=median(ours), floor=median(bare), unit="ms", at_most=200)
    yield Row(what="wait: worst", figure=max(ours), floor=max(bare), unit="ms")
    yield Row(what="wait: server up -> listening, worst", figure=max(found), unit="ms", at_most=500)
    yield Row(what="wait: SMTP 250 -> answer and end of the process", figure=median(answers), unit="ms")


if __name__ == "__main__":
    report(rows())
