"""Runs all benchmarks and prints one Markdown table of everything that has a goal, with the machine: within 6 minutes.

`python tests/bench/every.py [--runs N] [NAME...]`, or `packaging/dev bench`. Each benchmark runs in its own process, so
that all start cold. With `--runs`, each runs so many times, and the table has the run with the median for each row. Run
by itself, a benchmark prints more than the figures with goals. The exit code is 1 if a goal is missed or a benchmark
failed.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from queue import SimpleQueue
from time import monotonic

from table import HEADINGS, JSON, WIDTHS, Row, line

BESIDE = "idle"
"""Runs beside those after it, because it only waits: for 90 s, without using the processor."""

TOGETHER = "outside", "mailbox"
"""Run at the same time, after all others: memory and bytes do not depend on what else runs."""

NAMES = (
    "latency",
    "burst",
    "idle",
    "start",
    "window",
    "quick_look",
    "narrow",
    "shown",
    "reading",
    "quit",
    "many_servers",
    "wait",
    "size",
    *TOGETHER,
)


def main() -> int:
    """Print the table row by row, and the machine below it."""
    parser = argparse.ArgumentParser(prog="bench", description="Measure and print one table.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these of {', '.join(NAMES)}")
    parser.add_argument("--runs", type=int, default=1, metavar="N", help="run each N times, and print the medians")
    options = parser.parse_args()
    names = options.names or NAMES
    if unknown := set(names) - set(NAMES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    where, well, began = machine(), True, monotonic()
    print(line(HEADINGS), line([""] * len(WIDTHS), "-"), sep="\n", flush=True)
    for row in figures_of(names, options.runs):
        if row is None:
            well = False
        elif row.goal:
            well = well and not row.missed
            print(line(row.cells), flush=True)
    runs = f" Medians of {options.runs} runs." if options.runs > 1 else ""
    print(f"\n{where}{runs} Measured in {monotonic() - began:.0f} s.")
    return 0 if well else 1


def figures_of(names: Sequence[str], runs: int) -> Iterator[Row | None]:
    """Yield the rows of these benchmarks as they are measured."""
    with ThreadPoolExecutor(1) as thread:
        beside = None
        for name in names:
            if name == BESIDE:
                beside = thread.submit(lambda: list(figures(BESIDE, runs)))
            elif name not in TOGETHER:
                yield from figures(name, runs)
        yield from figures_at_once([name for name in names if name in TOGETHER], runs)
        if beside:
            yield from beside.result()


def figures_at_once(names: Sequence[str], runs: int) -> Iterator[Row | None]:
    """Run these benchmarks at the same time, and yield their rows as they are measured."""
    rows = SimpleQueue[tuple[Row | None] | None]()

    def run(name: str) -> None:
        for row in figures(name, runs):
            rows.put((row,))
        rows.put(None)

    with ThreadPoolExecutor(len(NAMES)) as threads:
        running = len([threads.submit(run, name) for name in names])
        while running:
            if row := rows.get():
                yield from row
            else:
                running -= 1


def figures(name: str, runs: int) -> Iterator[Row | None]:
    """Yield the rows of one benchmark; None at the end if it failed, with its errors on stderr."""
    if runs == 1:
        yield from once(name)
        return
    for rows in zip(*(list(once(name)) for _ in range(runs)), strict=False):
        measured = [row for row in rows if row]
        measured.sort(key=lambda row: row.ratio if row.ratio is not None and row.times else row.figure)
        yield measured[len(measured) // 2] if len(measured) == runs else None


def once(name: str) -> Iterator[Row | None]:
    """Run one benchmark, and yield its rows; None at the end if it failed."""
    command = [sys.executable, str(Path(__file__).with_name(f"{name}.py")), JSON]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for text in process.stdout:
            yield Row(**json.loads(text))
    if process.returncode:
        print(f"{name} failed.", file=sys.stderr)
        yield None


def machine() -> str:
    """Return date and machine. Call it before the benchmarks, because it takes processor time."""
    import PySide6

    server = "a real Mailpit" if os.environ.get("MAILPIT_BIN") else "the stand-in"
    return (
        f"{date.today()}: {os.cpu_count()} cores of {model()}, load {os.getloadavg()[0]:.1f} before, "
        f"{platform.system()}, Python {platform.python_version()}, PySide6 {PySide6.__version__}, {server}."
    )


def model() -> str:
    """Return the processor's name, if known (proc(5))."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    return next((text.partition(":")[2].strip() for text in lines if text.startswith("model name")), platform.machine())


if __name__ == "__main__":
    sys.exit(main())
