"""`extract`: print the code and the link of messages, from files, standard input, or a server by their IDs.

Needs neither Qt nor a running application. Messages on a server stay unread.
"""

import argparse
import codecs
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import chain
from pathlib import Path

from mailpit_notifier.client.rest import Rest
from mailpit_notifier.client.source import CHUNK, Source, read_chunks
from mailpit_notifier.core.settings import Server
from mailpit_notifier.findings.extraction import full
from mailpit_notifier.findings.result import Findings
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.model import id_from
from mailpit_notifier.runtime.text import json_line, plain

from .common import DONE, FAILED, NOT_REACHED, explained
from .server_options import dial_for, select_servers, with_credentials

STANDARD_INPUT = "-"
MAX_SUBJECT = 120


class ExtractError(Exception):
    """A message cannot be read. The text is a sentence for the user, `code` the exit code."""

    def __init__(self, text: str, code: int = FAILED) -> None:
        super().__init__(text)
        self.code = code


def run(options: argparse.Namespace) -> int:
    """Print a line for each message, in the order given; return the exit code.

    Names are files, `-` for standard input, or IDs if a server is named. It ends at the first message that cannot be
    read: with 2, or 3 if the server was not reached. It also returns 2 if a message was too large to be read whole and
    its code or link was not found: the answer may be wrong.
    """
    try:
        named = options.server
        sources = (
            _sources_on(_single_server(named, options.config), options.names)
            if named
            else map(_source_in_file, options.names)
        )
        code = DONE
        for name, source in zip(options.names, sources, strict=True):
            found = full(source.subject, source.text, source.html, is_cut=source.is_cut)
            _print(source.subject, found, as_json=options.json)
            if found.is_cut and not (found.code and found.link):
                print(
                    f"{name}: only part of it could be read; the rest may contain a code or a link.",
                    file=sys.stderr,
                )
                code = FAILED
    except ExtractError as error:
        print(error, file=sys.stderr)
        return error.code
    return code


def _single_server(names: Sequence[str], config: Path | None) -> Server:
    try:
        servers = select_servers(names, config)
    except ValueError as error:
        raise ExtractError(str(error)) from None
    if len(servers) > 1:
        raise ExtractError("Message IDs belong to one server. Use --server only once.")
    return servers[0]


def _sources_on(server: Server, ids: Sequence[str]) -> Iterator[Source]:
    try:
        with closing(Rest(with_credentials(server), dial_for(server))) as rest:
            for message_id in ids:
                yield _source_on(rest, server, message_id)
    except FaultError as error:
        raise ExtractError(f"{server.label}: {explained(error)}", NOT_REACHED) from error


def _source_on(rest: Rest, server: Server, message_id: str) -> Source:
    try:
        if id_from(message_id):
            return rest.source(message_id)
    except FaultError as error:
        if error.fault is not Fault.NOT_FOUND:
            raise
    raise ExtractError(f'{server.label}: there is no message "{message_id}".')


def _source_in_file(name: str) -> Source:
    try:
        if name == STANDARD_INPUT and sys.stdin is None:
            raise ExtractError("Cannot read standard input: it is closed.")
        if name == STANDARD_INPUT:
            return read_chunks(_as_sent(iter(partial(sys.stdin.buffer.read, CHUNK), b"")))
        with Path(name).open("rb") as file:
            return read_chunks(_as_sent(iter(partial(file.read, CHUNK), b"")))
    except OSError as error:
        raise ExtractError(f"Cannot read {name}: {error.strerror}.") from error


def _as_sent(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield a message without what Windows programs add when they save it.

    Editors write a byte order mark, and `>` of PowerShell 5 writes UTF-16. Neither would begin with a header.
    """
    beginning = next(chunks, b"")
    whole = chain([beginning.removeprefix(codecs.BOM_UTF8)], chunks)
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return (text.encode("utf-8", "replace") for text in codecs.iterdecode(whole, "utf-16", "replace"))
    return whole


def _print(subject: str, found: Findings, *, as_json: bool) -> None:
    if as_json:
        print(json_line({"code": found.code, "link": found.link}), flush=True)
    else:
        print(f"{plain(subject, MAX_SUBJECT) or '(no subject)'}: {sentence(found)}", flush=True)


def sentence(found: Findings) -> str:
    """Return the code and the link in words."""
    if found.code and found.link:
        return f"code {found.code}, link {found.link}"
    if found.code:
        return f"code {found.code}"
    return f"link {found.link}" if found.link else "no code, no link"
