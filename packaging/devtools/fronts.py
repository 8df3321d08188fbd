"""Run the program behind the real nginx, HAProxy and Squid: `packaging/dev fronts`.

Each row of the table is one configuration of one of them. Each has its own Mailpit on this machine: the real one of
MAILPIT_BIN, else the stand-in. A session of the program, `doctor` and `wait` meet it with the waiting times that users
get. The configurations are written to a temporary folder, and the programs are ended.

This module is also the script that the verb runs in the project's environment.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

SKIPPED = 77
"""The exit code of a check that cannot be made here, as in Automake."""

PROGRAMS = {"nginx": "nginx", "haproxy": "haproxy", "squid": "squid", "openssl": "openssl"}
"""Programs and their Debian packages."""

SOON = 5.0
"""Seconds within which a message must be announced without reliable live updates."""

HOST = "mailpit.test"
"""A name that only Squid can resolve: a server on this machine is always connected directly."""


def verb(_args: list[str]) -> int:
    """Do what `fronts` in verbs.py describes."""
    from . import system
    from .environment import LOCKED
    from .output import report

    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        report("fronts: skipped. It installs nginx, HAProxy and Squid with apt and needs root on Linux.")
        return SKIPPED
    system.provide({**system.QT, **PROGRAMS})
    LOCKED.prepare("dev")
    return subprocess.call([LOCKED.python, __file__])


@dataclass(frozen=True, kw_only=True)
class Row:
    """One configuration. `config(port, upstream, folder)` returns the text of its file.

    `state` and `fault`: the last report that is expected of the program. `within`: seconds for a message to be
    announced as a live one, None where none can arrive. `tls`: the program connects with https. `is_down`: there is no
    Mailpit.
    """

    name: str
    what: str
    config: Callable[[int, int, Path], str]
    state: str
    fault: str | None = None
    within: float | None = None
    tls: bool = False
    is_down: bool = False


@dataclass
class Outcome:
    """What was seen in a row."""

    state: str = ""
    fault: str = ""
    delay: float | None = None
    doctor: str = ""
    wait: str = ""
    wrong: list[str] = field(default_factory=list)


def nginx(body: str, listen: str = "") -> Callable[[int, int, Path], str]:
    """Return the configuration of a reverse proxy with these directives in its location."""

    def config(port: int, upstream: int, folder: Path) -> str:
        text = f"""daemon off; pid {folder}/pid; error_log stderr; worker_processes 1; events {{ }}
            http {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
            fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
            limit_req_zone $server_name zone=few:1m rate=12r/m;
            server {{ listen 127.0.0.1:{port} {
            listen.replace(
                ";",
                f"; ssl_certificate {folder}/server.pem;"
                f" ssl_certificate_key {folder}/server.pem; ssl_client_certificate {folder}/server.pem;",
                1,
            )
            or ";"
        }
            location / {{ {body} }} }} }}"""
        return text.replace("UPSTREAM", f"http://127.0.0.1:{upstream}")

    return config


WEBSOCKET = """proxy_pass UPSTREAM; proxy_http_version 1.1; proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"""


def haproxy(options: str, bind: str = "") -> Callable[[int, int, Path], str]:
    """Return the configuration of a reverse proxy with these timeouts and options of its listener."""

    def config(port: int, upstream: int, folder: Path) -> str:
        return f"""
defaults
    mode http
    timeout connect 2s
    {options}
frontend front
    bind 127.0.0.1:{port} {bind.replace("PEM", f"{folder}/server.pem")}
    default_backend mailpit
backend mailpit
    server one 127.0.0.1:{upstream}
"""

    return config


LONG = "timeout client 1h\n    timeout server 1h\n    timeout tunnel 1h"


def squid(rules: str) -> Callable[[int, int, Path], str]:
    """Return the configuration of a forward proxy with these rules."""

    def config(port: int, _upstream: int, folder: Path) -> str:
        (folder / "hosts").write_text(f"127.0.0.1 {HOST}\n")
        (folder / "users").write_text("")
        return f"""http_port 127.0.0.1:{port}
