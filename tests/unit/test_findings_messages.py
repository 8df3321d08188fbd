"""Messages of each kind that was once read wrong: the code and the link that their own headers name are found."""

from pathlib import Path

import pytest

from bench.findings import answer, code_key, tally
from bench.findings_grid import KINDS, grid
from mailpit_notifier.client.source import read_chunks
from mailpit_notifier.findings.extraction import full

SAMPLE = 25
"""Messages of each kind with a code or a link, and as many without: 0.7 s in all."""

MESSAGES = sorted((Path(__file__).parents[1] / "data" / "messages").glob("*.eml"))


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.stem)
def test_code_and_link_of_each_message_are_found(path: Path) -> None:
    content = path.read_bytes()
    fields = dict(line.split(": ", 1) for line in content.decode().split("\n\n")[0].splitlines() if ": " in line)
    source = read_chunks(iter([content]))
    found = full(source.subject, source.text, source.html)
    assert code_key(found.code or "none") == code_key(fields["X-Wanted-Code"])
    assert (found.link or "none") == fields["X-Wanted-Link"]


def test_99_percent_of_each_kind_in_a_small_grid_are_right_and_almost_none_wrong() -> None:
    messages = list(grid(24, per_kind=SAMPLE))
    pairs = [(message, answer(message)) for message in messages]
    for kind in KINDS:
        total = tally(pair for pair in pairs if pair[0]["kind"] == kind)
        assert total.right >= 0.99 * total.wanted, kind
        assert total.wrong <= 0.003 * 2 * total.messages, kind


def test_the_same_seed_makes_the_same_messages() -> None:
    assert list(grid(7, per_kind=2)) == list(grid(7, per_kind=2))
    assert list(grid(7, per_kind=2)) != list(grid(8, per_kind=2))
