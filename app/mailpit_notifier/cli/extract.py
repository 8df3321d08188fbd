"""`extract`: the code and the link of mails, from files, from standard input, or from a server by their IDs.

Needs no running instance and no Qt. Mails on a server stay unread.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from mailpit_notifier.core.findings import Findings, full
from mailpit_notifier.mailpit.fault import Fault, FaultError
from mailpit_notifier.mailpit.rest import Rest
from mailpit_notifier.mailpit.source import MAX_SOURCE, Source, read_source
from mailpit_notifier.mailpit.urls import ServerUrl

STANDARD_INPUT = "-"
USAGE_ERROR, NOT_REACHED = 2, 3


class ExtractError(Exception):
    """Why a mail cannot be read, as a sentence for the user."""

    def __init__(self, text: str, code: int = USAGE_ERROR) -> None:
        super().__init__(text)
        self.code = code


def run(names: Sequence[str], *, server: str = "", as_json: bool = False) -> int:
    """Print what each mail holds, in the order given; returns the exit code.

    Names are files, `-` for standard input, or IDs where a server's address is given. At the first mail that cannot be
    read it ends with a sentence: 2, or 3 when the server was not reached.
    """
    try:
        url = ServerUrl.parse(server) if server else None
    except ValueError as error:
        print(error, file=sys.stderr)
        return USAGE_ERROR
    rest = Rest(url) if url else None
    try:
        for name in names:
            source = _from_server(rest, url, name) if rest and url else _file(name)
            _print(read_source(source), as_json=as_json)
    except ExtractError as error:
        print(error, file=sys.stderr)
        return error.code
    finally:
        if rest:
            rest.close()
    return 0


def _from_server(rest: Rest, url: ServerUrl, message_id: str) -> bytes:
    try:
        return rest.source(message_id)
    except FaultError as error:
        if error.fault is Fault.NOT_FOUND:
            raise ExtractError(f"{url.label}: there is no mail {message_id}.") from error
        raise ExtractError(f"{url.label}: {error.fault.sentence}", NOT_REACHED) from error


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