hosts_file {folder}/hosts
pid_filename {folder}/pid
cache_log {folder}/cache.log
access_log none
cache deny all
shutdown_lifetime 0 seconds
connect_timeout 2 seconds
coredump_dir {folder}
{rules.replace("FOLDER", str(folder))}
"""

    return config


ROWS = (
    Row(name="nginx", what="websocket, long timeouts", config=nginx(f"{WEBSOCKET} proxy_read_timeout 1h;"),
        state="connected", within=1.0),
    Row(name="nginx", what="proxy_read_timeout 5s", config=nginx(f"{WEBSOCKET} proxy_read_timeout 5s;"),
        state="polling", fault="CUT_EARLY", within=SOON),
    Row(name="nginx", what="no Upgrade passed on", config=nginx("proxy_pass UPSTREAM;"),
        state="polling", fault="NO_UPGRADE", within=SOON),
    Row(name="nginx", what="12 requests a minute, then 429",
        config=nginx("limit_req zone=few burst=3 nodelay; limit_req_status 429; proxy_pass UPSTREAM;"),
        state="polling", within=4 * SOON),
    Row(name="nginx", what="redirects to https", config=nginx("return 301 https://$host$request_uri;"),
        state="disconnected", fault="TLS_NEEDED"),
    Row(name="nginx", what="redirects to a log-in", config=nginx("return 302 /oauth2/start?rd=$request_uri;"),
        state="disconnected", fault="LOGIN_PAGE"),
    Row(name="nginx", what="TLS port, http address", config=nginx(WEBSOCKET, "ssl;"),
        state="disconnected", fault="TLS_NEEDED"),
    Row(name="nginx", what="client certificate", config=nginx(WEBSOCKET, "ssl; ssl_verify_client on;"),
        state="disconnected", fault="CLIENT_CERTIFICATE", tls=True),
    Row(name="nginx", what="Mailpit is down", config=nginx(WEBSOCKET), state="disconnected", fault="STOPPED",
        is_down=True),
    Row(name="haproxy", what="websocket, long timeouts", config=haproxy(LONG), state="connected", within=1.0),
    Row(name="haproxy", what="timeout tunnel 3s",
        config=haproxy(LONG.replace("tunnel 1h", "tunnel 3s")), state="polling", fault="CUT_EARLY", within=SOON),
    Row(name="haproxy", what="timeout client and server 2s",
        config=haproxy("timeout client 2s\n    timeout server 2s"), state="polling", fault="CUT_EARLY", within=SOON),
    Row(name="haproxy", what="TLS port, http address", config=haproxy(LONG, "ssl crt PEM"),
        state="disconnected", fault="TLS_NEEDED"),
    Row(name="haproxy", what="client certificate",
        config=haproxy(LONG, "ssl crt PEM verify required ca-file PEM"),
        state="disconnected", fault="CLIENT_CERTIFICATE", tls=True),
    Row(name="haproxy", what="Mailpit is down", config=haproxy(LONG), state="disconnected", fault="STOPPED",
        is_down=True),
    Row(name="squid", what="allows everything", config=squid("http_access allow all"), state="connected", within=1.0),
    Row(name="squid", what="CONNECT to port 443 only",
        config=squid("acl ssl port 443\nhttp_access deny CONNECT !ssl\nhttp_access allow all"),
        state="disconnected", fault="PROXY"),
    Row(name="squid", what="wants a password",
        config=squid("auth_param basic program /usr/lib/squid/basic_ncsa_auth FOLDER/users\n"
                     "acl known proxy_auth REQUIRED\nhttp_access allow known\nhttp_access deny all"),
        state="disconnected", fault="PROXY_AUTH"),
    Row(name="squid", what="Mailpit is down", config=squid("http_access allow all"), state="disconnected",
        fault="PROXY_FAILED", is_down=True),
)  # fmt: skip


COMMANDS: dict[str, Callable[[Path], Sequence[str]]] = {
    "nginx": lambda file: ("nginx", "-c", str(file), "-e", "stderr"),
    "haproxy": lambda file: ("haproxy", "-db", "-f", str(file)),
    "squid": lambda file: ("squid", "-N", "-f", str(file)),
}


async def run_row(row: Row) -> Outcome:
    """Run one configuration."""
    from certificates import self_signed  # type: ignore[import-not-found]  # the verb puts it on the path
    from mailpit_notifier.core.settings import Server
    from mailpit_notifier.protocol.urls import ServerUrl
    from standin import MAILPIT_BIN, RealMailpit, StandIn, held_port  # type: ignore[import-not-found]

    outcome = Outcome()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o777)  # noqa: ASYNC240 - at once; Squid runs as another user
        port, free = stack.enter_context(held_port()), stack.enter_context(held_port())
        mailpit = None if row.is_down else stack.enter_context(RealMailpit() if MAILPIT_BIN else StandIn())
        certificate = await asyncio.to_thread(self_signed, folder)
        upstream = mailpit.http_port if mailpit else free
        (folder / "config").write_text(row.config(port, upstream, folder))
        environ, proxy = dict(os.environ), ""
        address = f"{'https' if row.tls else 'http'}://127.0.0.1:{port}/"
        if row.name == "squid":
            address, proxy = f"http://{HOST}:{upstream}/", f"http://127.0.0.1:{port}/"
            environ["HTTP_PROXY"] = proxy
        server = Server(url=ServerUrl.parse(address), proxy=proxy, ca_file=str(certificate) if row.tls else "")
        async with front(row, folder / "config", port):
            await meet(row, server, mailpit, environ, outcome)
    return outcome


@asynccontextmanager
async def front(row: Row, file: Path, port: int) -> AsyncIterator[None]:
    """Run the proxy, and wait until it listens."""
    process = await asyncio.create_subprocess_exec(
        *COMMANDS[row.name](file), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    try:
        for _ in range(100):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                break
        if process.returncode is not None:
            assert process.stderr
            raise RuntimeError(f"{row.name} ended: {(await process.stderr.read()).decode()[-500:]}")
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def meet(row: Row, server: Any, mailpit: Any, environ: dict[str, str], outcome: Outcome) -> None:
    """Connect a session, then let `doctor` and `wait` meet the proxy."""
    from mailpit_notifier.client.session import Session, SessionCallbacks
    from mailpit_notifier.core.status import Link

    arrived: dict[str, float] = {}

    def changed(_key: str, change: Any) -> None:
        if change.arrived:
            arrived[change.arrived.subject] = time.monotonic()

    callbacks = SessionCallbacks(
        changed=changed,
        caught_up=lambda *_: False,
        news=lambda *_: None,
        status=lambda *_: None,
    )
    session = Session(server, callbacks)
    running = asyncio.create_task(session.run())
    try:
        await until(lambda: is_as_expected(session.status, row), 40)
        if row.state == "connected":
            await asyncio.sleep(1.0)
        if mailpit and row.within is not None:
            sent = time.monotonic()
            await asyncio.to_thread(mailpit.send, "To the session")
            await until(lambda: "To the session" in arrived, 30)
            if "To the session" in arrived:
                outcome.delay = arrived["To the session"] - sent
        status = session.status
        outcome.state = status.link.value
        outcome.fault = status.fault.name if status.fault and status.link is not Link.CONNECTED else ""
        checks = [asyncio.to_thread(doctor, server), asyncio.to_thread(waited, row, server, mailpit, environ)]
        outcome.doctor, outcome.wait = await asyncio.gather(*checks)
    finally:
        running.cancel()
        await asyncio.wait([running])
    judge(row, outcome)


def is_as_expected(status: Any, row: Row) -> bool:
    """Return whether the session reports what it should."""
    fault = status.fault.name if status.fault else None
    return status.link.value == row.state and row.fault in {None, fault}


async def until(condition: Callable[[], bool], seconds: float) -> None:
    """Wait until the condition is true, at most so long."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:  # noqa: ASYNC110 - a condition of several parts
        await asyncio.sleep(0.02)


