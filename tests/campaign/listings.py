"""Answers of a broken or hostile server to `GET api/v1/messages`: far too large, or no listing at all. Pure."""

import json
import re
from collections.abc import Callable, Iterator

SIZE = 70_000_000
"""Bytes of a large answer: more than the program may ever read of one."""

SUMMARY = 1_200_000
"""Maximum bytes of one summary, for example of a message with 30,000 recipients."""

PIECE = 2**16


def no_messages(_: bytes) -> Iterator[bytes]:
    """An empty list of 70 MB, with its length in the header."""
    yield _head(f"Content-Length: {SIZE}")
    yield b"["
    yield from _many(b"{},")


def padded(answer: bytes) -> Iterator[bytes]:
    """The listing of the server, with far longer summaries. It ends when the connection is closed."""
    head, _, content = answer.partition(b"\r\n\r\n")
    body = json.loads(content)
    rows = body.pop("messages")
    pad = min(SUMMARY, SIZE // max(1, len(rows)))
    yield _LENGTH.sub(b"", head) + b"\r\n\r\n"
    yield json.dumps(body).encode()[:-1] + b', "messages": ['
    for number, row in enumerate(rows):
        yield b"," * (number > 0) + json.dumps(row).encode()[:-1] + b', "ReplyTo": ['
        address = b'{"Name": "", "Address": "ann@example.test"}'
        left = pad // (len(address) + 1)
        while left > 0:
            some = min(left, PIECE // len(address))
            left -= some
            yield b",".join([address] * some) + b"," * (left > 0)
        yield b"]}"
    yield b"]}"


def noise(_: bytes) -> Iterator[bytes]:
    """Bytes that are not JSON and never end."""
    yield _head()
    yield b'{"total": 3, "unread": 3, "messages": [{"ID": "'
    yield from _many(bytes(range(256)))


def page(_: bytes) -> Iterator[bytes]:
    """A web page instead of the API, as from a proxy with a wrong configuration."""
    yield _head("Content-Type: text/html")
    yield b"<!DOCTYPE html><p>It works!"


def cut_off(answer: bytes) -> Iterator[bytes]:
    """The first half of the listing of the server."""
    yield answer[: len(answer) // 2]


_LENGTH = re.compile(rb"\r\nContent-Length: \d+", re.IGNORECASE)

LISTINGS: tuple[Callable[[bytes], Iterator[bytes]], ...] = no_messages, padded, noise, page, cut_off


def _head(*headers: str) -> bytes:
    lines = "HTTP/1.1 200 OK", "Connection: close", *headers
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _many(what: bytes) -> Iterator[bytes]:
    piece = what * (PIECE // len(what))
    for _ in range(SIZE // len(piece)):
        yield piece
