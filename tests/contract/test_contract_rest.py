"""Answers of REST calls."""

import json
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from recordings import CALLS, RECORDINGS, setting, shape
from servers import Running

from standin import Server, Stream


@pytest.mark.parametrize("path", CALLS, ids=lambda path: path.stem)
def test_a_call_is_answered_as_recorded(running: Running, kind: type[Server], path: Path) -> None:
    server = running.get(kind, **setting(path))
    request, expected_head, expected = path.read_text("utf-8").split("\n\n", 2)
    request_line, *lines = request.split("\n")
    method, target = request_line.split(" ", 1)
    message_id = prepared(server, path, target)
    body = own_ids("\n".join(lines), message_id).encode() or None
    unknown_client = {"headers": {}} if path.stem == "messages_401" else {}
    status, headers, answer = server.rest(method, own_ids(target, message_id), body, **unknown_client)
    expected_status, *expected_headers = expected_head.split("\n")
    assert status == int(expected_status)
    assert f"Content-Type: {headers['Content-Type']}" in expected_headers
    if location := headers["Location"]:
        assert f"Location: {location}" in own_ids(expected_head, message_id)
    if headers["Content-Type"] == "application/json":
        assert shape(json.loads(answer)) <= allowed(json.loads(expected))
    elif method != "GET" or status != 200:
        assert answer.decode() == own_ids(expected, message_id)


def prepared(server: Server, path: Path, target: str) -> str:
    """Send a message for the call; return its ID."""
    if path.stem == "messages_401":
        return ""
    server.clear()
    tag = re.search(r"/tags/(\w+)", target)
    if "empty" in path.stem or path.stem == "webroot_messages":
        return ""
    tags = {"X_Tags": tag[1]} if tag else {}
    return server.send("Tagged hello", "ann@example.test", "Hello.\n", "<p>Hello.</p>", **tags)


def own_ids(text: str, message_id: str) -> str:
    return re.sub(r"\b(?!A{22})[0-9A-Za-z]{22}\b", message_id, text)


def allowed(value: Any) -> set[tuple[str, object]]:
    """The shape of a recorded answer, with the entries of another recording for a list that is empty in this one."""
    listed = json.loads((RECORDINGS / "http" / "messages.http").read_text("utf-8").split("\n\n", 2)[2])
    return shape(value) | (shape(listed) if "messages" in value else set())


def test_lists_are_newest_first_and_sent_in_pages(server: Server) -> None:
    ids = [server.send(f"Mail {number}") for number in range(5)]
    assert [row["ID"] for row in server.rows()] == ids[::-1]
    page = server.get("messages?start=1&limit=2")
    assert [row["ID"] for row in page["messages"]] == [ids[3], ids[2]]
    assert (page["total"], page["unread"], page["count"], page["start"]) == (5, 5, 2, 1)
    assert server.get("messages?limit=0")["count"] == 5
    assert server.get("message/latest")["ID"] == ids[4]


