"""A new message in events and lists."""

import re
from typing import Any

from recordings import recorded, recorded_shape, shape

import smtp
from standin import Server, Stream

# How the recorded messages were made, by subject. Addresses and body are the same as in the recorded frame.
MESSAGES: dict[str, tuple[bytes, str]] = {
    "Your verification code": (
        (
            b"From: Acme <no-reply@acme.test>\r\nTo: ann@example.test\r\nSubject: Your verification code\r\n\r\n"
            b"Your code is 482913. It expires in 10 minutes.\r\n"
        ),
        "ann@example.test",
    ),
    "Confirm your email address": (
        smtp.compose(
            "Confirm your email address",
            text="Confirm: https://acme.test/confirm?token=a1B2c3\n",
            html="<p>Welcome!</p><p><a href='https://acme.test/confirm'>Confirm your email address</a></p>",
        ),
        "ann@example.test",
    ),
    "HTML only, no text part": (
        (
            b"From: News <news@example.test>\r\nTo: ann@example.test\r\nSubject: HTML only, no text part\r\n"
            b"Content-Type: text/html; charset=utf-8\r\n\r\n"
            b"<html><head><title>T</title><style>p{}</style></head>"
            b"<h1>Issue 12</h1><p>Hello &amp; welcome</p></html>\r\n"
        ),
        "ann@example.test",
    ),
    "<b>Bold</b> & <img src=x onerror=alert(1)>": (
        (
            b'From: "<i>Eve</i> & co" <eve@example.test>\r\nTo: ann@example.test\r\n'
            b"Subject: <b>Bold</b> & <img src=x onerror=alert(1)>\r\n\r\n"
            b"<a href='https://evil.example.test'>click</a> &amp; &lt;ok&gt;\r\n"
        ),
        "ann@example.test",
    ),
    "Ünïcødé 🎉 日本語 العربية עברית": (
        smtp.compose(
            "Ünïcødé 🎉 日本語 العربية עברית", sender="Zoë Łukasz <zoe@example.test>", text="héllo 🎉 日本語\n"
        ),
        "ann@example.test",
    ),
    "✓ encoded word": (
        (
            b"From: =?iso-8859-1?q?Andr=E9?= <andre@example.test>\r\nTo: ann@example.test\r\n"
            b"Subject: =?utf-8?b?4pyT?= encoded word\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\ncaf\xe9\r\n"
        ),
        "ann@example.test",
    ),
    "broken \ufffd\ufffd header bytes": (
        b"From: not an address\r\nSubject: broken \xff\xfe header bytes\r\n\r\nbody\x00nul\r\n",
        "ann@example.test",
    ),
    "Tagged by header and plus-address": (
        smtp.compose(
            "Tagged by header and plus-address",
            "Ann <ann+billing@example.test>",
            "tag@example.test",
            "tags\n",
            X_Tags="one, Two Words",
        ),
        "ann@example.test",
    ),
    "With attachments": (
        smtp.compose(
            "With attachments",
            sender="files@example.test",
            text="two files\n",
            attachments=[("a.pdf", b"%PDF"), ("b.bin", b"\0" * 5000)],
        ),
        "ann@example.test",
    ),
    "Reply-To set": (
        smtp.compose(
            "Reply-To set",
            sender="noreply@example.test",
            text="rt\n",
            Reply_To="Help Desk <help@example.test>, second@example.test",
        ),
        "ann@example.test",
    ),
}


def test_new_events_are_as_recorded(server: Server, stream: Stream) -> None:
    received = {}
    for subject, (source, recipient) in MESSAGES.items():
        message_id = server.send_source(source, [recipient])
        received[subject] = stream.until("new", ID=message_id)[-1][1]
        assert shape(received[subject]) <= recorded_shape("new")
    expected = {data["Subject"]: data for data in recorded("new") if data["Subject"] in MESSAGES}
    assert without_own(received) == without_own(expected)


def without_own(frames: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the frames without the fields that differ between messages."""
    own = {"ID", "MessageID", "Created", "Size"}
    return {subject: {key: data[key] for key in data.keys() - own} for subject, data in frames.items()}


def test_a_message_without_subject_and_sender_has_empty_fields(server: Server, stream: Stream) -> None:
    for source in (
        b"To: ann@example.test\r\n\r\nno subject, no From header\r\n",
        b"From: only@example.test\r\n\r\n\r\n",
    ):
        server.send_source(source)
        data = stream.until("new")[-1][1]
        assert shape(data) <= recorded_shape("new")
        assert data["Subject"] == ""


def test_rest_lists_the_messages_of_the_stream_with_created_in_milliseconds(server: Server, stream: Stream) -> None:
    server.send("Hello", ["ann+shop@example.test"], attachments=[("a.txt", b"a")])
    received = stream.until("new")[-1][1]
    (listed,) = server.rows()
    assert re.fullmatch(r".*T\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)", listed["Created"])
    cut = re.sub(r"(\.\d{3})\d*", lambda found: found[1].rstrip("0").rstrip("."), received["Created"])
    assert listed == received | {"Created": cut, "Cc": None, "Bcc": None}


def test_tags_of_a_new_message_are_sent_as_an_update_too(server: Server, stream: Stream) -> None:
    message_id = server.send("Hello", "ann+shop@example.test", X_Tags="b, Upper")
    received = stream.until("new", ID=message_id)
    if not any(kind == "update" for kind, _ in received):  # the order of Mailpit is random
        received += stream.until("update", ID=message_id)
    assert [data["Tags"] for kind, data in received if kind in {"new", "update"}] == [["Upper", "b", "shop"]] * 2
    assert server.get(f"message/{message_id}")["Tags"] == ["b", "shop", "Upper"]
