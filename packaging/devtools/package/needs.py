"""What the libraries in a folder need from outside, by what their ELF headers say."""

import re
import subprocess
from pathlib import Path


def elf_files(folder: Path) -> list[Path]:
    """Programs and libraries below a folder, in order."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return [path for path in files if path.open("rb").read(4) == b"\x7fELF"]


def outside(folder: Path) -> tuple[list[str], str]:
    """The names of the libraries that are linked to and not there, and the version of glibc that is needed."""
    present, wanted, glibc = {path.name for path in folder.rglob("*.so*")}, set[str](), {(2, 0)}
    for path in elf_files(folder):
        told = subprocess.run(["objdump", "-p", str(path)], capture_output=True, text=True, check=True).stdout
        wanted |= set(re.findall(r"NEEDED\s+(\S+)", told))
        glibc |= {(int(major), int(minor)) for major, minor in re.findall(r"GLIBC_(\d+)\.(\d+)", told)}
    return sorted(wanted - present), "{}.{}".format(*max(glibc))
