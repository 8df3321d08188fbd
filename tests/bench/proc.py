"""Memory, processor time and wake-ups of a process, by PID, from /proc (proc(5))."""

import os
import re
from collections import Counter
from pathlib import Path

MIB = 1024.0


def memory(pid: int) -> dict[str, float]:
    """Return MiB by name: Rss, Pss (shared pages divided by their users), Private_Dirty and others."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return {name: int(size) / MIB for name, size in re.findall(r"^(\w+): +(\d+) kB", text, re.MULTILINE)}


def peak(pid: int) -> float:
    """Return the largest resident set in MiB since `forget_peak`."""
    return status(pid, "VmHWM") / MIB


def forget_peak(pid: int) -> None:
    """Reset `peak`."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def processor_seconds(pid: int) -> float:
    """Return user and system time of all threads in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wake_ups(pid: int) -> Counter[str]:
    """Return the voluntary context switches by thread name; Python threads are numbered."""
    threads: Counter[str] = Counter()
    for task in sorted(Path(f"/proc/{pid}/task").iterdir(), key=lambda path: int(path.name)):
        name = "main" if task.name == str(pid) else (task / "comm").read_text().strip()
        while name in threads:
            name += "'"
        threads[name] = status(int(task.name), "voluntary_ctxt_switches", pid)
    return threads


def status(task: int, name: str, pid: int = 0) -> int:
    """Return a number from the status file of a task."""
    found = re.search(rf"^{name}:\s+(\d+)", Path(f"/proc/{pid or task}/task/{task}/status").read_text(), re.MULTILINE)
    return int(found[1]) if found else 0
