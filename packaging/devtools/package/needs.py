"""Finds what the libraries in a folder need from the system, from their ELF headers."""

import re
import subprocess
from pathlib import Path


def elf_files(folder: Path) -> list[Path]:
    """Return the programs and libraries below a folder, sorted."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return [path for path in files if path.open("rb").read(4) == b"\x7fELF"]


def outside(folder: Path) -> tuple[list[str], str]:
    """Return the linked libraries that are not in the folder, and the required glibc version."""
    present, wanted, glibc = {path.name for path in folder.rglob("*.so*")}, set[str](), {(2, 0)}
    for path in elf_files(folder):
        output = subprocess.run(["objdump", "-p", str(path)], capture_output=True, text=True, check=True).stdout
        wanted |= set(re.findall(r"NEEDED\s+(\S+)", output))
        glibc |= {(int(major), int(minor)) for major, minor in re.findall(r"GLIBC_(\d+)\.(\d+)", output)}
    return sorted(wanted - present), "{}.{}".format(*max(glibc))