def doctor(server: Any) -> str:
    """Return the last finding of `doctor`."""
    from mailpit_notifier.cli import doctor as command

    return [command.line(*found) for found in command.examine(server)][-1]


def waited(row: Row, server: Any, mailpit: Any, environ: dict[str, str]) -> str:
    """Return what `wait` prints: the subject of a message that is sent meanwhile, else its explanation."""
    seconds = "30s" if mailpit and row.within is not None else "10s"
    config = Path(tempfile.mkdtemp()) / "config.toml"
    settings = {"url": server.url.base, "ca_file": server.ca_file, "proxy": server.proxy}
    lines = [f'{name} = "{value}"' for name, value in settings.items() if value]
    config.write_text("\n".join(["[[server]]", *lines, ""]))
    command = [sys.executable, "-m", "mailpit_notifier", "--config", str(config), "wait", "--since", "0"]
    command += ["--subject", "To wait", "--timeout", seconds]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    first = process.stderr.readline()
    if mailpit and row.within is not None and first == "listening\n":
        time.sleep(8)  # long enough for two cuts
        mailpit.send("To wait")
    output, errors = process.communicate(timeout=60)
    shutil.rmtree(config.parent)
    return "found" if process.returncode == 0 and output else (first + errors).strip().replace("\n", " ")


