"""Handshake, disconnection of slow clients, pings, restart."""

import socket
import time
from pathlib import Path
from typing import Any

import pytest
import websocket
from recordings import HANDSHAKES, setting
from servers import Running

import smtp
import standin
from standin import Server, StandIn, Stream


@pytest.mark.parametrize("path", HANDSHAKES, ids=lambda path: path.stem)
def test_a_handshake_is_answered_as_recorded(running: Running, kind: type[Server], path: Path) -> None:
    server = running.get(kind, **setting(path))
    request, _, answer = path.read_bytes().partition(b"\n\n")
    request = request.replace(b"127.0.0.1:28025", f"127.0.0.1:{server.http_port}".encode())
    request = request.replace(b"\n", b"\r\n")
    with socket.create_connection(("127.0.0.1", server.http_port), standin.SECONDS) as client:
        client.sendall(request + b"\r\n\r\n")
        with client.makefile("rb") as lines:
            status, headers = head(lines)
            body = lines.read(int(headers.get("content-length", 0)))
    lines = iter(answer.splitlines(keepends=True))
    expected_status, expected = head(lines)
    assert status == expected_status
    compared = {"content-type", "content-length", "www-authenticate", "sec-websocket-accept", "upgrade"}
    assert {key: headers.get(key) for key in compared} == {key: expected.get(key) for key in compared}
    if "content-length" in expected:
        assert body == b"".join(lines)


def head(lines: Any) -> tuple[str, dict[str, str]]:
    status = next(lines).decode().strip()
    headers = {}
    for line in lines:
        if not line.strip():
            break
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return status, headers


def test_a_client_that_does_not_read_is_cut_off(server: Server) -> None:
    source = b"From: a@example.test\r\nTo: ann@example.test\r\nSubject: %b\r\n\r\n\r\n" % (b"x" * 20_000)
    count = 700  # the buffers of sockets and the 256 waiting frames have room for far fewer
    with server.stream(receive_buffer=65_536) as slow:
        began = time.monotonic()
        ids = smtp.send_many(server.smtp_port, [source] * count)
        too_slow = time.monotonic() - began > 9  # and so cut off for a write that took 10 s, with what waited
        received = sum(kind == "new" for kind, _ in slow.until_closed())
    assert (0 if too_slow else 256) <= received < count
    assert len(server.rows()) == len(ids)


def test_pings_are_answered(server: Server, stream: Stream) -> None:
    stream.socket.ping(b"are you there")
    opcode, content = stream.socket.recv_data(control_frame=True)
    assert (opcode, content) == (websocket.ABNF.OPCODE_PONG, b"are you there")


def test_the_stand_in_pings_and_keeps_a_client_that_never_answers() -> None:
    with StandIn(ping_seconds=0.02) as server, server.stream() as stream:
        pings = 0
        while pings < 5:
            # Below recv_data(), which answers.
            pings += stream.socket.recv_frame().opcode == websocket.ABNF.OPCODE_PING
        message_id = server.send()
        assert stream.until("new")[-1][1]["ID"] == message_id


def test_the_stand_in_prunes_to_its_maximum() -> None:
    with StandIn(limit=3, prune_seconds=0.05) as server, server.stream() as stream:
        ids = server.burst(10)
        while len(server.rows()) > 3:
            assert stream.until("prune")[-1] == ("prune", None)
        assert [row["ID"] for row in server.rows()] == ids[:-4:-1]


@pytest.mark.parametrize("keep", [True, False])
def test_a_restart_keeps_the_messages_or_forgets_them(kind: type[Server], keep: bool) -> None:
    with kind() as server:
        server.send(X_Tags="one")
        server.rest("PUT", "api/v1/messages", {"Read": True})
        rows = server.rows()
        with server.stream() as stream:
            server.restart(keep=keep)
            stream.until_closed()
        assert server.rows() == (rows if keep else [])