def test_pages_by_time_are_of_what_is_older_in_whole_milliseconds(server: Server) -> None:
    ids = server.burst(300)
    rows = {row["ID"]: datetime.fromisoformat(row["Created"]) for row in server.rows()}
    times = sorted(set(rows.values()))
    for time in (times[0], times[len(times) // 2], times[-1], times[-1] + timedelta(milliseconds=1)):
        before = time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
        page = server.get(f"messages?limit=1000&before={before}Z")
        assert {row["ID"] for row in page["messages"]} == {name for name in ids if rows[name] < time}
        assert (page["total"], page["unread"]) == (300, 300)  # of all, not of those
        part = server.get(f"messages?limit=7&start=5&before={before}Z")
        assert part["messages"] == page["messages"][5:12]
    for none in ("1970-01-01T00:00:00.000Z", "0001-01-01T00:00:00.000Z", "yesterday", ""):
        assert server.get(f"messages?limit=1000&before={none}")["count"] == 300


def test_with_message_dates_the_date_of_a_message_is_its_time(kind: type[Server]) -> None:
    with kind(use_message_dates=True) as server, server.stream() as stream:
        first = server.send("Now")
        old = server.send("Old", Date="Sat, 01 Sep 2001 12:00:00 +0200")
        received = stream.until("new", ID=old)[-1][1]
        assert datetime.fromisoformat(received["Created"]) == datetime(2001, 9, 1, 10, tzinfo=UTC)
        rows = server.rows()
        assert [row["ID"] for row in rows] == [first, old]
        assert rows[1]["Created"] in {"2001-09-01T10:00:00Z", "2001-09-01T12:00:00+02:00"}


def test_a_mailbox_can_be_filled_at_once(kind: type[Server]) -> None:
    with kind(limit=0) as server:
        server.fill(1_000)
        rows = server.rows()
        assert len({row["ID"] for row in rows}) == 1_000
        times = [datetime.fromisoformat(row["Created"]) for row in rows]
        assert {newer - older for newer, older in pairwise(times)} == {timedelta(seconds=0.5)}
        page = server.get("messages?limit=2")
        assert page["messages"] == rows[:2]
        assert (page["total"], page["unread"]) == (1_000, 1_000)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("is:unread", {"code", "shop"}),
        ("is:read", {"plain"}),
        ("-is:read", {"code", "shop"}),
        ("from:acme", {"code", "plain", "shop"}),
        ("to:bob", {"shop"}),
        ("to:bob is:unread", {"shop"}),
        ("to:bob is:read", set()),
        ("subject:code", {"code"}),
        ('subject:"your code"', {"code"}),
        ("tag:orders", {"shop"}),
        ("!tag:orders", {"code", "plain"}),
        ("has:attachment", {"shop"}),
        ("482913", {"code"}),
        ('"two words"', {"plain"}),
        ("TEAPOT", {"shop"}),
        ("nothing", set()),
    ],
)
def test_searches_find_what_mailpit_finds(server: Server, query: str, found: set[str]) -> None:
    ids = {
        server.send("Your code", "ann@example.test", "It is 482913.\n"): "code",
        server.send("Plain", "ann@example.test", "two\nwords\n"): "plain",
        server.send("Order", "bob+orders@example.test", "x\n", "<p>A teapot</p>", [("a.bin", b"a")]): "shop",
    }
    server.rest("PUT", "api/v1/messages", {"IDs": [list(ids)[1]], "Read": True})
    assert {ids[row["ID"]] for row in server.rows(query)} == found


def test_a_message_sent_by_the_api_arrives(server: Server, stream: Stream) -> None:
    message = {"From": {"Email": "a@example.test"}, "To": [{"Email": "ann@example.test", "Name": "Ann"}], "Text": "Hi"}
    body = message | {"Subject": "API", "Bcc": ["hidden@example.test"], "Tags": ["one"], "HTML": "<p>Hi all</p>"}
    status, _, answer = server.rest("POST", "api/v1/send", body)
    data = stream.until("new")[-1][1]
    assert (status, json.loads(answer)) == (200, {"ID": data["ID"]})
    assert data["To"] == [{"Name": "Ann", "Address": "ann@example.test"}]
    assert data["Bcc"] == [{"Name": "", "Address": "hidden@example.test"}]
    assert (data["Subject"], data["Snippet"], data["Tags"]) == ("API", "Hi all", ["one"])
    status, headers, answer = server.rest("POST", "api/v1/send", message | {"To": [{"Email": "nobody"}]})
    assert (status, headers["Content-Type"]) == (400, "application/json")
    assert json.loads(answer) == {"Error": "invalid To address: nobody"}


@pytest.mark.parametrize("origin", ["http://evil.test", "null", "http://127.0.0.1:1"])
def test_a_foreign_origin_is_refused(server: Server, origin: str) -> None:
    status, _, body = server.rest("GET", "api/v1/messages", headers={"Origin": origin})
    assert (status, body) == (403, b"Blocked due to CORS violation\n")


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"IDs": [1]}', b'{"IDs": ["x"], "Read": "yes"}'])
def test_unexpected_json_is_refused_and_changes_nothing(server: Server, body: bytes) -> None:
    server.send()
    status, headers, _ = server.rest("PUT", "api/v1/messages", body)
    assert (status, headers["Content-Type"]) == (400, "text/plain")
    assert not server.rows()[0]["Read"]


def test_a_long_snippet_is_cut_at_200_bytes(server: Server) -> None:
    server.send("Long", text="é" * 150 + "\n")
    server.send("Exact", text="x" * 200 + "\n")
    assert [row["Snippet"] for row in server.rows()] == ["x" * 200, "é" * 99 + "..."]
