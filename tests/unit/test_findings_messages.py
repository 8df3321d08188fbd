"""Messages of each kind that was once read wrong: the code and the link that their own headers name are found."""

from pathlib import Path

import pytest

from bench.findings import code_key, tally
from bench.findings_grid import KINDS, grid
from mailpit_notifier.client.source import read_chunks
from mailpit_notifier.findings.extraction import full

MESSAGES = sorted((Path(__file__).parents[1] / "data" / "messages").glob("*.eml"))


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.stem)
def test_code_and_link_of_a_message(path: Path) -> None:
    content = path.read_bytes()
    fields = dict(line.split(": ", 1) for line in content.decode().split("\n\n")[0].splitlines() if ": " in line)
    source = read_chunks(iter([content]))
    found = full(source.subject, source.text, source.html)
    assert code_key(found.code or "none") == code_key(fields["X-Wanted-Code"])
    assert (found.link or "none") == fields["X-Wanted-Link"]
