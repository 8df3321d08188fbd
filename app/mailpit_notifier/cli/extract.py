"""`extract`: the code and the link of mails, from files, from standard input, or from a server by their IDs.

Needs no running instance and no Qt. Mails on a server stay unread.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from mailpit_notifier.core.findings.extraction import full
from mailpit_notifier.core.found import Findings
from mailpit_notifier.core.settings import Server
from mailpit_notifier.mailpit.fault import Fault, FaultError
from mailpit_notifier.mailpit.rest import Rest
from mailpit_notifier.mailpit.source import MAX_SOURCE, Source, read_source

from .chosen import chosen, dialled, unlocked
from .exit_codes import DONE, FAILED, NOT_REACHED

STANDARD_INPUT = "-"


class ExtractError(Exception):
    """Why a mail cannot be read, as a sentence for the user."""

    def __init__(self, text: str, code: int = FAILED) -> None:
        super().__init__(text)
        self.code = code


def run(options: argparse.Namespace) -> int:
    """Print what each mail holds, in the order given; returns the exit code.

    Names are files, `-` for standard input, or IDs where a server is named. At the first mail that cannot be read it
    ends with a sentence: 2, or 3 when the server was not reached.
    """
    try:
        named = options.server
        sources = _on_server(_one(named, options.config), options.names) if named else map(_file, options.names)
        for source in sources:
            _print(read_source(source), as_json=options.json)
    except ExtractError as error:
        print(error, file=sys.stderr)
        return error.code
    return DONE


def _one(names: Sequence[str], config: Path | None) -> Server:
    try:
        servers = chosen(names, config)
    except ValueError as error:
        raise ExtractError(str(error)) from None
    if len(servers) > 1:
        raise ExtractError("An ID is of one server: name only one with --server.")
    return servers[0]


def _on_server(server: Server, ids: Sequence[str]) -> Iterator[bytes]:
    try:
        with closing(Rest(unlocked(server), dialled(server))) as rest:
            for message_id in ids:
                yield _source(rest, server, message_id)
    except FaultError as error:
        detail = f" ({error.detail})" if error.detail else ""
        raise ExtractError(f"{server.label}: {error.fault.sentence}{detail}", NOT_REACHED) from error


def _source(rest: Rest, server: Server, message_id: str) -> bytes:
    try:
        return rest.source(message_id)
    except FaultError as error:
        if error.fault is Fault.NOT_FOUND:
            raise ExtractError(f"{server.label}: there is no mail {message_id}.") from error
        raise


def _file(name: str) -> bytes:
    try:
        if name == STANDARD_INPUT:
            return sys.stdin.buffer.read(MAX_SOURCE)
        with Path(name).open("rb") as file:
            return file.read(MAX_SOURCE)
    except OSError as error:
        raise ExtractError(f"{name} cannot be read: {error.strerror}.") from error


def _print(source: Source, *, as_json: bool) -> None:
    found = full(source.subject, source.text, source.html)
    if as_json:
        print(json.dumps({"code": found.code, "link": found.link}, ensure_ascii=False), flush=True)
    else:
        print(f"{_title(source.subject)}: {sentence(found)}", flush=True)


def sentence(found: Findings) -> str:
    """What was found, in words."""
    if found.code and found.link:
        return f"code {found.code}, link {found.link}"
    if found.code:
        return f"code {found.code}"
    return f"link {found.link}" if found.link else "no code, no link"


def _title(subject: str) -> str:
    """The subject on one line, without what a terminal would act on."""
    return " ".join("".join(c if c.isprintable() else " " for c in subject[:120]).split()) or "(no subject)"