def judge(row: Row, outcome: Outcome) -> None:
    """Note what is not as it must be."""
    if outcome.state != row.state or (row.fault and outcome.fault != row.fault):
        outcome.wrong.append(f"state is not {row.state} {row.fault or ''}".rstrip())
    if row.within is not None and (outcome.delay is None or outcome.delay > row.within):
        outcome.wrong.append(f"not announced within {row.within:g} s")
    if row.within is not None and outcome.wait != "found":
        outcome.wrong.append("wait found nothing")
    from mailpit_notifier.protocol.faults import Fault

    sentence = (
        Fault[row.fault].explain("\0").split("\0")[0] if row.fault else "live updates work" * (row.state == "connected")
    )
    if sentence not in outcome.doctor:
        outcome.wrong.append(f"doctor does not say: {sentence}")
    if row.fault and row.within is None and sentence not in outcome.wait:
        outcome.wrong.append(f"wait does not say: {sentence}")


async def main() -> int:
    """Run all rows, several at once, and print the table; return the exit code."""
    several = asyncio.Semaphore(5)

    async def run(row: Row) -> Outcome:
        async with several:
            try:
                return await run_row(row)
            except Exception as error:  # noqa: BLE001 - shown in the table
                return Outcome(wrong=[f"{type(error).__name__}: {error}"])

    outcomes = await asyncio.gather(*map(run, ROWS))
    for row, found in zip(ROWS, outcomes, strict=True):
        delay = "-" if found.delay is None else f"{found.delay:.2f} s"
        verdict = "FAILED" if found.wrong else "ok"
        print(f"{verdict:7}{row.name:9}{row.what:32}{found.state:13}{found.fault:19}{delay:8} wait: {found.wait[:60]}")
        print(f"       {found.doctor}")
        for wrong in found.wrong:
            print(f"       ! {wrong}")
    failed = sum(bool(found.wrong) for found in outcomes)
    print(f"{len(ROWS) - failed} of {len(ROWS)} rows are as they must be.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.path[:1] = [str(ROOT / "tests"), str(ROOT / "tests/support")]
    sys.exit(asyncio.run(main()))
