"""The stand-in's own features: process, pages, sample messages."""

import contextlib
import json
import shlex
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from importlib.util import find_spec
from pathlib import Path
from subprocess import PIPE
from urllib.parse import urlsplit

import pytest
from recordings import recorded, shape

import standin
from mailpit_notifier.demo import process
from standin import StandIn, Stream


def test_the_stand_in_has_a_label_and_shows_a_message_as_text_only() -> None:
    with StandIn(label="Shop & Co") as server:
        assert server.get("webui")["Label"] == "Shop & Co"
        message_id = server.send("<b>Bold</b>", text="<script>alert(1)</script>\n")
        page = server.rest("GET", f"view/{message_id}")[2].decode()
        assert "&lt;script&gt;" in page
        assert "<script" not in page
        assert "<b>" not in page
        assert server.rows("is:read")


def test_the_demo_gets_sample_messages_and_stops() -> None:
    with process.Demo(interval=0.01) as demo:
        with Stream(demo.url) as stream:
            received = [stream.until("new")[-1][1] for _ in range(10)]
        assert len({data["Subject"] for data in received}) >= 8
        assert shape(received) <= shape(recorded("new"))
        port = demo.smtp_port
    standin.until_refused(port)


def test_the_stand_in_ends_when_its_parent_is_gone() -> None:
    code = (
        "from mailpit_notifier.demo.process import Demo; import os;"
        "demo = Demo(); print(demo.smtp_port, flush=True); os._exit(0)"
    )
    parent = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    standin.until_refused(int(parent.stdout))


def test_the_stand_in_ends_in_silence_while_clients_connect() -> None:
    command = [sys.executable, "-m", "mailpit_notifier.demo"]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE) as stand_in, ThreadPoolExecutor() as clients:
        assert stand_in.stdin
        assert stand_in.stdout
        assert stand_in.stderr
        address = urlsplit(json.loads(stand_in.stdout.readline())["http"])
        connected = threading.Barrier(5)

        def ask() -> None:
            is_first = True
            with contextlib.suppress(OSError, HTTPException):
                while True:
                    connection = HTTPConnection(str(address.hostname), address.port, timeout=standin.SECONDS)
                    connection.request("GET", "/api/v1/messages")
                    connection.getresponse().read()
                    connection.close()
                    if is_first:
                        connected.wait(standin.SECONDS)
                    is_first = False

        asking = [clients.submit(ask) for _ in range(4)]
        connected.wait(standin.SECONDS)
        stand_in.stdin.close()
        assert stand_in.stderr.read() == b""
        assert stand_in.wait(standin.SECONDS) == 0
        assert [one.result() for one in asking] == [None] * 4


def test_an_old_server_has_fewer_fields_and_no_pages_by_time() -> None:
    with StandIn(like="v1.8") as server, server.stream() as stream:
        sent = [(server.send(f"Mail {number}"), stream.frame()) for number in range(3)]  # in a burst they have no order
        ids, received = zip(*sent, strict=True)
        assert [(kind, data["ID"]) for kind, data in received] == [("new", name) for name in ids]
        fields = {"ID", "MessageID", "Read", "From", "To", "Cc", "Bcc", "Subject", "Created", "Tags", "Size"}
        assert {frozenset(data) for _, data in received} == {frozenset({*fields, "Attachments"})}
        rows = server.get("messages?limit=2&before=2001-01-01T00:00:00.000Z")["messages"]
        assert [row["ID"] for row in rows] == [ids[2], ids[1]]
        assert set(rows[0]) == {*fields, "Attachments"}
        server.rest("PUT", "api/v1/messages", {"IDs": list(ids), "Read": True})
        server.rest("DELETE", "api/v1/messages", {"IDs": [ids[0]]})
        server.clear()
        assert stream.frame() == ("prune", None)  # and nothing before it


def test_without_its_packages_the_demo_names_what_to_install() -> None:
    code = (
        "import sys; sys.modules['aiohttp'] = None\n"
        "from mailpit_notifier.demo import process\n"
        "try: process.Demo()\n"
        "except process.DemoError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    received, _, command = done.stdout.strip().partition(": ")
    assert received == "The demo needs two more packages. Install them with"
    assert command == process.installing(Path(sys.prefix), has_pip=bool(find_spec("pip")))


@pytest.mark.parametrize(
    ("made_by", "has_pip", "command"),
    [
        ("pipx_metadata.json", True, ["pipx", "inject", "mailpit-notifier_2", "aiohttp", "aiosmtpd"]),
        ("uv-receipt.toml", False, ["uv", "pip", "install", "--python", sys.executable, "aiohttp", "aiosmtpd"]),
        ("pyvenv.cfg", True, [sys.executable, "-m", "pip", "install", "aiohttp", "aiosmtpd"]),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="another shell, other quotes")
def test_each_kind_of_installation_has_its_own_command(
    tmp_path: Path, made_by: str, has_pip: bool, command: list[str]
) -> None:
    prefix = tmp_path / "mailpit-notifier_2"
    prefix.mkdir()
    (prefix / made_by).touch()
    assert shlex.split(process.installing(prefix, has_pip=has_pip)) == command
