"""The report of the benchmarks. The figures themselves are taken by hand: `packaging/dev bench`."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import gettempdir

import pytest
from pytestqt.qtbot import QtBot

from bench.table import Row, line
from look_settings import window_on

BENCH = Path(__file__).parents[1] / "bench"


@pytest.mark.parametrize(
    ("figure", "floor", "goal", "missed"),
    [
        (2.0, 1.0, {"times": 2}, False),
        (2.1, 1.0, {"times": 2}, True),
        (2.1, None, {"times": 2}, True),
        (50, 1.0, {"at_most": 50}, False),
        (51, None, {"at_most": 50}, True),
        (51, 1.0, {}, False),
    ],
)
def test_a_goal_is_met_up_to_its_limit(
    figure: float, floor: float | None, goal: dict[str, float], missed: bool
) -> None:
    row = Row(what="pause", figure=figure, unit="ms", floor=floor, **goal)
    assert row.missed is missed
    assert row.cells[-1] == ("missed" if missed else "met" if goal else "")


def test_a_row_is_a_line_of_markdown() -> None:
    row = Row(what="start", figure=270.4, unit="ms", floor=180, times=1.8)
    assert [cell.strip() for cell in line(row.cells).split("|")] == [
        *("", "start", "≤ 1.8 x floor", "270 ms", "180 ms", "1.50", "met", "")
    ]


@pytest.mark.parametrize("script", ["opened", "narrowed"])
def test_a_measured_window_leaves_nothing_behind(script: str, tmp_path: Path) -> None:
    command = [sys.executable, str(BENCH / f"{script}.py"), "ours", "30"]
    assert subprocess.check_output(command, env={**os.environ, "TMPDIR": str(tmp_path)}, stderr=subprocess.DEVNULL)
    assert not list(tmp_path.iterdir())


def test_a_window_shown_in_a_test_leaves_nothing_behind(qtbot: QtBot, tmp_path_factory: pytest.TempPathFactory) -> None:
    before = set(Path(gettempdir()).iterdir())
    qtbot.addWidget(window_on("Servers", overridden=False))
    (folder,) = set(Path(gettempdir()).iterdir()) - before
    assert folder.is_relative_to(tmp_path_factory.getbasetemp())


def test_every_benchmark_is_in_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    from every import NAMES

    found = {path.stem for path in BENCH.glob("*.py") if "    report(rows())" in path.read_text("utf-8").splitlines()}
    assert sorted(NAMES) == sorted(found)
