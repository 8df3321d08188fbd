"""`extract`: the code and the link of mails, from files, from standard input, or from a server by their IDs.

Needs no running instance and no Qt. Mails on a server stay unread.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from mailpit_notifier.client.rest import Rest
from mailpit_notifier.client.source import CHUNK, Source, read_chunks
from mailpit_notifier.core.settings import Server
from mailpit_notifier.findings.extraction import full
from mailpit_notifier.findings.result import Findings
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.runtime.text import json_line, plain

from .common import DONE, FAILED, NOT_REACHED
from .server_options import chosen, dialled, unlocked

STANDARD_INPUT = "-"
MAX_SUBJECT = 120


class ExtractError(Exception):
    """Why a mail cannot be read, as a sentence for the user."""

    def __init__(self, text: str, code: int = FAILED) -> None:
        super().__init__(text)
        self.code = code


def run(options: argparse.Namespace) -> int:
    """Print what each mail holds, in the order given; returns the exit code.

    Names are files, `-` for standard input, or IDs where a server is named. At the first mail that cannot be read it
    ends with a sentence: 2, or 3 when the server was not reached. It is also 2 where a limit kept a message from being
    read whole and a code or a link was not found: the answer may be wrong.
    """
    try:
        named = options.server
        sources = _on_server(_one(named, options.config), options.names) if named else map(_file, options.names)
        code = DONE
        for name, source in zip(options.names, sources, strict=True):
            found = full(source.subject, source.text, source.html, is_cut=source.is_cut)
            _print(source.subject, found, as_json=options.json)
            if found.is_cut and not (found.code and found.link):
                print(
                    f"{name}: only a part of it could be read; there may be a code or a link in the rest.",
                    file=sys.stderr,
                )
                code = FAILED
    except ExtractError as error:
        print(error, file=sys.stderr)
        return error.code
    return code


def _one(names: Sequence[str], config: Path | None) -> Server:
    try:
        servers = chosen(names, config)
    except ValueError as error:
        raise ExtractError(str(error)) from None
    if len(servers) > 1:
        raise ExtractError("An ID is of one server: name only one with --server.")
    return servers[0]


def _on_server(server: Server, ids: Sequence[str]) -> Iterator[Source]:
    try:
        with closing(Rest(unlocked(server), dialled(server))) as rest:
            for message_id in ids:
                yield _source(rest, server, message_id)
    except FaultError as error:
        detail = f" ({error.detail})" if error.detail else ""
        raise ExtractError(f"{server.label}: {error.fault.sentence}{detail}", NOT_REACHED) from error


def _source(rest: Rest, server: Server, message_id: str) -> Source:
    try:
        return rest.source(message_id)
    except FaultError as error:
        if error.fault is Fault.NOT_FOUND:
            raise ExtractError(f"{server.label}: there is no mail {message_id}.") from error
        raise


def _file(name: str) -> Source:
    try:
        if name == STANDARD_INPUT:
            return read_chunks(iter(partial(sys.stdin.buffer.read, CHUNK), b""))
        with Path(name).open("rb") as file:
            return read_chunks(iter(partial(file.read, CHUNK), b""))
    except OSError as error:
        raise ExtractError(f"{name} cannot be read: {error.strerror}.") from error


def _print(subject: str, found: Findings, *, as_json: bool) -> None:
    if as_json:
        print(json_line({"code": found.code, "link": found.link}), flush=True)
    else:
        print(f"{plain(subject, MAX_SUBJECT) or '(no subject)'}: {sentence(found)}", flush=True)


def sentence(found: Findings) -> str:
    """What was found, in words."""
    if found.code and found.link:
        return f"code {found.code}, link {found.link}"
    if found.code:
        return f"code {found.code}"
    return f"link {found.link}" if found.link else "no code, no link"
